/* What names mean; see check.h. */
#include "forms/expr/check_i.h"

#include <stdlib.h>

#include "forms/expr/func.h"
#include "forms/expr/lex.h"

/* ---- the tree of definitions ---- */

bool scope_has_form(const struct scope *s)
{
    return s->ops != NULL;
}

bool def_is_within(const struct scope *s, uint32_t def, uint32_t above)
{
    return above != DEF_NONE && def != DEF_NONE && def >= above && def < s->ops->end(s->ctx, above);
}

uint32_t def_repeat(const struct scope *s, uint32_t def)
{
    while (def != DEF_NONE && !s->ops->is_repeat(s->ctx, def))
        def = s->ops->parent(s->ctx, def);
    return def;
}

bool def_shares_repeats(const struct scope *s, uint32_t def, uint32_t context)
{
    uint32_t r = def_repeat(s, def);
    return r == DEF_NONE ||
           def_is_within(s, context, r); /* the inner one shared: so are all above */
}

/* ---- what is read ---- */

void check_add_number(struct checker *c, struct numbers *set, uint32_t number)
{
    if (set->n && set->v[set->n - 1] == number)
        return;
    if (set->n == set->cap) {
        size_t cap = set->cap ? set->cap * 2 : 4;
        uint32_t *v = ARENA_ARRAY(c->tmp, uint32_t, cap);
        if (set->n)
            memcpy(v, set->v, set->n * sizeof *v);
        set->v = v;
        set->cap = cap;
    }
    set->v[set->n++] = number;
}

void check_read_def(struct checker *c, uint32_t def)
{
    if (c->once && def == c->scope->self && !c->wide)
        return;
    check_add_number(c, &c->out->deps, def);
    if (c->wide)
        check_add_number(c, &c->out->wide, def);
    if (!c->passing)
        check_add_number(c, &c->out->blanks, def);
}

/* A whole subtree: too many to name one by one are everything. */
static void read_subtree(struct checker *c, uint32_t def)
{
    uint32_t end = c->scope->ops->end(c->scope->ctx, def);
    if (end - def > 256) {
        c->out->flags |= EXPR_READS_ALL;
        return;
    }
    for (uint32_t d = def; d < end; d++)
        check_read_def(c, d);
}

/* The repeats that decide how many nodes of def there are, seen from the form's own node. */
void check_read_repeats(struct checker *c, uint32_t def, bool shared_too)
{
    const struct scope *s = c->scope;
    for (uint32_t r = def_repeat(s, def); r != DEF_NONE;
         r = def_repeat(s, s->ops->parent(s->ctx, r)))
        if (shared_too || !def_is_within(s, s->self, r))
            check_read_def(c, r);
}

static void read_where(struct checker *c, struct where w, enum use use, bool predicates)
{
    switch (w.kind) {
    case PLACE_DEF:
        check_read_repeats(c, w.def, predicates);
        check_read_def(c, w.def);
        if (use == USE_VALUE && c->scope->ops->end(c->scope->ctx, w.def) > w.def + 1)
            read_subtree(c, w.def); /* the text of a group is that of all in it */
        break;
    case PLACE_WITHIN:
        check_read_repeats(c, w.def, predicates);
        read_subtree(c, w.def);
        break;
    case PLACE_ROOT:
    case PLACE_ANY: c->out->flags |= EXPR_READS_ALL; break;
    case PLACE_FOREIGN: c->reads_context = true; break;
    case PLACE_NOWHERE: break;
    }
}

/* ---- faults ---- */

bool check_place(struct checker *c, uint32_t at)
{
    lex_place(c->pos, c->text, at, c->e);
    return false;
}

bool check_fail(struct checker *c, uint32_t at, const struct err_kind *kind, struct str arg)
{
    char tmp[ERR_ARG_MAX];
    err_set(c->e, kind, (const char *const[ERR_ARGS]){err_arg(tmp, arg)}, 0);
    return check_place(c, at);
}

/* ---- constants ---- */

static int chain_truth(const struct ast *n)
{
    bool either = n->ops[0] == BIN_OR;
    if (n->ops[0] != BIN_OR && n->ops[0] != BIN_AND)
        return -1;
    for (uint32_t i = 0; i < n->args.n; i++) {
        int t = ast_truth(n->args.v[i]);
        if (t < 0 || t == either)
            return t;
    }
    return !either;
}

int ast_truth(const struct ast *n)
{
    if (n->kind == AST_NUMBER)
        return n->number != 0;
    if (n->kind == AST_STRING)
        return n->text.n > 0;
    if (n->kind == AST_CALL && n->args.n == 0 && n->prefix.n == 0)
        return str_is(n->text, "true") ? 1 : str_is(n->text, "false") ? 0 : -1;
    return n->kind == AST_CHAIN ? chain_truth(n) : -1;
}

