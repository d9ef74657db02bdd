/* Walks the pattern and writes as it goes; see sim_regex.h. */
#include "app/flow/sim_regex.h"

#include "forms/base/num.h"

#define DEPTH_MAX 32
#define MORE_MAX  4 /* how far * and + go */

struct walk {
    struct str p;
    struct dice *d;
    struct buf *out;
    int depth;
};

/* ---- extents ---- */

/* Past the class that begins at `at` ('['); p.n when it does not end. */
static size_t class_end(struct str p, size_t at)
{
    size_t i = at + 1;
    if (i < p.n && p.p[i] == '^')
        i++;
    if (i < p.n && p.p[i] == ']')
        i++;
    for (; i < p.n && p.p[i] != ']'; i++)
        if (p.p[i] == '\\')
            i++;
    return i < p.n ? i + 1 : p.n;
}

/* Past the group that begins at `at` ('('). */
static size_t group_end(struct str p, size_t at)
{
    int open = 0;
    for (size_t i = at; i < p.n; i++) {
        if (p.p[i] == '\\')
            i++;
        else if (p.p[i] == '[')
            i = class_end(p, i) - 1;
        else if (p.p[i] == '(')
            open++;
        else if (p.p[i] == ')' && --open == 0)
            return i + 1;
    }
    return p.n;
}

static size_t atom_end(struct str p, size_t at)
{
    if (p.p[at] == '[')
        return class_end(p, at);
    if (p.p[at] == '(')
        return group_end(p, at);
    if (p.p[at] == '\\')
        return at + 2 < p.n ? at + 2 : p.n;
    at++;
    while (at < p.n && ((unsigned char)p.p[at] & 0xC0) == 0x80) /* a whole character */
        at++;
    return at;
}

/* ---- classes ---- */

struct set {
    bool has[128]; /* printing ASCII is enough to choose from */
};

static bool set_escape(struct set *s, char c)
{
    bool digits = c == 'd' || c == 'w', word = c == 'w';
    for (int i = 0; digits && i < 128; i++)
        if ((i >= '0' && i <= '9') ||
            (word && ((i >= 'a' && i <= 'z') || (i >= 'A' && i <= 'Z') || i == '_')))
            s->has[i] = true;
    if (c == 's')
        s->has[' '] = true;
    if (digits || c == 's')
        return true;
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c < ' ')
        return false; /* another meaning than itself */
    s->has[(unsigned char)c & 127] = true;
    return true;
}

static bool set_read(struct set *s, struct str cls)
{
    struct str in = str_sub(cls, 1, cls.n - 2);
    bool negate = in.n > 0 && in.p[0] == '^';
    if (negate)
        in = str_from(in, 1);
    for (size_t i = 0; i < in.n; i++) {
        unsigned char c = (unsigned char)in.p[i];
        if (c >= 128 || (c == '[' && i + 1 < in.n && in.p[i + 1] == ':'))
            return false;
        if (c == '\\') {
            if (++i == in.n || !set_escape(s, in.p[i]))
                return false;
        } else if (i + 2 < in.n && in.p[i + 1] == '-') {
            unsigned char to = (unsigned char)in.p[i + 2];
            if (to >= 128 || to < c || to == '\\')
                return false;
            for (int k = c; k <= to; k++)
                s->has[k] = true;
            i += 2;
        } else {
            s->has[c] = true;
        }
    }
    for (int i = 0; i < 128; i++)
        s->has[i] = i >= ' ' && i < 127 && s->has[i] != negate;
    return true;
}

static bool set_draw(const struct set *s, struct dice *d, struct buf *out)
{
    uint32_t n = 0;
    for (int i = 0; i < 128; i++)
        n += s->has[i];
    if (n == 0)
        return false;
    uint32_t pick = dice_below(d, n);
    for (int i = 0; i < 128; i++)
        if (s->has[i] && pick-- == 0)
            return buf_add_c(out, (char)i);
    return false;
}

/* ---- atoms and counts ---- */

static bool draw_alternatives(struct walk *w, struct str p);

