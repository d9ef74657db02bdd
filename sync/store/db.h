/* SQLite for the store, and nothing of the store's meaning: opening with the pragmas of the security
 * specification §1.2, statements kept prepared by their text, errors as clear sentences. db.c alone
 * includes sqlite3.h. A statement is taken with db_stmt, bound, stepped, and given back with stmt_done;
 * the slices that stmt_bytes returns live until its next step. */
#ifndef SYNC_STORE_DB_H
#define SYNC_STORE_DB_H

#include <stdbool.h>
#include <stdint.h>

#include "forms/base/err.h"
#include "forms/base/str.h"

#define DB_APPLICATION_ID 0x63636168 /* "ccah": a store of ours */
#define DB_PAGE_SIZE      16384

struct db;
struct stmt;

enum db_mode {
    DB_MAKE,  /* into an existing empty file; no WAL yet */
    DB_WRITE, /* with its WAL */
    DB_READ,  /* beside a writer: nothing may change */
};

MUST_USE bool db_open(struct db **ret, const char *path, enum db_mode mode, struct err *e);
void db_trim(struct db *db);  /* gives back the memory of cached pages */
void db_close(struct db *db); /* accepts NULL; rolls back what is open */

/* One or several statements without results. */
MUST_USE bool db_exec(struct db *db, const char *sql, struct err *e);
/* NULL and *e on failure. The text must live as long as db (a literal). */
struct stmt *db_stmt(struct db *db, const char *sql, struct err *e);
/* Parameters by number from 1. The bytes are copied by SQLite only when it must: they live till stmt_done. */
void stmt_set_int(struct stmt *st, int i, uint64_t v);
void stmt_set_bytes(struct stmt *st, int i, const void *p, size_t n);
void stmt_set_null(struct stmt *st, int i);
MUST_USE bool stmt_step(struct stmt *st, bool *ret_row, struct err *e);
uint64_t stmt_int(struct stmt *st, int column);
struct str stmt_bytes(struct stmt *st, int column);
bool stmt_null(struct stmt *st, int column);
void stmt_done(struct stmt *st); /* accepts NULL */
/* Steps to the end and gives the statement back, whatever happens. */
MUST_USE bool stmt_run(struct stmt *st, struct err *e);

uint64_t db_changes(struct db *db);       /* rows that the last statement changed */
uint64_t db_total_changes(struct db *db); /* rows that all statements so far changed */
uint64_t db_last_row(struct db *db);      /* rowid of the last insert */

/* Empties the write-ahead log into the file and cuts it to nothing; tries again while readers hold it.
 * What was overwritten or deleted is then gone from the log as well. */
MUST_USE bool db_truncate_log(struct db *db, struct err *e);
/* What is committed, into an existing empty file, durably. `told` (or NULL): pages so far. */
MUST_USE bool db_copy(struct db *db, const char *to,
                      void (*told)(void *ctx, uint64_t done, uint64_t all), void *ctx,
                      struct err *e);
/* Bytes of the database, its log counted in. */
MUST_USE bool db_size(struct db *db, uint64_t *ret, struct err *e);
/* SQLite's own check; each line of what it finds goes to `say`. */
MUST_USE bool db_check(struct db *db, void (*say)(void *ctx, struct str line), void *ctx,
                       struct err *e);

#endif
