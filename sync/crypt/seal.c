/* XChaCha20-Poly1305 rows and X25519 sealed boxes; see crypt.h. */
#include "sync/crypt/crypt.h"

#include <pthread.h>
#include <sodium.h>

#include "sync/errors.h"

#define NONCE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG   crypto_aead_xchacha20poly1305_ietf_ABYTES

/* Nonces are drawn many at a time: a merge seals a dozen rows a record, and a system call for each would
 * cost more than the sealing. A child process begins with none, so that no nonce is used twice. */
static _Thread_local struct {
    uint8_t bytes[NONCE * 128];
    size_t left;
} nonces;

static void forget_nonces(void)
{
    nonces.left = 0;
}

static void watch_forks(void)
{
    pthread_atfork(NULL, NULL, forget_nonces);
}

static void draw_nonce(uint8_t out[NONCE])
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, watch_forks);
    if (nonces.left == 0) {
        randombytes_buf(nonces.bytes, sizeof nonces.bytes);
        nonces.left = sizeof nonces.bytes;
    }
    nonces.left -= NONCE;
    memcpy(out, nonces.bytes + nonces.left, NONCE);
    sodium_memzero(nonces.bytes + nonces.left, NONCE);
}

void crypt_seal(const struct secret *key, struct str plain, struct str ad, struct buf *out)
{
    uint8_t *p = buf_room(out, plain.n + SEAL_OVERHEAD);
    if (!p)
        return; /* out->full says so */
    draw_nonce(p);
    crypto_aead_xchacha20poly1305_ietf_encrypt(p + NONCE, NULL, (const uint8_t *)plain.p, plain.n,
                                               (const uint8_t *)ad.p, ad.n, NULL, p,
                                               secret_view(key));
}

static bool open_into(const struct secret *key, struct str sealed, struct str ad, uint8_t *out)
{
    const uint8_t *p = (const uint8_t *)sealed.p;
    return crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, p + NONCE, sealed.n - NONCE,
                                                      (const uint8_t *)ad.p, ad.n, p,
                                                      secret_view(key)) == 0;
}

bool crypt_open(const struct secret *key, struct str sealed, struct str ad, struct buf *out,
                struct err *e)
{
    if (sealed.n < SEAL_OVERHEAD)
        return err_fail(e, ERR_OPEN_FAILED);
    size_t before = out->n;
    uint8_t *p = buf_room(out, sealed.n - SEAL_OVERHEAD);
    if (!p)
        return err_fail2(e, ERR_LIMIT, "The sealed data", "its buffer");
    if (open_into(key, sealed, ad, p))
        return true;
    out->n = before;
    return err_fail(e, ERR_OPEN_FAILED);
}

bool crypt_open_secret(const struct secret *key, struct str sealed, struct str ad,
                       struct secret **ret, struct err *e)
{
    if (sealed.n < SEAL_OVERHEAD)
        return err_fail(e, ERR_OPEN_FAILED);
    struct secret *s = secret_new(sealed.n - SEAL_OVERHEAD);
    if (!open_into(key, sealed, ad, secret_bytes(s))) {
        secret_free(s);
        return err_fail(e, ERR_OPEN_FAILED);
    }
    *ret = s;
    return true;
}

bool crypt_open_into(const struct secret *key, struct str sealed, struct str ad,
                     struct secret *into, struct err *e)
{
    if (sealed.n != secret_size(into) + SEAL_OVERHEAD ||
        !open_into(key, sealed, ad, secret_bytes(into)))
        return err_fail(e, ERR_OPEN_FAILED);
    return true;
}

void crypt_pad(struct buf *b, size_t block)
{
    size_t plain = b->n, padded = 0;
    uint8_t *room = buf_room(b, block - plain % block);
    if (!room)
        return;
    sodium_pad(&padded, (uint8_t *)b->p, plain, block, b->n + 1);
}

bool crypt_unpad(struct str padded, size_t block, struct str *ret, struct err *e)
{
    size_t n;
    if (sodium_unpad(&n, (const uint8_t *)padded.p, padded.n, block) != 0)
        return err_fail(e, ERR_OPEN_FAILED);
    *ret = (struct str){padded.p, n};
    return true;
}

void crypt_box_pair(const struct secret *seed, struct pk32 *ret_pk, struct secret **ret_sk)
{
    *ret_sk = secret_new(crypto_box_SECRETKEYBYTES);
    crypto_box_seed_keypair(ret_pk->b, secret_bytes(*ret_sk), secret_view(seed));
}

bool crypt_box_seal(const struct pk32 *to, struct str plain, struct buf *out, struct err *e)
{
    size_t before = out->n;
    uint8_t *p = buf_room(out, plain.n + BOX_OVERHEAD);
    if (!p)
        return err_fail2(e, ERR_LIMIT, "The sealed box", "its buffer");
    if (crypto_box_seal(p, (const uint8_t *)plain.p, plain.n, to->b) == 0)
        return true;
    out->n = before;
    return err_fail(e, ERR_BAD_KEY); /* a key of small order */
}

bool crypt_box_open(const struct pk32 *pk, const struct secret *sk, struct str sealed,
                    struct secret **ret, struct err *e)
{
    if (sealed.n < BOX_OVERHEAD)
        return err_fail(e, ERR_OPEN_FAILED);
    struct secret *s = secret_new(sealed.n - BOX_OVERHEAD);
    if (crypto_box_seal_open(secret_bytes(s), (const uint8_t *)sealed.p, sealed.n, pk->b,
                             secret_view(sk)) != 0) {
        secret_free(s);
        return err_fail(e, ERR_OPEN_FAILED);
    }
    *ret = s;
    return true;
}
