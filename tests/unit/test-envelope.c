#include "sync/bundle/envelope.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zstd.h>

#include "sync/bundle/envelope_i.h"
#include "sync/io/io.h"
#include "tests/support/check_main.h"
#include "tests/support/forge.h"
#include "tests/support/tmpdir.h"

static struct err e;
static struct secret *sign_sk, *other_sk, *box_sk;
static struct pk32 sign_pk, other_pk, box_pk;

static void setup(void)
{
    err_clear(&e);
    ck_assert(crypt_start(&e));
    tmpdir_make();
    struct secret *a = secret_random(32), *b = secret_random(32), *c = secret_random(32);
    crypt_sign_pair(a, &sign_pk, &sign_sk);
    crypt_sign_pair(b, &other_pk, &other_sk);
    crypt_box_pair(c, &box_pk, &box_sk);
    secret_free(a);
    secret_free(b);
    secret_free(c);
}

static void teardown(void)
{
    secret_free(sign_sk);
    secret_free(other_sk);
    secret_free(box_sk);
    tmpdir_remove();
}

static struct envelope_new plain_new(void)
{
    return (struct envelope_new){
        .kind = ENVELOPE_BUNDLE,
        .survey = {{1, 2, 3}},
        .incarnation = {{4}},
        .sender = sign_pk,
        .signing_key = sign_sk,
        .seq = 7,
        .created_ms = 1769826030000,
        .to = &box_pk,
        .n_to = 1,
    };
}

/* What a sink saw, as one text: "TYPE:SIZE:first byte;" */
struct seen {
    struct buf text;
    uint64_t bytes, frames;
    uint64_t stop_after; /* 0: never */
};

static bool see(void *ctx, enum frame_type type, struct str body, struct err *err)
{
    struct seen *s = ctx;
    s->bytes += body.n;
    s->frames++;
    buf_printf(&s->text, "%d:%zu:%d;", (int)type, body.n, body.n ? (uint8_t)body.p[0] : -1);
    if (s->stop_after == s->frames)
        return err_fail1(err, ERR_FACT, "the sink's own");
    return true;
}

static void write_three(const char *path)
{
    struct envelope_new n = plain_new();
    struct envelope_out *o;
    uint8_t rows[32 + 2 * 186] = {9};
    n.records = 1, n.rows = 2, n.plain = 3 * FRAME_PREFIX + 6 + sizeof rows + 8;
    ck_assert(envelope_begin(&o, path, &n, &e));
    ck_assert(envelope_put(o, FRAME_FACT, STR("a fact"), &e));
    ck_assert(envelope_put(o, FRAME_ROWS, (struct str){(char *)rows, sizeof rows}, &e));
    ck_assert(envelope_put(o, FRAME_RECORD, STR("a record"), &e));
    ck_assert(envelope_end(o, &e));
    ck_assert(envelope_publish(o, &e));
    envelope_out_free(o);
}

/* Reads it all; whether it was taken. */
static bool read_all(const char *path, struct seen *seen, struct err *err)
{
    struct envelope_in *in;
    struct envelope_key key = {box_pk, box_sk};
    *seen = (struct seen){.stop_after = 0};
    buf_init(&seen->text, 4096);
    if (!envelope_open(&in, path, err))
        return false;
    bool ok = envelope_check(in, err) && envelope_unlock(in, &key, 1, err) &&
              envelope_frames(in, see, seen, err);
    envelope_in_free(in);
    return ok;
}

static bool refused(const char *path, const struct err_kind *why)
{
    struct seen seen;
    struct err err = {0};
    bool ok = read_all(path, &seen, &err);
    buf_done(&seen.text);
    if (!ok && why && err.kind != why)
        fprintf(stderr, "# %s instead of %s\n", err.kind->id, why->id);
    return !ok && (!why || err.kind == why);
}

static void slurp(const char *path, struct buf *out)
{
    buf_init(out, 64u << 20);
    ck_assert(io_read_file(path, 64u << 20, out, &e));
}

