/* Making, opening, closing a store. */
#include <assert.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sync/errors.h"
#include "sync/store/migrate.h"
#include "sync/store/store_i.h"

#define FILE_HEADER 100 /* SQLite's, at the beginning of its first page */

/* ---- paths and the writer's lock ---- */

char *path_with(const char *path, const char *suffix)
{
    size_t n = strlen(path) + strlen(suffix) + 1;
    char *p = mem_alloc(n);
    snprintf(p, n, "%s%s", path, suffix);
    return p;
}

bool store_lock(struct store *s, struct err *e)
{
    char *path = path_with(s->path, ".lock");
    bool ok = io_lock(&s->lock, path, e);
    mem_free(path);
    return ok;
}

struct store *store_new(const char *path)
{
    struct store *s = mem_alloc(sizeof *s);
    s->path = path_with(path, "");
    s->lock.fd = -1;
    s->ik = secret_new(32);
    s->pk = secret_new(32);
    s->boot = boot_id();
    return s;
}

void store_forget_keys(struct store *s)
{
    struct secret **const secrets[] = {&s->mk,        &s->seed,     &s->sign,      &s->box,
                                       &s->key_slots, &s->key_rows, &s->key_wraps, &s->key_lookup};
    for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++) {
        secret_free(*secrets[i]);
        *secrets[i] = NULL;
    }
}

void store_close(struct store *s)
{
    if (!s)
        return;
    store_rollback(s);
    db_close(s->db);
    io_unlock(&s->lock);
    store_forget_keys(s);
    secret_free(s->ik);
    secret_free(s->pk);
    memory_done(&s->now);
    memory_done(&s->before);
    memory_done(&s->before_part);
    mem_free(s->states);
    mem_free(s->path);
    crypt_wipe(s, sizeof *s);
    mem_free(s);
}

/* ---- keys ---- */

struct hash32 device_id(const struct pk32 *ed, const struct pk32 *x)
{
    struct buf m;
    buf_init(&m, 128);
    msg_tag(&m, "cacah.dev.1");
    buf_add(&m, ed->b, 32);
    buf_add(&m, x->b, 32);
    struct hash32 h = crypt_hash(buf_str(&m));
    buf_done(&m);
    return h;
}

void store_derive(struct store *s)
{
    s->key_slots = crypt_kdf(s->mk, 1, "cacahslt");
    s->key_rows = crypt_kdf(s->mk, 2, "cacahcfg");
    s->key_wraps = crypt_kdf(s->mk, 3, "cacahwrp");
    s->key_lookup = crypt_kdf(s->mk, 5, "cacahdup");
    struct secret *box_seed = crypt_kdf(s->mk, 6, "cacahbox");
    crypt_box_pair(box_seed, &s->identity.x_pk, &s->box);
    secret_free(box_seed);
    crypt_sign_pair(s->seed, &s->identity.ed_pk, &s->sign);
    s->identity.device = device_id(&s->identity.ed_pk, &s->identity.x_pk);
}

/* A practice survey's id begins with 8 zero bytes (decisions.md 19). */
static bool is_practice(const struct id16 *survey)
{
    static const uint8_t zero[8];
    return memcmp(survey->b, zero, sizeof zero) == 0;
}

void store_practice_random(struct store *s, void (*random)(void *ctx, void *p, size_t n), void *ctx)
{
    assert(s->identity.practice);
    s->practice_random = random;
    s->practice_ctx = ctx;
}

void store_random(struct store *s, void *p, size_t n)
{
    if (s->practice_random)
        s->practice_random(s->practice_ctx, p, n);
    else
        crypt_random(p, n);
}

/* ---- making ---- */

static bool insert_identity(struct store *s, struct err *e)
{
    struct stmt *st = db_stmt(s->db,
                              "INSERT INTO store (id, store, survey, kind) "
                              "VALUES (1, ?1, ?2, ?3)",
                              e);
    if (!st)
        return false;
    stmt_set_bytes(st, 1, s->identity.store.b, 16);
    stmt_set_bytes(st, 2, s->identity.survey.b, 16);
    stmt_set_int(st, 3, (uint64_t)s->identity.kind);
    return stmt_run(st, e);
}

