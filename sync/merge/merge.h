/* Merging: what bundles bring becomes part of the store's set of signed facts, one transaction a bundle,
 * all or nothing, in any order, any number of times. Every visible state is derived from the set
 * (derive.h). A file that cannot be taken is refused or parked with its reason and never stops the rest.
 * The counts add up (decisions.md 29), checked by merge_report_adds_up:
 *   files = merged + same + parked + refused
 *   records in merged files =
 *     new + same + newer + conflict + detached + foreign + erased + quarantined */
#ifndef SYNC_MERGE_MERGE_H
#define SYNC_MERGE_MERGE_H

#include "sync/bundle/envelope.h"
#include "sync/store/store.h"

/* What lists show of a record: the caller opens the parts (it knows forms) and appends ≤ 4 KiB. Called
 * once for each record that is taken with both its parts; what it appends is kept sealed. NULL: nothing. */
typedef void (*merge_index)(void *ctx, const struct revision *r, struct str part1, struct str part2,
                            struct buf *out);

enum merge_outcome {
    MERGE_MERGED,
    MERGE_SAME,    /* nothing in it was new */
    MERGE_PARKED,  /* of a sender that is not known yet: try again later */
    MERGE_REFUSED, /* damaged, forged, of another survey, not for us */
};

struct merge_report {
    uint64_t files, merged, same_files, parked, refused;
    uint64_t records; /* in merged files */
    uint64_t new, same, newer, conflict, detached, foreign, erased, quarantined;
    uint64_t rows, rows_new, bytes;
    uint64_t devices_new; /* laptops enrolled */
    uint64_t
        receipts_unknown; /* that laptops have and this office never wrote: another office's, or this
                                * one was put back from an older backup */
    uint64_t contested;   /* of these, on a kit that another laptop has claimed */
};
bool merge_report_adds_up(const struct merge_report *r);

struct merge_ctx {
    struct store *store;
    merge_index index;
    void *index_ctx;
    int64_t now_ms;
};

/* One file. True: it was dealt with, *ret_outcome says how, and for parked or refused *ret_why holds the
 * reason. False with e: the store itself failed (disk); nothing of the file was taken. The report is
 * added to. */
MUST_USE bool merge_file(struct merge_ctx *m, const char *path, struct merge_report *report,
                         enum merge_outcome *ret_outcome, struct err *ret_why, struct err *e);

struct merge_step {
    const char *path;   /* of the file as it was found */
    uint64_t at, files; /* this is number `at` of `files` */
    enum merge_outcome outcome;
    uint64_t records;      /* in it, when merged */
    uint64_t quarantined;  /* of these */
    const struct err *why; /* parked, refused */
};

/* All *.bundle files of a folder (not below it), by name; parked ones once more after the others. `done`
 * is told of each file once and returns false to stop there (*ret_stopped). Refused files, and merged
 * ones with quarantined records, are moved to `quarantine` (made when missing; NULL: left); others are
 * left to the caller. */
MUST_USE bool merge_inbox(struct merge_ctx *m, const char *folder, const char *quarantine,
                          bool (*done)(void *ctx, const struct merge_step *step), void *ctx,
                          struct merge_report *report, bool *ret_stopped, struct err *e);

#endif
