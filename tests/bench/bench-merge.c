/* Merging against its goals: bench-merge [DIR [RECORDS [SMALL]]]. An office, a laptop's bundle of 100,000 records of 2
 * KiB, 300 bundles of one record each. The floor is the same work bare: the same envelope verified, opened
 * and unpacked by one thread; each record's commitments and ledger rows hashed, sealed anew and inserted into
 * two tables with their unique indexes by another, nothing derived or decided. On the disk of DIR (default: the present folder). Exit 1
 * when a goal is missed. */
#include <pthread.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "sync/bundle/bundle.h"
#include "sync/bundle/keyring.h"
#include "sync/bundle/kit.h"
#include "sync/merge/merge.h"

#define PART1_BYTES 2000
#define PART2_BYTES 200

static struct err e;
static struct secret *passphrase;
static char folder[300];
static int missed;
static unsigned records = 100000, small = 300;

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double cpu_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "bench-merge: %s: %s %s\n", what, e.kind ? e.kind->id : "", e.arg[0]);
    exit(EXIT_FAILURE);
}

static void line(const char *work, double measured, double goal, const char *unit, bool at_least)
{
    bool met = at_least ? measured >= goal : measured <= goal;
    missed += !met;
    printf("%-58s %9.2f %-4s goal %6.1f %-4s %s\n", work, measured, unit, goal, unit,
           met ? "met" : "MISSED");
    fflush(stdout);
}

static void told(const char *work, double measured, const char *unit)
{
    printf("%-58s %9.2f %s\n", work, measured, unit);
    fflush(stdout);
}

static double resident_mib(void)
{
    FILE *f = fopen("/proc/self/statm", "r");
    long all = 0, resident = 0;
    if (f) {
        if (fscanf(f, "%ld %ld", &all, &resident) != 2)
            resident = 0;
        fclose(f);
    }
    return (double)resident * (double)sysconf(_SC_PAGESIZE) / (1 << 20);
}

static const char *in_folder(const char *name)
{
    static char paths[8][500];
    static unsigned next;
    char *p = paths[next++ % 8];
    snprintf(p, 500, "%s/%s", folder, name);
    return p;
}

/* ---- an office, laptops, bundles ---- */

static struct store *office;
static struct hash32 form;

static void make_office(void)
{
    struct secret *paper = NULL;
    struct office_new n = {.title = STR("Bench"), .user = STR("x"), .passphrase = passphrase};
    struct form_files f = {.form = {STR("f.md"), STR("| survey |")}};
    must(office_create(&office, in_folder("office.cacah"), &n, &paper, &e), "office");
    secret_free(paper);
    must(office_form_add(office, &f, &form, &e), "form");
}

static struct store *join_laptop(const char *name)
{
    struct store *s = NULL;
    struct kit *k;
    struct id16 kit;
    struct buf code;
    struct kit_new n = {.label = str_of(name), .lang = WORDS_ID, .now_ms = 1};
    struct join j = {.passphrase = passphrase, .user = STR("x")};
    char file[100];
    snprintf(file, sizeof file, "%s.kit", name);
    buf_init(&code, 200);
    must(kit_write(office, in_folder(file), &n, &code, &kit, &e), "kit");
    must(kit_open(&k, in_folder(file), buf_str(&code), &e), "kit");
    must(kit_join(&s, in_folder(name), k, &j, &e), "join");
    kit_close(k);
    buf_done(&code);
    return s;
}

/* Answers as they are: tags that repeat, values that don't. */
static void fill(char *at, size_t n, uint32_t seed)
{
    uint64_t x = seed * 2654435761u + 1;
    size_t i = 0;
    while (i + 24 < n) {
        x = x * 6364136223846793005u + 1442695040888963407u;
        i += (size_t)snprintf(at + i, 24, "<q%02u>%u</q%02u>", (unsigned)(i / 24 % 90),
                              (unsigned)(x >> 40), (unsigned)(i / 24 % 90));
    }
    memset(at + i, ' ', n - i);
}

