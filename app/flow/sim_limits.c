/* A constraint's syntax tree to spans; see sim_limits.h. */
#include "app/flow/sim_limits.h"

#include <math.h>

#include "forms/base/num.h"
#include "forms/expr/parse.h"

/* ---- spans ---- */

static const struct spans everything = {{{-INFINITY, INFINITY}}, 1};

bool spans_hold(const struct spans *s, double x)
{
    for (uint32_t i = 0; i < s->n; i++)
        if (x >= s->v[i].lo && x <= s->v[i].hi)
            return true;
    return false;
}

static struct spans span_of(double lo, double hi)
{
    return (struct spans){{{lo, hi}}, lo <= hi};
}

static struct spans common(const struct spans *a, const struct spans *b)
{
    struct spans r = {.n = 0};
    for (uint32_t i = 0; i < a->n; i++)
        for (uint32_t k = 0; k < b->n; k++) {
            double lo = fmax(a->v[i].lo, b->v[k].lo), hi = fmin(a->v[i].hi, b->v[k].hi);
            if (lo > hi)
                continue;
            if (r.n == SPANS_MAX)
                return *a; /* too fine for us: larger is allowed */
            r.v[r.n++] = (struct span){lo, hi};
        }
    return r;
}

/* Puts one span among those there; the ones it touches become one with it. */
static bool insert(struct spans *s, struct span x)
{
    uint32_t i = 0, k;
    while (i < s->n && s->v[i].hi < x.lo)
        i++;
    for (k = i; k < s->n && s->v[k].lo <= x.hi; k++)
        x = (struct span){fmin(x.lo, s->v[k].lo), fmax(x.hi, s->v[k].hi)};
    if (k == i && s->n == SPANS_MAX)
        return false;
    memmove(&s->v[i + 1], &s->v[k], (s->n - k) * sizeof *s->v);
    s->v[i] = x;
    s->n = s->n - (k - i) + 1;
    return true;
}

static struct spans either(const struct spans *a, const struct spans *b)
{
    struct spans r = *a;
    for (uint32_t i = 0; i < b->n; i++)
        if (!insert(&r, b->v[i]))
            return everything;
    return r;
}

/* ---- the tree ---- */

struct reader {
    bool length; /* of string-length(.), not of . */
    double step;
    struct str pattern;
};

static bool is_dot(const struct ast *n)
{
    const struct path *p = &n->path;
    return n->kind == AST_PATH && !p->start && !p->absolute && p->n_steps == 1 &&
           p->steps[0].axis == AXIS_SELF && p->steps[0].test.kind == TEST_NODE &&
           p->steps[0].preds.n == 0;
}

static bool is_call(const struct ast *n, const char *name, uint32_t args)
{
    return n->kind == AST_CALL && n->prefix.n == 0 && str_is(n->text, name) && n->args.n == args;
}

static bool is_subject(const struct reader *r, const struct ast *n)
{
    if (!r->length)
        return is_dot(n);
    return is_call(n, "string-length", 0) ||
           (is_call(n, "string-length", 1) && is_dot(n->args.v[0]));
}

static bool constant(const struct ast *n, double *ret)
{
    if (n->kind == AST_NEGATE && n->args.n == 1 && constant(n->args.v[0], ret)) {
        *ret = -*ret;
        return true;
    }
    *ret = n->number;
    return n->kind == AST_NUMBER || (n->kind == AST_STRING && num_parse(n->text, 0, ret));
}

/* subject OP x */
static struct spans compared(enum binary op, double x, double step)
{
    struct spans below, above;
    switch ((int)op) {
    case BIN_EQ: return span_of(x, x);
    case BIN_LE: return span_of(-INFINITY, x);
    case BIN_GE: return span_of(x, INFINITY);
    case BIN_LT: return span_of(-INFINITY, x - step);
    case BIN_GT: return span_of(x + step, INFINITY);
    case BIN_NE:
        below = span_of(-INFINITY, x - step);
        above = span_of(x + step, INFINITY);
        return either(&below, &above);
    default: return everything;
    }
}

static enum binary mirrored(enum binary op)
{
    switch ((int)op) {
    case BIN_LT: return BIN_GT;
    case BIN_LE: return BIN_GE;
    case BIN_GT: return BIN_LT;
    case BIN_GE: return BIN_LE;
    default: return op;
    }
}

static struct spans spans_of(struct reader *r, const struct ast *n);

static struct spans chain(struct reader *r, const struct ast *n)
{
    double x;
    if (n->args.n == 2 && is_subject(r, n->args.v[0]) && constant(n->args.v[1], &x))
        return compared(n->ops[0], x, r->step);
    if (n->args.n == 2 && is_subject(r, n->args.v[1]) && constant(n->args.v[0], &x))
        return compared(mirrored(n->ops[0]), x, r->step);
    if (n->ops[0] != BIN_AND && n->ops[0] != BIN_OR)
        return everything;
    struct spans all = spans_of(r, n->args.v[0]);
    for (uint32_t i = 1; i < n->args.n; i++) {
        struct spans one = spans_of(r, n->args.v[i]);
        all = n->ops[0] == BIN_AND ? common(&all, &one) : either(&all, &one);
    }
    return all;
}

static struct spans spans_of(struct reader *r, const struct ast *n)
{
    if (n->kind == AST_CHAIN && n->args.n >= 2)
        return chain(r, n);
    if (is_call(n, "if", 3)) {
        struct spans yes = spans_of(r, n->args.v[1]), no = spans_of(r, n->args.v[2]);
        return either(&yes, &no);
    }
    if (is_call(n, "regex", 2) && is_dot(n->args.v[0]) && n->args.v[1]->kind == AST_STRING)
        r->pattern = n->args.v[1]->text;
    return everything;
}

void sim_limits_read(struct str constraint, double step, struct arena *a, struct sim_limits *ret)
{
    struct err e = {0};
    struct pos pos = {0};
    struct arena tmp;
    struct ast *n;
    *ret = (struct sim_limits){.value = everything, .length = span_of(0, INFINITY)};
    arena_init(&tmp);
    if (constraint.n && parse_expr(&n, constraint, &pos, &tmp, &e)) {
        struct reader values = {.step = step}, lengths = {.length = true, .step = 1};
        const struct spans lengths_all = ret->length;
        ret->value = spans_of(&values, n);
        struct spans lengths_said = spans_of(&lengths, n);
        ret->length = common(&lengths_said, &lengths_all);
        ret->pattern = arena_str(a, values.pattern);
    }
    arena_done(&tmp);
}
