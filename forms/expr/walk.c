/* Steps over any tree: the axes of XPath 1.0, node tests, predicates. */
#include <math.h>
#include <stdlib.h>

#include "forms/expr/convert.h"

/* Temporary values of predicates are given back after this many bytes. */
#define SCRATCH_SLACK ((size_t)256 << 10)
/* A set in the making loses its duplicates at this size, and whenever it has doubled: it never holds many
 * more nodes than there are. */
#define SETTLE_NODES ((size_t)4096)

/* ---- nodes and sets ---- */

bool node_same(struct node a, struct node b)
{
    return a.tree == b.tree && a.base == b.base && a.item == b.item && a.part == b.part;
}

int node_order(struct node a, struct node b)
{
    if (a.tree != b.tree)
        return (uintptr_t)a.tree < (uintptr_t)b.tree ? -1 : 1;
    return a.tree->ops->order(a, b);
}

void node_list_add(struct node_list *l, struct node n, struct arena *a)
{
    if (l->n == l->cap) {
        size_t cap = l->cap ? l->cap * 2 : 8;
        struct node *v = arena_calloc(a, cap, sizeof *v);
        if (l->n)
            memcpy(v, l->v, l->n * sizeof *v);
        l->v = v;
        l->cap = cap;
    }
    l->v[l->n++] = n;
}

static int by_order(const void *a, const void *b)
{
    return node_order(*(const struct node *)a, *(const struct node *)b);
}

void nodes_sort(struct nodes *set)
{
    bool sorted = true;
    for (size_t i = 1; i < set->n && sorted; i++)
        sorted = node_order(set->v[i - 1], set->v[i]) < 0;
    if (sorted)
        return;
    qsort(set->v, set->n, sizeof *set->v, by_order);
    size_t n = 1;
    for (size_t i = 1; i < set->n; i++)
        if (!node_same(set->v[n - 1], set->v[i]))
            set->v[n++] = set->v[i];
    set->n = n;
}

/* ---- moving ---- */

static struct node skip_subtree(struct node n, struct node top)
{
    while (n.tree && !node_same(n, top)) {
        struct node next = n.tree->ops->next(n);
        if (next.tree)
            return next;
        n = n.tree->ops->parent(n);
    }
    return NODE_NONE;
}

struct node node_next(struct node n, struct node top)
{
    struct node child = n.tree->ops->first(n);
    return child.tree ? child : skip_subtree(n, top);
}

/* The node before n in document order, ancestors included. */
static struct node previous(struct node n)
{
    struct node p = n.tree->ops->prev(n);
    if (!p.tree)
        return n.tree->ops->parent(n);
    for (struct node last = p.tree->ops->last(p); last.tree; last = last.tree->ops->last(last))
        p = last;
    return p;
}

/* ---- tests ---- */

static bool same_namespace(const struct test *t, struct node n)
{
    const struct tree_ops *ops = n.tree->ops;
    struct str uri = ops->uri ? ops->uri(n) : STR("");
    if (t->has_uri)
        return str_eq(t->uri, uri);
    if (t->prefix.n == 0)
        return uri.n == 0;
    return ops->prefix && str_eq(t->prefix, ops->prefix(n));
}

static bool passes(const struct test *t, enum axis axis, struct node n)
{
    enum node_kind kind = n.tree->ops->kind(n);
    switch (t->kind) {
    case TEST_NODE: return true;
    case TEST_TEXT: return kind == NODE_TEXT;
    case TEST_COMMENT: return kind == NODE_COMMENT;
    case TEST_PI:
        return kind == NODE_PI && (t->name.n == 0 || str_eq(t->name, n.tree->ops->name(n)));
    case TEST_NAME:
    case TEST_ANY_NAME:
    case TEST_ANY_IN: break;
    }
    if (kind != (axis == AXIS_ATTRIBUTE ? NODE_ATTRIBUTE : NODE_ELEMENT))
        return false;
    if (t->kind == TEST_ANY_NAME)
        return true;
    if (t->kind == TEST_NAME && !str_eq(t->name, n.tree->ops->name(n)))
        return false;
    return same_namespace(t, n);
}

/* ---- axes ---- */

struct walk {
    struct vm *m;
    const struct vm_step *s;
    struct node_list out;
    uint32_t enough; /* so many nodes are all that is wanted; 0: all */
};

