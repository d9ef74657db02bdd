/* Revisions: the immutable records. A row has what identifies the revision; beside it lie the summary
 * (under the pii key, since it may name a person) and the parts, each under its key, so that destroying
 * a key erases what it opens and nothing else. */
#include <assert.h>

#include "sync/errors.h"
#include "sync/store/attach.h"
#include "sync/store/store_i.h"

#define SALT           32
#define SUMMARY_MAX    NOTE_MAX
#define REVISION_PLAIN 2048

/* ---- identity ---- */

/* H("cacah.rev.1" ‖ survey_id ‖ uuid ‖ device_id ‖ form_hash ‖ u8 n ‖ parents ‖ u8 outcome ‖ c1 ‖ c2) */
struct hash32 revision_id(const struct revision *r, const struct id16 *survey)
{
    struct buf m;
    buf_init(&m, REVISION_PLAIN);
    msg_tag(&m, "cacah.rev.1");
    buf_add(&m, survey->b, 16);
    buf_add(&m, r->uuid.b, 16);
    buf_add(&m, r->device.b, 32);
    buf_add(&m, r->form.b, 32);
    buf_add_u8(&m, r->n_parents);
    for (size_t i = 0; i < r->n_parents; i++)
        buf_add(&m, r->parents[i].b, 32);
    buf_add_u8(&m, r->outcome);
    buf_add(&m, r->c1.b, 32);
    buf_add(&m, r->c2.b, 32);
    struct hash32 h = crypt_hash(buf_str(&m));
    buf_done(&m);
    return h;
}

struct hash32 part_commitment(const uint8_t salt[32], uint8_t part, struct str bytes)
{
    uint8_t front[16 + 1 + 8];
    struct hasher h;
    struct hash32 c;
    put_tag(front, "cacah.part.1");
    front[16] = part;
    put_le64(front + 17, bytes.n);
    hasher_start_mac(&h, salt);
    hasher_add(&h, front, sizeof front);
    hasher_add(&h, bytes.p, bytes.n);
    hasher_end(&h, c.b, sizeof c.b);
    crypt_wipe(&h, sizeof h);
    return c;
}

/* Parents ascending and distinct: one identifier for one set. */
static bool parents_sorted(const struct revision *r)
{
    if (r->n_parents > REVISION_PARENTS_MAX)
        return false;
    for (size_t i = 1; i < r->n_parents; i++)
        if (memcmp(r->parents[i - 1].b, r->parents[i].b, 32) >= 0)
            return false;
    return true;
}

/* ---- bytes: rev_id ‖ uuid ‖ device ‖ form ‖ u8 n ‖ parents ‖ u8 outcome ‖ c1 ‖ c2 ‖ u8 state ---- */

static void encode(const struct revision *r, enum revision_state state, struct buf *b)
{
    buf_add(b, r->rev_id.b, 32);
    buf_add(b, r->uuid.b, 16);
    buf_add(b, r->device.b, 32);
    buf_add(b, r->form.b, 32);
    buf_add_u8(b, r->n_parents);
    for (size_t i = 0; i < r->n_parents; i++)
        buf_add(b, r->parents[i].b, 32);
    buf_add_u8(b, r->outcome);
    buf_add(b, r->c1.b, 32);
    buf_add(b, r->c2.b, 32);
    buf_add_u8(b, (uint8_t)state);
}

static bool decode(struct str plain, struct revision *r, enum revision_state *state)
{
    struct take t = take_from(plain);
    *r = (struct revision){0};
    take_bytes(&t, r->rev_id.b, 32);
    take_bytes(&t, r->uuid.b, 16);
    take_bytes(&t, r->device.b, 32);
    take_bytes(&t, r->form.b, 32);
    r->n_parents = take_u8(&t);
    if (r->n_parents > REVISION_PARENTS_MAX)
        return false;
    for (size_t i = 0; i < r->n_parents; i++)
        take_bytes(&t, r->parents[i].b, 32);
    r->outcome = take_u8(&t);
    take_bytes(&t, r->c1.b, 32);
    take_bytes(&t, r->c2.b, 32);
    uint8_t at = take_u8(&t);
    *state = (enum revision_state)at;
    return take_end(&t) && at < REVISION_STATES;
}

