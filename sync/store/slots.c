/* Slots: what a passphrase, or the holder of a recovery key, opens. A user's slot holds both secrets (MK
 * for the data, SS to sign as this device); a recovery slot holds MK alone, so that the office can open
 * a forgotten laptop but never sign as its enumerator (security specification §1.1). */
#include <assert.h>
#include <stdio.h>

#include "forms/base/utf8.h"
#include "sync/errors.h"
#include "sync/store/store_i.h"

#define SLOT_SECRETS  64 /* MK ‖ SS */
#define CONFIG_OFFICE "cacah.recovery.office"
#define CONFIG_PAPER  "cacah.recovery.paper"

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

/* *ret_both stays NULL without error: the passphrase is another slot's. */
static bool try_slot(const struct store *s, const struct slot *slot,
                     const struct secret *passphrase, struct secret **ret_both, struct err *e)
{
    struct secret *kek;
    struct err why = {0};
    struct kdf_cost cost = {slot->ops, slot->mem};
    if (slot->salt.n != 16 || slot->wrap.n != SLOT_SECRETS + SEAL_OVERHEAD)
        return err_fail1(e, ERR_STORE_DAMAGED, "its key slots were altered");
    if (!crypt_passphrase(passphrase, (const uint8_t *)slot->salt.p, cost, &kek, e))
        return false;
    struct buf ad;
    buf_init(&ad, 128);
    slot_ad(s, slot, &ad);
    if (!crypt_open_secret(kek, slot->wrap, buf_str(&ad), ret_both, &why))
        *ret_both = NULL;
    secret_free(kek);
    buf_done(&ad);
    return true;
}

/* The user's slot that the passphrase opens; *ret_no 0 without error: none does. */
static bool find_slot(struct store *s, const struct secret *passphrase, uint64_t *ret_no,
                      struct secret **ret_both, struct err *e)
{
    struct stmt *st = db_stmt(s->db, SLOT_SELECT, e);
    bool row = true, ok = st != NULL;
    *ret_no = 0;
    *ret_both = NULL;
    for (unsigned n = 0; ok && !*ret_both && (ok = stmt_step(st, &row, e)) && row; n++) {
        struct slot slot = slot_of(st);
        if (n == SLOTS_MAX)
            ok = err_fail1(e, ERR_STORE_DAMAGED, "it has too many key slots");
        else if (slot.kind == SLOT_USER)
            ok = try_slot(s, &slot, passphrase, ret_both, e);
        if (*ret_both)
            *ret_no = slot.no;
    }
    stmt_done(st);
    return ok;
}

bool slots_unlock(struct store *s, const struct secret *passphrase, struct err *e)
{
    struct secret *both;
    if (!find_slot(s, passphrase, &s->slot, &both, e))
        return false;
    if (!both)
        return err_fail(e, ERR_PASSPHRASE);
    s->mk = secret_copy(secret_view(both), 32);
    s->seed = secret_copy(secret_view(both) + 32, 32);
    secret_free(both);
    return true;
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
    return stmt_run(st, e) && slots_mac(s, &s->now.head.slots, e);
}

/* Numbers are not given twice: the highest ever is in the head. */
static bool next_number(struct store *s, uint64_t *ret, struct err *e)
{
    struct stmt *st = db_stmt(s->db, "SELECT count(*) FROM slot", e);
    bool row, ok = st && stmt_step(st, &row, e);
    char n[ERR_ARG_MAX];
    if (ok && stmt_int(st, 0) >= SLOTS_MAX)
        ok = err_fail2(e, ERR_LIMIT, "The number of key slots", err_num(n, SLOTS_MAX));
    stmt_done(st);
    if (ok)
        *ret = ++s->now.head.slots_given;
    return ok;
}

/* Fills what the passphrase decides: salt, wrap. The caller gives the buffers. */
static bool wrap_secrets(const struct store *s, struct slot *slot, const struct secret *passphrase,
                         uint8_t salt[16], struct buf *wrap, struct err *e)
{
    struct secret *kek, *both;
    struct buf ad;
    crypt_random(salt, 16);
    slot->salt = (struct str){(const char *)salt, 16};
    if (!crypt_passphrase(passphrase, salt, (struct kdf_cost){slot->ops, slot->mem}, &kek, e))
        return false;
    both = secret_new(SLOT_SECRETS);
    memcpy(secret_bytes(both), secret_view(s->mk), 32);
    memcpy(secret_bytes(both) + 32, secret_view(s->seed), 32);
    buf_init(&ad, 128);
    slot_ad(s, slot, &ad);
    crypt_seal(kek, (struct str){(const char *)secret_view(both), SLOT_SECRETS}, buf_str(&ad),
               wrap);
    slot->wrap = buf_str(wrap);
    buf_done(&ad);
    secret_free(both);
    secret_free(kek);
    return true;
}