bool ast_is_dot(const struct ast *n)
{
    return n->kind == AST_PATH && !n->path.start && !n->path.absolute && n->path.n_steps == 1 &&
           n->path.steps[0].axis == AXIS_SELF && n->path.steps[0].test.kind == TEST_NODE &&
           n->path.steps[0].preds.n == 0;
}

/* ---- paths ---- */

static struct where nowhere(void)
{
    return (struct where){PLACE_NOWHERE, DEF_NONE};
}

static struct where at_def(uint32_t def)
{
    return def == DEF_NONE ? nowhere() : (struct where){PLACE_DEF, def};
}

static struct where step_child(struct checker *c, struct where from, const struct test *t)
{
    const struct scope *s = c->scope;
    if (t->kind == TEST_TEXT || t->kind == TEST_COMMENT || t->kind == TEST_PI)
        return nowhere(); /* an instance has elements alone */
    if (from.kind == PLACE_WITHIN)
        return from;
    if (from.kind == PLACE_ROOT) {
        bool root = t->kind != TEST_NAME || str_eq(t->name, s->ops->name(s->ctx, 0));
        return root ? at_def(0) : nowhere();
    }
    if (t->kind == TEST_NAME)
        return at_def(s->ops->child(s->ctx, from.def, t->name));
    return (struct where){PLACE_WITHIN, from.def};
}

static struct where step_below(struct where from, const struct test *t)
{
    if (t->kind == TEST_TEXT || t->kind == TEST_COMMENT || t->kind == TEST_PI)
        return nowhere();
    if (from.kind == PLACE_ROOT)
        return (struct where){PLACE_WITHIN, 0};
    return (struct where){PLACE_WITHIN, from.def};
}

static struct where step_self(struct checker *c, struct where from, const struct test *t)
{
    if (t->kind == TEST_NODE || t->kind == TEST_ANY_NAME || from.kind != PLACE_DEF)
        return from;
    bool same =
        t->kind == TEST_NAME && str_eq(t->name, c->scope->ops->name(c->scope->ctx, from.def));
    return same ? from : nowhere();
}

static struct where step_parent(struct checker *c, struct where from, const struct test *t)
{
    if (from.kind == PLACE_ROOT)
        return nowhere();
    if (from.kind != PLACE_DEF)
        return (struct where){PLACE_ANY, DEF_NONE};
    uint32_t up = c->scope->ops->parent(c->scope->ctx, from.def);
    struct where w = {PLACE_ROOT, DEF_NONE};
    return up == DEF_NONE ? (t->kind == TEST_NODE ? w : nowhere()) : step_self(c, at_def(up), t);
}

static struct where step_where(struct checker *c, struct where from, const struct step *s)
{
    if (from.kind == PLACE_FOREIGN || from.kind == PLACE_NOWHERE || from.kind == PLACE_ANY)
        return from;
    switch (s->axis) {
    case AXIS_CHILD: return step_child(c, from, &s->test);
    case AXIS_SELF: return step_self(c, from, &s->test);
    case AXIS_PARENT: return step_parent(c, from, &s->test);
    case AXIS_DESCENDANT:
    case AXIS_DESCENDANT_OR_SELF: return step_below(from, &s->test);
    case AXIS_ATTRIBUTE: return (struct where){PLACE_FOREIGN, DEF_NONE};
    case AXIS_ANCESTOR:
    case AXIS_ANCESTOR_OR_SELF:
    case AXIS_FOLLOWING:
    case AXIS_FOLLOWING_SIBLING:
    case AXIS_PRECEDING:
    case AXIS_PRECEDING_SIBLING: break;
    }
    return (struct where){PLACE_ANY, DEF_NONE};
}

static bool check_prefix(struct checker *c, const struct step *s, struct test *t)
{
    if (t->prefix.n == 0)
        return true;
    if (str_is(t->prefix, "xml")) {
        t->uri = STR("http://www.w3.org/XML/1998/namespace");
        t->has_uri = true;
        return true;
    }
    if (!c->scope->ns)
        return true;
    struct str uri;
    if (!c->scope->ns(c->scope->ctx, t->prefix, &uri))
        return check_fail(c, s->at, &ERR_EXPR_PREFIX, t->prefix);
    t->uri = arena_str(c->form, uri);
    t->has_uri = true;
    return true;
}

static bool check_preds(struct checker *c, struct list *l, struct where context)
{
    struct frame f = {context, false};
    bool passing = c->passing;
    c->passing = false;
    for (uint32_t i = 0; i < l->n; i++)
        if (!check_one(c, l->v[i], &f, USE_VALUE))
            return false;
    c->passing = passing;
    return true;
}

/* ---- how far a reference looks ---- */

