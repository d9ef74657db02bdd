/* Facts that merge adds: devices and the signed heads of their ledgers. (Rows are in ledger.c, revisions
 * in revision.c.) The database's unique indexes decide what is new. */
#include "sync/errors.h"
#include "sync/store/store_i.h"

/* ---- devices: plain = ed ‖ x ‖ kit ‖ claim ‖ label, the id is the hash of the keys ---- */

static bool device_decode(struct str plain, struct hash32 id, struct device *d, struct arena *a)
{
    struct take t = take_from(plain);
    *d = (struct device){.device = id};
    take_bytes(&t, d->ed_pk.b, 32);
    take_bytes(&t, d->x_pk.b, 32);
    take_bytes(&t, d->kit.b, 16);
    take_bytes(&t, d->claim.b, 64);
    struct str label = take_str(&t, t.n);
    if (t.bad)
        return false;
    struct hash32 derived = device_id(&d->ed_pk, &d->x_pk);
    d->label = a ? arena_str(a, label) : label;
    return hash32_eq(&derived, &id);
}

bool device_add(struct store *s, const struct device *d, bool *ret_new, struct err *e)
{
    uint64_t no = s->now.head.rows[COUNT_DEVICE] + 1;
    struct stmt *st = db_stmt(s->db,
                              "INSERT INTO device (no, device, ed, sealed) VALUES "
                              "(?1, ?2, ?3, ?4) ON CONFLICT (device) DO NOTHING",
                              e);
    if (!st)
        return false;
    struct buf plain, sealed;
    buf_init(&plain, DEVICE_PLAIN_MAX);
    buf_init(&sealed, DEVICE_PLAIN_MAX + SEAL_OVERHEAD);
    buf_add(&plain, d->ed_pk.b, 32);
    buf_add(&plain, d->x_pk.b, 32);
    buf_add(&plain, d->kit.b, 16);
    buf_add(&plain, d->claim.b, 64);
    buf_add_str(&plain, d->label);
    row_seal(s, s->key_rows, TABLE_DEVICE, no, 0, buf_str(&plain), &sealed);
    stmt_set_int(st, 1, no);
    stmt_set_bytes(st, 2, d->device.b, 32);
    stmt_set_bytes(st, 3, d->ed_pk.b, 32);
    stmt_set_bytes(st, 4, sealed.p, sealed.n);
    bool ok = stmt_run(st, e);
    buf_wipe_done(&plain);
    buf_done(&sealed);
    if (ok) {
        *ret_new = db_changes(s->db) != 0;
        s->now.head.rows[COUNT_DEVICE] += *ret_new;
    }
    return ok;
}

bool store_device_put(struct store *s, const struct device *d, bool *ret_new, struct err *e)
{
    char n[ERR_ARG_MAX];
    bool fresh = false;
    struct hash32 derived = device_id(&d->ed_pk, &d->x_pk);
    if (!hash32_eq(&derived, &d->device))
        return err_fail(e, ERR_DEVICE_ID);
    if (d->label.n > LABEL_MAX)
        return err_fail2(e, ERR_STORE_LIMIT, "The label of a device",
                         err_num(n, (int64_t)LABEL_MAX));
    if (!tx_enter(s, e) || !tx_leave(s, device_add(s, d, &fresh, e), e))
        return false;
    *ret_new = fresh;
    return true;
}

bool device_read(struct store *s, struct stmt *st, struct device *d, struct arena *a,
                 struct buf *plain, struct err *e)
{
    uint64_t no = stmt_int(st, 0);
    struct str id = stmt_bytes(st, 1), ed = stmt_bytes(st, 2);
    struct hash32 device;
    if (id.n != 32 || !row_open(s, s->key_rows, TABLE_DEVICE, no, 0, stmt_bytes(st, 3), plain, e))
        return e->kind ? false : row_fail(TABLE_DEVICE, no, e);
    memcpy(device.b, id.p, 32);
    if (!device_decode(buf_str(plain), device, d, a) || ed.n != 32 ||
        memcmp(ed.p, d->ed_pk.b, 32) != 0)
        return row_fail(TABLE_DEVICE, no, e);
    return true;
}

bool store_device_by_key(struct store *s, const struct pk32 *ed_pk, struct device *ret,
                         struct arena *a, bool *ret_there, struct err *e)
{
    struct stmt *st = db_stmt(s->db,
                              "SELECT no, device, ed, sealed FROM device WHERE ed = ?1 "
                              "ORDER BY no LIMIT 1",
                              e);
    if (!st)
        return false;
    struct device d;
    struct buf plain;
    buf_init(&plain, DEVICE_PLAIN_MAX);
    stmt_set_bytes(st, 1, ed_pk->b, 32);
    bool row, ok = stmt_step(st, &row, e) && (!row || device_read(s, st, &d, a, &plain, e));
    stmt_done(st);
    buf_wipe_done(&plain);
    if (!ok)
        return false;
    if (row)
        *ret = d;
    *ret_there = row;
    return true;
}

