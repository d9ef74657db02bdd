/* Pure functions of the store's facts: the same set gives the same answer, whatever came first. A
 * struct derive holds the few facts that concern many interviews (devices, certificates, revocations,
 * tombstones, returns); what concerns one interview is looked up by its uuid. */
#ifndef SYNC_MERGE_DERIVE_H
#define SYNC_MERGE_DERIVE_H

#include "sync/bundle/fact.h"
#include "sync/bundle/receipt.h"
#include "sync/store/store.h"

struct derive;

MUST_USE bool derive_open(struct derive **ret, struct store *s, struct err *e);
void derive_free(struct derive *d); /* accepts NULL */
/* Merging notes what it adds. */
void derive_note_fact(struct derive *d, const struct fact *f);
void derive_note_tombstone(struct derive *d, const struct tombstone *t);
void derive_note_device(struct derive *d, const struct device *dev);
const struct authority *derive_authority(const struct derive *d);

/* ---- laptops ---- */

const struct device *derive_device_by_key(const struct derive *d, const struct pk32 *ed_pk);
/* NULL: not known (yet). Its label until the next that is noted. */
const struct kit_fact *derive_kit(const struct derive *d, const struct id16 *kit);

/* The known laptop whose interviews this one goes on with, having got new keys; the newest of them. NULL: none.
 * And the other way round. */
const struct device *derive_predecessor(const struct derive *d, const struct device *dev);
const struct device *derive_successor(const struct derive *d, const struct device *dev);
/* What people call it: its kit's label, or that of the one it goes on for; may be empty. */
struct str derive_label(const struct derive *d, const struct device *dev);

enum enrolment {
    ENROL_NONE,      /* no valid claim: an office machine, or a kit that is not known (yet) */
    ENROLLED,        /* the one claim on its kit, or the one an operator chose */
    ENROL_CONTESTED, /* several claims on one kit, none chosen, or more than one */
    ENROL_REJECTED,  /* an operator chose another */
};
/* By one entitled: what came after its last good row does not count. */
bool derive_is_revoked(const struct derive *d, const struct hash32 *device);
enum enrolment derive_enrolment(const struct derive *d, const struct hash32 *device);
/* The same where several joined with one kit: contested or rejected; else ENROLLED, whoever it is. Asked for each
 * record, it looks at claims only where there is doubt. */
enum enrolment derive_doubt(const struct derive *d, const struct hash32 *device);
/* It is contested because different laptops were chosen for its kit. */
bool derive_choices_disagree(const struct derive *d, const struct hash32 *device);

/* ---- interviews ---- */

enum standing {                       /* of a revision */
                STANDING_CURRENT,     /* the one head of its interview */
                STANDING_OLD,         /* has a successor */
                STANDING_CONFLICT,    /* one of several heads */
                STANDING_DETACHED,    /* a parent, a part, its row or the beginning has not come */
                STANDING_FOREIGN,     /* by a device that had no business with this interview */
                STANDING_ERASED,      /* what the person said is gone, or about to be */
                STANDING_QUARANTINED, /* its device was revoked before it */
};
MUST_USE bool derive_standing(struct derive *d, const struct revision *r, enum standing *ret,
                              struct err *e);
/* What reviewers have said of a revision: a return counts more than an acceptance (both may have been said
 * at once in two places, and no clock decides); 0: nothing yet. */
int derive_verdict(const struct derive *d, const struct hash32 *rev_id); /* enum verdict */
/* Each review of it by one entitled, with its comment. */
MUST_USE bool derive_reviews(struct derive *d, const struct hash32 *rev_id,
                             void (*each)(void *ctx, const struct review *r,
                                          const struct pk32 *signer),
                             void *ctx, struct err *e);
/* What was returned to a device and has not been corrected: its revisions without a successor here. */
MUST_USE bool derive_returned(struct derive *d, const struct hash32 *device,
                              bool (*each)(void *ctx, const struct revision *r,
                                           const struct review *review, struct err *e),
                              void *ctx, struct err *e);
/* What tombstones in force say of an interview: 0 or an enum erase_scope each. `hidden`: by anyone entitled,
 * its own device too; `confirmed`: by one who may erase anything, so that it is shredded at once. */
struct erased {
    int hidden, confirmed;
};
MUST_USE bool derive_erased(struct derive *d, const struct id16 *uuid, struct erased *ret,
                            struct err *e);
/* A hold by an operator that nothing has ended: what the interview's own laptop erased stays hidden and is not
 * shredded. The nth of them, from 0; NULL: there are no so many. Valid until the next fact is noted. */
const struct hold *derive_held(const struct derive *d, const struct id16 *uuid, size_t nth,
                               struct hash32 *ret_id /* or NULL */);
/* Each revision with its standing, oldest first as stored. */
MUST_USE bool derive_each(struct derive *d,
                          bool (*each)(void *ctx, const struct revision *r,
                                       enum revision_state state, enum standing standing,
                                       struct str summary),
                          void *ctx, struct err *e);

/* ---- ledgers: what they tell that the records alone do not ---- */

enum matter {
    MATTER_FORK, /* several rows of one number: the laptop's store was copied, or an old copy put back.
                    * Told once for each of the rows, with a head of its branch as the row to choose */
    MATTER_DISAGREE, /* the same where ways were chosen that exclude each other: none counts */
    MATTER_GAP,      /* rows whose predecessor has not come */
    MATTER_BEGUN,    /* an interview begun that has no end, as far as the ledger has come */
    MATTER_UNSEEN,   /* one that ended in a record which has not come */
};
struct matter_row {
    enum matter matter;
    struct hash32 device, row_hash; /* the row that tells it */
    struct ledger_row row;
};
/* Of all laptops (office machines and supervisors are left out), each device's rows in order. */
MUST_USE bool derive_matters(struct derive *d, void (*each)(void *ctx, const struct matter_row *m),
                             void *ctx, struct err *e);

/* Why a record was set aside; told to its laptop in the receipt. */
enum quarantine_reason {
    QUARANTINE_CONTENTS = 1, /* the parts are not what the record's id says */
    QUARANTINE_REVOKED = 2,  /* the laptop was revoked before it */
};
/* Notes it (FACT_QUARANTINE: of this store alone). */
MUST_USE bool derive_set_aside(struct store *s, const struct revision *r,
                               enum quarantine_reason why, struct err *e);
/* After a revocation: notes every record that it touches. */
MUST_USE bool derive_mark_revoked(struct derive *d, struct err *e);

/* For receipts: of a forked laptop the chosen way is acknowledged, of a revoked one what is good. Good as long
 * as d is. */
struct receipt_judge derive_judge(struct derive *d);

/* H over the ascending ids of all facts of the field (the ledgers of office machines are left out): equal
 * in any two stores that know the same, whatever way it came. */
MUST_USE bool derive_content_hash(struct store *s, struct hash32 *ret, struct err *e);

#endif
