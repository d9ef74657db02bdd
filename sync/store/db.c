/* SQLite; see db.h. */
#include "sync/store/db.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <malloc.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "sync/errors.h"

struct stmt {
    struct db *db;
    const char *sql;
    sqlite3_stmt *raw;
    bool taken;
    struct stmt *next;
};

struct db {
    sqlite3 *raw;
    struct stmt *stmts; /* all prepared; the last found is moved to the front */
};

/* ---- errors ---- */

static bool out_of_room(int sys)
{
    return sys == ENOSPC || sys == EDQUOT || sys == EFBIG;
}

static bool db_fail(sqlite3 *raw, int rc, struct err *e)
{
    int sys = raw ? sqlite3_system_errno(raw) : 0;
    switch (rc & 0xFF) {
    case SQLITE_NOMEM:
        mem_calloc(SIZE_MAX, 2); /* exhausted: does not return */
        break;
    case SQLITE_FULL: return err_fail(e, ERR_DISK_FULL);
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return err_fail(e, ERR_STORE_LOCKED);
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
    case SQLITE_AUTH:
        if (out_of_room(sys))
            return err_fail(e, ERR_DISK_FULL);
        return err_set(e, &ERR_DISK_READONLY, (const char *const[ERR_ARGS]){NULL}, sys);
    case SQLITE_IOERR:
        /* Growing the log's index is the one write for which SQLite does not keep the reason. */
        if (out_of_room(sys) || rc == SQLITE_IOERR_SHMSIZE)
            return err_fail(e, ERR_DISK_FULL);
        return err_set(e, &ERR_DISK_IO, (const char *const[ERR_ARGS]){NULL}, sys);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT:
        /* errmsg would quote what stands in the file */
        return err_fail1(e, ERR_STORE_DAMAGED, sqlite3_errstr(rc));
    default: break;
    }
    return err_fail1(e, ERR_STORE_DATABASE, raw ? sqlite3_errmsg(raw) : sqlite3_errstr(rc));
}

/* ---- opening ---- */

