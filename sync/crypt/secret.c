/* Locked memory, randomness; see crypt.h. */
#include "sync/crypt/crypt.h"

#include <sodium.h>
#include <sys/mman.h>

#include "sync/errors.h"

struct secret {
    size_t n;
    uint8_t *bytes; /* sodium_malloc */
};

static bool lock_failed;

bool crypt_start(struct err *e)
{
    if (sodium_init() < 0)
        return err_fail(e, ERR_SODIUM);
    return true;
}

struct secret *secret_new(size_t n)
{
    struct secret *s = mem_alloc(sizeof *s);
    s->n = n;
    s->bytes = sodium_malloc(n ? n : 1);
    if (!s->bytes)
        s->bytes = sodium_malloc(n ? n : 1); /* once more: another allocation may have been freed */
    if (!s->bytes) {
        mem_realloc(NULL, SIZE_MAX, 2); /* exhausted: does not return */
        return NULL;
    }
    /* sodium_malloc ignores a failed mlock; ask again so that `doctor` can tell. */
    if (mlock(s->bytes, n ? n : 1) != 0)
        lock_failed = true;
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
