/* Syntax tree → instructions; see code.h. */
#include "forms/expr/code.h"

#include <math.h>

#include "forms/expr/func.h"
#include "forms/expr/lex.h"
#include "forms/expr/regex.h"

struct pool {
    void *v;
    size_t n, cap;
};

struct frame {
    struct where context;
    bool top;
};

/* How a value is going to be used, where that allows shorter code. */
enum want { WANT_VALUE, WANT_NUMBER, WANT_SET };

struct coder {
    struct expr *x;
    const struct scope *scope;
    const struct pos *pos;
    struct arena *tmp, *form;
    struct pool code, numbers, strings, steps, regexes;
    uint32_t depth; /* slots in use at this point */
    bool from_root; /* inside indexed-repeat(): every reference means all its nodes */
    struct err *e;
};

static bool emit_expr(struct coder *c, const struct ast *n, const struct frame *f, enum want want);

/* ---- pools ---- */

static void *pool_add(struct coder *c, struct pool *p, size_t size)
{
    if (p->n == p->cap) {
        size_t cap = p->cap ? p->cap * 2 : 8;
        void *v = arena_calloc(c->tmp, cap, size);
        if (p->n)
            memcpy(v, p->v, p->n * size);
        p->v = v;
        p->cap = cap;
    }
    return (char *)p->v + p->n++ * size;
}

static const void *pool_keep(struct coder *c, const struct pool *p, size_t size)
{
    if (p->n == 0)
        return NULL;
    void *v = arena_calloc(c->form, p->n, size);
    memcpy(v, p->v, p->n * size);
    return v;
}

static uint32_t here(const struct coder *c)
{
    return (uint32_t)c->code.n;
}

static const struct {
    uint8_t pops, pushes;
} effect[] = {
#define OP(name, pops, pushes, doc) {pops, pushes},
#include "forms/expr/ops.def"
#undef OP
};

/* Returns where it stands, for a jump to be patched. */
static uint32_t emit_full(struct coder *c, enum op op, unsigned n, uint32_t count, uint32_t a)
{
    struct instr *in = pool_add(c, &c->code, sizeof *in);
    *in = (struct instr){(uint8_t)op, (uint8_t)n, (uint16_t)count, a};
    c->depth = c->depth - effect[op].pops - count + effect[op].pushes;
    if (c->depth > c->x->stack)
        c->x->stack = c->depth;
    return here(c) - 1;
}

static uint32_t emit(struct coder *c, enum op op, uint32_t a)
{
    return emit_full(c, op, 0, 0, a);
}

static void patch(struct coder *c, uint32_t at)
{
    ((struct instr *)c->code.v)[at].a = here(c);
}

static void emit_number(struct coder *c, double x)
{
    *(double *)pool_add(c, &c->numbers, sizeof x) = x;
    emit(c, OP_NUMBER, (uint32_t)c->numbers.n - 1);
}

static uint32_t keep_string(struct coder *c, struct str s)
{
    *(struct str *)pool_add(c, &c->strings, sizeof s) = arena_str(c->form, s);
    return (uint32_t)c->strings.n - 1;
}

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

static void emit_ref(struct coder *c, uint32_t def, const struct frame *f)
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
static bool is_key(const struct coder *c, const struct ast *n, const struct frame *inner,
                   struct str *ret_column, const struct ast **ret_value)
{
    if (n->kind != AST_CHAIN || n->args.n != 2 || n->ops[0] != BIN_EQ)
        return false;
    for (int side = 0; side < 2; side++) {
        const struct ast *value = n->args.v[!side];
        if (is_column(n->args.v[side], ret_column) && value->kind != AST_NUMBER &&
            independent(c, value, inner)) {
            *ret_value = value;
            return true;
        }
    }
    return false;
}

static bool emit_block(struct coder *c, const struct ast *n, const struct frame *f,
                       uint32_t *ret_start)
{
    uint32_t depth = c->depth;
    *ret_start = here(c);
    if (!emit_expr(c, n, f, WANT_VALUE))
        return false;
    emit(c, OP_END, 0);
    c->depth = depth;
    return true;
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
        !is_key(c, l->v[0], inner, &s->key, &value))
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
        patch(c, over);
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

static bool emit_path(struct coder *c, const struct ast *n, const struct frame *f, enum want want)
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

/* ---- calls ---- */

