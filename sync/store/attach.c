/* Attached files; see attach.h. */
#include "sync/store/attach.h"

#include <assert.h>

#include "sync/errors.h"
#include "sync/store/store_i.h"

/* u64 interview ‖ u8 1 IK, 2 PK ‖ le64 length ‖ c */
#define ROW_PLAIN     49
#define CHUNKS(n)     (((n) + ATTACHMENT_CHUNK - 1) / ATTACHMENT_CHUNK)
#define ROOM_BESIDES  ((uint64_t)16 << 20)
#define BYTES_PER_MIB ((uint64_t)1 << 20)

static_assert(ATTACHMENT_MAX / ATTACHMENT_CHUNK <= 256, "chunks of one are numbered by a byte");

/* ---- rows ---- */

static bool row_insert(struct store *s, const struct attachment_row *r, struct err *e)
{
    struct stmt *st = db_stmt(
        s->db, "INSERT INTO attachment (no, interview, c, sealed) VALUES (?1, ?2, ?3, ?4)", e);
    struct buf plain, sealed;
    if (!st)
        return false;
    buf_init(&plain, ROW_PLAIN);
    buf_init(&sealed, ROW_PLAIN + SEAL_OVERHEAD);
    buf_add_le64(&plain, r->interview);
    buf_add_u8(&plain, r->pii ? 2 : 1);
    buf_add_le64(&plain, r->length);
    buf_add(&plain, r->c.b, sizeof r->c.b);
    row_seal(s, s->key_rows, TABLE_ATTACHMENT, r->no, 0, buf_str(&plain), &sealed);
    stmt_set_int(st, 1, r->no);
    stmt_set_int(st, 2, r->interview);
    stmt_set_bytes(st, 3, r->c.b, sizeof r->c.b);
    stmt_set_bytes(st, 4, sealed.p, sealed.n);
    bool ok = stmt_run(st, e);
    buf_done(&plain);
    buf_done(&sealed);
    return ok;
}

bool attachment_row_open(struct store *s, struct stmt *st, struct attachment_row *ret,
                         struct err *e)
{
    struct buf plain;
    struct str c = stmt_bytes(st, 2), sealed = stmt_bytes(st, 3);
    ret->no = stmt_int(st, 0);
    if (sealed.n != ROW_PLAIN + SEAL_OVERHEAD)
        return row_fail(TABLE_ATTACHMENT, ret->no, e);
    buf_init(&plain, ROW_PLAIN);
    bool ok = row_open(s, s->key_rows, TABLE_ATTACHMENT, ret->no, 0, sealed, &plain, e);
    if (ok) {
        struct take t = take_from(buf_str(&plain));
        ret->interview = take_le64(&t);
        uint8_t key = take_u8(&t);
        ret->pii = key == 2;
        ret->length = take_le64(&t);
        take_bytes(&t, ret->c.b, sizeof ret->c.b);
        /* What is in the clear beside it only finds it. */
        ok = (key == 1 || key == 2) && ret->interview == stmt_int(st, 1) && ret->length > 0 &&
             ret->length <= ATTACHMENT_MAX &&
             str_eq(c, (struct str){(const char *)ret->c.b, sizeof ret->c.b});
        if (!ok)
            row_fail(TABLE_ATTACHMENT, ret->no, e);
    }
    buf_done(&plain);
    return ok;
}

static bool has_chunk(struct store *s, uint64_t at, bool *ret, struct err *e)
{
    struct stmt *st = db_stmt(s->db, "SELECT 1 FROM chunk WHERE at = ?1", e);
    if (!st)
        return false;
    stmt_set_int(st, 1, at);
    bool ok = stmt_step(st, ret, e);
    stmt_done(st);
    return ok;
}