static void new_identity(struct store *s, const struct store_init *init)
{
    s->identity.kind = init->kind;
    s->identity.survey = init->survey;
    s->identity.practice = is_practice(&init->survey);
    crypt_random(s->identity.store.b, 16);
    crypt_random(s->identity.incarnation.b, 16);
    if (init->signing_seed) {
        /* Practice: everything that an export shows comes from the seed (decisions.md 20). */
        assert(s->identity.practice && secret_size(init->signing_seed) == 32);
        s->seed = secret_copy(secret_view(init->signing_seed), 32);
        s->mk = crypt_kdf(init->signing_seed, 1, "cacahprc");
    } else {
        s->seed = secret_random(32);
        s->mk = secret_random(32);
    }
    store_derive(s);
    s->now.head.survey = init->survey;
    s->now.head.kind = (uint64_t)init->kind;
    s->now.head.incarnation = s->identity.incarnation;
}

static bool fill(struct store *s, const struct store_init *init, struct kdf_cost cost,
                 struct err *e)
{
    return schema_create(s->db, migrate_version(), e) && insert_identity(s, e) &&
           author_make(s, &s->identity.device, &s->now.head.author, e) &&
           slot_put_user(s, init->user, init->passphrase, cost, &s->slot, e) &&
           recovery_keys_put(s, &init->office_recovery, &init->paper_recovery, e) &&
           slots_put_recovery(s, e) && (!init->fill || init->fill(init->fill_ctx, s, e));
}

static void remove_beside(const char *path, const char *suffix)
{
    char *beside = path_with(path, suffix);
    io_remove(beside);
    mem_free(beside);
}

static bool make_file(const char *part, struct err *e)
{
    /* What an interrupted making left behind: it was never a store. */
    remove_beside(part, "-journal");
    return io_make_empty(part, 0600, e);
}

/* The log of a store that is gone would be replayed into the new one. */
static bool name_part(const char *part, const char *path, struct err *e)
{
    remove_beside(path, "-wal");
    remove_beside(path, "-shm");
    return io_rename(part, path, e);
}

/* Under its temporary name, in one transaction, and closed again: complete or not there. */
static bool make_part(struct store *s, const char *part, const struct store_init *init,
                      struct err *e)
{
    struct kdf_cost cost = kdf_cost_calibrated();
    new_identity(s, init);
    bool ok = make_file(part, e) && db_open(&s->db, part, DB_MAKE, e) && store_begin(s, e) &&
              fill(s, init, cost, e) && store_commit(s, e);
    store_rollback(s);
    db_close(s->db);
    s->db = NULL;
    return ok;
}

static bool create(struct store *s, const struct store_init *init, struct err *e)
{
    struct stat st;
    if (io_is_network(s->path))
        return err_fail1(e, ERR_STORE_NETWORK, s->path);
    if (lstat(s->path, &st) == 0)
        return err_fail1(e, ERR_STORE_EXISTS, s->path);
    if (!store_lock(s, e))
        return false;
    if (lstat(s->path, &st) == 0) /* another process made it while we waited */
        return err_fail1(e, ERR_STORE_EXISTS, s->path);
    char *part = path_with(s->path, ".part");
    bool ok = make_part(s, part, init, e) && name_part(part, s->path, e);
    if (!ok)
        io_remove(part);
    mem_free(part);
    return ok && db_open(&s->db, s->path, DB_WRITE, e);
}

bool store_create(struct store **ret, const char *path, const struct store_init *init,
                  struct err *e)
{
    struct store *s = store_new(path);
    if (!create(s, init, e)) {
        store_close(s);
        return false;
    }
    *ret = s;
    return true;
}

/* ---- opening ---- */

static bool read_number(struct db *db, const char *pragma, uint64_t *ret, struct err *e)
{
    struct stmt *st = db_stmt(db, pragma, e);
    bool row, ok = st && stmt_step(st, &row, e);
    if (ok)
        *ret = row ? stmt_int(st, 0) : 0;
    stmt_done(st);
    return ok;
}

