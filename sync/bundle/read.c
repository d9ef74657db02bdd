/* Reading an envelope in two passes; see envelope.h and the security specification §1.5 "Reading".
 * Pass 1 hashes the file and checks the signature. Pass 2 opens chunk by chunk (unpack.c), and a
 * witness tells whether these are the same bytes: what was signed is what was read, even when a stick or a
 * share changes in between. */
#include "sync/bundle/read_i.h"

#include <assert.h>

#include "sync/io/io.h"

#define PLAIN_PER_BODY 200
#define PLAIN_SLACK    ((uint64_t)1 << 20)
#define FRAME_MAX_ANY  ((size_t)330 << 20)

/* ---- opening ---- */

static bool read_header(struct envelope_in *in, struct err *e)
{
    struct buf front;
    size_t n = in->size < ENVELOPE_HEADER_MAX ? (size_t)in->size : ENVELOPE_HEADER_MAX;
    buf_init(&front, ENVELOPE_HEADER_MAX);
    uint8_t *room = buf_room(&front, n);
    size_t header_n = 0;
    bool ok = io_read_exact(in->fd, room, n, e) &&
              envelope_header_parse(buf_str(&front), &in->header, &header_n, e);
    if (ok)
        buf_add(&in->text, front.p, header_n);
    buf_done(&front);
    return ok;
}

uint64_t envelope_chunks_size(const struct envelope_in *in)
{
    return in->size - in->text.n - STREAM_HEADER - SIGNATURE_SIZE;
}

static bool check_framing(const struct envelope_in *in, struct err *e)
{
    if (in->size < in->text.n + STREAM_HEADER + STREAM_OVERHEAD + SIGNATURE_SIZE)
        return err_fail(e, ERR_ENVELOPE_CUT);
    uint64_t chunks = envelope_chunks_size(in), last = chunks % SEALED_CHUNK;
    if (last != 0 && last < STREAM_OVERHEAD)
        return err_fail(e, ERR_ENVELOPE_CUT);
    if (in->header.plain > PLAIN_PER_BODY * chunks + PLAIN_SLACK)
        return err_fail2(e, ERR_LIMIT, "The promised size of the contents",
                         "200 times the size of the file");
    return true;
}

bool envelope_open(struct envelope_in **ret, const char *path, struct err *e)
{
    struct envelope_in *in = mem_alloc(sizeof *in);
    in->fd = -1;
    buf_init(&in->text, ENVELOPE_HEADER_MAX);
    buf_init(&in->body, FRAME_MAX_ANY);
    if (!io_open_read(path, ENVELOPE_MAX, &in->fd, &in->size, e) || !read_header(in, e)) {
        envelope_in_free(in);
        return false;
    }
    *ret = in;
    return true;
}

const struct envelope_header *envelope_in_header(const struct envelope_in *in)
{
    return &in->header;
}

uint64_t envelope_in_size(const struct envelope_in *in)
{
    return in->size;
}

void envelope_in_free(struct envelope_in *in)
{
    if (!in)
        return;
    io_close(in->fd);
    buf_done(&in->text);
    buf_wipe_done(&in->body);
    secret_free(in->fk);
    crypt_wipe(in, sizeof *in);
    mem_free(in);
}

/* ---- pass 1 ---- */

bool envelope_check(struct envelope_in *in, struct err *e)
{
    struct hasher h;
    struct sig64 sig;
    struct buf m;
    if (!check_framing(in, e) || !io_seek(in->fd, 0, e))
        return false;
    hasher_start(&h, sizeof in->hash);
    witness_draw(&in->witness);
    witness_start(&in->witness);
    for (uint64_t left = in->size - SIGNATURE_SIZE; left > 0;) {
        size_t n = left < sizeof in->sealed ? (size_t)left : sizeof in->sealed;
        if (!io_read_exact(in->fd, in->sealed, n, e))
            return false;
        hasher_add(&h, in->sealed, n);
        witness_add(&in->witness, in->sealed, n);
        left -= n;
    }
    hasher_end(&h, in->hash, sizeof in->hash);
    witness_end(&in->witness, in->seen);
    if (!io_read_exact(in->fd, sig.b, sizeof sig.b, e))
        return false;
    buf_init(&m, 80);
    envelope_sign_message(in->hash, &m);
    in->checked = crypt_verify(&in->header.sender, &sig, buf_str(&m));
    buf_done(&m);
    return in->checked || err_fail(e, ERR_ENVELOPE_SIGNATURE);
}

