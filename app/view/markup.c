/* Only pairs are markup: a lone star or underscore is one ("5 * 3", "nama_file"). */
#include "app/view/markup.h"

#define NESTED_MAX 4    /* emphasis within emphasis */
#define SPAN_MAX   2000 /* bytes of one emphasis: no text makes this slow */

static bool is_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (unsigned char)c >= 0x80;
}

/* "<b>", "</span>", "<br/>", "<span style=...>": the byte behind it, or `at`. */
static size_t tag_end(struct str s, size_t at)
{
    size_t i = at + 1;

    if (i < s.n && s.p[i] == '/')
        i++;
    if (i >= s.n || !((s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= 'A' && s.p[i] <= 'Z')))
        return at;
    while (i < s.n && s.p[i] != '>' && s.p[i] != '<' && s.p[i] != '\n')
        i++;
    return i < s.n && s.p[i] == '>' ? i + 1 : at;
}

/* How many of `mark` begin an emphasis here that is closed later: 0, 1 or 2. */
static size_t opens(struct str s, size_t at)
{
    char mark = s.p[at];
    size_t n = at + 1 < s.n && s.p[at + 1] == mark ? 2 : 1, inside = at + n;

    if (inside >= s.n || s.p[inside] == ' ' || s.p[inside] == mark)
        return 0;
    if (mark == '_' && at > 0 && is_word(s.p[at - 1]))
        return 0;
    for (size_t i = inside + 1; i + n <= s.n && i < inside + SPAN_MAX; i++) {
        bool closes = s.p[i] == mark && (n == 1 || s.p[i + 1] == mark) && s.p[i - 1] != ' ';

        if (closes && (mark != '_' || i + n == s.n || !is_word(s.p[i + n])))
            return n;
        if (s.p[i] == '\n')
            break;
    }
    return 0;
}

static size_t closing(struct str s, size_t at, char mark, size_t n)
{
    for (size_t i = at + 1; i + n <= s.n; i++)
        if (s.p[i] == mark && (n == 1 || s.p[i + 1] == mark) && s.p[i - 1] != ' ')
            return i;
    return s.n;
}

/* "[text](target)": where the text ends, and the whole; false: not a link. */
static bool link_at(struct str s, size_t at, size_t *ret_text, size_t *ret_end)
{
    size_t text = str_find(s, ']', at), end;

    if (text + 1 >= s.n || s.p[text + 1] != '(')
        return false;
    end = str_find(s, ')', text);
    *ret_text = text;
    *ret_end = end + 1;
    return end < s.n;
}

static void plain(struct str s, int depth, struct buf *out)
{
    size_t i = 0, text, end;

    while (i < s.n) {
        char c = s.p[i];
        bool line_begin = i == 0 || s.p[i - 1] == '\n';

        if (c == '<' && (end = tag_end(s, i)) > i) {
            if (str_eq_nocase(str_sub(s, i, 3), STR("<br")))
                buf_add_c(out, '\n');
            i = end;
        } else if ((c == '*' || c == '_') && depth > 0 && (text = opens(s, i)) > 0) {
            size_t close = closing(s, i + text, c, text);

            plain(str_sub(s, i + text, close - i - text), depth - 1, out);
            i = close + text;
        } else if (c == '[' && depth > 0 && link_at(s, i, &text, &end)) {
            plain(str_sub(s, i + 1, text - i - 1), depth - 1, out);
            i = end;
        } else if (c == '#' && line_begin) {
            while (i < s.n && s.p[i] == '#')
                i++;
            while (i < s.n && s.p[i] == ' ')
                i++;
        } else if (c == '\\' && i + 1 < s.n && strchr("*_#[]<>\\", s.p[i + 1])) {
            buf_add_c(out, s.p[i + 1]);
            i += 2;
        } else {
            buf_add_c(out, c);
            i++;
        }
    }
}

void markup_plain(struct str s, struct buf *out)
{
    plain(s, NESTED_MAX, out);
}
