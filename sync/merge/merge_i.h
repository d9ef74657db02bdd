/* What merging one file and a folder of them share: a run of files in one transaction of the store, each a
 * part of it that is taken whole or not at all. What was taken is on the disk once the run is committed, and
 * only then to be told. Small files share a run, since a commit costs more than one of them does; what a part
 * changes lies in memory until its end, so a large file has a transaction of its own. */
#ifndef SYNC_MERGE_MERGE_I_H
#define SYNC_MERGE_MERGE_I_H

#include "sync/merge/derive.h"
#include "sync/merge/merge.h"

struct merge_run {
    struct merge_ctx *m;
    struct derive *d;         /* kept from file to file; NULL: opened when needed */
    bool alone;               /* set by the caller: for one file */
    struct merge_step before; /* set by the caller: the next file's place among all */
    bool begun;
    bool any;      /* something was taken */
    bool erasures; /* something was shredded: the log is to be emptied */
};

int64_t merge_clock_ms(void); /* steady */
/* As merge_file, without the commit. False: the store failed, and the run is undone. */
MUST_USE bool merge_one(struct merge_run *run, const char *path, struct merge_report *report,
                        enum merge_outcome *ret_outcome, struct err *ret_why, struct err *e);
/* Within a transaction: a record came whose form, if it is not here, has yet to come (merge_index_again). */
MUST_USE bool unindexed_note(struct store *s, const struct hash32 *form, struct err *e);
MUST_USE bool merge_run_commit(struct merge_run *run, struct err *e);
void merge_run_done(struct merge_run *run); /* undoes what was not committed */

#endif
