/* Merging: what bundles bring becomes part of the store's set of signed facts, one transaction a
 * bundle, all or nothing, in any order, any number of times. Every visible state is derived from
 * the set (derive.h). A file that cannot be taken is refused or parked with its reason and never
 * stops the rest. The counts add up (decisions.md 29), checked by merge_report_adds_up: files =
 * merged + same + parked + refused records in merged files = new + same + newer + conflict +
 * detached + foreign + erased + quarantined */
#ifndef SYNC_MERGE_MERGE_H
#define SYNC_MERGE_MERGE_H

#include "sync/bundle/envelope.h"
#include "sync/store/store.h"

/* What lists show of a record: the caller opens the parts (it knows forms) and appends ≤ 4 KiB.
 * Called once for each record that is taken; what it appends is kept sealed. NULL: nothing is kept.
 */
typedef void (*merge_index)(void *ctx, const struct revision *r, struct str part1, struct str part2,
                            struct buf *out);

enum merge_outcome { MERGE_MERGED, MERGE_SAME, MERGE_PARKED, MERGE_REFUSED };

struct merge_report {
    uint64_t files, merged, same_files, parked, refused;
    uint64_t records; /* in merged files */
    uint64_t new, same, newer, conflict, detached, foreign, erased, quarantined;
    uint64_t rows, rows_new, bytes;
    uint64_t devices_new; /* laptops enrolled */
};
bool merge_report_adds_up(const struct merge_report *r);

struct merge_ctx {
    struct store *store;
    merge_index index;
    void *index_ctx;
    int64_t now_ms;
};

/* One file. True: it was dealt with, *ret_outcome says how, and for parked or refused *ret_why
 * holds the reason. False with e: the store itself failed (disk); nothing of the file was taken.
 * The report is added to. */
MUST_USE bool merge_file(struct merge_ctx *m, const char *path, struct merge_report *report,
                         enum merge_outcome *ret_outcome, struct err *ret_why, struct err *e);

/* All *.bundle files of a folder (not below it), by name. `done` is told after each file and
 * returns false to stop there; refused files are moved to `quarantine` (NULL: left), merged ones
 * are left to the caller (`done`). `before` may be NULL. */
struct merge_step {
    const char *path;
    uint64_t at, files; /* this is number `at` of `files` */
    enum merge_outcome outcome;
    const struct err *why; /* parked, refused */
};
MUST_USE bool merge_inbox(struct merge_ctx *m, const char *folder, const char *quarantine,
                          bool (*done)(void *ctx, const struct merge_step *step), void *ctx,
                          struct merge_report *report, struct err *e);

#endif
