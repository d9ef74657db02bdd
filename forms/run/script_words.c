/* See script_words.h. */
#include "forms/run/script_words.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static bool quoted(struct str line, size_t *at, struct arena *a, struct str *ret)
{
    char *p = arena_alloc(a, line.n - *at + 1);
    size_t n = 0, i = *at + 1;
    for (; i < line.n && line.p[i] != '"'; i++) {
        if (line.p[i] != '\\') {
            p[n++] = line.p[i];
            continue;
        }
        if (++i == line.n)
            return false;
        switch (line.p[i]) {
        case 'n': p[n++] = '\n'; break;
        case '"':
        case '\\': p[n++] = line.p[i]; break;
        default: /* any other backslash is itself: regular expressions are full of them */
            p[n++] = '\\';
            p[n++] = line.p[i];
        }
    }
    if (i >= line.n || (i + 1 < line.n && !is_blank(line.p[i + 1])))
        return false;
    *at = i + 1;
    *ret = (struct str){p, n};
    return true;
}

bool script_words(struct str line, struct arena *a, struct words *ret)
{
    struct words w = {ARENA_ARRAY(a, struct str, line.n / 2 + 1), 0};
    size_t i = 0;
    for (;;) {
        while (i < line.n && is_blank(line.p[i]))
            i++;
        if (i >= line.n || line.p[i] == '#')
            break;
        if (line.p[i] == '"') {
            if (!quoted(line, &i, a, &w.v[w.n++]))
                return false;
            continue;
        }
        size_t start = i;
        while (i < line.n && !is_blank(line.p[i]))
            i++;
        w.v[w.n++] = str_sub(line, start, i - start);
    }
    *ret = w;
    return true;
}
