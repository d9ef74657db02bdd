/* References, paths and predicates → instructions; see code.h. */
#include "forms/expr/code_i.h"

#include <math.h>

#include "forms/expr/func.h"

/* ---- references ---- */

static uint32_t shared_repeats(const struct scope *s, uint32_t def, uint32_t context)
{
    uint32_t n = 0;
    for (uint32_t r = def_repeat(s, def); r != DEF_NONE;
         r = def_repeat(s, s->ops->parent(s->ctx, r)))
        n += def_is_within(s, context, r);
    return n;
}

/* Inside a predicate on a repeat, a reference into that repeat means the instance looked at, unless
 * the form's own node is in there too. */
static enum base ref_base(const struct coder *c, uint32_t def, const struct frame *f,
                          uint32_t *ret_against)
{
    const struct scope *s = c->scope;
    *ret_against = s->self;
    if (f->context.kind != PLACE_DEF ||
        shared_repeats(s, def, f->context.def) <= shared_repeats(s, def, s->self))
        return BASE_CURRENT;
    *ret_against = f->context.def;
    return BASE_CONTEXT;
}

static void emit_seen_from(struct coder *c, uint32_t def, enum base base, uint32_t against)
{
    bool one = def_shares_repeats(c->scope, def, against);
    emit_full(c, one ? OP_REF : OP_REFS, base, 0, def);
}

void emit_ref(struct coder *c, uint32_t def, const struct frame *f)
{
    uint32_t against;
    if (c->from_root) {
        emit_full(c, OP_REFS, BASE_ROOT, 0, def);
        return;
    }
    enum base base = ref_base(c, def, f, &against);
    emit_seen_from(c, def, base, against);
}

/* ---- predicates and steps ---- */

static bool is_column(const struct ast *n, struct str *ret_name)
{
    if (n->kind != AST_PATH || n->path.start || n->path.absolute || n->path.n_steps != 1)
        return false;
    const struct step *s = &n->path.steps[0];
    if (s->axis != AXIS_CHILD || s->test.kind != TEST_NAME || s->test.prefix.n || s->preds.n)
        return false;
    *ret_name = s->test.name;
    return true;
}

static bool independent(const struct coder *c, const struct ast *n, const struct frame *inner);

static bool all_independent(const struct coder *c, const struct list *l, const struct frame *inner)
{
    for (uint32_t i = 0; i < l->n; i++)
        if (!l->v[i]->dead && !independent(c, l->v[i], inner))
            return false;
    return true;
}

static bool independent_path(const struct coder *c, const struct ast *n, const struct frame *inner)
{
    uint32_t against;
    if (n->path.start)
        return independent(c, n->path.start, inner);
    if (!n->path.absolute)
        return false;
    return n->where.kind != PLACE_DEF || ref_base(c, n->where.def, inner, &against) == BASE_CURRENT;
}

/* Whether it means the same outside a predicate as within, whose context is `inner`. */
static bool independent(const struct coder *c, const struct ast *n, const struct frame *inner)
{
    uint32_t against;
    switch (n->kind) {
    case AST_NUMBER:
    case AST_STRING:
    case AST_LAST_SAVED: return true;
    case AST_REF: return ref_base(c, n->slot, inner, &against) == BASE_CURRENT;
    case AST_PATH: return independent_path(c, n, inner);
    case AST_CHAIN:
    case AST_NEGATE: return all_independent(c, &n->args, inner);
    case AST_CALL: break;
    }
    static const char *const contextual[] = {"position",       "last", "once",
                                             "jr:choice-name", "lang", "id"};
    for (size_t i = 0; i < sizeof contextual / sizeof *contextual; i++)
        if (strcmp(n->func->name, contextual[i]) == 0)
            return false;
    if ((n->func->flags & FUNC_CONTEXT) && n->args.n == 0)
        return false;
    return !(n->func->flags & FUNC_RANDOM) && all_independent(c, &n->args, inner);
}

