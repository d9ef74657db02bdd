/* Slices: the searches and comparisons that are more than one line. */
#include "forms/base/str.h"

static unsigned char lower(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool str_starts(struct str s, struct str prefix)
{
    return s.n >= prefix.n && str_eq((struct str){s.p, prefix.n}, prefix);
}

bool str_ends(struct str s, struct str suffix)
{
    return s.n >= suffix.n && str_eq((struct str){s.p + (s.n - suffix.n), suffix.n}, suffix);
}

bool str_eq_nocase(struct str a, struct str b)
{
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++)
        if (lower(a.p[i]) != lower(b.p[i]))
            return false;
    return true;
}

struct str str_trim(struct str s)
{
    while (s.n > 0 && blank(s.p[0]))
        s = (struct str){s.p + 1, s.n - 1};
    while (s.n > 0 && blank(s.p[s.n - 1]))
        s.n--;
    return s;
}

size_t str_find(struct str s, char c, size_t from)
{
    if (from >= s.n)
        return s.n;
    const char *hit = memchr(s.p + from, c, s.n - from);
    return hit ? (size_t)(hit - s.p) : s.n;
}

int str_cmp(struct str a, struct str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int c = n ? memcmp(a.p, b.p, n) : 0;
    if (c != 0)
        return c;
    return (a.n > b.n) - (a.n < b.n);
}

bool str_word(struct str *rest, struct str *ret_word)
{
    size_t i = 0;
    while (i < rest->n && blank(rest->p[i]))
        i++;
    size_t start = i;
    while (i < rest->n && !blank(rest->p[i]))
        i++;
    if (i == start)
        return false;
    *ret_word = (struct str){rest->p + start, i - start};
    *rest = (struct str){rest->p + i, rest->n - i};
    return true;
}

bool str_split(struct str *rest, char sep, struct str *ret_part)
{
    if (rest->p == NULL)
        return false;
    size_t end = str_find(*rest, sep, 0);
    *ret_part = (struct str){rest->p, end};
    *rest =
        end < rest->n ? (struct str){rest->p + end + 1, rest->n - end - 1} : (struct str){NULL, 0};
    return true;
}
