/* Writing an envelope, once through, in constant memory: frames → zstd → chunks → secretstream → file.
 * A full chunk is sealed only when more follows, because the last one carries the FINAL tag. */
#include "sync/bundle/envelope_i.h"

#include <assert.h>
#include <zstd.h>

#include "sync/io/io.h"

#define LEVEL      3
#define WINDOW_LOG 21 /* 2 MiB, well under what a reader allows */
#define FILE_MODE  0600

struct envelope_out {
    struct io_new file;
    bool open, ended;
    enum envelope_kind kind;
    struct hash32 hh;
    struct stream *stream;
    ZSTD_CCtx *zstd;
    struct hasher hash;
    struct secret *signing_key; /* a copy: what was promised is signed whatever the caller frees */
    uint64_t records, rows, plain; /* still to come; plain: still allowed */
    uint64_t size;
    struct hash32 id;
    size_t n; /* bytes in chunk */
    uint8_t chunk[STREAM_CHUNK];
    uint8_t sealed[SEALED_CHUNK];
};

static bool put_bytes(struct envelope_out *o, const void *p, size_t n, struct err *e)
{
    if (!io_write(&o->file, p, n, e))
        return false;
    o->size += n;
    if (o->size > ENVELOPE_MAX)
        return err_fail2(e, ERR_LIMIT, "The file", "8 GiB");
    return true;
}

static bool put_hashed(struct envelope_out *o, const void *p, size_t n, struct err *e)
{
    hasher_add(&o->hash, p, n);
    return put_bytes(o, p, n, e);
}

static bool seal_chunk(struct envelope_out *o, bool final, struct err *e)
{
    struct str ad = {(const char *)o->hh.b, sizeof o->hh.b};
    stream_seal(o->stream, o->chunk, o->n, ad, final, o->sealed);
    bool ok = put_hashed(o, o->sealed, o->n + STREAM_OVERHEAD, e);
    o->n = 0;
    return ok;
}

/* Feeds bytes to zstd, whose output fills chunks. */
static bool pack(struct envelope_out *o, const void *p, size_t n, ZSTD_EndDirective end,
                 struct err *e)
{
    ZSTD_inBuffer in = {p, n, 0};
    for (;;) {
        if (o->n == STREAM_CHUNK && !seal_chunk(o, false, e))
            return false;
        ZSTD_outBuffer out = {o->chunk, STREAM_CHUNK, o->n};
        size_t left = ZSTD_compressStream2(o->zstd, &out, &in, end);
        o->n = out.pos;
        if (ZSTD_isError(left))
            return err_fail1(e, ERR_ENVELOPE_PACKED, ZSTD_getErrorName(left));
        if (end == ZSTD_e_continue ? in.pos == in.size : left == 0)
            return true;
    }
}

/* ---- beginning ---- */

static bool wrap_invite(struct envelope_header *h, const struct envelope_new *n,
                        const struct secret *fk, struct err *e)
{
    struct secret *code = secret_copy(n->invite.p, n->invite.n), *key = NULL;
    h->has_invite = true;
    h->invite_cost = n->invite_cost;
    crypt_random(h->invite_salt, sizeof h->invite_salt);
    bool ok = crypt_passphrase(code, h->invite_salt, h->invite_cost, &key, e);
    if (ok) {
        struct buf ad, wrap;
        buf_init(&ad, 256);
        buf_init(&wrap, sizeof h->invite_wrap);
        envelope_invite_ad(h, &ad);
        crypt_seal(key, (struct str){(const char *)secret_view(fk), secret_size(fk)}, buf_str(&ad),
                   &wrap);
        assert(wrap.n == sizeof h->invite_wrap);
        memcpy(h->invite_wrap, wrap.p, sizeof h->invite_wrap);
        buf_done(&ad);
        buf_done(&wrap);
    }
    secret_free(code);
    secret_free(key);
    return ok;
}

static bool wrap_boxes(struct envelope_header *h, const struct envelope_new *n,
                       const struct secret *fk, struct err *e)
{
    for (uint32_t i = 0; i < n->n_to; i++) {
        struct buf box;
        buf_init(&box, sizeof h->sealed[i]);
        struct str key = {(const char *)secret_view(fk), secret_size(fk)};
        bool ok = crypt_box_seal(&n->to[i], key, &box, e);
        if (ok)
            memcpy(h->sealed[i], box.p, sizeof h->sealed[i]);
        buf_done(&box);
        if (!ok)
            return false;
        h->to[i] = n->to[i];
        h->n_to++;
    }
    return true;
}

static bool make_header(struct envelope_header *h, const struct envelope_new *n,
                        const struct secret *fk, struct err *e)
{
    *h = (struct envelope_header){
        .version = ENVELOPE_VERSION,
        .kind = n->kind,
        .survey = n->survey,
        .sender = n->sender,
        .incarnation = n->incarnation,
        .seq = n->seq,
        .created_ms = n->created_ms,
        .records = n->records,
        .rows = n->rows,
        .plain = n->plain,
        .commit = envelope_commit(fk),
        .has_enrol = n->has_enrol,
        .enrol_kit = n->enrol_kit,
        .enrol = n->enrol,
    };
    assert(n->n_to <= ENVELOPE_RECIPIENTS_MAX && (n->n_to || n->invite.n));
    if (n->records > ENVELOPE_RECORDS_MAX)
        return err_fail2(e, ERR_LIMIT, "The number of records", "2,000,000");
    if (n->rows > ENVELOPE_ROWS_MAX)
        return err_fail2(e, ERR_LIMIT, "The number of ledger rows", "20,000,000");
    if (n->plain > ENVELOPE_PLAIN_MAX)
        return err_fail2(e, ERR_LIMIT, "The contents", "32 GiB");
    return wrap_boxes(h, n, fk, e) && (!n->invite.n || wrap_invite(h, n, fk, e));
}