bool revision_open(struct store *s, uint64_t no, struct str id, struct str sealed,
                   struct revision *ret, enum revision_state *ret_state, struct err *e)
{
    struct buf plain;
    buf_init(&plain, sealed.n);
    bool ok = row_open(s, s->key_rows, TABLE_REVISION, no, 0, sealed, &plain, e);
    if (ok && (!decode(buf_str(&plain), ret, ret_state) || id.n != 32 ||
               memcmp(id.p, ret->rev_id.b, 32) != 0))
        ok = row_fail(TABLE_REVISION, no, e);
    buf_done(&plain);
    return ok;
}

/* ---- writing ---- */

static bool part_insert(struct store *s, uint64_t rev, uint8_t part, const struct part *p,
                        struct err *e)
{
    uint64_t no = PART_NO(rev, part);
    struct stmt *st = db_stmt(s->db, "INSERT INTO part (no, sealed) VALUES (?1, ?2)", e);
    if (!st)
        return false;
    struct buf plain, sealed;
    buf_init(&plain, PART_MAX + SALT);
    buf_init(&sealed, PART_MAX + SALT + SEAL_OVERHEAD);
    buf_room(&plain, SALT + p->bytes.n); /* at once: a buffer that grows leaves copies behind */
    buf_clear(&plain);
    buf_add(&plain, p->salt, SALT);
    buf_add_str(&plain, p->bytes);
    row_seal(s, part == 1 ? s->ik : s->pk, TABLE_PART, no, 0, buf_str(&plain), &sealed);
    stmt_set_int(st, 1, no);
    stmt_set_bytes(st, 2, sealed.p, sealed.n);
    bool ok = stmt_run(st, e);
    buf_wipe_done(&plain);
    buf_done(&sealed);
    return ok;
}

static bool row_insert(struct store *s, uint64_t no, const struct revision *r, uint64_t interview,
                       enum revision_state state, struct str summary, struct err *e)
{
    struct buf plain, sealed, sealed_summary;
    struct stmt *st = db_stmt(s->db,
                              "INSERT INTO revision (no, id, interview, sealed, summary) "
                              "VALUES (?1, ?2, ?3, ?4, ?5)",
                              e);
    if (!st)
        return false;
    buf_init(&plain, REVISION_PLAIN);
    buf_init(&sealed, REVISION_PLAIN + SEAL_OVERHEAD);
    buf_init(&sealed_summary, SUMMARY_MAX + SEAL_OVERHEAD);
    encode(r, state, &plain);
    row_seal(s, s->key_rows, TABLE_REVISION, no, 0, buf_str(&plain), &sealed);
    stmt_set_int(st, 1, no);
    stmt_set_bytes(st, 2, r->rev_id.b, 32);
    stmt_set_int(st, 3, interview);
    stmt_set_bytes(st, 4, sealed.p, sealed.n);
    if (s->pk_there) {
        row_seal(s, s->pk, TABLE_SUMMARY, no, 0, summary, &sealed_summary);
        stmt_set_bytes(st, 5, sealed_summary.p, sealed_summary.n);
    }
    bool ok = stmt_run(st, e);
    buf_done(&plain);
    buf_done(&sealed);
    buf_done(&sealed_summary);
    return ok;
}

static bool sizes_ok(const struct part *part1, const struct part *part2, struct str summary,
                     struct err *e)
{
    char n[ERR_ARG_MAX];
    if ((part1 && part1->bytes.n > PART_MAX) || (part2 && part2->bytes.n > PART_MAX))
        return err_fail2(e, ERR_STORE_LIMIT, "A part of a record", err_num(n, (int64_t)PART_MAX));
    if (summary.n > SUMMARY_MAX)
        return err_fail2(e, ERR_STORE_LIMIT, "The summary of a record",
                         err_num(n, (int64_t)SUMMARY_MAX));
    return true;
}

/* Every part that it names, unless its key is shredded. The keys are loaded. */
static bool is_complete(const struct store *s, const struct revision *r, bool has1, bool has2)
{
    return (has1 || !s->ik_there) && (has2 || !s->pk_there || hash32_zero(&r->c2));
}

/* What an office holds of a record are the attached files too; a laptop may have sent them, or never had
 * them, when it is given a record back to correct. */
