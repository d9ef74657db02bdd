/* Cell texts; see clean.h. */
#include "forms/read/clean.h"

/* The length of the character at s, and what it becomes ('\0': itself). */
static size_t look(struct str s, size_t i, char *ret_becomes)
{
    unsigned char c = (unsigned char)s.p[i];
    *ret_becomes = '\0';
    if (c < 0x80)
        return 1;
    if (c == 0xC2 && i + 1 < s.n && (unsigned char)s.p[i + 1] == 0xA0) {
        *ret_becomes = ' ';
        return 2;
    }
    if (c == 0xE2 && i + 2 < s.n && (unsigned char)s.p[i + 1] == 0x80) {
        unsigned char d = (unsigned char)s.p[i + 2];
        if (d == 0x98 || d == 0x99)
            *ret_becomes = '\'';
        else if (d == 0x9C || d == 0x9D)
            *ret_becomes = '"';
        return 3;
    }
    size_t n = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : c >= 0xC0 ? 2 : 1;
    return n < s.n - i ? n : s.n - i;
}

static bool is_clean(struct str s, bool collapse)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == 0xE2 || c == 0xC2)
            return false;
        if (collapse && c == ' ' && i + 1 < s.n && s.p[i + 1] == ' ')
            return false;
    }
    return s.n == 0 || (s.p[0] != ' ' && s.p[s.n - 1] != ' ');
}

struct str clean_text(struct str raw, bool collapse, struct arena *a)
{
    if (is_clean(raw, collapse))
        return raw;
    char *p = arena_alloc(a, raw.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < raw.n;) {
        char becomes;
        size_t k = look(raw, i, &becomes);
        char c = becomes ? becomes : raw.p[i];
        if (k > 1 && !becomes) {
            memcpy(p + n, raw.p + i, k);
            n += k;
        } else if (!(collapse && c == ' ' && n > 0 && p[n - 1] == ' ')) {
            p[n++] = c;
        }
        i += k;
    }
    return str_trim((struct str){p, n});
}

uint32_t clean_offset(struct str raw, bool collapse, uint32_t offset)
{
    uint32_t before = 0, kept = 0;
    bool blank = true; /* blanks at the start are trimmed */
    for (size_t i = 0; i < raw.n;) {
        char becomes;
        size_t k = look(raw, i, &becomes);
        bool is_blank = (becomes ? becomes : raw.p[i]) == ' ';
        if (!(is_blank && blank && (collapse || kept == 0)))
            kept++;
        blank = is_blank;
        before++;
        if (kept >= offset)
            return before;
        i += k;
    }
    return before + (offset - kept);
}
