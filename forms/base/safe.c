/* Making text harmless for a terminal; see safe.h. */
#include "forms/base/safe.h"

#define REPLACEMENT "\xEF\xBF\xBD"

bool text_hostile(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x202A && c <= 0x202E) ||
           (c >= 0x2066 && c <= 0x2069);
}

/* The well-formed character at the beginning of s: its length and code point; 0 when there is none. */
static size_t character(struct str s, uint32_t *ret)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char first = (unsigned char)s.p[0];
    size_t n = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if ((first >= 0x80 && first < 0xC2) || first > 0xF4 || n > s.n)
        return 0;
    uint32_t c = n == 1 ? first : first & (0xFFu >> (n + 1));
    for (size_t i = 1; i < n; i++) {
        unsigned char next = (unsigned char)s.p[i];
        if ((next & 0xC0) != 0x80)
            return 0;
        c = c << 6 | (next & 0x3Fu);
    }
    if (c < least[n] || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000))
        return 0;
    *ret = c;
    return n;
}

bool text_safe(struct str text, bool lines, struct buf *out)
{
    while (text.n > 0) {
        uint32_t c = 0;
        size_t n = character(text, &c);
        if (n == 0)
            buf_add_z(out, REPLACEMENT);
        else if (c == '\n' || c == '\t')
            buf_add_c(out, lines ? text.p[0] : ' ');
        else if (text_hostile(c))
            buf_add_z(out, REPLACEMENT);
        else
            buf_add(out, text.p, n);
        text = str_from(text, n ? n : 1);
    }
    return !out->full;
}
