/* Functions of texts. Positions and lengths count characters, not bytes. */
#include <math.h>

#include "forms/base/utf8.h"
#include "forms/expr/convert.h"
#include "forms/expr/func.h"
#include "forms/expr/regex.h"

/* The first argument's text, or the context node's where there is none. */
static struct str text_or_context(struct vm *m, const struct slot *a, uint32_t n)
{
    if (n > 0)
        return arg_string(m, a);
    if (m->top && m->ev->has_dot)
        return value_string(&m->ev->dot, m->ev);
    return m->self.tree ? node_string(m->self, m->ev) : STR("");
}

bool fn_string(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    return ret_string(ret, text_or_context(m, a, n));
}

/* A text in the scratch arena out of pieces: once for its length, once for its bytes. */
static struct str piece(struct vm *m, const struct value *v)
{
    return value_string(v, m->ev);
}

static struct str joined(struct vm *m, const struct slot *a, uint32_t n, struct str glue, bool all)
{
    struct buf b;
    buf_init(&b, (size_t)64 << 20);
    struct members it = {.m = m, .args = a, .n = n};
    struct value v;
    bool first = true;
    if (all) {
        for (; members_next(&it, &v); first = false) {
            if (!first)
                buf_add_str(&b, glue);
            buf_add_str(&b, piece(m, &v));
        }
    } else {
        for (uint32_t i = 0; i < n; i++)
            buf_add_str(&b, arg_string(m, &a[i]));
    }
    struct str s = arena_str(m->ev->scratch, buf_str(&b));
    buf_done(&b);
    return s;
}

/* Under plain XPath a set gives its first node's text, else (ODK) every node's. */
bool fn_concat(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    return ret_string(ret, joined(m, a, n, STR(""), !m->x->plain));
}

bool fn_join(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    return ret_string(ret, joined(m, a + 1, n - 1, arg_string(m, a), true));
}

/* ---- searching ---- */

static bool find(struct str s, struct str t, size_t *ret_at)
{
    if (t.n == 0) {
        *ret_at = 0;
        return true;
    }
    const char *hit = s.n ? memmem(s.p, s.n, t.p, t.n) : NULL;
    if (hit)
        *ret_at = (size_t)(hit - s.p);
    return hit != NULL;
}

bool fn_starts_with(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    (void)n;
    return ret_boolean(ret, str_starts(arg_string(m, a), arg_string(m, a + 1)));
}

bool fn_ends_with(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    (void)n;
    return ret_boolean(ret, str_ends(arg_string(m, a), arg_string(m, a + 1)));
}

bool fn_contains(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    (void)n;
    size_t at;
    return ret_boolean(ret, find(arg_string(m, a), arg_string(m, a + 1), &at));
}

bool fn_substring_before(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    (void)n;
    struct str s = arg_string(m, a);
    size_t at;
    return ret_string(ret, find(s, arg_string(m, a + 1), &at) ? str_sub(s, 0, at) : STR(""));
}

bool fn_substring_after(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    (void)n;
    struct str s = arg_string(m, a), t = arg_string(m, a + 1);
    size_t at;
    return ret_string(ret, find(s, t, &at) ? str_from(s, at + t.n) : STR(""));
}

/* ---- pieces ---- */

static struct str characters(struct str s, double from, double to)
{
    double count = (double)utf8_count(s);
    from = from < 0 ? 0 : from;
    to = to > count ? count : to;
    if (!(from < to))
        return STR("");
    size_t start = utf8_offset(s, (size_t)from), end = utf8_offset(s, (size_t)to);
    return str_sub(s, start, end - start);
}

static double round_half_up(double x)
{
    return floor(x + 0.5);
}

/* XPath: 1-based, start and length rounded; NaN anywhere gives "". */
bool fn_substring(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    double from = round_half_up(arg_number(m, a + 1));
    double to = n == 3 ? from + round_half_up(arg_number(m, a + 2)) : INFINITY;
    return ret_string(ret, characters(arg_string(m, a), from - 1, to - 1));
}

/* ODK: 0-based, end exclusive, negatives from the end, fractions cut off. */
bool fn_substr(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    struct str s = arg_string(m, a);
    double count = (double)utf8_count(s);
    double from = trunc(arg_number(m, a + 1));
    double to = n == 3 ? trunc(arg_number(m, a + 2)) : count;
    return ret_string(ret, characters(s, from < 0 ? from + count : from, to < 0 ? to + count : to));
}

bool fn_string_length(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    return ret_number(ret, (double)utf8_count(text_or_context(m, a, n)));
}

bool fn_normalize_space(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    struct str rest = text_or_context(m, a, n), word;
    char *out = arena_alloc(m->ev->scratch, rest.n + 1);
    size_t len = 0;
    while (str_word(&rest, &word)) {
        if (len)
            out[len++] = ' ';
        memcpy(out + len, word.p, word.n);
        len += word.n;
    }
    return ret_string(ret, (struct str){out, len});
}

/* What c becomes: itself, another character or nothing. */
static bool translated(struct str from, struct str to, uint32_t c, uint32_t *ret)
{
    size_t n, at = 0, i = 0;
    for (; at < from.n; at += n, i++) {
        if (utf8_at(from, at, &n) != c)
            continue;
        size_t target = utf8_offset(to, i);
        if (target >= to.n)
            return false;
        *ret = utf8_at(to, target, &n);
        return true;
    }
    *ret = c;
    return true;
}

bool fn_translate(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    (void)n;
    struct str s = arg_string(m, a), from = arg_string(m, a + 1), to = arg_string(m, a + 2);
    if (!vm_spend(m, (uint64_t)s.n * (from.n + 1)))
        return false;
    char *out = arena_alloc(m->ev->scratch, s.n * UTF8_MAX + 1);
    size_t len = 0, step;
    for (size_t i = 0; i < s.n; i += step) {
        uint32_t c = utf8_at(s, i, &step);
        if (translated(from, to, c, &c))
            len += utf8_put(c, out + len);
    }
    return ret_string(ret, (struct str){out, len});
}

bool fn_regex(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    (void)n;
    struct regex *r;
    bool match;
    struct err e = {0};
    if (!vm_spend(m, 1000))
        return false;
    if (!regex_compile(&r, arg_string(m, a + 1), m->ev->scratch, &e))
        return func_fail(m, str_of(e.arg[0]));
    return regex_match(r, arg_string(m, a), &match, m->e) && ret_boolean(ret, match);
}
