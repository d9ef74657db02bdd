/* Erasing: an interview's keys are overwritten, and what they sealed is removed. What is left are the
 * revisions' identifiers (salted, so they say nothing), the ledger's rows, and a tombstone that keeps any
 * copy that comes later from being written (security specification §1.7). */
#include <assert.h>

#include "sync/errors.h"
#include "sync/store/attach.h"
#include "sync/store/migrate.h"
#include "sync/store/store_i.h"

#define TOMBSTONE_SIZE 81 /* uuid ‖ u8 scope ‖ signer ‖ row */

/* H("cacah.tomb.1" ‖ survey_id ‖ uuid ‖ u8 scope ‖ signer device_id) */
struct hash32 tombstone_id(const struct tombstone *t, const struct id16 *survey)
{
    struct buf m;
    buf_init(&m, 128);
    msg_tag(&m, "cacah.tomb.1");
    buf_add(&m, survey->b, 16);
    buf_add(&m, t->uuid.b, 16);
    buf_add_u8(&m, (uint8_t)t->scope);
    buf_add(&m, t->signer.b, 32);
    struct hash32 h = crypt_hash(buf_str(&m));
    buf_done(&m);
    return h;
}

static bool tombstone_decode(struct str bytes, struct tombstone *ret)
{
    struct take t = take_from(bytes);
    take_bytes(&t, ret->uuid.b, 16);
    uint8_t scope = take_u8(&t);
    ret->scope = (enum erase_scope)scope;
    take_bytes(&t, ret->signer.b, 32);
    take_bytes(&t, ret->row.b, 32);
    return take_end(&t) && (scope == ERASE_PII || scope == ERASE_ALL);
}

static bool tombstone_add(struct store *s, const struct tombstone *t, bool *ret_new, struct err *e)
{
    struct buf b;
    struct hash32 id = tombstone_id(t, &s->identity.survey);
    buf_init(&b, TOMBSTONE_SIZE);
    buf_add(&b, t->uuid.b, 16);
    buf_add_u8(&b, (uint8_t)t->scope);
    buf_add(&b, t->signer.b, 32);
    buf_add(&b, t->row.b, 32);
    bool ok = fact_add(s, FACT_TOMBSTONE, &id, buf_str(&b), ret_new, e);
    buf_done(&b);
    return ok;
}

/* ---- shredding ---- */

static bool drop_part(struct store *s, uint64_t revision, uint8_t part, struct err *e)
{
    struct stmt *st = db_stmt(s->db, "DELETE FROM part WHERE no = ?1", e);
    if (!st)
        return false;
    stmt_set_int(st, 1, PART_NO(revision, part));
    return stmt_run(st, e);
}

static bool drop_summary(struct store *s, uint64_t revision, struct err *e)
{
    struct stmt *st = db_stmt(s->db, "UPDATE revision SET summary = NULL WHERE no = ?1", e);
    if (!st)
        return false;
    stmt_set_int(st, 1, revision);
    return stmt_run(st, e);
}

/* The numbers first: rows change under a statement that is still reading. */
bool revisions_of(struct store *s, uint64_t interview, uint64_t **ret, size_t *ret_n, struct err *e)
{
    size_t cap = 0, n = 0;
    uint64_t *numbers = NULL;
    struct stmt *st = db_stmt(s->db, "SELECT no FROM revision WHERE interview = ?1 ORDER BY no", e);
    if (!st)
        return false;
    stmt_set_int(st, 1, interview);
    bool row = true, ok = true;
    while (ok && (ok = stmt_step(st, &row, e)) && row) {
        numbers = mem_grow(numbers, n, &cap, sizeof *numbers);
        numbers[n++] = stmt_int(st, 0);
    }
    stmt_done(st);
    *ret = numbers;
    *ret_n = n;
    return ok;
}

/* `state`: what its revisions become, or as they are. */
static bool shred(struct store *s, uint64_t interview, enum erase_scope scope,
                  const enum revision_state *state, struct err *e)
{
    uint64_t *numbers = NULL;
    size_t n = 0;
    bool all = scope == ERASE_ALL;
    /* A copy of an older format still holds the keys. */
    bool ok = migrate_forget(s, e) && keys_shred(s, interview, all, true, e) &&
              attachments_drop(s, interview, all, e) && revisions_of(s, interview, &numbers, &n, e);
    for (size_t i = 0; ok && i < n; i++)
        ok = drop_part(s, numbers[i], 2, e) && drop_summary(s, numbers[i], e) &&
             (!all || drop_part(s, numbers[i], 1, e)) &&
             (!state || state_change(s, numbers[i], *state, e));
    mem_free(numbers);
    /* Of which only the personal part had not come: that part will never be. */
    return ok && (all || revisions_complete(s, interview, e));
}

