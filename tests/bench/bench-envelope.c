/* The envelope against its goals: bench-envelope [DIR [RECORDS]]. A bundle of 100,000 records of 4 KiB is written
 * and read beside the bare loop: the same bytes through zstd (the same level and window) and secretstream
 * (the same chunks) into and out of a file, without header, signature, hashes, frames or limits, the two
 * taking turns. Then what resides while 1, 100,000 and 1,000,000 records pass; a bundle out of a laptop's store
 * of RECORDS (100,000) interviews; and a bundle of one record verified and opened. Files lie in DIR (the
 * present folder). Exit 1 when a goal is missed. */
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <zstd.h>

#include "sync/bundle/bundle.h"
#include "sync/bundle/kit.h"
#include "tests/bench/measure.h"

#define RECORDS    100000u
#define MANY       1000000u
#define BODY_BYTES 4200
#define IDS_BYTES  230
#define POOL       2048u /* different bodies: 8 MB, more than the window holds */
#define TURNS      5
#define ONE_TIMES  200
#define CHUNK      ((size_t)65536)
#define CHUNK_MORE crypto_secretstream_xchacha20poly1305_ABYTES
#define LEVEL      3
#define WINDOW_LOG 21

static struct err e;
static char folder[300];
static uint8_t *pool;
static struct pk32 sign_pk, box_pk;
static struct secret *sign_sk, *box_sk;
static double resident_most;

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "bench-envelope: %s: %s %s\n", what, e.kind ? e.kind->id : "", e.arg[0]);
    exit(EXIT_FAILURE);
}

static void look_resident(void)
{
    double mib = resident_mib();
    resident_most = mib > resident_most ? mib : resident_most;
}

static const char *in_folder(const char *name)
{
    static char paths[4][500];
    static unsigned next;
    char *p = paths[next++ % 4];
    snprintf(p, 500, "%s/%s", folder, name);
    return p;
}

/* A record as the six questionnaires make them: ids and salts that nothing packs, tags with codes, times. It
 * packs to a sixth, as theirs do. */
static void fill(char *at, size_t n, uint32_t seed)
{
    uint64_t x = seed * 2654435761u + 1;
    uint64_t ms = 1769826030000u + seed * 1800000u;
    size_t i = IDS_BYTES;
    randombytes_buf(at, IDS_BYTES);
    for (unsigned q = 0; i + 96 < n; q++) {
        x = x * 6364136223846793005u + 1442695040888963407u;
        i += (size_t)snprintf(at + i, 96, "<layanan_%02u>%u</layanan_%02u>", q % 70,
                              (unsigned)(x >> 61), q % 70);
        if (q % 2)
            continue;
        ms += x >> 50;
        i += (size_t)snprintf(at + i, 96, "question,/data/bagian/layanan_%02u,%llu,", q % 70,
                              (unsigned long long)ms);
    }
    memset(at + i, ' ', n - i);
}

static const uint8_t *body(uint32_t i)
{
    return pool + (size_t)(i % POOL) * BODY_BYTES;
}

static void make_pool(void)
{
    pool = mem_alloc((size_t)POOL * BODY_BYTES);
    for (uint32_t i = 0; i < POOL; i++)
        fill((char *)pool + (size_t)i * BODY_BYTES, BODY_BYTES, i);
}

/* ---- ours ---- */

static void write_ours(const char *path, uint32_t n)
{
    struct envelope_out *o;
    struct envelope_new new = {.kind = ENVELOPE_BUNDLE,
                               .sender = sign_pk,
                               .signing_key = sign_sk,
                               .seq = 1,
                               .records = n,
                               .plain = (uint64_t)n * (BODY_BYTES + FRAME_PREFIX),
                               .to = &box_pk,
                               .n_to = 1};
    must(envelope_begin(&o, path, &new, &e), "begin");
    for (uint32_t i = 0; i < n; i++) {
        struct str b = {(const char *)body(i), BODY_BYTES};
        must(envelope_put(o, FRAME_RECORD, b, &e), "put");
        if (i % 4096 == 0)
            look_resident();
    }
    must(envelope_end(o, &e) && envelope_publish(o, &e), "end");
    envelope_out_free(o);
}