static void spill(const char *path, struct str bytes)
{
    unlink(path);
    ck_assert(io_write_file(path, 0600, bytes, &e));
}

START_TEST(test_envelope__what_was_written_is_read)
{
    const char *path = tmpdir_path("a.bundle");
    struct seen seen;
    struct envelope_header h;
    uint64_t size;
    write_three(path);
    ck_assert(read_all(path, &seen, &e));
    ck_assert_str_eq(seen.text.p, "1:6:97;4:404:9;6:8:97;");
    buf_done(&seen.text);
    ck_assert(envelope_verify(path, &h, &size, &e));
    ck_assert_int_eq(h.kind, ENVELOPE_BUNDLE);
    ck_assert_uint_eq(h.seq, 7);
    ck_assert_uint_eq(h.records, 1);
    ck_assert_uint_eq(h.rows, 2);
    ck_assert_int_eq(h.created_ms, 1769826030000);
}
END_TEST

static struct secret *counting_seed(uint8_t from)
{
    uint8_t seed[32];
    for (uint8_t i = 0; i < sizeof seed; i++)
        seed[i] = (uint8_t)(from + i);
    return secret_copy(seed, sizeof seed);
}

/* The worked example of sync/FORMAT.md; a version once released stays readable. */
START_TEST(test_envelope__the_example_of_version_1_opens)
{
    struct secret *seed = counting_seed(32), *sk;
    struct envelope_key key;
    struct envelope_in *in;
    struct seen seen = {0};
    struct buf id, path;
    crypt_box_pair(seed, &key.pk, &sk);
    key.sk = sk;
    buf_init(&seen.text, 1000);
    buf_init(&id, 100);
    buf_init(&path, 4096);
    buf_printf(&path, "%s/tests/corpus/envelope/v1.bundle", getenv("CACAH_SOURCE"));
    ck_assert(envelope_open(&in, path.p, &e));
    ck_assert(envelope_check(in, &e));
    struct hash32 h = envelope_in_id(in);
    hex_add(&id, h.b, sizeof h.b);
    ck_assert_str_eq(id.p, "2bb045e4049a84f1a9a48a2e956c90a1af1b3192e00a5771776b2fcfb25f185b");
    ck_assert(envelope_unlock(in, &key, 1, &e));
    ck_assert(envelope_frames(in, see, &seen, &e));
    ck_assert_str_eq(seen.text.p, "3:144:3;");
    buf_done(&seen.text);
    buf_done(&id);
    buf_done(&path);
    envelope_in_free(in);
    secret_free(seed);
    secret_free(sk);
}
END_TEST

START_TEST(test_envelope__many_chunks_and_large_frames)
{
    const char *path = tmpdir_path("big.bundle");
    enum { FRAMES = 40, SIZE = 100000 };
    struct envelope_new n = plain_new();
    struct envelope_out *o;
    struct seen seen;
    char *noise = malloc(SIZE);
    crypt_random(noise, SIZE);
    n.records = FRAMES, n.plain = FRAMES * (SIZE + FRAME_PREFIX) + FRAME_PREFIX;
    ck_assert(envelope_begin(&o, path, &n, &e));
    for (int i = 0; i < FRAMES; i++)
        ck_assert(envelope_put(o, FRAME_RECORD, (struct str){noise, (size_t)(SIZE - i)}, &e));
    ck_assert(envelope_put(o, FRAME_FACT, (struct str){noise, 0}, &e));
    ck_assert(envelope_end(o, &e));
    ck_assert(envelope_publish(o, &e));
    ck_assert_uint_gt(envelope_out_size(o), 90000);
    envelope_out_free(o);
    ck_assert(read_all(path, &seen, &e));
    ck_assert_uint_eq(seen.frames, FRAMES + 1);
    ck_assert_uint_eq(seen.bytes, FRAMES * SIZE - FRAMES * (FRAMES - 1) / 2);
    buf_done(&seen.text);
    free(noise);
}
END_TEST