/* Header, stream header, and everything in place for frames. */
static bool begin(struct envelope_out *o, const struct envelope_new *n, const struct secret *fk,
                  struct err *e)
{
    struct envelope_header h;
    struct buf text;
    uint8_t stream_header[STREAM_HEADER];
    if (!make_header(&h, n, fk, e))
        return false;
    buf_init(&text, ENVELOPE_HEADER_MAX);
    envelope_header_write(&h, &text);
    o->hh = envelope_header_hash(buf_str(&text));
    struct secret *key = envelope_stream_key(fk, &o->hh);
    o->stream = stream_push(key, stream_header);
    secret_free(key);
    bool ok = put_hashed(o, text.p, text.n, e) && put_hashed(o, stream_header, STREAM_HEADER, e);
    buf_done(&text);
    return ok;
}

static bool zstd_set(ZSTD_CCtx *z, ZSTD_cParameter p, int v, struct err *e)
{
    size_t r = ZSTD_CCtx_setParameter(z, p, v);
    return !ZSTD_isError(r) || err_fail1(e, ERR_ENVELOPE_PACKED, ZSTD_getErrorName(r));
}

bool envelope_begin(struct envelope_out **ret, const char *path, const struct envelope_new *n,
                    struct err *e)
{
    struct envelope_out *o = mem_alloc(sizeof *o);
    struct secret *fk = secret_random(32);
    o->kind = n->kind;
    o->records = n->records;
    o->rows = n->rows;
    o->plain = n->plain;
    o->signing_key = secret_copy(secret_view(n->signing_key), secret_size(n->signing_key));
    hasher_start(&o->hash, 64);
    o->zstd = ZSTD_createCCtx();
    bool ok = o->zstd || err_fail1(e, ERR_ENVELOPE_PACKED, "out of memory");
    ok = ok && zstd_set(o->zstd, ZSTD_c_compressionLevel, LEVEL, e) &&
         zstd_set(o->zstd, ZSTD_c_windowLog, WINDOW_LOG, e) &&
         zstd_set(o->zstd, ZSTD_c_checksumFlag, 1, e);
    if (ok)
        ok = o->open = io_create(&o->file, path, FILE_MODE, e);
    ok = ok && begin(o, n, fk, e);
    secret_free(fk);
    if (!ok) {
        envelope_out_free(o);
        return false;
    }
    *ret = o;
    return true;
}

/* ---- frames ---- */

static bool count_frame(struct envelope_out *o, enum frame_type type, size_t n)
{
    uint64_t rows = 0;
    if (type == FRAME_ROWS && !frame_rows(n, &rows))
        return false;
    if (rows > o->rows || (type == FRAME_RECORD && o->records == 0) || n + FRAME_PREFIX > o->plain)
        return false;
    o->rows -= rows;
    o->records -= type == FRAME_RECORD;
    o->plain -= n + FRAME_PREFIX;
    return true;
}

bool envelope_put(struct envelope_out *o, enum frame_type type, struct str body, struct err *e)
{
    uint8_t prefix[FRAME_PREFIX] = {(uint8_t)type, (uint8_t)body.n, (uint8_t)(body.n >> 8),
                                    (uint8_t)(body.n >> 16), (uint8_t)(body.n >> 24)};
    bool allowed;
    assert(o->open && !o->ended);
    uint32_t max = frame_max((uint8_t)type, o->kind, &allowed);
    assert(allowed);
    if (body.n > max)
        return err_fail2(e, ERR_LIMIT, "A part of the file", "its kind");
    if (!count_frame(o, type, body.n))
        return err_fail2(e, ERR_ENVELOPE_COUNT, "fewer", "records, rows or bytes");
    return pack(o, prefix, sizeof prefix, ZSTD_e_continue, e) &&
           pack(o, body.p, body.n, ZSTD_e_continue, e);
}

bool envelope_end(struct envelope_out *o, struct err *e)
{
    uint8_t hash[64];
    struct buf m;
    assert(o->open && !o->ended);
    if (o->records || o->rows)
        return err_fail2(e, ERR_ENVELOPE_COUNT, "more", "records or rows");
    if (!pack(o, NULL, 0, ZSTD_e_end, e) || !seal_chunk(o, true, e))
        return false;
    hasher_end(&o->hash, hash, sizeof hash);
    buf_init(&m, 80);
    envelope_sign_message(hash, &m);
    struct sig64 sig = crypt_sign(o->signing_key, buf_str(&m));
    buf_done(&m);
    o->id = envelope_id(hash);
    o->ended = true;
    return put_bytes(o, sig.b, sizeof sig.b, e);
}

bool envelope_publish(struct envelope_out *o, struct err *e)
{
    assert(o->ended && o->open);
    o->open = false; /* io_finish removes the .part when it fails */
    return io_finish(&o->file, e);
}

struct hash32 envelope_out_id(const struct envelope_out *o)
{
    return o->id;
}

uint64_t envelope_out_size(const struct envelope_out *o)
{
    return o->size;
}

void envelope_out_free(struct envelope_out *o)
{
    if (!o)
        return;
    if (o->open)
        io_abandon(&o->file);
    stream_free(o->stream);
    ZSTD_freeCCtx(o->zstd);
    secret_free(o->signing_key);
    crypt_wipe(o, sizeof *o);
    mem_free(o);
}
