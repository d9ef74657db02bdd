/* The tables of a store, once as text that SQLite executes and once as what must be found in a file that
 * is opened: any other table, index, trigger or view, and any other text, is refused by its name. Tables
 * are numbered for ever: the number is bound into every sealed row. */
#ifndef SYNC_STORE_SCHEMA_H
#define SYNC_STORE_SCHEMA_H

#include "sync/store/db.h"

enum table_no {
    TABLE_HEAD = 1, /* row 0: the head; row n: draft n */
    TABLE_NOTE = 2, /* the note beside a draft, its own key */
    TABLE_SLOT = 3, /* names of slots */
    TABLE_CONFIG = 4,
    TABLE_FORM = 5,
    TABLE_LEDGER = 6,
    TABLE_DETAIL = 7, /* the detail beside a ledger row */
    TABLE_REVISION = 8,
    TABLE_SUMMARY = 9, /* the summary beside a revision, its own key */
    TABLE_PART = 10,
    TABLE_STATE = 11,
    TABLE_DEVICE = 12,
    TABLE_SIGNED = 13,
    TABLE_FACT = 14,
    TABLE_ATTACHMENT = 15,
    TABLE_CHUNK = 16, /* of an attachment, under a key of its interview */
};

struct schema_object {
    const char *name, *sql;
};
MUST_USE bool schema_create(struct db *db, uint32_t version, struct err *e);
/* NULL: the newest. */
MUST_USE bool schema_check(struct db *db, const struct schema_object *objects, size_t n,
                           struct err *e);

#endif
