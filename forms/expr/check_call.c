/* Calls: which function, how many arguments, what it reads; see check.h. */
#include "forms/expr/check_i.h"

#include <stdio.h>

#include "forms/expr/func.h"

static bool check_arity(struct checker *c, const struct ast *n)
{
    const struct func *f = n->func;
    uint32_t have = n->args.n;
    bool fits = have >= f->least && have <= f->most && !((f->flags & FUNC_EVEN) && have % 2) &&
                !((f->flags & FUNC_ODD) && have % 2 == 0);
    if (fits)
        return true;
    char takes[64], has[32];
    const char *kind = f->flags & FUNC_EVEN  ? "an even number of "
                       : f->flags & FUNC_ODD ? "an odd number of "
                                             : "";
    if (f->most == FUNC_ANY)
        snprintf(takes, sizeof takes, "%sat least %u arguments", kind, (unsigned)f->least);
    else if (f->least == f->most)
        snprintf(takes, sizeof takes, "%u argument%s", (unsigned)f->least,
                 f->least == 1 ? "" : "s");
    else
        snprintf(takes, sizeof takes, "%s%u to %u arguments", kind, (unsigned)f->least,
                 (unsigned)f->most);
    snprintf(has, sizeof has, "%u", (unsigned)have);
    err_fail3(c->e, ERR_EXPR_ARITY, f->name, takes, has);
    return check_place(c, n->at);
}

static bool add_instance(struct checker *c, const struct ast *n, struct str id, uint32_t *ret)
{
    const struct scope *s = c->scope;
    if (!s->ops->instance(s->ctx, id, ret))
        return check_fail(c, n->at, &ERR_EXPR_INSTANCE, id);
    check_add_number(c, &c->out->instances, *ret);
    return true;
}

static bool check_instance(struct checker *c, struct ast *n)
{
    n->where = (struct where){PLACE_FOREIGN, DEF_NONE};
    n->slot = DEF_NONE;
    struct ast *id = n->args.v[0];
    if (!scope_has_form(c->scope) || id->kind != AST_STRING)
        return true;
    return add_instance(c, id, id->text, &n->slot);
}

static bool check_pulldata(struct checker *c, struct ast *n)
{
    struct ast *id = n->args.v[0];
    uint32_t number;
    if (!scope_has_form(c->scope) || id->kind != AST_STRING)
        return true;
    if (str_ends(id->text, STR(".csv")))
        id->text.n -= 4;
    return add_instance(c, id, id->text, &number);
}

uint32_t check_named(const struct scope *s, struct str text)
{
    text = str_trim(text);
    uint32_t def = DEF_NONE;
    struct err ignored = {0};
    if (!scope_has_form(s))
        return DEF_NONE;
    if (str_starts(text, STR("${")) && str_ends(text, STR("}"))) {
        struct str name = str_sub(text, 2, text.n - 3);
        return s->ops->ref(s->ctx, name, &def, &ignored) ? def : DEF_NONE;
    }
    if (!str_starts(text, STR("/")))
        return DEF_NONE;
    text = str_from(text, 1);
    struct str part;
    if (!str_split(&text, '/', &part) || !str_eq(part, s->ops->name(s->ctx, 0)))
        return DEF_NONE;
    for (def = 0; def != DEF_NONE && str_split(&text, '/', &part);)
        def = s->ops->child(s->ctx, def, part);
    return def;
}

/* jr:choice-name(…, '${q}'): the text holds a reference; it becomes the question's path. */
static bool check_choice_name(struct checker *c, struct ast *n)
{
    const struct scope *s = c->scope;
    struct ast *q = n->args.v[1];
    if (!scope_has_form(s))
        return true;
    c->reads_context = true;
    if (q->kind != AST_STRING) {
        c->out->flags |= EXPR_READS_ALL;
        return true;
    }
    struct str text = str_trim(q->text);
    uint32_t def = check_named(s, text);
    if (def == DEF_NONE) {
        if (!str_starts(text, STR("${")))
            return true;
        struct str name = str_sub(text, 2, text.n > 2 ? text.n - 3 : 0);
        return s->ops->ref(s->ctx, name, &def, c->e) || check_place(c, q->at);
    }
    check_read_def(c, def);
    struct buf b;
    buf_init(&b, 4096);
    uint32_t chain[64], depth = 0;
    for (uint32_t d = def; d != DEF_NONE && depth < 64; d = s->ops->parent(s->ctx, d))
        chain[depth++] = d;
    while (depth > 0) {
        buf_add_c(&b, '/');
        buf_add_str(&b, s->ops->name(s->ctx, chain[--depth]));
    }
    q->text = arena_str(c->form, buf_str(&b));
    buf_done(&b);
    return true;
}

