/* The machine; see vm.h. */
#include "forms/expr/vm.h"

#include <math.h>

#include "forms/base/limits.h"
#include "forms/expr/convert.h"
#include "forms/expr/func.h"
#include "forms/expr/regex.h"

#define STACK_INLINE                                                                               \
    24 /* slots of an ordinary expression; a deeper one takes them from the arena */

/* A program pushes before it takes (code.c counts the slots), which an analyser cannot see. */
/* NOLINTBEGIN(clang-analyzer-core.*) */

/* The node stands in s->one already. */
static void set_one(struct slot *s, bool ref)
{
    s->v.kind = VAL_NODES;
    s->v.u.nodes.v = &s->one;
    s->v.u.nodes.n = s->one.tree != NULL;
    s->v.u.nodes.ref = ref;
}

void slot_set_node(struct slot *s, struct node n, bool ref)
{
    s->one = n;
    set_one(s, ref);
}

void slot_set(struct slot *s, const struct value *v)
{
    if (v->kind == VAL_NODES && v->u.nodes.n == 1)
        slot_set_node(s, v->u.nodes.v[0], v->u.nodes.ref);
    else
        s->v = *v;
}

static void set_number(struct slot *s, double x)
{
    s->v.kind = VAL_NUMBER;
    s->v.u.number = x;
}

static void set_boolean(struct slot *s, bool b)
{
    s->v.kind = VAL_BOOLEAN;
    s->v.u.boolean = b;
}

static void set_string(struct slot *s, struct str text)
{
    s->v = (struct value){VAL_STRING, {.string = text}};
}

bool vm_spend(struct vm *m, uint64_t steps)
{
    if (m->ev->steps_left >= steps) {
        m->ev->steps_left -= steps;
        return true;
    }
    m->ev->steps_left = 0;
    return m->e->kind ? false : err_fail1(m->e, ERR_EXPR_RUN, "it takes too many steps");
}

static struct node base_node(const struct vm *m, unsigned base)
{
    if (base == BASE_CONTEXT)
        return m->self;
    struct node n = m->ev->current;
    return base == BASE_ROOT && n.tree ? n.tree->ops->root(n) : n;
}

/* ---- instructions that are more than a line ---- */

static void op_ref(struct vm *m, const struct instr *in, struct slot *sp)
{
    struct node from = base_node(m, in->n);
    if (from.tree && from.tree->ops->ref)
        sp->one =
            from.tree->ops->ref(from, in->a); /* in place: this is what most programs do most */
    else
        sp->one = NODE_NONE;
    set_one(sp, !m->x->plain);
}

static bool op_refs(struct vm *m, struct node from, uint32_t def, struct slot *sp)
{
    struct nodes set = {0};
    if (from.tree && from.tree->ops->refs)
        from.tree->ops->refs(from, def, m->ev->scratch, &set);
    set.ref = false;
    slot_set(sp, &(struct value){VAL_NODES, {.nodes = set}});
    return vm_spend(m, set.n);
}

static void op_context(struct vm *m, struct slot *sp)
{
    if (m->top && m->ev->has_dot)
        sp->v = m->ev->dot;
    else
        slot_set_node(sp, m->self, m->top && !m->x->plain);
}

static void op_root(struct vm *m, struct slot *sp)
{
    struct node n = m->ev->current; /* from the row of a list, too, / is the form's own tree */
    slot_set_node(sp, n.tree ? n.tree->ops->root(n) : NODE_NONE, false);
}

static void op_instance(struct vm *m, uint32_t number, struct slot *sp)
{
    const struct eval_ops *ops = m->ev->ops;
    slot_set_node(sp, ops && ops->instance ? ops->instance(m->ev->ctx, number) : NODE_NONE, false);
}

static void op_last_saved(struct vm *m, struct str name, struct slot *sp)
{
    const struct eval_ops *ops = m->ev->ops;
    struct str s;
    if (!ops || !ops->last_saved || !ops->last_saved(m->ev->ctx, name, m->ev->scratch, &s))
        s = STR("");
    set_string(sp, s);
}

static bool need_nodes(struct vm *m, const struct slot *s)
{
    if (s->v.kind == VAL_NODES)
        return true;
    return err_fail1(m->e, ERR_EXPR_RUN, "a value stands where nodes are needed");
}