static bool count(void *ctx, enum frame_type type, struct str b, struct err *why)
{
    uint32_t *n = ctx;
    (void)type, (void)why;
    if (b.n == BODY_BYTES && (*n)++ % 4096 == 0)
        look_resident();
    return true;
}

static void read_ours(const char *path, uint32_t n)
{
    struct envelope_in *in;
    struct envelope_key key = {box_pk, box_sk};
    uint32_t seen = 0;
    must(envelope_open(&in, path, &e) && envelope_check(in, &e) &&
             envelope_unlock(in, &key, 1, &e) && envelope_frames(in, count, &seen, &e),
         "read");
    envelope_in_free(in);
    if (seen != n)
        missed++;
}

/* ---- bare ---- */

struct bare {
    crypto_secretstream_xchacha20poly1305_state stream;
    uint8_t key[crypto_secretstream_xchacha20poly1305_KEYBYTES];
    uint8_t chunk[CHUNK], sealed[CHUNK + CHUNK_MORE];
    size_t n;
    int fd;
};
static struct bare bare;

static void bare_must(bool ok, const char *what)
{
    if (ok)
        return;
    perror(what);
    exit(EXIT_FAILURE);
}

static void bare_seal(uint8_t tag)
{
    unsigned long long size;
    crypto_secretstream_xchacha20poly1305_push(&bare.stream, bare.sealed, &size, bare.chunk, bare.n,
                                               NULL, 0, tag);
    bare_must(write(bare.fd, bare.sealed, size) == (ssize_t)size, "write");
    bare.n = 0;
}

static void bare_pack(ZSTD_CCtx *z, const void *p, size_t n, ZSTD_EndDirective end)
{
    ZSTD_inBuffer in = {p, n, 0};
    for (size_t left = 1;;) {
        if (bare.n == CHUNK)
            bare_seal(crypto_secretstream_xchacha20poly1305_TAG_MESSAGE);
        ZSTD_outBuffer out = {bare.chunk, CHUNK, bare.n};
        left = ZSTD_compressStream2(z, &out, &in, end);
        bare.n = out.pos;
        if (end == ZSTD_e_continue ? in.pos == in.size : left == 0)
            return;
    }
}

static void write_bare(const char *path, uint32_t n)
{
    uint8_t header[crypto_secretstream_xchacha20poly1305_HEADERBYTES];
    ZSTD_CCtx *z = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(z, ZSTD_c_compressionLevel, LEVEL);
    ZSTD_CCtx_setParameter(z, ZSTD_c_windowLog, WINDOW_LOG);
    ZSTD_CCtx_setParameter(z, ZSTD_c_checksumFlag, 1);
    bare.fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    bare_must(bare.fd >= 0, path);
    crypto_secretstream_xchacha20poly1305_keygen(bare.key);
    crypto_secretstream_xchacha20poly1305_init_push(&bare.stream, header, bare.key);
    bare_must(write(bare.fd, header, sizeof header) == sizeof header, "write");
    for (uint32_t i = 0; i < n; i++)
        bare_pack(z, body(i), BODY_BYTES, ZSTD_e_continue);
    bare_pack(z, NULL, 0, ZSTD_e_end);
    bare_seal(crypto_secretstream_xchacha20poly1305_TAG_FINAL);
    bare_must(fsync(bare.fd) == 0, "fsync");
    close(bare.fd);
    ZSTD_freeCCtx(z);
}

