/* What comes out of an envelope's stream: payload frames, and the zstd frame that holds them. Bytes:
 *
 *   u8 how: even, the rest are payload bytes and are packed as they should be; odd, the rest stand in place
 *           of the zstd frame · u8 kind of envelope · u8 records, u8 rows that the header promises · the rest
 *
 * sealed and signed as by a known sender. The reader hands on whole frames of allowed types and sizes, or ends
 * with a reason; it says yes only to exactly what the header promised. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#include "sync/bundle/envelope_i.h"
#include "sync/io/io.h"
#include "tests/support/forge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define PREFIX_SIZE 4

static char path[] = "/tmp/cacah-fuzz-frame-XXXXXX";
static struct pk32 sign_pk, box_pk;
static struct secret *sign_sk, *box_sk;

static void finish(void)
{
    unlink(path);
    secret_free(sign_sk);
    secret_free(box_sk);
}

static void start(void)
{
    struct err e = {0};
    int fd = mkstemp(path);
    if (fd < 0 || close(fd) != 0 || !crypt_start(&e) || atexit(finish) != 0)
        abort();
    struct secret *one = secret_random(32), *two = secret_random(32);
    crypt_sign_pair(one, &sign_pk, &sign_sk);
    crypt_box_pair(two, &box_pk, &box_sk);
    secret_free(one);
    secret_free(two);
}

struct seen {
    enum envelope_kind kind;
    uint64_t records, rows, plain;
};

static bool take(void *ctx, enum frame_type type, struct str body, struct err *e)
{
    struct seen *s = ctx;
    bool allowed;
    uint64_t rows = 0;
    (void)e;
    uint32_t max = frame_max((uint8_t)type, s->kind, &allowed);
    if (!allowed || body.n > max || (type == FRAME_ROWS && !frame_rows(body.n, &rows)))
        abort();
    s->records += type == FRAME_RECORD;
    s->rows += rows;
    s->plain += FRAME_PREFIX + body.n;
    return true;
}

static void pack(struct str plain, struct buf *out)
{
    size_t room = ZSTD_compressBound(plain.n);
    ZSTD_CCtx *z = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(z, ZSTD_c_checksumFlag, 1);
    char *p = buf_room(out, room);
    out->n = ZSTD_compress2(z, p, room, plain.p, plain.n);
    if (ZSTD_isError(out->n))
        abort();
    ZSTD_freeCCtx(z);
}

static void read_back(struct seen *s, const struct envelope_header *h)
{
    struct envelope_in *in;
    struct err e = {0};
    struct envelope_key key = {box_pk, box_sk};
    if (!envelope_open(&in, path, &e))
        abort();
    bool ok = envelope_check(in, &e) && envelope_unlock(in, &key, 1, &e) &&
              envelope_frames(in, take, s, &e);
    if (ok != (e.kind == NULL))
        abort();
    if (ok && (s->records != h->records || s->rows != h->rows || s->plain > h->plain))
        abort();
    envelope_in_free(in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static bool started;
    static const enum envelope_kind kinds[] = {ENVELOPE_KIT, ENVELOPE_BUNDLE, ENVELOPE_RECEIPT};
    struct buf packed, bytes;
    struct err e = {0};
    if (!started)
        start();
    started = true;
    if (n < PREFIX_SIZE)
        return 0;
    struct seen s = {.kind = kinds[data[1] % 3]};
    struct str rest = {(const char *)data + PREFIX_SIZE, n - PREFIX_SIZE};
    struct envelope_header h = {.kind = s.kind,
                                .survey = {{1, 2, 3}},
                                .incarnation = {{4}},
                                .sender = sign_pk,
                                .seq = 7,
                                .created_ms = 1769826030000,
                                .records = data[2],
                                .rows = data[3],
                                .plain = data[0] % 2 ? 1u << 20 : rest.n};
    buf_init(&packed, 64u << 20);
    if (data[0] % 2)
        buf_add_str(&packed, rest);
    else
        pack(rest, &packed);
    forge_envelope(&h, sign_sk, &box_pk, buf_str(&packed), STREAM_CHUNK, &bytes);
    unlink(path);
    if (!io_write_file(path, 0600, buf_str(&bytes), &e))
        abort();
    read_back(&s, &h);
    buf_done(&packed);
    buf_done(&bytes);
    return 0;
}