static bool op_step(struct vm *m, const struct vm_step *s, struct slot *top)
{
    struct nodes in, out;
    if (!need_nodes(m, top))
        return false;
    struct node one = top->one; /* predicates run above, the set may live in this slot */
    in = top->v.u.nodes;
    if (in.n == 1) {
        one = in.v[0];
        in.v = &one;
    }
    if (!walk_step(m, s, &in, top + 1, &out))
        return false;
    out.ref = false;
    slot_set(top, &(struct value){VAL_NODES, {.nodes = out}});
    return true;
}

static bool op_filter(struct vm *m, const struct vm_step *s, struct slot *top)
{
    struct nodes out;
    if (!need_nodes(m, top) || !walk_filter(m, s, &top->v.u.nodes, top + 1, &out))
        return false;
    out.ref = false;
    slot_set(top, &(struct value){VAL_NODES, {.nodes = out}});
    return true;
}

static bool op_union(struct vm *m, struct slot *a, const struct slot *b)
{
    if (!need_nodes(m, a) || !need_nodes(m, b))
        return false;
    struct node_list l = {0};
    for (size_t i = 0; i < a->v.u.nodes.n; i++)
        node_list_add(&l, a->v.u.nodes.v[i], m->ev->scratch);
    for (size_t i = 0; i < b->v.u.nodes.n; i++)
        node_list_add(&l, b->v.u.nodes.v[i], m->ev->scratch);
    struct nodes set = {.v = l.v, .n = l.n};
    nodes_sort(&set);
    slot_set(a, &(struct value){VAL_NODES, {.nodes = set}});
    return vm_spend(m, l.n);
}

static bool op_once(struct vm *m, struct slot *sp)
{
    struct str own = m->self.tree ? node_string(m->self, m->ev) : STR("");
    set_string(sp, own);
    return own.n > 0;
}

static bool op_call(struct vm *m, const struct instr *in, struct slot *args)
{
    struct value ret;
    if (!vm_spend(m, 8) || !funcs[in->a].impl(m, args, in->count, &ret))
        return false;
    slot_set(args, &ret);
    return true;
}

static bool op_regex(struct vm *m, const struct regex *r, struct slot *top)
{
    bool match;
    if (!regex_match(r, value_string(&top->v, m->ev), &match, m->e))
        return false;
    set_boolean(top, match);
    return true;
}

/* Those that make or change sets and may run out of steps. */
static bool op_set(struct vm *m, const struct instr *in, struct slot **sp)
{
    struct slot *top = *sp - 1;
    switch ((int)in->op) {
    case OP_REFS: return op_refs(m, base_node(m, in->n), in->a, (*sp)++);
    case OP_DOWN: return op_refs(m, top->v.u.nodes.n ? top->v.u.nodes.v[0] : NODE_NONE, in->a, top);
    case OP_STEP: return op_step(m, &m->x->steps[in->a], top);
    case OP_FILTER: return op_filter(m, &m->x->steps[in->a], top);
    default: (*sp)--; return op_union(m, top - 1, top);
    }
}

/* ---- the loop ---- */

