/* What follows from the facts for one interview and each of its revisions; see derive.h. */
#include "sync/merge/derive_i.h"

/* ---- one interview ---- */

struct named { /* a ledger row about it */
    struct hash32 device, row_hash;
    struct ledger_row row;
};

struct view {
    struct revision *revs;
    bool *incomplete; /* of each */
    size_t n_revs, cap_revs, cap_incomplete;
    struct named *rows;
    size_t n_rows, cap_rows;
    struct hash32 origin; /* the device the uuid was derived from; zero: not known yet */
};

static bool add_rev(void *ctx, const struct revision *r, enum revision_state state)
{
    struct view *v = ctx;
    v->incomplete = mem_grow(v->incomplete, v->n_revs, &v->cap_incomplete, sizeof *v->incomplete);
    v->incomplete[v->n_revs] = state == REVISION_INCOMPLETE;
    v->revs = mem_grow(v->revs, v->n_revs, &v->cap_revs, sizeof *v->revs);
    v->revs[v->n_revs++] = *r;
    return true;
}

static bool add_row(void *ctx, const struct hash32 *device, const struct hash32 *row_hash,
                    const uint8_t row[LEDGER_ROW_SIZE])
{
    struct view *v = ctx;
    struct err ignored = {0};
    struct named n = {*device, *row_hash, {0}};
    if (!ledger_row_decode(row, &n.row, &ignored))
        return true;
    v->rows = mem_grow(v->rows, v->n_rows, &v->cap_rows, sizeof *v->rows);
    v->rows[v->n_rows++] = n;
    return true;
}

static bool view_load(struct view *v, struct store *s, const struct id16 *uuid, struct err *e)
{
    *v = (struct view){.n_revs = 0};
    if (!store_revision_of(s, uuid, add_rev, v, e) || !store_ledger_of(s, uuid, add_row, v, e))
        return false;
    for (size_t i = 0; i < v->n_rows; i++) {
        const struct named *n = &v->rows[i];
        if (n->row.kind != LEDGER_OPEN)
            continue;
        struct id16 made = uuid_derive(&n->device, n->row.object.b);
        if (id16_eq(&made, uuid))
            v->origin = n->device;
    }
    return true;
}

static void view_done(struct view *v)
{
    mem_free(v->revs);
    mem_free(v->incomplete);
    mem_free(v->rows);
}

static const struct named *row_of(const struct view *v, const struct revision *r)
{
    for (size_t i = 0; i < v->n_rows; i++) {
        const struct named *n = &v->rows[i];
        if ((n->row.kind == LEDGER_FINAL || n->row.kind == LEDGER_RESOLVE) &&
            hash32_eq(&n->device, &r->device) && hash32_eq(&n->row.object, &r->rev_id))
            return n;
    }
    return NULL;
}

static bool has_rev(const struct view *v, const struct hash32 *rev_id)
{
    for (size_t i = 0; i < v->n_revs; i++)
        if (hash32_eq(&v->revs[i].rev_id, rev_id))
            return true;
    return false;
}

static bool returned_to(const struct derive *d, const struct hash32 *rev_id,
                        const struct hash32 *device)
{
    const struct by_id *x = &d->reviews_of;
    for (size_t i = by_id_first(x, rev_id->b); i != BY_ID_NONE; i = by_id_next(x, i)) {
        const struct reviewed *t = &d->reviews[i];
        if (t->verdict == VERDICT_RETURN && hash32_eq(&t->rev_id, rev_id) &&
            hash32_eq(&t->device, device) && authority_may(&d->authority, &t->signer) & MAY_REVIEW)
            return true;
    }
    return false;
}

/* The origin, its certified successor, one it was returned to, or a reviewer. */
static bool has_business(const struct derive *d, const struct view *v, const struct revision *r)
{
    const struct device *dev = derive_device(d, &r->device);
    if (hash32_eq(&v->origin, &r->device))
        return true;
    if (!dev)
        return false;
    if (authority_may(&d->authority, &dev->ed_pk) & MAY_REVIEW ||
        authority_succeeds(&d->authority, &dev->ed_pk, &v->origin))
        return true;
    for (size_t i = 0; i < v->n_revs; i++)
        if (returned_to(d, &v->revs[i].rev_id, &r->device))
            return true;
    return false;
}

/* Whether the row lies on the chain that ends at this good one. */
static bool at_or_before(struct derive *d, const struct hash32 *device, const struct last_good *x,
                         const struct hash32 *row_hash, uint64_t want, bool *ret, struct err *e)
{
    struct hash32 at = x->row_hash;
    uint8_t bytes[LEDGER_ROW_SIZE];
    struct ledger_row row;
    bool there;
    *ret = false;
    if (x->seq < want)
        return true;
    for (uint64_t seq = x->seq; seq > want; seq--) {
        if (!store_row_get(d->s, device, &at, bytes, &there, e))
            return false;
        if (!there)
            return true;
        if (!ledger_row_decode(bytes, &row, e))
            return false;
        at = row.prev;
    }
    *ret = hash32_eq(&at, row_hash);
    return true;
}

