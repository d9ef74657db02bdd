/* A growing byte buffer with a maximum, given when it is made. An append that would pass the maximum
 * leaves the buffer as it was, marks it `full` and returns false; a writer may append many pieces and
 * look at `full` once at the end. There is always a NUL behind the bytes (not counted). */
#ifndef FORMS_BASE_BUF_H
#define FORMS_BASE_BUF_H

#include <stdbool.h>
#include <stdint.h>

#include "forms/base/mem.h"
#include "forms/base/str.h"

struct buf {
    char *p; /* never NULL once something was appended */
    size_t n;
    size_t cap;
    size_t max;
    bool full;
};

void buf_init(struct buf *b, size_t max);
void buf_done(struct buf *b);      /* frees; accepts one already done */
void buf_wipe_done(struct buf *b); /* overwrites, then frees: for what a respondent said */
void buf_clear(struct buf *b);     /* n = 0, full = false; keeps the memory */

bool buf_add(struct buf *b, const void *p, size_t n);
bool buf_add_str(struct buf *b, struct str s);
bool buf_add_z(struct buf *b, const char *nul_terminated);
bool buf_add_c(struct buf *b, char c);
/* printf without floating point: numbers go through forms/base/num.h. */
bool buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Little-endian integers, as the formats of sync/ have them. */
bool buf_add_u8(struct buf *b, uint8_t v);
bool buf_add_le16(struct buf *b, uint16_t v);
bool buf_add_le32(struct buf *b, uint32_t v);
bool buf_add_le64(struct buf *b, uint64_t v);
/* n more bytes to be filled by the caller, or NULL when full. */
void *buf_room(struct buf *b, size_t n);

static inline struct str buf_str(const struct buf *b)
{
    return (struct str){b->p ? b->p : "", b->n};
}

#endif
