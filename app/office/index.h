/* What the office's lists show of a record: computed once when it is merged, out of its first part, kept
 * sealed beside it (decisions.md 17). */
#ifndef APP_OFFICE_INDEX_H
#define APP_OFFICE_INDEX_H

#include "sync/store/store.h"

/* A merge_index of sync/merge; ctx is the office's struct survey. Appends nothing when the record's form is
 * not known or its XML is broken: the list then shows its code alone. */
void index_record(void *ctx, const struct revision *r, struct str part1, struct str part2,
                  struct buf *out);

#endif
