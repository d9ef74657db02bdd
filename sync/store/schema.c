/* The tables of a store; see schema.h.
 *
 * Three kinds of tables, so that a replayed or missing row is seen (security specification §1.2):
 *   - append-only, numbered 1, 2, 3… without a gap: a row number is sealed once and never again, and the
 *     head holds how many there are. Bodies come in the order of their numbers; random identifiers are
 *     only in the unique indexes.
 *   - mutable (head, config): a row has a version, and the head holds a hash over (row, version).
 *   - keys (wrap): rows of one size, overwritten with zeros to shred; the head holds how many there are.
 * The journal is neither: each draft's row in `head` holds its length and the hash of its chain. */
#include "sync/store/schema.h"

#include <stdio.h>

#include "sync/errors.h"

struct object {
    const char *name, *sql;
};

static const struct object objects[] = {
    /* clear: what the file says of itself without a key */
    {"store", "CREATE TABLE store (id INTEGER PRIMARY KEY, store BLOB NOT NULL, "
              "survey BLOB NOT NULL, kind INTEGER NOT NULL) STRICT"},
    {"slot", "CREATE TABLE slot (no INTEGER PRIMARY KEY, kind INTEGER NOT NULL, "
             "ops INTEGER NOT NULL, mem INTEGER NOT NULL, salt BLOB NOT NULL, wrap BLOB NOT NULL, "
             "name BLOB NOT NULL) STRICT"},
    /* row 0: the head; row n: draft n with its note. Together, so that an answer touches one page here. */
    {"head", "CREATE TABLE head (id INTEGER PRIMARY KEY, version INTEGER NOT NULL, "
             "sealed BLOB NOT NULL, note BLOB) STRICT"},
    {"config", "CREATE TABLE config (id INTEGER PRIMARY KEY, name BLOB NOT NULL, "
               "version INTEGER NOT NULL, sealed BLOB NOT NULL) STRICT"},
    /* keys of an interview: fixed size (72 bytes each) */
    {"wrap", "CREATE TABLE wrap (no INTEGER PRIMARY KEY, uuid BLOB NOT NULL, ik BLOB NOT NULL, "
             "pk BLOB NOT NULL) STRICT"},
    {"wrap_uuid", "CREATE UNIQUE INDEX wrap_uuid ON wrap (uuid)"},
    /* at = draft × 2^24 + n: a draft's events lie together and no index is needed */
    {"journal", "CREATE TABLE journal (at INTEGER PRIMARY KEY, pii INTEGER NOT NULL, "
                "sealed BLOB NOT NULL) STRICT"},
    {"form", "CREATE TABLE form (no INTEGER PRIMARY KEY, hash BLOB NOT NULL, sealed BLOB NOT NULL) "
             "STRICT"},
    {"form_hash", "CREATE UNIQUE INDEX form_hash ON form (hash)"},
    /* a device_id's number in this file */
    {"author", "CREATE TABLE author (no INTEGER PRIMARY KEY, device BLOB NOT NULL) STRICT"},
    {"author_device", "CREATE UNIQUE INDEX author_device ON author (device)"},
    /* subject: the interview's uuid, or NULL */
    {"ledger", "CREATE TABLE ledger (no INTEGER PRIMARY KEY, author INTEGER NOT NULL, "
               "hash BLOB NOT NULL, subject BLOB, sealed BLOB NOT NULL, detail BLOB) STRICT"},
    {"ledger_hash", "CREATE UNIQUE INDEX ledger_hash ON ledger (author, hash)"},
    {"ledger_subject", "CREATE INDEX ledger_subject ON ledger (subject) "
                       "WHERE subject IS NOT NULL"},
    {"signed", "CREATE TABLE signed (no INTEGER PRIMARY KEY, author INTEGER NOT NULL, "
               "hash BLOB NOT NULL, sealed BLOB NOT NULL) STRICT"},
    {"signed_hash", "CREATE UNIQUE INDEX signed_hash ON signed (author, hash)"},
    {"device", "CREATE TABLE device (no INTEGER PRIMARY KEY, device BLOB NOT NULL, "
               "ed BLOB NOT NULL, sealed BLOB NOT NULL) STRICT"},
    {"device_id", "CREATE UNIQUE INDEX device_id ON device (device)"},
    {"device_ed", "CREATE INDEX device_ed ON device (ed)"},
    {"revision", "CREATE TABLE revision (no INTEGER PRIMARY KEY, id BLOB NOT NULL, "
                 "interview INTEGER NOT NULL, sealed BLOB NOT NULL, summary BLOB) STRICT"},
    {"revision_id", "CREATE UNIQUE INDEX revision_id ON revision (id)"},
    {"revision_interview", "CREATE INDEX revision_interview ON revision (interview)"},
    /* no = revision × 2 + part − 1 */
    {"part", "CREATE TABLE part (no INTEGER PRIMARY KEY, sealed BLOB NOT NULL) STRICT"},
    {"state", "CREATE TABLE state (no INTEGER PRIMARY KEY, sealed BLOB NOT NULL) STRICT"},
    {"fact", "CREATE TABLE fact (no INTEGER PRIMARY KEY, kind INTEGER NOT NULL, id BLOB NOT NULL, "
             "sealed BLOB NOT NULL) STRICT"},
    {"fact_id", "CREATE UNIQUE INDEX fact_id ON fact (kind, id)"},
};
#define OBJECTS (sizeof objects / sizeof objects[0])

bool schema_create(struct db *db, struct err *e)
{
    char sql[100];
    for (size_t i = 0; i < OBJECTS; i++)
        if (!db_exec(db, objects[i].sql, e))
            return false;
    snprintf(sql, sizeof sql, "PRAGMA application_id=%d; PRAGMA user_version=%d", DB_APPLICATION_ID,
             SCHEMA_VERSION);
    return db_exec(db, sql, e);
}

static bool is_ours(struct str name, struct str sql, bool seen[OBJECTS])
{
    for (size_t i = 0; i < OBJECTS; i++)
        if (str_is(name, objects[i].name) && str_is(sql, objects[i].sql) && !seen[i])
            return seen[i] = true;
    return false;
}

bool schema_check(struct db *db, struct err *e)
{
    struct stmt *st = db_stmt(db, "SELECT name, sql, type FROM sqlite_schema", e);
    bool row = true, ok = st != NULL, seen[OBJECTS] = {false};
    while (ok && (ok = stmt_step(st, &row, e)) && row) {
        struct str name = stmt_bytes(st, 0), sql = stmt_bytes(st, 1), type = stmt_bytes(st, 2);
        char what[ERR_ARG_MAX], text[ERR_ARG_MAX];
        if (is_ours(name, sql, seen))
            continue;
        snprintf(text, sizeof text, "the %.*s \"%.*s\"", (int)(type.n < 20 ? type.n : 20), type.p,
                 (int)(name.n < 100 ? name.n : 100), name.p);
        ok = err_fail1(e, ERR_STORE_SCHEMA, err_arg(what, str_of(text)));
    }
    stmt_done(st);
    for (size_t i = 0; ok && i < OBJECTS; i++)
        if (!seen[i])
            ok = err_fail1(e, ERR_STORE_DAMAGED, "a table or index is missing");
    return ok;
}