/* The one with its chunks; ret->no 0: there is none. */
static bool find_held(struct store *s, uint64_t interview, const struct hash32 *c,
                      struct attachment_row *ret, struct err *e)
{
    struct stmt *st = db_stmt(s->db,
                              "SELECT no, interview, c, sealed FROM attachment "
                              "WHERE interview = ?1 AND c = ?2 ORDER BY no DESC",
                              e);
    if (!st)
        return false;
    struct attachment_row found = {.no = 0};
    bool row = true, held = false, ok = true;
    stmt_set_int(st, 1, interview);
    stmt_set_bytes(st, 2, c->b, sizeof c->b);
    while (ok && !held && (ok = stmt_step(st, &row, e)) && row)
        ok = attachment_row_open(s, st, &found, e) && has_chunk(s, CHUNK_AT(found.no), &held, e);
    stmt_done(st);
    if (!held)
        found.no = 0;
    *ret = found;
    return ok;
}

static bool drop_chunks(struct store *s, uint64_t no, struct err *e)
{
    struct stmt *st = db_stmt(s->db, "DELETE FROM chunk WHERE at >= ?1 AND at < ?2", e);
    if (!st)
        return false;
    stmt_set_int(st, 1, CHUNK_AT(no));
    stmt_set_int(st, 2, CHUNK_AT(no + 1));
    return stmt_run(st, e);
}

/* ---- taking one in ---- */

struct attaching {
    struct store *s;
    struct attachment_row row;
    struct hasher commit;
    uint64_t come; /* bytes */
    size_t n;      /* in chunk */
    struct buf sealed;
    uint8_t chunk[ATTACHMENT_CHUNK];
};

/* All of it goes into the log first, and from there into the file. */
static bool check_room(struct store *s, uint64_t length, struct err *e)
{
    char n[ERR_ARG_MAX];
    char *folder = io_folder(s->path);
    uint64_t room, need = 2 * length + ROOM_BESIDES;
    bool ok = io_room(folder, &room, e);
    if (ok && room < need)
        ok = err_fail2(e, ERR_NO_ROOM, folder, err_num(n, (int64_t)(need / BYTES_PER_MIB)));
    mem_free(folder);
    return ok;
}

bool store_attach_begin(struct attaching **ret, struct store *s, const struct id16 *uuid, bool pii,
                        uint64_t length, const uint8_t salt[32], struct err *e)
{
    char n[ERR_ARG_MAX];
    uint64_t interview;
    assert(s->tx == TX_OPEN);
    if (length == 0)
        return err_fail(e, ERR_ATTACHMENT_EMPTY);
    if (length > ATTACHMENT_MAX)
        return err_fail2(e, ERR_STORE_LIMIT, "The file", err_num(n, (int64_t)ATTACHMENT_MAX));
    if (!check_room(s, length, e) || !keys_for(s, uuid, &interview, e))
        return false;
    if (!(pii ? s->pk_there : s->ik_there))
        return err_fail(e, ERR_PART_ERASED);
    struct attaching *a = mem_alloc(sizeof *a);
    *a = (struct attaching){.s = s};
    a->row = (struct attachment_row){.no = s->now.head.rows[COUNT_ATTACHMENT] + 1,
                                     .interview = interview,
                                     .pii = pii,
                                     .length = length};
    attachment_commit_start(&a->commit, salt, length);
    buf_init(&a->sealed, ATTACHMENT_CHUNK + SEAL_OVERHEAD);
    *ret = a;
    return true;
}

static bool put_chunk(struct attaching *a, struct err *e)
{
    struct store *s = a->s;
    uint64_t at = CHUNK_AT(a->row.no) + (a->come - 1) / ATTACHMENT_CHUNK;
    if (!keys_load(s, a->row.interview, e))
        return false;
    struct stmt *st = db_stmt(s->db, "INSERT INTO chunk (at, sealed) VALUES (?1, ?2)", e);
    if (!st)
        return false;
    buf_clear(&a->sealed);
    row_seal(s, a->row.pii ? s->pk : s->ik, TABLE_CHUNK, at, 0,
             (struct str){(const char *)a->chunk, a->n}, &a->sealed);
    stmt_set_int(st, 1, at);
    stmt_set_bytes(st, 2, a->sealed.p, a->sealed.n);
    a->n = 0;
    return stmt_run(st, e);
}

