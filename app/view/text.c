/* Text on columns, by libunistring's tables. ASCII, which most text is, never gets that far. */
#include "app/view/text.h"

#include <stdlib.h>
#include <unicase.h>
#include <unigbrk.h>
#include <unilbrk.h>
#include <uniwidth.h>

#include "forms/base/safe.h"
#include "forms/base/utf8.h"

uint32_t text_clean(uint32_t c)
{
    if (c == '\t' || c == '\n' || c == '\r' || c == 0x2028 || c == 0x2029)
        return ' ';
    return text_hostile(c) ? UTF8_REPLACEMENT : c;
}

int text_char_width(uint32_t c)
{
    int w;

    if (c >= 0x20 && c < 0x7F)
        return 1;
    w = uc_width(text_clean(c), "UTF-8");
    return w < 0 ? 1 : w;
}

int text_width(struct str s)
{
    int w = 0;

    for (size_t i = 0, len; i < s.n; i += len)
        w += text_char_width(utf8_at(s, i, &len));
    return w;
}

struct str text_head(struct str s, int cols)
{
    size_t at = 0;
    int w = 0;

    while (at < s.n) {
        size_t next = text_next(s, at);

        w += text_width(str_sub(s, at, next - at));
        if (w > cols)
            break;
        at = next;
    }
    return str_sub(s, 0, at);
}

static void add_line(struct arena *a, struct lines *l, size_t *cap, struct str line)
{
    if ((size_t)l->n == *cap) {
        size_t more = *cap ? *cap * 2 : 8;
        struct str *v = ARENA_ARRAY(a, struct str, more);

        if (l->n)
            memcpy(v, l->v, (size_t)l->n * sizeof *v);
        l->v = v;
        *cap = more;
    }
    l->v[l->n++] = line;
}

/* A line that found no place to break and is too long: cut between graphemes. */
static void add_cut(struct arena *a, struct lines *l, size_t *cap, struct str line, int width)
{
    while (text_width(line) > width) {
        struct str head = text_head(line, width);

        if (head.n == 0)
            break;
        add_line(a, l, cap, head);
        line = str_from(line, head.n);
    }
    add_line(a, l, cap, line);
}

static struct str without_end_blanks(struct str s)
{
    while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\n' || s.p[s.n - 1] == '\r'))
        s.n--;
    return s;
}

/* No break after the hyphens that a word begins with (UAX #14 LB20a): options stay whole. */
static void hold_first_hyphens(struct str s, char *breaks)
{
    bool first = true;
    for (size_t i = 0; i < s.n; i++) {
        if (first && i > 0 && s.p[i - 1] == '-')
            breaks[i] = UC_BREAK_PROHIBITED;
        first = s.p[i] == ' ' || s.p[i] == '\n' || s.p[i] == '(' || (first && s.p[i] == '-');
    }
}

/* Greedy: a line takes what fits between two places to break; blanks at its end don't count. */
struct lines text_wrap(struct arena *a, struct str s, int width)
{
    struct lines l = {0};
    size_t cap = 0, begin = 0, last = 0;
    char *breaks;

    if (width < 1)
        width = 1;
    if (text_width(s) <= width && !memchr(s.p ? s.p : "", '\n', s.n)) {
        add_line(a, &l, &cap, s);
        return l;
    }
    /* libunistring reads only well-formed text; what isn't, breaks by the cut alone */
    breaks = arena_alloc(a, s.n + 1);
    if (utf8_valid(s, NULL))
        u8_possible_linebreaks((const uint8_t *)s.p, s.n, "UTF-8", breaks);
    hold_first_hyphens(s, breaks);
    for (size_t i = 1; i < s.n; i++) {
        bool line_end = s.p[i - 1] == '\n';

        if (breaks[i] != UC_BREAK_POSSIBLE && !line_end)
            continue;
        if (last > begin && text_width(without_end_blanks(str_sub(s, begin, i - begin))) > width) {
            add_cut(a, &l, &cap, without_end_blanks(str_sub(s, begin, last - begin)), width);
            begin = last;
        }
        last = i;
        if (line_end) {
            add_cut(a, &l, &cap, without_end_blanks(str_sub(s, begin, i - begin)), width);
            begin = i;
        }
    }
    if (last > begin && text_width(without_end_blanks(str_from(s, begin))) > width) {
        add_cut(a, &l, &cap, without_end_blanks(str_sub(s, begin, last - begin)), width);
        begin = last;
    }
    add_cut(a, &l, &cap, without_end_blanks(str_from(s, begin)), width);
    return l;
}

