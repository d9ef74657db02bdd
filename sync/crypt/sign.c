/* Ed25519 signatures; see crypt.h. */
#include "sync/crypt/crypt.h"

#include <sodium.h>

void crypt_sign_pair(const struct secret *seed, struct pk32 *ret_pk, struct secret **ret_sk)
{
    *ret_sk = secret_new(crypto_sign_SECRETKEYBYTES);
    crypto_sign_seed_keypair(ret_pk->b, secret_bytes(*ret_sk), secret_view(seed));
}

struct sig64 crypt_sign(const struct secret *sk, struct str m)
{
    struct sig64 sig;
    crypto_sign_detached(sig.b, NULL, (const uint8_t *)m.p, m.n, secret_view(sk));
    return sig;
}

bool crypt_verify(const struct pk32 *pk, const struct sig64 *sig, struct str m)
{
    return crypto_sign_verify_detached(sig->b, (const uint8_t *)m.p, m.n, pk->b) == 0;
}