/* `column = value` either way round. */
bool emit_is_key(const struct coder *c, const struct ast *n, const struct frame *inner,
                 struct str *ret_column, const struct ast **ret_value)
{
    if (n->kind != AST_CHAIN || n->args.n != 2 || n->ops[0] != BIN_EQ)
        return false;
    for (int side = 0; side < 2; side++) {
        const struct ast *value = n->args.v[!side];
        if (is_column(n->args.v[side], ret_column) && independent(c, value, inner)) {
            *ret_value = value;
            return true;
        }
    }
    return false;
}

static bool emit_preds(struct coder *c, struct vm_step *s, const struct list *l,
                       const struct frame *inner)
{
    struct pred *preds = l->n ? ARENA_ARRAY(c->form, struct pred, l->n) : NULL;
    for (uint32_t i = 0; i < l->n; i++) {
        const struct ast *n = l->v[i];
        bool constant = n->kind == AST_NUMBER && n->number >= 1 && n->number < UINT32_MAX &&
                        n->number == floor(n->number);
        if (constant)
            preds[i].position = (uint32_t)n->number;
        else if (!emit_block(c, n, inner, &preds[i].start))
            return false;
    }
    s->preds = preds;
    s->n_preds = l->n;
    return true;
}

static bool emit_lookup(struct coder *c, struct vm_step *s, const struct list *l,
                        const struct frame *outer, const struct frame *inner)
{
    const struct ast *value;
    if (l->n == 0 || s->axis != AXIS_CHILD || s->test.kind != TEST_NAME || s->test.prefix.n ||
        !emit_is_key(c, l->v[0], inner, &s->key, &value))
        return true;
    s->lookup = true;
    s->key = arena_str(c->form, s->key);
    return emit_block(c, value, outer, &s->value_start);
}

/* Blocks stand before the step that runs them, jumped over. */
static bool emit_with_preds(struct coder *c, enum op op, struct vm_step *s, const struct list *l,
                            struct where to, const struct frame *outer)
{
    struct frame inner = {to, false};
    if (l->n) {
        uint32_t over = emit(c, OP_JUMP, 0);
        if (!emit_preds(c, s, l, &inner) || (op == OP_STEP && !emit_lookup(c, s, l, outer, &inner)))
            return false;
        emit_patch(c, over);
    }
    *(struct vm_step *)pool_add(c, &c->steps, sizeof *s) = *s;
    emit(c, op, (uint32_t)c->steps.n - 1);
    return true;
}

static struct test kept_test(struct coder *c, const struct test *t)
{
    struct test kept = *t;
    kept.name = arena_str(c->form, t->name);
    kept.prefix = arena_str(c->form, t->prefix);
    return kept;
}

static bool emit_steps(struct coder *c, const struct path *p, uint32_t i, const struct frame *f)
{
    for (; i < p->n_steps; i++) {
        const struct step *s = &p->steps[i];
        struct vm_step v = {.axis = s->axis};
        const struct step *next = i + 1 < p->n_steps ? s + 1 : NULL;
        if (s->axis == AXIS_DESCENDANT_OR_SELF && s->test.kind == TEST_NODE && !s->preds.n &&
            next && next->axis == AXIS_CHILD && !next->preds.n) { /* //x */
            s = next;
            v.axis = AXIS_DESCENDANT;
            i++;
        }
        v.test = kept_test(c, &s->test);
        if (!emit_with_preds(c, OP_STEP, &v, &s->preds, s->to, f))
            return false;
    }
    return true;
}

/* ---- paths ---- */

/* How many of the first steps lead to one definition, without predicates. */
static uint32_t resolved(const struct path *p)
{
    uint32_t k = 0;
    for (uint32_t i = 0; i < p->n_steps; i++) {
        const struct step *s = &p->steps[i];
        if (s->preds.n || (s->to.kind != PLACE_DEF && s->to.kind != PLACE_ROOT))
            break;
        if (s->to.kind == PLACE_DEF)
            k = i + 1;
    }
    return k;
}

static bool leads_nowhere(const struct path *p)
{
    for (uint32_t i = 0; i < p->n_steps; i++)
        if (p->steps[i].to.kind == PLACE_NOWHERE)
            return true;
    return false;
}

