/* The vectors: files of one fault each, in the manner of age's test kit, for this program and any other that
 * reads the format. Each begins with a few lines and an empty one, then the envelope's bytes:
 *
 *   expect: ok | incomplete | set-aside | the name of the error (sync/errors.def)
 *   note: what is wrong with it
 *
 * Those of envelope/ are read as an inbox would, up to their frames: the reader's box key is made of the seed 32,
 * 33, … 63, the sender's signing key of the seed 0, 1, … 31. Those of kit/ and receipt/ are joined with and applied
 * (parties.h), those of bundle/ merged (bundles.h): one that is refused must have left nothing behind.
 *
 *   vectors DIR          reads all that lie in its folders and prints TAP
 *   vectors --make DIR   writes those that are not there (sealing draws random keys: none comes out twice) */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#include "sync/bundle/envelope_i.h"
#include "sync/io/io.h"
#include "tests/support/forge.h"
#include "tests/support/tmpdir.h"
#include "tests/vectors/bundles.h"
#include "tests/vectors/parties.h"

#define FILE_MAX ((uint64_t)1 << 20)

static struct err e;
static struct secret *sign_sk, *other_sk, *box_sk, *other_box_sk;
static struct buf ok_kit; /* with which the laptop has joined that reads receipts */
static struct pk32 sign_pk, other_pk, box_pk, other_box_pk;

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "vectors: %s: %s\n", what, e.kind ? e.kind->id : "?");
    exit(EXIT_FAILURE);
}