/* The context is a node of the form that is not the expression's own: inside a predicate, or the filter of
 * a select whose choices are instances. */
static bool in_other_node(const struct checker *c, const struct frame *f)
{
    return f->context.kind == PLACE_DEF && f->context.def != c->scope->self;
}

static bool is_current(const struct ast *n)
{
    return n && n->kind == AST_CALL && n->func && strcmp(n->func->name, "current") == 0;
}

/* A path of own steps that climbs out of a repeat and into it again means all its instances. */
static bool comes_back(const struct checker *c, const struct path *p, uint32_t def)
{
    const struct scope *s = c->scope;
    uint32_t low = p->from.def;
    for (uint32_t i = 0; i < p->n_steps; i++) {
        if (p->steps[i].to.kind == PLACE_ROOT)
            low = 0;
        else if (def_is_within(s, low, p->steps[i].to.def))
            low = p->steps[i].to.def;
    }
    for (uint32_t r = def_repeat(s, def); r != DEF_NONE;
         r = def_repeat(s, s->ops->parent(s->ctx, r)))
        if (def_is_within(s, p->from.def, r) && !def_is_within(s, low, r))
            return true;
    return false;
}

/* False only for a path that plainly stays in the own instance of every repeat it shares with the form's
 * own node: recalculation looks no further for its readers then. */
static bool path_is_wide(const struct checker *c, const struct ast *n, const struct frame *f,
                         bool predicates)
{
    const struct path *p = &n->path;
    const struct scope *s = c->scope;
    if (predicates || c->indexed || n->where.kind != PLACE_DEF)
        return true;
    for (uint32_t i = 0; i < p->n_steps; i++)
        if (p->steps[i].to.kind != PLACE_DEF && p->steps[i].to.kind != PLACE_ROOT)
            return true;
    if (p->start)
        return !is_current(p->start) || s->self == DEF_NONE || comes_back(c, p, n->where.def);
    if (in_other_node(c, f))
        return true;
    if (p->absolute)
        return s->ops->is_repeat(s->ctx, n->where.def) && def_is_within(s, s->self, n->where.def);
    return comes_back(c, p, n->where.def);
}

static void read_path(struct checker *c, const struct ast *n, const struct frame *f, enum use use,
                      bool predicates)
{
    bool passing = c->passing;
    c->wide = scope_has_form(c->scope) && path_is_wide(c, n, f, predicates);
    c->passing = passing && !predicates;
    read_where(c, n->where, use, predicates);
    c->wide = false;
    c->passing = passing;
}

static bool is_nodes(const struct ast *n)
{
    switch (n->kind) {
    case AST_REF:
    case AST_PATH: return true;
    case AST_CALL: return n->func->result == RESULT_NODES || n->func->result == RESULT_VALUE;
    case AST_CHAIN: return n->ops[0] == BIN_UNION;
    case AST_NUMBER:
    case AST_STRING:
    case AST_LAST_SAVED:
    case AST_NEGATE: break;
    }
    return false;
}

bool check_need_nodes(struct checker *c, const struct ast *n, const char *who)
{
    return n->dead || is_nodes(n) || check_fail(c, n->at, &ERR_EXPR_NODES, str_of(who));
}

static bool path_start(struct checker *c, struct ast *n, const struct frame *f)
{
    struct path *p = &n->path;
    if (!p->start) {
        p->from = f->context;
        if (p->absolute)
            p->from = (struct where){scope_has_form(c->scope) ? PLACE_ROOT : PLACE_ANY, DEF_NONE};
        return true;
    }
    /* with steps to come, the start is only walked through */
    enum use use = p->n_steps ? USE_STRUCTURE : USE_VALUE;
    if (!check_one(c, p->start, f, use) || !check_need_nodes(c, p->start, "A path or predicate"))
        return false;
    p->from = p->start->where;
    return check_preds(c, &p->filter, p->from);
}

static bool check_path(struct checker *c, struct ast *n, const struct frame *f, enum use use)
{
    struct path *p = &n->path;
    if (!path_start(c, n, f))
        return false;
    bool predicates = p->filter.n > 0;
    struct where w = p->from;
    for (uint32_t i = 0; i < p->n_steps; i++) {
        struct step *s = &p->steps[i];
        if (!check_prefix(c, s, &s->test))
            return false;
        if (scope_has_form(c->scope))
            w = step_where(c, w, s);
        if (w.kind == PLACE_NOWHERE && !(c->out->flags & EXPR_NO_SUCH_NODE)) {
            c->out->flags |= EXPR_NO_SUCH_NODE;
            c->out->missing_at = s->at;
        }
        s->to = w;
        predicates = predicates || s->preds.n;
        if (!check_preds(c, &s->preds, w))
            return false;
    }
    n->where = w;
    if (f->top && ast_is_dot(n)) {
        c->out->flags |= EXPR_READS_SELF;
        c->reads_context = c->reads_context || c->scope->in_item;
        return true;
    }
    read_path(c, n, f, use, predicates);
    return true;
}