static bool known_version(uint64_t version, struct err *e)
{
    char found[ERR_ARG_MAX], known[ERR_ARG_MAX];
    err_num(found, (int64_t)version);
    if (version < STORE_FIRST)
        return err_fail1(e, ERR_STORE_BEFORE, found);
    return version <= migrate_version() ||
           err_fail2(e, ERR_STORE_NEWER, found, err_num(known, migrate_version()));
}

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* 0 "SQLite format 3\0" · 60 be32 user_version · 68 be32 application_id */
bool store_check_file(const char *path, uint32_t *ret_version, uint64_t *ret_size, struct err *e)
{
    uint8_t h[FILE_HEADER];
    int fd;
    uint64_t size;
    struct err why = {0};
    if (!io_open_read(path, UINT64_MAX, &fd, &size, &why)) {
        if (err_is(&why, &ERR_FILE_ABSENT))
            return err_fail1(e, ERR_STORE_MISSING, path);
        *e = why;
        return false;
    }
    bool read = size >= sizeof h;
    if (read && !io_read_exact(fd, h, sizeof h, e)) {
        io_close(fd);
        return false;
    }
    io_close(fd);
    if (!read || memcmp(h, "SQLite format 3", 16) != 0 || be32(h + 68) != DB_APPLICATION_ID)
        return err_fail1(e, ERR_STORE_NOT, path);
    *ret_version = be32(h + 60);
    *ret_size = size;
    return known_version(*ret_version, e);
}

static bool check_database(struct store *s, uint32_t *ret_version, struct err *e)
{
    uint64_t version, application;
    if (!read_number(s->db, "PRAGMA application_id", &application, e) ||
        !read_number(s->db, "PRAGMA user_version", &version, e))
        return false;
    if (application != DB_APPLICATION_ID)
        return err_fail1(e, ERR_STORE_NOT, s->path);
    if (!known_version(version, e))
        return false;
    *ret_version = (uint32_t)version;
    return migrate_check_schema(s->db, (uint32_t)version, e);
}

bool read_identity(struct db *db, struct store_identity *id, struct err *e)
{
    struct stmt *st = db_stmt(db, "SELECT store, survey, kind FROM store WHERE id = 1", e);
    bool row, ok = st && stmt_step(st, &row, e);
    if (ok && (!row || stmt_bytes(st, 0).n != 16 || stmt_bytes(st, 1).n != 16))
        ok = err_fail1(e, ERR_STORE_DAMAGED, "its identity is missing");
    if (ok) {
        memcpy(id->store.b, stmt_bytes(st, 0).p, 16);
        memcpy(id->survey.b, stmt_bytes(st, 1).p, 16);
        id->kind = stmt_int(st, 2) == STORE_OFFICE ? STORE_OFFICE : STORE_FIELD;
        id->practice = is_practice(&id->survey);
    }
    stmt_done(st);
    return ok;
}

/* What the clear row says must be what the sealed head says. */
static bool check_identity(struct store *s, bool recovering, struct err *e)
{
    const struct head *h = &s->now.head;
    uint64_t author;
    if (!id16_eq(&h->survey, &s->identity.survey) || h->kind != (uint64_t)s->identity.kind)
        return err_fail1(e, ERR_STORE_DAMAGED, "its identity was altered");
    if (!author_number(s, &s->identity.device, &author, e))
        return false;
    if (author != h->author && !recovering)
        return err_fail1(e, ERR_STORE_DAMAGED, "its device is not the one it was made with");
    s->identity.incarnation = h->incarnation;
    return true;
}

/* MK alone opens what is in the store but is no device: a new seed, a new one. */
static bool unlock(struct store *s, const struct secret *passphrase, const struct secret *mk,
                   struct err *e)
{
    if (passphrase)
        return slots_unlock(s, passphrase, e);
    s->mk = secret_copy(secret_view(mk), secret_size(mk));
    s->seed = secret_random(32);
    return true;
}

/* From an older format, in one transaction with what is read of it. */
static bool read_older(struct store *s, uint32_t version, bool recovering, struct err *e)
{
    if (s->read_only)
        return err_fail(e, ERR_STORE_OLDER);
    return db_exec(s->db, "COMMIT", e) && migrate_start(s, version, e) && head_read(s, e) &&
           check_identity(s, recovering, e) && migrate_finish(s, version, !recovering, e);
}

/* A reader keeps this transaction: it sees one moment. */
bool store_read(struct store *s, const struct secret *passphrase, const struct secret *mk,
                struct err *e)
{
    uint32_t version = 0;
    if (!db_exec(s->db, "BEGIN", e) || !check_database(s, &version, e) ||
        !read_identity(s->db, &s->identity, e) || !unlock(s, passphrase, mk, e))
        return false;
    store_derive(s);
    if (version < migrate_version())
        return read_older(s, version, mk != NULL, e);
    if (!s->read_only)
        migrate_forget_old(s);
    return head_read(s, e) && check_identity(s, mk != NULL, e) &&
           (s->read_only || db_exec(s->db, "COMMIT", e));
}

