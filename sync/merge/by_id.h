/* Finds the elements of an array that belong to an id (of an interview, a record): the caller's array and a
 * by_id grow together, one element each. Positions of one id come newest first. An id is any 16 bytes; those
 * that begin alike cost time, never the answer: the caller compares. */
#ifndef SYNC_MERGE_BY_ID_H
#define SYNC_MERGE_BY_ID_H

#include <stddef.h>
#include <stdint.h>

struct by_id {
    uint32_t *first; /* of each slot: position + 1; 0: none */
    size_t slots;    /* a power of two */
    struct by_id_one {
        uint64_t front; /* the id's first bytes */
        uint32_t next;  /* position + 1 */
    } * v;
    size_t n, cap;
};

void by_id_add(struct by_id *x, const uint8_t id[16]);
/* The first position, and the one after `at`, whose id may be this one; BY_ID_NONE. */
#define BY_ID_NONE SIZE_MAX
size_t by_id_first(const struct by_id *x, const uint8_t id[16]);
size_t by_id_next(const struct by_id *x, size_t at);
void by_id_done(struct by_id *x);

#endif
