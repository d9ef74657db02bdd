/* Frames, cells, and the tree that expressions walk; see run_i.h.
 *
 * Handles: (frame, definition) is a node; (a repeat's own frame, the repeat) one instance of it; (the
 * frame around, the repeat) the repeat as a whole, which expressions meet as a context only; `part`
 * DOCUMENT is the root node above the root element, from ATTRIBUTE on the element's attributes. */
#include "forms/run/run_i.h"

#include <math.h>

#define DOCUMENT  1u
#define ATTRIBUTE 2u

static const struct interview *of(struct node n)
{
    return (const struct interview *)(const void *)n.tree;
}

/* ---- the plan ---- */

static uint16_t facets_of(const struct form_node *n)
{
    uint16_t has = 0;
    if (n->relevant.expr)
        has |= 1u << FACET_RELEVANT;
    if (n->n_triggers)
        has |= 1u << FACET_TRIGGER;
    else if (n->calculation.expr)
        has |= 1u << FACET_CALCULATE;
    if (n->required.expr)
        has |= 1u << FACET_REQUIRED;
    if (n->readonly.expr)
        has |= 1u << FACET_READONLY;
    if (n->constraint.expr || n->type == TYPE_RANGE)
        has |= 1u << FACET_CONSTRAINT;
    if (n->repeat_count.expr)
        has |= 1u << FACET_COUNT;
    if (n->choice_filter.expr || n->list_from != DEF_NONE)
        has |= 1u << FACET_CHOICES;
    if (n->n_warns)
        has |= 1u << FACET_WARN;
    return has;
}

void plan_make(struct interview *iv)
{
    const struct form *f = iv->form;
    iv->plan = mem_calloc(f->n_nodes, sizeof *iv->plan);
    for (uint32_t d = 0; d < f->n_nodes; d++) {
        const struct form_node *n = &f->nodes[d];
        struct plan *p = &iv->plan[d];
        p->repeat = n->type == TYPE_REPEAT;
        p->container = p->repeat || n->type == TYPE_GROUP;
        uint32_t around = p->repeat ? f->nodes[n->parent].repeat : n->repeat;
        p->home = around == DEF_NONE ? 0 : around;
        p->own = n->repeat == DEF_NONE ? 0 : n->repeat;
        p->slot = iv->plan[p->home].cells++;
        p->has = facets_of(n);
    }
}

/* ---- frames ---- */

static void cell_init(struct interview *iv, struct frame *f, uint32_t d)
{
    const struct form_node *n = node_at(iv, d);
    struct cell *c = cell_at(iv, f, d);
    c->flags = CELL_OWN;
    if (d == 0 || parent_cell(iv, f, d)->flags & CELL_RELEVANT)
        c->flags |= CELL_RELEVANT;
    if (iv->reading || !n->default_literal.p || n->type == TYPE_REPEAT)
        return;
    struct answer a;
    struct err e = {0};
    if (answer_parse(iv, n, n->default_literal, &iv->scratch, &a, &e))
        cell_put(iv, f, d, &a);
    /* A literal that isn't of the type: the form's check has warned of it; the answer is blank. */
}

struct frame *frame_new(struct interview *iv, struct frame *up, uint32_t def, uint32_t index)
{
    struct frame *f = mem_alloc(sizeof *f + iv->plan[def].cells * sizeof f->cells[0]);
    f->up = up;
    f->def = def;
    f->index = index;
    f->salt = iv->next_salt++;
    f->born = iv->serial;
    struct arena_mark m = arena_mark(&iv->scratch);
    uint32_t end = node_at(iv, def)->end;
    for (uint32_t d = up ? def + 1 : 0; d < end;) {
        cell_init(iv, f, d);
        d = iv->plan[d].repeat ? node_at(iv, d)->end : d + 1;
    }
    arena_release(&iv->scratch, m);
    return f;
}

static void wipe(void *p, size_t n)
{
    volatile char *v = p;
    while (n--)
        *v++ = 0;
}

void frame_free(struct interview *iv, struct frame *f)
{
    uint32_t end = node_at(iv, f->def)->end;
    for (uint32_t d = f->up ? f->def + 1 : 0; d < end;) {
        struct cell *c = cell_at(iv, f, d);
        if (iv->plan[d].repeat) {
            for (uint32_t i = 0; i < c->u.list.n; i++)
                frame_free(iv, c->u.list.v[i]);
            mem_free(c->u.list.v);
            d = node_at(iv, d)->end;
            continue;
        }
        if (c->n > CELL_INLINE) {
            wipe(c->u.heap, c->n);
            mem_free(c->u.heap);
        }
        d++;
    }
    wipe(f->cells, iv->plan[f->def].cells * sizeof f->cells[0]);
    mem_free(f);
}