static void call_flags(struct checker *c, const struct ast *n, const struct frame *f)
{
    static const struct {
        unsigned func;
        uint32_t expr;
    } map[] = {{FUNC_CLOCK, EXPR_READS_CLOCK},
               {FUNC_RANDOM, EXPR_READS_RANDOM},
               {FUNC_LANGUAGE, EXPR_READS_LANGUAGE}};
    unsigned flags = n->func->flags;
    for (size_t i = 0; i < sizeof map / sizeof *map; i++)
        if (flags & map[i].func)
            c->out->flags |= map[i].expr;
    if (flags & FUNC_DEVICE)
        c->reads_context = true;
    if ((flags & FUNC_CONTEXT) && n->args.n == 0 && f->top)
        c->out->flags |= EXPR_READS_SELF;
    if (str_is(n->text, "randomize") && n->args.n == 1)
        c->out->flags |= EXPR_READS_RANDOM;
}

static bool check_position(struct checker *c, struct ast *n)
{
    if (n->args.n == 0) {
        c->reads_context = true;
        return true;
    }
    if (!check_need_nodes(c, n->args.v[0], n->func->name))
        return false;
    c->out->flags |= EXPR_READS_POSITION;
    struct where w = n->args.v[0]->where;
    if (w.kind == PLACE_DEF) {
        uint32_t r = def_repeat(c->scope, w.def);
        if (r != DEF_NONE)
            check_read_def(c, r);
    }
    return true;
}

static bool check_special(struct checker *c, struct ast *n)
{
    const char *name = n->func->name;
    if (strcmp(name, "instance") == 0)
        return check_instance(c, n);
    if (strcmp(name, "pulldata") == 0)
        return check_pulldata(c, n);
    if (strcmp(name, "jr:choice-name") == 0)
        return check_choice_name(c, n);
    if (strcmp(name, "position") == 0)
        return check_position(c, n);
    if (strcmp(name, "once") == 0)
        c->out->flags |= EXPR_READS_SELF;
    if (strcmp(name, "current") == 0) {
        c->reads_context = true;
        if (scope_has_form(c->scope) && c->scope->self != DEF_NONE)
            n->where = (struct where){PLACE_DEF, c->scope->self};
    }
    if (strcmp(name, "randomize") == 0 || strcmp(name, "indexed-repeat") == 0)
        n->where = n->args.v[0]->where;
    return true;
}

static bool check_indexed_repeat(struct checker *c, const struct ast *n)
{
    for (uint32_t i = 0; i < n->args.n; i += i == 0 ? 1 : 2) {
        if (!check_need_nodes(c, n->args.v[i], n->func->name))
            return false;
        c->wide = true;
        if (n->args.v[i]->where.kind == PLACE_DEF)
            check_read_repeats(c, n->args.v[i]->where.def, true);
        c->wide = false;
    }
    return true;
}

static bool is_reference(const struct ast *n)
{
    return n->kind == AST_REF || n->kind == AST_PATH;
}

static bool check_argument(struct checker *c, struct ast *n, uint32_t i, const struct frame *f)
{
    struct ast *arg = n->args.v[i];
    bool indexed = strcmp(n->func->name, "indexed-repeat") == 0;
    bool structure = (n->func->flags & FUNC_STRUCTURE) || (indexed && i % 2 == 1);
    bool was_passing = c->passing, was_indexed = c->indexed, was_once = c->once;
    c->passing = n->func->flags & FUNC_BLANKS && is_reference(arg);
    c->indexed = c->indexed || (indexed && (i == 0 || i % 2 == 1));
    c->once = c->once || strcmp(n->func->name, "once") == 0;
    bool ok = check_one(c, arg, f, structure ? USE_STRUCTURE : USE_VALUE);
    c->passing = was_passing;
    c->indexed = was_indexed;
    c->once = was_once;
    return ok;
}

bool check_call(struct checker *c, struct ast *n, const struct frame *f)
{
    n->func = func_find(n->prefix, n->text);
    if (!n->func) {
        struct str whole =
            n->prefix.n ? (struct str){n->prefix.p, n->prefix.n + 1 + n->text.n} : n->text;
        return check_fail(c, n->at, &ERR_EXPR_FUNCTION, whole);
    }
    if (!check_arity(c, n))
        return false;
    n->where = (struct where){PLACE_ANY, DEF_NONE};
    bool is_if = strcmp(n->func->name, "if") == 0;
    int truth = is_if ? ast_truth(n->args.v[0]) : -1;
    if (truth >= 0)
        n->args.v[truth ? 2 : 1]->dead = true;
    call_flags(c, n, f);
    for (uint32_t i = 0; i < n->args.n; i++)
        if (!check_argument(c, n, i, f))
            return false;
    bool indexed = strcmp(n->func->name, "indexed-repeat") == 0;
    if ((n->func->flags & FUNC_SET) && n->args.n &&
        !check_need_nodes(c, n->args.v[0], n->func->name))
        return false;
    if (indexed && !check_indexed_repeat(c, n))
        return false;
    return check_special(c, n);
}