/* False: no further, there are enough or it takes too long. */
static bool meet(struct walk *w, struct node n)
{
    if (passes(&w->s->test, w->s->axis, n)) {
        node_list_add(&w->out, n, w->m->ev->scratch);
        if (w->out.n == w->enough)
            return false;
    }
    return vm_spend(w->m, 1);
}

static bool walk_along(struct walk *w, struct node n, struct node (*move)(struct node))
{
    for (; n.tree; n = move(n))
        if (!meet(w, n))
            return false;
    return true;
}

static bool walk_below(struct walk *w, struct node top)
{
    for (struct node n = node_next(top, top); n.tree; n = node_next(n, top))
        if (!meet(w, n))
            return false;
    return true;
}

static bool walk_attributes(struct walk *w, struct node n)
{
    if (!n.tree->ops->attribute)
        return true;
    for (uint32_t i = 0;; i++) {
        struct node a = n.tree->ops->attribute(n, i);
        if (!a.tree)
            return true;
        if (!meet(w, a))
            return false;
    }
}

static bool walk_following(struct walk *w, struct node n)
{
    struct node root = n.tree->ops->root(n);
    if (n.tree->ops->kind(n) == NODE_ATTRIBUTE) /* its element's children follow it */
        n = node_next(n.tree->ops->parent(n), root);
    else
        n = skip_subtree(n, root);
    for (; n.tree; n = node_next(n, root))
        if (!meet(w, n))
            return false;
    return true;
}

static bool walk_preceding(struct walk *w, struct node n)
{
    if (n.tree->ops->kind(n) == NODE_ATTRIBUTE)
        n = n.tree->ops->parent(n);
    struct node above = n.tree->ops->parent(n);
    for (n = previous(n); n.tree; n = previous(n)) {
        if (above.tree && node_same(n, above)) {
            above = above.tree->ops->parent(above);
            if (!vm_spend(w->m, 1))
                return false;
        } else if (!meet(w, n)) {
            return false;
        }
    }
    return true;
}

/* Fills w->out in the direction of the axis. False: it stopped before its end. */
static bool walk_axis(struct walk *w, struct node n)
{
    const struct tree_ops *ops = n.tree->ops;
    bool attribute = ops->kind(n) == NODE_ATTRIBUTE;
    switch (w->s->axis) {
    case AXIS_CHILD: return attribute || walk_along(w, ops->first(n), ops->next);
    case AXIS_SELF: return meet(w, n);
    case AXIS_PARENT: n = ops->parent(n); return !n.tree || meet(w, n);
    case AXIS_DESCENDANT_OR_SELF: return meet(w, n) && (attribute || walk_below(w, n));
    case AXIS_DESCENDANT: return attribute || walk_below(w, n);
    case AXIS_ANCESTOR_OR_SELF: return walk_along(w, n, ops->parent);
    case AXIS_ANCESTOR: return walk_along(w, ops->parent(n), ops->parent);
    case AXIS_FOLLOWING_SIBLING: return attribute || walk_along(w, ops->next(n), ops->next);
    case AXIS_PRECEDING_SIBLING: return attribute || walk_along(w, ops->prev(n), ops->prev);
    case AXIS_FOLLOWING: return walk_following(w, n);
    case AXIS_PRECEDING: return walk_preceding(w, n);
    case AXIS_ATTRIBUTE: return walk_attributes(w, n);
    }
    return true;
}

static bool is_reverse(enum axis a)
{
    return a == AXIS_ANCESTOR || a == AXIS_ANCESTOR_OR_SELF || a == AXIS_PRECEDING ||
           a == AXIS_PRECEDING_SIBLING;
}

/* ---- predicates ---- */

static bool holds(struct vm *m, const struct pred *p, struct node n, size_t position, size_t size,
                  struct slot *sp, bool *ret)
{
    struct vm inner = *m;
    inner.self = n;
    inner.position = position;
    inner.size = size;
    inner.top = false;
    struct arena_mark mark = arena_mark(m->ev->scratch);
    if (!vm_run(&inner, p->start, sp))
        return false;
    *ret = sp->v.kind == VAL_NUMBER ? sp->v.u.number == (double)position
                                    : value_boolean(&sp->v, m->ev);
    if (mark.block && m->ev->scratch->used - mark.used > SCRATCH_SLACK)
        arena_release(m->ev->scratch, mark);
    return true;
}