/* An interview of which nothing has come yet gets keys that are shredded from the start: by these a copy
 * that comes later is kept out. */
static bool erase_interview(struct store *s, const struct id16 *uuid, enum erase_scope scope,
                            int64_t now_ms, struct err *e)
{
    static const enum revision_state erased = REVISION_ERASED;
    uint64_t interview;
    struct draft_row *d = draft_row_find(s, uuid);
    if (!details_destroy(s, uuid, e) ||
        (d && (!draft_end(s, d, STR("erased"), now_ms, e) || !store_attachments_sweep(s, uuid, e))))
        return false;
    return keys_find(s, uuid, &interview, e) && (interview || keys_new(s, uuid, &interview, e)) &&
           shred(s, interview, scope, scope == ERASE_ALL ? &erased : NULL, e);
}

/* ---- what others call ---- */

static bool tombstone_known(struct store *s, struct tombstone *t, bool *ret_known, struct err *e)
{
    struct buf b;
    struct hash32 id = tombstone_id(t, &s->identity.survey);
    buf_init(&b, TOMBSTONE_SIZE);
    bool ok = store_fact_get(s, FACT_TOMBSTONE, &id, &b, ret_known, e);
    if (ok && *ret_known && !tombstone_decode(buf_str(&b), t))
        ok = err_fail1(e, ERR_STORE_DAMAGED, "a tombstone does not read");
    buf_done(&b);
    return ok;
}

static bool erase(struct store *s, struct tombstone *t, int64_t now_ms, struct err *e)
{
    bool known, fresh;
    struct hash32 id = tombstone_id(t, &s->identity.survey);
    if (!tombstone_known(s, t, &known, e) || !states_load(s, e))
        return false;
    if (!known) {
        if (!ledger_add(s, LEDGER_ERASE, now_ms, &t->uuid, &id, STR(""), e))
            return false;
        t->row = s->now.head.ledger_hash;
        if (!tombstone_add(s, t, &fresh, e))
            return false;
    }
    return erase_interview(s, &t->uuid, t->scope, now_ms, e);
}

bool store_erase(struct store *s, const struct id16 *uuid, enum erase_scope scope, int64_t now_ms,
                 struct tombstone *ret, struct err *e)
{
    struct tombstone t = {.uuid = *uuid, .scope = scope, .signer = s->identity.device};
    assert(s->tx == TX_NONE);
    if (!tx_enter(s, e) || !tx_leave(s, erase(s, &t, now_ms, e), e) || !store_settle(s, e))
        return false;
    *ret = t;
    return true;
}

static bool put(struct store *s, const struct tombstone *t, bool with_effect, bool *ret_new,
                struct err *e)
{
    return states_load(s, e) && tombstone_add(s, t, ret_new, e) &&
           (!with_effect || erase_interview(s, &t->uuid, t->scope, wall_clock_ms(), e));
}

bool store_tombstone_put(struct store *s, const struct tombstone *t, bool with_effect,
                         bool *ret_new, struct err *e)
{
    bool fresh = false;
    if (!tx_enter(s, e) || !tx_leave(s, put(s, t, with_effect, &fresh, e), e))
        return false;
    *ret_new = fresh;
    return true;
}

struct each_tombstone {
    bool (*each)(void *ctx, const struct tombstone *t);
    void *ctx;
    bool unreadable;
};

static bool give_tombstone(void *ctx, const struct hash32 *id, struct str bytes)
{
    struct each_tombstone *w = ctx;
    struct tombstone t;
    (void)id;
    w->unreadable = !tombstone_decode(bytes, &t);
    return !w->unreadable && w->each(w->ctx, &t);
}

bool store_tombstone_each(struct store *s, bool (*each)(void *ctx, const struct tombstone *t),
                          void *ctx, struct err *e)
{
    struct each_tombstone w = {.each = each, .ctx = ctx};
    if (!store_fact_each(s, FACT_TOMBSTONE, give_tombstone, &w, e))
        return false;
    return !w.unreadable || err_fail1(e, ERR_STORE_DAMAGED, "a tombstone does not read");
}

struct search {
    const struct id16 *uuid;
    int scope;
};

static bool is_searched(void *ctx, const struct tombstone *t)
{
    struct search *search = ctx;
    if (id16_eq(&t->uuid, search->uuid) && (int)t->scope > search->scope)
        search->scope = (int)t->scope;
    return search->scope != ERASE_ALL;
}

