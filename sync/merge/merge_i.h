/* What merging one file and a folder of them share. */
#ifndef SYNC_MERGE_MERGE_I_H
#define SYNC_MERGE_MERGE_I_H

#include "sync/merge/derive.h"
#include "sync/merge/merge.h"

/* As merge_file. *d is opened when NULL and may be used for the next file; NULL again when it no longer fits
 * the store. The caller frees it. */
MUST_USE bool merge_one(struct merge_ctx *m, struct derive **d, const char *path,
                        struct merge_report *report, enum merge_outcome *ret_outcome,
                        struct err *ret_why, struct err *e);

#endif
