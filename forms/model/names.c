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
static uint32_t hash_of(const struct names *t, uint32_t scope, struct str name)
{
    return (uint32_t)names_hash(name, (uint64_t)(uintptr_t)t->arena ^ ((uint64_t)scope << 32));
}

/* Where the name is, or the free slot where it would be. */
static struct name_slot *find(const struct names *t, uint32_t hash, uint32_t scope, struct str name)
{
    for (uint32_t i = hash & t->mask;; i = (i + 1) & t->mask) {
        struct name_slot *s = &t->slots[i];
        if (s->entry == 0)
            return s;
        if (s->hash != hash)
            continue;
        const struct name_entry *x = &t->entries[s->entry - 1];
        if (x->scope == scope && str_eq(x->name, name))
            return s;
    }
}

void names_init(struct names *t, struct arena *a, size_t expected)
{
    uint32_t size = 16;
    while (size < expected * 2 && size < (UINT32_C(1) << 30))
        size *= 2;
    *t = (struct names){.arena = a, .mask = size - 1};
    t->slots = ARENA_ARRAY(a, struct name_slot, size);
    t->entries = ARENA_ARRAY(a, struct name_entry, size / 2);
}

static void grow(struct names *t)
{
    struct names larger;
    names_init(&larger, t->arena, (size_t)t->mask + 1);
    memcpy(larger.entries, t->entries, t->n * sizeof *t->entries);
    larger.n = t->n;
    for (uint32_t i = 0; i <= t->mask; i++) {
        uint32_t k = t->slots[i].hash & larger.mask;
        while (t->slots[i].entry && larger.slots[k].entry)
            k = (k + 1) & larger.mask;
        if (t->slots[i].entry)
            larger.slots[k] = t->slots[i];
    }
    *t = larger;
}

struct name_entry *names_put(struct names *t, uint32_t scope, struct str name, uint32_t value,
                             bool *ret_new)
{
    if (t->n >= (t->mask + 1) / 2)
        grow(t);
    uint32_t hash = hash_of(t, scope, name);
    struct name_slot *s = find(t, hash, scope, name);
    *ret_new = s->entry == 0;
    if (*ret_new) {
        t->entries[t->n++] = (struct name_entry){name, scope, value};
        *s = (struct name_slot){hash, t->n};
    }
    return &t->entries[s->entry - 1];
}

const struct name_entry *names_get(const struct names *t, uint32_t scope, struct str name)
{
    if (!t->slots)
        return NULL;
    const struct name_slot *s = find(t, hash_of(t, scope, name), scope, name);
    return s->entry ? &t->entries[s->entry - 1] : NULL;
}
