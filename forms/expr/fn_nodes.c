/* Functions of node-sets, and those that know of the form's lists. */
#include <math.h>
#include <stdlib.h>

#include "forms/expr/convert.h"
#include "forms/expr/func.h"
#include "forms/expr/shuffle.h"

static bool need_set(struct vm *m, const struct slot *a, const char *fault)
{
    return a->v.kind == VAL_NODES || func_fail(m, str_of(fault));
}

bool fn_count(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    (void)n;
    return need_set(m, a, "count() needs nodes") && ret_number(ret, (double)a->v.u.nodes.n);
}

bool fn_count_non_empty(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    (void)n;
    if (!need_set(m, a, "count-non-empty() needs nodes"))
        return false;
    double count = 0;
    for (size_t i = 0; i < a->v.u.nodes.n; i++)
        count += node_string(a->v.u.nodes.v[i], m->ev).n > 0;
    return ret_number(ret, count);
}

/* The number of a repeat's instance, or of a node among its like-named neighbours. */
static double position_of(struct node n)
{
    const struct tree_ops *ops = n.tree->ops;
    if (ops->position) {
        uint32_t p = ops->position(n);
        return p ? p : 1;
    }
    double p = 1;
    struct str name = ops->name(n);
    for (struct node s = ops->prev(n); s.tree; s = ops->prev(s)) {
        if (ops->kind(s) != NODE_ELEMENT)
            continue;
        if (!str_eq(ops->name(s), name))
            break;
        p++;
    }
    return p;
}

bool fn_position(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    if (n == 0)
        return ret_number(ret, (double)m->position);
    if (!need_set(m, a, "position() needs nodes"))
        return false;
    return ret_number(ret, a->v.u.nodes.n ? position_of(a->v.u.nodes.v[0]) : NAN);
}

bool fn_last(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    (void)a;
    (void)n;
    return ret_number(ret, (double)m->size);
}

/* ---- names ---- */

static bool named_node(struct vm *m, const struct slot *a, uint32_t n, struct node *ret)
{
    if (n == 0)
        *ret = m->self;
    else if (a->v.kind == VAL_NODES && a->v.u.nodes.n)
        *ret = a->v.u.nodes.v[0];
    else
        *ret = NODE_NONE;
    return ret->tree != NULL;
}

bool fn_local_name(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    struct node x;
    return ret_string(ret, named_node(m, a, n, &x) ? x.tree->ops->name(x) : STR(""));
}

bool fn_namespace_uri(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    struct node x;
    bool has = named_node(m, a, n, &x) && x.tree->ops->uri;
    return ret_string(ret, has ? x.tree->ops->uri(x) : STR(""));
}

bool fn_name(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    struct node x;
    if (!named_node(m, a, n, &x))
        return ret_string(ret, STR(""));
    struct str local = x.tree->ops->name(x);
    struct str prefix = x.tree->ops->prefix ? x.tree->ops->prefix(x) : STR("");
    if (prefix.n == 0)
        return ret_string(ret, local);
    char *p = arena_alloc(m->ev->scratch, prefix.n + 1 + local.n);
    memcpy(p, prefix.p, prefix.n);
    p[prefix.n] = ':';
    memcpy(p + prefix.n + 1, local.p, local.n);
    return ret_string(ret, (struct str){p, prefix.n + 1 + local.n});
}

/* ---- attributes that XPath's core knows ---- */

static bool attribute_named(struct node n, struct str uri, struct str name, struct node *ret)
{
    if (!n.tree->ops->attribute)
        return false;
    for (uint32_t i = 0;; i++) {
        struct node a = n.tree->ops->attribute(n, i);
        if (!a.tree)
            return false;
        if (str_eq(a.tree->ops->name(a), name) &&
            str_eq(a.tree->ops->uri ? a.tree->ops->uri(a) : STR(""), uri)) {
            *ret = a;
            return true;
        }
    }
}

