/* What the ledgers of laptops tell that the records alone do not; see derive.h. One walk over a device's
 * rows in order: forks and gaps show between neighbours; what began and what ended is paired by subject
 * after it. */
#include <stdlib.h>

#include "sync/merge/derive_i.h"

struct walk {
    struct derive *d;
    void (*each)(void *ctx, const struct matter_row *m);
    void *ctx;
    struct matter_row last;
    bool has_last, in_fork;
    uint64_t fork;           /* the number of the row where the ways part */
    struct matter_row *ways; /* the rows of one number where they part */
    size_t n_ways, cap_ways;
    struct matter_row *ends; /* open, final, void, erase */
    size_t n, cap;
    struct matter_row *orphans; /* whose predecessor is not the row before */
    size_t n_orphans, cap_orphans;
};

static bool is_pair(enum ledger_kind kind)
{
    return kind == LEDGER_OPEN || kind == LEDGER_FINAL || kind == LEDGER_VOID ||
           kind == LEDGER_ERASE;
}

static void tell(struct walk *w, enum matter matter, const struct matter_row *m)
{
    struct matter_row told = *m;
    told.matter = matter;
    w->each(w->ctx, &told);
}

static void add_way(struct walk *w, const struct matter_row *m)
{
    w->ways = mem_grow(w->ways, w->n_ways, &w->cap_ways, sizeof *w->ways);
    w->ways[w->n_ways++] = *m;
}

static bool walk_row(void *ctx, const struct hash32 *row_hash, const uint8_t bytes[LEDGER_ROW_SIZE])
{
    struct walk *w = ctx;
    struct matter_row m = {.device = w->last.device, .row_hash = *row_hash};
    struct err ignored = {0};
    if (!ledger_row_decode(bytes, &m.row, &ignored))
        return true;
    bool twin = w->has_last && m.row.seq == w->last.row.seq &&
                id16_eq(&m.row.incarnation, &w->last.row.incarnation);
    if (w->in_fork && !id16_eq(&m.row.incarnation, &w->last.row.incarnation))
        w->in_fork = false;
    if (twin && (!w->in_fork || m.row.seq == w->fork)) {
        /* further down both go on, and every number is there twice */
        if (!w->in_fork)
            add_way(w, &w->last);
        add_way(w, &m);
        w->in_fork = true;
        w->fork = m.row.seq;
    }
    if (!hash32_zero(&m.row.prev) && !(w->has_last && hash32_eq(&m.row.prev, &w->last.row_hash))) {
        w->orphans = mem_grow(w->orphans, w->n_orphans, &w->cap_orphans, sizeof *w->orphans);
        w->orphans[w->n_orphans++] = m;
    }
    if (is_pair(m.row.kind)) {
        w->ends = mem_grow(w->ends, w->n, &w->cap, sizeof *w->ends);
        w->ends[w->n++] = m;
    }
    w->last = m;
    w->has_last = true;
    return true;
}

static bool same_fork(const struct matter_row *a, const struct matter_row *b)
{
    return a->row.seq == b->row.seq && id16_eq(&a->row.incarnation, &b->row.incarnation);
}

/* One fork: told as long as several ways of it count; and when none is left that does. */
static bool tell_fork(struct walk *w, const struct matter_row *v, size_t n, struct err *e)
{
    size_t good = 0;
    bool *is = mem_calloc(n, sizeof *is), ok = true;
    for (size_t i = 0; ok && i < n; i++) {
        ok = derive_row_good(w->d, &v[i].device, &v[i].row_hash, v[i].row.seq, &is[i], e);
        good += is[i];
    }
    for (size_t i = 0; ok && i < n && good != 1; i++)
        if (is[i] || good == 0)
            tell(w, good ? MATTER_FORK : MATTER_DISAGREE, &v[i]);
    mem_free(is);
    return ok;
}

static bool tell_forks(struct walk *w, struct err *e)
{
    for (size_t i = 0, n; i < w->n_ways; i += n) {
        for (n = 1; i + n < w->n_ways && same_fork(&w->ways[i], &w->ways[i + n]); n++)
            continue;
        if (!tell_fork(w, &w->ways[i], n, e))
            return false;
    }
    return true;
}

static bool tell_gaps(struct walk *w, struct err *e)
{
    for (size_t i = 0; i < w->n_orphans; i++) {
        uint8_t bytes[LEDGER_ROW_SIZE];
        bool there;
        const struct matter_row *m = &w->orphans[i];
        if (!store_row_get(w->d->s, &m->device, &m->row.prev, bytes, &there, e))
            return false;
        if (!there)
            tell(w, MATTER_GAP, m);
    }
    return true;
}

static int by_subject(const void *a, const void *b)
{
    const struct matter_row *x = a, *y = b;
    int c = memcmp(x->row.subject.b, y->row.subject.b, sizeof x->row.subject.b);
    if (c)
        return c;
    return x->row.seq < y->row.seq ? -1 : x->row.seq > y->row.seq;
}

/* The record that a `final` row names is here, or was and is erased (then its name still is). */
static bool tell_unseen(struct walk *w, const struct matter_row *m, struct err *e)
{
    struct revision r;
    struct erased erased;
    bool there;
    if (!store_revision_get(w->d->s, &m->row.object, &r, &there, e) ||
        !derive_erased(w->d, &m->row.subject, &erased, e))
        return false;
    if (!there && erased.hidden != ERASE_ALL)
        tell(w, MATTER_UNSEEN, m);
    return true;
}

static bool tell_pairs(struct walk *w, struct err *e)
{
    if (w->n)
        qsort(w->ends, w->n, sizeof *w->ends, by_subject);
    for (size_t i = 0; i < w->n; i++) {
        const struct matter_row *m = &w->ends[i];
        bool newest = i + 1 == w->n || !id16_eq(&w->ends[i + 1].row.subject, &m->row.subject);
        if (newest && m->row.kind == LEDGER_OPEN)
            tell(w, MATTER_BEGUN, m);
        if (m->row.kind == LEDGER_FINAL && !tell_unseen(w, m, e))
            return false;
    }
    return true;
}

bool derive_matters(struct derive *d, void (*each)(void *ctx, const struct matter_row *m),
                    void *ctx, struct err *e)
{
    bool ok = true;
    for (size_t i = 0; ok && i < d->n_devices; i++) {
        const struct device *dev = &d->devices[i];
        struct walk w = {.d = d, .each = each, .ctx = ctx, .last.device = dev->device};
        if (authority_may(&d->authority, &dev->ed_pk) & ~(uint32_t)MAY_INTERVIEW)
            continue;
        ok = store_ledger_each(d->s, &dev->device, walk_row, &w, e) && tell_forks(&w, e) &&
             tell_gaps(&w, e) && tell_pairs(&w, e);
        mem_free(w.ways);
        mem_free(w.ends);
        mem_free(w.orphans);
    }
    return ok;
}
