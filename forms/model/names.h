/* A hash from names to numbers, each name within a scope (a parent's number, or 0 where there is one scope
 * only). Lives in an arena; grows by doubling; never shrinks, and nothing is ever taken out. The names
 * are not copied. */
#ifndef FORMS_MODEL_NAMES_H
#define FORMS_MODEL_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "forms/base/arena.h"
#include "forms/base/str.h"

struct name_entry {
    struct str name;
    uint32_t scope;
    uint32_t value;
};

struct names {
    struct arena *arena;
    struct name_entry *entries; /* in the order of their coming */
    struct name_slot {
        uint32_t hash;
        uint32_t entry; /* its number + 1; 0: free */
    } * slots;
    uint32_t mask; /* slots - 1; half as many entries fit */
    uint32_t n;
};

void names_init(struct names *t, struct arena *a, size_t expected);
/* The entry of the name, added with `value` when it is new (*ret_new). Valid until the next put. */
struct name_entry *names_put(struct names *t, uint32_t scope, struct str name, uint32_t value,
                             bool *ret_new);
/* NULL: none. */
const struct name_entry *names_get(const struct names *t, uint32_t scope, struct str name);
uint64_t names_hash(struct str s, uint64_t seed);

#endif