static bool files_there(struct store *s, uint64_t interview, const struct part *part1,
                        const struct part *part2, bool *ret, struct err *e)
{
    struct attachment_list l = {0};
    *ret = true;
    if (s->identity.kind != STORE_OFFICE)
        return true;
    bool ok = (!part1 || !s->ik_there || attachment_list_read(&l, part1->bytes, e)) &&
              (!part2 || !s->pk_there || attachment_list_read(&l, part2->bytes, e)) &&
              attachments_held(s, interview, &l, ret, e);
    attachment_list_done(&l);
    return ok;
}

/* The same of a record that is in the store. */
static bool files_there_of(struct store *s, uint64_t no, uint64_t interview, bool *ret,
                           struct err *e)
{
    struct attachment_list l = {0};
    struct buf parts;
    *ret = true;
    if (s->identity.kind != STORE_OFFICE)
        return true;
    buf_init(&parts, 2 * PART_MAX);
    bool ok = attachments_listed(s, no, interview, &parts, &l, NULL, e) &&
              attachments_held(s, interview, &l, ret, e);
    attachment_list_done(&l);
    buf_wipe_done(&parts);
    return ok;
}

bool revision_add(struct store *s, const struct revision *r, uint64_t interview,
                  const struct part *part1, const struct part *part2, enum revision_state state,
                  struct str summary, struct err *e)
{
    uint64_t no = s->now.head.rows[COUNT_REVISION] + 1;
    bool files;
    if (!sizes_ok(part1, part2, summary, e) || !keys_load(s, interview, e) ||
        !files_there(s, interview, part1, part2, &files, e))
        return false;
    if (!files || !is_complete(s, r, part1 != NULL, part2 != NULL))
        state = REVISION_INCOMPLETE;
    if (!row_insert(s, no, r, interview, state, summary, e))
        return false;
    if (part1 && s->ik_there && !part_insert(s, no, 1, part1, e))
        return false;
    if (part2 && s->pk_there && !part_insert(s, no, 2, part2, e))
        return false;
    s->now.head.rows[COUNT_REVISION] = no;
    if (state == REVISION_PENDING)
        s->now.head.pending++;
    s->added = (struct added){false, interview, no, *r, state};
    return true;
}

/* What came from elsewhere must be what its identifier says. */
static bool check_foreign(struct store *s, const struct revision *r, const struct part *part1,
                          const struct part *part2, struct err *e)
{
    if (!parents_sorted(r))
        return err_fail1(e, ERR_REVISION_INVALID, "its parents");
    struct hash32 id = revision_id(r, &s->identity.survey);
    if (!hash32_eq(&id, &r->rev_id))
        return err_fail1(e, ERR_REVISION_INVALID, "its hash");
    if (part1) {
        struct hash32 c = part_commitment(part1->salt, 1, part1->bytes);
        if (!hash32_eq(&c, &r->c1))
            return err_fail1(e, ERR_REVISION_INVALID, "its first part");
    }
    if (part2) {
        struct hash32 c = part_commitment(part2->salt, 2, part2->bytes);
        if (!hash32_eq(&c, &r->c2))
            return err_fail1(e, ERR_REVISION_INVALID, "its second part");
    }
    struct attachment_list l = {0};
    struct err why = {0};
    bool ok = (!part1 || attachment_list_read(&l, part1->bytes, &why)) &&
              (!part2 || attachment_list_read(&l, part2->bytes, &why));
    attachment_list_done(&l);
    return ok || err_fail1(e, ERR_REVISION_INVALID, "its list of files");
}

static bool find(struct store *s, const struct hash32 *rev_id, uint64_t *ret_no,
                 uint64_t *ret_interview, struct err *e)
{
    struct stmt *st = db_stmt(s->db, "SELECT no, interview FROM revision WHERE id = ?1", e);
    if (!st)
        return false;
    stmt_set_bytes(st, 1, rev_id->b, 32);
    bool row, ok = stmt_step(st, &row, e);
    if (ok) {
        *ret_no = row ? stmt_int(st, 0) : 0;
        *ret_interview = row ? stmt_int(st, 1) : 0;
    }
    stmt_done(st);
    return ok;
}

/* ---- states: an append-only log of le64 record ‖ u8 state ‖ le64 ms; the newest counts ---- */

