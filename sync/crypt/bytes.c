/* Byte strings and their text forms; see bytes.h. Includes no cryptography. */
#include "sync/crypt/bytes.h"

#include <assert.h>

#define TAG_SIZE 16

void put_tag(uint8_t p[TAG_SIZE], const char *tag)
{
    size_t n = strlen(tag);
    assert(n <= TAG_SIZE);
    for (size_t i = 0; i < TAG_SIZE; i++)
        p[i] = i < n ? (uint8_t)tag[i] : 0;
}

void msg_tag(struct buf *m, const char *tag)
{
    uint8_t t[TAG_SIZE];
    put_tag(t, tag);
    buf_add(m, t, sizeof t);
}

static bool zero(const uint8_t *p, size_t n)
{
    uint8_t any = 0;
    for (size_t i = 0; i < n; i++)
        any |= p[i];
    return any == 0;
}

bool id16_eq(const struct id16 *a, const struct id16 *b)
{
    return memcmp(a->b, b->b, sizeof a->b) == 0;
}

bool id16_zero(const struct id16 *a)
{
    return zero(a->b, sizeof a->b);
}

bool hash32_eq(const struct hash32 *a, const struct hash32 *b)
{
    return memcmp(a->b, b->b, sizeof a->b) == 0;
}

bool hash32_zero(const struct hash32 *a)
{
    return zero(a->b, sizeof a->b);
}

bool pk32_eq(const struct pk32 *a, const struct pk32 *b)
{
    return memcmp(a->b, b->b, sizeof a->b) == 0;
}

bool hex_add(struct buf *out, const void *p, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *b = p;
    for (size_t i = 0; i < n; i++) {
        buf_add_c(out, digits[b[i] >> 4]);
        buf_add_c(out, digits[b[i] & 15]);
    }
    return !out->full;
}

static int nibble(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

bool hex_get(struct str hex, void *ret, size_t n)
{
    uint8_t *out = ret;
    if (hex.n != 2 * n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (nibble(hex.p[2 * i]) < 0 || nibble(hex.p[2 * i + 1]) < 0)
            return false;
    for (size_t i = 0; i < n; i++)
        out[i] = (uint8_t)(nibble(hex.p[2 * i]) << 4 | nibble(hex.p[2 * i + 1]));
    return true;
}

bool uuid_add(struct buf *out, const struct id16 *uuid)
{
    static const uint8_t dash_before[] = {4, 6, 8, 10};
    for (uint8_t i = 0, d = 0; i < 16; i++) {
        if (d < sizeof dash_before && dash_before[d] == i) {
            buf_add_c(out, '-');
            d++;
        }
        hex_add(out, uuid->b + i, 1);
    }
    return !out->full;
}

bool uuid_get(struct str text, struct id16 *ret)
{
    char hex[32];
    size_t n = 0;
    if (text.n != 36)
        return false;
    for (size_t i = 0; i < text.n; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash != (text.p[i] == '-'))
            return false;
        if (!dash)
            hex[n++] = text.p[i];
    }
    return hex_get((struct str){hex, n}, ret->b, sizeof ret->b);
}

uint16_t le16(const uint8_t *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

uint32_t le32(const uint8_t *p)
{
    return (uint32_t)le16(p) | (uint32_t)le16(p + 2) << 16;
}

uint64_t le64(const uint8_t *p)
{
    return (uint64_t)le32(p) | (uint64_t)le32(p + 4) << 32;
}

void put_le32(uint8_t *p, uint32_t v)
{
    for (unsigned i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> (8 * i));
}

void put_le64(uint8_t *p, uint64_t v)
{
    for (unsigned i = 0; i < 8; i++)
        p[i] = (uint8_t)(v >> (8 * i));
}

struct take take_from(struct str bytes)
{
    return (struct take){.p = (const uint8_t *)bytes.p, .n = bytes.n};
}

struct str take_str(struct take *t, size_t n)
{
    if (t->bad || n > t->n) {
        t->bad = true;
        return STR("");
    }
    struct str s = {(const char *)t->p, n};
    t->p += n;
    t->n -= n;
    return s;
}

void take_bytes(struct take *t, void *ret, size_t n)
{
    struct str s = take_str(t, n);
    if (t->bad)
        memset(ret, 0, n);
    else if (n)
        memcpy(ret, s.p, n);
}

uint8_t take_u8(struct take *t)
{
    uint8_t v;
    take_bytes(t, &v, sizeof v);
    return v;
}

uint16_t take_le16(struct take *t)
{
    uint8_t v[2];
    take_bytes(t, v, sizeof v);
    return le16(v);
}

uint32_t take_le32(struct take *t)
{
    uint8_t v[4];
    take_bytes(t, v, sizeof v);
    return le32(v);
}

uint64_t take_le64(struct take *t)
{
    uint8_t v[8];
    take_bytes(t, v, sizeof v);
    return le64(v);
}

bool take_end(const struct take *t)
{
    return !t->bad && t->n == 0;
}