struct cell *parent_cell(const struct interview *iv, struct frame *f, uint32_t def)
{
    uint32_t p = node_at(iv, def)->parent;
    return f->up && p == f->def ? cell_at(iv, f->up, p) : cell_at(iv, f, p);
}

uint32_t repeat_towards(const struct interview *iv, uint32_t above, uint32_t home)
{
    uint32_t r = home;
    while (iv->plan[r].home != above)
        r = iv->plan[r].home;
    return r;
}

bool frame_attached(const struct frame *f)
{
    for (; f; f = f->up)
        if (f->gone)
            return false;
    return true;
}

/* ---- the tree: what a node is ---- */

static bool is_instance(const struct interview *iv, const struct frame *f, uint32_t def)
{
    return f->up && f->def == def && iv->plan[def].repeat;
}

static bool is_relevant(const struct interview *iv, struct frame *f, uint32_t def)
{
    struct frame *at = is_instance(iv, f, def) ? f->up : f;
    return cell_at(iv, at, def)->flags & CELL_RELEVANT;
}

static enum node_kind tree_kind(struct node n)
{
    return n.part >= ATTRIBUTE ? NODE_ATTRIBUTE : n.part == DOCUMENT ? NODE_ROOT : NODE_ELEMENT;
}

/* The i-th attribute that the record writes on this element, in its order; namespaces are none. */
static bool attribute_at(struct node n, uint32_t i, struct attr *ret)
{
    const struct form *f = of(n)->form;
    const struct form_node *d = &f->nodes[n.item];
    if (n.item != 0) {
        if (i < d->n_xml_attrs)
            *ret = d->xml_attrs[i];
        return i < d->n_xml_attrs;
    }
    for (uint32_t k = 0; k < f->n_root_attrs; k++)
        if (!str_starts(f->root_attrs[k].name, STR("xmlns:")) && i-- == 0) {
            *ret = f->root_attrs[k];
            return true;
        }
    *ret = i == 0 ? (struct attr){STR("id"), f->id} : (struct attr){STR("version"), f->version};
    return i == 0 || (i == 1 && f->version.n > 0);
}

static struct attr attribute_of(struct node n)
{
    struct attr a = {STR(""), STR("")};
    if (n.part >= ATTRIBUTE)
        attribute_at(n, n.part - ATTRIBUTE, &a);
    return a;
}

static struct str tree_prefix(struct node n)
{
    struct str name = attribute_of(n).name;
    size_t colon = str_find(name, ':', 0);
    return colon < name.n ? str_sub(name, 0, colon) : STR("");
}

static struct str tree_uri(struct node n)
{
    const struct form *f = of(n)->form;
    struct str prefix = n.part >= ATTRIBUTE ? tree_prefix(n) : STR("");
    for (uint32_t k = 0; prefix.n && k < f->n_root_attrs; k++) {
        struct str name = f->root_attrs[k].name;
        if (str_starts(name, STR("xmlns:")) && str_eq(str_from(name, 6), prefix))
            return f->root_attrs[k].value;
    }
    return STR("");
}

static struct str tree_name(struct node n)
{
    if (n.part < ATTRIBUTE)
        return n.part == DOCUMENT ? STR("") : node_at(of(n), n.item)->name;
    struct str name = attribute_of(n).name;
    size_t colon = str_find(name, ':', 0);
    return colon < name.n ? str_from(name, colon + 1) : name;
}

static struct node tree_attribute(struct node n, uint32_t i)
{
    struct attr a;
    if (n.part != 0 || !attribute_at(n, i, &a))
        return NODE_NONE;
    n.part = ATTRIBUTE + i;
    return n;
}

static struct node tree_root(struct node any)
{
    return (struct node){any.tree, of(any)->root, 0, DOCUMENT};
}

static struct node tree_parent(struct node n)
{
    const struct interview *iv = of(n);
    struct frame *f = n.base;
    if (n.part == DOCUMENT)
        return NODE_NONE;
    if (n.part >= ATTRIBUTE) {
        n.part = 0;
        return n;
    }
    if (n.item == 0)
        return tree_root(n);
    if (is_instance(iv, f, n.item))
        f = f->up;
    return node_of(iv, f, node_at(iv, n.item)->parent);
}

/* ---- the tree: walking ---- */