struct hash32 envelope_in_id(const struct envelope_in *in)
{
    assert(in->checked);
    return envelope_id(in->hash);
}

/* ---- the file key ---- */

/* Takes `fk`. A key that the header does not commit to: the sender shows different contents to
 * different readers under one signature. */
static bool take_key(struct envelope_in *in, struct secret *fk, struct err *e)
{
    bool ok = secret_size(fk) == 32;
    if (ok) {
        struct hash32 c = envelope_commit(fk);
        ok = crypt_mac_eq(&c, &in->header.commit);
    }
    if (!ok) {
        secret_free(fk);
        return err_fail(e, ERR_ENVELOPE_KEY);
    }
    secret_free(in->fk);
    in->fk = fk;
    return true;
}

bool envelope_unlock(struct envelope_in *in, const struct envelope_key *keys, size_t n,
                     struct err *e)
{
    const struct envelope_header *h = &in->header;
    for (size_t k = 0; k < n; k++)
        for (uint32_t i = 0; i < h->n_to; i++) {
            struct secret *fk;
            struct str sealed = {(const char *)h->sealed[i], sizeof h->sealed[i]};
            if (!pk32_eq(&keys[k].pk, &h->to[i]))
                continue;
            return crypt_box_open(&keys[k].pk, keys[k].sk, sealed, &fk, e) && take_key(in, fk, e);
        }
    return err_fail(e, ERR_ENVELOPE_NOT_FOR_US);
}

bool envelope_unlock_invite(struct envelope_in *in, struct str code, struct err *e)
{
    const struct envelope_header *h = &in->header;
    struct secret *phrase, *key, *fk = NULL;
    struct buf ad;
    struct err why = {0};
    if (!h->has_invite)
        return err_fail(e, ERR_INVITE_NONE);
    phrase = secret_copy(code.p, code.n);
    bool ok = crypt_passphrase(phrase, h->invite_salt, h->invite_cost, &key, e);
    secret_free(phrase);
    if (!ok)
        return false;
    buf_init(&ad, 256);
    envelope_invite_ad(h, &ad);
    struct str wrap = {(const char *)h->invite_wrap, sizeof h->invite_wrap};
    ok = crypt_open_secret(key, wrap, buf_str(&ad), &fk, &why);
    secret_free(key);
    buf_done(&ad);
    return ok ? take_key(in, fk, e) : err_fail(e, ERR_INVITE_WRONG);
}

/* ---- pass 2: payload records out of unpacked bytes ---- */

static bool frame_fail(struct err *e, const char *what, uint8_t type)
{
    char text[64], n[ERR_ARG_MAX];
    struct buf b;
    buf_init(&b, sizeof text - 1);
    buf_printf(&b, "%s %s", what, err_num(n, type));
    bool failed = err_fail1(e, ERR_ENVELOPE_FRAME, b.p);
    buf_done(&b);
    return failed;
}

static bool deliver(struct opening *o, uint8_t type, struct str body, struct err *e)
{
    uint64_t rows = 0;
    if (type == FRAME_ROWS && !frame_rows(body.n, &rows))
        return frame_fail(e, "a broken record of type", type);
    o->in->rows += rows;
    o->in->records += type == FRAME_RECORD;
    if (o->in->rows > o->in->header.rows || o->in->records > o->in->header.records)
        return err_fail2(e, ERR_ENVELOPE_COUNT, "fewer", "records or rows");
    return o->sink(o->ctx, (enum frame_type)type, body, e);
}