size_t text_next(struct str s, size_t at)
{
    const uint8_t *p = (const uint8_t *)s.p, *next;

    if (at >= s.n)
        return s.n;
    if (at + 1 < s.n && (uint8_t)s.p[at] < 0x80 && (uint8_t)s.p[at + 1] < 0x80 && s.p[at] != '\r')
        return at + 1;
    next = u8_grapheme_next(p + at, p + s.n);
    return next ? (size_t)(next - p) : s.n;
}

size_t text_prev(struct str s, size_t at)
{
    const uint8_t *p = (const uint8_t *)s.p, *prev;

    if (at == 0)
        return 0;
    prev = u8_grapheme_prev(p + at, p);
    return prev ? (size_t)(prev - p) : 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\t';
}

size_t text_word_prev(struct str s, size_t at)
{
    while (at > 0 && is_blank(s.p[at - 1]))
        at--;
    while (at > 0 && !is_blank(s.p[at - 1]))
        at--;
    return at;
}

size_t text_word_next(struct str s, size_t at)
{
    while (at < s.n && !is_blank(s.p[at]))
        at++;
    while (at < s.n && is_blank(s.p[at]))
        at++;
    return at;
}

static bool is_ascii(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((uint8_t)s.p[i] >= 0x80)
            return false;
    return true;
}

void text_fold(struct str s, struct buf *out)
{
    uint8_t *folded;
    size_t n = 0;

    if (is_ascii(s)) {
        for (size_t i = 0; i < s.n; i++)
            buf_add_c(out, s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] + 32) : s.p[i]);
        return;
    }
    folded = u8_casefold((const uint8_t *)s.p, s.n, NULL, NULL, NULL, &n);
    if (folded)
        buf_add(out, folded, n);
    else
        buf_add_str(out, s); /* not well-formed: only equal bytes match */
    free(folded);
}

/* Folding can change lengths, so the range is found by folding one character after the other. */
bool text_find_folded(struct str s, struct str folded, size_t *ret_at, size_t *ret_n)
{
    struct buf whole;
    const char *hit;
    size_t from, to, at = 0, done = 0;
    bool begun = false;

    buf_init(&whole, s.n * 4 + 16);
    text_fold(s, &whole);
    hit = folded.n && whole.n ? memmem(whole.p, whole.n, folded.p, folded.n) : NULL;
    from = hit ? (size_t)(hit - whole.p) : 0;
    to = from + folded.n;
    for (size_t len; hit && at < s.n && done < to; at += len) {
        struct buf one;

        utf8_at(s, at, &len);
        if (!begun && done >= from) {
            *ret_at = at;
            begun = true;
        }
        buf_init(&one, 64);
        text_fold(str_sub(s, at, len), &one);
        done += one.n;
        buf_wipe_done(&one);
    }
    if (begun)
        *ret_n = at - *ret_at;
    buf_wipe_done(&whole);
    return begun;
}

void text_pad(struct buf *out, size_t begin, int cols)
{
    struct str s = str_from(buf_str(out), begin);
    int w = text_width(s);

    if (w > cols) {
        out->n = begin + text_head(s, cols - 1).n;
        buf_add_z(out, "…");
        w = text_width(str_from(buf_str(out), begin));
    }
    for (; w < cols + 2; w++)
        buf_add_c(out, ' ');
}