bool derive_good_by(struct derive *d, const struct revoked *x, const struct hash32 *row_hash,
                    uint64_t seq, bool *ret, struct err *e)
{
    struct take t = take_from(x->r.ends);
    struct last_good end;
    *ret = false;
    while (!*ret && last_good_take(&t, &end))
        if (end.seq && !at_or_before(d, &x->r.device, &end, row_hash, seq, ret, e))
            return false;
    return true;
}

bool derive_row_good(struct derive *d, const struct hash32 *device, const struct hash32 *row_hash,
                     uint64_t seq, bool *ret, struct err *e)
{
    *ret = true;
    for (size_t i = 0; i < d->n_revoked && *ret; i++) {
        const struct revoked *x = &d->revoked[i];
        if (derive_revoked_by(d, x, device) && !derive_good_by(d, x, row_hash, seq, ret, e))
            return false;
    }
    return true;
}

/* Its signer's ledger says so too: an `erase` row of that interview that names it. */
static bool has_row(struct derive *d, const struct tombstone *t, bool *ret, struct err *e)
{
    uint8_t bytes[LEDGER_ROW_SIZE];
    struct ledger_row row;
    struct err ignored = {0};
    bool there;
    if (!store_row_get(d->s, &t->signer, &t->row, bytes, &there, e))
        return false;
    struct hash32 id = tombstone_id(t, &store_identity(d->s)->survey);
    *ret = there && ledger_row_decode(bytes, &row, &ignored) && row.kind == LEDGER_ERASE &&
           id16_eq(&row.subject, &t->uuid) && hash32_eq(&row.object, &id);
    return true;
}

struct origin_wanted {
    const struct id16 *uuid;
    struct hash32 origin;
};

static bool find_origin(void *ctx, const struct hash32 *device, const struct hash32 *row_hash,
                        const uint8_t bytes[LEDGER_ROW_SIZE])
{
    struct origin_wanted *w = ctx;
    struct ledger_row row;
    struct err ignored = {0};
    (void)row_hash;
    if (!ledger_row_decode(bytes, &row, &ignored) || row.kind != LEDGER_OPEN)
        return true;
    struct id16 made = uuid_derive(device, row.object.b);
    if (id16_eq(&made, w->uuid))
        w->origin = *device;
    return hash32_zero(&w->origin);
}

static bool in_force(struct derive *d, const struct tombstone *t, bool *ret, bool *ret_eraser,
                     struct err *e)
{
    struct origin_wanted w = {.uuid = &t->uuid};
    const struct device *signer = derive_device(d, &t->signer);
    *ret_eraser = signer && authority_may(&d->authority, &signer->ed_pk) & MAY_ERASE;
    if (!has_row(d, t, ret, e))
        return false;
    if (!*ret || *ret_eraser)
        return true;
    if (!store_ledger_of(d->s, &t->uuid, find_origin, &w, e))
        return false;
    *ret = hash32_eq(&w.origin, &t->signer);
    return true;
}

bool derive_erased(struct derive *d, const struct id16 *uuid, struct erased *ret, struct err *e)
{
    *ret = (struct erased){.hidden = 0};
    const struct by_id *x = &d->tombs_of;
    for (size_t i = by_id_first(x, uuid->b); i != BY_ID_NONE; i = by_id_next(x, i)) {
        const struct tombstone *t = &d->tombs[i];
        bool good, eraser;
        if (!id16_eq(&t->uuid, uuid))
            continue;
        if (!in_force(d, t, &good, &eraser, e))
            return false;
        if (!good)
            continue;
        if ((int)t->scope > ret->hidden)
            ret->hidden = (int)t->scope;
        if (eraser && (int)t->scope > ret->confirmed)
            ret->confirmed = (int)t->scope;
    }
    return true;
}

/* ---- reviews ---- */

int derive_verdict(const struct derive *d, const struct hash32 *rev_id)
{
    int verdict = 0;
    const struct by_id *x = &d->reviews_of;
    for (size_t i = by_id_first(x, rev_id->b); i != BY_ID_NONE; i = by_id_next(x, i)) {
        const struct reviewed *t = &d->reviews[i];
        if ((int)t->verdict > verdict && hash32_eq(&t->rev_id, rev_id) &&
            authority_may(&d->authority, &t->signer) & MAY_REVIEW)
            verdict = (int)t->verdict;
    }
    return verdict;
}