static bool keep(struct vm *m, const struct pred *p, struct node_list *l, struct slot *sp)
{
    if (p->position) {
        if (p->position <= l->n)
            l->v[0] = l->v[p->position - 1];
        l->n = p->position <= l->n;
        return true;
    }
    size_t size = l->n, kept = 0;
    for (size_t i = 0; i < size; i++) {
        bool ok;
        if (!holds(m, p, l->v[i], i + 1, size, sp, &ok))
            return false;
        if (ok)
            l->v[kept++] = l->v[i];
    }
    l->n = kept;
    return true;
}

/* item[key = value] through the tree's index. *ret_done false: no such index, or a value that is
 * neither a text nor a number. */
static bool look_up(struct vm *m, const struct vm_step *s, struct node n, struct slot *sp,
                    struct node_list *ret, bool *ret_done)
{
    *ret_done = false;
    if (!s->lookup || !n.tree->ops->lookup)
        return true;
    if (!vm_run(m, s->value_start, sp))
        return false;
    struct value *v = &sp->v;
    bool none = v->kind == VAL_NODES && v->u.nodes.n == 0 && !v->u.nodes.ref;
    if (none) {
        *ret = (struct node_list){0};
        *ret_done = true;
        return true;
    }
    const struct tree_ops *ops = n.tree->ops;
    struct nodes found = {0};
    if (v->kind == VAL_NUMBER)
        *ret_done = ops->lookup_number && ops->lookup_number(n, s->test.name, s->key, v->u.number,
                                                             m->ev->scratch, &found);
    else if (v->kind == VAL_STRING || (v->kind == VAL_NODES && v->u.nodes.n <= 1))
        *ret_done =
            ops->lookup(n, s->test.name, s->key, value_string(v, m->ev), m->ev->scratch, &found);
    *ret = (struct node_list){found.v, found.n, found.n};
    return vm_spend(m, found.n);
}

/* Into *one, whose room is used again. */
static bool step_from(struct vm *m, const struct vm_step *s, struct node n, struct slot *sp,
                      struct node_list *one)
{
    struct walk w = {m, s, {one->v, 0, one->cap}, s->n_preds ? s->preds[0].position : 0};
    bool done;
    if (!look_up(m, s, n, sp, &w.out, &done))
        return false;
    if (!done && !walk_axis(&w, n) && (w.enough == 0 || w.out.n < w.enough))
        return false;
    for (uint32_t i = done; i < s->n_preds; i++)
        if (!keep(m, &s->preds[i], &w.out, sp))
            return false;
    *one = w.out;
    return true;
}

static void turn_round(struct node_list *l)
{
    for (size_t i = 0; i < l->n / 2; i++) {
        struct node swap = l->v[i];
        l->v[i] = l->v[l->n - 1 - i];
        l->v[l->n - 1 - i] = swap;
    }
}

bool walk_step(struct vm *m, const struct vm_step *s, const struct nodes *in, struct slot *sp,
               struct nodes *ret)
{
    struct node_list all = {0}, one = {0};
    size_t settle_at = SETTLE_NODES;
    for (size_t i = 0; i < in->n; i++) {
        if (!step_from(m, s, in->v[i], sp, &one))
            return false;
        if (is_reverse(s->axis))
            turn_round(&one);
        if (in->n == 1) {
            *ret = (struct nodes){.v = one.v, .n = one.n};
            return true;
        }
        for (size_t j = 0; j < one.n; j++)
            node_list_add(&all, one.v[j], m->ev->scratch);
        if (all.n < settle_at)
            continue;
        if (!vm_spend(m, all.n))
            return false;
        *ret = (struct nodes){.v = all.v, .n = all.n};
        nodes_sort(ret);
        all.n = ret->n;
        settle_at = SETTLE_NODES + 2 * all.n;
    }
    *ret = (struct nodes){.v = all.v, .n = all.n};
    nodes_sort(ret);
    return true;
}

bool walk_filter(struct vm *m, const struct vm_step *s, const struct nodes *in, struct slot *sp,
                 struct nodes *ret)
{
    struct node_list l = {0};
    for (size_t i = 0; i < in->n; i++)
        node_list_add(&l, in->v[i], m->ev->scratch);
    for (uint32_t i = 0; i < s->n_preds; i++)
        if (!keep(m, &s->preds[i], &l, sp))
            return false;
    *ret = (struct nodes){.v = l.v, .n = l.n};
    return vm_spend(m, in->n);
}