/* The whole size of the record that begins at p; 0: its prefix is not all there. */
static bool frame_size(const struct envelope_in *in, const uint8_t *p, size_t n, size_t *ret,
                       struct err *e)
{
    bool allowed;
    *ret = 0;
    if (n < FRAME_PREFIX)
        return true;
    uint32_t max = frame_max(p[0], in->header.kind, &allowed);
    if (!allowed)
        return frame_fail(e, max ? "a misplaced record of type" : "a record of unknown type", p[0]);
    if (le32(p + 1) > max)
        return frame_fail(e, "a too large record of type", p[0]);
    *ret = (size_t)le32(p + 1) + FRAME_PREFIX;
    return true;
}

/* Records that lie whole in the bytes at hand go to the sink as they are; what is cut off waits in
 * body, which grows only by what has really come. */
bool envelope_feed(struct opening *o, const uint8_t *p, size_t n, struct err *e)
{
    struct buf *b = &o->in->body;
    size_t size;
    while (n > 0) {
        bool whole = b->n == 0;
        const uint8_t *at = whole ? p : (const uint8_t *)b->p;
        if (!frame_size(o->in, at, whole ? n : b->n, &size, e))
            return false;
        if (whole && size != 0 && size <= n) {
            struct str body = {(const char *)p + FRAME_PREFIX, size - FRAME_PREFIX};
            if (!deliver(o, p[0], body, e))
                return false;
            p += size;
            n -= size;
            continue;
        }
        size_t want = (size ? size : FRAME_PREFIX) - b->n, take = want < n ? want : n;
        if (!buf_add(b, p, take))
            return frame_fail(e, "a too large record of type", at[0]);
        p += take;
        n -= take;
        if (!frame_size(o->in, (const uint8_t *)b->p, b->n, &size, e))
            return false;
        if (size != 0 && b->n == size) {
            struct str body = {b->p + FRAME_PREFIX, size - FRAME_PREFIX};
            if (!deliver(o, (uint8_t)b->p[0], body, e))
                return false;
            b->n = 0;
        }
    }
    return true;
}

/* ---- pass 2 ---- */

static bool start_pass2(struct opening *o, struct err *e)
{
    struct envelope_in *in = o->in;
    uint8_t stream_header[STREAM_HEADER];
    in->records = in->rows = 0;
    in->body.n = 0;
    o->hh = envelope_header_hash(buf_str(&in->text));
    witness_start(&in->witness);
    witness_add(&in->witness, in->text.p, in->text.n);
    if (!io_seek(in->fd, in->text.n, e) ||
        !io_read_exact(in->fd, stream_header, sizeof stream_header, e))
        return false;
    witness_add(&in->witness, stream_header, sizeof stream_header);
    struct secret *key = envelope_stream_key(in->fk, &o->hh);
    o->stream = stream_pull(key, stream_header, e);
    secret_free(key);
    return o->stream != NULL;
}

static bool finish_pass2(struct opening *o, struct err *e)
{
    struct envelope_in *in = o->in;
    uint8_t seen[sizeof in->seen];
    witness_end(&in->witness, seen);
    if (memcmp(seen, in->seen, sizeof seen) != 0)
        return err_fail(e, ERR_ENVELOPE_CHANGED);
    if (in->body.n != 0)
        return err_fail1(e, ERR_ENVELOPE_FRAME, "the last record is cut short");
    if (in->records != in->header.records || in->rows != in->header.rows)
        return err_fail2(e, ERR_ENVELOPE_COUNT, "more", "records or rows");
    return true;
}

bool envelope_frames(struct envelope_in *in, envelope_sink sink, void *ctx, struct err *e)
{
    struct opening o = {.in = in, .sink = sink, .ctx = ctx};
    assert(in->checked && in->fk);
    bool ok = start_pass2(&o, e) && envelope_unpack(&o, e) && finish_pass2(&o, e);
    stream_free(o.stream);
    return ok;
}

bool envelope_verify(const char *path, struct envelope_header *ret, uint64_t *ret_size,
                     struct err *e)
{
    struct envelope_in *in;
    if (!envelope_open(&in, path, e))
        return false;
    bool ok = envelope_check(in, e);
    if (ok) {
        *ret = in->header;
        *ret_size = in->size;
    }
    envelope_in_free(in);
    return ok;
}
