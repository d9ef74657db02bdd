/* Older formats; see migrate.h. */
#include "sync/store/migrate.h"

#include <assert.h>
#include <stdio.h>
#include <sys/stat.h>

#include "sync/errors.h"
#include "sync/store/store_i.h"

#define KEPT_SECONDS (7 * 24 * 3600)

/* None yet. A released version stays readable: each that follows adds its step. */
static const struct migrations ours = {NULL, 0};
static const struct migrations *table = &ours;

const struct migrations *migrations_use(const struct migrations *use)
{
    const struct migrations *before = table;
    table = use ? use : &ours;
    return before;
}

uint32_t migrate_version(void)
{
    return STORE_FIRST + (uint32_t)table->n;
}

bool migrate_check_schema(struct db *db, uint32_t version, struct err *e)
{
    assert(version >= STORE_FIRST && version <= migrate_version());
    const struct migration *m =
        version < migrate_version() ? &table->v[version - STORE_FIRST] : NULL;
    return m && m->from ? schema_check(db, m->from, m->n_from, e) : schema_check(db, NULL, 0, e);
}

static char *copy_path(const struct store *s, uint32_t version)
{
    char suffix[32];
    snprintf(suffix, sizeof suffix, ".before-%u", (unsigned)version);
    return path_with(s->path, suffix);
}

/* That of an earlier attempt is replaced: it was of the same moment. */
static bool keep_copy(struct store *s, uint32_t version, struct err *e)
{
    char *path = copy_path(s, version), *part = path_with(path, ".part");
    bool ok = io_make_empty(part, 0600, e) && db_copy(s->db, part, NULL, NULL, e) &&
              io_rename(part, path, e);
    if (!ok)
        io_remove(part);
    mem_free(part);
    mem_free(path);
    return ok;
}

static bool set_version(struct store *s, struct err *e)
{
    char sql[64];
    snprintf(sql, sizeof sql, "PRAGMA user_version=%u", (unsigned)migrate_version());
    return db_exec(s->db, sql, e);
}

bool migrate_start(struct store *s, uint32_t version, struct err *e)
{
    if (!keep_copy(s, version, e) || !db_exec(s->db, "BEGIN IMMEDIATE", e))
        return false;
    bool ok = true;
    for (size_t i = version - STORE_FIRST; ok && i < table->n; i++)
        ok = table->v[i].run(s, e);
    return ok && set_version(s, e) && migrate_check_schema(s->db, migrate_version(), e);
}

bool migrate_finish(struct store *s, uint32_t version, bool note, struct err *e)
{
    static const struct id16 no_subject;
    static const struct hash32 no_object;
    char text[64];
    int n = snprintf(text, sizeof text, "%u to %u", (unsigned)version, (unsigned)migrate_version());
    return (!note || ledger_add(s, LEDGER_MIGRATE, wall_clock_ms(), &no_subject, &no_object,
                                (struct str){text, (size_t)n}, e)) &&
           head_write(s, e) && db_exec(s->db, "COMMIT", e);
}

void migrate_forget_old(struct store *s)
{
    for (uint32_t version = STORE_FIRST; version < migrate_version(); version++) {
        struct stat st;
        char *path = copy_path(s, version);
        if (stat(path, &st) == 0 && wall_clock_ms() / 1000 - st.st_mtime > KEPT_SECONDS)
            io_remove(path); /* one that stays is tried at the next opening, and before erasing */
        mem_free(path);
    }
}

bool migrate_forget(struct store *s, struct err *e)
{
    bool ok = true;
    for (uint32_t version = STORE_FIRST; ok && version < migrate_version(); version++) {
        char *path = copy_path(s, version);
        ok = io_remove_lasting(path, e);
        mem_free(path);
    }
    return ok;
}