#define STATE_PLAIN 17

static void states_remember(struct store *s, uint64_t no, enum revision_state state)
{
    if (no >= s->n_states) {
        size_t n = s->n_states ? s->n_states : 1024;
        while (n <= no)
            n *= 2;
        s->states = mem_realloc(s->states, n, 1);
        memset(s->states + s->n_states, 0, n - s->n_states);
        s->n_states = n;
    }
    s->states[no] = (uint8_t)(1 + state); /* 0: as it came in */
}

struct state_row {
    uint64_t rev;
    enum revision_state state;
    int64_t ms;
};

static bool state_read(struct store *s, struct stmt *st, struct state_row *ret, struct err *e)
{
    uint64_t no = stmt_int(st, 0);
    struct str sealed = stmt_bytes(st, 1);
    struct buf plain;
    buf_init(&plain, STATE_PLAIN);
    if (sealed.n != STATE_PLAIN + SEAL_OVERHEAD)
        return row_fail(TABLE_STATE, no, e);
    bool ok = row_open(s, s->key_rows, TABLE_STATE, no, 0, sealed, &plain, e);
    if (ok) {
        struct take t = take_from(buf_str(&plain));
        ret->rev = take_le64(&t);
        uint8_t state = take_u8(&t);
        ret->state = (enum revision_state)state;
        ret->ms = (int64_t)take_le64(&t);
        if (ret->rev == 0 || ret->rev > s->now.head.rows[COUNT_REVISION] ||
            state >= REVISION_STATES)
            ok = row_fail(TABLE_STATE, no, e);
    }
    buf_done(&plain);
    return ok;
}

bool states_load(struct store *s, struct err *e)
{
    if (s->states_read)
        return true;
    if (s->n_states)
        memset(s->states, 0, s->n_states);
    struct stmt *st = db_stmt(s->db, "SELECT no, sealed FROM state ORDER BY no", e);
    bool row = true, ok = st != NULL;
    while (ok && (ok = stmt_step(st, &row, e)) && row) {
        struct state_row r;
        ok = state_read(s, st, &r, e);
        if (ok)
            states_remember(s, r.rev, r.state);
    }
    stmt_done(st);
    s->states_read = ok;
    return ok;
}

bool states_since(struct store *s, int64_t *ret, struct err *e)
{
    struct stmt *st = db_stmt(s->db, "SELECT no, sealed FROM state ORDER BY no", e);
    bool row = true, ok = st != NULL;
    while (ok && (ok = stmt_step(st, &row, e)) && row) {
        struct state_row r = {.rev = 0};
        ok = state_read(s, st, &r, e);
        if (ok)
            ret[r.rev] = r.ms;
    }
    stmt_done(st);
    return ok;
}

enum revision_state state_now(const struct store *s, uint64_t no, enum revision_state first)
{
    return no < s->n_states && s->states[no] ? (enum revision_state)(s->states[no] - 1) : first;
}

static bool state_append(struct store *s, uint64_t rev, enum revision_state state, struct err *e)
{
    uint8_t plain[STATE_PLAIN];
    struct buf sealed;
    uint64_t no = s->now.head.rows[COUNT_STATE] + 1;
    struct stmt *st = db_stmt(s->db, "INSERT INTO state (no, sealed) VALUES (?1, ?2)", e);
    if (!st)
        return false;
    put_le64(plain, rev);
    plain[8] = (uint8_t)state;
    put_le64(plain + 9, (uint64_t)wall_clock_ms());
    buf_init(&sealed, STATE_PLAIN + SEAL_OVERHEAD);
    row_seal(s, s->key_rows, TABLE_STATE, no, 0, (struct str){(const char *)plain, STATE_PLAIN},
             &sealed);
    stmt_set_int(st, 1, no);
    stmt_set_bytes(st, 2, sealed.p, sealed.n);
    bool ok = stmt_run(st, e);
    buf_done(&sealed);
    if (!ok)
        return false;
    s->now.head.rows[COUNT_STATE] = no;
    states_remember(s, rev, state);
    return true;
}

