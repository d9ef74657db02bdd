/* New keys. A new device key alone, when the store was opened by recovery; a new MK as well, when the
 * passphrase was found out: then all that hangs on MK is sealed anew, in one transaction. */
#include <assert.h>

#include "sync/errors.h"
#include "sync/store/store_i.h"

/* ---- a new device ---- */

/* Its ledger begins with `rekey`, whose object is the end of the old one (§1.1); that end's signed head is
 * kept, so that all before it can still be proven. No kit speaks for the new device: the office certifies it
 * as the successor. */
bool rekey_device(struct store *s, struct err *e)
{
    static const struct id16 no_subject;
    struct head *h = &s->now.head;
    struct hash32 old = h->ledger_hash;
    const struct store_identity *id = &s->identity;
    struct device self = {.device = id->device, .ed_pk = id->ed_pk, .x_pk = id->x_pk};
    bool fresh;
    if (!ledger_close(s, e) || !device_add(s, &self, &fresh, e) ||
        !author_make(s, &s->identity.device, &h->author, e))
        return false;
    h->ledger_seq = h->ledger_row = 0;
    h->ledger_hash = (struct hash32){{0}};
    return ledger_add(s, LEDGER_REKEY, wall_clock_ms(), &no_subject, &old, STR(""), e);
}

/* ---- everything sealed anew ---- */

/* Rows by number, one at a time: no statement reads a table while it changes. */
struct resealed {
    enum table_no table;
    enum counted counted;
    const char *select, *update;
};

static const struct resealed tables[] = {
    {TABLE_FORM, COUNT_FORM, "SELECT sealed FROM form WHERE no = ?1",
     "UPDATE form SET sealed = ?2 WHERE no = ?1"},
    {TABLE_LEDGER, COUNT_LEDGER, "SELECT sealed FROM ledger WHERE no = ?1",
     "UPDATE ledger SET sealed = ?2 WHERE no = ?1"},
    {TABLE_DETAIL, COUNT_LEDGER, "SELECT detail FROM ledger WHERE no = ?1 AND detail NOT NULL",
     "UPDATE ledger SET detail = ?2 WHERE no = ?1"},
    {TABLE_REVISION, COUNT_REVISION, "SELECT sealed FROM revision WHERE no = ?1",
     "UPDATE revision SET sealed = ?2 WHERE no = ?1"},
    {TABLE_STATE, COUNT_STATE, "SELECT sealed FROM state WHERE no = ?1",
     "UPDATE state SET sealed = ?2 WHERE no = ?1"},
    {TABLE_DEVICE, COUNT_DEVICE, "SELECT sealed FROM device WHERE no = ?1",
     "UPDATE device SET sealed = ?2 WHERE no = ?1"},
    {TABLE_SIGNED, COUNT_SIGNED, "SELECT sealed FROM signed WHERE no = ?1",
     "UPDATE signed SET sealed = ?2 WHERE no = ?1"},
    {TABLE_FACT, COUNT_FACT, "SELECT sealed FROM fact WHERE no = ?1",
     "UPDATE fact SET sealed = ?2 WHERE no = ?1"},
    {TABLE_ATTACHMENT, COUNT_ATTACHMENT, "SELECT sealed FROM attachment WHERE no = ?1",
     "UPDATE attachment SET sealed = ?2 WHERE no = ?1"},
};

static bool update(struct store *s, const char *sql, uint64_t no, struct str sealed, struct err *e)
{
    struct stmt *st = db_stmt(s->db, sql, e);
    if (!st)
        return false;
    stmt_set_int(st, 1, no);
    stmt_set_bytes(st, 2, sealed.p, sealed.n);
    return stmt_run(st, e);
}

static bool reseal_row(struct store *s, const struct secret *old, const struct resealed *t,
                       uint64_t no, struct err *e)
{
    struct stmt *st = db_stmt(s->db, t->select, e);
    if (!st)
        return false;
    stmt_set_int(st, 1, no);
    bool row, ok = stmt_step(st, &row, e);
    struct buf plain, sealed;
    struct str before = ok && row ? stmt_bytes(st, 0) : STR("");
    buf_init(&plain, before.n);
    buf_init(&sealed, before.n);
    if (ok && !row && t->table != TABLE_DETAIL)
        ok = row_fail(t->table, no, e);
    if (row && t->table == TABLE_DETAIL && detail_destroyed(before))
        row = false; /* stays as it is */
    if (ok && row) {
        ok = row_open(s, old, t->table, no, 0, before, &plain, e);
        if (ok)
            row_seal(s, s->key_rows, t->table, no, 0, buf_str(&plain), &sealed);
    }
    stmt_done(st);
    if (ok && row)
        ok = update(s, t->update, no, buf_str(&sealed), e);
    buf_wipe_done(&plain);
    buf_done(&sealed);
    return ok;
}