/* The first node at or after definition `d` among the children of a parent that ends at `end`. */
static struct node seek_forth(const struct interview *iv, struct frame *f, uint32_t d, uint32_t end)
{
    for (; d < end; d = node_at(iv, d)->end) {
        struct cell *c = cell_at(iv, f, d);
        if (!(c->flags & CELL_RELEVANT))
            continue;
        if (!iv->plan[d].repeat)
            return node_of(iv, f, d);
        if (c->u.list.n)
            return node_of(iv, c->u.list.v[0], d);
    }
    return NODE_NONE;
}

/* The last node before definition `stop` among the children that begin at `d`. */
static struct node seek_back(const struct interview *iv, struct frame *f, uint32_t d, uint32_t stop)
{
    struct node found = NODE_NONE;
    for (; d < stop; d = node_at(iv, d)->end) {
        struct cell *c = cell_at(iv, f, d);
        if (!(c->flags & CELL_RELEVANT))
            continue;
        if (!iv->plan[d].repeat)
            found = node_of(iv, f, d);
        else if (c->u.list.n)
            found = node_of(iv, c->u.list.v[c->u.list.n - 1], d);
    }
    return found;
}

static struct node tree_first(struct node n)
{
    const struct interview *iv = of(n);
    if (n.part == DOCUMENT)
        return node_of(iv, iv->root, 0);
    if (n.part >= ATTRIBUTE)
        return NODE_NONE;
    return seek_forth(iv, n.base, n.item + 1, node_at(iv, n.item)->end);
}

static struct node tree_last(struct node n)
{
    const struct interview *iv = of(n);
    if (n.part == DOCUMENT)
        return node_of(iv, iv->root, 0);
    if (n.part >= ATTRIBUTE)
        return NODE_NONE;
    uint32_t end = node_at(iv, n.item)->end;
    return seek_back(iv, n.base, n.item + 1, end);
}

static struct node tree_next(struct node n)
{
    const struct interview *iv = of(n);
    struct frame *f = n.base;
    if (n.part || n.item == 0)
        return NODE_NONE;
    if (is_instance(iv, f, n.item)) {
        struct frame_list *l = &cell_at(iv, f->up, n.item)->u.list;
        if (f->index + 1 < l->n)
            return node_of(iv, l->v[f->index + 1], n.item);
        f = f->up;
    }
    const struct form_node *d = node_at(iv, n.item);
    return seek_forth(iv, f, d->end, node_at(iv, d->parent)->end);
}

static struct node tree_prev(struct node n)
{
    const struct interview *iv = of(n);
    struct frame *f = n.base;
    if (n.part || n.item == 0)
        return NODE_NONE;
    if (is_instance(iv, f, n.item)) {
        if (f->index > 0)
            return node_of(iv, cell_at(iv, f->up, n.item)->u.list.v[f->index - 1], n.item);
        f = f->up;
    }
    return seek_back(iv, f, node_at(iv, n.item)->parent + 1, n.item);
}

/* ---- the tree: values ---- */

static void add_text(struct node n, struct buf *b)
{
    if (!of(n)->plan[n.item].container) {
        buf_add_str(b, cell_text(cell_at(of(n), n.base, n.item)));
        return;
    }
    for (struct node c = tree_first(n); c.tree; c = tree_next(c))
        add_text(c, b);
}

static struct str tree_string(struct node n, struct arena *a)
{
    const struct interview *iv = of(n);
    if (n.part >= ATTRIBUTE)
        return attribute_of(n).value;
    if (n.part != DOCUMENT && !iv->plan[n.item].container)
        return cell_text(cell_at(iv, n.base, n.item));
    if (n.part == DOCUMENT)
        n = node_of(iv, iv->root, 0);
    struct buf b;
    buf_init(&b, LIMIT_RECORD_BYTES);
    add_text(n, &b);
    struct str s = arena_str(a, buf_str(&b));
    buf_wipe_done(&b);
    return s;
}

static bool tree_typed(struct node n, struct value *ret)
{
    const struct interview *iv = of(n);
    if (n.part || iv->plan[n.item].container)
        return false;
    return cell_value(iv, cell_at(iv, n.base, n.item), n.item, ret);
}

/* Kept beside the text by answer.c; a blank reads as NaN, what was typed as text is not kept. */
static bool tree_number(struct node n, double *ret)
{
    const struct interview *iv = of(n);
    if (n.part || iv->plan[n.item].container)
        return false;
    const struct cell *c = cell_at(iv, n.base, n.item);
    *ret = c->flags & CELL_NUMBER ? c->kept.number : NAN;
    return c->flags & CELL_NUMBER || c->n == 0;
}

/* ---- the tree: order ---- */

/* What stands for `n` in `within`, one of the frames it lies in: its own definition or the nested
 * repeat's, and there which instance, counted from 1 (the repeat as a whole comes before). */
