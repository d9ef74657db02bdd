/* Making text harmless for a terminal; see safe.h. */
#include "forms/base/safe.h"

#include "forms/base/utf8.h"

bool text_hostile(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x202A && c <= 0x202E) ||
           (c >= 0x2066 && c <= 0x2069);
}

bool text_safe(struct str text, bool lines, struct buf *out)
{
    for (size_t at = 0, n = 0; at < text.n; at += n) {
        uint32_t c = utf8_at(text, at, &n);
        if (c == '\n' || c == '\t')
            buf_add_c(out, lines ? text.p[at] : ' ');
        else
            utf8_add(out, text_hostile(c) ? UTF8_REPLACEMENT : c);
    }
    return !out->full;
}