static bool set_options(struct db *db, struct err *e)
{
    static const struct {
        int option, value;
    } options[] = {
        {SQLITE_DBCONFIG_DEFENSIVE, 1},       {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
        {SQLITE_DBCONFIG_ENABLE_VIEW, 0},     {SQLITE_DBCONFIG_ENABLE_FKEY, 0},
        {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},  {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
        {SQLITE_DBCONFIG_DQS_DML, 0},         {SQLITE_DBCONFIG_DQS_DDL, 0},
        {SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0},
    };
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        int now = -1;
        int rc = sqlite3_db_config(db->raw, options[i].option, options[i].value, &now);
        if (rc != SQLITE_OK)
            return db_fail(db->raw, rc, e);
        if (now != options[i].value)
            return err_fail1(e, ERR_STORE_DATABASE, "an option of its safety");
    }
    sqlite3_extended_result_codes(db->raw, 1);
    sqlite3_busy_timeout(db->raw, 2000);
    return true;
}

/* The log is always there but while a new store is made under its temporary name: SQLite would leave its
 * files behind under that name. */
static bool set_log(struct db *db, const char *mode, struct err *e)
{
    char sql[64];
    bool row;
    snprintf(sql, sizeof sql, "PRAGMA journal_mode=%s", mode);
    sqlite3_stmt *raw;
    int rc = sqlite3_prepare_v2(db->raw, sql, -1, &raw, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(raw);
    row = rc == SQLITE_ROW;
    bool same = row && sqlite3_stricmp((const char *)sqlite3_column_text(raw, 0), mode) == 0;
    sqlite3_finalize(raw);
    if (!row)
        return db_fail(db->raw, rc, e);
    return same || err_fail1(e, ERR_STORE_DATABASE, "its journal mode");
}

static const char settings[] = "PRAGMA synchronous=FULL;"
                               "PRAGMA secure_delete=ON;"
                               "PRAGMA temp_store=MEMORY;"
                               "PRAGMA mmap_size=0;"
                               "PRAGMA cell_size_check=ON;"
                               "PRAGMA trusted_schema=OFF;"
                               "PRAGMA wal_autocheckpoint=500;"
                               "PRAGMA cache_size=-16384;";

/* Nobody can change what lies on a read-only disk, and SQLite could not write its index of the log there; nor on
 * a full one, or in a folder of another's. It must not overlook a log, though, that is still to be read. */
static bool has_log(const char *path)
{
    struct buf log;
    struct stat st;
    buf_init(&log, PATH_MAX + sizeof "-wal");
    buf_printf(&log, "%s-wal", path);
    bool has = stat(log.p, &st) == 0 && st.st_size > 0;
    buf_done(&log);
    return has;
}

static bool on_readonly_disk(const char *path)
{
    return access(path, W_OK) != 0 && errno == EROFS;
}

static void file_uri(const char *path, struct buf *out)
{
    buf_add_z(out, "file:");
    for (const char *p = path; *p; p++)
        if (*p == '%' || *p == '?' || *p == '#')
            buf_printf(out, "%%%02X", (unsigned)*p);
        else
            buf_add_c(out, *p);
    buf_add_z(out, "?immutable=1");
}

/* Once for the process: nobody asks how much memory SQLite has, and counting takes a lock each time. */
static void configure(void)
{
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static int open_raw(sqlite3 **ret, const char *path, bool immutable)
{
    struct buf uri;
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, configure);
    const int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
    if (!immutable)
        return sqlite3_open_v2(path, ret, flags | SQLITE_OPEN_READWRITE, NULL);
    buf_init(&uri, 4 * (size_t)PATH_MAX);
    file_uri(path, &uri);
    int rc = sqlite3_open_v2(uri.p, ret, flags | SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL);
    buf_done(&uri);
    return rc;
}

static bool open_as(struct db **ret, const char *path, enum db_mode mode, bool immutable,
                    struct err *e)
{
    struct db *db = mem_alloc(sizeof *db);
    int rc = open_raw(&db->raw, path, immutable);
    if (rc != SQLITE_OK) {
        db_fail(db->raw, rc, e);
        db_close(db);
        return false;
    }
    bool ok = set_options(db, e) && (mode != DB_MAKE || db_exec(db, "PRAGMA page_size=16384", e)) &&
              db_exec(db, settings, e) &&
              (mode == DB_READ || set_log(db, mode == DB_MAKE ? "delete" : "wal", e)) &&
              /* the second looks at the file, and at its log */
              (mode != DB_READ || db_exec(db, "PRAGMA query_only=ON; PRAGMA schema_version", e));
    if (!ok) {
        db_close(db);
        return false;
    }
    *ret = db;
    return true;
}

bool db_open(struct db **ret, const char *path, enum db_mode mode, struct err *e)
{
    struct err why = {0};
    if (mode != DB_READ)
        return open_as(ret, path, mode, false, e);
    if (on_readonly_disk(path))
        return has_log(path) ? err_fail1(e, ERR_STORE_LOG, path)
                             : open_as(ret, path, mode, true, e);
    if (open_as(ret, path, mode, false, &why))
        return true;
    if ((err_is(&why, &ERR_DISK_FULL) || err_is(&why, &ERR_DISK_READONLY)) && !has_log(path))
        return open_as(ret, path, mode, true, e);
    *e = why;
    return false;
}

void db_trim(struct db *db)
{
    sqlite3_db_release_memory(db->raw);
#ifdef __GLIBC__
    malloc_trim(0); /* free is not enough: the pages lie among what is in use */
#endif
}

void db_close(struct db *db)
{
    if (!db)
        return;
    while (db->stmts) {
        struct stmt *st = db->stmts;
        db->stmts = st->next;
        sqlite3_finalize(st->raw);
        mem_free(st);
    }
    sqlite3_close(db->raw);
    mem_free(db);
}

bool db_exec(struct db *db, const char *sql, struct err *e)
{
    int rc = sqlite3_exec(db->raw, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK || db_fail(db->raw, rc, e);
}

/* ---- statements ---- */

static struct stmt *find(struct db *db, const char *sql)
{
    struct stmt **at = &db->stmts;
    while (*at && ((*at)->taken || (*at)->sql != sql))
        at = &(*at)->next;
    struct stmt *st = *at;
    if (st) {
        *at = st->next;
        st->next = db->stmts;
        db->stmts = st;
    }
    return st;
}

struct stmt *db_stmt(struct db *db, const char *sql, struct err *e)
{
    struct stmt *st = find(db, sql);
    if (!st) {
        sqlite3_stmt *raw;
        int rc = sqlite3_prepare_v3(db->raw, sql, -1, SQLITE_PREPARE_PERSISTENT, &raw, NULL);
        if (rc != SQLITE_OK) {
            db_fail(db->raw, rc, e);
            return NULL;
        }
        st = mem_alloc(sizeof *st);
        *st = (struct stmt){.db = db, .sql = sql, .raw = raw, .next = db->stmts};
        db->stmts = st;
    }
    st->taken = true;
    return st;
}

void stmt_set_int(struct stmt *st, int i, uint64_t v)
{
    int rc = sqlite3_bind_int64(st->raw, i, (int64_t)v);
    assert(rc == SQLITE_OK);
    (void)rc;
}

void stmt_set_bytes(struct stmt *st, int i, const void *p, size_t n)
{
    assert(n <= INT_MAX);
    int rc = sqlite3_bind_blob(st->raw, i, n ? p : "", (int)n, SQLITE_STATIC);
    assert(rc == SQLITE_OK);
    (void)rc;
}

void stmt_set_null(struct stmt *st, int i)
{
    int rc = sqlite3_bind_null(st->raw, i);
    assert(rc == SQLITE_OK);
    (void)rc;
}

bool stmt_step(struct stmt *st, bool *ret_row, struct err *e)
{
    int rc = sqlite3_step(st->raw);
    if (rc == SQLITE_ROW || rc == SQLITE_DONE) {
        *ret_row = rc == SQLITE_ROW;
        return true;
    }
    return db_fail(st->db->raw, rc, e);
}

uint64_t stmt_int(struct stmt *st, int column)
{
    return (uint64_t)sqlite3_column_int64(st->raw, column);
}

struct str stmt_bytes(struct stmt *st, int column)
{
    /* The order matters: the call for the bytes may convert, the one for their number then fits. */
    const void *p = sqlite3_column_blob(st->raw, column);
    int n = sqlite3_column_bytes(st->raw, column);
    return (struct str){p ? p : "", p && n > 0 ? (size_t)n : 0};
}

bool stmt_null(struct stmt *st, int column)
{
    return sqlite3_column_type(st->raw, column) == SQLITE_NULL;
}

void stmt_done(struct stmt *st)
{
    if (!st)
        return;
    sqlite3_reset(st->raw); /* repeats the error that step has already given */
    sqlite3_clear_bindings(st->raw);
    st->taken = false;
}

bool stmt_run(struct stmt *st, struct err *e)
{
    bool row = true, ok = true;
    while (ok && row)
        ok = stmt_step(st, &row, e);
    stmt_done(st);
    return ok;
}

uint64_t db_changes(struct db *db)
{
    return (uint64_t)sqlite3_changes64(db->raw);
}

uint64_t db_total_changes(struct db *db)
{
    return (uint64_t)sqlite3_total_changes64(db->raw);
}

uint64_t db_last_row(struct db *db)
{
    return (uint64_t)sqlite3_last_insert_rowid(db->raw);
}

/* ---- the whole file ---- */

bool db_truncate_log(struct db *db, struct err *e)
{
    int rc = SQLITE_BUSY;
    for (int i = 0; i < 50 && (rc & 0xFF) == SQLITE_BUSY; i++) {
        if (i)
            nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
        rc = sqlite3_wal_checkpoint_v2(db->raw, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    }
    return rc == SQLITE_OK || db_fail(db->raw, rc, e);
}

#define COPY_PAGES 256 /* 4 MiB at a time */

bool db_copy(struct db *db, const char *to, void (*told)(void *ctx, uint64_t done, uint64_t all),
             void *ctx, struct err *e)
{
    struct db *out = NULL;
    if (!db_open(&out, to, DB_MAKE, e))
        return false;
    sqlite3_backup *b = sqlite3_backup_init(out->raw, "main", db->raw, "main");
    int rc = b ? SQLITE_OK : sqlite3_errcode(out->raw);
    while (b && rc == SQLITE_OK) {
        rc = sqlite3_backup_step(b, COPY_PAGES);
        int all = sqlite3_backup_pagecount(b);
        if (told && (rc == SQLITE_OK || rc == SQLITE_DONE))
            told(ctx, (uint64_t)(all - sqlite3_backup_remaining(b)), (uint64_t)all);
    }
    int end = b ? sqlite3_backup_finish(b) : SQLITE_OK;
    if (rc == SQLITE_DONE)
        rc = end;
    bool ok = rc == SQLITE_OK || db_fail(out->raw, rc, e);
    /* The first page came with the mark of a log; without it the copy opens on a medium that is read-only. */
    ok = ok && set_log(out, "delete", e);
    db_close(out);
    return ok;
}

bool db_size(struct db *db, uint64_t *ret, struct err *e)
{
    struct stmt *st = db_stmt(db, "PRAGMA page_count", e);
    bool row, ok = st && stmt_step(st, &row, e);
    if (ok)
        *ret = stmt_int(st, 0) * DB_PAGE_SIZE;
    stmt_done(st);
    return ok;
}

bool db_check(struct db *db, void (*say)(void *ctx, struct str line), void *ctx, struct err *e)
{
    struct stmt *st = db_stmt(db, "PRAGMA integrity_check", e);
    bool row = true, ok = st != NULL;
    while (ok && (ok = stmt_step(st, &row, e)) && row) {
        struct str line = stmt_bytes(st, 0);
        if (!str_is(line, "ok"))
            say(ctx, line);
    }
    stmt_done(st);
    return ok;
}