/* What the fact says, its comment in *into. *ret_there false: it does not read. */
static bool read_review(struct derive *d, const struct reviewed *t, struct buf *into,
                        struct review *ret, bool *ret_there, struct err *e)
{
    struct fact f;
    struct err ignored = {0};
    buf_clear(into);
    if (!store_fact_get(d->s, FACT_REVIEW, &t->id, into, ret_there, e))
        return false;
    *ret_there = *ret_there && fact_read(buf_str(into), &f, &ignored) &&
                 review_decode(f.body, ret, &ignored);
    return true;
}

bool derive_reviews(struct derive *d, const struct hash32 *rev_id,
                    void (*each)(void *ctx, const struct review *r, const struct pk32 *signer),
                    void *ctx, struct err *e)
{
    struct buf b;
    bool ok = true;
    buf_init(&b, STORE_FACT_MAX);
    for (size_t i = 0; ok && i < d->n_reviews; i++) {
        const struct reviewed *t = &d->reviews[i];
        struct review r;
        bool there;
        if (!hash32_eq(&t->rev_id, rev_id) ||
            !(authority_may(&d->authority, &t->signer) & MAY_REVIEW))
            continue;
        ok = read_review(d, t, &b, &r, &there, e);
        if (ok && there)
            each(ctx, &r, &t->signer);
    }
    buf_done(&b);
    return ok;
}

struct succession {
    const struct hash32 *rev_id;
    bool there;
};

static bool is_parent(const struct revision *of, const struct hash32 *rev_id)
{
    for (uint8_t i = 0; i < of->n_parents; i++)
        if (hash32_eq(&of->parents[i], rev_id))
            return true;
    return false;
}

static bool find_successor(void *ctx, const struct revision *r, enum revision_state state)
{
    struct succession *x = ctx;
    (void)state;
    x->there = is_parent(r, x->rev_id);
    return !x->there;
}

/* The record that it returned; *ret_there false: it has not come, or has been corrected. */
static bool uncorrected(struct derive *d, const struct hash32 *rev_id, struct revision *ret,
                        bool *ret_there, struct err *e)
{
    struct succession x = {rev_id, false};
    if (!store_revision_get(d->s, rev_id, ret, ret_there, e) ||
        (*ret_there && !store_revision_of(d->s, &ret->uuid, find_successor, &x, e)))
        return false;
    *ret_there = *ret_there && !x.there;
    return true;
}

bool derive_returned(struct derive *d, const struct hash32 *device,
                     bool (*each)(void *ctx, const struct revision *r, const struct review *review,
                                  struct err *e),
                     void *ctx, struct err *e)
{
    struct buf b;
    bool ok = true;
    buf_init(&b, STORE_FACT_MAX);
    for (size_t i = 0; ok && i < d->n_reviews; i++) {
        const struct reviewed *t = &d->reviews[i];
        struct revision r;
        struct review review;
        bool there;
        if (t->verdict != VERDICT_RETURN || !hash32_eq(&t->device, device) ||
            !(authority_may(&d->authority, &t->signer) & MAY_REVIEW))
            continue;
        ok = uncorrected(d, &t->rev_id, &r, &there, e) &&
             (!there || read_review(d, t, &b, &review, &there, e)) &&
             (!there || each(ctx, &r, &review, e));
    }
    buf_done(&b);
    return ok;
}

static bool is_incomplete(const struct view *v, const struct revision *r)
{
    for (size_t i = 0; i < v->n_revs; i++)
        if (hash32_eq(&v->revs[i].rev_id, &r->rev_id))
            return v->incomplete[i];
    return false;
}

/* Everything but the question whether others succeed it: STANDING_OLD stands for "in order". */
static bool standing_alone(struct derive *d, const struct view *v, const struct revision *r,
                           enum standing *ret, struct err *e)
{
    struct erased erased;
    bool good = true;
    const struct named *row = row_of(v, r);
    if (!derive_erased(d, &r->uuid, &erased, e))
        return false;
    if (erased.hidden == ERASE_ALL) {
        *ret = STANDING_ERASED;
        return true;
    }
    if (row && !derive_row_good(d, &row->device, &row->row_hash, row->row.seq, &good, e))
        return false;
    bool all = !is_incomplete(v, r); /* that it needs */
    for (uint8_t i = 0; i < r->n_parents; i++)
        all = all && has_rev(v, &r->parents[i]);
    if (!good)
        *ret = STANDING_QUARANTINED;
    else if (!hash32_zero(&v->origin) && !has_business(d, v, r))
        *ret = STANDING_FOREIGN;
    else if (!row || !all || hash32_zero(&v->origin))
        *ret = STANDING_DETACHED;
    else
        *ret = STANDING_OLD;
    return true;
}

