/* Signed statements kept as bytes, and all that is known of one interview: what merging asks for again
 * and again, each through one index. And erasing, which is destroying the interview's keys. */
#include <assert.h>

#include "sync/errors.h"
#include "sync/store/store_i.h"

#define PART_SALT 32

/* ---- facts ---- */

static bool fact_insert(struct store *s, uint8_t kind, const struct hash32 *id, struct str bytes,
                        bool *ret_new, struct err *e)
{
    uint64_t no = s->now.head.rows[COUNT_FACT] + 1;
    struct stmt *st = db_stmt(s->db,
                              "INSERT INTO fact (no, kind, id, sealed) VALUES (?1, ?2, ?3, ?4) "
                              "ON CONFLICT (kind, id) DO NOTHING",
                              e);
    if (!st)
        return false;
    struct buf sealed;
    buf_init(&sealed, FACT_MAX + SEAL_OVERHEAD);
    row_seal(s, s->key_rows, TABLE_FACT, no, kind, bytes, &sealed);
    stmt_set_int(st, 1, no);
    stmt_set_int(st, 2, kind);
    stmt_set_bytes(st, 3, id->b, 32);
    stmt_set_bytes(st, 4, sealed.p, sealed.n);
    bool ok = stmt_run(st, e);
    buf_done(&sealed);
    if (ok) {
        *ret_new = db_changes(s->db) != 0;
        s->now.head.rows[COUNT_FACT] += *ret_new;
    }
    return ok;
}

bool store_fact_put(struct store *s, uint8_t kind, const struct hash32 *id, struct str bytes,
                    bool *ret_new, struct err *e)
{
    char n[ERR_ARG_MAX];
    bool fresh = false;
    if (bytes.n > FACT_MAX)
        return err_fail2(e, ERR_STORE_LIMIT, "A signed statement", err_num(n, (int64_t)FACT_MAX));
    if (!tx_enter(s, e) || !tx_leave(s, fact_insert(s, kind, id, bytes, &fresh, e), e))
        return false;
    *ret_new = fresh;
    return true;
}

bool store_fact_get(struct store *s, uint8_t kind, const struct hash32 *id, struct buf *out,
                    bool *ret_there, struct err *e)
{
    struct stmt *st = db_stmt(s->db, "SELECT no, sealed FROM fact WHERE kind = ?1 AND id = ?2", e);
    if (!st)
        return false;
    stmt_set_int(st, 1, kind);
    stmt_set_bytes(st, 2, id->b, 32);
    bool row, ok = stmt_step(st, &row, e);
    if (ok && row)
        ok = row_open(s, s->key_rows, TABLE_FACT, stmt_int(st, 0), kind, stmt_bytes(st, 1), out, e);
    stmt_done(st);
    if (ok)
        *ret_there = row;
    return ok;
}

bool store_fact_each(struct store *s, uint8_t kind,
                     bool (*each)(void *ctx, const struct hash32 *id, struct str bytes), void *ctx,
                     struct err *e)
{
    uint64_t last = s->now.head.rows[COUNT_FACT]; /* those that `each` adds are not for it */
    struct stmt *st = db_stmt(s->db,
                              "SELECT no, id, sealed FROM fact WHERE kind = ?1 AND no <= ?2 "
                              "ORDER BY no",
                              e);
    if (!st)
        return false;
    stmt_set_int(st, 1, kind);
    stmt_set_int(st, 2, last);
    struct buf plain;
    buf_init(&plain, FACT_MAX);
    bool row = true, more = true, ok = true;
    while (ok && more && (ok = stmt_step(st, &row, e)) && row) {
        struct hash32 id;
        uint64_t no = stmt_int(st, 0);
        buf_clear(&plain);
        if (stmt_bytes(st, 1).n != sizeof id.b)
            ok = row_fail(TABLE_FACT, no, e);
        ok = ok && row_open(s, s->key_rows, TABLE_FACT, no, kind, stmt_bytes(st, 2), &plain, e);
        if (!ok)
            break;
        memcpy(id.b, stmt_bytes(st, 1).p, sizeof id.b);
        more = each(ctx, &id, buf_str(&plain));
    }
    stmt_done(st);
    buf_wipe_done(&plain);
    return ok;
}

/* ---- one interview ---- */

