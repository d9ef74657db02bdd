/* Memory that cannot fail; see mem.h. */
#include "forms/base/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void (*exhausted)(void);

void mem_on_exhausted(void (*handler)(void))
{
    exhausted = handler;
}

static void *checked(void *p)
{
    if (p)
        return p;
    if (exhausted)
        exhausted();
    abort();
}

void *mem_alloc(size_t n)
{
    return checked(calloc(1, n ? n : 1));
}

void *mem_calloc(size_t count, size_t size)
{
    return checked(calloc(count ? count : 1, size ? size : 1));
}

void *mem_realloc(void *p, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size)
        return checked(NULL);
    size_t n = count * size;
    return checked(realloc(p, n ? n : 1));
}

void mem_free(void *p)
{
    free(p);
}

void *mem_grow(void *p, size_t len, size_t *cap, size_t size)
{
    if (len < *cap)
        return p;
    size_t want = *cap ? *cap * 2 : 8;
    p = mem_realloc(p, want, size);
    *cap = want;
    return p;
}