static void read_bare(const char *path, uint32_t n)
{
    static uint8_t unpacked[128 << 10];
    uint8_t header[crypto_secretstream_xchacha20poly1305_HEADERBYTES], tag = 0;
    uint64_t plain = 0;
    ZSTD_DCtx *z = ZSTD_createDCtx();
    bare.fd = open(path, O_RDONLY);
    bare_must(bare.fd >= 0 && read(bare.fd, header, sizeof header) == sizeof header, "read");
    crypto_secretstream_xchacha20poly1305_init_pull(&bare.stream, header, bare.key);
    while (tag != crypto_secretstream_xchacha20poly1305_TAG_FINAL) {
        unsigned long long size;
        ssize_t got = read(bare.fd, bare.sealed, sizeof bare.sealed);
        bare_must(got > 0 && crypto_secretstream_xchacha20poly1305_pull(
                                 &bare.stream, bare.chunk, &size, &tag, bare.sealed,
                                 (unsigned long long)got, NULL, 0) == 0,
                  "pull");
        ZSTD_inBuffer in = {bare.chunk, size, 0};
        ZSTD_outBuffer out = {unpacked, sizeof unpacked, sizeof unpacked};
        while (in.pos < in.size || out.pos == out.size) {
            out.pos = 0;
            bare_must(!ZSTD_isError(ZSTD_decompressStream(z, &out, &in)), "zstd");
            plain += out.pos;
        }
    }
    if (plain != (uint64_t)n * BODY_BYTES)
        missed++;
    close(bare.fd);
    ZSTD_freeDCtx(z);
}

/* ---- works ---- */

static double time_of(void (*work)(const char *path, uint32_t n), const char *path)
{
    double t0 = now_s();
    work(in_folder(path), RECORDS);
    return now_s() - t0;
}

/* What is waited for, the two taking turns. */
static void bench_speed(void)
{
    double t[4][TURNS];
    for (int i = 0; i < TURNS; i++) {
        t[0][i] = time_of(write_ours, "ours");
        t[1][i] = time_of(write_bare, "bare");
        t[2][i] = time_of(read_ours, "ours");
        t[3][i] = time_of(read_bare, "bare");
    }
    double m[4];
    for (int i = 0; i < 4; i++)
        m[i] = median(t[i], TURNS);
    told("100,000 records: bare zstd + secretstream, written", RECORDS / m[1] / 1e3, "k/s");
    told("  written as an envelope", RECORDS / m[0] / 1e3, "k/s");
    told("  bare, read", RECORDS / m[3] / 1e3, "k/s");
    told("  read as an envelope, both passes", RECORDS / m[2] / 1e3, "k/s");
    told("  writing : bare", m[1] / m[0], "x");
    told("  reading, which is twice through : bare, once", m[3] / m[2], "x");
    line("  writing and reading : bare", (m[1] + m[3]) / (m[0] + m[2]), 0.7, "x", true);
}

/* What the pool takes is this program's own. */
static void bench_resident(void)
{
    static const uint32_t sizes[] = {1, RECORDS, MANY};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char what[80];
        resident_most = 0;
        write_ours(in_folder("ours"), sizes[i]);
        read_ours(in_folder("ours"), sizes[i]);
        look_resident();
        snprintf(what, sizeof what, "%u records written and read: resident", (unsigned)sizes[i]);
        line(what, resident_most - (double)POOL * BODY_BYTES / (1 << 20), 32, "MiB", false);
    }
}

static void bench_one(void)
{
    double took[ONE_TIMES];
    write_ours(in_folder("one"), 1);
    for (int i = 0; i < ONE_TIMES; i++) {
        double t0 = now_s();
        read_ours(in_folder("one"), 1);
        took[i] = now_s() - t0;
    }
    line("a bundle of one record verified and opened, median", median(took, ONE_TIMES) * 1e3, 1,
         "ms", false);
}

/* ---- a laptop's bundle ---- */

static struct store *join_laptop(struct hash32 *ret_form)
{
    struct store *office = NULL, *s = NULL;
    struct secret *paper = NULL, *passphrase = secret_copy("lima kata yang dikenal", 22);
    struct office_new n = {.title = STR("Bench"), .user = STR("x"), .passphrase = passphrase};
    struct form_files f = {.form = {STR("f.md"), STR("| survey |")}};
    struct kit_new k = {.label = STR("laptop"), .lang = WORDS_ID, .now_ms = 1};
    struct join j = {.passphrase = passphrase, .user = STR("x")};
    struct kit *kit;
    struct id16 id;
    struct buf code;
    buf_init(&code, 200);
    must(office_create(&office, in_folder("office"), &n, &paper, &e) &&
             office_form_add(office, &f, ret_form, &e) &&
             kit_write(office, in_folder("kit"), &k, &code, &id, &e),
         "office");
    must(kit_open(&kit, in_folder("kit"), buf_str(&code), &e) &&
             kit_join(&s, in_folder("laptop"), kit, &j, &e),
         "join");
    kit_close(kit);
    buf_done(&code);
    store_close(office);
    secret_free(paper);
    secret_free(passphrase);
    return s;
}