static bool emit_args(struct coder *c, const struct ast *n, const struct frame *f)
{
    bool indexed = strcmp(n->func->name, "indexed-repeat") == 0;
    bool set = (n->func->flags & FUNC_SET) || n->func->most == FUNC_ANY;
    for (uint32_t i = 0; i < n->args.n; i++) {
        bool before = c->from_root;
        if (indexed)
            c->from_root = i == 0 || i % 2 == 1;
        bool ok = emit_expr(c, n->args.v[i], f, set ? WANT_SET : WANT_VALUE);
        c->from_root = before;
        if (!ok)
            return false;
    }
    return true;
}

static bool emit_coalesce(struct coder *c, const struct ast *n, const struct frame *f,
                          enum want want)
{
    uint32_t *jumps = ARENA_ARRAY(c->tmp, uint32_t, n->args.n);
    for (uint32_t i = 0; i < n->args.n; i++) {
        if (!emit_expr(c, n->args.v[i], f, want))
            return false;
        if (i + 1 < n->args.n)
            jumps[i] = emit(c, OP_FIRST, 0);
    }
    for (uint32_t i = 0; i + 1 < n->args.n; i++)
        patch(c, jumps[i]);
    emit(c, want == WANT_NUMBER ? OP_PLAIN : OP_TEXT, 0);
    return true;
}

static bool emit_if(struct coder *c, const struct ast *n, const struct frame *f, enum want want)
{
    int truth = ast_truth(n->args.v[0]);
    if (truth >= 0)
        return emit_expr(c, n->args.v[truth ? 1 : 2], f, want);
    if (!emit_expr(c, n->args.v[0], f, WANT_VALUE))
        return false;
    uint32_t unless = emit(c, OP_UNLESS, 0), depth = c->depth;
    if (!emit_expr(c, n->args.v[1], f, want))
        return false;
    uint32_t end = emit(c, OP_JUMP, 0);
    patch(c, unless);
    c->depth = depth;
    if (!emit_expr(c, n->args.v[2], f, want))
        return false;
    patch(c, end);
    return true;
}

static bool emit_once(struct coder *c, const struct ast *n, const struct frame *f)
{
    uint32_t once = emit(c, OP_ONCE, 0);
    if (!emit_expr(c, n->args.v[0], f, WANT_VALUE))
        return false;
    emit(c, OP_TEXT, 0);
    patch(c, once);
    return true;
}

static bool emit_form(struct coder *c, const struct ast *n, const struct frame *f, enum want want)
{
    const char *name = n->func->name;
    if (strcmp(name, "if") == 0)
        return emit_if(c, n, f, want);
    if (strcmp(name, "coalesce") == 0)
        return emit_coalesce(c, n, f, want);
    if (strcmp(name, "once") == 0)
        return emit_once(c, n, f);
    if (strcmp(name, "boolean") == 0) {
        if (!emit_expr(c, n->args.v[0], f, WANT_VALUE))
            return false;
        emit(c, OP_BOOLEAN, 0);
        return true;
    }
    emit(c,
         strcmp(name, "true") == 0    ? OP_TRUE
         : strcmp(name, "false") == 0 ? OP_FALSE
                                      : OP_CURRENT,
         0);
    return true;
}

static bool emit_regex(struct coder *c, const struct ast *n, const struct frame *f)
{
    const struct ast *pattern = n->args.v[1];
    struct regex *r;
    if (!regex_compile(&r, pattern->text, c->form, c->e)) {
        lex_place(c->pos, c->x->text, pattern->at, c->e);
        return false;
    }
    if (!emit_expr(c, n->args.v[0], f, WANT_VALUE))
        return false;
    *(struct regex **)pool_add(c, &c->regexes, sizeof r) = r;
    emit(c, OP_REGEX, (uint32_t)c->regexes.n - 1);
    return true;
}

static bool emit_call(struct coder *c, const struct ast *n, const struct frame *f, enum want want)
{
    if (!n->func->impl)
        return emit_form(c, n, f, want);
    if (strcmp(n->func->name, "instance") == 0 && n->slot != DEF_NONE) {
        emit(c, OP_INSTANCE, n->slot);
        return true;
    }
    if (strcmp(n->func->name, "regex") == 0 && n->args.v[1]->kind == AST_STRING)
        return emit_regex(c, n, f);
    if (!emit_args(c, n, f))
        return false;
    emit_full(c, OP_CALL, 0, n->args.n, (uint32_t)(n->func - funcs));
    return true;
}

/* ---- operators ---- */

/* ORDER: enum binary */
static const enum op binary_op[] = {OP_OR, OP_AND, OP_EQ,  OP_NE,  OP_LT,  OP_LE,  OP_GT,
                                    OP_GE, OP_ADD, OP_SUB, OP_MUL, OP_DIV, OP_MOD, OP_UNION};

