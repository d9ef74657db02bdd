/* Locked memory, randomness; see crypt.h. */
#include "sync/crypt/crypt.h"

#include <sodium.h>
#include <sys/mman.h>

#include "sync/errors.h"

struct secret {
    size_t n;
    uint8_t *bytes; /* a slot of the region, or sodium_malloc */
};

/* Keys come and go with every envelope, and a mapping of its own for each costs more than what is done with
 * it: small secrets live in slots of one locked region (security specification §3, 50), larger ones, and
 * those that find it full, in mappings of their own. */
#define SLOT_BYTES 128
#define SLOTS      512

static bool lock_failed;
static struct {
    uint8_t *bytes; /* sodium_malloc: guarded, locked; for the life of the program */
    bool used[SLOTS];
    size_t next; /* where to look first */
} region;

bool crypt_start(struct err *e)
{
    if (sodium_init() < 0)
        return err_fail(e, ERR_SODIUM);
    return true;
}

static uint8_t *locked_new(size_t n)
{
    uint8_t *p = sodium_malloc(n);
    if (!p)
        p = sodium_malloc(n); /* once more: another allocation may have been freed */
    if (!p) {
        mem_realloc(NULL, SIZE_MAX, 2); /* exhausted: does not return */
        return NULL;
    }
    /* sodium_malloc ignores a failed mlock; ask again so that `doctor` can tell. */
    if (mlock(p, n) != 0)
        lock_failed = true;
    return p;
}

/* NULL: too large for one, or all are taken. The sanitizer is to see each for itself. */
static uint8_t *slot_new(size_t n)
{
#ifdef __SANITIZE_ADDRESS__
    n = SLOT_BYTES + 1;
#endif
    if (n > SLOT_BYTES)
        return NULL;
    if (!region.bytes)
        region.bytes = locked_new(SLOTS * SLOT_BYTES);
    for (size_t k = 0; k < SLOTS; k++) {
        size_t i = (region.next + k) % SLOTS;
        if (region.used[i])
            continue;
        region.used[i] = true;
        region.next = (i + 1) % SLOTS;
        return region.bytes + i * SLOT_BYTES;
    }
    return NULL;
}

/* False: it is not one. */
static bool slot_free(uint8_t *p)
{
    if (!region.bytes || p < region.bytes || p >= region.bytes + SLOTS * SLOT_BYTES)
        return false;
    sodium_memzero(p, SLOT_BYTES);
    region.used[(size_t)(p - region.bytes) / SLOT_BYTES] = false;
    return true;
}

struct secret *secret_new(size_t n)
{
    struct secret *s = mem_alloc(sizeof *s);
    s->n = n;
    s->bytes = slot_new(n);
    if (!s->bytes)
        s->bytes = locked_new(n ? n : 1);
    sodium_memzero(s->bytes, n);
    return s;
}

struct secret *secret_copy(const void *p, size_t n)
{
    struct secret *s = secret_new(n);
    if (n)
        memcpy(s->bytes, p, n);
    return s;
}

struct secret *secret_random(size_t n)
{
    struct secret *s = secret_new(n);
    randombytes_buf(s->bytes, n);
    return s;
}

void secret_free(struct secret *s)
{
    if (!s)
        return;
    if (!slot_free(s->bytes))
        sodium_free(s->bytes); /* wipes */
    mem_free(s);
}

uint8_t *secret_bytes(struct secret *s)
{
    return s->bytes;
}

const uint8_t *secret_view(const struct secret *s)
{
    return s->bytes;
}

size_t secret_size(const struct secret *s)
{
    return s->n;
}

bool secret_eq(const struct secret *a, const struct secret *b)
{
    return a->n == b->n && sodium_memcmp(a->bytes, b->bytes, a->n) == 0;
}

bool secret_locked(void)
{
    return !lock_failed;
}

void crypt_wipe(void *p, size_t n)
{
    if (n)
        sodium_memzero(p, n);
}

void crypt_random(void *p, size_t n)
{
    randombytes_buf(p, n);
}

uint32_t crypt_uniform(uint32_t below)
{
    return randombytes_uniform(below);
}
