/* Merging against its goals: bench-merge [DIR [RECORDS [SMALL]]]. An office, a laptop's bundle of 100,000
 * records of 2 KiB, 300 bundles of one record each. The floor is the same work bare, in libsodium, zstd and
 * SQLite: one thread reads the bundle twice, checks the signature, opens and unpacks it; another checks the
 * commitments, seals each record, its two parts and its ledger rows anew and inserts them in rowid order,
 * records and rows under a unique identifier, in one transaction with the store's pragmas. Nothing is derived
 * or decided; there are no keys of interviews, no summaries, no look-up by interview. On the disk of DIR
 * (default: the present folder). Exit 1 when a goal is missed. */
#include <pthread.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zstd.h>

#include "sync/bundle/bundle.h"
#include "sync/bundle/envelope_i.h"
#include "sync/bundle/keyring.h"
#include "sync/bundle/kit.h"
#include "sync/merge/merge.h"
#include "tests/bench/measure.h"

#define PART1_BYTES 2000
#define PART2_BYTES 200

static struct err e;
static struct secret *passphrase;
static char folder[300];
static unsigned records = 100000, small = 300;

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "bench-merge: %s: %s %s\n", what, e.kind ? e.kind->id : "", e.arg[0]);
    exit(EXIT_FAILURE);
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

/* ---- the floor: libsodium, zstd and SQLite alone ---- */

#define BLOCK ((size_t)128 << 10)

static struct {
    pthread_mutex_t lock;
    pthread_cond_t turn;
    uint8_t block[4][BLOCK];
    size_t n[4];
    uint64_t filled, emptied;
    bool end;
    struct buf cut; /* a frame that goes on in the next block */
    sqlite3 *db;
    sqlite3_stmt *record, *part, *row;
    uint8_t key[32];
    uint64_t n_records;
} bare = {.lock = PTHREAD_MUTEX_INITIALIZER, .turn = PTHREAD_COND_INITIALIZER};

static void bare_must(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "bench-merge: bare: %s: %s\n", what, sqlite3_errmsg(bare.db));
    exit(EXIT_FAILURE);
}

static void bare_sql(const char *sql)
{
    bare_must(sqlite3_exec(bare.db, sql, NULL, NULL, NULL) == SQLITE_OK, sql);
}

/* Sealed anew; `id`, if any, is unique. */
static void bare_insert(sqlite3_stmt *st, const uint8_t *p, size_t n, const uint8_t *id)
{
    static uint8_t sealed[1 << 17];
    unsigned long long size;
    bare_must(n + 40 <= sizeof sealed, "a record's size");
    randombytes_buf(sealed, 24);
    crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + 24, &size, p, n, NULL, 0, NULL, sealed,
                                               bare.key);
    sqlite3_bind_blob(st, 1, sealed, (int)(size + 24), SQLITE_STATIC);
    if (id)
        sqlite3_bind_blob(st, 2, id, 32, SQLITE_STATIC);
    bare_must(sqlite3_step(st) == SQLITE_DONE, "insert");
    sqlite3_reset(st);
}

/* uuid 16, device 32, form 32, outcome 1, parents 1 (none), c1 32, c2 32, parts 1; of each part: salt 32,
 * le32 length, bytes. */
static void bare_record(const uint8_t *p)
{
    enum { C1 = 82, PARTS = C1 + 64, FRONT = PARTS + 1 };
    uint8_t id[32], c[32];
    const uint8_t *at = p + FRONT;
    crypto_generichash(id, sizeof id, p, PARTS, NULL, 0);
    bare_insert(bare.record, p, FRONT, id);
    for (int i = 0; i < 2; i++) {
        static const uint8_t tag[16] = "cacah.part.1";
        crypto_generichash_state h;
        uint8_t front[9] = {(uint8_t)(i + 1)};
        uint32_t n = le32(at + 32);
        put_le64(front + 1, n);
        crypto_generichash_init(&h, at, 32, 32);
        crypto_generichash_update(&h, tag, sizeof tag);
        crypto_generichash_update(&h, front, sizeof front);
        crypto_generichash_update(&h, at + 36, n);
        crypto_generichash_final(&h, c, 32);
        bare_must(memcmp(c, p + C1 + 32 * i, 32) == 0, "a commitment");
        bare_insert(bare.part, at, 36 + n, NULL);
        at += 36 + n;
    }
    bare.n_records++;
}

