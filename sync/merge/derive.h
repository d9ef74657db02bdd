/* Pure functions of the store's facts: the same set gives the same answer, whatever came first. */
#ifndef SYNC_MERGE_DERIVE_H
#define SYNC_MERGE_DERIVE_H

#include "sync/store/store.h"

/* ---- laptops ---- */

enum enrolment {
    ENROL_NONE,      /* no claim: an office machine, or unknown */
    ENROLLED,        /* the one claim on its kit, or the one an operator chose */
    ENROL_CONTESTED, /* several claims on one kit, none chosen */
    ENROL_REJECTED,  /* an operator chose another */
};
MUST_USE bool derive_enrolment(struct store *s, const struct hash32 *device, enum enrolment *ret,
                               struct err *e);

/* ---- interviews ---- */

enum standing {                    /* of a revision */
                STANDING_CURRENT,  /* the one head of its interview */
                STANDING_OLD,      /* has a successor */
                STANDING_CONFLICT, /* one of several heads */
                STANDING_DETACHED, /* a parent or its ledger row has not arrived */
                STANDING_FOREIGN,  /* by a device that had no business with this interview */
                STANDING_ERASED,
                STANDING_QUARANTINED, /* its device was revoked before that */
};
MUST_USE bool derive_standing(struct store *s, const struct revision *r, enum standing *ret,
                              struct err *e);
/* Each current head, or in a conflict each of the heads, oldest first as stored. */
MUST_USE bool derive_heads(struct store *s,
                           bool (*each)(void *ctx, const struct revision *r, enum standing standing,
                                        struct str summary),
                           void *ctx, struct err *e);

/* H over the ascending ids of all facts: equal in any two stores that know the same. */
MUST_USE bool derive_content_hash(struct store *s, struct hash32 *ret, struct err *e);

#endif