/* The name is looked up by a keyed hash, so that changes too. */
static bool reseal_setting(struct store *s, const struct secret *old, struct config_row *c,
                           struct err *e)
{
    struct stmt *st = db_stmt(s->db, "SELECT sealed FROM config WHERE id = ?1", e);
    if (!st)
        return false;
    struct buf plain, sealed;
    stmt_set_int(st, 1, c->id);
    bool row, ok = stmt_step(st, &row, e);
    struct str before = ok && row ? stmt_bytes(st, 0) : STR("");
    buf_init(&plain, before.n);
    buf_init(&sealed, before.n);
    ok = ok && row_open(s, old, TABLE_CONFIG, c->id, c->version, before, &plain, e);
    stmt_done(st);
    st = ok ? db_stmt(s->db, "UPDATE config SET name = ?2, version = ?3, sealed = ?4 WHERE id = ?1",
                      e)
            : NULL;
    if (st) {
        struct take t = take_from(buf_str(&plain));
        struct str name = take_str(&t, take_le16(&t));
        config_lookup(s, name, c->name);
        c->version++;
        row_seal(s, s->key_rows, TABLE_CONFIG, c->id, c->version, buf_str(&plain), &sealed);
        stmt_set_int(st, 1, c->id);
        stmt_set_bytes(st, 2, c->name, sizeof c->name);
        stmt_set_int(st, 3, c->version);
        stmt_set_bytes(st, 4, sealed.p, sealed.n);
        ok = stmt_run(st, e);
    }
    buf_wipe_done(&plain);
    buf_done(&sealed);
    return ok && st;
}

static bool reseal_all(struct store *s, const struct store *old, struct err *e)
{
    struct memory *m = &s->now;
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
        for (uint64_t no = 1; no <= m->head.rows[tables[i].counted]; no++)
            if (!reseal_row(s, old->key_rows, &tables[i], no, e))
                return false;
    for (size_t i = 0; i < m->n_config; i++)
        if (!reseal_setting(s, old->key_rows, &m->config[i], e))
            return false;
    for (uint64_t no = 1; no <= m->head.rows[COUNT_WRAP]; no++)
        if (!keys_rewrap(s, old->key_wraps, no, e))
            return false;
    for (size_t i = 0; i < m->n_drafts; i++)
        if (!draft_row_write(s, &m->drafts[i], (struct str){NULL, 0}, e))
            return false;
    return true;
}

/* ---- slots ---- */

static bool take_name(void *ctx, const struct slot_info *i)
{
    if (i->mine)
        buf_add_str(ctx, i->name);
    return !i->mine;
}

static bool new_slots(struct store *s, struct str name, const struct secret *passphrase,
                      struct kdf_cost cost, struct err *e)
{
    return slots_remove(s, true, true, e) &&
           slot_put_user(s, name, passphrase, cost, &s->slot, e) && slots_put_recovery(s, e);
}

/* s has the new keys and `old` those before: put back when it fails. */
static bool rekey(struct store *s, const struct store *old, struct str name,
                  const struct secret *passphrase, struct kdf_cost cost, struct err *e)
{
    return tx_enter(s, e) &&
           tx_leave(s,
                    reseal_all(s, old, e) && new_slots(s, name, passphrase, cost, e) &&
                        rekey_device(s, e),
                    e);
}

static void put_keys(struct store *s, const struct store *from)
{
    s->mk = from->mk;
    s->seed = from->seed;
    s->sign = from->sign;
    s->box = from->box;
    s->key_slots = from->key_slots;
    s->key_rows = from->key_rows;
    s->key_wraps = from->key_wraps;
    s->key_lookup = from->key_lookup;
    s->identity = from->identity;
    s->slot = from->slot;
}

bool store_rekey(struct store *s, const struct secret *passphrase, struct err *e)
{
    struct buf name;
    struct kdf_cost cost = kdf_cost_calibrated();
    assert(s->tx == TX_NONE);
    buf_init(&name, SLOT_NAME_MAX);
    if (!slots_passphrase_is_new(s, passphrase, e) || !store_slot_each(s, take_name, &name, e)) {
        buf_wipe_done(&name);
        return false;
    }
    struct store old = *s; /* for its keys */
    s->mk = secret_random(32);
    s->seed = secret_random(32);
    store_derive(s);
    bool ok = rekey(s, &old, buf_str(&name), passphrase, cost, e);
    if (ok) {
        store_forget_keys(&old);
    } else {
        store_forget_keys(s);
        put_keys(s, &old);
    }
    crypt_wipe(&old, sizeof old);
    buf_wipe_done(&name);
    return ok && store_settle(s, e);
}