START_TEST(test_envelope__invite_code_opens_it_and_no_other)
{
    const char *path = tmpdir_path("a.kit");
    struct envelope_new n = plain_new();
    struct envelope_out *o;
    struct envelope_in *in;
    struct seen seen = {0};
    n.kind = ENVELOPE_KIT;
    n.n_to = 0;
    n.invite = STR("abad abdi absen absolut abstrak acara");
    n.invite_cost = kdf_cost_invite(false);
    n.plain = 100;
    ck_assert(envelope_begin(&o, path, &n, &e));
    ck_assert(envelope_put(o, FRAME_JOIN, STR("x"), &e));
    ck_assert(envelope_end(o, &e));
    ck_assert(envelope_publish(o, &e));
    envelope_out_free(o);
    ck_assert(envelope_open(&in, path, &e));
    ck_assert(envelope_check(in, &e));
    ck_assert(!envelope_unlock_invite(in, STR("abad abdi absen absolut abstrak adaptasi"), &e));
    ck_assert_ptr_eq(e.kind, &ERR_INVITE_WRONG);
    err_clear(&e);
    ck_assert(envelope_unlock_invite(in, n.invite, &e));
    buf_init(&seen.text, 100);
    ck_assert(envelope_frames(in, see, &seen, &e));
    ck_assert_str_eq(seen.text.p, "7:1:120;");
    buf_done(&seen.text);
    envelope_in_free(in);
    ck_assert(refused(path, &ERR_ENVELOPE_NOT_FOR_US));
}
END_TEST

START_TEST(test_envelope__every_flipped_bit_is_refused)
{
    const char *path = tmpdir_path("a.bundle"), *bad = tmpdir_path("bad.bundle");
    struct buf b;
    write_three(path);
    slurp(path, &b);
    for (size_t i = 0; i < b.n; i++)
        for (int bit = 0; bit < 8; bit++) {
            b.p[i] = (char)(b.p[i] ^ 1 << bit);
            int fd = open(bad, O_CREAT | O_TRUNC | O_WRONLY, 0600);
            ck_assert(write(fd, b.p, b.n) == (ssize_t)b.n);
            close(fd);
            ck_assert_msg(refused(bad, NULL), "byte %zu bit %d", i, bit);
            b.p[i] = (char)(b.p[i] ^ 1 << bit);
        }
    buf_done(&b);
}
END_TEST

START_TEST(test_envelope__cut_at_every_byte_or_longer_is_refused)
{
    const char *path = tmpdir_path("a.bundle"), *bad = tmpdir_path("bad.bundle");
    struct buf b;
    write_three(path);
    slurp(path, &b);
    for (size_t n = 0; n < b.n; n++) {
        int fd = open(bad, O_CREAT | O_TRUNC | O_WRONLY, 0600);
        ck_assert(write(fd, b.p, n) == (ssize_t)n);
        close(fd);
        ck_assert_msg(refused(bad, NULL), "cut at %zu", n);
    }
    buf_add_c(&b, '\0');
    spill(bad, buf_str(&b));
    ck_assert(refused(bad, &ERR_ENVELOPE_SIGNATURE));
    buf_done(&b);
}
END_TEST

