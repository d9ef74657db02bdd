/* Header, frames and payload of envelopes. The first byte chooses: 0 the bytes are a header; 1 they are a
 * file; 2 a laptop's bundle, 3 an office's receipt, whose frames the further bytes edit before they are
 * sealed and signed as they should be: what a known sender with a broken or hostile program could send.
 * Whatever comes, the store must stay as sound as it was. */
#include <stdlib.h>
#include <unistd.h>
#include <zstd.h>

#include "sync/bundle/envelope_i.h"
#include "sync/io/io.h"
#include "tests/support/circle_case.h"
#include "tests/support/forge.h"
#include "tests/support/tmpdir.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define FRAMES_MAX 64
#define EDIT_SIZE  6

struct frames {
    struct frame {
        uint8_t type;
        struct buf body;
    } v[FRAMES_MAX];
    size_t n;
    struct envelope_header header;
};

static struct circle_case c;
static struct store *laptop;
static struct frames bundle, receipt;

static bool take(void *ctx, enum frame_type type, struct str body, struct err *e)
{
    struct frames *f = ctx;
    (void)e;
    if (f->n == FRAMES_MAX)
        abort();
    struct frame *x = &f->v[f->n++];
    x->type = (uint8_t)type;
    buf_init(&x->body, 1u << 20);
    buf_add_str(&x->body, body);
    return true;
}

static void capture(struct frames *f, const char *file, struct store *by)
{
    struct err e = {0};
    struct envelope_in *in;
    struct arena a;
    struct config config;
    struct buf seeds;
    bool there;
    arena_init(&a);
    buf_init(&seeds, 1024);
    circle_ok(kit_config(by, &config, &a, &e), &e);
    circle_ok(store_config_get(by, "epochs", &seeds, &there, &e), &e);
    struct envelope_key key = {store_identity(by)->x_pk, store_box_key(by)};
    struct secret *sk = NULL;
    if (there) { /* an office opens with its bundle key */
        struct secret *seed = secret_copy(seeds.p, 32);
        crypt_box_pair(seed, &key.pk, &sk);
        key.sk = sk;
        secret_free(seed);
    }
    circle_ok(envelope_open(&in, tmpdir_path(file), &e), &e);
    f->header = *envelope_in_header(in);
    circle_ok(envelope_check(in, &e) && envelope_unlock(in, &key, 1, &e) &&
                  envelope_frames(in, take, f, &e),
              &e);
    envelope_in_free(in);
    secret_free(sk);
    buf_wipe_done(&seeds);
    arena_done(&a);
}

static void finish(void)
{
    store_close(laptop);
    circle_teardown(&c);
}

static void start(void)
{
    if (access("/dev/shm", W_OK) == 0)
        setenv("TMPDIR", "/dev/shm", 0);
    circle_setup(&c);
    laptop = circle_laptop(&c, c.office, "laptop");
    struct hash32 rev = circle_interview(&c, laptop, "<data>1</data>", "nama\tSiti", NULL);
    circle_interview(&c, laptop, "<data>2</data>", "", NULL);
    circle_bundle(laptop, "a.bundle");
    circle_merge(c.office, "a.bundle", NULL, NULL);
    circle_correct(&c, laptop, &rev, "<data>3</data>");
    circle_bundle(laptop, "b.bundle");
    capture(&bundle, "b.bundle", c.office);
    circle_receipt(c.office, laptop, "a.receipt");
    capture(&receipt, "a.receipt", laptop);
    atexit(finish);
}

/* ---- editing ---- */

static void copy_frame(struct frame *to, const struct frame *from)
{
    to->type = from->type;
    buf_init(&to->body, 1u << 20);
    buf_add_str(&to->body, buf_str(&from->body));
}

static void edit(struct frames *f, const uint8_t *op, struct str rest)
{
    size_t i = f->n ? op[1] % f->n : 0, j = (size_t)op[2] | (size_t)op[3] << 8;
    struct frame *x = &f->v[i];
    switch (op[0] % 7) {
    case 0: /* a byte */
        if (f->n && x->body.n)
            x->body.p[j % x->body.n] = (char)op[4];
        break;
    case 1: /* gone */
        if (f->n) {
            buf_done(&x->body);
            f->v[i] = f->v[--f->n];
        }
        break;
    case 2: /* twice */
        if (f->n && f->n < FRAMES_MAX)
            copy_frame(&f->v[f->n], x), f->n++;
        break;
    case 3: /* swapped */
        if (f->n) {
            struct frame t = *x;
            *x = f->v[op[4] % f->n];
            f->v[op[4] % f->n] = t;
        }
        break;
    case 4: /* cut */
        if (f->n)
            x->body.n = j % (x->body.n + 1);
        break;
    case 5: /* another type */
        if (f->n)
            x->type = op[4];
        break;
    default: /* new */
        if (f->n < FRAMES_MAX) {
            x = &f->v[f->n++];
            x->type = op[4];
            buf_init(&x->body, 1u << 20);
            buf_add_str(&x->body, str_sub(rest, 0, j % 256));
        }
    }
}

