/* A store of an older format, brought to the present one when it is opened for writing: a sealed copy of
 * it is put beside it (FILE.before-N), then all steps are one transaction. The copy goes after seven days,
 * and before anything is erased. The format's version is the first one and the number of steps there are: step
 * i leads from version STORE_FIRST + i to the next. */
#ifndef SYNC_STORE_MIGRATE_H
#define SYNC_STORE_MIGRATE_H

#include "sync/store/schema.h"
#include "sync/store/store.h"

#define STORE_FIRST 1 /* 0 was before the first release, and promised nothing */

struct migration {
    /* The schema that its version had; NULL: the same as the newest. */
    const struct schema_object *from;
    size_t n_from;
    /* Within the transaction, the sub-keys at hand, nothing of the head read yet. */
    bool (*run)(struct store *s, struct err *e);
};
struct migrations {
    const struct migration *v;
    size_t n;
};
/* The table in use, or a test's; NULL gives back ours. */
const struct migrations *migrations_use(const struct migrations *use);
uint32_t migrate_version(void);

/* Of the database that is open in s, its keys derived: from `version` to the newest. The transaction is
 * left open; migrate_finish notes it in the ledger (not when the device is about to change: recovery) and
 * commits, once the head was read. */
MUST_USE bool migrate_start(struct store *s, uint32_t version, struct err *e);
MUST_USE bool migrate_finish(struct store *s, uint32_t version, bool note, struct err *e);
/* The schema of a version, checked. */
MUST_USE bool migrate_check_schema(struct db *db, uint32_t version, struct err *e);
/* Copies that are older than seven days, as far as they can be removed. */
void migrate_forget_old(struct store *s);
/* All copies, and for good: false while there is one. */
MUST_USE bool migrate_forget(struct store *s, struct err *e);

#endif
