/* A reference from outside a repeat into it means all its instances. Where one value is wanted the first
 * instance's is taken: legal, and hardly ever meant. */
#include "forms/model/build_i.h"

#include "forms/expr/parse.h"

/* All the text of a form's expressions that is looked at: more is no person's. */
#define MAX_BYTES ((size_t)4 << 20)

struct scalar {
    struct build *b;
    uint32_t at;
    uint32_t found; /* a definition, or DEF_NONE */
};

/* Functions that take sets, or that say which instance. */
static bool takes_sets(struct str name)
{
    static const char *const names[] = {"sum",
                                        "count",
                                        "count-non-empty",
                                        "min",
                                        "max",
                                        "join",
                                        "concat",
                                        "randomize",
                                        "indexed-repeat",
                                        "position",
                                        "boolean",
                                        "not",
                                        "checklist",
                                        "weighted-checklist",
                                        "once",
                                        "area",
                                        "distance",
                                        "true"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (str_is(name, names[i]))
            return true;
    return false;
}

static uint32_t repeated(const struct scalar *s, const struct ast *x)
{
    const struct form *f = s->b->f;
    const struct name_entry *e = names_get(&f->names->by_name, 0, x->text);
    if (x->kind != AST_REF || !e || names_get(&f->names->repeated, 0, x->text))
        return DEF_NONE;
    uint32_t repeat = f->nodes[e->value].repeat;
    if (repeat == DEF_NONE || f->nodes[e->value].type == TYPE_REPEAT)
        return DEF_NONE;
    return s->at >= repeat && s->at < f->nodes[repeat].end ? DEF_NONE : e->value;
}

/* The depth is the parser's, LIMIT_EXPR_DEPTH at most. */
static void walk(struct scalar *s, const struct ast *x, bool set)
{
    if (s->found != DEF_NONE)
        return;
    if (x->kind == AST_REF && !set)
        s->found = repeated(s, x);
    bool sets =
        x->kind == AST_CALL ? takes_sets(x->text) : x->kind == AST_CHAIN && x->ops[0] == BIN_UNION;
    if (x->kind == AST_CALL || x->kind == AST_CHAIN || x->kind == AST_NEGATE)
        for (uint32_t i = 0; i < x->args.n; i++)
            walk(s, x->args.v[i], sets || (x->kind == AST_CHAIN && set));
}

static void check(struct build *b, uint32_t def, const struct cond *c, size_t *bytes)
{
    if (!c->expr || c->row == 0 || expr_text(c->expr).n > *bytes)
        return;
    struct scalar s = {b, def, DEF_NONE};
    struct ast *x;
    struct pos pos = {.row = 0};
    struct err e = {0};
    struct arena_mark mark = arena_mark(&b->scratch);
    *bytes -= expr_text(c->expr).n;
    if (parse_expr(&x, expr_text(c->expr), &pos, &b->scratch, &e))
        walk(&s, x, false);
    arena_release(&b->scratch, mark);
    if (s.found != DEF_NONE)
        build_warn(b, ERR_REF_REPEATED, spot_at(&b->book->sheets[c->sheet], c->row, c->column),
                   b->nodes[s.found].name);
}

static bool reads_a_repeat(const struct build *b, const struct cond *c)
{
    const uint32_t *defs;
    size_t n = c->expr ? expr_deps(c->expr, &defs) : 0;
    for (size_t i = 0; i < n; i++)
        if (b->nodes[defs[i]].repeat != DEF_NONE)
            return true;
    return false;
}

void rule_scalar(struct build *b)
{
    size_t bytes = MAX_BYTES;
    for (uint32_t i = 1; i < b->f->n_nodes; i++) {
        const struct form_node *n = &b->nodes[i];
        const struct cond *const conds[] = {&n->relevant,      &n->required,       &n->readonly,
                                            &n->constraint,    &n->calculation,    &n->repeat_count,
                                            &n->choice_filter, &n->default_dynamic};
        for (size_t k = 0; k < sizeof conds / sizeof conds[0]; k++)
            if (reads_a_repeat(b, conds[k]))
                check(b, i, conds[k], &bytes);
    }
}
