/* Quotas: how many interviews of which kind are wanted, and how many this store has. The cells are the
 * config's (decisions.md 17), written by the office as CSV:
 *
 *     name,form_id,target,kind,condition        kind: min, max or warn (blank: warn)
 *
 * A cell counts the complete interviews of its form (outcome 1, or a form without outcomes) for which the
 * condition, an XPath expression of that form, is true; a blank one is. An interview counts once, by its
 * last revision.
 *
 * A record's note holds its mark: in which cells it counts, and of which list of cells that speaks. So the
 * home screen counts without opening a record; when the office has changed the cells, each record is
 * opened once. */
#ifndef APP_FLOW_QUOTA_H
#define APP_FLOW_QUOTA_H

#include "app/flow/survey.h"
#include "forms/run/interview.h"
#include "sync/bundle/config.h"

#define QUOTA_CELLS_MAX 512
#define QUOTA_CSV_MAX   ((size_t)1 << 20)

/* The mark of an interview that is ending, appended; nothing when there are no cells. */
MUST_USE bool quota_mark(struct survey *sv, const struct hash32 *form, struct interview *iv,
                         struct buf *out, struct err *e);

/* Counting: give it all records, the newest first, each with the mark of its note. */
struct quota_tally;
struct quota_tally *quota_tally_new(struct survey *sv);
void quota_tally_free(struct quota_tally *t); /* accepts NULL */
void quota_tally_add(struct quota_tally *t, const struct revision *r, enum revision_state state,
                     struct str mark);
/* How many count in each cell of survey_config(sv)->quotas. */
const uint64_t *quota_tally(const struct quota_tally *t);
/* A cell that needs no more. */
bool quota_full(const struct config_quota *q, uint64_t n);

/* The office: cells out of a CSV, into the arena (ERR_QUOTA_COLUMN, ERR_QUOTA_ROW), and whether each fits
 * a form of the survey (ERR_QUOTA_CONDITION, ERR_NO_FORM). */
MUST_USE bool quota_read(struct str csv, struct config_quota **ret, size_t *ret_n, struct arena *a,
                         struct err *e);
MUST_USE bool quota_check(struct survey *sv, const struct config_quota *v, size_t n, struct err *e);

#endif