/* It is shown on screens and stands in files of lines. */
static bool is_one_line(struct str name)
{
    for (size_t i = 0; i < name.n; i++)
        if ((unsigned char)name.p[i] < ' ' || name.p[i] == 0x7F)
            return false;
    return true;
}

bool slot_put_user(struct store *s, struct str name, const struct secret *passphrase,
                   struct kdf_cost cost, uint64_t *ret_no, struct err *e)
{
    uint8_t salt[16];
    char max[ERR_ARG_MAX];
    struct buf wrap, sealed_name;
    struct slot slot = {.kind = SLOT_USER, .ops = cost.ops, .mem = cost.mem};
    if (name.n > SLOT_NAME_MAX)
        return err_fail2(e, ERR_STORE_LIMIT, "The name of a user",
                         err_num(max, (int64_t)SLOT_NAME_MAX));
    if (!utf8_valid(name, NULL) || !is_one_line(name))
        return err_fail(e, ERR_SLOT_NAME);
    buf_init(&wrap, SLOT_SECRETS + SEAL_OVERHEAD);
    buf_init(&sealed_name, SLOT_NAME_MAX + SEAL_OVERHEAD);
    bool ok = next_number(s, &slot.no, e) && wrap_secrets(s, &slot, passphrase, salt, &wrap, e);
    if (ok) {
        row_seal(s, s->key_rows, TABLE_SLOT, slot.no, 0, name, &sealed_name);
        slot.name = buf_str(&sealed_name);
        ok = insert(s, &slot, e);
        *ret_no = slot.no;
    }
    buf_done(&wrap);
    buf_done(&sealed_name);
    return ok;
}

/* ---- recovery slots ---- */

static bool is_none(const struct pk32 *pk)
{
    static const struct pk32 none;
    return pk32_eq(pk, &none);
}

bool recovery_keys_put(struct store *s, const struct pk32 *office, const struct pk32 *paper,
                       struct err *e)
{
    return config_set(s, CONFIG_OFFICE, (struct str){(const char *)office->b, 32}, e) &&
           config_set(s, CONFIG_PAPER, (struct str){(const char *)paper->b, 32}, e);
}

static bool recovery_key(struct store *s, const char *name, struct pk32 *ret, struct err *e)
{
    struct buf b;
    bool there;
    buf_init(&b, 32);
    bool ok = store_config_get(s, name, &b, &there, e);
    *ret = (struct pk32){{0}};
    if (ok && there && b.n == 32)
        memcpy(ret->b, b.p, 32);
    buf_done(&b);
    return ok;
}

bool store_recovery_get(struct store *s, struct pk32 *ret_office, struct pk32 *ret_paper,
                        struct err *e)
{
    return recovery_key(s, CONFIG_OFFICE, ret_office, e) &&
           recovery_key(s, CONFIG_PAPER, ret_paper, e);
}

struct recovery_slots {
    unsigned office, paper;
};

static bool count_recovery(void *ctx, const struct slot_info *slot)
{
    struct recovery_slots *n = ctx;
    n->office += slot->kind == SLOT_OFFICE;
    n->paper += slot->kind == SLOT_PAPER;
    return true;
}

bool store_recovery_check(struct store *s, const struct pk32 *office, const struct pk32 *paper,
                          enum recovery_is *ret, struct err *e)
{
    struct pk32 has_office, has_paper;
    struct recovery_slots n = {0};
    if (!store_recovery_get(s, &has_office, &has_paper, e) ||
        !store_slot_each(s, count_recovery, &n, e))
        return false;
    unsigned want_office = !is_none(office), want_paper = !is_none(paper);
    if (!pk32_eq(office, &has_office) || !pk32_eq(paper, &has_paper) || n.office > want_office ||
        n.paper > want_paper)
        *ret = RECOVERY_OTHER_KEY;
    else
        *ret = n.office < want_office || n.paper < want_paper ? RECOVERY_LACKS_SLOT : RECOVERY_FITS;
    return true;
}

static bool put_recovery(struct store *s, enum slot_kind kind, const struct pk32 *to, struct err *e)
{
    struct slot slot = {.kind = (uint64_t)kind};
    struct buf plain, sealed, name;
    if (is_none(to))
        return true;
    buf_init(&plain, 64);
    buf_init(&sealed, 64 + BOX_OVERHEAD);
    buf_init(&name, SEAL_OVERHEAD);
    msg_tag(&plain, "cacah.rslot.1");
    buf_add(&plain, s->identity.store.b, 16);
    buf_add(&plain, secret_view(s->mk), 32);
    bool ok = next_number(s, &slot.no, e) && crypt_box_seal(to, buf_str(&plain), &sealed, e);
    if (ok) {
        row_seal(s, s->key_rows, TABLE_SLOT, slot.no, 0, STR(""), &name);
        slot.wrap = buf_str(&sealed);
        slot.name = buf_str(&name);
        ok = insert(s, &slot, e);
    }
    buf_wipe_done(&plain);
    buf_done(&sealed);
    buf_done(&name);
    return ok;
}