static void interviews(struct store *s, unsigned n)
{
    char p1[PART1_BYTES], p2[PART2_BYTES];
    for (unsigned i = 0; i < n; i++) {
        struct id16 uuid;
        struct hash32 rev;
        fill(p1, sizeof p1, i);
        fill(p2, sizeof p2, i + 7);
        struct revision_new r = {.part1 = {p1, sizeof p1},
                                 .part2 = {p2, sizeof p2},
                                 .outcome = 1,
                                 .summary = STR("s"),
                                 .now_ms = 1};
        must(store_draft_begin(s, &form, NULL, NULL, 1, STR("start"), STR(""), &uuid, &e), "begin");
        must(store_draft_finalise(s, &uuid, &r, &rev, &e), "finalise");
    }
}

static struct bundle_written make_large(void)
{
    struct bundle_written w;
    struct store *s = join_laptop("large");
    for (unsigned done = 0; done < records;) {
        unsigned n = records - done < 1000 ? records - done : 1000;
        must(store_begin(s, &e), "begin");
        interviews(s, n);
        must(store_commit(s, &e), "commit");
        done += n;
    }
    must(bundle_write(s, in_folder("large.bundle"), 1, &w, &e), "bundle");
    store_close(s);
    return w;
}

static void make_small(void)
{
    struct bundle_written w;
    for (unsigned i = 0; i < small; i++) {
        char name[32];
        snprintf(name, sizeof name, "l%u", i);
        struct store *s = join_laptop(name);
        interviews(s, 1);
        snprintf(name, sizeof name, "s/l%03u.bundle", i);
        must(bundle_write(s, in_folder(name), 1, &w, &e), "bundle");
        store_close(s);
    }
}

static void index_record(void *ctx, const struct revision *r, struct str part1, struct str part2,
                         struct buf *out)
{
    (void)ctx, (void)r, (void)part2;
    buf_add_str(out, str_sub(part1, 0, 100));
}

static double merge_large(void)
{
    struct merge_report r = {0};
    struct err why = {0};
    enum merge_outcome outcome;
    struct merge_ctx m = {.store = office, .index = index_record, .now_ms = 1};
    double t0 = now_s(), c0 = cpu_s();
    must(merge_file(&m, in_folder("large.bundle"), &r, &outcome, &why, &e), "merge");
    if (outcome != MERGE_MERGED || r.new != records || !merge_report_adds_up(&r)) {
        fprintf(stderr, "bench-merge: %s: %llu new\n", why.kind ? why.kind->id : "-",
                (unsigned long long)r.new);
        exit(EXIT_FAILURE);
    }
    double rate = records / (now_s() - t0) / 1e3;
    told("merge, processor time", records / (cpu_s() - c0) / 1e3, "k/s");
    return rate;
}

static void merge_small(void)
{
    struct merge_report r = {0};
    struct merge_ctx m = {.store = office, .index = index_record, .now_ms = 1};
    struct merge_inbox in = {.folder = in_folder("s")};
    bool stopped;
    double t0 = now_s();
    must(merge_inbox(&m, &in, &r, &stopped, &e), "inbox");
    double took = now_s() - t0;
    if (r.merged != small || r.new != small)
        missed++;
    line("300 bundles of one record, each", took / small * 1e3, 1, "ms", false);
}

/* ---- the floor ---- */

#define BLOCK ((size_t)256 << 10)

static struct {
    pthread_mutex_t lock;
    pthread_cond_t turn;
    struct buf block[2]; /* frames: u8 type, le32 length, bytes */
    bool full[2], end;
    int filling;
    sqlite3 *db;
    sqlite3_stmt *record, *part, *row;
    uint8_t key[32];
    uint64_t n;
} bare = {.lock = PTHREAD_MUTEX_INITIALIZER, .turn = PTHREAD_COND_INITIALIZER};

static void bare_must(int rc)
{
    if (rc == SQLITE_OK || rc == SQLITE_DONE)
        return;
    fprintf(stderr, "bench-merge: bare: %s\n", sqlite3_errmsg(bare.db));
    exit(EXIT_FAILURE);
}

/* Seals and binds as parameter i; the buffer lives until the step. */
static void bare_seal(sqlite3_stmt *st, int i, const void *p, size_t n, uint8_t *out)
{
    unsigned long long size;
    randombytes_buf(out, 24);
    crypto_aead_xchacha20poly1305_ietf_encrypt(out + 24, &size, p, n, out, 24, NULL, out, bare.key);
    bare_must(sqlite3_bind_blob(st, i, out, (int)(size + 24), SQLITE_STATIC));
}

