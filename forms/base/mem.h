/* Memory that cannot fail: on exhaustion the handler is called, and it must not return (the program
 * restores the terminal, says so and exits; every answer taken is on disk by then). Sizes that come
 * from outside meet a limit of forms/base/limits.h before they come here. */
#ifndef FORMS_BASE_MEM_H
#define FORMS_BASE_MEM_H

#include <stddef.h>

#define MUST_USE __attribute__((warn_unused_result))

void mem_on_exhausted(void (*handler)(void)); /* never returns; NULL: abort() */

void *mem_alloc(size_t n); /* zeroed */
void *mem_calloc(size_t count, size_t size);
void *mem_realloc(void *p, size_t count, size_t size); /* grown part not zeroed */
void mem_free(void *p);

/* Zeroed memory in whole pages of MEM_PAGE, for what is large and lives long: a huge page costs one fault
 * where small ones cost 512, and the faults are most of what opening a form costs. n is rounded up. */
#define MEM_PAGE ((size_t)2 << 20)
void *mem_map(size_t n);
void mem_unmap(void *p, size_t n); /* the same n */

/* Room for one more element in a growing array: doubles *cap when len has reached it. */
void *mem_grow(void *p, size_t len, size_t *cap, size_t size);

#endif
