/* UTF-8; see utf8.h. */
#include "forms/base/utf8.h"

static bool tail(struct str s, size_t at)
{
    return at < s.n && ((unsigned char)s.p[at] & 0xC0) == 0x80;
}

uint32_t utf8_at(struct str s, size_t at, size_t *ret_len)
{
    unsigned char b = (unsigned char)s.p[at];
    *ret_len = 1;
    if (b < 0x80)
        return b;
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t n = b >= 0xF0 && b < 0xF5   ? 4
               : b >= 0xE0 && b < 0xF0 ? 3
               : b >= 0xC2 && b < 0xE0 ? 2
                                       : 0;
    if (n == 0)
        return UTF8_REPLACEMENT;
    uint32_t c = b & (0xFFu >> (n + 1));
    for (size_t i = 1; i < n; i++) {
        if (!tail(s, at + i))
            return UTF8_REPLACEMENT;
        c = c << 6 | ((unsigned char)s.p[at + i] & 0x3F);
    }
    if (c < least[n] || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000))
        return UTF8_REPLACEMENT;
    *ret_len = n;
    return c;
}

size_t utf8_put(uint32_t c, char out[UTF8_MAX])
{
    if (c > 0x10FFFF || (c >= 0xD800 && c < 0xE000))
        c = UTF8_REPLACEMENT;
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = n - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (c & 0x3F));
        c >>= 6;
    }
    out[0] = (char)(lead[n] | c);
    return n;
}

bool utf8_add(struct buf *b, uint32_t c)
{
    char tmp[UTF8_MAX];
    return buf_add(b, tmp, utf8_put(c, tmp));
}

bool utf8_valid(struct str s, size_t *ret_at)
{
    size_t i = 0;
    while (i < s.n) {
        uint64_t eight;
        if (s.n - i >= sizeof eight) { /* nearly all text is ASCII */
            memcpy(&eight, s.p + i, sizeof eight);
            if (!(eight & 0x8080808080808080u)) {
                i += sizeof eight;
                continue;
            }
        }
        if ((unsigned char)s.p[i] < 0x80) {
            i++;
            continue;
        }
        size_t n;
        utf8_at(s, i, &n);
        if (n == 1) { /* no well-formed character beyond ASCII has one byte */
            if (ret_at)
                *ret_at = i;
            return false;
        }
        i += n;
    }
    return true;
}

size_t utf8_count(struct str s)
{
    size_t count = 0, n;
    for (size_t i = 0; i < s.n; i += n, count++)
        utf8_at(s, i, &n);
    return count;
}

size_t utf8_offset(struct str s, size_t n)
{
    size_t i = 0, len;
    for (; n > 0 && i < s.n; n--, i += len)
        utf8_at(s, i, &len);
    return i;
}