static bool draw_group(struct walk *w, struct str group)
{
    struct str in = str_sub(group, 1, group.n - 2);
    if (group.n < 2 || group.p[group.n - 1] != ')')
        return false;
    if (in.n && in.p[0] == '?') {
        if (!str_starts(in, STR("?:")))
            return false;
        in = str_from(in, 2);
    }
    return draw_alternatives(w, in);
}

static bool draw_atom(struct walk *w, struct str atom)
{
    struct set s = {{false}};
    switch (atom.p[0]) {
    case '(': return draw_group(w, atom);
    case '[':
        return atom.n > 2 && atom.p[atom.n - 1] == ']' && set_read(&s, atom) &&
               set_draw(&s, w->d, w->out);
    case '\\': return atom.n == 2 && set_escape(&s, atom.p[1]) && set_draw(&s, w->d, w->out);
    case '.': return buf_add_c(w->out, (char)('a' + dice_below(w->d, 26)));
    case '*':
    case '+':
    case '?':
    case '{': return false;
    default: return buf_add_str(w->out, atom);
    }
}

/* {n} {n,} {n,m} */
static bool braces(struct str text, uint64_t *ret_lo, uint64_t *ret_hi)
{
    struct str rest = text, lo, hi;
    if (!str_split(&rest, ',', &lo) || !num_parse_uint(lo, ret_lo))
        return false;
    *ret_hi = *ret_lo;
    if (!rest.p)
        return true;
    hi = rest;
    if (hi.n == 0)
        *ret_hi = *ret_lo + MORE_MAX;
    return hi.n == 0 || (num_parse_uint(hi, ret_hi) && *ret_hi >= *ret_lo);
}

/* What stands behind the atom; false: no count that we know. */
static bool count(struct str p, size_t *at, uint64_t *ret_lo, uint64_t *ret_hi)
{
    *ret_lo = *ret_hi = 1;
    if (*at == p.n)
        return true;
    switch (p.p[*at]) {
    case '*': *ret_lo = 0, *ret_hi = MORE_MAX; break;
    case '+': *ret_hi = 1 + MORE_MAX; break;
    case '?': *ret_lo = 0; break;
    case '{': {
        size_t end = str_find(p, '}', *at);
        if (end == p.n || !braces(str_sub(p, *at + 1, end - *at - 1), ret_lo, ret_hi))
            return false;
        *at = end;
        break;
    }
    default: return true;
    }
    ++*at;
    if (*at < p.n && p.p[*at] == '?') /* lazy: the same texts */
        ++*at;
    return *ret_lo <= 1000;
}

static bool draw_sequence(struct walk *w, struct str p)
{
    for (size_t at = 0; at < p.n;) {
        if (p.p[at] == '^' || p.p[at] == '$') {
            at++;
            continue;
        }
        size_t end = atom_end(p, at);
        struct str atom = str_sub(p, at, end - at);
        uint64_t lo, hi;
        at = end;
        if (!count(p, &at, &lo, &hi))
            return false;
        hi = hi < lo + 64 ? hi : lo + 64;
        for (uint64_t n = lo + dice_below(w->d, (uint32_t)(hi - lo) + 1); n > 0; n--)
            if (!draw_atom(w, atom))
                return false;
    }
    return true;
}

/* The end of the alternative that begins at `at`. */
static size_t alternative_end(struct str p, size_t at)
{
    while (at < p.n && p.p[at] != '|')
        at = atom_end(p, at);
    return at;
}

static bool draw_alternatives(struct walk *w, struct str p)
{
    uint32_t n = 1;
    for (size_t at = alternative_end(p, 0); at < p.n; at = alternative_end(p, at + 1))
        n++;
    size_t from = 0, end = alternative_end(p, 0);
    for (uint32_t pick = dice_below(w->d, n); pick > 0; pick--) {
        from = end + 1;
        end = alternative_end(p, from);
    }
    if (++w->depth > DEPTH_MAX)
        return false;
    bool ok = draw_sequence(w, str_sub(p, from, end - from));
    w->depth--;
    return ok;
}

bool sim_regex_draw(struct str pattern, struct dice *d, struct buf *out)
{
    struct walk w = {pattern, d, out, 0};
    return draw_alternatives(&w, pattern) && !out->full;
}