bool state_change(struct store *s, uint64_t no, enum revision_state to, struct err *e)
{
    struct revision r;
    enum revision_state first = REVISION_PENDING;
    if (!revision_read(s, no, &r, &first, e))
        return false;
    enum revision_state before = state_now(s, no, first);
    if (before == to)
        return true;
    s->now.head.pending += (uint64_t)(to == REVISION_PENDING);
    s->now.head.pending -= (uint64_t)(before == REVISION_PENDING);
    return state_append(s, no, to, e);
}

/* ---- reading ---- */

bool revision_read(struct store *s, uint64_t no, struct revision *ret,
                   enum revision_state *ret_state, struct err *e)
{
    struct stmt *st = db_stmt(s->db, "SELECT id, sealed FROM revision WHERE no = ?1", e);
    if (!st)
        return false;
    stmt_set_int(st, 1, no);
    bool row, ok = stmt_step(st, &row, e);
    if (ok)
        ok = row ? revision_open(s, no, stmt_bytes(st, 0), stmt_bytes(st, 1), ret, ret_state, e)
                 : row_fail(TABLE_REVISION, no, e);
    stmt_done(st);
    return ok;
}

bool store_revision_get(struct store *s, const struct hash32 *rev_id, struct revision *ret,
                        bool *ret_there, struct err *e)
{
    uint64_t no, interview;
    enum revision_state state;
    struct revision r;
    if (!find(s, rev_id, &no, &interview, e) || (no && !revision_read(s, no, &r, &state, e)))
        return false;
    if (no)
        *ret = r;
    *ret_there = no != 0;
    return true;
}

static bool unknown(const struct hash32 *rev_id, struct err *e)
{
    struct buf hex;
    buf_init(&hex, 100);
    hex_add(&hex, rev_id->b, 32);
    err_fail1(e, ERR_REVISION_UNKNOWN, hex.p);
    buf_done(&hex);
    return false;
}

bool store_revision_set_state(struct store *s, const struct hash32 *rev_id,
                              enum revision_state state, struct err *e)
{
    uint64_t no, interview;
    if (!find(s, rev_id, &no, &interview, e))
        return false;
    if (!no)
        return unknown(rev_id, e);
    if (!states_load(s, e) || !tx_enter(s, e))
        return false;
    return tx_leave(s, state_change(s, no, state, e), e);
}

/* An erased one has no summary any more. */
static bool summary_open(struct store *s, uint64_t no, uint64_t interview, struct str sealed,
                         struct buf *out, struct err *e)
{
    if (!keys_load(s, interview, e))
        return false;
    if (!s->pk_there || sealed.n == 0)
        return true;
    return row_open(s, s->pk, TABLE_SUMMARY, no, 0, sealed, out, e);
}

/* A row of "no, id, interview, sealed, summary". */
struct row {
    uint64_t no;
    struct revision r;
    enum revision_state state;
};

static bool row_read(struct store *s, struct stmt *st, struct row *ret, struct buf *summary,
                     struct err *e)
{
    enum revision_state first = REVISION_PENDING;
    ret->no = stmt_int(st, 0);
    buf_clear(summary);
    if (!revision_open(s, ret->no, stmt_bytes(st, 1), stmt_bytes(st, 3), &ret->r, &first, e) ||
        !summary_open(s, ret->no, stmt_int(st, 2), stmt_bytes(st, 4), summary, e) ||
        !states_load(s, e))
        return false;
    ret->state = state_now(s, ret->no, first);
    return true;
}

struct walk {
    bool (*each)(void *ctx, const struct revision *r, enum revision_state state,
                 struct str summary);
    void *ctx;
    uint64_t from; /* WHERE no <= */
    uint64_t last; /* the number given last; 0: all were */
};

static bool walk(struct store *s, const char *sql, struct walk *w, struct err *e)
{
    if (!states_load(s, e))
        return false;
    struct stmt *st = db_stmt(s->db, sql, e);
    if (!st)
        return false;
    stmt_set_int(st, 1, w->from);
    struct buf summary;
    struct row v;
    buf_init(&summary, SUMMARY_MAX);
    bool row = true, more = true, ok = true;
    while (ok && more && (ok = stmt_step(st, &row, e)) && row) {
        ok = row_read(s, st, &v, &summary, e);
        w->last = v.no;
        if (ok)
            more = w->each(w->ctx, &v.r, v.state, buf_str(&summary));
    }
    if (ok && !row)
        w->last = 0;
    stmt_done(st);
    buf_wipe_done(&summary);
    return ok;
}

