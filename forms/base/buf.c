/* Growing buffers with a maximum; see buf.h. */
#include "forms/base/buf.h"

#include <stdarg.h>
#include <stdio.h>

void buf_init(struct buf *b, size_t max)
{
    *b = (struct buf){.max = max};
}

void buf_done(struct buf *b)
{
    if (!b)
        return;
    mem_free(b->p);
    *b = (struct buf){.max = b->max};
}

void buf_wipe_done(struct buf *b)
{
    if (!b)
        return;
    if (b->p)
        memset(b->p, 0, b->cap);
    /* The compiler must believe that someone looks at the zeros. */
    __asm__ __volatile__("" : : "r"(b->p) : "memory");
    buf_done(b);
}

void buf_clear(struct buf *b)
{
    b->n = 0;
    b->full = false;
    if (b->p)
        b->p[0] = '\0';
}

void *buf_room(struct buf *b, size_t n)
{
    if (n > b->max - b->n) {
        b->full = true;
        return NULL;
    }
    if (b->n + n + 1 > b->cap) {
        size_t cap = b->cap ? b->cap : 64;
        while (cap < b->n + n + 1)
            cap *= 2;
        b->p = mem_realloc(b->p, cap, 1);
        b->cap = cap;
    }
    void *room = b->p + b->n;
    b->n += n;
    b->p[b->n] = '\0';
    return room;
}

bool buf_add(struct buf *b, const void *p, size_t n)
{
    if (n && b->n + n < b->cap && n <= b->max - b->n) { /* nearly always there is room */
        memcpy(b->p + b->n, p, n);
        b->n += n;
        b->p[b->n] = '\0';
        return true;
    }
    void *room = buf_room(b, n);
    if (!room)
        return false;
    if (n)
        memcpy(room, p, n);
    return true;
}

bool buf_add_str(struct buf *b, struct str s)
{
    return buf_add(b, s.p, s.n);
}

bool buf_add_z(struct buf *b, const char *nul_terminated)
{
    return buf_add_str(b, str_of(nul_terminated));
}

bool buf_add_c(struct buf *b, char c)
{
    return buf_add(b, &c, 1);
}

bool buf_printf(struct buf *b, const char *fmt, ...)
{
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    bool ok = false;
    if (n >= 0) {
        char *room = buf_room(b, (size_t)n);
        if (room) {
            vsnprintf(room, (size_t)n + 1, fmt, again);
            ok = true;
        }
    }
    va_end(again);
    return ok;
}

bool buf_add_u8(struct buf *b, uint8_t v)
{
    return buf_add(b, &v, 1);
}

static bool add_le(struct buf *b, uint64_t v, size_t n)
{
    unsigned char bytes[8];
    for (size_t i = 0; i < n; i++)
        bytes[i] = (unsigned char)(v >> (8 * i));
    return buf_add(b, bytes, n);
}

bool buf_add_le16(struct buf *b, uint16_t v)
{
    return add_le(b, v, 2);
}

bool buf_add_le32(struct buf *b, uint32_t v)
{
    return add_le(b, v, 4);
}

bool buf_add_le64(struct buf *b, uint64_t v)
{
    return add_le(b, v, 8);
}
