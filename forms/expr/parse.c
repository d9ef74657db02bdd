/* Tokens → syntax tree; see parse.h. Grammar, loosest first:
 *
 *   or; and; = !=; < <= > >=; + -; * div mod; unary -; |; path
 *   path    := [primary predicates] ['/' steps]      primary := number string ${x} call (expr)
 *   step    := [axis] test predicates | '.' | '..' */
#include "forms/expr/parse.h"

#include "forms/base/limits.h"
#include "forms/expr/lex.h"

struct parser {
    struct lex lex;
    struct token tok;  /* the one to be looked at */
    struct token next; /* and the one behind it */
    struct arena *a;
    struct err *e;
    uint32_t depth;
};

static bool expression(struct parser *p, struct ast **ret);

/* ---- tokens ---- */

static bool advance(struct parser *p)
{
    p->tok = p->next;
    if (p->tok.kind == TOK_END)
        return true;
    return lex_next(&p->lex, &p->next, p->e);
}

/* Past a name and its parenthesis. */
static bool advance_call(struct parser *p)
{
    return advance(p) && advance(p); /* NOLINT(misc-redundant-expression): two tokens */
}

static bool expected(struct parser *p, const char *what)
{
    char tmp[ERR_ARG_MAX];
    err_fail2(p->e, ERR_EXPR_EXPECTED, what, err_arg(tmp, lex_spelling(&p->lex, &p->tok)));
    lex_place(p->lex.pos, p->lex.text, p->tok.at, p->e);
    return false;
}

static bool expect(struct parser *p, enum token_kind kind, const char *what)
{
    if (p->tok.kind != kind)
        return expected(p, what);
    return advance(p);
}

/* ---- nodes ---- */

static struct ast *make(struct parser *p, enum ast_kind kind, uint32_t at)
{
    struct ast *n = ARENA_NEW(p->a, struct ast);
    n->kind = kind;
    n->at = at;
    return n;
}

static void *grown(struct arena *a, void *old, size_t n, size_t *cap, size_t size)
{
    if (n < *cap)
        return old;
    size_t want = *cap ? *cap * 2 : 2;
    void *v = arena_calloc(a, want, size);
    if (n)
        memcpy(v, old, n * size);
    *cap = want;
    return v;
}

static void push(struct arena *a, struct list *l, struct ast *n)
{
    l->v = grown(a, l->v, l->n, &l->cap, sizeof(struct ast *));
    l->v[l->n++] = n;
}

static struct step *push_step(struct parser *p, struct path *path)
{
    path->steps = grown(p->a, path->steps, path->n_steps, &path->cap_steps, sizeof *path->steps);
    struct step *s = &path->steps[path->n_steps++];
    s->at = p->tok.at;
    return s;
}

static bool deeper(struct parser *p)
{
    if (++p->depth <= LIMIT_EXPR_DEPTH)
        return true;
    char tmp[ERR_ARG_MAX];
    err_fail1(p->e, ERR_EXPR_DEPTH, err_num(tmp, LIMIT_EXPR_DEPTH));
    lex_place(p->lex.pos, p->lex.text, p->tok.at, p->e);
    return false;
}

/* ---- paths ---- */

static bool predicates(struct parser *p, struct list *l)
{
    while (p->tok.kind == TOK_OPEN_PREDICATE) {
        struct ast *n;
        if (!advance(p) || !deeper(p) || !expression(p, &n) ||
            !expect(p, TOK_CLOSE_PREDICATE, "\"]\""))
            return false;
        p->depth--;
        push(p->a, l, n);
    }
    return true;
}