bool slots_put_recovery(struct store *s, struct err *e)
{
    struct pk32 office, paper;
    return store_recovery_get(s, &office, &paper, e) && put_recovery(s, SLOT_OFFICE, &office, e) &&
           put_recovery(s, SLOT_PAPER, &paper, e);
}

bool slots_remove(struct store *s, bool users, bool recovery, struct err *e)
{
    return (!users || db_exec(s->db, "DELETE FROM slot WHERE kind = 1", e)) &&
           (!recovery || db_exec(s->db, "DELETE FROM slot WHERE kind <> 1", e)) &&
           slots_mac(s, &s->now.head.slots, e);
}

static bool recovery_set(struct store *s, const struct pk32 *office, const struct pk32 *paper,
                         struct err *e)
{
    static const struct id16 no_subject;
    static const struct hash32 no_object;
    return recovery_keys_put(s, office, paper, e) && slots_remove(s, false, true, e) &&
           slots_put_recovery(s, e) &&
           ledger_add(s, LEDGER_SLOT, wall_clock_ms(), &no_subject, &no_object, STR("recovery"), e);
}

bool store_recovery_set(struct store *s, const struct pk32 *office, const struct pk32 *paper,
                        struct err *e)
{
    return tx_enter(s, e) && tx_leave(s, recovery_set(s, office, paper, e), e);
}

/* ---- users ---- */

static bool give_slot(struct store *s, const struct slot *slot,
                      bool (*each)(void *ctx, const struct slot_info *i), void *ctx, bool *ret_more,
                      struct err *e)
{
    struct buf name;
    buf_init(&name, SLOT_NAME_MAX);
    bool ok = row_open(s, s->key_rows, TABLE_SLOT, slot->no, 0, slot->name, &name, e);
    if (ok) {
        struct slot_info info = {
            .no = slot->no,
            .kind = (enum slot_kind)slot->kind,
            .name = buf_str(&name),
            .cost = {slot->ops, slot->mem},
            .mine = slot->no == s->slot,
        };
        *ret_more = each(ctx, &info);
    }
    buf_wipe_done(&name);
    return ok;
}

bool store_slot_each(struct store *s, bool (*each)(void *ctx, const struct slot_info *i), void *ctx,
                     struct err *e)
{
    struct stmt *st = db_stmt(s->db, SLOT_SELECT, e);
    bool row = true, more = true, ok = st != NULL;
    while (ok && more && (ok = stmt_step(st, &row, e)) && row) {
        struct slot slot = slot_of(st);
        ok = give_slot(s, &slot, each, ctx, &more, e);
    }
    stmt_done(st);
    return ok;
}

static bool note_slot(struct store *s, const char *what, uint64_t no, struct err *e)
{
    static const struct id16 no_subject;
    static const struct hash32 no_object;
    char text[64];
    snprintf(text, sizeof text, "%s %llu", what, (unsigned long long)no);
    return ledger_add(s, LEDGER_SLOT, wall_clock_ms(), &no_subject, &no_object, str_of(text), e);
}

struct namesake {
    struct str name;
    bool there;
};

static bool is_namesake(void *ctx, const struct slot_info *slot)
{
    struct namesake *n = ctx;
    n->there = slot->kind == SLOT_USER && str_eq_nocase(slot->name, n->name);
    return !n->there;
}

static bool name_is_free(struct store *s, struct str name, struct err *e)
{
    struct namesake n = {.name = name};
    char arg[ERR_ARG_MAX];
    if (name.n == 0)
        return err_fail(e, ERR_SLOT_NAME);
    if (!store_slot_each(s, is_namesake, &n, e))
        return false;
    return !n.there || err_fail1(e, ERR_SLOT_NAME_TAKEN, err_arg(arg, name));
}

/* Whose passphrase opened the store is what tells users apart. */
static bool passphrase_is_free(struct store *s, const struct secret *passphrase, struct err *e)
{
    struct secret *both;
    uint64_t no;
    if (!find_slot(s, passphrase, &no, &both, e))
        return false;
    secret_free(both);
    return !no || err_fail(e, ERR_PASSPHRASE_TAKEN);
}