START_TEST(test_envelope__chunks_swapped_dropped_doubled_are_refused_even_signed)
{
    const char *path = tmpdir_path("big.bundle"), *bad = tmpdir_path("bad.bundle");
    struct envelope_new n = plain_new();
    struct envelope_out *o;
    enum { SIZE = 3 * 65536 };
    char *noise = malloc(SIZE);
    struct buf good, b;
    crypt_random(noise, SIZE);
    n.records = 1, n.plain = SIZE + FRAME_PREFIX;
    ck_assert(envelope_begin(&o, path, &n, &e));
    ck_assert(envelope_put(o, FRAME_RECORD, (struct str){noise, SIZE}, &e));
    ck_assert(envelope_end(o, &e));
    ck_assert(envelope_publish(o, &e));
    envelope_out_free(o);
    slurp(path, &good);
    size_t at = (size_t)(strstr(good.p, "\n\n") - good.p) + 2 + STREAM_HEADER;
    for (int how = 0; how < 4; how++) {
        const char *first = good.p + at, *second = first + SEALED_CHUNK;
        const char *rest = second + SEALED_CHUNK, *end = good.p + good.n;
        buf_init(&b, 1u << 20);
        buf_add(&b, good.p, at);
        if (how == 0) { /* swapped */
            buf_add(&b, second, SEALED_CHUNK);
            buf_add(&b, first, SEALED_CHUNK);
        } else if (how == 1) { /* dropped */
            buf_add(&b, second, SEALED_CHUNK);
        } else if (how == 2) { /* doubled */
            buf_add(&b, first, SEALED_CHUNK);
            buf_add(&b, first, SEALED_CHUNK);
            buf_add(&b, second, SEALED_CHUNK);
        } else { /* the last one missing: no FINAL */
            buf_add(&b, first, SEALED_CHUNK);
            buf_add(&b, second, SEALED_CHUNK);
            rest = end - 64;
        }
        buf_add(&b, rest, (size_t)(end - rest));
        forge_sign(&b, sign_sk);
        spill(bad, buf_str(&b));
        ck_assert(refused(bad, &ERR_ENVELOPE_CHUNK));
        buf_done(&b);
    }
    buf_done(&good);
    free(noise);
}
END_TEST

/* Replaces text in the header of a bundle and signs the whole anew as its sender. */
static void rewrite(const char *from, const char *to, const char *bad, const struct secret *sk)
{
    struct buf b, out;
    write_three(tmpdir_path("a.bundle"));
    slurp(tmpdir_path("a.bundle"), &b);
    char *at = strstr(b.p, from);
    ck_assert_ptr_nonnull(at);
    buf_init(&out, 1u << 20);
    buf_add(&out, b.p, (size_t)(at - b.p));
    buf_add_z(&out, to);
    buf_add(&out, at + strlen(from), b.n - (size_t)(at - b.p) - strlen(from));
    forge_sign(&out, sk);
    spill(bad, buf_str(&out));
    buf_done(&b);
    buf_done(&out);
}

START_TEST(test_envelope__signed_by_another_is_refused)
{
    const char *bad = tmpdir_path("bad.bundle");
    struct buf hex_from, hex_to;
    rewrite("seq: 7", "seq: 7", bad, other_sk);
    ck_assert(refused(bad, &ERR_ENVELOPE_SIGNATURE));
    /* naming the other one as sender breaks the chunks, which the header is bound to */
    buf_init(&hex_from, 100);
    buf_init(&hex_to, 100);
    hex_add(&hex_from, sign_pk.b, 32);
    hex_add(&hex_to, other_pk.b, 32);
    rewrite(hex_from.p, hex_to.p, bad, other_sk);
    ck_assert(refused(bad, &ERR_ENVELOPE_CHUNK));
    buf_done(&hex_from);
    buf_done(&hex_to);
}
END_TEST

