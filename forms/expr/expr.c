/* Compiling an expression from end to end, what a program says about itself, and texts with ${…}.
 */
#include "forms/expr/expr.h"

#include "forms/base/utf8.h"
#include "forms/expr/check.h"
#include "forms/expr/code.h"
#include "forms/expr/lex.h"
#include "forms/expr/parse.h"

static bool compile(struct expr *x, const struct scope *scope, const struct pos *pos,
                    struct arena *tmp, struct arena *a, struct err *e)
{
    struct ast *n;
    struct checked found;
    if (!parse_expr(&n, x->text, pos, tmp, e) ||
        !check_expr(n, x->text, scope, pos, tmp, a, &found, e) ||
        !code_expr(x, n, scope, pos, tmp, a, e))
        return false;
    x->flags = found.flags;
    x->deps = found.deps.v;
    x->n_deps = found.deps.n;
    x->wide = found.wide.v;
    x->n_wide = found.wide.n;
    x->blanks = found.blanks.v;
    x->n_blanks = found.blanks.n;
    x->instances = found.instances.v;
    x->n_instances = found.instances.n;
    if (found.flags & EXPR_NO_SUCH_NODE)
        x->missing = (uint32_t)utf8_count(str_sub(x->text, 0, found.missing_at)) + 1;
    return true;
}

bool expr_compile(struct expr **ret, struct str text, const struct scope *scope,
                  const struct pos *at, struct arena *a, struct err *e)
{
    struct arena tmp;
    arena_init(&tmp);
    struct expr *x = ARENA_NEW(a, struct expr);
    x->text = arena_str(a, text);
    x->plain = scope->plain_xpath;
    bool ok = compile(x, scope, at, &tmp, a, e);
    arena_done(&tmp);
    if (ok)
        *ret = x;
    return ok;
}

uint32_t expr_flags(const struct expr *x)
{
    return x->flags;
}

uint32_t expr_missing(const struct expr *x)
{
    return x->missing;
}

size_t expr_deps(const struct expr *x, const uint32_t **ret_defs)
{
    *ret_defs = x->deps;
    return x->n_deps;
}

static bool holds(const uint32_t *v, size_t n, uint32_t number)
{
    size_t low = 0;
    while (n > low) {
        size_t middle = low + (n - low) / 2;
        if (v[middle] == number)
            return true;
        if (v[middle] < number)
            low = middle + 1;
        else
            n = middle;
    }
    return false;
}

bool expr_reads_wide(const struct expr *x, uint32_t def)
{
    return holds(x->wide, x->n_wide, def);
}

bool expr_passes_blanks(const struct expr *x, uint32_t def)
{
    return !holds(x->blanks, x->n_blanks, def);
}

size_t expr_instances(const struct expr *x, const uint32_t **ret_numbers)
{
    *ret_numbers = x->instances;
    return x->n_instances;
}

struct str expr_text(const struct expr *x)
{
    return x->text;
}

/* ---- texts with references ---- */

static bool bad_reference(struct str text, size_t at, struct str what, const struct pos *pos,
                          struct err *e)
{
    char tmp[ERR_ARG_MAX];
    err_fail1(e, ERR_EXPR_REF_FORM, err_arg(tmp, what));
    lex_place(pos, text, (uint32_t)at, e);
    return false;
}

static bool is_reference(struct str name)
{
    if (str_starts(name, STR("last-saved#")))
        name = str_from(name, sizeof "last-saved#" - 1);
    size_t n;
    for (size_t i = 0; i < name.n; i += n) {
        uint32_t c = utf8_at(name, i, &n);
        if (i == 0 ? !lex_is_name_start(c) : !lex_is_name(c))
            return false;
    }
    return name.n > 0;
}

bool expr_split_text(struct str text, const struct pos *at,
                     bool (*each)(void *ctx, struct str literal, struct str ref, uint32_t offset,
                                  struct err *e),
                     void *ctx, struct err *e)
{
    size_t from = 0;
    uint32_t before =
        0; /* characters up to `from`: counted once, however many references there are */
    for (;;) {
        size_t open = str_find(text, '$', from);
        while (open < text.n && (open + 1 >= text.n || text.p[open + 1] != '{'))
            open = str_find(text, '$', open + 1);
        struct str literal = str_sub(text, from, open - from);
        if (open >= text.n)
            return literal.n == 0 || each(ctx, literal, (struct str){NULL, 0}, 0, e);
        size_t close = str_find(text, '}', open);
        struct str ref = str_sub(text, open + 2, close - open - 2);
        if (close == text.n || !is_reference(ref))
            return bad_reference(text, open, close == text.n ? STR("${") : ref, at, e);
        before += (uint32_t)utf8_count(literal);
        if (!each(ctx, literal, ref, before + 1, e))
            return false;
        from = close + 1;
        before += (uint32_t)utf8_count(ref) + 3; /* ${} */
    }
}

/* ---- defaults ---- */

struct seen {
    bool dynamic, minus;
    bool operand; /* the token before ends an operand */
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* A minus makes a default an expression only where it stands between operands with a blank round it
 * or behind a digit that a name cannot hold: `3 - 1` but not `a-b`, `2020-01-01`, `-3`. */
static bool minus_between(struct str text, size_t at)
{
    return at > 0 && at + 1 < text.n && is_blank(text.p[at - 1]) && is_blank(text.p[at + 1]) &&
           str_trim(str_sub(text, 0, at)).n > 0 && str_trim(str_from(text, at + 1)).n > 0;
}

static bool dynamic_token(const struct token *t, const struct token *before, struct str text,
                          bool date_or_geo)
{
    switch ((int)t->kind) {
    case TOK_REF:
    case TOK_LAST_SAVED:
    case TOK_PLUS:
    case TOK_TIMES:
    case TOK_DIV:
    case TOK_MOD:
    case TOK_BAR:
    case TOK_OPEN_PREDICATE: return true;
    case TOK_OPEN: return before->kind == TOK_NAME;
    case TOK_MINUS: return !date_or_geo && minus_between(text, t->at);
    default: return false;
    }
}

bool expr_default_is_dynamic(struct str text, bool date_or_geo)
{
    struct lex l = {.text = text};
    struct token before = {.kind = TOK_END}, t;
    while (l.at < text.n) {
        struct err ignored = {0};
        if (!lex_next(&l, &t, &ignored)) {
            size_t n; /* no expression's character: a literal, unless ${…} comes later */
            utf8_at(text, l.at, &n);
            l.at += (uint32_t)n;
            l.operand = false;
            continue;
        }
        if (t.kind == TOK_END)
            break;
        if (dynamic_token(&t, &before, text, date_or_geo))
            return true;
        before = t;
    }
    return false;
}
