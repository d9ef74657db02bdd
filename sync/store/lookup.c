/* All that is known of one interview: what merging asks for again and again, through one index each. */
#include "sync/errors.h"
#include "sync/store/store_i.h"

#define PART_SALT 32

/* ---- one interview ---- */

bool store_ledger_of(struct store *s, const struct id16 *uuid,
                     bool (*each)(void *ctx, const struct hash32 *device,
                                  const struct hash32 *row_hash,
                                  const uint8_t row[LEDGER_ROW_SIZE]),
                     void *ctx, struct err *e)
{
    struct stmt *st = db_stmt(s->db,
                              "SELECT no, author, hash, sealed FROM ledger WHERE subject = ?1 "
                              "ORDER BY no",
                              e);
    if (!st)
        return false;
    stmt_set_bytes(st, 1, uuid->b, sizeof uuid->b);
    bool row = true, more = true, ok = true;
    while (ok && more && (ok = stmt_step(st, &row, e)) && row) {
        uint8_t bytes[LEDGER_ROW_SIZE];
        struct hash32 device, hash;
        uint64_t no = stmt_int(st, 0);
        if (stmt_bytes(st, 2).n != sizeof hash.b)
            ok = row_fail(TABLE_LEDGER, no, e);
        ok = ok && author_device(s, stmt_int(st, 1), &device, e) &&
             ledger_open(s, no, stmt_bytes(st, 2), stmt_bytes(st, 3), bytes, e);
        if (!ok)
            break;
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
    if (s->added.only && s->added.interview == interview) {
        struct added a = s->added; /* `each` may add another */
        (void)each(ctx, &a.r, state_now(s, a.no, a.first));
        return true;
    }
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
        enum revision_state first = REVISION_PENDING;
        uint64_t no = stmt_int(st, 0);
        ok = revision_open(s, no, stmt_bytes(st, 1), stmt_bytes(st, 2), &r, &first, e);
        if (ok)
            more = each(ctx, &r, state_now(s, no, first));
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