START_TEST(test_envelope__header_has_one_byte_form)
{
    static const struct {
        const char *from, *to;
        const struct err_kind *why;
    } cases[] = {
        {"seq: 7", "seq: 07", &ERR_ENVELOPE_HEADER},
        {"seq: 7", "seq: +7", &ERR_ENVELOPE_HEADER},
        {"seq: 7", "seq:  7", &ERR_ENVELOPE_HEADER},
        {"seq: 7", "seq: 7 ", &ERR_ENVELOPE_HEADER},
        {"seq: 7\n", "seq: 7\r\n", &ERR_ENVELOPE_HEADER},
        {"seq: 7\n", "", &ERR_ENVELOPE_HEADER},
        {"seq: 7\n", "seq: 7\nseq: 7\n", &ERR_ENVELOPE_HEADER},
        {"kind: bundle", "kind: Bundle", &ERR_ENVELOPE_HEADER},
        {"kind: bundle", "kind: parcel", &ERR_ENVELOPE_HEADER},
        {"records: 1\nrows: 2", "rows: 2\nrecords: 1", &ERR_ENVELOPE_HEADER},
        {"records: 1", "records: 2000001", &ERR_LIMIT},
        {"rows: 2", "rows: 20000001", &ERR_LIMIT},
        {"records: 1", "records: 99999999999999999999999", &ERR_ENVELOPE_HEADER},
        {"created: 2026-01-31T02:20:30Z", "created: 2026-02-31T02:20:30Z", &ERR_ENVELOPE_HEADER},
        {"created: 2026-01-31T02:20:30Z", "created: 2026-01-31T02:20:30+00", &ERR_ENVELOPE_HEADER},
        {"cacah-envelope 1", "cacah-envelope 99", &ERR_ENVELOPE_NEWER},
        {"cacah-envelope 1", "cacah-envelope 01", &ERR_ENVELOPE_HEADER},
        {"cacah-envelope 1", "cacah-envelope 0", &ERR_ENVELOPE_BEFORE},
        {"cacah-envelope 1", "lacah-envelope 1", &ERR_ENVELOPE_NOT},
        {"to: x25519 ", "to: x448 ", &ERR_ENVELOPE_HEADER},
        {"survey: 01", "survey: 0A", &ERR_ENVELOPE_HEADER},
        {"\n\n", "\nnote: hello\n\n", &ERR_ENVELOPE_HEADER},
        {"seq: 7", "seq: 8", &ERR_ENVELOPE_CHUNK}, /* well formed, but not what was sealed */
        {"records: 1", "records: 2", &ERR_ENVELOPE_CHUNK},
    };
    const char *bad = tmpdir_path("bad.bundle");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rewrite(cases[i].from, cases[i].to, bad, sign_sk);
        ck_assert_msg(refused(bad, cases[i].why), "%s → %s", cases[i].from, cases[i].to);
    }
}
END_TEST

START_TEST(test_envelope__recipient_stripped_or_crossed_is_refused)
{
    const char *path = tmpdir_path("a.bundle"), *bad = tmpdir_path("bad.bundle");
    struct secret *seed = secret_random(32), *sk2;
    struct pk32 two[2] = {box_pk};
    struct envelope_new n = plain_new();
    struct envelope_out *o;
    struct buf b, out;
    crypt_box_pair(seed, &two[1], &sk2);
    n.to = two, n.n_to = 2, n.plain = 100;
    ck_assert(envelope_begin(&o, path, &n, &e));
    ck_assert(envelope_put(o, FRAME_FACT, STR("f"), &e));
    ck_assert(envelope_end(o, &e));
    ck_assert(envelope_publish(o, &e));
    envelope_out_free(o);
    slurp(path, &b);
    char *second = strstr(strstr(b.p, "to: x25519") + 1, "to: x25519");
    char *end = strchr(second, '\n') + 1;
    buf_init(&out, 1u << 20);
    buf_add(&out, b.p, (size_t)(second - b.p));
    buf_add(&out, end, b.n - (size_t)(end - b.p));
    forge_sign(&out, sign_sk);
    spill(bad, buf_str(&out));
    ck_assert(refused(bad, &ERR_ENVELOPE_CHUNK));
    buf_done(&out);
    /* another file's sealed key under our name: the header commits to one key only */
    struct buf other;
    write_three(tmpdir_path("b.bundle"));
    slurp(tmpdir_path("b.bundle"), &other);
    char *mine = strstr(b.p, "to: x25519") + 10 + 66,
         *theirs = strstr(other.p, "to: x25519") + 10 + 66;
    memcpy(mine, theirs, 160);
    forge_sign(&b, sign_sk);
    spill(bad, buf_str(&b));
    ck_assert(refused(bad, &ERR_ENVELOPE_KEY));
    buf_done(&other);
    buf_done(&b);
    secret_free(seed);
    secret_free(sk2);
}
END_TEST

