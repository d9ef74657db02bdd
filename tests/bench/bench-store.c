/* The store against its goals: bench-store [DIR]. Ratios come from one run, the two sides taking turns, on
 * the disk of DIR (default: /var/tmp; a tmpfs would flatter both sides). Prints one line a work: what,
 * measured, goal, verdict. Exit 1 when a goal is missed. How soon home is drawn, and that its lists and its
 * filter follow each key, are goals of bench-screen, which has the screens. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "sync/store/store.h"
#include "tests/bench/measure.h"

#define ANSWERS      1500
#define RECORDS      100000
#define EVENT_BYTES  150 /* an answer with its times and place */
#define NOTE_BYTES   200
#define PART1_BYTES  2000
#define PART2_BYTES  200
#define SEALED_BYTES (192 + SEAL_OVERHEAD) /* what EVENT_BYTES becomes */

static struct err e;
static struct secret *passphrase;
static char folder[300], path[400];

static double now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static double cpu_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "bench-store: %s: %s %s\n", what, e.kind ? e.kind->id : "", e.arg[0]);
    exit(EXIT_FAILURE);
}

/* ---- a bare commit ---- */

static sqlite3 *bare;
static sqlite3_stmt *bare_begin, *bare_insert, *bare_commit;

static void bare_must(int rc)
{
    if (rc == SQLITE_OK || rc == SQLITE_DONE)
        return;
    fprintf(stderr, "bench-store: bare: %s\n", sqlite3_errmsg(bare));
    exit(EXIT_FAILURE);
}

static void bare_open(void)
{
    char at[400];
    snprintf(at, sizeof at, "%s/bare.db", folder);
    bare_must(sqlite3_open(at, &bare));
    bare_must(
        sqlite3_exec(bare,
                     "PRAGMA page_size=16384; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
                     "PRAGMA secure_delete=ON; PRAGMA wal_autocheckpoint=500;"
                     "CREATE TABLE journal (at INTEGER PRIMARY KEY, pii INTEGER, sealed BLOB)",
                     NULL, NULL, NULL));
    bare_must(sqlite3_prepare_v2(bare, "BEGIN IMMEDIATE", -1, &bare_begin, NULL));
    bare_must(sqlite3_prepare_v2(bare, "INSERT INTO journal (pii, sealed) VALUES (0, ?1)", -1,
                                 &bare_insert, NULL));
    bare_must(sqlite3_prepare_v2(bare, "COMMIT", -1, &bare_commit, NULL));
}

static void bare_answer(const void *p, size_t n)
{
    sqlite3_stmt *const all[] = {bare_begin, bare_insert, bare_commit};
    bare_must(sqlite3_bind_blob(bare_insert, 1, p, (int)n, SQLITE_STATIC));
    for (size_t i = 0; i < 3; i++) {
        bare_must(sqlite3_step(all[i]));
        sqlite3_reset(all[i]);
    }
}

static void bare_close(void)
{
    sqlite3_finalize(bare_begin);
    sqlite3_finalize(bare_insert);
    sqlite3_finalize(bare_commit);
    sqlite3_close(bare);
}

/* ---- the store ---- */

static struct store *store_make(void)
{
    struct store *s = NULL;
    struct store_init init = {.kind = STORE_FIELD, .passphrase = passphrase};
    memcpy(init.survey.b, "survey-of-bench!", 16);
    must(store_create(&s, path, &init, &e), "create");
    return s;
}

static void bench_answers(struct store *s, const struct hash32 *form)
{
    static char event[EVENT_BYTES], note[NOTE_BYTES], sealed[SEALED_BYTES];
    static double ours[ANSWERS], theirs[ANSWERS];
    struct id16 uuid;
    crypt_random(sealed, sizeof sealed);
    must(store_draft_begin(s, form, NULL, NULL, 1, STR("start"), STR(""), &uuid, &e), "begin");
    bare_open();
    for (int i = 0; i < ANSWERS; i++) {
        double t0 = now_us();
        must(store_draft_append(s, &uuid, i % 5 == 0, i, (struct str){event, sizeof event},
                                (struct str){note, sizeof note}, &e),
             "append");
        double t1 = now_us();
        bare_answer(sealed, sizeof sealed);
        ours[i] = t1 - t0;
        theirs[i] = now_us() - t1;
    }
    bare_close();
    double mine = median(ours, ANSWERS), floor = median(theirs, ANSWERS);
    told("a bare commit of the sealed event alone, median", floor, "us");
    told("an answer taken durably, median", mine, "us");
    told("  its 99th percentile", ours[ANSWERS * 99 / 100], "us");
    line("an answer taken durably : a bare commit", mine / floor, 1.3, "x", false);
    must(store_draft_void(s, &uuid, STR(""), 1, &e), "void");
}

