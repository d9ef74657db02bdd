/* Memory that cannot fail; see mem.h. */
#include "forms/base/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#if defined(__linux__) && !defined(__SANITIZE_ADDRESS__)
#include <sys/mman.h>
#define HUGE_PAGES 1
#else
#define HUGE_PAGES 0 /* the sanitizer sees what malloc gave, and nothing else */
#endif

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

#if HUGE_PAGES
/* A mapping that begins on a huge page: one page more is asked for, and both ends are given back. */
void *mem_map(size_t n)
{
    n = (n + MEM_PAGE - 1) & ~(MEM_PAGE - 1);
    char *p = mmap(NULL, n + MEM_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        return checked(NULL);
    size_t before = (MEM_PAGE - ((uintptr_t)p & (MEM_PAGE - 1))) & (MEM_PAGE - 1);
    if (before)
        munmap(p, before);
    if (MEM_PAGE - before)
        munmap(p + before + n, MEM_PAGE - before);
    (void)madvise(p + before, n, MADV_HUGEPAGE); /* small pages do too */
    return p + before;
}

void mem_unmap(void *p, size_t n)
{
    munmap(p, (n + MEM_PAGE - 1) & ~(MEM_PAGE - 1));
}
#else
void *mem_map(size_t n)
{
    return mem_alloc((n + MEM_PAGE - 1) & ~(MEM_PAGE - 1));
}

void mem_unmap(void *p, size_t n)
{
    (void)n;
    mem_free(p);
}
#endif

void *mem_grow(void *p, size_t len, size_t *cap, size_t size)
{
    if (len < *cap)
        return p;
    size_t want = *cap ? *cap * 2 : 8;
    p = mem_realloc(p, want, size);
    *cap = want;
    return p;
}
