/* Slots: what a passphrase, or the holder of a recovery key, opens. A user's slot holds both secrets (MK
 * for the data, SS to sign as this device); a recovery slot holds MK alone, so that the office can open
 * a forgotten laptop but never sign as its enumerator (security specification §1.1). */
#include <assert.h>

#include "sync/errors.h"
#include "sync/store/store_i.h"

#define SLOT_SECRETS 64 /* MK ‖ SS */

struct slot {
    uint64_t no, kind, ops, mem;
    struct str salt, wrap, name; /* name: sealed */
};

static void slot_ad(const struct store *s, const struct slot *slot, struct buf *b)
{
    msg_tag(b, "cacah.slot.1");
    buf_add(b, s->identity.store.b, 16);
    buf_add_le64(b, slot->no);
    buf_add_le64(b, slot->ops);
    buf_add_le64(b, slot->mem);
    buf_add_str(b, slot->salt);
}

static struct slot slot_of(struct stmt *st)
{
    return (struct slot){
        .no = stmt_int(st, 0),
        .kind = stmt_int(st, 1),
        .ops = stmt_int(st, 2),
        .mem = stmt_int(st, 3),
        .salt = stmt_bytes(st, 4),
        .wrap = stmt_bytes(st, 5),
        .name = stmt_bytes(st, 6),
    };
}
#define SLOT_SELECT "SELECT no, kind, ops, mem, salt, wrap, name FROM slot ORDER BY no"

/* Every slot in order: le64 no ‖ le64 kind ‖ le64 ops ‖ le64 mem, then salt, wrap and name each behind
 * their le64 length. */
bool slots_mac(struct store *s, struct hash32 *ret, struct err *e)
{
    struct buf m;
    buf_init(&m, (size_t)1 << 16);
    msg_tag(&m, "cacah.slots.1");
    struct stmt *st = db_stmt(s->db, SLOT_SELECT, e);
    bool row = true, ok = st != NULL;
    while (ok && (ok = stmt_step(st, &row, e)) && row) {
        struct slot slot = slot_of(st);
        buf_add_le64(&m, slot.no);
        buf_add_le64(&m, slot.kind);
        buf_add_le64(&m, slot.ops);
        buf_add_le64(&m, slot.mem);
        const struct str parts[] = {slot.salt, slot.wrap, slot.name};
        for (size_t i = 0; i < 3; i++) {
            buf_add_le64(&m, parts[i].n);
            buf_add_str(&m, parts[i]);
        }
    }
    stmt_done(st);
    if (ok && m.full)
        ok = err_fail1(e, ERR_STORE_DAMAGED, "its key slots are too large");
    if (ok)
        *ret = crypt_mac(secret_view(s->key_slots), buf_str(&m));
    buf_done(&m);
    return ok;
}

/* ---- opening ---- */

static void take_secrets(struct store *s, const struct secret *both)
{
    s->mk = secret_copy(secret_view(both), 32);
    s->seed = secret_copy(secret_view(both) + 32, 32);
}

/* *ret_opened false without error: the passphrase is another slot's. */
static bool try_slot(struct store *s, const struct slot *slot, const struct secret *passphrase,
                     bool *ret_opened, struct err *e)
{
    struct secret *kek, *both = NULL;
    struct err why = {0};
    struct kdf_cost cost = {slot->ops, slot->mem};
    if (slot->salt.n != 16 || slot->wrap.n != SLOT_SECRETS + SEAL_OVERHEAD)
        return err_fail1(e, ERR_STORE_DAMAGED, "its key slots were altered");
    if (!crypt_passphrase(passphrase, (const uint8_t *)slot->salt.p, cost, &kek, e))
        return false;
    struct buf ad;
    buf_init(&ad, 128);
    slot_ad(s, slot, &ad);
    *ret_opened = crypt_open_secret(kek, slot->wrap, buf_str(&ad), &both, &why);
    if (*ret_opened)
        take_secrets(s, both);
    secret_free(both);
    secret_free(kek);
    buf_done(&ad);
    return true;
}

bool slots_unlock(struct store *s, const struct secret *passphrase, struct err *e)
{
    struct stmt *st = db_stmt(s->db, SLOT_SELECT, e);
    bool row = true, ok = st != NULL, opened = false;
    for (unsigned n = 0; ok && !opened && (ok = stmt_step(st, &row, e)) && row; n++) {
        struct slot slot = slot_of(st);
        if (n == SLOTS_MAX)
            ok = err_fail1(e, ERR_STORE_DAMAGED, "it has too many key slots");
        else if (slot.kind == SLOT_USER)
            ok = try_slot(s, &slot, passphrase, &opened, e);
    }
    stmt_done(st);
    return ok && (opened || err_fail(e, ERR_PASSPHRASE));
}