static void add_record(struct store *s, uint32_t i)
{
    static char bytes[PART1_BYTES];
    struct revision r = {.device = {{2}}, .form = {{3}}, .outcome = 1};
    struct part p1 = {.bytes = {bytes, PART1_BYTES}}, p2 = {.bytes = {bytes, PART2_BYTES}};
    char summary[100];
    bool fresh;
    crypt_random(r.uuid.b, sizeof r.uuid.b);
    crypt_random(p1.salt, sizeof p1.salt);
    crypt_random(p2.salt, sizeof p2.salt);
    r.c1 = part_commitment(p1.salt, 1, p1.bytes);
    r.c2 = part_commitment(p2.salt, 2, p2.bytes);
    r.rev_id = revision_id(&r, &store_identity(s)->survey);
    int n = snprintf(summary, sizeof summary, "record number %u of an enumerator", i);
    must(store_revision_put(s, &r, &p1, &p2, REVISION_HELD, (struct str){summary, (size_t)n},
                            &fresh, &e),
         "record");
}

static void fill(struct store *s)
{
    double t0 = now_us(), c0 = cpu_us();
    must(store_begin(s, &e), "begin");
    for (uint32_t i = 0; i < RECORDS; i++)
        add_record(s, i);
    must(store_commit(s, &e), "commit");
    told("records put, in one transaction", RECORDS / (now_us() - t0) * 1e3, "k/s");
    told("  of processor time", RECORDS / (cpu_us() - c0) * 1e3, "k/s");
}

static bool each_record(void *ctx, const struct revision *r, enum revision_state state,
                        struct str summary)
{
    (void)r, (void)state;
    *(size_t *)ctx += summary.n > 0;
    return true;
}

static bool note_cost(void *ctx, const struct slot_info *i)
{
    if (i->mine)
        *(struct kdf_cost *)ctx = i->cost;
    return true;
}

/* Opening is measured beside the key derivation that it begins with, at the cost that this store has. */
static void bench_open(void)
{
    double kdf[5], all[5];
    struct kdf_cost cost = {0};
    struct store *s = NULL;
    uint8_t salt[16] = {0};
    struct store_counts n;
    must(store_open(&s, path, passphrase, &e) && store_slot_each(s, note_cost, &cost, &e), "cost");
    for (int i = 0; i < 5; i++) {
        struct secret *k;
        double t0 = now_us();
        must(crypt_passphrase(passphrase, salt, cost, &k, &e), "derive");
        kdf[i] = now_us() - t0;
        secret_free(k);
        store_close(s);
        t0 = now_us();
        must(store_open(&s, path, passphrase, &e), "open");
        must(store_counts(s, &n, &e), "count");
        all[i] = now_us() - t0;
    }
    line("100,000 records: opened and counted, after the key",
         (median(all, 5) - median(kdf, 5)) / 1e3, 150, "ms", false);
    line("  resident", resident_mib(), 40, "MiB", false);
    size_t seen = 0;
    double t0 = now_us(), c0 = cpu_us();
    must(store_revision_each(s, each_record, &seen, &e), "list");
    told("  all of them listed", (now_us() - t0) / 1e3, "ms");
    told("  of processor time", (cpu_us() - c0) / 1e3, "ms");
    line("  resident", resident_mib(), 40, "MiB", false);
    if (seen != RECORDS)
        missed++;
    store_close(s);
}

int main(int argc, char **argv)
{
    char name[500];
    must(crypt_start(&e), "start");
    snprintf(folder, sizeof folder, "%s/bench-store-XXXXXX", argc > 1 ? argv[1] : "/var/tmp");
    if (!mkdtemp(folder)) {
        perror("bench-store");
        return EXIT_FAILURE;
    }
    snprintf(path, sizeof path, "%s/field.cacah", folder);
    passphrase = secret_copy("lima kata yang dikenal", 22);
    struct store *s = store_make();
    struct hash32 form;
    struct form_files f = {.form = {STR("f.md"), STR("| survey |")}};
    must(store_form_put(s, &f, &form, &e), "form");
    bench_answers(s, &form);
    fill(s);
    store_close(s);
    bench_open();
    secret_free(passphrase);
    static const char *const files[] = {"field.cacah", "field.cacah.lock", "bare.db"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        snprintf(name, sizeof name, "%s/%s", folder, files[i]);
        unlink(name);
    }
    rmdir(folder);
    return missed ? EXIT_FAILURE : EXIT_SUCCESS;
}