static bool axis_named(struct str name, enum axis *ret)
{
    static const struct {
        const char *name;
        enum axis axis;
    } names[] = {
        {"child", AXIS_CHILD},
        {"parent", AXIS_PARENT},
        {"self", AXIS_SELF},
        {"descendant", AXIS_DESCENDANT},
        {"descendant-or-self", AXIS_DESCENDANT_OR_SELF},
        {"ancestor", AXIS_ANCESTOR},
        {"ancestor-or-self", AXIS_ANCESTOR_OR_SELF},
        {"following", AXIS_FOLLOWING},
        {"following-sibling", AXIS_FOLLOWING_SIBLING},
        {"preceding", AXIS_PRECEDING},
        {"preceding-sibling", AXIS_PRECEDING_SIBLING},
        {"attribute", AXIS_ATTRIBUTE},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (str_is(name, names[i].name)) {
            *ret = names[i].axis;
            return true;
        }
    }
    return false;
}

static bool node_type(const struct parser *p, enum test_kind *ret)
{
    if (p->tok.kind != TOK_NAME || p->next.kind != TOK_OPEN || p->tok.prefix.n)
        return false;
    static const struct {
        const char *name;
        enum test_kind kind;
    } types[] = {{"node", TEST_NODE},
                 {"text", TEST_TEXT},
                 {"comment", TEST_COMMENT},
                 {"processing-instruction", TEST_PI}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (str_is(p->tok.text, types[i].name)) {
            *ret = types[i].kind;
            return true;
        }
    }
    return false;
}

static bool node_test(struct parser *p, struct test *t)
{
    if (node_type(p, &t->kind)) {
        if (!advance_call(p))
            return false;
        if (t->kind == TEST_PI && p->tok.kind == TOK_STRING) {
            t->name = p->tok.text;
            if (!advance(p))
                return false;
        }
        return expect(p, TOK_CLOSE, "\")\"");
    }
    if (p->tok.kind != TOK_NAME || p->next.kind == TOK_OPEN)
        return expected(p, "a name");
    t->name = p->tok.text;
    t->prefix = p->tok.prefix;
    bool star = str_is(t->name, "*");
    t->kind = !star ? TEST_NAME : t->prefix.n ? TEST_ANY_IN : TEST_ANY_NAME;
    return advance(p);
}

static bool axis_step(struct parser *p, struct step *s)
{
    s->axis = AXIS_CHILD;
    if (p->tok.kind == TOK_AT) {
        s->axis = AXIS_ATTRIBUTE;
        if (!advance(p))
            return false;
    } else if (p->tok.kind == TOK_AXIS) {
        if (!axis_named(p->tok.text, &s->axis))
            return expected(p, str_is(p->tok.text, "namespace")
                                   ? "another axis, as this one is left out,"
                                   : "an axis such as child");
        if (!advance(p))
            return false;
    }
    return node_test(p, &s->test) && predicates(p, &s->preds);
}

static bool one_step(struct parser *p, struct path *path)
{
    struct step *s = push_step(p, path);
    if (p->tok.kind == TOK_DOT || p->tok.kind == TOK_DOT_DOT) {
        s->axis = p->tok.kind == TOK_DOT ? AXIS_SELF : AXIS_PARENT;
        s->test.kind = TEST_NODE;
        /* XPath has no predicates behind an abbreviation, ODK's engines take them */
        return advance(p) && predicates(p, &s->preds);
    }
    return axis_step(p, s);
}

/* The steps behind a slash or double slash that is the current token. */
static bool more_steps(struct parser *p, struct path *path)
{
    while (p->tok.kind == TOK_SLASH || p->tok.kind == TOK_SLASH_SLASH) {
        if (p->tok.kind == TOK_SLASH_SLASH) {
            struct step *s = push_step(p, path);
            s->axis = AXIS_DESCENDANT_OR_SELF;
            s->test.kind = TEST_NODE;
        }
        if (!advance(p) || !one_step(p, path))
            return false;
    }
    return true;
}

static bool begins_step(const struct parser *p)
{
    return p->tok.kind == TOK_NAME || p->tok.kind == TOK_AXIS || p->tok.kind == TOK_AT ||
           p->tok.kind == TOK_DOT || p->tok.kind == TOK_DOT_DOT;
}