#define WALK "SELECT no, id, interview, sealed, summary FROM revision WHERE no <= ?1 ORDER BY no"

bool store_revision_each(struct store *s,
                         bool (*each)(void *ctx, const struct revision *r,
                                      enum revision_state state, struct str summary),
                         void *ctx, struct err *e)
{
    /* those that `each` adds are not for it */
    struct walk w = {each, ctx, s->now.head.rows[COUNT_REVISION], 0};
    return walk(s, WALK, &w, e);
}

bool store_revision_back(struct store *s, uint64_t *io_no,
                         bool (*each)(void *ctx, const struct revision *r,
                                      enum revision_state state, struct str summary),
                         void *ctx, struct err *e)
{
    struct walk w = {each, ctx, *io_no, 0};
    if (!walk(s, WALK " DESC", &w, e))
        return false;
    *io_no = w.last ? w.last - 1 : 0;
    return true;
}

bool store_revision_summary(struct store *s, const struct hash32 *rev_id, struct buf *out,
                            struct err *e)
{
    struct stmt *st =
        db_stmt(s->db, "SELECT no, interview, summary FROM revision WHERE id = ?1", e);
    if (!st)
        return false;
    stmt_set_bytes(st, 1, rev_id->b, sizeof rev_id->b);
    bool row, ok = stmt_step(st, &row, e);
    if (ok && row)
        ok = summary_open(s, stmt_int(st, 0), stmt_int(st, 1), stmt_bytes(st, 2), out, e);
    stmt_done(st);
    return ok;
}

static bool part_open(struct store *s, uint64_t no, uint8_t part, struct str sealed,
                      uint8_t ret_salt[32], struct buf *out, struct err *e)
{
    struct buf plain;
    char n[ERR_ARG_MAX];
    buf_init(&plain, PART_MAX + SALT);
    bool ok =
        row_open(s, part == 1 ? s->ik : s->pk, TABLE_PART, PART_NO(no, part), 0, sealed, &plain, e);
    if (ok && plain.n < SALT)
        ok = row_fail(TABLE_PART, PART_NO(no, part), e);
    if (ok && !buf_add_str(out, str_from(buf_str(&plain), SALT)))
        ok = err_fail2(e, ERR_STORE_LIMIT, "A part of a record", err_num(n, (int64_t)out->max));
    if (ok)
        memcpy(ret_salt, plain.p, SALT);
    buf_wipe_done(&plain);
    return ok;
}

/* The keys of its interview are loaded. */
bool part_read(struct store *s, uint64_t no, uint8_t part, uint8_t ret_salt[32], struct buf *out,
               struct err *e)
{
    if (!(part == 1 ? s->ik_there : s->pk_there))
        return err_fail(e, ERR_PART_ERASED);
    struct stmt *st = db_stmt(s->db, "SELECT sealed FROM part WHERE no = ?1", e);
    if (!st)
        return false;
    stmt_set_int(st, 1, PART_NO(no, part));
    bool row, ok = stmt_step(st, &row, e);
    if (ok)
        ok = row ? part_open(s, no, part, stmt_bytes(st, 0), ret_salt, out, e)
                 : err_fail(e, ERR_PART_MISSING);
    stmt_done(st);
    return ok;
}

bool store_revision_part(struct store *s, const struct hash32 *rev_id, uint8_t part,
                         uint8_t ret_salt[32], struct buf *out, struct err *e)
{
    uint64_t no, interview;
    assert(part == 1 || part == 2);
    if (!find(s, rev_id, &no, &interview, e))
        return false;
    if (!no)
        return unknown(rev_id, e);
    return keys_load(s, interview, e) && part_read(s, no, part, ret_salt, out, e);
}

bool store_attachments_of(struct store *s, const struct hash32 *rev_id, struct buf *parts,
                          struct attachment_list *ret, struct err *e)
{
    uint64_t no, interview;
    if (!find(s, rev_id, &no, &interview, e))
        return false;
    return no ? attachments_listed(s, no, interview, parts, ret, NULL, e) : unknown(rev_id, e);
}