bool slots_passphrase_is_new(struct store *s, const struct secret *passphrase, struct err *e)
{
    struct secret *both;
    uint64_t no;
    if (!find_slot(s, passphrase, &no, &both, e))
        return false;
    secret_free(both);
    return !no ||
           (no == s->slot ? err_fail(e, ERR_PASSPHRASE_SAME) : err_fail(e, ERR_PASSPHRASE_TAKEN));
}

static bool slot_add(struct store *s, struct str name, const struct secret *passphrase,
                     struct kdf_cost cost, struct err *e)
{
    uint64_t no = 0;
    return name_is_free(s, name, e) && passphrase_is_free(s, passphrase, e) &&
           slot_put_user(s, name, passphrase, cost, &no, e) && note_slot(s, "add", no, e);
}

bool store_slot_add(struct store *s, struct str name, const struct secret *passphrase,
                    struct err *e)
{
    struct kdf_cost cost = kdf_cost_calibrated();
    return tx_enter(s, e) && tx_leave(s, slot_add(s, name, passphrase, cost, e), e);
}

static bool slot_remove(struct store *s, uint64_t no, struct err *e)
{
    char n[ERR_ARG_MAX];
    struct stmt *st = db_stmt(s->db, "SELECT count(*), sum(no = ?1) FROM slot WHERE kind = 1", e);
    if (!st)
        return false;
    stmt_set_int(st, 1, no);
    bool row, ok = stmt_step(st, &row, e);
    uint64_t users = ok ? stmt_int(st, 0) : 0, found = ok ? stmt_int(st, 1) : 0;
    stmt_done(st);
    if (ok && !found)
        return err_fail1(e, ERR_SLOT_UNKNOWN, err_num(n, (int64_t)no));
    if (ok && users == 1)
        return err_fail(e, ERR_SLOT_LAST);
    if (!ok || !(st = db_stmt(s->db, "DELETE FROM slot WHERE no = ?1", e)))
        return false;
    stmt_set_int(st, 1, no);
    return stmt_run(st, e) && slots_mac(s, &s->now.head.slots, e) && note_slot(s, "remove", no, e);
}

bool store_slot_remove(struct store *s, uint64_t no, struct err *e)
{
    return tx_enter(s, e) && tx_leave(s, slot_remove(s, no, e), e) && store_settle(s, e);
}

/* ---- another passphrase ---- */

/* What this machine can do now, but never less than before. */
static bool cost_upward(struct store *s, struct kdf_cost *cost, struct err *e)
{
    struct stmt *st = db_stmt(s->db, "SELECT ops, mem FROM slot WHERE no = ?1", e);
    if (!st)
        return false;
    stmt_set_int(st, 1, s->slot);
    bool row, ok = stmt_step(st, &row, e);
    if (ok && row && stmt_int(st, 1) >= cost->mem)
        *cost = (struct kdf_cost){stmt_int(st, 0), stmt_int(st, 1)};
    stmt_done(st);
    return ok;
}

static bool change(struct store *s, const struct secret *passphrase, struct kdf_cost cost,
                   struct err *e)
{
    uint8_t salt[16];
    struct buf wrap;
    if (!slots_passphrase_is_new(s, passphrase, e) || !cost_upward(s, &cost, e))
        return false;
    struct slot slot = {.no = s->slot, .kind = SLOT_USER, .ops = cost.ops, .mem = cost.mem};
    struct stmt *st = db_stmt(s->db,
                              "UPDATE slot SET ops = ?2, mem = ?3, salt = ?4, wrap = ?5 "
                              "WHERE no = ?1",
                              e);
    if (!st)
        return false;
    buf_init(&wrap, SLOT_SECRETS + SEAL_OVERHEAD);
    if (!wrap_secrets(s, &slot, passphrase, salt, &wrap, e)) {
        stmt_done(st);
        buf_done(&wrap);
        return false;
    }
    stmt_set_int(st, 1, slot.no);
    stmt_set_int(st, 2, slot.ops);
    stmt_set_int(st, 3, slot.mem);
    stmt_set_bytes(st, 4, slot.salt.p, slot.salt.n);
    stmt_set_bytes(st, 5, slot.wrap.p, slot.wrap.n);
    bool ok = stmt_run(st, e);
    buf_done(&wrap);
    return ok && slots_mac(s, &s->now.head.slots, e) && note_slot(s, "passphrase", slot.no, e);
}

bool store_passphrase_change(struct store *s, const struct secret *passphrase, struct err *e)
{
    struct kdf_cost cost = kdf_cost_calibrated();
    assert(s->tx == TX_NONE);
    return tx_enter(s, e) && tx_leave(s, change(s, passphrase, cost, e), e) && store_settle(s, e);
}