static bool location_path(struct parser *p, struct ast **ret)
{
    struct ast *n = make(p, AST_PATH, p->tok.at);
    *ret = n;
    n->path.absolute = p->tok.kind == TOK_SLASH || p->tok.kind == TOK_SLASH_SLASH;
    if (p->tok.kind == TOK_SLASH) {
        if (!advance(p))
            return false;
        if (!begins_step(p))
            return true; /* the root alone */
        if (!one_step(p, &n->path))
            return false;
    } else if (p->tok.kind != TOK_SLASH_SLASH && !one_step(p, &n->path)) {
        return false;
    }
    return more_steps(p, &n->path);
}

/* ---- primary expressions ---- */

static bool call(struct parser *p, struct ast **ret)
{
    struct ast *n = make(p, AST_CALL, p->tok.at);
    n->text = p->tok.text;
    n->prefix = p->tok.prefix;
    if (!advance_call(p) || !deeper(p))
        return false;
    while (p->tok.kind != TOK_CLOSE) {
        struct ast *arg;
        if (!expression(p, &arg))
            return false;
        push(p->a, &n->args, arg);
        if (p->tok.kind == TOK_CLOSE)
            break;
        if (!expect(p, TOK_COMMA, "\",\" or \")\""))
            return false;
        if (p->tok.kind == TOK_CLOSE)
            return expected(p, "an argument");
    }
    p->depth--;
    *ret = n;
    return advance(p);
}

static bool parenthesis(struct parser *p, struct ast **ret)
{
    if (!advance(p) || !deeper(p) || !expression(p, ret) || !expect(p, TOK_CLOSE, "\")\""))
        return false;
    p->depth--;
    return true;
}

/* *ret stays NULL when no primary begins here: then it is a location path. */
static bool primary(struct parser *p, struct ast **ret)
{
    enum test_kind type;
    struct ast *n;
    *ret = NULL;
    if (p->tok.kind == TOK_OPEN)
        return parenthesis(p, ret);
    if (p->tok.kind == TOK_NAME && p->next.kind == TOK_OPEN && !str_is(p->tok.text, "*") &&
        !node_type(p, &type))
        return call(p, ret);
    if (p->tok.kind == TOK_NUMBER)
        n = make(p, AST_NUMBER, p->tok.at);
    else if (p->tok.kind == TOK_STRING)
        n = make(p, AST_STRING, p->tok.at);
    else if (p->tok.kind == TOK_REF)
        n = make(p, AST_REF, p->tok.at);
    else if (p->tok.kind == TOK_LAST_SAVED)
        n = make(p, AST_LAST_SAVED, p->tok.at);
    else
        return true;
    n->number = p->tok.number;
    n->text = p->tok.text;
    *ret = n;
    return advance(p);
}

static bool path(struct parser *p, struct ast **ret)
{
    struct ast *start;
    if (!primary(p, &start))
        return false;
    if (!start) {
        if (!begins_step(p) && p->tok.kind != TOK_SLASH && p->tok.kind != TOK_SLASH_SLASH)
            return expected(p, "a value");
        return location_path(p, ret);
    }
    if (p->tok.kind != TOK_OPEN_PREDICATE && p->tok.kind != TOK_SLASH &&
        p->tok.kind != TOK_SLASH_SLASH) {
        *ret = start;
        return true;
    }
    struct ast *n = make(p, AST_PATH, start->at);
    n->path.start = start;
    *ret = n;
    return predicates(p, &n->path.filter) && more_steps(p, &n->path);
}

/* ---- operators ---- */

enum { LEVEL_OR, LEVEL_AND, LEVEL_EQ, LEVEL_LESS, LEVEL_ADD, LEVEL_MUL, LEVEL_UNARY };

