/* Merging: what bundles bring becomes part of the store's set of signed facts, each bundle all or nothing,
 * in any order, any number of times. Every visible state is derived from the set
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
    uint64_t passed_over; /* for their names: not among `files` */
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

struct merge_step {
    const char *path;    /* of the file as it was found */
    uint64_t at, files;  /* this is number `at` of `files` */
    uint64_t read, size; /* bytes of the files so far, this one too; of all */
    enum merge_outcome outcome;
    uint64_t records;      /* in it, when merged */
    uint64_t quarantined;  /* of these */
    const struct err *why; /* parked, refused; merged, but of a revoked laptop */
};

struct merge_ctx {
    struct store *store;
    merge_index index;
    void *index_ctx;
    int64_t now_ms;
    /* NULL, or told within a bundle, at most each within_ms, how far it has come: `read` counts what was read of
     * this one, `records` those of it so far. The store is at work: it is not for whoever is told. */
    void (*within)(void *ctx, const struct merge_step *so_far);
    void *within_ctx;
    unsigned within_ms;
};

/* Records whose form had not come when they did have no summary yet: those whose form is there now get one.
 * *ret counts them. Quick when there are none. */
MUST_USE bool merge_index_again(struct merge_ctx *m, uint64_t *ret, struct err *e);

/* One file. True: it was dealt with, *ret_outcome says how, and for parked or refused *ret_why holds the
 * reason. False with e: the store itself failed (disk); nothing of the file was taken. The report is
 * added to. */
MUST_USE bool merge_file(struct merge_ctx *m, const char *path, struct merge_report *report,
                         enum merge_outcome *ret_outcome, struct err *ret_why, struct err *e);

/* ---- a folder of bundles ---- */

struct merge_inbox {
    const char *folder;
    const char
        *quarantine; /* where refused files go, and merged ones with quarantined records; made when
                             * missing; NULL: they are left */
    bool settled;    /* leave files that were written to in the last two seconds: still coming */
    /* Told of each file once, when what it brought is on the disk. False: stop there; of those that were
     * merged in one run with it, it is still told. */
    bool (*done)(void *ctx, const struct merge_step *step);
    /* NULL, or told of each file that ends like a bundle but has no name of one: it is passed over. */
    void (*passed_over)(void *ctx, const char *name);
    void *ctx;
};
/* All *.bundle files of the folder (not below it), by name; parked ones once more after the others. Of
 * those that stay parked at most MERGE_PARKED_FILES and _BYTES are kept, the oldest are refused. Merged
 * files are left to the caller. */
#define MERGE_PARKED_FILES 1000
#define MERGE_PARKED_BYTES ((uint64_t)1 << 30)
MUST_USE bool merge_inbox(struct merge_ctx *m, const struct merge_inbox *in,
                          struct merge_report *report, bool *ret_stopped, struct err *e);
/* The same piece by piece, for one who has something else to do between: until *ret_more is false, or done has
 * said to stop. What `in` points to must live until the close, which undoes what no step has finished. */
struct merge_pieces;
MUST_USE bool merge_pieces_open(struct merge_pieces **ret, struct merge_ctx *m,
                                const struct merge_inbox *in, struct merge_report *report,
                                struct err *e);
MUST_USE bool merge_pieces_step(struct merge_pieces *x, bool *ret_more, struct err *e);
void merge_pieces_close(struct merge_pieces *x); /* accepts NULL */
/* What lies there, to see whether something has changed; *ret_settled: nothing is still coming. */
MUST_USE bool merge_inbox_state(const char *folder, struct hash32 *ret, bool *ret_settled,
                                struct err *e);

#endif