bool revision_of_interview(struct store *s, uint64_t interview, bool *ret, struct err *e)
{
    struct stmt *st = db_stmt(s->db, "SELECT 1 FROM revision WHERE interview = ?1 LIMIT 1", e);
    if (!st)
        return false;
    stmt_set_int(st, 1, interview);
    bool ok = stmt_step(st, ret, e);
    stmt_done(st);
    return ok;
}

/* ---- what comes from elsewhere ---- */

bool part_exists(struct store *s, uint64_t revision, uint8_t part, bool *ret, struct err *e)
{
    struct stmt *st = db_stmt(s->db, "SELECT 1 FROM part WHERE no = ?1", e);
    if (!st)
        return false;
    stmt_set_int(st, 1, PART_NO(revision, part));
    bool ok = stmt_step(st, ret, e);
    stmt_done(st);
    return ok;
}

static bool fill_part(struct store *s, uint64_t no, uint8_t part, const struct part *p, bool wanted,
                      bool *ret_there, bool *ret_new, struct err *e)
{
    if (!part_exists(s, no, part, ret_there, e))
        return false;
    if (*ret_there || !p || !wanted)
        return true;
    *ret_there = *ret_new = true;
    return part_insert(s, no, part, p, e);
}

static bool summary_update(struct store *s, uint64_t no, struct str summary, struct err *e)
{
    struct buf sealed;
    struct stmt *st = db_stmt(s->db, "UPDATE revision SET summary = ?2 WHERE no = ?1", e);
    if (!st)
        return false;
    buf_init(&sealed, SUMMARY_MAX + SEAL_OVERHEAD);
    row_seal(s, s->pk, TABLE_SUMMARY, no, 0, summary, &sealed);
    stmt_set_int(st, 1, no);
    stmt_set_bytes(st, 2, sealed.p, sealed.n);
    bool ok = stmt_run(st, e);
    buf_done(&sealed);
    return ok;
}

bool store_revision_summary_put(struct store *s, const struct hash32 *rev_id, struct str summary,
                                struct err *e)
{
    uint64_t no, interview;
    if (!sizes_ok(NULL, NULL, summary, e) || !find(s, rev_id, &no, &interview, e))
        return false;
    if (!no)
        return unknown(rev_id, e);
    if (!tx_enter(s, e))
        return false;
    bool ok = keys_load(s, interview, e) && (!s->pk_there || summary_update(s, no, summary, e));
    return tx_leave(s, ok, e);
}

static bool drop_parts(struct store *s, uint64_t interview, struct err *e)
{
    struct stmt *st = db_stmt(s->db,
                              "DELETE FROM part WHERE no IN (SELECT 2 * no FROM revision WHERE "
                              "interview = ?1 UNION SELECT 2 * no + 1 FROM revision WHERE "
                              "interview = ?1)",
                              e);
    if (!st)
        return false;
    stmt_set_int(st, 1, interview);
    return stmt_run(st, e);
}

/* What a laptop let go of because the office holds it, and comes again: a return brings its answers. What a
 * tombstone forbids stays gone; while a key is there, nothing was let go of. */
static bool refill(struct store *s, uint64_t no, uint64_t interview, const struct revision *r,
                   const struct part *part1, const struct part *part2, struct str summary,
                   bool *ret_new, struct err *e)
{
    bool erased, has1, has2;
    uint64_t same;
    if (s->identity.kind != STORE_FIELD || !part1)
        return true;
    if (!keys_load(s, interview, e))
        return false;
    if (!s->ik_there && !s->pk_there) {
        if (!tombstoned(s, &r->uuid, &erased, e))
            return false;
        if (erased)
            return true;
        if (!drop_parts(s, interview, e) || !keys_for(s, &r->uuid, &same, e))
            return false;
    }
    if (!fill_part(s, no, 1, part1, s->ik_there, &has1, ret_new, e) ||
        !fill_part(s, no, 2, part2, s->pk_there, &has2, ret_new, e))
        return false;
    return !*ret_new || !s->pk_there || summary_update(s, no, summary, e);
}