static void bare_frame(uint8_t type, const uint8_t *p, size_t n)
{
    uint8_t id[32];
    if (type == FRAME_RECORD)
        bare_record(p);
    for (size_t i = 32; type == FRAME_ROWS && i + LEDGER_ROW_SIZE <= n; i += LEDGER_ROW_SIZE) {
        crypto_generichash(id, sizeof id, p + i, LEDGER_ROW_SIZE, NULL, 0);
        bare_insert(bare.row, p + i, LEDGER_ROW_SIZE, id);
    }
}

/* Frames that are whole, out of what was left and this block. */
static void bare_block(const uint8_t *p, size_t n)
{
    const uint8_t *at = p, *end = p + n;
    if (bare.cut.n) {
        buf_add(&bare.cut, p, n);
        at = (const uint8_t *)bare.cut.p;
        end = at + bare.cut.n;
    }
    while (end - at >= FRAME_PREFIX && (size_t)(end - at) >= FRAME_PREFIX + le32(at + 1)) {
        bare_frame(at[0], at + FRAME_PREFIX, le32(at + 1));
        at += FRAME_PREFIX + le32(at + 1);
    }
    size_t left = (size_t)(end - at);
    if (bare.cut.n)
        memmove(bare.cut.p, at, left);
    else
        buf_add(&bare.cut, at, left);
    bare.cut.n = left;
}

static void *bare_writer(void *unused)
{
    pthread_mutex_lock(&bare.lock);
    while (true) {
        while (bare.filled == bare.emptied && !bare.end)
            pthread_cond_wait(&bare.turn, &bare.lock);
        if (bare.filled == bare.emptied)
            break;
        pthread_mutex_unlock(&bare.lock);
        bare_block(bare.block[bare.emptied % 4], bare.n[bare.emptied % 4]);
        pthread_mutex_lock(&bare.lock);
        bare.emptied++;
        pthread_cond_signal(&bare.turn);
    }
    pthread_mutex_unlock(&bare.lock);
    return unused;
}

static void bare_unpack(ZSTD_DCtx *zstd, const uint8_t *p, size_t n)
{
    ZSTD_inBuffer src = {p, n, 0};
    ZSTD_outBuffer dst;
    do {
        pthread_mutex_lock(&bare.lock);
        while (bare.filled - bare.emptied == 4)
            pthread_cond_wait(&bare.turn, &bare.lock);
        pthread_mutex_unlock(&bare.lock);
        dst = (ZSTD_outBuffer){bare.block[bare.filled % 4], BLOCK, 0};
        bare_must(!ZSTD_isError(ZSTD_decompressStream(zstd, &dst, &src)), "zstd");
        pthread_mutex_lock(&bare.lock);
        bare.n[bare.filled % 4] = dst.pos;
        bare.filled += dst.pos > 0;
        pthread_cond_signal(&bare.turn);
        pthread_mutex_unlock(&bare.lock);
    } while (src.pos < src.size || dst.pos == dst.size);
}

static void bare_open_db(void)
{
    bare_must(sqlite3_open(in_folder("bare.db"), &bare.db) == SQLITE_OK, "open");
    bare_sql("PRAGMA page_size=16384; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
             "PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY; PRAGMA wal_autocheckpoint=500; "
             "PRAGMA cache_size=-16384");
    bare_sql("CREATE TABLE record (no INTEGER PRIMARY KEY, id BLOB, sealed BLOB); "
             "CREATE UNIQUE INDEX record_id ON record (id); "
             "CREATE TABLE part (no INTEGER PRIMARY KEY, sealed BLOB); "
             "CREATE TABLE ledger (no INTEGER PRIMARY KEY, id BLOB, sealed BLOB); "
             "CREATE UNIQUE INDEX ledger_id ON ledger (id); BEGIN IMMEDIATE");
    sqlite3_prepare_v2(bare.db, "INSERT INTO record (sealed, id) VALUES (?1, ?2)", -1, &bare.record,
                       NULL);
    sqlite3_prepare_v2(bare.db, "INSERT INTO part (sealed) VALUES (?1)", -1, &bare.part, NULL);
    sqlite3_prepare_v2(bare.db, "INSERT INTO ledger (sealed, id) VALUES (?1, ?2)", -1, &bare.row,
                       NULL);
}

struct bare_file {
    FILE *f;
    long size, header; /* bytes of all, of the header */
    struct envelope_header h;
    struct hash32 hh;
    uint8_t key[32], sealed[65536 + 17], plain[65536];
};

