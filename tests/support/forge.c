/* See forge.h. */
#include "tests/support/forge.h"

#include <stdlib.h>

#include "sync/bundle/envelope_i.h"

void forge_sign(struct buf *b, const struct secret *sk)
{
    uint8_t hash[64];
    struct buf m;
    crypt_hash64((struct str){b->p, b->n - SIGNATURE_SIZE}, hash);
    buf_init(&m, 80);
    envelope_sign_message(hash, &m);
    struct sig64 sig = crypt_sign(sk, buf_str(&m));
    memcpy(b->p + b->n - SIGNATURE_SIZE, sig.b, sizeof sig.b);
    buf_done(&m);
}

/* One line more for who has the key of `to`. */
static void wrap(struct envelope_header *h, const struct pk32 *to, const struct secret *fk)
{
    struct err e = {0};
    struct buf box;
    uint32_t i = h->n_to++;
    buf_init(&box, sizeof h->sealed[i]);
    if (!crypt_box_seal(to, (struct str){(const char *)secret_view(fk), secret_size(fk)}, &box, &e))
        abort();
    memcpy(h->sealed[i], box.p, sizeof h->sealed[i]);
    h->to[i] = *to;
    h->commit = envelope_commit(fk);
    buf_done(&box);
}

static void wrap_code(struct envelope_header *h, struct str code, const struct secret *fk)
{
    struct err e = {0};
    struct secret *phrase = secret_copy(code.p, code.n), *key = NULL;
    struct buf ad, sealed;
    h->has_invite = true;
    crypt_random(h->invite_salt, sizeof h->invite_salt);
    if (!crypt_passphrase(phrase, h->invite_salt, h->invite_cost, &key, &e))
        abort();
    buf_init(&ad, 256);
    buf_init(&sealed, sizeof h->invite_wrap);
    envelope_invite_ad(h, &ad);
    crypt_seal(key, (struct str){(const char *)secret_view(fk), secret_size(fk)}, buf_str(&ad),
               &sealed);
    memcpy(h->invite_wrap, sealed.p, sizeof h->invite_wrap);
    h->commit = envelope_commit(fk);
    buf_done(&ad);
    buf_done(&sealed);
    secret_free(phrase);
    secret_free(key);
}

/* Everything behind the wraps. */
static void seal(const struct envelope_header *h, const struct secret *fk, const struct secret *sk,
                 struct str packed, size_t at_most, struct buf *out)
{
    uint8_t stream_header[STREAM_HEADER], sealed[SEALED_CHUNK];
    buf_init(out, 64u << 20);
    envelope_header_write(h, out);
    struct hash32 hh = envelope_header_hash(buf_str(out));
    struct str ad = {(const char *)hh.b, sizeof hh.b};
    struct secret *key = envelope_stream_key(fk, &hh);
    struct stream *s = stream_push(key, stream_header);
    buf_add(out, stream_header, sizeof stream_header);
    do {
        size_t n = packed.n < at_most ? packed.n : at_most;
        stream_seal(s, (const uint8_t *)packed.p, n, ad, n == packed.n, sealed);
        buf_add(out, sealed, n + STREAM_OVERHEAD);
        packed = str_from(packed, n);
    } while (packed.n);
    buf_room(out, SIGNATURE_SIZE);
    forge_sign(out, sk);
    stream_free(s);
    secret_free(key);
}

void forge_envelope_to(struct envelope_header *h, const struct secret *sk, const struct pk32 *to,
                       size_t n, struct str packed, size_t at_most, struct buf *out)
{
    struct secret *fk = secret_random(32);
    h->version = ENVELOPE_VERSION;
    h->n_to = 0;
    for (size_t i = 0; i < n; i++)
        wrap(h, &to[i], fk);
    seal(h, fk, sk, packed, at_most, out);
    secret_free(fk);
}

void forge_envelope(struct envelope_header *h, const struct secret *sk, const struct pk32 *to,
                    struct str packed, size_t at_most, struct buf *out)
{
    forge_envelope_to(h, sk, to, 1, packed, at_most, out);
}

void forge_twins(struct envelope_header *h, const struct secret *sk, const struct pk32 *to,
                 const struct str packed[2], struct buf out[2])
{
    struct secret *fk = secret_random(32);
    h->version = ENVELOPE_VERSION;
    h->n_to = 0;
    wrap(h, to, fk);
    for (int i = 0; i < 2; i++)
        seal(h, fk, sk, packed[i], STREAM_CHUNK, &out[i]);
    secret_free(fk);
}

void forge_invited(struct envelope_header *h, const struct secret *sk, struct str code,
                   struct str packed, struct buf *out)
{
    struct secret *fk = secret_random(32);
    h->version = ENVELOPE_VERSION;
    wrap_code(h, code, fk);
    seal(h, fk, sk, packed, STREAM_CHUNK, out);
    secret_free(fk);
}
