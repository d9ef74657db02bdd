/* Up to which rows of its ledger a laptop is trusted: the last good rows that a revocation names, found among
 * those that are held. Where the ledger has gaps or goes several ways there are several; together they cover
 * every good row that is held, so that a revocation sets nothing of them aside. */
#ifndef SYNC_MERGE_CUTOFF_H
#define SYNC_MERGE_CUTOFF_H

#include "sync/bundle/fact.h"
#include "sync/store/store.h"

struct cutoff {
    int64_t until_ms;         /* the first row later than this, and what follows it, is not good */
    const struct hash32 *row; /* good are the rows before it and itself; NULL: of all ways */
    bool onward;              /* and those that follow it */
};
#define CUTOFF_BYTES ((size_t)1000 << 10)

/* Appends struct last_good each. */
MUST_USE bool cutoff_ends(struct store *s, const struct hash32 *device, const struct cutoff *at,
                          struct buf *ends, struct err *e);
/* The finished interviews of the way that begins with the row: how many, and the last. */
struct cutoff_way {
    uint64_t finals;
    int64_t last_ms;
    struct id16 last; /* its uuid; zero: none */
};
MUST_USE bool cutoff_way(struct store *s, const struct hash32 *device, const struct hash32 *row,
                         struct cutoff_way *ret, struct err *e);
MUST_USE bool cutoff_is_good(struct store *s, const struct hash32 *device, const struct cutoff *at,
                             const struct hash32 *row, bool *ret, struct err *e);

#endif