bool store_attach_add(struct attaching *a, const void *p, size_t n, struct err *e)
{
    const uint8_t *from = p;
    if (n > a->row.length - a->come)
        return err_fail(e, ERR_ATTACHMENT_WRONG);
    hasher_add(&a->commit, p, n);
    while (n > 0) {
        size_t room = ATTACHMENT_CHUNK - a->n, take = n < room ? n : room;
        memcpy(a->chunk + a->n, from, take);
        a->n += take;
        a->come += take;
        from += take;
        n -= take;
        if ((a->n == ATTACHMENT_CHUNK || a->come == a->row.length) && !put_chunk(a, e))
            return false;
    }
    return true;
}

bool store_attach_end(struct attaching *a, const struct hash32 *want, struct hash32 *ret_c,
                      struct err *e)
{
    a->row.c = attachment_commit_end(&a->commit);
    if (a->come != a->row.length || (want && !hash32_eq(want, &a->row.c)))
        return drop_chunks(a->s, a->row.no, e) && err_fail(e, ERR_ATTACHMENT_WRONG);
    if (!row_insert(a->s, &a->row, e))
        return false;
    a->s->now.head.rows[COUNT_ATTACHMENT] = a->row.no;
    if (ret_c)
        *ret_c = a->row.c;
    return true;
}

void store_attach_free(struct attaching *a)
{
    if (!a)
        return;
    buf_done(&a->sealed);
    crypt_wipe(a, sizeof *a);
    mem_free(a);
}

/* ---- looking ---- */

bool store_attachment_held(struct store *s, const struct id16 *uuid, const struct hash32 *c,
                           bool *ret, struct err *e)
{
    uint64_t interview;
    struct attachment_row found = {.no = 0};
    if (!keys_find(s, uuid, &interview, e) || (interview && !find_held(s, interview, c, &found, e)))
        return false;
    *ret = found.no != 0;
    return true;
}

bool attachments_any(struct store *s, uint64_t interview, bool *ret, struct err *e)
{
    *ret = false;
    if (interview == 0 || s->now.head.rows[COUNT_ATTACHMENT] == 0)
        return true;
    struct stmt *st = db_stmt(s->db, "SELECT 1 FROM attachment WHERE interview = ?1 LIMIT 1", e);
    if (!st)
        return false;
    stmt_set_int(st, 1, interview);
    bool ok = stmt_step(st, ret, e);
    stmt_done(st);
    return ok;
}

bool store_attached(struct store *s, const struct id16 *uuid, bool *ret, struct err *e)
{
    uint64_t interview;
    return keys_find(s, uuid, &interview, e) && attachments_any(s, interview, ret, e);
}

bool store_attachable(struct store *s, const struct id16 *uuid, bool pii, bool *ret, struct err *e)
{
    uint64_t interview;
    bool erased = false;
    if (!keys_find(s, uuid, &interview, e) || (interview && !keys_load(s, interview, e)))
        return false;
    *ret = !interview || (pii ? s->pk_there : s->ik_there);
    if (*ret)
        return true;
    /* Purged, not erased: its keys are made anew when it comes again. */
    if (!tombstoned(s, uuid, &erased, e))
        return false;
    *ret = !erased;
    return true;
}