/* A bundle with a payload of the caller's own making, correctly sealed and signed. */
static void forge(const char *path, struct str packed, uint64_t plain, size_t at_most)
{
    struct envelope_header h = {.kind = ENVELOPE_BUNDLE, .sender = sign_pk, .plain = plain};
    struct buf b;
    forge_envelope(&h, sign_sk, &box_pk, packed, at_most, &b);
    spill(path, buf_str(&b));
    buf_done(&b);
}

static void pack_frames(struct buf *out, struct str plain, int window, int checksum)
{
    ZSTD_CCtx *z = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(z, ZSTD_c_checksumFlag, checksum);
    if (window)
        ZSTD_CCtx_setParameter(z, ZSTD_c_windowLog, window);
    buf_init(out, 64u << 20);
    size_t room = ZSTD_compressBound(plain.n);
    char *p = buf_room(out, room);
    size_t n;
    if (window) { /* as a stream: the size is not known, so the window counts */
        ZSTD_outBuffer o = {p, room, 0};
        ZSTD_inBuffer i = {plain.p, plain.n, 0};
        ZSTD_compressStream2(z, &o, &i, ZSTD_e_flush);
        ck_assert_uint_eq(ZSTD_compressStream2(z, &o, &i, ZSTD_e_end), 0);
        n = o.pos;
    } else {
        n = ZSTD_compress2(z, p, room, plain.p, plain.n);
    }
    ck_assert(!ZSTD_isError(n));
    out->n = n;
    ZSTD_freeCCtx(z);
}

START_TEST(test_envelope__hostile_contents_of_a_known_sender_are_refused)
{
    const char *bad = tmpdir_path("bad.bundle");
    struct buf packed;
    struct str fact = {"\x01\x01\0\0\0x", 6};
    pack_frames(&packed, fact, 0, 1);
    forge(bad, buf_str(&packed), 6, 65536);
    struct seen seen;
    ck_assert(read_all(bad, &seen, &e)); /* the forge itself is right */
    buf_done(&seen.text);
    forge(bad, buf_str(&packed), 5, 65536);
    ck_assert(refused(bad, &ERR_LIMIT)); /* more than promised */
    forge(bad, buf_str(&packed), 6, 10);
    ck_assert(refused(bad, &ERR_ENVELOPE_CHUNK)); /* chunks that are not full */
    buf_add_z(&packed, "more");
    forge(bad, buf_str(&packed), 6, 65536);
    ck_assert(refused(bad, &ERR_ENVELOPE_TRAILING));
    packed.n -= 6;
    forge(bad, buf_str(&packed), 6, 65536);
    ck_assert(refused(bad, &ERR_ENVELOPE_PACKED)); /* cut within the frame */
    forge(bad, STR(""), 6, 65536);
    ck_assert(refused(bad, &ERR_ENVELOPE_PACKED));
    forge(bad, (struct str){"\x50\x2a\x4d\x18\x04\0\0\0skip", 12}, 6, 65536);
    ck_assert(refused(bad, &ERR_ENVELOPE_PACKED)); /* a skippable frame */
    buf_done(&packed);
    pack_frames(&packed, fact, 0, 0);
    forge(bad, buf_str(&packed), 6, 65536);
    ck_assert(refused(bad, &ERR_ENVELOPE_PACKED)); /* no checksum */
    buf_done(&packed);
    pack_frames(&packed, fact, 24, 1);
    forge(bad, buf_str(&packed), 6, 65536);
    ck_assert(refused(bad, &ERR_ENVELOPE_PACKED)); /* a window of 16 MiB */
    buf_done(&packed);
}
END_TEST

START_TEST(test_envelope__a_bomb_stops_at_its_promise)
{
    const char *bad = tmpdir_path("bad.bundle");
    struct buf packed;
    size_t n = 40u << 20;
    char *zeros = calloc(1, n);
    zeros[0] = 6; /* one record of 33 MiB of nothing */
    zeros[3] = 0x10, zeros[4] = 2;
    pack_frames(&packed, (struct str){zeros, n}, 0, 1);
    forge(bad, buf_str(&packed), n, 65536);
    ck_assert(refused(bad, &ERR_LIMIT)); /* promises more than 200 times its size */
    forge(bad, buf_str(&packed), 1u << 20, 65536);
    ck_assert(refused(bad, &ERR_LIMIT)); /* unpacks to more than it promises */
    buf_done(&packed);
    free(zeros);
}
END_TEST