enum opening { OPEN_WRITE, OPEN_READ, OPEN_CHECK };

static bool open_with(struct store **ret, const char *path, const struct secret *passphrase,
                      enum opening how, struct err *e)
{
    uint32_t version;
    uint64_t size;
    if (!store_check_file(path, &version, &size, e))
        return false;
    if (io_is_network(path))
        return err_fail1(e, ERR_STORE_NETWORK, path);
    struct store *s = store_new(path);
    s->read_only = how != OPEN_WRITE;
    s->checking = how == OPEN_CHECK;
    if ((s->read_only || store_lock(s, e)) &&
        db_open(&s->db, path, s->read_only ? DB_READ : DB_WRITE, e) &&
        store_read(s, passphrase, NULL, e)) {
        *ret = s;
        return true;
    }
    store_close(s);
    return false;
}

bool store_open(struct store **ret, const char *path, const struct secret *passphrase,
                struct err *e)
{
    return open_with(ret, path, passphrase, OPEN_WRITE, e);
}

bool store_open_read(struct store **ret, const char *path, const struct secret *passphrase,
                     struct err *e)
{
    return open_with(ret, path, passphrase, OPEN_READ, e);
}

bool store_open_check(struct store **ret, const char *path, const struct secret *passphrase,
                      struct err *e)
{
    return open_with(ret, path, passphrase, OPEN_CHECK, e);
}

/* ---- without a key ---- */

/* Ledger and devices have it in the clear: a name for people, as in the names of bundles. */
static bool read_device(struct db *db, struct hash32 *ret, struct err *e)
{
    struct stmt *st = db_stmt(db,
                              "SELECT device FROM author WHERE no = "
                              "(SELECT author FROM ledger ORDER BY no DESC LIMIT 1)",
                              e);
    bool row, ok = st && stmt_step(st, &row, e);
    if (ok && row && stmt_bytes(st, 0).n == sizeof ret->b)
        memcpy(ret->b, stmt_bytes(st, 0).p, sizeof ret->b);
    stmt_done(st);
    return ok;
}

bool store_peek(const char *path, struct store_peek *ret, struct err *e)
{
    struct store_peek p = {0};
    struct store_identity id = {0};
    struct db *db = NULL;
    if (!store_check_file(path, &p.version, &p.bytes, e) || !db_open(&db, path, DB_READ, e))
        return false;
    bool ok = migrate_check_schema(db, p.version, e) && read_identity(db, &id, e) &&
              read_number(db, "SELECT count(*) FROM head WHERE id > 0", &p.drafts, e) &&
              read_number(db, "SELECT count(*) FROM revision", &p.revisions, e) &&
              read_number(db, "SELECT count(*) FROM ledger", &p.ledger_rows, e) &&
              read_device(db, &p.device, e);
    db_close(db);
    if (!ok)
        return false;
    p.survey = id.survey;
    p.store = id.store;
    p.kind = id.kind;
    *ret = p;
    return true;
}

/* ---- what others ask ---- */

const struct store_identity *store_identity(const struct store *s)
{
    return &s->identity;
}

const char *store_path(const struct store *s)
{
    return s->path;
}

const struct secret *store_signing_key(const struct store *s)
{
    return s->sign;
}

const struct secret *store_box_key(const struct store *s)
{
    return s->box;
}

struct secret *store_subkey(const struct store *s, uint64_t id, const char *context)
{
    return crypt_kdf(s->mk, id, context);
}

uint64_t store_changes(const struct store *s)
{
    return db_total_changes(s->db);
}

void store_trim(struct store *s)
{
    db_trim(s->db);
}

bool store_counts(struct store *s, struct store_counts *ret, struct err *e)
{
    (void)e; /* all of them are in the head */
    const struct head *h = &s->now.head;
    *ret = (struct store_counts){
        .drafts = s->now.n_drafts,
        .revisions = h->rows[COUNT_REVISION],
        .pending = h->pending,
        .devices = h->rows[COUNT_DEVICE],
        .ledger_rows = h->rows[COUNT_LEDGER],
        .forms = h->rows[COUNT_FORM],
    };
    return true;
}
