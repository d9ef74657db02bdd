/* Chains through one array; see by_id.h. */
#include "sync/merge/by_id.h"

#include <string.h>

#include "forms/base/mem.h"
#include "sync/crypt/bytes.h"

#define SLOTS_MIN 64

static size_t slot_of(const struct by_id *x, uint64_t front)
{
    return (size_t)(front * 0x9E3779B97F4A7C15u >> 32) & (x->slots - 1);
}

static void hang(struct by_id *x, size_t at)
{
    uint32_t *first = &x->first[slot_of(x, x->v[at].front)];
    x->v[at].next = *first;
    *first = (uint32_t)at + 1;
}

static void widen(struct by_id *x)
{
    x->slots = x->slots ? x->slots * 2 : SLOTS_MIN;
    x->first = mem_realloc(x->first, x->slots, sizeof *x->first);
    memset(x->first, 0, x->slots * sizeof *x->first);
    for (size_t i = 0; i < x->n; i++)
        hang(x, i);
}

void by_id_add(struct by_id *x, const uint8_t id[16])
{
    if (x->n == x->slots)
        widen(x);
    x->v = mem_grow(x->v, x->n, &x->cap, sizeof *x->v);
    x->v[x->n].front = le64(id);
    hang(x, x->n++);
}

static size_t same(const struct by_id *x, uint32_t next, uint64_t front)
{
    while (next && x->v[next - 1].front != front)
        next = x->v[next - 1].next;
    return next ? next - 1 : BY_ID_NONE;
}

size_t by_id_first(const struct by_id *x, const uint8_t id[16])
{
    uint64_t front = le64(id);
    return x->n ? same(x, x->first[slot_of(x, front)], front) : BY_ID_NONE;
}

size_t by_id_next(const struct by_id *x, size_t at)
{
    return same(x, x->v[at].next, x->v[at].front);
}

void by_id_done(struct by_id *x)
{
    mem_free(x->first);
    mem_free(x->v);
    *x = (struct by_id){.n = 0};
}