static bool read_chunk(struct store *s, const struct attachment_row *r, uint64_t i,
                       struct buf *plain, struct err *e)
{
    uint64_t at = CHUNK_AT(r->no) + i, left = r->length - i * ATTACHMENT_CHUNK;
    size_t size = left < ATTACHMENT_CHUNK ? (size_t)left : ATTACHMENT_CHUNK;
    if (!keys_load(s, r->interview, e))
        return false;
    if (!(r->pii ? s->pk_there : s->ik_there))
        return err_fail(e, ERR_PART_ERASED);
    struct stmt *st = db_stmt(s->db, "SELECT sealed FROM chunk WHERE at = ?1", e);
    if (!st)
        return false;
    stmt_set_int(st, 1, at);
    bool row, ok = stmt_step(st, &row, e);
    if (ok && (!row || stmt_bytes(st, 0).n != size + SEAL_OVERHEAD))
        ok = row_fail(TABLE_CHUNK, at, e);
    buf_clear(plain);
    ok = ok && row_open(s, r->pii ? s->pk : s->ik, TABLE_CHUNK, at, 0, stmt_bytes(st, 0), plain, e);
    stmt_done(st);
    return ok;
}

bool attachment_row_read(struct store *s, const struct attachment_row *r, struct hasher *commit,
                         bool (*each)(void *ctx, struct str piece, struct err *e), void *ctx,
                         struct err *e)
{
    struct buf plain;
    bool ok = true;
    buf_init(&plain, ATTACHMENT_CHUNK);
    for (uint64_t i = 0; ok && i < CHUNKS(r->length); i++) {
        ok = read_chunk(s, r, i, &plain, e);
        if (ok && commit)
            hasher_add(commit, plain.p, plain.n);
        ok = ok && (!each || each(ctx, buf_str(&plain), e));
    }
    buf_wipe_done(&plain);
    return ok;
}

bool store_attachment_read(struct store *s, const struct id16 *uuid, const struct attachment *x,
                           bool (*each)(void *ctx, struct str piece, struct err *e), void *ctx,
                           struct err *e)
{
    uint64_t interview;
    struct attachment_row found = {.no = 0};
    struct hasher commit;
    if (!keys_find(s, uuid, &interview, e) ||
        (interview && !find_held(s, interview, &x->c, &found, e)))
        return false;
    if (!found.no)
        return err_fail(e, ERR_ATTACHMENT_MISSING);
    attachment_commit_start(&commit, x->salt, x->length);
    if (!attachment_row_read(s, &found, &commit, each, ctx, e))
        return false;
    struct hash32 c = attachment_commit_end(&commit);
    return hash32_eq(&c, &x->c) || err_fail(e, ERR_ATTACHMENT_WRONG);
}

/* What is erased or has not come lists nothing here. */
static bool list_part(struct store *s, uint64_t no, uint8_t part, struct buf *parts, bool *ret_read,
                      struct err *e)
{
    struct err why = {0};
    uint8_t salt[32];
    *ret_read = part_read(s, no, part, salt, parts, &why);
    crypt_wipe(salt, sizeof salt);
    if (*ret_read || err_is(&why, &ERR_PART_ERASED) || err_is(&why, &ERR_PART_MISSING))
        return true;
    *e = why;
    return false;
}

bool attachments_listed(struct store *s, uint64_t no, uint64_t interview, struct buf *parts,
                        struct attachment_list *ret, bool *ret_all, struct err *e)
{
    size_t at[3] = {parts->n, 0, 0};
    bool read1, read2;
    if (!keys_load(s, interview, e) || !list_part(s, no, 1, parts, &read1, e))
        return false;
    at[1] = parts->n;
    if (!list_part(s, no, 2, parts, &read2, e))
        return false;
    at[2] = parts->n;
    if (ret_all)
        *ret_all = read1; /* the second there may not be */
    for (size_t i = 0; i < 2; i++)
        if (!attachment_list_read(ret, str_sub(buf_str(parts), at[i], at[i + 1] - at[i]), e))
            return false;
    return true;
}

bool attachments_held(struct store *s, uint64_t interview, const struct attachment_list *l,
                      bool *ret, struct err *e)
{
    *ret = true;
    for (size_t i = 0; *ret && i < l->n; i++) {
        struct attachment_row found;
        if (!find_held(s, interview, &l->v[i].c, &found, e))
            return false;
        *ret = found.no != 0;
    }
    return true;
}

/* ---- moving ---- */

