/* Numbers by id; see idmap.h. */
#include "app/flow/idmap.h"

#include <string.h>

#include "forms/base/mem.h"

#define CAP_FIRST 256

struct idmap_slot {
    struct id16 id;
    uint32_t number; /* 0: a free place */
};

static struct idmap_slot *slot_of(const struct idmap *m, const struct id16 *id)
{
    uint64_t at;
    memcpy(&at, id->b, sizeof at);
    for (;; at++) {
        struct idmap_slot *s = &m->v[at & (m->cap - 1)];
        if (s->number == 0 || id16_eq(&s->id, id))
            return s;
    }
}

static void grow(struct idmap *m)
{
    struct idmap old = *m;
    m->cap = old.cap ? 2 * old.cap : CAP_FIRST;
    m->v = mem_calloc(m->cap, sizeof *m->v);
    for (size_t i = 0; i < old.cap; i++)
        if (old.v[i].number)
            *slot_of(m, &old.v[i].id) = old.v[i];
    mem_free(old.v);
}

uint32_t *idmap_at(struct idmap *m, const struct id16 *id)
{
    if (m->n >= m->cap / 4 * 3)
        grow(m);
    struct idmap_slot *s = slot_of(m, id);
    if (s->number == 0) {
        s->id = *id;
        m->n++;
    }
    return &s->number;
}

void idmap_done(struct idmap *m)
{
    mem_free(m->v);
    *m = (struct idmap){0};
}
