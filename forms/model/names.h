/* A hash from names to numbers, each name within a scope (a parent's number, or 0 where there is one scope
 * only). Lives in an arena; grows by doubling; never shrinks, and nothing is ever taken out. The names
 * are not copied. */
#ifndef FORMS_MODEL_NAMES_H
#define FORMS_MODEL_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "forms/base/arena.h"
#include "forms/base/str.h"

struct name_slot {
    struct str name; /* p == NULL: free */
    uint32_t scope;
    uint32_t value;
};

struct names {
    struct arena *arena;
    struct name_slot *slots;
    uint32_t mask; /* slots - 1 */
    uint32_t n;
};

void names_init(struct names *t, struct arena *a, size_t expected);
/* The slot of the name, added with `value` when it is new (*ret_new). Valid until the next put. */
struct name_slot *names_put(struct names *t, uint32_t scope, struct str name, uint32_t value,
                            bool *ret_new);
/* NULL: none. */
const struct name_slot *names_get(const struct names *t, uint32_t scope, struct str name);
uint64_t names_hash(struct str s, uint64_t seed);

#endif