/* ---- making ---- */

static bool insert(struct store *s, const struct slot *slot, struct err *e)
{
    struct stmt *st = db_stmt(s->db,
                              "INSERT INTO slot (no, kind, ops, mem, salt, wrap, name) "
                              "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                              e);
    if (!st)
        return false;
    stmt_set_int(st, 1, slot->no);
    stmt_set_int(st, 2, slot->kind);
    stmt_set_int(st, 3, slot->ops);
    stmt_set_int(st, 4, slot->mem);
    stmt_set_bytes(st, 5, slot->salt.p, slot->salt.n);
    stmt_set_bytes(st, 6, slot->wrap.p, slot->wrap.n);
    stmt_set_bytes(st, 7, slot->name.p, slot->name.n);
    return stmt_run(st, e);
}

static bool next_number(struct store *s, uint64_t *ret, struct err *e)
{
    struct stmt *st = db_stmt(s->db, "SELECT max(no), count(*) FROM slot", e);
    bool row, ok = st && stmt_step(st, &row, e);
    char n[ERR_ARG_MAX];
    if (ok && stmt_int(st, 1) >= SLOTS_MAX)
        ok = err_fail2(e, ERR_LIMIT, "The number of key slots", err_num(n, SLOTS_MAX));
    if (ok)
        *ret = stmt_int(st, 0) + 1;
    stmt_done(st);
    return ok;
}

bool slot_put_user(struct store *s, struct str name, const struct secret *passphrase,
                   struct kdf_cost cost, struct err *e)
{
    uint8_t salt[16];
    struct secret *kek, *both;
    struct slot slot = {.kind = SLOT_USER, .ops = cost.ops, .mem = cost.mem};
    crypt_random(salt, sizeof salt);
    slot.salt = (struct str){(const char *)salt, sizeof salt};
    if (!next_number(s, &slot.no, e) || !crypt_passphrase(passphrase, salt, cost, &kek, e))
        return false;
    both = secret_new(SLOT_SECRETS);
    memcpy(secret_bytes(both), secret_view(s->mk), 32);
    memcpy(secret_bytes(both) + 32, secret_view(s->seed), 32);
    struct buf ad, sealed, sealed_name;
    buf_init(&ad, 128);
    buf_init(&sealed, 256);
    buf_init(&sealed_name, SLOT_NAME_MAX + SEAL_OVERHEAD);
    slot_ad(s, &slot, &ad);
    crypt_seal(kek, (struct str){(const char *)secret_view(both), SLOT_SECRETS}, buf_str(&ad),
               &sealed);
    row_seal(s, s->key_rows, TABLE_SLOT, slot.no, 0, str_sub(name, 0, SLOT_NAME_MAX), &sealed_name);
    slot.wrap = buf_str(&sealed);
    slot.name = buf_str(&sealed_name);
    bool ok = insert(s, &slot, e) && slots_mac(s, &s->now.head.slots, e);
    buf_done(&ad);
    buf_done(&sealed);
    buf_done(&sealed_name);
    secret_free(both);
    secret_free(kek);
    return ok;
}

bool slot_put_recovery(struct store *s, enum slot_kind kind, const struct pk32 *to, struct err *e)
{
    assert(kind == SLOT_OFFICE || kind == SLOT_PAPER);
    struct slot slot = {.kind = (uint64_t)kind};
    struct buf plain, sealed, name;
    buf_init(&plain, 64);
    buf_init(&sealed, 128);
    buf_init(&name, SEAL_OVERHEAD);
    msg_tag(&plain, "cacah.rslot.1");
    buf_add(&plain, s->identity.store.b, 16);
    buf_add(&plain, secret_view(s->mk), 32);
    bool ok = next_number(s, &slot.no, e) && crypt_box_seal(to, buf_str(&plain), &sealed, e);
    if (ok) {
        row_seal(s, s->key_rows, TABLE_SLOT, slot.no, 0, STR(""), &name);
        slot.wrap = buf_str(&sealed);
        slot.name = buf_str(&name);
        ok = insert(s, &slot, e) && slots_mac(s, &s->now.head.slots, e);
    }
    buf_wipe_done(&plain);
    buf_done(&sealed);
    buf_done(&name);
    return ok;
}