static struct secret *seed(uint8_t from)
{
    uint8_t bytes[32];
    for (uint8_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(from + i);
    return secret_copy(bytes, sizeof bytes);
}

static void make_keys(void)
{
    struct secret *s[] = {seed(0), seed(64), seed(32), seed(96)};
    crypt_sign_pair(s[0], &sign_pk, &sign_sk);
    crypt_sign_pair(s[1], &other_pk, &other_sk);
    crypt_box_pair(s[2], &box_pk, &box_sk);
    crypt_box_pair(s[3], &other_box_pk, &other_box_sk);
    for (size_t i = 0; i < 4; i++)
        secret_free(s[i]);
}

/* ---- reading ---- */

static bool ignore(void *ctx, enum frame_type type, struct str body, struct err *err)
{
    (void)ctx, (void)type, (void)body, (void)err;
    return true;
}

static bool read_envelope(const char *path, struct err *err)
{
    struct envelope_in *in;
    struct envelope_key key = {box_pk, box_sk};
    if (!envelope_open(&in, path, err))
        return false;
    bool ok = envelope_check(in, err) && envelope_unlock(in, &key, 1, err) &&
              envelope_frames(in, ignore, NULL, err);
    envelope_in_free(in);
    return ok;
}

static struct str line_of(struct str text, const char *key)
{
    struct str line, rest = text;
    size_t n = strlen(key);
    while (rest.n) {
        size_t end = str_find(rest, '\n', 0);
        line = str_sub(rest, 0, end);
        if (line.n > n && memcmp(line.p, key, n) == 0)
            return str_from(line, n);
        if (line.n == 0)
            break;
        rest = str_from(rest, end + 1);
    }
    return (struct str){"", 0};
}

/* The file as it would have come, in the folder of the test. */
static void put_file(const char *name, struct str bytes)
{
    unlink(tmpdir_path(name));
    must(io_write_file(tmpdir_path(name), 0600, bytes, &e), name);
}

/* As its folder says. "ok", or what became of it; *ret_left: something was left behind that should not be. */
static const char *read_vector(const char *in, bool *ret_left)
{
    struct err got = {0};
    bool taken, changed = false;
    if (strcmp(in, "bundle") == 0)
        return bundles_read(tmpdir_path("it"), tmpdir_path("ok.kit"), ret_left);
    if (strcmp(in, "kit") == 0)
        taken = parties_read_kit(tmpdir_path("it"), &changed, &got);
    else if (strcmp(in, "receipt") == 0)
        taken = parties_read_receipt(tmpdir_path("it"), tmpdir_path("ok.kit"), &changed, &got);
    else
        taken = read_envelope(tmpdir_path("it"), &got);
    *ret_left = changed && !taken;
    return taken ? "ok" : got.kind->id;
}

/* Its head and the envelope behind. */
static struct str load(const char *path, struct buf *all, struct str *ret_head)
{
    buf_init(all, FILE_MAX);
    must(io_read_file(path, FILE_MAX, all, &e), path);
    char *body = memmem(all->p, all->n, "\n\n", 2);
    must(body != NULL, path);
    *ret_head = (struct str){all->p, (size_t)(body + 2 - all->p)};
    return str_from(buf_str(all), ret_head->n);
}

static bool run_one(const char *in, const char *name, const char *path, unsigned number)
{
    struct buf all;
    struct str head, bytes = load(path, &all, &head), expect = line_of(head, "expect: ");
    bool left = false;
    tmpdir_make();
    put_file("ok.kit", buf_str(&ok_kit));
    put_file("it", bytes);
    const char *id = read_vector(in, &left);
    tmpdir_remove();
    bool ok = str_is(expect, id) && !left;
    printf("%sok %u - %s/%s: %.*s\n", ok ? "" : "not ", number, in, name,
           STR_FMT(line_of(head, "note: ")));
    if (!ok)
        printf("# %s instead of %.*s%s\n", id, STR_FMT(expect),
               left ? "; and something was left behind" : "");
    buf_done(&all);
    return ok;
}

static int is_vector(const struct dirent *d)
{
    return str_ends(str_of(d->d_name), STR(".vec"));
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static bool run_folder(const char *dir, const char *in, unsigned *io_number)
{
    struct dirent **found = NULL;
    char path[4096];
    bool ok = true;
    snprintf(path, sizeof path, "%s/%s", dir, in);
    int n = scandir(path, &found, is_vector, by_name);
    must(n > 0, path);
    for (int i = 0; i < n; i++) {
        snprintf(path, sizeof path, "%s/%s/%s", dir, in, found[i]->d_name);
        ok = run_one(in, found[i]->d_name, path, ++*io_number) && ok;
        free(found[i]);
    }
    free(found);
    return ok;
}

static bool run_all(const char *dir)
{
    static const char *const folders[] = {"envelope", "kit", "receipt", "bundle"};
    char path[4096];
    struct buf all;
    struct str head;
    unsigned number = 0;
    bool ok = true;
    snprintf(path, sizeof path, "%s/kit/ok.vec", dir);
    buf_add_str(&ok_kit, load(path, &all, &head));
    buf_done(&all);
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        ok = run_folder(dir, folders[i], &number) && ok;
    printf("1..%u\n", number);
    return ok;
}

/* ---- making ---- */

static const char *folder, *kind;

static void put(const char *name, const char *expect, const char *note, struct str bytes)
{
    struct buf out, path;
    buf_init(&out, FILE_MAX);
    buf_init(&path, 4096);
    buf_printf(&out, "expect: %s\nnote: %s\n\n", expect, note);
    buf_add_str(&out, bytes);
    buf_printf(&path, "%s/%s/%s.vec", folder, kind, name);
    if (access(path.p, F_OK) != 0)
        must(io_write_file(path.p, 0644, buf_str(&out), &e), name);
    buf_done(&out);
    buf_done(&path);
}

static void pack(struct buf *out, struct str plain, int window, int checksum)
{
    ZSTD_CCtx *z = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(z, ZSTD_c_checksumFlag, checksum);
    if (window)
        ZSTD_CCtx_setParameter(z, ZSTD_c_windowLog, window);
    buf_init(out, FILE_MAX);
    size_t room = ZSTD_compressBound(plain.n) + 64;
    char *p = buf_room(out, room);
    ZSTD_outBuffer o = {p, room, 0};
    ZSTD_inBuffer i = {plain.p, plain.n, 0};
    ZSTD_compressStream2(z, &o, &i, ZSTD_e_flush);
    must(ZSTD_compressStream2(z, &o, &i, ZSTD_e_end) == 0, "zstd");
    out->n = o.pos;
    ZSTD_freeCCtx(z);
}

static struct envelope_header plain_header(uint64_t plain)
{
    return (struct envelope_header){.kind = ENVELOPE_BUNDLE,
                                    .survey = {{1, 2, 3}},
                                    .incarnation = {{4}},
                                    .sender = sign_pk,
                                    .seq = 7,
                                    .created_ms = 1769826030000,
                                    .plain = plain};
}

#define FACT ((struct str){"\x01\x06\0\0\0a fact", 11})

/* A sound one: one fact. */
static void good(struct buf *out)
{
    struct envelope_header h = plain_header(11);
    struct buf packed;
    pack(&packed, FACT, 0, 1);
    forge_envelope(&h, sign_sk, &box_pk, buf_str(&packed), 65536, out);
    buf_done(&packed);
}

/* Of packed contents that are not as they should be. */
static void contents(const char *name, const char *expect, const char *note, struct str packed,
                     uint64_t plain)
{
    struct envelope_header h = plain_header(plain);
    struct buf b;
    forge_envelope(&h, sign_sk, &box_pk, packed, 65536, &b);
    put(name, expect, note, buf_str(&b));
    buf_done(&b);
}

static void packed_as(const char *name, const char *expect, const char *note, struct str plain,
                      int window, int checksum)
{
    struct buf packed;
    pack(&packed, plain, window, checksum);
    contents(name, expect, note, buf_str(&packed), plain.n > 11 ? plain.n : 100);
    buf_done(&packed);
}

/* The good one with text replaced in its header and signed anew. */
static void header(const char *name, const char *expect, const char *note, const char *from,
                   const char *to)
{
    struct buf b, out;
    good(&b);
    char *at = memmem(b.p, b.n, from, strlen(from));
    must(at != NULL, name);
    buf_init(&out, FILE_MAX);
    buf_add(&out, b.p, (size_t)(at - b.p));
    buf_add_z(&out, to);
    buf_add(&out, at + strlen(from), b.n - (size_t)(at - b.p) - strlen(from));
    forge_sign(&out, sign_sk);
    put(name, expect, note, buf_str(&out));
    buf_done(&b);
    buf_done(&out);
}

/* Another enrolled laptop puts its own name and signature on it. */
static void sent_by_another(void)
{
    struct buf b, hex;
    good(&b);
    buf_init(&hex, 100);
    hex_add(&hex, other_pk.b, sizeof other_pk.b);
    char *at = memmem(b.p, b.n, "sender: ", 8);
    must(at != NULL, "sender");
    memcpy(at + 8, hex.p, hex.n);
    forge_sign(&b, other_sk);
    put("sent-by-another", "ENVELOPE_CHUNK",
        "another named as its sender, and signed anew by that one", buf_str(&b));
    buf_done(&b);
    buf_done(&hex);
}

static size_t body_at(const struct buf *b)
{
    return (size_t)((char *)memmem(b->p, b->n, "\n\n", 2) - b->p) + 2;
}

static void make_framing(void)
{
    struct buf b;
    good(&b);
    put("ok", "ok", "nothing: one fact for the reader", buf_str(&b));
    put("cut-header", "ENVELOPE_CUT", "ends within the header", str_sub(buf_str(&b), 0, 300));
    put("cut-body", "ENVELOPE_CUT", "ends within the stream's header",
        str_sub(buf_str(&b), 0, body_at(&b) + 10));
    put("cut-signature", "ENVELOPE_SIGNATURE", "ends within the signature",
        str_sub(buf_str(&b), 0, b.n - 1));
    b.p[body_at(&b) + STREAM_HEADER] ^= 1;
    put("bit-in-body", "ENVELOPE_SIGNATURE", "one bit of the sealed chunk is flipped", buf_str(&b));
    forge_sign(&b, sign_sk);
    put("bit-in-body-signed", "ENVELOPE_CHUNK", "the same, signed anew by its sender", buf_str(&b));
    buf_done(&b);
    good(&b);
    buf_add_c(&b, 'x');
    put("one-byte-more", "ENVELOPE_SIGNATURE", "one byte behind the signature", buf_str(&b));
    buf_done(&b);
    good(&b);
    forge_sign(&b, other_sk);
    put("signed-by-another", "ENVELOPE_SIGNATURE", "signed by another than its header names",
        buf_str(&b));
    buf_done(&b);
    sent_by_another();
    put("not-one", "ENVELOPE_NOT", "something else", STR("PK\3\4 not an envelope at all\n\n"));
    put("empty", "ENVELOPE_NOT", "a file of no bytes", STR(""));
}

static void make_headers(void)
{
    header("header-crlf", "ENVELOPE_HEADER", "a line ends in CR LF", "kind: bundle\n",
           "kind: bundle\r\n");
    header("header-order", "ENVELOPE_HEADER", "two lines in the wrong order",
           "records: 0\nrows: 0\n", "rows: 0\nrecords: 0\n");
    header("header-doubled", "ENVELOPE_HEADER", "a line is there twice", "seq: 7\n",
           "seq: 7\nseq: 7\n");
    header("header-zero", "ENVELOPE_HEADER", "a number with a leading zero", "seq: 7", "seq: 07");
    header("header-hex", "ENVELOPE_HEADER", "upper-case hex digits", "survey: 010203",
           "survey: 01020A");
    header("header-blank", "ENVELOPE_HEADER", "two spaces after a colon", "seq: 7", "seq:  7");
    header("header-utf8", "ENVELOPE_HEADER", "a byte that is not printable ASCII", "kind: bundle",
           "kind: b\xc3\xbcndel");
    header("header-kind", "ENVELOPE_HEADER", "a kind that there is not", "kind: bundle",
           "kind: parcel");
    header("header-date", "ENVELOPE_HEADER", "the thirtieth of February", "created: 2026-01-31",
           "created: 2026-02-30");
    header("header-newer", "ENVELOPE_NEWER", "of a version to come", "cacah-envelope 1",
           "cacah-envelope 99");
    header("header-before", "ENVELOPE_BEFORE", "of a version from before the first",
           "cacah-envelope 1", "cacah-envelope 0");
    header("header-records", "LIMIT", "more records than there may be", "records: 0",
           "records: 2000001");
    header("header-rows", "LIMIT", "more ledger rows than there may be", "rows: 0",
           "rows: 20000001");
    header("header-plain", "LIMIT", "larger contents than there may be", "plain: 11",
           "plain: 34359738369");
    header("header-seq", "ENVELOPE_CHUNK",
           "another number, signed anew: the stream is bound to the header", "seq: 7", "seq: 8");
}

static void make_recipients(void)
{
    struct envelope_header h = plain_header(11);
    struct buf packed, b;
    pack(&packed, FACT, 0, 1);
    forge_envelope(&h, sign_sk, &other_box_pk, buf_str(&packed), 65536, &b);
    put("not-for-us", "ENVELOPE_NOT_FOR_US", "sealed to another key", buf_str(&b));
    buf_done(&b);
    struct buf one, two;
    good(&one);
    good(&two);
    char *mine = memmem(one.p, one.n, "to: x25519", 10),
         *theirs = memmem(two.p, two.n, "to: x25519", 10);
    memcpy(mine + 10 + 66, theirs + 10 + 66, 160);
    forge_sign(&one, sign_sk);
    put("crossed", "ENVELOPE_KEY",
        "the sealed key of another envelope: not the one the header commits to", buf_str(&one));
    buf_done(&one);
    buf_done(&two);
    buf_done(&packed);
}

/* Two recipients; in the header of `b`, line `i` of theirs. */
static void good_for_two(struct buf *b)
{
    struct envelope_header h = plain_header(11);
    const struct pk32 to[] = {box_pk, other_box_pk};
    struct buf packed;
    pack(&packed, FACT, 0, 1);
    forge_envelope_to(&h, sign_sk, to, 2, buf_str(&packed), 65536, b);
    buf_done(&packed);
}

#define TO_LINE 237 /* "to: x25519 " 64 blank 160 LF */

/* The lines of the recipients put as `order` says ('0' ours, '1' theirs), the whole signed anew. */
static void recipients(const char *name, const char *expect, const char *note, const char *order)
{
    struct buf b, out;
    good_for_two(&b);
    char *at = memmem(b.p, b.n, "to: x25519 ", 11);
    must(at && memcmp(at + TO_LINE, "to: x25519 ", 11) == 0 && at[2 * TO_LINE] == '\n', name);
    buf_init(&out, FILE_MAX);
    buf_add(&out, b.p, (size_t)(at - b.p));
    for (; *order; order++)
        buf_add(&out, at + (*order - '0') * TO_LINE, TO_LINE);
    buf_add_str(&out, str_from(buf_str(&b), (size_t)(at - b.p) + 2 * TO_LINE));
    forge_sign(&out, sign_sk);
    put(name, expect, note, buf_str(&out));
    buf_done(&b);
    buf_done(&out);
}

static void make_two_recipients(void)
{
    struct buf b;
    char sealed[160];
    recipients("to-two", "ok", "nothing: for the reader and another", "01");
    recipients("to-stripped", "ENVELOPE_CHUNK", "the other recipient's line removed, signed anew",
               "0");
    recipients("to-stripped-ours", "ENVELOPE_NOT_FOR_US", "the reader's line removed, signed anew",
               "1");
    recipients("to-none", "ENVELOPE_HEADER", "every recipient's line removed", "");
    recipients("to-order", "ENVELOPE_CHUNK", "the recipients' lines change places, signed anew",
               "10");
    recipients("to-doubled", "ENVELOPE_CHUNK", "a recipient's line is there twice, signed anew",
               "011");
    good_for_two(&b);
    char *ours = (char *)memmem(b.p, b.n, "to: x25519 ", 11) + 76, *theirs = ours + TO_LINE;
    memcpy(sealed, ours, sizeof sealed);
    memcpy(ours, theirs, sizeof sealed);
    memcpy(theirs, sealed, sizeof sealed);
    forge_sign(&b, sign_sk);
    put("to-crossed", "OPEN_FAILED", "two recipients' sealed keys change places, signed anew",
        buf_str(&b));
    buf_done(&b);
}

/* Chunks in another order than they were sealed in, signed anew by their sender: "012" is the good one, of which
 * the last is not full. */
static void chunks(const char *name, const char *expect, const char *note, const char *order)
{
    static struct buf whole;
    struct buf out;
    if (!whole.n) {
        struct buf plain, packed;
        struct envelope_header h = plain_header(5 + 132000);
        buf_init(&plain, FILE_MAX);
        buf_add(&plain, "\x01\xa0\x03\x02\0", 5);
        crypt_random(buf_room(&plain, 132000), 132000);
        pack(&packed, buf_str(&plain), 0, 1);
        forge_envelope(&h, sign_sk, &box_pk, buf_str(&packed), 65536, &whole);
        buf_done(&packed);
        buf_done(&plain);
    }
    size_t at = body_at(&whole) + STREAM_HEADER, end = whole.n - SIGNATURE_SIZE;
    buf_init(&out, FILE_MAX);
    buf_add(&out, whole.p, at);
    for (; *order; order++) {
        size_t from = at + (size_t)(*order - '0') * SEALED_CHUNK, n = end - from;
        buf_add(&out, whole.p + from, n < SEALED_CHUNK ? n : SEALED_CHUNK);
    }
    buf_room(&out, SIGNATURE_SIZE);
    forge_sign(&out, sign_sk);
    put(name, expect, note, buf_str(&out));
    buf_done(&out);
}

static void make_chunks(void)
{
    chunks("chunks", "ok", "nothing: a fact in three chunks", "012");
    chunks("chunks-swapped", "ENVELOPE_CHUNK", "two chunks change places, signed anew", "102");
    chunks("chunks-dropped", "ENVELOPE_CHUNK", "the second chunk is left out, signed anew", "02");
    chunks("chunks-dropped-last", "ENVELOPE_CHUNK", "the last chunk is left out, signed anew",
           "01");
    chunks("chunks-doubled", "ENVELOPE_CHUNK", "a chunk is there twice, signed anew", "0012");
}

static void make_contents(void)
{
    struct buf packed;
    pack(&packed, FACT, 0, 1);
    contents("packed-more", "LIMIT", "unpacks to more than the header promises", buf_str(&packed),
             10);
    buf_add_z(&packed, "more");
    contents("packed-trailing", "ENVELOPE_TRAILING", "bytes behind the zstd frame",
             buf_str(&packed), 11);
    packed.n -= 6;
    contents("packed-cut", "ENVELOPE_PACKED", "the zstd frame is cut", buf_str(&packed), 11);
    buf_done(&packed);
    contents("packed-nothing", "ENVELOPE_PACKED", "no zstd frame at all", STR(""), 11);
    contents("packed-skippable", "ENVELOPE_PACKED", "a skippable frame",
             (struct str){"\x50\x2a\x4d\x18\x04\0\0\0skip", 12}, 11);
    packed_as("packed-no-checksum", "ENVELOPE_PACKED", "a frame without a checksum", FACT, 0, 0);
    packed_as("packed-window", "ENVELOPE_PACKED", "a window of 16 MiB", FACT, 24, 1);
    packed_as("frame-unknown", "ENVELOPE_FRAME", "a record of unknown type",
              (struct str){"\x63\x01\0\0\0x", 6}, 0, 1);
    packed_as("frame-misplaced", "ENVELOPE_FRAME", "a kit's record in a bundle",
              (struct str){"\x07\x01\0\0\0x", 6}, 0, 1);
    packed_as("frame-long", "ENVELOPE_FRAME", "a record longer than its type may be",
              (struct str){"\x01\xff\xff\xff\xffx", 6}, 0, 1);
    packed_as("frame-cut", "ENVELOPE_FRAME", "ends within a record",
              (struct str){"\x01\x02\0\0\0x", 6}, 0, 1);
    packed_as("frame-prefix", "ENVELOPE_FRAME", "ends within a record's prefix",
              (struct str){"\x01\x02", 2}, 0, 1);
    packed_as("frame-rows", "ENVELOPE_FRAME", "ledger rows that are not whole",
              (struct str){"\x04\x01\0\0\0x", 6}, 0, 1);
    packed_as("count", "ENVELOPE_COUNT", "a record where the header promises none",
              (struct str){"\x06\x01\0\0\0x", 6}, 0, 1);
    char zeros[65536] = "\x01\xf0\xff";
    pack(&packed, (struct str){zeros, sizeof zeros}, 0, 1);
    contents("bomb", "LIMIT", "promises more than 200 times its size", buf_str(&packed), 4u << 20);
    buf_done(&packed);
}

/* The example of sync/FORMAT.md, taken apart there: it is made when the format's version changes. */
static void make_example(void)
{
    struct envelope_header h = {.kind = ENVELOPE_BUNDLE,
                                .survey = {{0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8}},
                                .sender = sign_pk,
                                .seq = 1,
                                .created_ms = 1769826030000,
                                .plain = 200};
    struct buf plain, packed, b, path;
    uint8_t prefix[] = {FRAME_DEVICE, 144, 0, 0, 0}, zeros[80] = {0};
    memset(h.incarnation.b, 0xaa, sizeof h.incarnation.b);
    buf_init(&plain, 200);
    buf_add(&plain, prefix, sizeof prefix);
    buf_add(&plain, sign_pk.b, sizeof sign_pk.b);
    buf_add(&plain, box_pk.b, sizeof box_pk.b);
    buf_add(&plain, zeros, sizeof zeros);
    pack(&packed, buf_str(&plain), 0, 1);
    forge_envelope(&h, sign_sk, &box_pk, buf_str(&packed), STREAM_CHUNK, &b);
    buf_init(&path, 4096);
    buf_printf(&path, "%s/../corpus/envelope/v%u.bundle", folder, (unsigned)h.version);
    if (access(path.p, F_OK) != 0)
        must(io_write_file(path.p, 0644, buf_str(&b), &e), path.p);
    buf_done(&plain);
    buf_done(&packed);
    buf_done(&b);
    buf_done(&path);
}

int main(int argc, char **argv)
{
    bool ok = true;
    must(crypt_start(&e), "start");
    make_keys();
    buf_init(&ok_kit, FILE_MAX);
    if (argc == 3 && strcmp(argv[1], "--make") == 0) {
        folder = argv[2];
        kind = "envelope";
        make_framing();
        make_headers();
        make_recipients();
        make_two_recipients();
        make_chunks();
        make_contents();
        make_example();
        kind = "kit";
        parties_make_kits(put);
        kind = "receipt";
        parties_make_receipts(put);
        kind = "bundle";
        bundles_make(put);
    } else {
        must(argc == 2, "usage: vectors DIR | vectors --make DIR");
        ok = run_all(argv[1]);
    }
    buf_done(&ok_kit);
    secret_free(sign_sk);
    secret_free(other_sk);
    secret_free(box_sk);
    secret_free(other_box_sk);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