bool store_device_each(struct store *s, bool (*each)(void *ctx, const struct device *d), void *ctx,
                       struct err *e)
{
    struct stmt *st = db_stmt(s->db, "SELECT no, device, ed, sealed FROM device ORDER BY no", e);
    struct buf plain;
    buf_init(&plain, DEVICE_PLAIN_MAX);
    bool row = true, more = true, ok = st != NULL;
    while (ok && more && (ok = stmt_step(st, &row, e)) && row) {
        struct device d;
        buf_clear(&plain);
        ok = device_read(s, st, &d, NULL, &plain, e);
        if (ok)
            more = each(ctx, &d);
    }
    stmt_done(st);
    buf_wipe_done(&plain);
    return ok;
}

/* ---- signed heads ---- */

void signed_encode(const struct ledger_head *h, struct buf *out)
{
    buf_add(out, h->device.b, 32);
    buf_add(out, h->incarnation.b, 16);
    buf_add_le64(out, h->seq);
    buf_add(out, h->row_hash.b, 32);
    buf_add(out, h->sig.b, 64);
}

bool signed_decode(struct str plain, struct ledger_head *ret)
{
    struct take t = take_from(plain);
    take_bytes(&t, ret->device.b, 32);
    take_bytes(&t, ret->incarnation.b, 16);
    ret->seq = take_le64(&t);
    take_bytes(&t, ret->row_hash.b, 32);
    take_bytes(&t, ret->sig.b, 64);
    return take_end(&t);
}

bool signed_add(struct store *s, const struct ledger_head *h, bool *ret_new, struct err *e)
{
    uint64_t author, no = s->now.head.rows[COUNT_SIGNED] + 1;
    if (!author_make(s, &h->device, &author, e))
        return false;
    struct stmt *st = db_stmt(s->db,
                              "INSERT INTO signed (no, author, hash, sealed) VALUES "
                              "(?1, ?2, ?3, ?4) ON CONFLICT (author, hash) DO NOTHING",
                              e);
    if (!st)
        return false;
    struct buf plain, sealed;
    buf_init(&plain, SIGNED_PLAIN);
    buf_init(&sealed, SIGNED_PLAIN + SEAL_OVERHEAD);
    signed_encode(h, &plain);
    row_seal(s, s->key_rows, TABLE_SIGNED, no, 0, buf_str(&plain), &sealed);
    stmt_set_int(st, 1, no);
    stmt_set_int(st, 2, author);
    stmt_set_bytes(st, 3, h->row_hash.b, 32);
    stmt_set_bytes(st, 4, sealed.p, sealed.n);
    bool ok = stmt_run(st, e);
    buf_done(&plain);
    buf_done(&sealed);
    if (ok) {
        *ret_new = db_changes(s->db) != 0;
        s->now.head.rows[COUNT_SIGNED] += *ret_new;
    }
    return ok;
}

bool store_head_put(struct store *s, const struct ledger_head *h, bool *ret_new, struct err *e)
{
    bool fresh = false;
    if (!tx_enter(s, e) || !tx_leave(s, signed_add(s, h, &fresh, e), e))
        return false;
    *ret_new = fresh;
    return true;
}

bool signed_open(struct store *s, uint64_t no, struct str hash, struct str sealed,
                 struct ledger_head *ret, struct err *e)
{
    struct buf plain;
    buf_init(&plain, SIGNED_PLAIN);
    if (sealed.n != SIGNED_PLAIN + SEAL_OVERHEAD)
        return row_fail(TABLE_SIGNED, no, e);
    bool ok = row_open(s, s->key_rows, TABLE_SIGNED, no, 0, sealed, &plain, e);
    if (ok && (!signed_decode(buf_str(&plain), ret) || hash.n != 32 ||
               memcmp(hash.p, ret->row_hash.b, 32) != 0))
        ok = row_fail(TABLE_SIGNED, no, e);
    buf_done(&plain);
    return ok;
}

bool store_head_each(struct store *s, const struct hash32 *device,
                     bool (*each)(void *ctx, const struct ledger_head *h), void *ctx, struct err *e)
{
    uint64_t author;
    if (!author_number(s, device, &author, e))
        return false;
    struct stmt *st =
        db_stmt(s->db, "SELECT no, hash, sealed FROM signed WHERE author = ?1 ORDER BY no", e);
    if (!st)
        return false;
    stmt_set_int(st, 1, author);
    bool row = true, more = true, ok = true;
    while (ok && more && (ok = stmt_step(st, &row, e)) && row) {
        struct ledger_head h;
        ok = signed_open(s, stmt_int(st, 0), stmt_bytes(st, 1), stmt_bytes(st, 2), &h, e);
        if (ok && !hash32_eq(&h.device, device))
            ok = row_fail(TABLE_SIGNED, stmt_int(st, 0), e);
        if (ok)
            more = each(ctx, &h);
    }
    stmt_done(st);
    return ok;
}

/* ---- other facts: plain = le32 kind ‖ id ‖ bytes ---- */

#define FACT_HEAD 36

