/* Any bytes as an XML document; of one that is well-formed every node is visited in both directions. */
#include <stdint.h>
#include <stdlib.h>

#include "forms/expr/expr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool ok)
{
    if (!ok)
        abort();
}

static size_t visit(struct node n, struct arena *a)
{
    const struct tree_ops *o = n.tree->ops;
    size_t sum = o->string(n, a).n + o->name(n).n + o->uri(n).n + o->prefix(n).n;
    for (uint32_t i = 0; o->attribute(n, i).tree; i++)
        sum += o->string(o->attribute(n, i), a).n;
    struct node before = NODE_NONE;
    for (struct node c = o->first(n); c.tree; c = o->next(c)) {
        must(o->order(n, c) < 0 && o->parent(c).item == n.item && o->prev(c).item == before.item);
        sum += visit(c, a);
        before = c;
    }
    must(o->last(n).item == before.item && !o->last(n).tree == !before.tree);
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena a;
    struct node root;
    struct err e = {0};
    arena_init(&a);
    if (xmltree_parse(&root, (struct str){(const char *)data, n}, &a, &e))
        visit(root, &a);
    else
        must(e.kind != NULL);
    arena_done(&a);
    return 0;
}
