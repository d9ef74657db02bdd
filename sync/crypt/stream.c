/* crypto_secretstream_xchacha20poly1305 over the chunks of an envelope; see crypt.h. */
#include "sync/crypt/crypt.h"

#include <assert.h>
#include <sodium.h>

#include "sync/errors.h"

static_assert(STREAM_HEADER == crypto_secretstream_xchacha20poly1305_HEADERBYTES, "header size");
static_assert(STREAM_OVERHEAD == crypto_secretstream_xchacha20poly1305_ABYTES, "overhead");

struct stream {
    struct secret *state;
};

static crypto_secretstream_xchacha20poly1305_state *state_of(struct stream *s)
{
    return (crypto_secretstream_xchacha20poly1305_state *)(void *)secret_bytes(s->state);
}

static struct stream *stream_new(void)
{
    struct stream *s = mem_alloc(sizeof *s);
    /* sodium_malloc places the bytes at the end of a page, so round up to keep them aligned. */
    size_t n = (sizeof(crypto_secretstream_xchacha20poly1305_state) + 15) & ~(size_t)15;
    s->state = secret_new(n);
    return s;
}

struct stream *stream_push(const struct secret *key, uint8_t ret_header[STREAM_HEADER])
{
    struct stream *s = stream_new();
    crypto_secretstream_xchacha20poly1305_init_push(state_of(s), ret_header, secret_view(key));
    return s;
}

struct stream *stream_pull(const struct secret *key, const uint8_t header[STREAM_HEADER],
                           struct err *e)
{
    struct stream *s = stream_new();
    if (crypto_secretstream_xchacha20poly1305_init_pull(state_of(s), header, secret_view(key)) == 0)
        return s;
    stream_free(s);
    err_fail(e, ERR_OPEN_FAILED);
    return NULL;
}

void stream_free(struct stream *s)
{
    if (!s)
        return;
    secret_free(s->state);
    mem_free(s);
}

void stream_seal(struct stream *s, const uint8_t *plain, size_t n, struct str ad, bool final,
                 uint8_t *out)
{
    crypto_secretstream_xchacha20poly1305_push(
        state_of(s), out, NULL, plain, n, (const uint8_t *)ad.p, ad.n,
        final ? crypto_secretstream_xchacha20poly1305_TAG_FINAL
              : crypto_secretstream_xchacha20poly1305_TAG_MESSAGE);
}

bool stream_open(struct stream *s, const uint8_t *sealed, size_t n, struct str ad, uint8_t *out,
                 bool *ret_final, struct err *e)
{
    unsigned char tag;
    if (crypto_secretstream_xchacha20poly1305_pull(state_of(s), out, NULL, &tag, sealed, n,
                                                   (const uint8_t *)ad.p, ad.n) != 0)
        return err_fail(e, ERR_OPEN_FAILED);
    if (tag != crypto_secretstream_xchacha20poly1305_TAG_MESSAGE &&
        tag != crypto_secretstream_xchacha20poly1305_TAG_FINAL)
        return err_fail(e, ERR_OPEN_FAILED);
    *ret_final = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
    return true;
}