START_TEST(test_envelope__bad_payload_records_are_refused)
{
    static const struct {
        const char *p;
        size_t n;
        const struct err_kind *why;
    } cases[] = {
        {"\x63\x01\0\0\0x", 6, &ERR_ENVELOPE_FRAME},       /* unknown type */
        {"\x07\x01\0\0\0x", 6, &ERR_ENVELOPE_FRAME},       /* a kit's in a bundle */
        {"\x01\xff\xff\xff\xffx", 6, &ERR_ENVELOPE_FRAME}, /* longer than allowed */
        {"\x01\x02\0\0\0x", 6, &ERR_ENVELOPE_FRAME},       /* cut */
        {"\x01\x02", 2, &ERR_ENVELOPE_FRAME},              /* cut in its prefix */
        {"\x04\x01\0\0\0x", 6, &ERR_ENVELOPE_FRAME},       /* no whole ledger row */
        {"\x06\x01\0\0\0x", 6, &ERR_ENVELOPE_COUNT},       /* a record, none promised */
    };
    const char *bad = tmpdir_path("bad.bundle");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf packed;
        pack_frames(&packed, (struct str){cases[i].p, cases[i].n}, 0, 1);
        forge(bad, buf_str(&packed), 100, 65536);
        ck_assert_msg(refused(bad, cases[i].why), "case %zu", i);
        buf_done(&packed);
    }
}
END_TEST

/* Whoever has the file key can put other contents in between that open and unpack: that they are not the signed
 * ones is seen by the bytes alone. */
START_TEST(test_envelope__exchanged_between_the_passes_is_refused)
{
    const char *path = tmpdir_path("a.bundle");
    struct envelope_header h = {.kind = ENVELOPE_BUNDLE, .sender = sign_pk, .plain = 100};
    struct envelope_in *in;
    struct envelope_key key = {box_pk, box_sk};
    struct seen seen = {0};
    struct buf packed[2], twins[2];
    pack_frames(&packed[0], (struct str){"\x01\x06\0\0\0a fact", 11}, 0, 1);
    pack_frames(&packed[1], (struct str){"\x01\x06\0\0\0a lie!", 11}, 0, 1);
    const struct str both[2] = {buf_str(&packed[0]), buf_str(&packed[1])};
    forge_twins(&h, sign_sk, &box_pk, both, twins);
    ck_assert_uint_eq(twins[0].n, twins[1].n);
    for (int i = 0; i < 2; i++) { /* each is sound */
        err_clear(&e);
        spill(path, buf_str(&twins[i]));
        ck_assert(read_all(path, &seen, &e));
        ck_assert_str_eq(seen.text.p, "1:6:97;");
        buf_done(&seen.text);
    }
    buf_init(&seen.text, 1000);
    spill(path, buf_str(&twins[0]));
    ck_assert(envelope_open(&in, path, &e));
    ck_assert(envelope_check(in, &e) && envelope_unlock(in, &key, 1, &e));
    int fd = open(path, O_RDWR);
    ck_assert(pwrite(fd, twins[1].p, twins[1].n, 0) == (ssize_t)twins[1].n);
    close(fd);
    ck_assert(!envelope_frames(in, see, &seen, &e));
    ck_assert_ptr_eq(e.kind, &ERR_ENVELOPE_CHANGED);
    envelope_in_free(in);
    for (int i = 0; i < 2; i++) {
        buf_done(&packed[i]);
        buf_done(&twins[i]);
    }
    buf_done(&seen.text);
}
END_TEST

