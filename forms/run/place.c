/* Places: naming a node from outside, finding its cell, and as text. */
#include "forms/run/run_i.h"

#include "forms/base/num.h"

bool place_eq(const struct place *a, const struct place *b)
{
    if (a->def != b->def || a->def == DEF_NONE)
        return a->def == b->def;
    return a->depth == b->depth && a->whole == b->whole &&
           memcmp(a->index, b->index, a->depth * sizeof a->index[0]) == 0;
}

/* The repeats at or above `def`, outermost first. */
static uint8_t chain_of(const struct form *f, uint32_t def, uint32_t chain[LIMIT_REPEAT_DEPTH])
{
    uint8_t n = 0;
    for (uint32_t r = f->nodes[def].repeat; r != DEF_NONE && n < LIMIT_REPEAT_DEPTH;
         r = f->nodes[f->nodes[r].parent].repeat)
        chain[n++] = r;
    for (uint8_t i = 0; i < n / 2; i++) {
        uint32_t swap = chain[i];
        chain[i] = chain[n - 1 - i];
        chain[n - 1 - i] = swap;
    }
    return n;
}

static bool well_formed(const struct form *f, const struct place *p, uint8_t chain)
{
    if (p->whole)
        return f->nodes[p->def].type == TYPE_REPEAT && p->depth + 1 == chain;
    return p->depth == chain;
}

bool place_find(const struct interview *iv, const struct place *p, struct frame **ret)
{
    if (p->def >= iv->form->n_nodes)
        return false;
    uint32_t chain[LIMIT_REPEAT_DEPTH];
    uint8_t n = chain_of(iv->form, p->def, chain);
    if (!well_formed(iv->form, p, n))
        return false;
    struct frame *f = iv->root;
    for (uint8_t i = 0; i < p->depth; i++) {
        const struct frame_list *l = &cell_at(iv, f, chain[i])->u.list;
        if (p->index[i] >= l->n)
            return false;
        f = l->v[p->index[i]];
    }
    *ret = f;
    return true;
}

struct place place_of(const struct interview *iv, const struct frame *f, uint32_t def)
{
    struct place p = {.def = def};
    p.whole = iv->plan[def].repeat && f->def != def;
    for (const struct frame *up = f; up->up; up = up->up)
        p.depth++;
    uint8_t at = p.depth;
    for (; f->up; f = f->up)
        p.index[--at] = f->index;
    return p;
}

static void add_step(const struct form *f, const struct place *p, uint32_t def, struct buf *out)
{
    const struct form_node *n = &f->nodes[def];
    if (n->parent != DEF_NONE)
        add_step(f, p, n->parent, out);
    buf_add_c(out, '/');
    buf_add_str(out, n->name);
    if (n->type == TYPE_REPEAT && n->repeat_depth <= p->depth)
        buf_printf(out, "[%u]", p->index[n->repeat_depth - 1] + 1);
}

void place_text(const struct form *f, const struct place *p, struct buf *out)
{
    if (p->def < f->n_nodes)
        add_step(f, p, p->def, out);
}

/* Takes "name" or "name[12]" off; *ret_index is 0-based, UINT32_MAX without one. */
static bool parse_step(struct str step, struct str *ret_name, uint32_t *ret_index)
{
    size_t open = str_find(step, '[', 0);
    *ret_name = str_sub(step, 0, open);
    *ret_index = UINT32_MAX;
    if (open == step.n)
        return ret_name->n > 0;
    struct str inner = str_from(step, open + 1);
    uint64_t n;
    if (inner.n < 2 || inner.p[inner.n - 1] != ']' ||
        !num_parse_uint(str_sub(inner, 0, inner.n - 1), &n))
        return false;
    if (n == 0 || n > LIMIT_INSTANCES)
        return false;
    *ret_index = (uint32_t)n - 1;
    return ret_name->n > 0;
}

bool place_parse(const struct form *f, struct str text, struct place *ret)
{
    uint32_t chain[LIMIT_REPEAT_DEPTH], given[LIMIT_REPEAT_DEPTH];
    struct place p = {.def = form_find(f, text)};
    if (p.def == DEF_NONE || p.def >= f->n_nodes)
        return false;
    uint8_t n = chain_of(f, p.def, chain);
    memset(given, 0xff, sizeof given);
    /* The steps of the text name the last nodes of the path: indices are matched from its end. */
    uint32_t at = p.def;
    while (text.n && at != DEF_NONE) {
        size_t cut = text.n;
        while (cut > 0 && text.p[cut - 1] != '/')
            cut--;
        struct str name;
        uint32_t index;
        if (!parse_step(str_from(text, cut), &name, &index))
            return false;
        const struct form_node *node = &f->nodes[at];
        if (index != UINT32_MAX && node->type != TYPE_REPEAT)
            return false;
        if (node->type == TYPE_REPEAT)
            given[node->repeat_depth - 1] = index;
        text.n = cut ? cut - 1 : 0;
        at = node->parent;
    }
    p.whole = f->nodes[p.def].type == TYPE_REPEAT && given[n - 1] == UINT32_MAX;
    p.depth = p.whole ? (uint8_t)(n - 1) : n;
    for (uint8_t i = 0; i < p.depth; i++)
        p.index[i] = given[i] == UINT32_MAX ? 0 : given[i];
    *ret = p;
    return true;
}
