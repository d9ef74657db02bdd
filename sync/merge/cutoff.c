/* The last good rows of a laptop's ledger; see cutoff.h. */
#include "sync/merge/cutoff.h"

#include <stdlib.h>

struct held {
    struct hash32 hash, prev;
    struct id16 incarnation;
    uint64_t seq;
    int64_t wall_ms;
    enum ledger_kind kind;
    struct id16 subject;
    bool good, followed; /* followed: by a good one */
};

struct place {
    struct hash32 hash;
    size_t at;
};

struct rows {
    struct held *v; /* ascending by number */
    struct place *by_hash;
    size_t n, cap;
};

static bool add(void *ctx, const struct hash32 *row_hash, const uint8_t bytes[LEDGER_ROW_SIZE])
{
    struct rows *x = ctx;
    struct ledger_row row;
    struct err ignored = {0};
    if (!ledger_row_decode(bytes, &row, &ignored))
        return true;
    x->v = mem_grow(x->v, x->n, &x->cap, sizeof *x->v);
    x->v[x->n++] = (struct held){.hash = *row_hash,
                                 .prev = row.prev,
                                 .incarnation = row.incarnation,
                                 .seq = row.seq,
                                 .wall_ms = row.wall_ms,
                                 .kind = row.kind,
                                 .subject = row.subject};
    return true;
}

static int by_number(const void *a, const void *b)
{
    const struct held *x = a, *y = b;
    if (x->seq != y->seq)
        return x->seq < y->seq ? -1 : 1;
    return memcmp(x->hash.b, y->hash.b, sizeof x->hash.b);
}

static int by_hash(const void *a, const void *b)
{
    return memcmp(a, b,
                  sizeof(struct hash32)); /* of struct place or hash32, where it comes first */
}

static struct held *find(const struct rows *x, const struct hash32 *hash)
{
    const struct place *p = x->n ? bsearch(hash, x->by_hash, x->n, sizeof *p, by_hash) : NULL;
    return p ? &x->v[p->at] : NULL;
}

/* NULL: the first, or one that has not come. A true predecessor has a lower number: this is no way round. */
static struct held *before(const struct rows *x, const struct held *h)
{
    struct held *b = find(x, &h->prev);
    return b && b->seq < h->seq ? b : NULL;
}

/* The way down from the row is good; where it breaks off, whatever lies below the gap. */
static void mark_down(struct rows *x, struct held *row)
{
    struct held *last = row;
    for (struct held *h = row; h; h = before(x, h)) {
        h->good = true;
        last = h;
    }
    for (size_t i = 0; i < x->n && !hash32_zero(&last->prev); i++)
        x->v[i].good = x->v[i].good || x->v[i].seq < last->seq;
}

static void mark_good(struct rows *x, const struct cutoff *at)
{
    struct held *row = at->row ? find(x, at->row) : NULL;
    if (row)
        mark_down(x, row);
    for (size_t i = 0; i < x->n; i++) { /* each after its predecessor */
        struct held *h = &x->v[i], *b = before(x, h);
        if (!at->row)
            h->good = true;
        else if (at->onward && row && h->seq > row->seq)
            h->good = b && b->good;
        h->good = h->good && h->wall_ms <= at->until_ms && (!b || b->good);
    }
    for (size_t i = 0; i < x->n; i++) {
        struct held *b = before(x, &x->v[i]);
        if (b && x->v[i].good)
            b->followed = true;
    }
}

static bool load(struct rows *x, struct store *s, const struct hash32 *device,
                 const struct cutoff *at, struct err *e)
{
    if (!store_ledger_each(s, device, add, x, e))
        return false;
    if (x->n == 0)
        return true;
    qsort(x->v, x->n, sizeof *x->v, by_number);
    x->by_hash = mem_alloc(x->n * sizeof *x->by_hash);
    for (size_t i = 0; i < x->n; i++)
        x->by_hash[i] = (struct place){x->v[i].hash, i};
    qsort(x->by_hash, x->n, sizeof *x->by_hash, by_hash);
    mark_good(x, at);
    return true;
}

static void done(struct rows *x)
{
    mem_free(x->v);
    mem_free(x->by_hash);
}

bool cutoff_ends(struct store *s, const struct hash32 *device, const struct cutoff *at,
                 struct buf *ends, struct err *e)
{
    struct rows x = {.n = 0};
    bool ok = load(&x, s, device, at, e);
    for (size_t i = 0; ok && i < x.n; i++) {
        const struct held *h = &x.v[i];
        struct last_good end = {h->incarnation, h->seq, h->hash};
        if (h->good && !h->followed)
            last_good_encode(&end, ends);
    }
    done(&x);
    return ok;
}

bool cutoff_way(struct store *s, const struct hash32 *device, const struct hash32 *row,
                struct cutoff_way *ret, struct err *e)
{
    struct cutoff at = {.row = row, .onward = true, .until_ms = INT64_MAX};
    struct rows x = {.n = 0};
    bool ok = load(&x, s, device, &at, e);
    const struct held *begin = ok ? find(&x, row) : NULL;
    *ret = (struct cutoff_way){.finals = 0};
    for (size_t i = 0; begin && i < x.n; i++) {
        const struct held *h = &x.v[i];
        if (!h->good || h->seq < begin->seq || h->kind != LEDGER_FINAL)
            continue;
        ret->finals++;
        ret->last_ms = h->wall_ms;
        ret->last = h->subject;
    }
    done(&x);
    return ok;
}

bool cutoff_is_good(struct store *s, const struct hash32 *device, const struct cutoff *at,
                    const struct hash32 *row, bool *ret, struct err *e)
{
    struct rows x = {.n = 0};
    bool ok = load(&x, s, device, at, e);
    const struct held *h = ok ? find(&x, row) : NULL;
    *ret = h && h->good;
    done(&x);
    return ok;
}