/* The header is read by our own function; there is one, however many records follow. */
static void bare_start(struct bare_file *b)
{
    struct keyring k;
    struct secret *key = NULL;
    uint8_t fk[32];
    size_t header = 0;
    b->f = fopen(in_folder("large.bundle"), "rb");
    bare_must(b->f && fseek(b->f, 0, SEEK_END) == 0, "the bundle");
    b->size = ftell(b->f);
    rewind(b->f);
    size_t n = fread(b->sealed, 1, sizeof b->sealed, b->f);
    must(envelope_header_parse((struct str){(char *)b->sealed, n}, &b->h, &header, &e), "header");
    b->header = (long)header;
    b->hh = envelope_header_hash((struct str){(char *)b->sealed, header});
    must(keyring_load(&k, office, &e), "keys");
    bool opened = false;
    for (size_t i = 0; i < k.n && !opened; i++)
        for (uint32_t t = 0; t < b->h.n_to && !opened; t++)
            opened = crypto_box_seal_open(fk, b->h.sealed[t], sizeof b->h.sealed[t], k.keys[i].pk.b,
                                          secret_view(k.keys[i].sk)) == 0;
    keyring_done(&k);
    bare_must(opened, "the file's key");
    struct secret *secret = secret_copy(fk, sizeof fk);
    key = envelope_stream_key(secret, &b->hh);
    memcpy(b->key, secret_view(key), sizeof b->key);
    secret_free(secret);
    secret_free(key);
}

/* Pass 1: what was signed. */
static void bare_verify(struct bare_file *b, uint8_t hash[64])
{
    crypto_generichash_state h;
    uint8_t message[16 + 64] = "cacah.env.1", sig[64];
    long left = b->size - 64;
    rewind(b->f);
    crypto_generichash_init(&h, NULL, 0, 64);
    for (size_t n; left > 0; left -= (long)n) {
        n = fread(b->sealed, 1, left < 65536 ? (size_t)left : 65536, b->f);
        bare_must(n > 0, "read");
        crypto_generichash_update(&h, b->sealed, n);
    }
    crypto_generichash_final(&h, hash, 64);
    memcpy(message + 16, hash, 64);
    bare_must(fread(sig, 1, 64, b->f) == 64 &&
                  crypto_sign_verify_detached(sig, message, sizeof message, b->h.sender.b) == 0,
              "signature");
}

/* Pass 2: read, hashed again, opened, unpacked. */
static void bare_read(struct bare_file *b, const uint8_t signed_hash[64])
{
    crypto_secretstream_xchacha20poly1305_state st;
    crypto_generichash_state h;
    ZSTD_DCtx *zstd = ZSTD_createDCtx();
    uint8_t hash[64], tag;
    rewind(b->f);
    crypto_generichash_init(&h, NULL, 0, 64);
    size_t n = fread(b->sealed, 1, (size_t)b->header + 24, b->f);
    crypto_generichash_update(&h, b->sealed, n);
    bare_must(crypto_secretstream_xchacha20poly1305_init_pull(&st, b->sealed + b->header, b->key) ==
                  0,
              "stream");
    for (long left = b->size - b->header - 24 - 64; left > 0; left -= (long)n) {
        n = fread(b->sealed, 1, left < 65553 ? (size_t)left : 65553, b->f);
        crypto_generichash_update(&h, b->sealed, n);
        bare_must(n > 17 && crypto_secretstream_xchacha20poly1305_pull(
                                &st, b->plain, NULL, &tag, b->sealed, n, b->hh.b, 32) == 0,
                  "chunk");
        bare_unpack(zstd, b->plain, n - 17);
    }
    crypto_generichash_final(&h, hash, 64);
    bare_must(memcmp(hash, signed_hash, 64) == 0, "changed");
    ZSTD_freeDCtx(zstd);
}

static double merge_bare(void)
{
    static struct bare_file b;
    uint8_t hash[64];
    pthread_t writer;
    buf_init(&bare.cut, 64u << 20);
    bare_open_db();
    double t0 = now_s(), c0 = cpu_s();
    bare_start(&b);
    bare_verify(&b, hash);
    pthread_create(&writer, NULL, bare_writer, NULL);
    bare_read(&b, hash);
    pthread_mutex_lock(&bare.lock);
    bare.end = true;
    pthread_cond_signal(&bare.turn);
    pthread_mutex_unlock(&bare.lock);
    pthread_join(writer, NULL);
    bare_sql("COMMIT");
    double rate = (double)bare.n_records / (now_s() - t0) / 1e3;
    told("bare, processor time", (double)bare.n_records / (cpu_s() - c0) / 1e3, "k/s");
    fclose(b.f);
    sqlite3_finalize(bare.record);
    sqlite3_finalize(bare.part);
    sqlite3_finalize(bare.row);
    sqlite3_close(bare.db);
    buf_done(&bare.cut);
    if (bare.n_records != records)
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
