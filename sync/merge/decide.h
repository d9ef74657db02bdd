/* What an office decides: reviews, resolutions, revocations, enrolments, certificates. Each is a signed
 * fact of its own beside the others (nothing is overwritten), noted in the office's ledger, and travels
 * with its bundles and receipts. */
#ifndef SYNC_MERGE_DECIDE_H
#define SYNC_MERGE_DECIDE_H

#include "sync/bundle/fact.h"
#include "sync/merge/cutoff.h"
#include "sync/merge/merge.h"

/* Accepts a revision, or returns it for correction to `to` (NULL: the laptop that made it), which gets the
 * comment and the contents with the next receipt. */
MUST_USE bool decide_review(struct store *s, const struct hash32 *rev_id, enum verdict verdict,
                            const struct hash32 *to, struct str comment, int64_t now_ms,
                            struct err *e);
/* Ends a conflict: a revision with the chosen one's contents and all heads as its parents. The others stay
 * in the history. ERR_NO_CONFLICT when there is none. */
MUST_USE bool decide_resolve(struct merge_ctx *m, const struct hash32 *chosen,
                             struct hash32 *ret_rev, struct err *e);
/* What this office holds of the laptop, up to this point, stays good; whatever else comes of it is set aside.
 * Revoking again with a point moves it; without one: ERR_REVOKED_ALREADY. */
MUST_USE bool decide_revoke(struct store *s, const struct hash32 *device, const struct cutoff *at,
                            struct err *e);
/* Of a fork, the way on which this row lies: what is held on it stays good, all else is set aside, as by
 * revoking. ERR_NO_BRANCH: the row is not held; ERR_NO_FORK: nothing is to be decided there (any more);
 * ERR_ROW_COMMON: it lies on every way. Where decisions disagree, this one replaces them. */
MUST_USE bool decide_branch(struct store *s, const struct hash32 *device, const struct hash32 *row,
                            struct err *e);
/* Which of several laptops that claim one kit is the right one; choices that disagree are replaced by it.
 * ERR_NOT_CONTESTED; ERR_KIT_DECIDED: another was chosen, and not `instead`. */
MUST_USE bool decide_enrolment(struct store *s, const struct hash32 *device, bool instead,
                               struct err *e);
/* With the paper key: another office machine or a supervisor, or (predecessor not NULL) the successor of a
 * laptop. ERR_PAPER_OTHER when it is not this survey's. */
MUST_USE bool decide_certify(struct store *s, const struct secret *paper, const struct device *who,
                             uint32_t may, const struct hash32 *predecessor, struct err *e);
/* With the paper key, after new keys: this office goes on for itself, with all that an operator may. */
MUST_USE bool decide_certify_self(struct store *s, const struct secret *paper, struct err *e);
/* By this office's own key: the laptop that was recovered, or got new keys, goes on for the one before. */
MUST_USE bool decide_succeed(struct store *s, const struct device *who,
                             const struct hash32 *predecessor, struct err *e);
/* Holds back the shredding of what a laptop erased; it stays hidden. `release`: ends every hold of it. Either
 * with its reason. ERR_NOT_ERASING: no laptop's word waits there; ERR_NOT_HELD; ERR_NOT_OPERATOR. */
MUST_USE bool decide_hold(struct store *s, const struct id16 *uuid, bool release, struct str reason,
                          int64_t now_ms, struct err *e);
/* When a tombstone came here. */
MUST_USE bool decide_seen(struct store *s, const struct tombstone *t, int64_t *ret_ms,
                          bool *ret_there, struct err *e);
/* A laptop's own tombstones hide at once; those that came 72 hours ago are shredded now, unless held. *ret
 * counts. */
#define DECIDE_SHRED_AFTER_MS ((int64_t)72 * 3600 * 1000)
MUST_USE bool decide_shred_due(struct store *s, int64_t now_ms, uint64_t *ret, struct err *e);

#endif