static void interviews(struct store *s, const struct hash32 *form, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        struct id16 uuid;
        struct hash32 rev;
        struct revision_new r = {.part1 = {(const char *)body(i), BODY_BYTES - 200},
                                 .part2 = {(const char *)body(i), 200},
                                 .outcome = 1,
                                 .summary = STR("s"),
                                 .now_ms = 1};
        if (i % 1000 == 0)
            must(store_begin(s, &e), "begin");
        must(store_draft_begin(s, form, NULL, NULL, 1, STR("start"), STR(""), &uuid, &e) &&
                 store_draft_finalise(s, &uuid, &r, &rev, &e),
             "interview");
        if (i % 1000 == 999 || i + 1 == n)
            must(store_commit(s, &e), "commit");
    }
}

/* The kernel's own record of the most there ever was, from here on. */
static void forget_most(void)
{
    FILE *f = fopen("/proc/self/clear_refs", "w");
    if (f) {
        fputs("5\n", f);
        fclose(f);
    }
}

static double most_mib(void)
{
    char row[200];
    double kib = 0;
    FILE *f = fopen("/proc/self/status", "r");
    while (f && fgets(row, sizeof row, f))
        if (strncmp(row, "VmHWM:", 6) == 0)
            kib = (double)strtoul(row + 6, NULL, 10);
    if (f)
        fclose(f);
    return kib / 1024;
}

static void bench_laptop(uint32_t n)
{
    struct bundle_written w;
    struct hash32 form;
    struct store *s = join_laptop(&form);
    char what[80];
    interviews(s, &form, n);
    store_close(s);
    struct secret *passphrase = secret_copy("lima kata yang dikenal", 22);
    must(store_open(&s, in_folder("laptop"), passphrase, &e), "open");
    secret_free(passphrase);
    forget_most();
    double t0 = now_s(), c0 = cpu_s();
    must(bundle_write(s, in_folder("laptop.bundle"), 1, &w, &e), "bundle");
    snprintf(what, sizeof what, "a laptop's bundle of %u records, out of its store", (unsigned)n);
    told(what, (double)w.records / (now_s() - t0) / 1e3, "k/s");
    told("  of processor time", (double)w.records / (cpu_s() - c0) / 1e3, "k/s");
    line("  resident", most_mib() - (double)POOL * BODY_BYTES / (1 << 20), 32, "MiB", false);
    if (w.records != n)
        missed++;
    store_close(s);
}

int main(int argc, char **argv)
{
    char command[400];
    struct secret *seeds[2];
    must(crypt_start(&e), "start");
    snprintf(folder, sizeof folder, "%s/bench-envelope-XXXXXX", argc > 1 ? argv[1] : ".");
    if (!mkdtemp(folder)) {
        perror("bench-envelope");
        return EXIT_FAILURE;
    }
    for (int i = 0; i < 2; i++)
        seeds[i] = secret_random(32);
    crypt_sign_pair(seeds[0], &sign_pk, &sign_sk);
    crypt_box_pair(seeds[1], &box_pk, &box_sk);
    make_pool();
    bench_one();
    bench_speed();
    bench_resident();
    bench_laptop(argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : RECORDS);
    mem_free(pool);
    for (int i = 0; i < 2; i++)
        secret_free(seeds[i]);
    secret_free(sign_sk);
    secret_free(box_sk);
    snprintf(command, sizeof command, "rm -r '%s'", folder);
    if (system(command) != 0)
        fprintf(stderr, "bench-envelope: %s is left\n", folder);
    return missed ? EXIT_FAILURE : EXIT_SUCCESS;
}