bool store_ledger_of(struct store *s, const struct id16 *uuid,
                     bool (*each)(void *ctx, const struct hash32 *device,
                                  const struct hash32 *row_hash,
                                  const uint8_t row[LEDGER_ROW_SIZE]),
                     void *ctx, struct err *e)
{
    struct stmt *st = db_stmt(s->db,
                              "SELECT l.no, a.device, l.hash, l.sealed FROM ledger l JOIN author a "
                              "ON a.no = l.author WHERE l.subject = ?1 ORDER BY l.no",
                              e);
    if (!st)
        return false;
    stmt_set_bytes(st, 1, uuid->b, sizeof uuid->b);
    bool row = true, more = true, ok = true;
    while (ok && more && (ok = stmt_step(st, &row, e)) && row) {
        uint8_t bytes[LEDGER_ROW_SIZE];
        struct hash32 device, hash;
        uint64_t no = stmt_int(st, 0);
        if (stmt_bytes(st, 1).n != sizeof device.b || stmt_bytes(st, 2).n != sizeof hash.b)
            ok = row_fail(TABLE_LEDGER, no, e);
        ok = ok && ledger_open(s, no, stmt_bytes(st, 2), stmt_bytes(st, 3), bytes, e);
        if (!ok)
            break;
        memcpy(device.b, stmt_bytes(st, 1).p, sizeof device.b);
        memcpy(hash.b, stmt_bytes(st, 2).p, sizeof hash.b);
        more = each(ctx, &device, &hash, bytes);
    }
    stmt_done(st);
    return ok;
}

bool store_revision_of(struct store *s, const struct id16 *uuid,
                       bool (*each)(void *ctx, const struct revision *r, enum revision_state state),
                       void *ctx, struct err *e)
{
    uint64_t interview;
    if (!states_load(s, e) || !keys_find(s, uuid, &interview, e))
        return false;
    struct stmt *st = db_stmt(s->db,
                              "SELECT no, id, sealed FROM revision WHERE interview = ?1 "
                              "ORDER BY no",
                              e);
    if (!st)
        return false;
    stmt_set_int(st, 1, interview);
    bool row = true, more = true, ok = true;
    while (ok && more && (ok = stmt_step(st, &row, e)) && row) {
        struct revision r;
        enum revision_state first;
        uint64_t no = stmt_int(st, 0);
        ok = revision_open(s, no, stmt_bytes(st, 1), stmt_bytes(st, 2), &r, &first, e);
        if (ok)
            more = each(ctx, &r, revision_state_now(s, no, first));
    }
    stmt_done(st);
    return ok;
}

bool store_revision_size(struct store *s, const struct hash32 *rev_id, uint64_t ret[2],
                         struct err *e)
{
    struct stmt *st = db_stmt(s->db,
                              "SELECT p.no & 1, length(p.sealed) FROM revision r JOIN part p "
                              "ON p.no IN (r.no * 2, r.no * 2 + 1) WHERE r.id = ?1",
                              e);
    if (!st)
        return false;
    stmt_set_bytes(st, 1, rev_id->b, 32);
    uint64_t size[2] = {0, 0};
    bool row = true, ok = true;
    while (ok && (ok = stmt_step(st, &row, e)) && row) {
        uint64_t n = stmt_int(st, 1);
        size[stmt_int(st, 0) & 1] =
            n > PART_SALT + SEAL_OVERHEAD ? n - PART_SALT - SEAL_OVERHEAD : 0;
    }
    stmt_done(st);
    if (ok)
        memcpy(ret, size, sizeof size);
    return ok;
}

/* ---- erasing ---- */

struct ids {
    struct hash32 *v;
    size_t n, cap;
};

static bool collect(void *ctx, const struct revision *r, enum revision_state state)
{
    struct ids *ids = ctx;
    (void)state;
    ids->v = mem_grow(ids->v, ids->n, &ids->cap, sizeof *ids->v);
    ids->v[ids->n++] = r->rev_id;
    return true;
}

static bool erase(struct store *s, const struct id16 *uuid, bool pii_only, struct err *e)
{
    uint64_t interview;
    struct ids ids = {0};
    bool ok = keys_find(s, uuid, &interview, e) &&
              (interview || keys_new(s, uuid, &interview, e)) &&
              keys_shred(s, interview, !pii_only, true, e) &&
              (pii_only || store_revision_of(s, uuid, collect, &ids, e));
    for (size_t i = 0; ok && i < ids.n; i++)
        ok = store_revision_set_state(s, &ids.v[i], REVISION_ERASED, e);
    mem_free(ids.v);
    return ok;
}

bool store_erase(struct store *s, const struct id16 *uuid, bool pii_only, struct err *e)
{
    if (draft_row_find(s, uuid))
        return err_fail(e, ERR_DRAFT_OPEN);
    if (s->tx != TX_NONE)
        return tx_leave(s, erase(s, uuid, pii_only, e), e);
    if (!store_begin(s, e))
        return false;
    if (!erase(s, uuid, pii_only, e)) {
        store_rollback(s);
        return false;
    }
    return store_commit(s, e) && db_truncate_log(s->db, e);
}

bool store_empty_log(struct store *s, struct err *e)
{
    return db_truncate_log(s->db, e);
}