/* Among those in order: *ret_heads counts the ones without a successor, *ret_head whether r is one. */
static bool count_heads(struct derive *d, const struct view *v, const struct revision *r,
                        size_t *ret_heads, bool *ret_head, struct err *e)
{
    *ret_heads = *ret_head = v->n_revs == 1; /* by far the most */
    for (size_t i = 0; v->n_revs > 1 && i < v->n_revs; i++) {
        enum standing alone;
        bool succeeded = false;
        if (!standing_alone(d, v, &v->revs[i], &alone, e))
            return false;
        if (alone != STANDING_OLD)
            continue;
        for (size_t k = 0; k < v->n_revs && !succeeded; k++) {
            if (!is_parent(&v->revs[k], &v->revs[i].rev_id))
                continue;
            if (!standing_alone(d, v, &v->revs[k], &alone, e))
                return false;
            succeeded = alone == STANDING_OLD;
        }
        *ret_heads += !succeeded;
        if (!succeeded && hash32_eq(&v->revs[i].rev_id, &r->rev_id))
            *ret_head = true;
    }
    return true;
}

bool derive_standing(struct derive *d, const struct revision *r, enum standing *ret, struct err *e)
{
    struct view v;
    enum standing st = STANDING_OLD;
    size_t heads = 0;
    bool head = false;
    bool ok = view_load(&v, d->s, &r->uuid, e) && standing_alone(d, &v, r, &st, e);
    if (ok && st == STANDING_OLD)
        ok = count_heads(d, &v, r, &heads, &head, e);
    view_done(&v);
    if (!ok)
        return false;
    *ret = !head ? st : heads > 1 ? STANDING_CONFLICT : STANDING_CURRENT;
    return true;
}

struct each {
    struct derive *d;
    bool (*each)(void *ctx, const struct revision *r, enum revision_state state,
                 enum standing standing, struct str summary);
    void *ctx;
    struct err *e;
    bool failed;
};

static bool each_one(void *ctx, const struct revision *r, enum revision_state state,
                     struct str summary)
{
    struct each *x = ctx;
    enum standing st;
    x->failed = !derive_standing(x->d, r, &st, x->e);
    return !x->failed && x->each(x->ctx, r, state, st, summary);
}

bool derive_each(struct derive *d,
                 bool (*each)(void *ctx, const struct revision *r, enum revision_state state,
                              enum standing standing, struct str summary),
                 void *ctx, struct err *e)
{
    struct each x = {d, each, ctx, e, false};
    return store_revision_each(d->s, each_one, &x, e) && !x.failed;
}

/* ---- what does not count ---- */

/* device ‖ u8 reason, under the rev_id */
bool derive_set_aside(struct store *s, const struct revision *r, enum quarantine_reason why,
                      struct err *e)
{
    struct buf b;
    bool fresh;
    buf_init(&b, 64);
    buf_add(&b, r->device.b, sizeof r->device.b);
    buf_add_u8(&b, (uint8_t)why);
    bool ok = store_fact_put(s, FACT_QUARANTINE, &r->rev_id, buf_str(&b), &fresh, e);
    buf_done(&b);
    return ok;
}

struct marking {
    struct derive *d;
    struct err *e;
    bool failed;
};

static bool mark_one(void *ctx, const struct revision *r, enum revision_state state,
                     struct str summary)
{
    struct marking *x = ctx;
    enum standing st;
    bool suspect = false;
    (void)state;
    (void)summary;
    for (size_t i = 0; i < x->d->n_revoked && !suspect; i++)
        suspect = hash32_eq(&x->d->revoked[i].r.device, &r->device);
    if (!suspect)
        return true;
    x->failed =
        !derive_standing(x->d, r, &st, x->e) ||
        (st == STANDING_QUARANTINED && !derive_set_aside(x->d->s, r, QUARANTINE_REVOKED, x->e));
    return !x->failed;
}

bool derive_mark_revoked(struct derive *d, struct err *e)
{
    struct marking x = {d, e, false};
    return store_revision_each(d->s, mark_one, &x, e) && !x.failed;
}

/* ---- for receipts ---- */

static bool judge_head(void *ctx, const struct ledger_head *h, bool *ret, struct err *e)
{
    return derive_row_good(ctx, &h->device, &h->row_hash, h->seq, ret, e);
}

static bool judge_record(void *ctx, const struct hash32 *rev_id, bool *ret, struct err *e)
{
    struct derive *d = ctx;
    struct revision r;
    enum standing st = STANDING_QUARANTINED;
    bool there;
    if (!store_revision_get(d->s, rev_id, &r, &there, e) ||
        (there && !derive_standing(d, &r, &st, e)))
        return false;
    *ret = st != STANDING_QUARANTINED;
    return true;
}

struct receipt_judge derive_judge(struct derive *d)
{
    return (struct receipt_judge){judge_head, judge_record, d};
}