bool fact_add(struct store *s, enum fact_kind kind, const struct hash32 *id, struct str bytes,
              bool *ret_new, struct err *e)
{
    uint64_t no = s->now.head.rows[COUNT_FACT] + 1;
    struct stmt *st = db_stmt(s->db,
                              "INSERT INTO fact (no, kind, id, sealed) VALUES (?1, ?2, ?3, ?4) "
                              "ON CONFLICT (kind, id) DO NOTHING",
                              e);
    if (!st)
        return false;
    struct buf plain, sealed;
    buf_init(&plain, FACT_HEAD + STORE_FACT_MAX);
    buf_init(&sealed, FACT_HEAD + STORE_FACT_MAX + SEAL_OVERHEAD);
    buf_add_le32(&plain, (uint32_t)kind);
    buf_add(&plain, id->b, 32);
    buf_add_str(&plain, bytes);
    row_seal(s, s->key_rows, TABLE_FACT, no, 0, buf_str(&plain), &sealed);
    stmt_set_int(st, 1, no);
    stmt_set_int(st, 2, (uint64_t)kind);
    stmt_set_bytes(st, 3, id->b, 32);
    stmt_set_bytes(st, 4, sealed.p, sealed.n);
    bool ok = stmt_run(st, e);
    buf_wipe_done(&plain);
    buf_done(&sealed);
    if (ok) {
        *ret_new = db_changes(s->db) != 0;
        s->now.head.rows[COUNT_FACT] += *ret_new;
    }
    return ok;
}

bool store_fact_put(struct store *s, enum fact_kind kind, const struct hash32 *id, struct str bytes,
                    bool *ret_new, struct err *e)
{
    char n[ERR_ARG_MAX];
    bool fresh = false;
    if (bytes.n > STORE_FACT_MAX)
        return err_fail2(e, ERR_STORE_LIMIT, "A fact", err_num(n, (int64_t)STORE_FACT_MAX));
    if (!tx_enter(s, e) || !tx_leave(s, fact_add(s, kind, id, bytes, &fresh, e), e))
        return false;
    *ret_new = fresh;
    return true;
}

bool fact_open(struct store *s, struct stmt *st, struct buf *plain, struct str *ret, struct err *e)
{
    uint64_t no = stmt_int(st, 0);
    struct str id = stmt_bytes(st, 2);
    if (!row_open(s, s->key_rows, TABLE_FACT, no, 0, stmt_bytes(st, 3), plain, e))
        return false;
    struct take t = take_from(buf_str(plain));
    uint32_t kind = take_le32(&t);
    struct str sealed_id = take_str(&t, 32);
    if (t.bad || kind != stmt_int(st, 1) || !str_eq(sealed_id, id))
        return row_fail(TABLE_FACT, no, e);
    *ret = (struct str){(const char *)t.p, t.n};
    return true;
}

bool store_fact_get(struct store *s, enum fact_kind kind, const struct hash32 *id, struct buf *out,
                    bool *ret_there, struct err *e)
{
    struct stmt *st =
        db_stmt(s->db, "SELECT no, kind, id, sealed FROM fact WHERE kind = ?1 AND id = ?2", e);
    if (!st)
        return false;
    struct str bytes = {NULL, 0};
    struct buf plain;
    buf_init(&plain, FACT_HEAD + STORE_FACT_MAX);
    stmt_set_int(st, 1, (uint64_t)kind);
    stmt_set_bytes(st, 2, id->b, 32);
    bool row, ok = stmt_step(st, &row, e) && (!row || fact_open(s, st, &plain, &bytes, e));
    if (ok && row && !buf_add_str(out, bytes))
        ok = err_fail2(e, ERR_LIMIT, "A fact", "its buffer");
    stmt_done(st);
    buf_wipe_done(&plain);
    if (ok)
        *ret_there = row;
    return ok;
}

bool store_fact_each(struct store *s, enum fact_kind kind,
                     bool (*each)(void *ctx, const struct hash32 *id, struct str bytes), void *ctx,
                     struct err *e)
{
    uint64_t last = s->now.head.rows[COUNT_FACT]; /* those that `each` adds are not for it */
    struct stmt *st = db_stmt(s->db,
                              "SELECT no, kind, id, sealed FROM fact WHERE kind = ?1 AND no <= ?2 "
                              "ORDER BY no",
                              e);
    if (!st)
        return false;
    struct buf plain;
    buf_init(&plain, FACT_HEAD + STORE_FACT_MAX);
    stmt_set_int(st, 1, (uint64_t)kind);
    stmt_set_int(st, 2, last);
    bool row = true, more = true, ok = true;
    while (ok && more && (ok = stmt_step(st, &row, e)) && row) {
        struct str bytes = {NULL, 0};
        struct hash32 id;
        buf_clear(&plain);
        ok = fact_open(s, st, &plain, &bytes, e);
        if (ok) {
            memcpy(id.b, stmt_bytes(st, 2).p, sizeof id.b);
            more = each(ctx, &id, bytes);
        }
    }
    stmt_done(st);
    buf_wipe_done(&plain);
    return ok;
}