static bool operator_at(enum token_kind kind, int level, enum binary *ret)
{
    static const struct {
        enum token_kind kind;
        int level;
        enum binary op;
    } ops[] = {
        {TOK_OR, LEVEL_OR, BIN_OR},      {TOK_AND, LEVEL_AND, BIN_AND},
        {TOK_EQ, LEVEL_EQ, BIN_EQ},      {TOK_NE, LEVEL_EQ, BIN_NE},
        {TOK_LT, LEVEL_LESS, BIN_LT},    {TOK_LE, LEVEL_LESS, BIN_LE},
        {TOK_GT, LEVEL_LESS, BIN_GT},    {TOK_GE, LEVEL_LESS, BIN_GE},
        {TOK_PLUS, LEVEL_ADD, BIN_ADD},  {TOK_MINUS, LEVEL_ADD, BIN_SUB},
        {TOK_TIMES, LEVEL_MUL, BIN_MUL}, {TOK_DIV, LEVEL_MUL, BIN_DIV},
        {TOK_MOD, LEVEL_MUL, BIN_MOD},
    };
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++) {
        if (ops[i].kind == kind && ops[i].level == level) {
            *ret = ops[i].op;
            return true;
        }
    }
    return false;
}

static void join(struct parser *p, struct ast **left, enum binary op, struct ast *right,
                 bool extend)
{
    struct ast *n = *left;
    if (!extend) {
        n = make(p, AST_CHAIN, (*left)->at);
        push(p->a, &n->args, *left);
        *left = n;
    }
    n->ops = grown(p->a, n->ops, n->args.n - 1, &n->cap_ops, sizeof *n->ops);
    n->ops[n->args.n - 1] = op;
    push(p->a, &n->args, right);
}

static bool unions(struct parser *p, struct ast **ret)
{
    if (!path(p, ret))
        return false;
    for (bool extend = false; p->tok.kind == TOK_BAR; extend = true) {
        struct ast *right;
        if (!advance(p) || !path(p, &right))
            return false;
        join(p, ret, BIN_UNION, right, extend);
    }
    return true;
}

static bool unary(struct parser *p, struct ast **ret)
{
    uint32_t at = p->tok.at;
    bool minus = false, odd = false;
    for (; p->tok.kind == TOK_MINUS; odd = !odd) {
        minus = true;
        if (!advance(p))
            return false;
    }
    if (!unions(p, ret))
        return false;
    for (int times = minus ? (odd ? 1 : 2) : 0; times > 0; times--) { /* twice: it is a number */
        struct ast *n = make(p, AST_NEGATE, at);
        push(p->a, &n->args, *ret);
        *ret = n;
    }
    return true;
}

static bool level(struct parser *p, int lvl, struct ast **ret)
{
    if (lvl == LEVEL_UNARY)
        return unary(p, ret);
    if (!level(p, lvl + 1, ret))
        return false;
    enum binary op;
    for (bool extend = false; operator_at(p->tok.kind, lvl, &op); extend = true) {
        struct ast *right;
        if (!advance(p) || !level(p, lvl + 1, &right))
            return false;
        join(p, ret, op, right, extend);
    }
    return true;
}

static bool expression(struct parser *p, struct ast **ret)
{
    return level(p, LEVEL_OR, ret);
}

bool parse_expr(struct ast **ret, struct str text, const struct pos *pos, struct arena *a,
                struct err *e)
{
    struct parser p = {.lex = {.text = text, .pos = pos}, .a = a, .e = e};
    if (text.n > LIMIT_EXPR_BYTES) {
        char tmp[ERR_ARG_MAX];
        err_fail1(e, ERR_EXPR_LONG, err_num(tmp, (int64_t)LIMIT_EXPR_BYTES));
        lex_place(pos, text, 0, e);
        return false;
    }
    struct ast *n;
    if (!lex_next(&p.lex, &p.next, e) || !advance(&p) || !expression(&p, &n))
        return false;
    if (p.tok.kind != TOK_END)
        return expected(&p, "an operator or the end");
    *ret = n;
    return true;
}