/* Changes the file between the two passes. */
START_TEST(test_envelope__changed_between_the_passes_is_refused)
{
    const char *path = tmpdir_path("a.bundle");
    struct envelope_in *in;
    struct envelope_key key = {box_pk, box_sk};
    struct seen seen = {0};
    write_three(path);
    buf_init(&seen.text, 1000);
    ck_assert(envelope_open(&in, path, &e));
    ck_assert(envelope_check(in, &e) && envelope_unlock(in, &key, 1, &e));
    int fd = open(path, O_RDWR);
    char c;
    off_t at = (off_t)envelope_in_size(in) - 70;
    ck_assert(pread(fd, &c, 1, at) == 1);
    c ^= 1;
    ck_assert(pwrite(fd, &c, 1, at) == 1);
    close(fd);
    ck_assert(!envelope_frames(in, see, &seen, &e));
    buf_done(&seen.text);
    envelope_in_free(in);
}
END_TEST

START_TEST(test_envelope__a_sink_that_refuses_ends_it_with_its_own_reason)
{
    const char *path = tmpdir_path("a.bundle");
    struct envelope_in *in;
    struct envelope_key key = {box_pk, box_sk};
    struct seen seen = {.stop_after = 2};
    write_three(path);
    buf_init(&seen.text, 1000);
    ck_assert(envelope_open(&in, path, &e));
    ck_assert(envelope_check(in, &e) && envelope_unlock(in, &key, 1, &e));
    ck_assert(!envelope_frames(in, see, &seen, &e));
    ck_assert_ptr_eq(e.kind, &ERR_FACT);
    ck_assert_uint_eq(seen.frames, 2);
    buf_done(&seen.text);
    envelope_in_free(in);
}
END_TEST

START_TEST(test_envelope__writer_keeps_its_promises_or_leaves_no_file)
{
    const char *path = tmpdir_path("a.bundle");
    struct envelope_new n = plain_new();
    struct envelope_out *o;
    n.records = 1, n.plain = 10;
    ck_assert(envelope_begin(&o, path, &n, &e));
    ck_assert(!envelope_put(o, FRAME_RECORD, STR("longer than promised"), &e));
    ck_assert_ptr_eq(e.kind, &ERR_ENVELOPE_COUNT);
    err_clear(&e);
    ck_assert(!envelope_end(o, &e));
    ck_assert_ptr_eq(e.kind, &ERR_ENVELOPE_COUNT);
    envelope_out_free(o);
    ck_assert_int_eq(access(path, F_OK), -1);
    ck_assert_int_eq(access(tmpdir_path("a.bundle.part"), F_OK), -1);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("envelope");
    TCase *c = tcase_create("envelope");
    tcase_set_timeout(c, 120);
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, test_envelope__what_was_written_is_read);
    tcase_add_test(c, test_envelope__the_example_of_version_1_opens);
    tcase_add_test(c, test_envelope__many_chunks_and_large_frames);
    tcase_add_test(c, test_envelope__invite_code_opens_it_and_no_other);
    tcase_add_test(c, test_envelope__every_flipped_bit_is_refused);
    tcase_add_test(c, test_envelope__cut_at_every_byte_or_longer_is_refused);
    tcase_add_test(c, test_envelope__chunks_swapped_dropped_doubled_are_refused_even_signed);
    tcase_add_test(c, test_envelope__signed_by_another_is_refused);
    tcase_add_test(c, test_envelope__header_has_one_byte_form);
    tcase_add_test(c, test_envelope__recipient_stripped_or_crossed_is_refused);
    tcase_add_test(c, test_envelope__hostile_contents_of_a_known_sender_are_refused);
    tcase_add_test(c, test_envelope__a_bomb_stops_at_its_promise);
    tcase_add_test(c, test_envelope__bad_payload_records_are_refused);
    tcase_add_test(c, test_envelope__changed_between_the_passes_is_refused);
    tcase_add_test(c, test_envelope__exchanged_between_the_passes_is_refused);
    tcase_add_test(c, test_envelope__a_sink_that_refuses_ends_it_with_its_own_reason);
    tcase_add_test(c, test_envelope__writer_keeps_its_promises_or_leaves_no_file);
    suite_add_tcase(s, c);
    return s;
}