/* The outermost definition that the first k steps climb to; DEF_NONE: above the root. */
static uint32_t climbs_to(const struct scope *s, const struct path *p, uint32_t k)
{
    uint32_t low = p->from.def;
    for (uint32_t i = 0; i < k; i++) {
        if (p->steps[i].to.kind == PLACE_ROOT)
            return DEF_NONE;
        if (low != DEF_NONE && def_is_within(s, low, p->steps[i].to.def))
            low = p->steps[i].to.def;
    }
    return low;
}

/* All nodes of def below the one of `above`, though the context may be inside one of them. */
static void emit_down(struct coder *c, uint32_t above, enum base base, uint32_t def)
{
    if (above == DEF_NONE)
        emit(c, OP_ROOT, 0);
    else
        emit_full(c, OP_REF, base, 0, above);
    emit(c, OP_DOWN, def);
}

static void emit_relative(struct coder *c, const struct path *p, uint32_t k, enum base base)
{
    const struct scope *s = c->scope;
    uint32_t def = p->steps[k - 1].to.def, low = climbs_to(s, p, k);
    for (uint32_t r = def_repeat(s, def); r != DEF_NONE;
         r = def_repeat(s, s->ops->parent(s->ctx, r))) {
        bool left = low == DEF_NONE || !def_is_within(s, low, r);
        if (left && def_is_within(s, p->from.def, r)) { /* out of the repeat and in again: all */
            emit_down(c, low, base, def);
            return;
        }
    }
    emit_seen_from(c, def, base, p->from.def);
}

static void emit_absolute(struct coder *c, const struct path *p, uint32_t k, const struct frame *f,
                          enum want want)
{
    const struct scope *s = c->scope;
    uint32_t def = p->steps[k - 1].to.def;
    if (k < p->n_steps) { /* predicates follow: plain XPath, from the root */
        emit_full(c, OP_REFS, BASE_ROOT, 0, def);
        return;
    }
    bool all = want == WANT_SET && !c->from_root && s->ops->is_repeat(s->ctx, def) &&
               def_is_within(s, s->self, def);
    if (all)
        emit_down(c, s->ops->parent(s->ctx, def), BASE_CURRENT, def);
    else
        emit_ref(c, def, f);
}

static bool is_current(const struct ast *n)
{
    return n->kind == AST_CALL && strcmp(n->func->name, "current") == 0;
}

static bool emit_start(struct coder *c, const struct ast *n, const struct frame *f)
{
    const struct path *p = &n->path;
    if (!emit_expr(c, p->start, f, p->n_steps || p->filter.n ? WANT_SET : WANT_VALUE))
        return false;
    if (!p->filter.n)
        return true;
    struct vm_step v = {.axis = AXIS_SELF};
    return emit_with_preds(c, OP_FILTER, &v, &p->filter, p->from, f);
}

bool emit_path(struct coder *c, const struct ast *n, const struct frame *f, enum want want)
{
    const struct path *p = &n->path;
    bool form = scope_has_form(c->scope);
    if (form && leads_nowhere(p)) {
        emit(c, OP_EMPTY, 0);
        return true;
    }
    uint32_t k = form ? resolved(p) : 0;
    bool current = p->start && is_current(p->start) && !p->filter.n && p->from.kind == PLACE_DEF;
    if (p->start && p->start->kind == AST_REF && !p->filter.n && k == p->n_steps && k) {
        emit_ref(c, n->where.def, f);
        return true;
    }
    if (ast_is_dot(n)) {
        emit(c, OP_CONTEXT, 0);
        return true;
    }
    if (p->start && !current) {
        if (!emit_start(c, n, f))
            return false;
        k = 0;
    } else if (k && p->absolute) {
        emit_absolute(c, p, k, f, want);
    } else if (k && p->from.kind == PLACE_DEF) {
        emit_relative(c, p, k, current ? BASE_CURRENT : BASE_CONTEXT);
    } else {
        k = 0;
        emit(c, p->absolute ? OP_ROOT : current ? OP_CURRENT : OP_CONTEXT, 0);
    }
    return emit_steps(c, p, k, f);
}
