/* Tombstones of laptops: when they came, and those whose 72 hours are over; see decide.h. */
#include "sync/merge/decide.h"

#include "sync/merge/derive.h"

struct due {
    struct store *s;
    struct derive *d;
    int64_t now_ms;
    uint64_t n;
    struct tombstone *v;
    size_t n_v, cap_v;
    struct err *e;
    bool failed;
};

bool decide_seen(struct store *s, const struct tombstone *t, int64_t *ret_ms, bool *ret_there,
                 struct err *e)
{
    struct buf b;
    bool there;
    struct hash32 id = tombstone_id(t, &store_identity(s)->survey);
    buf_init(&b, 8);
    bool ok = store_fact_get(s, FACT_SEEN, &id, &b, &there, e);
    *ret_there = ok && there && b.n == 8;
    if (*ret_there)
        *ret_ms = (int64_t)le64((const uint8_t *)b.p);
    buf_done(&b);
    return ok;
}

static bool seen_long_ago(struct due *x, const struct tombstone *t, bool *ret)
{
    int64_t seen_ms = 0;
    bool there;
    if (!decide_seen(x->s, t, &seen_ms, &there, x->e))
        return false;
    *ret = there && x->now_ms - seen_ms >= DECIDE_SHRED_AFTER_MS;
    return true;
}

static bool note_due(void *ctx, const struct tombstone *t)
{
    struct due *x = ctx;
    struct erased erased;
    bool old = false;
    if (derive_held(x->d, &t->uuid, 0, NULL))
        return true;
    x->failed = !derive_erased(x->d, &t->uuid, &erased, x->e) || !seen_long_ago(x, t, &old);
    if (!x->failed && old && erased.hidden >= (int)t->scope && erased.confirmed < (int)t->scope) {
        x->v = mem_grow(x->v, x->n_v, &x->cap_v, sizeof *x->v);
        x->v[x->n_v++] = *t;
    }
    return !x->failed;
}

bool decide_shred_due(struct store *s, int64_t now_ms, uint64_t *ret, struct err *e)
{
    struct due x = {.s = s, .now_ms = now_ms, .e = e};
    if (!derive_open(&x.d, s, e))
        return false;
    bool ok = store_tombstone_each(s, note_due, &x, e) && !x.failed;
    for (size_t i = 0; ok && i < x.n_v; i++) {
        struct tombstone own; /* the office's own word, so that it is done everywhere and once */
        ok = store_erase(s, &x.v[i].uuid, x.v[i].scope, now_ms, &own, e);
        x.n += ok;
    }
    derive_free(x.d);
    mem_free(x.v);
    if (ok)
        *ret = x.n;
    return ok;
}
