/* An office's store opened for a command that looks at records or decides about them. */
#ifndef APP_CMD_DESK_H
#define APP_CMD_DESK_H

#include "app/cmd/cmd.h"
#include "app/cmd/keep.h"
#include "app/office/history.h"
#include "sync/merge/merge.h"

struct desk {
    struct survey *sv;
    struct store *s;
    struct derive *d;
    struct arena a;
};

MUST_USE bool desk_open(const struct call *c, struct desk *ret, struct err *e);
void desk_close(struct desk *d); /* accepts one that was not opened */
/* For decisions and merges: the clock, and what lists show of a record. */
struct merge_ctx desk_merge(struct desk *d);
/* The versions of the interview with that respondent's code. */
MUST_USE bool desk_history(struct desk *d, const char *code, struct history *ret, struct err *e);

/* Where receipts are written when nobody says: out/ beside the inbox. */
MUST_USE bool desk_out_beside(const char *inbox, char ret[KEEP_PATH_MAX], struct err *e);
/* Receipts for every laptop, or the one given, into `folder` (made when missing); those it replaces go
 * from there. `say`: a line each, with the code for the telephone. */
MUST_USE bool desk_receipts(struct desk *d, const char *folder, const struct hash32 *only, bool say,
                            uint64_t *ret_written, struct err *e);

#endif