static void bare_step(sqlite3_stmt *st)
{
    bare_must(sqlite3_step(st));
    sqlite3_reset(st);
}

/* uuid16 device32 form32 outcome1 n1 c1 c2 parts1, then salt32 le32 bytes for each part */
static void bare_record(const uint8_t *p)
{
    static uint8_t sealed[2][1 << 16], front[512];
    uint8_t id[32], c[32];
    const uint8_t *at = p + 16 + 32 + 32 + 2 + 64 + 1;
    crypto_generichash(id, 32, p, 147, NULL, 0);
    bare_must(sqlite3_bind_blob(bare.record, 1, id, 32, SQLITE_STATIC));
    bare_must(sqlite3_bind_blob(bare.record, 2, p, 16, SQLITE_STATIC));
    bare_seal(bare.record, 3, p, 147, front);
    bare_step(bare.record);
    for (int i = 0; i < 2; i++) {
        uint32_t n = le32(at + 32);
        crypto_generichash(c, 32, at + 36, n, at, 32);
        bare_seal(bare.part, 1, at, n + 36, sealed[i]);
        bare_step(bare.part);
        at += 36 + n;
    }
    bare.n++;
}

static void bare_rows(const uint8_t *p, size_t n)
{
    uint8_t hash[32], sealed[LEDGER_ROW_SIZE + 40];
    for (size_t i = 32; i + LEDGER_ROW_SIZE <= n; i += LEDGER_ROW_SIZE) {
        crypto_generichash(hash, 32, p + i, LEDGER_ROW_SIZE, NULL, 0);
        bare_must(sqlite3_bind_blob(bare.row, 1, hash, 32, SQLITE_STATIC));
        bare_must(sqlite3_bind_blob(bare.row, 2, p + i + 122, 16, SQLITE_STATIC));
        bare_seal(bare.row, 3, p + i, LEDGER_ROW_SIZE, sealed);
        bare_step(bare.row);
    }
}

static void *bare_insert(void *unused)
{
    for (int turn = 0;; turn = !turn) {
        pthread_mutex_lock(&bare.lock);
        while (!bare.full[turn] && !bare.end)
            pthread_cond_wait(&bare.turn, &bare.lock);
        bool any = bare.full[turn];
        pthread_mutex_unlock(&bare.lock);
        if (!any)
            return unused;
        const uint8_t *p = (const uint8_t *)bare.block[turn].p, *end = p + bare.block[turn].n;
        for (size_t n; p < end; p += 5 + n) {
            n = le32(p + 1);
            if (p[0] == FRAME_RECORD)
                bare_record(p + 5);
            else if (p[0] == FRAME_ROWS)
                bare_rows(p + 5, n);
        }
        buf_clear(&bare.block[turn]);
        pthread_mutex_lock(&bare.lock);
        bare.full[turn] = false;
        pthread_cond_signal(&bare.turn);
        pthread_mutex_unlock(&bare.lock);
    }
}

static void hand_over(void)
{
    pthread_mutex_lock(&bare.lock);
    bare.full[bare.filling] = true;
    pthread_cond_signal(&bare.turn);
    bare.filling = !bare.filling;
    while (bare.full[bare.filling])
        pthread_cond_wait(&bare.turn, &bare.lock);
    pthread_mutex_unlock(&bare.lock);
}

static bool bare_frame(void *ctx, enum frame_type type, struct str body, struct err *why)
{
    struct buf *b = &bare.block[bare.filling];
    (void)ctx, (void)why;
    buf_add_u8(b, (uint8_t)type);
    buf_add_le32(b, (uint32_t)body.n);
    buf_add_str(b, body);
    if (b->n > BLOCK)
        hand_over();
    return true;
}