/* The frames as a payload, with the counts that they have. */
static void pack(const struct frames *f, struct envelope_header *h, struct buf *out)
{
    struct buf plain;
    uint64_t rows;
    buf_init(&plain, 32u << 20);
    for (size_t i = 0; i < f->n; i++) {
        buf_add_u8(&plain, f->v[i].type);
        buf_add_le32(&plain, (uint32_t)f->v[i].body.n);
        buf_add_str(&plain, buf_str(&f->v[i].body));
        h->records += f->v[i].type == FRAME_RECORD;
        if (f->v[i].type == FRAME_ROWS && frame_rows(f->v[i].body.n, &rows))
            h->rows += rows;
    }
    h->plain = plain.n;
    buf_init(out, 64u << 20);
    size_t room = ZSTD_compressBound(plain.n);
    ZSTD_CCtx *z = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(z, ZSTD_c_checksumFlag, 1);
    char *p = buf_room(out, room);
    out->n = ZSTD_compress2(z, p, room, plain.p ? plain.p : "", plain.n);
    ZSTD_freeCCtx(z);
    buf_done(&plain);
}

static void write_edited(const struct frames *original, const uint8_t *data, size_t n,
                         struct store *by, const char *file)
{
    struct frames f = {.n = original->n};
    struct err e = {0};
    struct buf packed, bytes;
    struct envelope_header h = original->header;
    for (size_t i = 0; i < f.n; i++)
        copy_frame(&f.v[i], &original->v[i]);
    for (; n >= EDIT_SIZE; data += EDIT_SIZE, n -= EDIT_SIZE)
        edit(&f, data, (struct str){(const char *)data + EDIT_SIZE, n - EDIT_SIZE});
    h.records = h.rows = 0;
    pack(&f, &h, &packed);
    struct pk32 to = h.to[0];
    forge_envelope(&h, store_signing_key(by), &to, buf_str(&packed), STREAM_CHUNK, &bytes);
    unlink(tmpdir_path(file));
    circle_ok(io_write_file(tmpdir_path(file), 0600, buf_str(&bytes), &e), &e);
    for (size_t i = 0; i < f.n; i++)
        buf_done(&f.v[i].body);
    buf_done(&packed);
    buf_done(&bytes);
}

/* ---- targets ---- */

static void header(struct str bytes)
{
    struct envelope_header h;
    struct err e = {0};
    struct buf again;
    size_t used;
    if (!envelope_header_parse(bytes, &h, &used, &e))
        return;
    buf_init(&again, ENVELOPE_HEADER_MAX);
    envelope_header_write(&h, &again);
    if (!str_eq(buf_str(&again), str_sub(bytes, 0, used)))
        abort();
    buf_done(&again);
}

static void file(struct str bytes)
{
    struct err e = {0};
    struct envelope_header h;
    uint64_t size;
    unlink(tmpdir_path("fuzz.file"));
    circle_ok(io_write_file(tmpdir_path("fuzz.file"), 0600, bytes, &e), &e);
    if (envelope_verify(tmpdir_path("fuzz.file"), &h, &size, &e) != (e.kind == NULL))
        abort();
}

static void merge(const uint8_t *data, size_t n)
{
    struct merge_report r = {0};
    struct merge_ctx m = {.store = c.office, .now_ms = CIRCLE_NOW};
    enum merge_outcome outcome;
    struct err why = {0}, e = {0};
    write_edited(&bundle, data, n, laptop, "fuzz.bundle");
    circle_ok(merge_file(&m, tmpdir_path("fuzz.bundle"), &r, &outcome, &why, &e), &e);
    if (!merge_report_adds_up(&r) || r.files != 1)
        abort();
}

static void apply(const uint8_t *data, size_t n)
{
    struct receipt_applied a;
    struct err e = {0};
    write_edited(&receipt, data, n, c.office, "fuzz.receipt");
    if (receipt_apply(laptop, tmpdir_path("fuzz.receipt"), NULL, &a, &e) != (e.kind == NULL))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static bool started;
    if (!started)
        start();
    started = true;
    if (n == 0)
        return 0;
    struct str rest = {(const char *)data + 1, n - 1};
    switch (data[0] % 4) {
    case 0: header(rest); break;
    case 1: file(rest); break;
    case 2: merge(data + 1, n - 1); break;
    default: apply(data + 1, n - 1);
    }
    return 0;
}
