/* Names to numbers; see names.h. Open addressing, at most half full. */
#include "forms/model/names.h"

#include <string.h>

static uint64_t mix(uint64_t h)
{
    h ^= h >> 32;
    h *= UINT64_C(0x9E3779B97F4A7C15);
    return h ^ (h >> 29);
}

uint64_t names_hash(struct str s, uint64_t seed)
{
    uint64_t h = mix(seed + s.n);
    while (s.n >= 8) {
        uint64_t w;
        memcpy(&w, s.p, 8);
        h = mix(h ^ w);
        s = (struct str){s.p + 8, s.n - 8};
    }
    uint64_t w = 0;
    if (s.n)
        memcpy(&w, s.p, s.n);
    return mix(h ^ w);
}

/* Seeded with an address, so that a form cannot be written to collide. */
static uint32_t start(const struct names *t, uint32_t scope, struct str name)
{
    uint64_t seed = (uint64_t)(uintptr_t)t->arena ^ ((uint64_t)scope << 32);
    return (uint32_t)names_hash(name, seed) & t->mask;
}

static struct name_slot *find(const struct names *t, uint32_t scope, struct str name)
{
    uint32_t i = start(t, scope, name);
    while (t->slots[i].name.p &&
           (t->slots[i].scope != scope || !str_eq(t->slots[i].name, name)))
        i = (i + 1) & t->mask;
    return &t->slots[i];
}

void names_init(struct names *t, struct arena *a, size_t expected)
{
    uint32_t size = 16;
    while (size < expected * 2 && size < (UINT32_C(1) << 30))
        size *= 2;
    *t = (struct names){.arena = a, .mask = size - 1};
    t->slots = ARENA_ARRAY(a, struct name_slot, size);
}

static void grow(struct names *t)
{
    struct names larger;
    names_init(&larger, t->arena, (size_t)t->mask + 1);
    larger.n = t->n;
    for (uint32_t i = 0; i <= t->mask; i++)
        if (t->slots[i].name.p)
            *find(&larger, t->slots[i].scope, t->slots[i].name) = t->slots[i];
    *t = larger;
}

struct name_slot *names_put(struct names *t, uint32_t scope, struct str name, uint32_t value,
                            bool *ret_new)
{
    if ((t->n + 1) * 2 > t->mask + 1)
        grow(t);
    struct name_slot *s = find(t, scope, name);
    *ret_new = s->name.p == NULL;
    if (*ret_new) {
        *s = (struct name_slot){name, scope, value};
        if (!name.p)
            s->name.p = "";
        t->n++;
    }
    return s;
}

const struct name_slot *names_get(const struct names *t, uint32_t scope, struct str name)
{
    if (!t->slots)
        return NULL;
    const struct name_slot *s = find(t, scope, name);
    return s->name.p ? s : NULL;
}
