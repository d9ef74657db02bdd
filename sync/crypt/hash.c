/* BLAKE2b in its three uses: H, MAC, and the derivation of sub-keys; Poly1305 for what is read twice; SHA-256
 * and base64 for others' formats. */
#include "sync/crypt/crypt.h"

#include <assert.h>
#include <sodium.h>

static_assert(sizeof(struct hasher) >= sizeof(crypto_generichash_state), "hasher holds the state");
static_assert(sizeof(((struct witness *)0)->opaque) >= sizeof(crypto_onetimeauth_state),
              "witness holds the state");

struct hash32 crypt_hash(struct str m)
{
    struct hash32 h;
    crypto_generichash(h.b, sizeof h.b, (const uint8_t *)m.p, m.n, NULL, 0);
    return h;
}

void crypt_hash64(struct str m, uint8_t ret[64])
{
    crypto_generichash(ret, 64, (const uint8_t *)m.p, m.n, NULL, 0);
}

void crypt_sha256(struct str m, uint8_t ret[32])
{
    crypto_hash_sha256(ret, (const uint8_t *)m.p, m.n);
}

bool crypt_base64(struct buf *out, const void *p, size_t n, bool pad)
{
    int as = pad ? sodium_base64_VARIANT_ORIGINAL : sodium_base64_VARIANT_ORIGINAL_NO_PADDING;
    size_t size = sodium_base64_encoded_len(n, as); /* with its NUL */
    char *room = buf_room(out, size);
    if (!room)
        return false;
    sodium_bin2base64(room, size, p, n, as);
    out->n--;
    return true;
}

struct hash32 crypt_mac(const uint8_t key[32], struct str m)
{
    struct hash32 h;
    crypto_generichash(h.b, sizeof h.b, (const uint8_t *)m.p, m.n, key, 32);
    return h;
}

bool crypt_mac_eq(const struct hash32 *a, const struct hash32 *b)
{
    return sodium_memcmp(a->b, b->b, sizeof a->b) == 0;
}

struct secret *crypt_kdf(const struct secret *key, uint64_t id, const char *context)
{
    assert(strlen(context) == crypto_kdf_CONTEXTBYTES && secret_size(key) == crypto_kdf_KEYBYTES);
    struct secret *out = secret_new(32);
    crypto_kdf_derive_from_key(secret_bytes(out), 32, id, context, secret_view(key));
    return out;
}

void hasher_start(struct hasher *h, size_t out_size)
{
    crypto_generichash_init((crypto_generichash_state *)(void *)h->opaque, NULL, 0, out_size);
}

void hasher_start_mac(struct hasher *h, const uint8_t key[32])
{
    crypto_generichash_init((crypto_generichash_state *)(void *)h->opaque, key, 32, 32);
}

void hasher_add(struct hasher *h, const void *p, size_t n)
{
    crypto_generichash_update((crypto_generichash_state *)(void *)h->opaque, p, n);
}

void hasher_end(struct hasher *h, uint8_t *ret, size_t out_size)
{
    crypto_generichash_final((crypto_generichash_state *)(void *)h->opaque, ret, out_size);
}

void witness_draw(struct witness *w)
{
    crypto_onetimeauth_keygen(w->key);
}

void witness_start(struct witness *w)
{
    crypto_onetimeauth_init((crypto_onetimeauth_state *)(void *)w->opaque, w->key);
}

void witness_add(struct witness *w, const void *p, size_t n)
{
    crypto_onetimeauth_update((crypto_onetimeauth_state *)(void *)w->opaque, p, n);
}

void witness_end(struct witness *w, uint8_t ret[16])
{
    crypto_onetimeauth_final((crypto_onetimeauth_state *)(void *)w->opaque, ret);
}