bool vm_run(struct vm *m, uint32_t pc, struct slot *base)
{
    const struct expr *x = m->x;
    struct slot *sp = base; /* the next free slot */
    for (;;) {
        const struct instr *in = &x->code[pc++];
        if (m->ev->steps_left == 0)
            return vm_spend(m, 1);
        m->ev->steps_left--;
        switch ((enum op)in->op) {
        case OP_END: return true;
        case OP_NUMBER: set_number(sp++, x->numbers[in->a]); break;
        case OP_STRING: set_string(sp++, x->strings[in->a]); break;
        case OP_TRUE: set_boolean(sp++, true); break;
        case OP_FALSE: set_boolean(sp++, false); break;
        case OP_REF: op_ref(m, in, sp++); break;
        case OP_REFS:
        case OP_DOWN:
        case OP_STEP:
        case OP_FILTER:
        case OP_UNION:
            if (!op_set(m, in, &sp))
                return false;
            break;
        case OP_CONTEXT: op_context(m, sp++); break;
        case OP_CURRENT: slot_set_node(sp++, m->ev->current, !x->plain); break;
        case OP_ROOT: op_root(m, sp++); break;
        case OP_EMPTY: slot_set_node(sp++, NODE_NONE, false); break;
        case OP_INSTANCE: op_instance(m, in->a, sp++); break;
        case OP_LAST_SAVED: op_last_saved(m, x->strings[in->a], sp++); break;
        case OP_ADD:
        case OP_SUB:
        case OP_MUL:
        case OP_DIV:
        case OP_MOD:
            sp--;
            set_number(sp - 1, value_arith((enum op)in->op, &sp[-1].v, &sp->v, m->ev));
            break;
        case OP_NEG: set_number(sp - 1, -value_number(&sp[-1].v, m->ev)); break;
        case OP_EQ:
        case OP_NE:
        case OP_LT:
        case OP_LE:
        case OP_GT:
        case OP_GE:
            sp--;
            set_boolean(sp - 1, value_compare((enum op)in->op, &sp[-1].v, &sp->v, m->ev));
            break;
        case OP_BOOLEAN: set_boolean(sp - 1, value_boolean(&sp[-1].v, m->ev)); break;
        case OP_TEXT: set_string(sp - 1, value_string(&sp[-1].v, m->ev)); break;
        case OP_PLAIN:
            if (sp[-1].v.kind == VAL_BOOLEAN)
                set_string(sp - 1, value_string(&sp[-1].v, m->ev));
            break;
        case OP_AND:
        case OP_OR: {
            bool b = value_boolean(&sp[-1].v, m->ev);
            if (b == (in->op == OP_OR)) {
                set_boolean(sp - 1, b);
                pc = in->a;
            } else {
                sp--;
            }
            break;
        }
        case OP_UNLESS:
            sp--;
            if (!value_boolean(&sp->v, m->ev))
                pc = in->a;
            break;
        case OP_JUMP: pc = in->a; break;
        case OP_FIRST:
            if (value_is_blank(&sp[-1].v, m->ev))
                sp--;
            else
                pc = in->a;
            break;
        case OP_ONCE:
            if (op_once(m, sp)) {
                sp++;
                pc = in->a;
            }
            break;
        case OP_REGEX:
            if (!op_regex(m, x->regexes[in->a], sp - 1))
                return false;
            break;
        case OP_CALL:
            sp -= in->count;
            if (!op_call(m, in, sp))
                return false;
            sp++;
            break;
        case OPS: return false;
        }
    }
}

static bool run_top(const struct expr *x, struct eval *ev, uint32_t pc, struct value *ret,
                    struct err *e)
{
    struct slot inline_slots[STACK_INLINE];
    struct slot *slots = inline_slots;
    if (x->stack > STACK_INLINE)
        slots = ARENA_ARRAY(ev->scratch, struct slot, x->stack);
    if (!ev->current.tree)
        ev->current = ev->self;
    ev->plain_xpath = x->plain;
    struct vm m = {x, ev, ev->self, ev->position, ev->size, true, e};
    if (!vm_run(&m, pc, slots))
        return false;
    *ret = slots[0].v;
    if (ret->kind == VAL_NODES && ret->u.nodes.n == 1) { /* out of our stack */
        struct node *n = ARENA_NEW(ev->scratch, struct node);
        *n = ret->u.nodes.v[0];
        ret->u.nodes.v = n;
    }
    return true;
}

bool expr_eval(const struct expr *x, struct eval *ev, struct value *ret, struct err *e)
{
    return run_top(x, ev, 0, ret, e);
}

bool expr_filter_key(const struct expr *x, struct eval *ev, bool *ret_found, struct filter_key *ret,
                     struct err *e)
{
    struct value v;
    *ret_found = false;
    if (!x->filter)
        return true;
    if (!run_top(x, ev, x->filter_start, &v, e))
        return false;
    if (v.kind != VAL_STRING && v.kind != VAL_NUMBER &&
        (v.kind != VAL_NODES || v.u.nodes.n > 1 || !(v.u.nodes.n || v.u.nodes.ref)))
        return true;
    *ret_found = true;
    *ret = (struct filter_key){x->filter_column, v, x->filter_whole};
    if (v.kind == VAL_NODES)
        ret->value = (struct value){VAL_STRING, {.string = value_string(&v, ev)}};
    return true;
}

/* NOLINTEND(clang-analyzer-core.*) */
