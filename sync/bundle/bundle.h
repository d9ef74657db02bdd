/* What a store sends: every revision without a receipt, its ledger rows since the head the receiver
 * has acknowledged, the signed head, its keys with the enrolment claim, facts it holds. So a lost
 * stick loses nothing: the next bundle holds it again. A laptop and a supervisor's store write the
 * same kind. */
#ifndef SYNC_BUNDLE_BUNDLE_H
#define SYNC_BUNDLE_BUNDLE_H

#include "sync/bundle/envelope.h"
#include "sync/store/store.h"

#define BUNDLE_HOLLOW_NAMED 8

struct bundle_written {
    char name[64]; /* S8-D8-SEQ.bundle (decisions.md 14) */
    uint64_t seq, records, rows, bytes;
    struct hash32 id;
    /* Records of a damaged laptop's store that lack a part which nothing has erased: they stay, since the office
     * would wait for that part for ever. The first of them by name. */
    uint64_t hollow;
    struct id16 hollow_of[BUNDLE_HOLLOW_NAMED];
};

/* To `path`; when that is a folder, under its own name in it. The ledger's `sent` row is committed
 * before the file gets its name. ERR_NO_RECIPIENT when the config names nobody to seal to. */
MUST_USE bool bundle_write(struct store *s, const char *path, int64_t now_ms,
                           struct bundle_written *ret, struct err *e);
/* Everything that is not safe, and the whole ledger, whatever was acknowledged: when the one who held it has
 * lost it. */
MUST_USE bool bundle_write_all(struct store *s, const char *path, int64_t now_ms,
                               struct bundle_written *ret, struct err *e);
/* At most so many bytes would be written. */
MUST_USE bool bundle_bound(struct store *s, bool all, uint64_t *ret, struct err *e);
/* Revisions that would go: what "pending" on a screen means. */
MUST_USE bool bundle_pending(struct store *s, uint64_t *ret, struct err *e);

#endif