bool fn_lang(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    (void)n;
    struct str want = arg_string(m, a);
    for (struct node x = m->self; x.tree; x = x.tree->ops->parent(x)) {
        struct node lang;
        if (!attribute_named(x, STR("http://www.w3.org/XML/1998/namespace"), STR("lang"), &lang))
            continue;
        struct str have = node_string(lang, m->ev);
        bool longer = have.n > want.n && have.p[want.n] == '-';
        return ret_boolean(ret, want.n && (have.n == want.n || longer) &&
                                    str_eq_nocase(str_sub(have, 0, want.n), want));
    }
    return ret_boolean(ret, false);
}

static bool add_by_id(struct vm *m, struct str ids, struct node_list *out)
{
    struct node root = m->self.tree ? m->self.tree->ops->root(m->self) : NODE_NONE;
    struct str id;
    while (root.tree && str_word(&ids, &id)) {
        for (struct node x = node_next(root, root); x.tree; x = node_next(x, root)) {
            struct node a;
            if (!vm_spend(m, 1))
                return false;
            if (x.tree->ops->kind(x) != NODE_ELEMENT ||
                (!attribute_named(x, STR(""), STR("id"), &a) &&
                 !attribute_named(x, STR("http://www.w3.org/XML/1998/namespace"), STR("id"), &a)) ||
                !str_eq(node_string(a, m->ev), id))
                continue;
            node_list_add(out, x, m->ev->scratch);
            break;
        }
    }
    return true;
}

/* Without a DTD an attribute called id (or xml:id) is the id. */
bool fn_id(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    (void)n;
    struct node_list out = {0};
    if (a->v.kind == VAL_NODES) {
        for (size_t i = 0; i < a->v.u.nodes.n; i++)
            if (!add_by_id(m, node_string(a->v.u.nodes.v[i], m->ev), &out))
                return false;
    } else if (!add_by_id(m, arg_string(m, a), &out)) {
        return false;
    }
    struct nodes set = {.v = out.v, .n = out.n};
    nodes_sort(&set);
    return ret_nodes(ret, set);
}

/* ---- repeats ---- */

struct pair {
    const struct nodes *repeats;
    double position;
};

static bool is_above(struct node above, struct node n)
{
    for (n = n.tree->ops->parent(n); n.tree; n = n.tree->ops->parent(n))
        if (node_same(above, n))
            return true;
    return false;
}

/* Outer repeats first: they may be given in any order. */
static void sort_pairs(struct pair *p, size_t n)
{
    for (size_t i = 1; i < n; i++)
        for (size_t j = i; j > 0 && p[j].repeats->n && p[j - 1].repeats->n; j--) {
            struct node inner = p[j - 1].repeats->v[0];
            bool swap = false;
            for (size_t k = 0; k < p[j].repeats->n && !swap; k++)
                swap = is_above(p[j].repeats->v[k], inner);
            if (!swap)
                break;
            struct pair t = p[j];
            p[j] = p[j - 1];
            p[j - 1] = t;
        }
}

/* The instance at a 1-based position among those below `within`. */
static bool instance_at(const struct pair *p, struct node within, struct node *ret)
{
    double at = 0;
    for (size_t i = 0; i < p->repeats->n; i++) {
        if (within.tree && !is_above(within, p->repeats->v[i]))
            continue;
        if (++at == p->position) {
            *ret = p->repeats->v[i];
            return true;
        }
    }
    return false;
}

bool fn_indexed_repeat(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    struct pair pairs[3];
    size_t n_pairs = 0;
    if (!need_set(m, a, "indexed-repeat() needs nodes"))
        return false;
    uint64_t work = a->v.u.nodes.n;
    for (uint32_t i = 1; i + 1 < n; i += 2) {
        if (!need_set(m, a + i, "indexed-repeat() needs nodes"))
            return false;
        pairs[n_pairs++] = (struct pair){&a[i].v.u.nodes, trunc(arg_number(m, a + i + 1))};
        work += a[i].v.u.nodes.n * 4;
    }
    if (!vm_spend(m, work))
        return false;
    sort_pairs(pairs, n_pairs);
    struct node within = NODE_NONE;
    for (size_t i = 0; i < n_pairs; i++)
        if (!instance_at(&pairs[i], within, &within))
            return ret_nodes(ret, (struct nodes){.ref = true});
    struct node_list out = {0};
    for (size_t i = 0; i < a->v.u.nodes.n; i++)
        if (is_above(within, a->v.u.nodes.v[i]))
            node_list_add(&out, a->v.u.nodes.v[i], m->ev->scratch);
    return ret_nodes(ret, (struct nodes){out.v, out.n, true});
}