static void bare_open(void)
{
    static const char setup[] =
        "PRAGMA page_size=16384; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
        "PRAGMA secure_delete=ON; CREATE TABLE revision (no INTEGER PRIMARY KEY, id BLOB, uuid "
        "BLOB, "
        "sealed BLOB); CREATE UNIQUE INDEX i ON revision (id); CREATE UNIQUE INDEX u ON revision "
        "(uuid); CREATE TABLE part (no INTEGER PRIMARY KEY, sealed BLOB); CREATE TABLE ledger (no "
        "INTEGER PRIMARY KEY, hash BLOB, subject BLOB, sealed BLOB); CREATE UNIQUE INDEX l ON "
        "ledger "
        "(hash); CREATE INDEX s ON ledger (subject); BEGIN IMMEDIATE";
    bare_must(sqlite3_open(in_folder("bare.db"), &bare.db));
    bare_must(sqlite3_exec(bare.db, setup, NULL, NULL, NULL));
    bare_must(sqlite3_prepare_v2(bare.db,
                                 "INSERT INTO revision (id, uuid, sealed) VALUES (?1, ?2, ?3)", -1,
                                 &bare.record, NULL));
    bare_must(
        sqlite3_prepare_v2(bare.db, "INSERT INTO part (sealed) VALUES (?1)", -1, &bare.part, NULL));
    bare_must(sqlite3_prepare_v2(bare.db,
                                 "INSERT INTO ledger (hash, subject, sealed) VALUES (?1, ?2, ?3)",
                                 -1, &bare.row, NULL));
}

static double merge_bare(void)
{
    struct envelope_in *in;
    struct keyring k;
    pthread_t inserter;
    buf_init(&bare.block[0], 64u << 20);
    buf_init(&bare.block[1], 64u << 20);
    bare_open();
    double t0 = now_s();
    must(envelope_open(&in, in_folder("large.bundle"), &e) && envelope_check(in, &e) &&
             keyring_load(&k, office, &e) && envelope_unlock(in, k.keys, k.n, &e),
         "open");
    pthread_create(&inserter, NULL, bare_insert, NULL);
    must(envelope_frames(in, bare_frame, NULL, &e), "frames");
    hand_over();
    bare.end = true;
    pthread_mutex_lock(&bare.lock);
    pthread_cond_signal(&bare.turn);
    pthread_mutex_unlock(&bare.lock);
    pthread_join(inserter, NULL);
    bare_must(sqlite3_exec(bare.db, "COMMIT", NULL, NULL, NULL));
    double rate = (double)bare.n / (now_s() - t0) / 1e3;
    keyring_done(&k);
    envelope_in_free(in);
    sqlite3_finalize(bare.record);
    sqlite3_finalize(bare.part);
    sqlite3_finalize(bare.row);
    sqlite3_close(bare.db);
    buf_done(&bare.block[0]);
    buf_done(&bare.block[1]);
    if (bare.n != records)
        missed++;
    return rate;
}

/* ---- the whole ---- */

static void clean(void)
{
    char command[400];
    snprintf(command, sizeof command, "rm -r '%s'", folder);
    if (system(command) != 0)
        fprintf(stderr, "bench-merge: %s is left\n", folder);
}

int main(int argc, char **argv)
{
    must(crypt_start(&e), "start");
    snprintf(folder, sizeof folder, "%s/bench-merge-XXXXXX", argc > 1 ? argv[1] : ".");
    if (argc > 2)
        records = (unsigned)strtoul(argv[2], NULL, 10);
    if (argc > 3)
        small = (unsigned)strtoul(argv[3], NULL, 10);
    if (!mkdtemp(folder) || mkdir(in_folder("s"), 0700) != 0) {
        perror("bench-merge");
        return EXIT_FAILURE;
    }
    passphrase = secret_copy("lima kata yang dikenal", 22);
    make_office();
    struct bundle_written w = make_large();
    make_small();
    told("the bundle", (double)w.bytes / (1 << 20), "MiB");
    merge_small();
    double rate = merge_large();
    line("merge of the records", rate, 25, "k/s", true);
    line("  resident", resident_mib(), 32, "MiB", false);
    double floor = merge_bare();
    told("the same bare, in two threads", floor, "k/s");
    line("merge : bare", rate / floor, records > 500000 ? 0.6 : 0.7, "x", true);
    store_close(office);
    secret_free(passphrase);
    clean();
    return missed ? EXIT_FAILURE : EXIT_SUCCESS;
}
