/* Syntax tree → instructions; see code.h. */
#include "forms/expr/code_i.h"

#include <math.h>

#include "forms/expr/func.h"
#include "forms/expr/lex.h"
#include "forms/expr/regex.h"

/* ---- pools ---- */

void *pool_add(struct coder *c, struct pool *p, size_t size)
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

uint32_t emit_here(const struct coder *c)
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

uint32_t emit_full(struct coder *c, enum op op, unsigned n, uint32_t count, uint32_t a)
{
    struct instr *in = pool_add(c, &c->code, sizeof *in);
    *in = (struct instr){(uint8_t)op, (uint8_t)n, (uint16_t)count, a};
    c->depth = c->depth - effect[op].pops - count + effect[op].pushes;
    if (c->depth > c->x->stack)
        c->x->stack = c->depth;
    return emit_here(c) - 1;
}

uint32_t emit(struct coder *c, enum op op, uint32_t a)
{
    return emit_full(c, op, 0, 0, a);
}

void emit_patch(struct coder *c, uint32_t at)
{
    ((struct instr *)c->code.v)[at].a = emit_here(c);
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

bool emit_block(struct coder *c, const struct ast *n, const struct frame *f, uint32_t *ret_start)
{
    uint32_t depth = c->depth;
    *ret_start = emit_here(c);
    if (!emit_expr(c, n, f, WANT_VALUE))
        return false;
    emit(c, OP_END, 0);
    c->depth = depth;
    return true;
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
        emit_patch(c, jumps[i]);
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
    emit_patch(c, unless);
    c->depth = depth;
    if (!emit_expr(c, n->args.v[2], f, want))
        return false;
    emit_patch(c, end);
    return true;
}

static bool emit_once(struct coder *c, const struct ast *n, const struct frame *f)
{
    uint32_t once = emit(c, OP_ONCE, 0);
    if (!emit_expr(c, n->args.v[0], f, WANT_VALUE))
        return false;
    emit_patch(c, once);
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
    *(struct regex **)pool_add(c, &c->regexes, sizeof(struct regex *)) = r;
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
        emit_patch(c, jumps[--n_jumps]);
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

bool emit_expr(struct coder *c, const struct ast *n, const struct frame *f, enum want want)
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
        if (l->v[i]->dead || !emit_is_key(c, l->v[i], f, &column, &value))
            continue;
        c->x->filter = true;
        c->x->filter_whole = l == &one;
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
    x->n_code = emit_here(&c);
    x->numbers = pool_keep(&c, &c.numbers, sizeof(double));
    x->strings = pool_keep(&c, &c.strings, sizeof(struct str));
    x->steps = pool_keep(&c, &c.steps, sizeof(struct vm_step));
    x->regexes = pool_keep(&c, &c.regexes, sizeof(struct regex *));
    return true;
}
