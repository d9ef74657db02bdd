/* Arenas; see arena.h. */
#include "forms/base/arena.h"

#include <stdalign.h>
#include <stdint.h>

#include "forms/base/mem.h"

#define FIRST_BLOCK   ((size_t)4096)
#define LARGEST_BLOCK (MEM_PAGE - sizeof(struct arena_block)) /* larger ones come as pages */
#define ALIGN         alignof(max_align_t)

struct arena_block {
    struct arena_block *older;
    size_t size;
    size_t at;
    alignas(max_align_t) char bytes[];
};

void arena_init(struct arena *a)
{
    *a = (struct arena){0};
}

static void free_down_to(struct arena *a, struct arena_block *keep)
{
    while (a->last && a->last != keep) {
        struct arena_block *older = a->last->older;
        if (a->last->size >= LARGEST_BLOCK)
            mem_unmap(a->last, sizeof *a->last + a->last->size);
        else
            mem_free(a->last);
        a->last = older;
    }
}

void arena_done(struct arena *a)
{
    if (!a)
        return;
    free_down_to(a, NULL);
    a->used = 0;
}

void arena_reset(struct arena *a)
{
    if (!a->last)
        return;
    struct arena_block *keep = a->last; /* the newest is the largest */
    a->last = keep->older;
    free_down_to(a, NULL);
    memset(keep->bytes, 0, keep->at);
    keep->older = NULL;
    keep->at = 0;
    a->last = keep;
    a->used = 0;
}

void arena_wipe(struct arena *a)
{
    for (struct arena_block *b = a->last; b; b = b->older) {
        volatile char *p = b->bytes;
        for (size_t i = 0; i < b->at; i++)
            p[i] = 0;
    }
    arena_reset(a);
}

static struct arena_block *add_block(struct arena *a, size_t need)
{
    size_t size = a->last ? a->last->size * 2 : FIRST_BLOCK;
    if (size > LARGEST_BLOCK / 4)
        size = LARGEST_BLOCK;
    if (size < need)
        size = need;
    struct arena_block *b;
    if (size >= LARGEST_BLOCK) {
        b = mem_map(sizeof *b + size);
        size = ((sizeof *b + size + MEM_PAGE - 1) & ~(MEM_PAGE - 1)) - sizeof *b;
    } else {
        b = mem_alloc(sizeof *b + size);
    }
    b->size = size;
    b->older = a->last;
    a->last = b;
    return b;
}

void *arena_alloc(struct arena *a, size_t n)
{
    n = n ? (n + ALIGN - 1) & ~(ALIGN - 1) : ALIGN;
    struct arena_block *b = a->last;
    if (!b || b->size - b->at < n)
        b = add_block(a, n);
    void *p = b->bytes + b->at;
    b->at += n;
    a->used += n;
    return p;
}

void *arena_calloc(struct arena *a, size_t count, size_t size)
{
    if (size != 0 && count > (SIZE_MAX - ALIGN) / size)
        return mem_calloc(count, size); /* reports exhaustion: no such object fits */
    return arena_alloc(a, count * size);
}

struct str arena_str(struct arena *a, struct str s)
{
    char *p = arena_alloc(a, s.n + 1);
    if (s.n)
        memcpy(p, s.p, s.n);
    return (struct str){p, s.n};
}

const char *arena_strz(struct arena *a, const char *s)
{
    return s ? arena_str(a, str_of(s)).p : NULL;
}

struct arena_mark arena_mark(const struct arena *a)
{
    return (struct arena_mark){a->last, a->last ? a->last->at : 0, a->used};
}

void arena_release(struct arena *a, struct arena_mark m)
{
    if (!m.block) {
        arena_reset(a);
        return;
    }
    free_down_to(a, m.block);
    memset(m.block->bytes + m.at, 0, m.block->at - m.at);
    m.block->at = m.at;
    a->used = m.used;
}