bool tombstone_scope(struct store *s, const struct id16 *uuid, int *ret, struct err *e)
{
    struct search search = {.uuid = uuid};
    if (!store_tombstone_each(s, is_searched, &search, e))
        return false;
    *ret = search.scope;
    return true;
}

bool tombstoned(struct store *s, const struct id16 *uuid, bool *ret, struct err *e)
{
    int scope = 0;
    if (!tombstone_scope(s, uuid, &scope, e))
        return false;
    *ret = scope != 0;
    return true;
}

/* Every revision safe (or erased already), and no draft. */
static bool may_purge(struct store *s, const struct id16 *uuid, uint64_t interview, bool *ret,
                      struct err *e)
{
    uint64_t *numbers = NULL;
    size_t n = 0;
    bool ok = revisions_of(s, interview, &numbers, &n, e), may = n > 0 && !draft_row_find(s, uuid);
    for (size_t i = 0; ok && may && i < n; i++) {
        struct revision r;
        enum revision_state first = REVISION_PENDING;
        ok = revision_read(s, numbers[i], &r, &first, e);
        if (ok) {
            enum revision_state now = state_now(s, numbers[i], first);
            may = now == REVISION_SAFE || now == REVISION_ERASED;
        }
    }
    mem_free(numbers);
    *ret = may;
    return ok;
}

bool store_purge(struct store *s, const struct id16 *uuid, bool *ret_done, struct err *e)
{
    uint64_t interview;
    bool may = false;
    if (!states_load(s, e) || !keys_find(s, uuid, &interview, e) ||
        (interview && !may_purge(s, uuid, interview, &may, e)))
        return false;
    if (may && (!tx_enter(s, e) || !tx_leave(s, shred(s, interview, ERASE_ALL, NULL, e), e)))
        return false;
    *ret_done = may;
    return true;
}

/* ---- what the office holds safely, after the days of grace ---- */

/* Safe or erased, all of them before that moment, and at least one safe: an erased one is gone already. */
static bool is_due(struct store *s, uint64_t interview, const int64_t *since, int64_t before_ms,
                   bool *ret, struct err *e)
{
    uint64_t *numbers = NULL;
    size_t n = 0;
    bool ok = revisions_of(s, interview, &numbers, &n, e), due = ok;
    unsigned safe = 0;
    for (size_t i = 0; ok && due && i < n; i++) {
        struct revision r;
        enum revision_state first = REVISION_PENDING;
        ok = revision_read(s, numbers[i], &r, &first, e);
        if (ok) {
            enum revision_state now = state_now(s, numbers[i], first);
            safe += now == REVISION_SAFE;
            due = (now == REVISION_SAFE || now == REVISION_ERASED) && since[numbers[i]] < before_ms;
        }
    }
    mem_free(numbers);
    *ret = due && safe > 0;
    return ok;
}

static bool purge_one(struct store *s, uint64_t interview, const int64_t *since, int64_t before_ms,
                      uint64_t *ret, struct err *e)
{
    struct id16 uuid;
    bool due;
    if (!keys_load_of(s, interview, &uuid, e))
        return false;
    if ((!s->ik_there && !s->pk_there) || draft_row_find(s, &uuid))
        return true;
    if (!is_due(s, interview, since, before_ms, &due, e))
        return false;
    *ret += due;
    return !due || shred(s, interview, ERASE_ALL, NULL, e);
}

static bool purge_all(struct store *s, const int64_t *since, int64_t before_ms, uint64_t *ret,
                      struct err *e)
{
    for (uint64_t no = 1; no <= s->now.head.rows[COUNT_WRAP]; no++)
        if (!purge_one(s, no, since, before_ms, ret, e))
            return false;
    return true;
}

bool store_purge_due(struct store *s, int64_t before_ms, uint64_t *ret, struct err *e)
{
    uint64_t n = 0;
    *ret = 0;
    if (s->now.head.rows[COUNT_STATE] == 0)
        return true; /* no receipt has said anything yet */
    int64_t *since = mem_calloc((size_t)s->now.head.rows[COUNT_REVISION] + 1, sizeof *since);
    bool ok = states_load(s, e) && states_since(s, since, e) && tx_enter(s, e) &&
              tx_leave(s, purge_all(s, since, before_ms, &n, e), e) && (!n || store_settle(s, e));
    mem_free(since);
    if (ok)
        *ret = n;
    return ok;
}

bool store_settle(struct store *s, struct err *e)
{
    assert(s->tx == TX_NONE);
    if (s->read_only)
        return err_fail(e, ERR_STORE_READ_ONLY);
    return db_truncate_log(s->db, e);
}
