/* Passphrases to keys: Argon2id within the policy of the security specification §1.10. */
#include "sync/crypt/crypt.h"

#include <sodium.h>
#include <stdlib.h>
#include <time.h>
#include <uninorm.h>

#include "sync/errors.h"

#define MIB ((uint64_t)1 << 20)

/* A test build (option argon2_floor) derives quickly; no option at run time can. */
#ifdef CACAH_WEAK_KDF
static const struct kdf_cost floor_cost = {1, 8 * MIB};
static const struct kdf_cost user_costs[] = {{1, 8 * MIB}};
static const struct kdf_cost invite_costs[] = {{1, 8 * MIB}, {1, 8 * MIB}};
#else
static const struct kdf_cost floor_cost = {3, 64 * MIB};
static const struct kdf_cost user_costs[] = {{3, 256 * MIB}, {3, 128 * MIB}, {3, 64 * MIB}};
static const struct kdf_cost invite_costs[] = {{3, 256 * MIB}, {4, 128 * MIB}};
#endif
static const struct kdf_cost ceiling_cost = {10, 1024 * MIB};
#define USER_COSTS (sizeof user_costs / sizeof user_costs[0])
/* A cost that takes longer than this is given up for the next smaller one. */
#define SLOW_NS 2000000000LL

static bool derive(const uint8_t *p, size_t n, const uint8_t salt[16], struct kdf_cost cost,
                   uint8_t out[32])
{
    return crypto_pwhash(out, 32, (const char *)p, n, salt, cost.ops, (size_t)cost.mem,
                         crypto_pwhash_ALG_ARGON2ID13) == 0;
}

static int64_t cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

struct kdf_cost kdf_cost_calibrated(void)
{
    static const uint8_t salt[16];
    for (size_t i = 0; i + 1 < USER_COSTS; i++) {
        uint8_t out[32];
        int64_t start = cpu_ns();
        bool ok = derive((const uint8_t *)"calibration", 11, salt, user_costs[i], out);
        if (ok && cpu_ns() - start <= SLOW_NS)
            return user_costs[i];
    }
    return user_costs[USER_COSTS - 1];
}

struct kdf_cost kdf_cost_invite(bool weak_laptops)
{
    return invite_costs[weak_laptops ? 1 : 0];
}

bool crypt_passphrase_long(struct str passphrase)
{
    size_t characters = 0;
    for (size_t i = 0; i < passphrase.n; i++)
        characters += ((unsigned char)passphrase.p[i] & 0xC0) != 0x80;
    return characters >= PASSPHRASE_MIN;
}

static bool within_policy(struct kdf_cost c)
{
    return c.ops >= floor_cost.ops && c.ops <= ceiling_cost.ops && c.mem >= floor_cost.mem &&
           c.mem <= ceiling_cost.mem;
}

bool crypt_passphrase(const struct secret *passphrase, const uint8_t salt[16], struct kdf_cost cost,
                      struct secret **ret, struct err *e)
{
    char mib[ERR_ARG_MAX];
    if (!within_policy(cost))
        return err_fail(e, ERR_KDF_LIMITS);
    size_t n = 0;
    uint8_t *nfc =
        u8_normalize(UNINORM_NFC, secret_view(passphrase), secret_size(passphrase), NULL, &n);
    if (!nfc)
        return err_fail(e, ERR_UNICODE);
    struct secret *key = secret_new(32);
    bool ok = derive(nfc, n, salt, cost, secret_bytes(key));
    crypt_wipe(nfc, n);
    free(nfc);
    if (!ok) {
        secret_free(key);
        return err_fail1(e, ERR_KDF_MEMORY, err_num(mib, (int64_t)(cost.mem / MIB)));
    }
    *ret = key;
    return true;
}