static bool emit_logic(struct coder *c, const struct ast *n, const struct frame *f)
{
    uint32_t *jumps = ARENA_ARRAY(c->tmp, uint32_t, n->args.n), n_jumps = 0;
    for (uint32_t i = 0; i < n->args.n && !n->args.v[i]->dead; i++) {
        if (i)
            jumps[n_jumps++] = emit(c, binary_op[n->ops[0]], 0);
        if (!emit_expr(c, n->args.v[i], f, WANT_VALUE))
            return false;
    }
    emit(c, OP_BOOLEAN, 0);
    while (n_jumps)
        patch(c, jumps[--n_jumps]);
    return true;
}

static bool emit_chain(struct coder *c, const struct ast *n, const struct frame *f)
{
    if (n->ops[0] == BIN_OR || n->ops[0] == BIN_AND)
        return emit_logic(c, n, f);
    enum want want = n->ops[0] == BIN_UNION ? WANT_SET
                     : n->ops[0] >= BIN_ADD ? WANT_NUMBER
                                            : WANT_VALUE;
    if (!emit_expr(c, n->args.v[0], f, want))
        return false;
    for (uint32_t i = 1; i < n->args.n; i++) {
        if (!emit_expr(c, n->args.v[i], f, want))
            return false;
        emit(c, binary_op[n->ops[i - 1]], 0);
    }
    return true;
}

static bool emit_expr(struct coder *c, const struct ast *n, const struct frame *f, enum want want)
{
    switch (n->kind) {
    case AST_NUMBER: emit_number(c, n->number); return true;
    case AST_STRING: emit(c, OP_STRING, keep_string(c, n->text)); return true;
    case AST_LAST_SAVED: emit(c, OP_LAST_SAVED, keep_string(c, n->text)); return true;
    case AST_REF: emit_ref(c, n->slot, f); return true;
    case AST_PATH: return emit_path(c, n, f, want);
    case AST_CALL: return emit_call(c, n, f, want);
    case AST_CHAIN: return emit_chain(c, n, f);
    case AST_NEGATE:
        if (!emit_expr(c, n->args.v[0], f, WANT_NUMBER))
            return false;
        emit(c, OP_NEG, 0);
        return true;
    }
    return true;
}

/* A choice filter one of whose conditions is column = value. */
static bool emit_filter_key(struct coder *c, const struct ast *n, const struct frame *f)
{
    struct list one = {(struct ast *[]){(struct ast *)n}, 1, 1};
    const struct list *l = &one;
    if (n->kind == AST_CHAIN && n->ops[0] == BIN_AND)
        l = &n->args;
    for (uint32_t i = 0; i < l->n; i++) {
        struct str column;
        const struct ast *value;
        if (l->v[i]->dead || !is_key(c, l->v[i], f, &column, &value))
            continue;
        c->x->filter = true;
        c->x->filter_column = arena_str(c->form, column);
        return emit_block(c, value, f, &c->x->filter_start);
    }
    return true;
}

bool code_expr(struct expr *x, const struct ast *n, const struct scope *scope,
               const struct pos *pos, struct arena *tmp, struct arena *form, struct err *e)
{
    struct coder c = {.x = x, .scope = scope, .pos = pos, .tmp = tmp, .form = form, .e = e};
    struct frame f = {{PLACE_ANY, DEF_NONE}, true};
    if (scope_has_form(scope) && scope->in_item)
        f.context = scope->item ? (struct where){PLACE_DEF, scope->item}
                                : (struct where){PLACE_FOREIGN, DEF_NONE};
    else if (scope_has_form(scope) && scope->self != DEF_NONE)
        f.context = (struct where){PLACE_DEF, scope->self};
    if (!emit_expr(&c, n, &f, WANT_VALUE))
        return false;
    emit(&c, OP_END, 0);
    c.depth = 0;
    if (scope_has_form(scope) && scope->in_item && !emit_filter_key(&c, n, &f))
        return false;
    x->stack++; /* predicates may run above the topmost value */
    x->code = pool_keep(&c, &c.code, sizeof(struct instr));
    x->n_code = here(&c);
    x->numbers = pool_keep(&c, &c.numbers, sizeof(double));
    x->strings = pool_keep(&c, &c.strings, sizeof(struct str));
    x->steps = pool_keep(&c, &c.steps, sizeof(struct vm_step));
    x->regexes = pool_keep(&c, &c.regexes, sizeof(struct regex *));
    return true;
}