static void rank_within(struct node n, const struct frame *within, uint32_t *ret_def,
                        uint32_t *ret_index)
{
    const struct frame *f = n.base;
    *ret_def = n.item;
    *ret_index = 0;
    while (f != within) {
        *ret_def = f->def;
        *ret_index = f->index + 1;
        f = f->up;
    }
}

static int depth_of(const struct frame *f)
{
    int depth = 0;
    while ((f = f->up))
        depth++;
    return depth;
}

static int compare(uint32_t a, uint32_t b)
{
    return a < b ? -1 : a > b;
}

static int tree_order(struct node a, struct node b)
{
    if (a.part == DOCUMENT || b.part == DOCUMENT)
        return (a.part != DOCUMENT) - (b.part != DOCUMENT);
    const struct frame *fa = a.base, *fb = b.base;
    int da = depth_of(fa), db = depth_of(fb);
    for (; da > db; da--)
        fa = fa->up;
    for (; db > da; db--)
        fb = fb->up;
    while (fa != fb) {
        fa = fa->up;
        fb = fb->up;
    }
    uint32_t def_a, def_b, index_a, index_b;
    rank_within(a, fa, &def_a, &index_a);
    rank_within(b, fb, &def_b, &index_b);
    if (def_a != def_b || index_a != index_b)
        return def_a != def_b ? compare(def_a, def_b) : compare(index_a, index_b);
    return compare(a.part, b.part);
}

/* ---- the tree: references ---- */

static struct frame *shared_frame(const struct interview *iv, struct node context, uint32_t repeat)
{
    struct frame *f = context.base;
    while (f->up && !repeat_above(iv, f->def, repeat))
        f = f->up;
    return f;
}

static size_t count_below(const struct interview *iv, struct frame *f, uint32_t repeat)
{
    if (f->def == repeat)
        return 1;
    uint32_t r = repeat_towards(iv, f->def, repeat);
    struct cell *c = cell_at(iv, f, r);
    if (!(c->flags & CELL_RELEVANT))
        return 0;
    if (r == repeat)
        return c->u.list.n;
    size_t n = 0;
    for (uint32_t i = 0; i < c->u.list.n; i++)
        n += count_below(iv, c->u.list.v[i], repeat);
    return n;
}

static void add_below(const struct interview *iv, struct frame *f, uint32_t repeat, uint32_t def,
                      struct nodes *to)
{
    if (f->def == repeat) {
        if (is_relevant(iv, f, def))
            to->v[to->n++] = node_of(iv, f, def);
        return;
    }
    uint32_t r = repeat_towards(iv, f->def, repeat), slot = iv->plan[def].slot;
    struct cell *c = cell_at(iv, f, r);
    if (!(c->flags & CELL_RELEVANT))
        return;
    for (uint32_t i = 0; i < c->u.list.n; i++) {
        struct frame *in = c->u.list.v[i];
        if (r != repeat)
            add_below(iv, in, repeat, def, to);
        else if (def == repeat || in->cells[slot].flags & CELL_RELEVANT)
            to->v[to->n++] = node_of(iv, in, def);
    }
}

static void tree_refs(struct node context, uint32_t def, struct arena *a, struct nodes *ret)
{
    const struct interview *iv = of(context);
    uint32_t repeat = iv->plan[def].own;
    struct frame *f = shared_frame(iv, context, repeat);
    ret->n = 0;
    ret->v = ARENA_ARRAY(a, struct node, count_below(iv, f, repeat));
    add_below(iv, f, repeat, def, ret);
}

static struct node tree_ref(struct node context, uint32_t def)
{
    const struct interview *iv = of(context);
    uint32_t repeat = iv->plan[def].own;
    struct frame *f = shared_frame(iv, context, repeat);
    if (f->def != repeat || !is_relevant(iv, f, def))
        return NODE_NONE;
    return node_of(iv, f, def);
}

static uint32_t tree_def(struct node n)
{
    return n.part ? DEF_NONE : n.item;
}

static uint32_t tree_position(struct node n)
{
    const struct frame *f = n.base;
    return f->up ? f->index + 1 : 0;
}

const struct tree_ops instance_ops = {
    .kind = tree_kind,
    .name = tree_name,
    .uri = tree_uri,
    .prefix = tree_prefix,
    .root = tree_root,
    .parent = tree_parent,
    .first = tree_first,
    .last = tree_last,
    .next = tree_next,
    .prev = tree_prev,
    .attribute = tree_attribute,
    .string = tree_string,
    .typed = tree_typed,
    .number = tree_number,
    .order = tree_order,
    .refs = tree_refs,
    .ref = tree_ref,
    .def = tree_def,
    .position = tree_position,
};