/* A known revision whose parts had not all come. */
static bool fill(struct store *s, uint64_t no, uint64_t interview, const struct revision *r,
                 const struct part *part1, const struct part *part2, enum revision_state state,
                 struct str summary, bool *ret_new, struct err *e)
{
    struct revision known;
    enum revision_state first;
    bool has1, has2, files;
    if (!states_load(s, e) || !revision_read(s, no, &known, &first, e))
        return false;
    if (state_now(s, no, first) != REVISION_INCOMPLETE)
        return refill(s, no, interview, r, part1, part2, summary, ret_new, e);
    if (!keys_load(s, interview, e) ||
        !fill_part(s, no, 1, part1, s->ik_there, &has1, ret_new, e) ||
        !fill_part(s, no, 2, part2, s->pk_there, &has2, ret_new, e))
        return false;
    if (!is_complete(s, r, has1, has2))
        return true;
    if (!files_there_of(s, no, interview, &files, e))
        return false;
    if (!files)
        return true;
    *ret_new = true;
    return (!s->pk_there || summary_update(s, no, summary, e)) && state_change(s, no, state, e);
}

/* `personal_gone`: its second part is not waited for. */
static bool complete_one(struct store *s, uint64_t no, uint64_t interview, bool personal_gone,
                         struct err *e)
{
    struct revision r;
    enum revision_state first;
    bool has1, has2, files;
    if (!revision_read(s, no, &r, &first, e))
        return false;
    if (state_now(s, no, first) != REVISION_INCOMPLETE)
        return true;
    if (!keys_load(s, interview, e) || !part_exists(s, no, 1, &has1, e) ||
        !part_exists(s, no, 2, &has2, e))
        return false;
    if (!has1 || !is_complete(s, &r, has1, has2 || personal_gone))
        return true;
    if (!files_there_of(s, no, interview, &files, e))
        return false;
    return !files || state_change(s, no, REVISION_HELD, e);
}

static bool complete(struct store *s, uint64_t interview, bool personal_gone, struct err *e)
{
    uint64_t *numbers = NULL;
    size_t n = 0;
    bool ok = revisions_of(s, interview, &numbers, &n, e);
    for (size_t i = 0; ok && i < n; i++)
        ok = complete_one(s, numbers[i], interview, personal_gone, e);
    mem_free(numbers);
    return ok;
}

bool revisions_complete(struct store *s, uint64_t interview, struct err *e)
{
    return complete(s, interview, false, e);
}

bool store_personal_gone(struct store *s, const struct id16 *uuid, struct err *e)
{
    uint64_t interview;
    return states_load(s, e) && keys_find(s, uuid, &interview, e) &&
           complete(s, interview, true, e);
}

/* Of an interview of which nothing is here yet. */
static bool put_first(struct store *s, const struct revision *r, const struct part *part1,
                      const struct part *part2, enum revision_state state, struct str summary,
                      struct err *e)
{
    uint64_t interview;
    s->added.only = keys_new(s, &r->uuid, &interview, e) &&
                    revision_add(s, r, interview, part1, part2, state, summary, e);
    return s->added.only;
}

static bool put(struct store *s, const struct revision *r, const struct part *part1,
                const struct part *part2, enum revision_state state, struct str summary,
                bool *ret_new, struct err *e)
{
    uint64_t no, interview;
    bool any;
    if (!keys_find(s, &r->uuid, &interview, e))
        return false;
    if (!interview)
        return *ret_new = put_first(s, r, part1, part2, state, summary, e);
    if (!find(s, &r->rev_id, &no, &interview, e))
        return false;
    *ret_new = no == 0;
    bool ok = no ? fill(s, no, interview, r, part1, part2, state, summary, ret_new, e)
                 : keys_for(s, &r->uuid, &interview, e) &&
                       revision_add(s, r, interview, part1, part2, state, summary, e);
    if (!ok || !attachments_any(s, interview, &any, e))
        return false;
    /* Files that came with one record may be what another waited for. */
    return !any || (states_load(s, e) && revisions_complete(s, interview, e));
}

bool store_revision_put(struct store *s, const struct revision *r, const struct part *part1,
                        const struct part *part2, enum revision_state state, struct str summary,
                        bool *ret_new, struct err *e)
{
    bool fresh = false;
    if (!sizes_ok(part1, part2, summary, e) || !check_foreign(s, r, part1, part2, e) ||
        !tx_enter(s, e) || !tx_leave(s, put(s, r, part1, part2, state, summary, &fresh, e), e))
        return false;
    *ret_new = fresh;
    return true;
}
