/* The payload of a file that its sender has sealed and signed as it should be: a laptop's bundle (first byte
 * 0), an office's receipt (1) or kit (2), whose frames the further bytes edit, six an edit. What a known sender
 * with a broken or hostile program could send. Whatever comes, the store must stay as sound as it was. */
#include <stdlib.h>
#include <unistd.h>
#include <zstd.h>

#include "sync/bundle/envelope_i.h"
#include "sync/bundle/keyring.h"
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
static struct buf code; /* of the kit */
static struct frames bundle, receipt, kit;

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
    struct keyring keys;
    circle_ok(keyring_load(&keys, by, &e), &e);
    circle_ok(envelope_open(&in, tmpdir_path(file), &e), &e);
    f->header = *envelope_in_header(in);
    bool ok = envelope_check(in, &e) &&
              (f->header.has_invite ? envelope_unlock_invite(in, buf_str(&code), &e)
                                    : envelope_unlock(in, keys.keys, keys.n, &e));
    circle_ok(ok && envelope_frames(in, take, f, &e), &e);
    envelope_in_free(in);
    keyring_done(&keys);
}

static void finish(void)
{
    store_close(laptop);
    buf_done(&code);
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
    buf_init(&code, 1024);
    circle_kit(&c, c.office, "a.kit", "Laptop 4", &code);
    capture(&kit, "a.kit", c.office);
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
    if (h.has_invite)
        forge_invited(&h, store_signing_key(by), buf_str(&code), buf_str(&packed), &bytes);
    else
        forge_envelope(&h, store_signing_key(by), &to, buf_str(&packed), STREAM_CHUNK, &bytes);
    unlink(tmpdir_path(file));
    circle_ok(io_write_file(tmpdir_path(file), 0600, buf_str(&bytes), &e), &e);
    for (size_t i = 0; i < f.n; i++)
        buf_done(&f.v[i].body);
    buf_done(&packed);
    buf_done(&bytes);
}

/* ---- targets ---- */

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

static void join(const uint8_t *data, size_t n)
{
    struct kit *k = NULL;
    struct store *s = NULL;
    struct err e = {0};
    struct join j = {.passphrase = c.passphrase, .user = STR("Rina")};
    write_edited(&kit, data, n, c.office, "fuzz.kit");
    bool ok = kit_open(&k, tmpdir_path("fuzz.kit"), buf_str(&code), &e) &&
              kit_join(&s, tmpdir_path("fuzz.cacah"), k, &j, &e);
    if (ok != (e.kind == NULL) || (!ok && access(tmpdir_path("fuzz.cacah"), F_OK) == 0))
        abort();
    store_close(s);
    kit_close(k);
    unlink(tmpdir_path("fuzz.cacah"));
    unlink(tmpdir_path("fuzz.cacah.lock"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static bool started;
    if (!started)
        start();
    started = true;
    if (n == 0)
        return 0;
    switch (data[0] % 3) {
    case 0: merge(data + 1, n - 1); break;
    case 1: apply(data + 1, n - 1); break;
    default: join(data + 1, n - 1);
    }
    return 0;
}
