/* Patterns; see regex.h. */
#include "forms/expr/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "forms/base/limits.h"

struct regex {
    pcre2_code *code; /* in the arena: never freed by itself */
};

static void *take(size_t n, void *arena)
{
    return arena_alloc(arena, n);
}

static void leave(void *p, void *arena)
{
    (void)p;
    (void)arena;
}

/* ---- other dialects ---- */

/* \p{Name} of Java that PCRE2 spells as a POSIX class, with and without brackets round it. */
static const char *java_class(struct str name)
{
    static const char *const names[][2] = {
        {"Lower", "[:lower:]"},     {"Upper", "[:upper:]"},       {"ASCII", "[:ascii:]"},
        {"Alpha", "[:alpha:]"},     {"Digit", "[:digit:]"},       {"Alnum", "[:alnum:]"},
        {"Punct", "[:punct:]"},     {"Graph", "[:graph:]"},       {"Print", "[:print:]"},
        {"Blank", "[:blank:]"},     {"Cntrl", "[:cntrl:]"},       {"XDigit", "[:xdigit:]"},
        {"Space", "[:space:]"},     {"javaLowerCase", "\\p{Ll}"}, {"javaUpperCase", "\\p{Lu}"},
        {"IsAlphabetic", "\\p{L}"}, {"IsLetter", "\\p{L}"},       {"IsDigit", "\\p{Nd}"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_is(name, names[i][0]))
            return names[i][1];
    return NULL;
}

/* \p{…} or \P{…} at `at`: writes its translation, returns the bytes used. */
static size_t property(struct str p, size_t at, bool in_class, struct buf *out)
{
    size_t close = str_find(p, '}', at);
    if (at + 2 >= p.n || p.p[at + 2] != '{' || close == p.n)
        return 0;
    struct str name = str_sub(p, at + 3, close - at - 3);
    bool not = p.p[at + 1] == 'P';
    const char *posix = java_class(name);
    if (posix && posix[0] == '[') {
        const char *caret = not ? "^" : "";
        buf_printf(out, in_class ? "[:%s%s" : "[[:%s%s]", caret, posix + 2);
    } else if (posix) {
        buf_printf(out, "\\%c%s", not ? 'P' : 'p', posix + 2);
    } else {
        if (name.n > 2 && (str_starts(name, STR("Is")) || str_starts(name, STR("In"))))
            name = str_from(name, 2);
        buf_printf(out, "\\%c{%.*s}", not ? 'P' : 'p', STR_FMT(name));
    }
    return close - at + 1;
}

static bool four_hex(struct str p, size_t at)
{
    for (size_t i = at; i < at + 4; i++)
        if (i >= p.n || !strchr("0123456789abcdefABCDEF", p.p[i]) || p.p[i] == '\0')
            return false;
    return true;
}

/* The escape at `at`; returns the bytes used. */
static size_t escape(struct str p, size_t at, bool in_class, struct buf *out)
{
    char c = at + 1 < p.n ? p.p[at + 1] : '\0';
    size_t used = 0;
    if (c == 'u' && four_hex(p, at + 2)) {
        buf_printf(out, "\\x{%.*s}", 4, p.p + at + 2);
        used = 6;
    } else if (c == 'u' && at + 2 < p.n && p.p[at + 2] == '{') {
        buf_add_z(out, "\\x");
        used = 2;
    } else if (c == 'p' || c == 'P') {
        used = property(p, at, in_class, out);
    } else if (c == '/' || c == '"' || c == '\'') {
        buf_add_c(out, c);
        used = 2;
    }
    if (used == 0) {
        used = at + 1 < p.n ? 2 : 1;
        buf_add(out, p.p + at, used);
    }
    return used;
}

static void translate(struct str p, struct buf *out)
{
    bool in_class = false;
    for (size_t i = 0; i < p.n;) {
        if (p.p[i] == '\\') {
            i += escape(p, i, in_class, out);
            continue;
        }
        if (!in_class && str_starts(str_from(p, i), STR("[^]"))) { /* JavaScript: any character */
            buf_add_z(out, "(?s:.)");
            i += 3;
            continue;
        }
        if (p.p[i] == '[' && !in_class) {
            in_class = true;
            buf_add_c(out, '[');
            i++;
            if (i < p.n && p.p[i] == '^') {
                buf_add_c(out, '^');
                i++;
            }
            if (i < p.n && p.p[i] == ']') { /* a literal at the beginning */
                buf_add_z(out, "\\]");
                i++;
            }
            continue;
        }
        if (p.p[i] == ']')
            in_class = false;
        buf_add_c(out, p.p[i++]);
    }
}

/* ---- compile and match ---- */

bool regex_compile(struct regex **ret, struct str pattern, struct arena *a, struct err *e)
{
    struct buf b;
    buf_init(&b, LIMIT_EXPR_BYTES * 8);
    translate(pattern, &b);
    struct str p = buf_str(&b);
    pcre2_general_context *general = pcre2_general_context_create(take, leave, a);
    pcre2_compile_context *context = pcre2_compile_context_create(general);
    pcre2_set_parens_nest_limit(context, 200);
    int code;
    size_t at;
    pcre2_code *compiled = pcre2_compile((PCRE2_SPTR)p.p, p.n,
                                         PCRE2_UTF | PCRE2_ANCHORED | PCRE2_ENDANCHORED |
                                             PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C,
                                         &code, &at, context);
    buf_done(&b);
    if (!compiled) {
        PCRE2_UCHAR text[120];
        pcre2_get_error_message(code, text, sizeof text);
        return err_fail1(e, ERR_EXPR_REGEX, (const char *)text);
    }
    *ret = ARENA_NEW(a, struct regex);
    (*ret)->code = compiled;
    return true;
}

bool regex_match(const struct regex *r, struct str text, bool *ret, struct err *e)
{
    pcre2_match_context *context = pcre2_match_context_create(NULL);
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);
    int rc = PCRE2_ERROR_NOMEMORY;
    if (context && data) {
        pcre2_set_match_limit(context, LIMIT_REGEX_MATCH);
        pcre2_set_depth_limit(context, LIMIT_REGEX_DEPTH);
        pcre2_set_heap_limit(context, LIMIT_REGEX_HEAP_KIB);
        rc = pcre2_match(r->code, (PCRE2_SPTR)(text.p ? text.p : ""), text.n, 0, 0, data, context);
    }
    pcre2_match_data_free(data);
    pcre2_match_context_free(context);
    if (rc < 0 && rc != PCRE2_ERROR_NOMATCH)
        return err_fail1(e, ERR_EXPR_RUN, "the pattern takes too much work on this text");
    *ret = rc >= 0;
    return true;
}
