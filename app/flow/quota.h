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
/* How many count in each cell of survey_config(sv)->quotas. */
MUST_USE bool quota_count(struct survey *sv, uint64_t *ret_by_cell, struct err *e);
/* In which cells one record counts, by the mark of its note or, without one, by itself. The office counts those in force (decide.h). */
void quota_add(struct survey *sv, const struct hash32 *rev_id, struct str mark, uint64_t *by_cell);
/* A cell that needs no more. */
bool quota_full(const struct config_quota *q, uint64_t n);

/* The office: cells out of a CSV, into the arena (ERR_QUOTA_COLUMN, ERR_QUOTA_ROW), and whether each fits
 * a form of the survey (ERR_QUOTA_CONDITION, ERR_NO_FORM). */
MUST_USE bool quota_read(struct str csv, struct config_quota **ret, size_t *ret_n, struct arena *a,
                         struct err *e);
MUST_USE bool quota_check(struct survey *sv, const struct config_quota *v, size_t n, struct err *e);

#endif