/* ---- lists ---- */

static struct node root_of_list(struct vm *m, struct str id)
{
    const struct eval_ops *ops = m->ev->ops;
    return ops && ops->instance_by_id ? ops->instance_by_id(m->ev->ctx, id) : NODE_NONE;
}

bool fn_instance(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    (void)n;
    struct node root = root_of_list(m, arg_string(m, a));
    struct node *v = ARENA_NEW(m->ev->scratch, struct node);
    *v = root;
    return ret_nodes(ret, (struct nodes){.v = v, .n = root.tree != NULL});
}

static struct node child_named(struct node n, struct str name)
{
    for (struct node x = n.tree ? n.tree->ops->first(n) : n; x.tree; x = x.tree->ops->next(x))
        if (x.tree->ops->kind(x) == NODE_ELEMENT && str_eq(x.tree->ops->name(x), name))
            return x;
    return NODE_NONE;
}

static bool first_item(struct vm *m, struct node list, struct str key, struct str want,
                       struct node *ret)
{
    struct nodes found = {0};
    const struct tree_ops *ops = list.tree->ops;
    *ret = NODE_NONE;
    if (ops->lookup && ops->lookup(list, STR("item"), key, want, m->ev->scratch, &found)) {
        if (found.n)
            *ret = found.v[0];
        return true;
    }
    for (struct node x = child_named(list, STR("item")); x.tree; x = ops->next(x)) {
        if (!vm_spend(m, 2))
            return false;
        struct node k = child_named(x, key);
        if (k.tree && str_eq(node_string(k, m->ev), want)) {
            *ret = x;
            return true;
        }
    }
    return true;
}

bool fn_pulldata(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    (void)n;
    struct str id = arg_string(m, a);
    if (str_ends(id, STR(".csv")))
        id.n -= 4;
    struct node root = root_of_list(m, id);
    struct node list =
        root.tree && root.tree->ops->kind(root) == NODE_ROOT ? root.tree->ops->first(root) : root;
    if (list.tree && !str_is(list.tree->ops->name(list), "root"))
        list = child_named(list, STR("root"));
    struct node item, column = NODE_NONE;
    if (!list.tree)
        return ret_string(ret, STR(""));
    if (!first_item(m, list, arg_string(m, a + 2), arg_string(m, a + 3), &item))
        return false;
    if (item.tree)
        column = child_named(item, arg_string(m, a + 1));
    return ret_string(ret, column.tree ? node_string(column, m->ev) : STR(""));
}

/* ---- randomize ---- */

static int64_t random_seed(struct vm *m)
{
    uint32_t v;
    m->ev->host->random(m->ev->host->ctx, &v, sizeof v);
    return (int64_t)v;
}

bool fn_randomize(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    if (!need_set(m, a, "randomize() needs nodes"))
        return false;
    const struct nodes *in = &a->v.u.nodes;
    int64_t seed = n == 2 ? shuffle_seed(&a[1].v, m->ev) : random_seed(m);
    uint32_t *order = ARENA_ARRAY(m->ev->scratch, uint32_t, in->n + 1);
    struct node *out = ARENA_ARRAY(m->ev->scratch, struct node, in->n + 1);
    shuffle_order(seed, in->n, order);
    for (size_t i = 0; i < in->n; i++)
        out[i] = in->v[order[i]];
    return vm_spend(m, in->n) && ret_nodes(ret, (struct nodes){.v = out, .n = in->n});
}