static bool add_piece(void *ctx, struct str piece, struct err *e)
{
    return store_attach_add(ctx, piece.p, piece.n, e);
}

bool store_attachment_move(struct store *s, const struct id16 *uuid, const struct attachment *x,
                           bool pii, struct err *e)
{
    uint64_t interview;
    struct attachment_row old = {.no = 0};
    struct attaching *a = NULL;
    if (!keys_find(s, uuid, &interview, e) ||
        (interview && !find_held(s, interview, &x->c, &old, e)))
        return false;
    if (!old.no || old.pii == pii)
        return true;
    if (!store_attach_begin(&a, s, uuid, pii, x->length, x->salt, e))
        return false;
    bool ok = attachment_row_read(s, &old, NULL, add_piece, a, e) &&
              store_attach_end(a, &x->c, NULL, e) && drop_chunks(s, old.no, e);
    store_attach_free(a);
    return ok;
}

/* ---- removing ---- */

static bool rows_of(struct store *s, uint64_t interview, struct attachment_row **ret, size_t *ret_n,
                    struct err *e)
{
    size_t cap = 0;
    *ret = NULL;
    *ret_n = 0;
    struct stmt *st = db_stmt(s->db,
                              "SELECT no, interview, c, sealed FROM attachment "
                              "WHERE interview = ?1 ORDER BY no",
                              e);
    if (!st)
        return false;
    stmt_set_int(st, 1, interview);
    bool row = true, ok = true;
    while (ok && (ok = stmt_step(st, &row, e)) && row) {
        *ret = mem_grow(*ret, *ret_n, &cap, sizeof **ret);
        ok = attachment_row_open(s, st, &(*ret)[(*ret_n)++], e);
    }
    stmt_done(st);
    return ok;
}

bool attachments_drop(struct store *s, uint64_t interview, bool all, struct err *e)
{
    struct attachment_row *rows = NULL;
    size_t n = 0;
    if (s->now.head.rows[COUNT_ATTACHMENT] == 0)
        return true;
    bool ok = rows_of(s, interview, &rows, &n, e);
    for (size_t i = 0; ok && i < n; i++)
        ok = (!all && !rows[i].pii) || drop_chunks(s, rows[i].no, e);
    mem_free(rows);
    return ok;
}

/* Whether some record of the interview lists it, or one whose list cannot be read might. */
static bool is_listed(struct store *s, uint64_t interview, const uint64_t *revs, size_t n,
                      const struct hash32 *c, bool *ret, struct err *e)
{
    *ret = false;
    bool ok = true;
    for (size_t i = 0; ok && !*ret && i < n; i++) {
        struct attachment_list l = {0};
        struct buf parts;
        bool all;
        buf_init(&parts, 2 * PART_MAX);
        ok = attachments_listed(s, revs[i], interview, &parts, &l, &all, e);
        *ret = ok && (!all || attachment_list_find(&l, c));
        attachment_list_done(&l);
        buf_wipe_done(&parts);
    }
    return ok;
}

bool store_attachments_sweep(struct store *s, const struct id16 *uuid, struct err *e)
{
    struct attachment_row *rows = NULL;
    uint64_t *revs = NULL, interview;
    size_t n = 0, n_revs = 0;
    bool any, held, listed = true;
    assert(s->tx != TX_NONE);
    if (!keys_find(s, uuid, &interview, e) || !attachments_any(s, interview, &any, e))
        return false;
    if (!any || draft_row_find(s, uuid))
        return true;
    bool ok = rows_of(s, interview, &rows, &n, e) && revisions_of(s, interview, &revs, &n_revs, e);
    for (size_t i = 0; ok && i < n; i++) {
        ok = has_chunk(s, CHUNK_AT(rows[i].no), &held, e) &&
             (!held || is_listed(s, interview, revs, n_revs, &rows[i].c, &listed, e)) &&
             (!held || listed || drop_chunks(s, rows[i].no, e));
    }
    mem_free(rows);
    mem_free(revs);
    return ok;
}
