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

#include <assert.h>
#include <stdio.h>

#include "sync/errors.h"

#define OBJECTS_MAX 64

static const struct schema_object newest[] = {
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
    /* c: the salted commitment by which records list it. The row stays when its chunks are removed. */
    {"attachment", "CREATE TABLE attachment (no INTEGER PRIMARY KEY, interview INTEGER NOT NULL, "
                   "c BLOB NOT NULL, sealed BLOB NOT NULL) STRICT"},
    {"attachment_c", "CREATE INDEX attachment_c ON attachment (interview, c)"},
    /* at = attachment × 2^8 + i */
    {"chunk", "CREATE TABLE chunk (at INTEGER PRIMARY KEY, sealed BLOB NOT NULL) STRICT"},
};
#define NEWEST (sizeof newest / sizeof newest[0])

bool schema_create(struct db *db, uint32_t version, struct err *e)
{
    char sql[100];
    for (size_t i = 0; i < NEWEST; i++)
        if (!db_exec(db, newest[i].sql, e))
            return false;
    snprintf(sql, sizeof sql, "PRAGMA application_id=%d; PRAGMA user_version=%u", DB_APPLICATION_ID,
             (unsigned)version);
    return db_exec(db, sql, e);
}

static bool is_one(const struct schema_object *objects, size_t n, struct str name, struct str sql,
                   bool seen[OBJECTS_MAX])
{
    for (size_t i = 0; i < n; i++)
        if (str_is(name, objects[i].name) && str_is(sql, objects[i].sql) && !seen[i])
            return seen[i] = true;
    return false;
}

static bool foreign(struct stmt *st, struct err *e)
{
    struct str name = stmt_bytes(st, 0), type = stmt_bytes(st, 2);
    char what[ERR_ARG_MAX], text[ERR_ARG_MAX];
    snprintf(text, sizeof text, "the %.*s \"%.*s\"", (int)(type.n < 20 ? type.n : 20), type.p,
             (int)(name.n < 100 ? name.n : 100), name.p);
    return err_fail1(e, ERR_STORE_SCHEMA, err_arg(what, str_of(text)));
}

bool schema_check(struct db *db, const struct schema_object *objects, size_t n, struct err *e)
{
    struct stmt *st = db_stmt(db, "SELECT name, sql, type FROM sqlite_schema", e);
    bool row = true, ok = st != NULL, seen[OBJECTS_MAX] = {false};
    if (!objects) {
        objects = newest;
        n = NEWEST;
    }
    assert(n <= OBJECTS_MAX);
    while (ok && (ok = stmt_step(st, &row, e)) && row)
        ok = is_one(objects, n, stmt_bytes(st, 0), stmt_bytes(st, 1), seen) || foreign(st, e);
    stmt_done(st);
    for (size_t i = 0; ok && i < n; i++)
        if (!seen[i])
            ok = err_fail1(e, ERR_STORE_DAMAGED, "a table or index is missing");
    return ok;
}