static bool check_ref(struct checker *c, struct ast *n, const struct frame *f, enum use use)
{
    const struct scope *s = c->scope;
    if (!scope_has_form(s))
        return check_fail(c, n->at, &ERR_EXPR_NO_FORM, n->text);
    if (!s->ops->ref(s->ctx, n->text, &n->slot, c->e))
        return check_place(c, n->at);
    n->where = at_def(n->slot);
    c->wide = c->indexed || in_other_node(c, f);
    read_where(c, n->where, use, false);
    c->wide = false;
    return true;
}

static bool check_last_saved(struct checker *c, struct ast *n)
{
    const struct scope *s = c->scope;
    uint32_t def;
    if (!scope_has_form(s))
        return check_fail(c, n->at, &ERR_EXPR_NO_FORM, n->text);
    c->reads_context = true;
    return s->ops->ref(s->ctx, n->text, &def, c->e) || check_place(c, n->at);
}

static bool check_chain(struct checker *c, struct ast *n, const struct frame *f)
{
    bool logic = n->ops[0] == BIN_OR || n->ops[0] == BIN_AND;
    bool decided = false;
    for (uint32_t i = 0; i < n->args.n; i++) {
        struct ast *arg = n->args.v[i];
        arg->dead = decided;
        if (!check_one(c, arg, f, USE_VALUE))
            return false;
        if (n->ops[0] == BIN_UNION && !check_need_nodes(c, arg, "\"|\""))
            return false;
        decided = decided || (logic && ast_truth(arg) == (n->ops[0] == BIN_OR));
    }
    n->where = n->args.v[0]->where;
    for (uint32_t i = 1; i < n->args.n; i++)
        if (n->args.v[i]->where.kind != n->where.kind || n->args.v[i]->where.def != n->where.def)
            n->where = (struct where){PLACE_ANY, DEF_NONE};
    return true;
}

bool check_one(struct checker *c, struct ast *n, const struct frame *f, enum use use)
{
    if (n->dead)
        return true;
    switch (n->kind) {
    case AST_NUMBER:
    case AST_STRING: return true;
    case AST_REF: return check_ref(c, n, f, use);
    case AST_LAST_SAVED: return check_last_saved(c, n);
    case AST_NEGATE: return check_one(c, n->args.v[0], f, USE_VALUE);
    case AST_CHAIN: return check_chain(c, n, f);
    case AST_CALL: return check_call(c, n, f);
    case AST_PATH: return check_path(c, n, f, use);
    }
    return true;
}

/* ---- the whole ---- */

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static void settle(struct numbers *set, struct arena *a)
{
    if (set->n == 0) {
        *set = (struct numbers){0};
        return;
    }
    qsort(set->v, set->n, sizeof *set->v, by_number);
    size_t n = 1;
    for (size_t i = 1; i < set->n; i++)
        if (set->v[i] != set->v[n - 1])
            set->v[n++] = set->v[i];
    set->n = n;
    uint32_t *v = ARENA_ARRAY(a, uint32_t, set->n);
    memcpy(v, set->v, set->n * sizeof *v);
    set->v = v;
}

static struct where top_context(const struct scope *s)
{
    if (!scope_has_form(s))
        return (struct where){PLACE_ANY, DEF_NONE};
    if (s->in_item)
        return s->item ? at_def(s->item) : (struct where){PLACE_FOREIGN, DEF_NONE};
    return s->self == DEF_NONE ? (struct where){PLACE_ANY, DEF_NONE} : at_def(s->self);
}

bool check_expr(struct ast *n, struct str text, const struct scope *scope, const struct pos *pos,
                struct arena *tmp, struct arena *form, struct checked *ret, struct err *e)
{
    *ret = (struct checked){0};
    struct checker c = {
        .scope = scope, .pos = pos, .text = text, .tmp = tmp, .form = form, .out = ret, .e = e};
    struct frame f = {top_context(scope), true};
    if (!check_one(&c, n, &f, USE_VALUE))
        return false;
    if (!scope_has_form(scope))
        ret->flags &= ~(uint32_t)EXPR_READS_ALL;
    bool reads = ret->flags & ~(uint32_t)EXPR_NO_SUCH_NODE || ret->deps.n || ret->instances.n ||
                 c.reads_context || !scope_has_form(scope);
    if (!reads)
        ret->flags |= EXPR_CONSTANT;
    settle(&ret->deps, form);
    settle(&ret->wide, form);
    settle(&ret->blanks, form);
    settle(&ret->instances, form);
    return true;
}
