/* An arena: many small pieces with one life, freed together. Blocks double up to 2 MiB. A mark lets a
 * scratch arena be used like a stack. Memory is zeroed. Never fails (forms/base/mem.h). */
#ifndef FORMS_BASE_ARENA_H
#define FORMS_BASE_ARENA_H

#include <stddef.h>

#include "forms/base/str.h"

struct arena_block;

struct arena {
    struct arena_block *last; /* newest block; older ones behind it */
    size_t used;              /* bytes handed out, for tests and `doctor` */
};

struct arena_mark {
    struct arena_block *block;
    size_t at;
    size_t used;
};

void arena_init(struct arena *a);
void arena_done(struct arena *a);  /* frees; accepts one already done */
void arena_reset(struct arena *a); /* forgets all pieces, keeps one block */
void arena_wipe(struct arena *a);  /* overwrites all pieces, then resets: for answers */

void *arena_alloc(struct arena *a, size_t n); /* aligned for any object */
void *arena_calloc(struct arena *a, size_t count, size_t size);
#define ARENA_NEW(a, type)          ((type *)arena_alloc((a), sizeof(type)))
#define ARENA_ARRAY(a, type, count) ((type *)arena_calloc((a), (count), sizeof(type)))

/* A copy with a NUL behind it (not counted in n). */
struct str arena_str(struct arena *a, struct str s);
const char *arena_strz(struct arena *a, const char *s);

struct arena_mark arena_mark(const struct arena *a);
void arena_release(struct arena *a, struct arena_mark m);

#endif
