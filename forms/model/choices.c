/* Choice lists; see choices.h. */
#include "forms/model/choices.h"

#include "forms/model/names.h"

#define LIST_DOCUMENT (UINT32_MAX - 1)
#define LIST_ROOT     (UINT32_MAX - 2)
#define LIST_ITEM     (UINT32_MAX - 3)

static const struct choice_list *list_of(struct node n)
{
    return (const struct choice_list *)n.base;
}

static struct node at(const struct choice_list *l, uint32_t item, uint32_t part)
{
    /* The tree's functions take the list for what it is: nothing is ever written through a node. */
    return (struct node){&l->tree, (void *)l, item, part};
}

struct node choice_list_root(const struct choice_list *l)
{
    return l->xml_root.tree ? l->xml_root : at(l, LIST_DOCUMENT, 0);
}

struct node choice_item(const struct choice_list *l, uint32_t row)
{
    return at(l, row, LIST_ITEM);
}

static bool is_cell(struct node n)
{
    return n.item < LIST_ROOT && n.part < LIST_ITEM;
}

static bool is_item(struct node n)
{
    return n.item < LIST_ROOT && n.part == LIST_ITEM;
}

/* ---- the tree ---- */

static enum node_kind tree_kind(struct node n)
{
    return n.item == LIST_DOCUMENT ? NODE_ROOT : NODE_ELEMENT;
}

static struct str tree_name(struct node n)
{
    if (n.item == LIST_DOCUMENT)
        return STR("");
    if (n.item == LIST_ROOT)
        return STR("root");
    return n.part == LIST_ITEM ? STR("item") : list_of(n)->columns[n.part].name;
}

static struct node tree_root(struct node n)
{
    return at(list_of(n), LIST_DOCUMENT, 0);
}

static struct node tree_parent(struct node n)
{
    if (is_cell(n))
        return at(list_of(n), n.item, LIST_ITEM);
    if (is_item(n))
        return at(list_of(n), LIST_ROOT, 0);
    return n.item == LIST_ROOT ? tree_root(n) : NODE_NONE;
}

static struct node tree_first(struct node n)
{
    const struct choice_list *l = list_of(n);
    if (n.item == LIST_DOCUMENT)
        return at(l, LIST_ROOT, 0);
    if (n.item == LIST_ROOT)
        return l->rows ? at(l, 0, LIST_ITEM) : NODE_NONE;
    return is_item(n) && l->n_columns ? at(l, n.item, 0) : NODE_NONE;
}

static struct node tree_last(struct node n)
{
    const struct choice_list *l = list_of(n);
    if (n.item == LIST_DOCUMENT)
        return at(l, LIST_ROOT, 0);
    if (n.item == LIST_ROOT)
        return l->rows ? at(l, l->rows - 1, LIST_ITEM) : NODE_NONE;
    return is_item(n) && l->n_columns ? at(l, n.item, l->n_columns - 1) : NODE_NONE;
}

static struct node tree_next(struct node n)
{
    const struct choice_list *l = list_of(n);
    if (is_item(n))
        return n.item + 1 < l->rows ? at(l, n.item + 1, LIST_ITEM) : NODE_NONE;
    return is_cell(n) && n.part + 1 < l->n_columns ? at(l, n.item, n.part + 1) : NODE_NONE;
}

static struct node tree_prev(struct node n)
{
    const struct choice_list *l = list_of(n);
    if (is_item(n))
        return n.item > 0 ? at(l, n.item - 1, LIST_ITEM) : NODE_NONE;
    return is_cell(n) && n.part > 0 ? at(l, n.item, n.part - 1) : NODE_NONE;
}

/* All text below: what XPath says of a node with children, and nobody asks of a list. */
static struct str tree_string(struct node n, struct arena *a)
{
    const struct choice_list *l = list_of(n);
    if (is_cell(n))
        return l->columns[n.part].cells[n.item];
    uint32_t first = is_item(n) ? n.item : 0, end = is_item(n) ? n.item + 1 : l->rows;
    size_t length = 0;
    for (uint32_t r = first; r < end; r++)
        for (uint32_t c = 0; c < l->n_columns; c++)
            length += l->columns[c].cells[r].n;
    char *p = arena_alloc(a, length + 1);
    size_t k = 0;
    for (uint32_t r = first; r < end; r++)
        for (uint32_t c = 0; c < l->n_columns; c++) {
            struct str s = l->columns[c].cells[r];
            if (s.n)
                memcpy(p + k, s.p, s.n);
            k += s.n;
        }
    return (struct str){p, k};
}

/* Document, root, then each item before its cells. */
static uint64_t rank(struct node n)
{
    if (n.item == LIST_DOCUMENT)
        return 0;
    if (n.item == LIST_ROOT)
        return 1;
    return ((uint64_t)n.item << 32) + (n.part == LIST_ITEM ? 2u : 3u + (uint64_t)n.part);
}

static int tree_order(struct node a, struct node b)
{
    uint64_t x = rank(a), y = rank(b);
    return (x > y) - (x < y);
}

static bool tree_lookup(struct node parent, struct str name, struct str key, struct str want,
                        struct arena *a, struct nodes *ret)
{
    const struct choice_list *l = list_of(parent);
    if (parent.item != LIST_ROOT || !str_is(name, "item") || want.n == 0 || !l->indexes)
        return false; /* blank cells are in no index: the caller looks at every row */
    uint32_t column = choice_column(l, key);
    if (column == DEF_NONE || !l->indexes[column])
        return false;
    uint32_t n;
    const uint32_t *rows = choice_index_rows(l, column, want, &n);
    struct node *v = ARENA_ARRAY(a, struct node, n);
    for (uint32_t i = 0; i < n; i++)
        v[i] = at(l, rows[i], LIST_ITEM);
    *ret = (struct nodes){.v = v, .n = n};
    return true;
}

const struct tree_ops choice_tree_ops = {
    .kind = tree_kind,
    .name = tree_name,
    .root = tree_root,
    .parent = tree_parent,
    .first = tree_first,
    .last = tree_last,
    .next = tree_next,
    .prev = tree_prev,
    .string = tree_string,
    .order = tree_order,
    .lookup = tree_lookup,
};

/* ---- indexes ---- */

uint32_t choice_column(const struct choice_list *l, struct str name)
{
    for (uint32_t i = 0; i < l->n_columns; i++)
        if (str_eq(l->columns[i].name, name))
            return i;
    return DEF_NONE;
}

static uint32_t run_hash(const struct choice_index *x, struct str s)
{
    return (uint32_t)names_hash(s, x->seed);
}

/* The run of a text, or the free one where it would be. While an index is being made the `start` of a run
 * is the first row with that text. */
static uint32_t find_run(const struct choice_index *x, const struct str *cells,
                         const uint32_t *rows, struct str want, uint32_t hash)
{
    uint32_t i = hash & x->mask;
    for (; x->runs[i].n > 0; i = (i + 1) & x->mask) {
        if (x->runs[i].hash != hash)
            continue;
        uint32_t first = rows ? rows[x->runs[i].start] : x->runs[i].start;
        if (str_eq(cells[first], want))
            break;
    }
    return i;
}

struct choice_index *choice_index_make(const struct choice_list *l, uint32_t column,
                                       struct arena *a)
{
    const struct str *cells = l->columns[column].cells;
    struct choice_index *x = ARENA_NEW(a, struct choice_index);
    uint32_t size = 16, used = 0;
    while (size < (uint64_t)l->rows * 2)
        size *= 2;
    *x = (struct choice_index){.mask = size - 1, .seed = (uint64_t)(uintptr_t)cells};
    x->runs = ARENA_ARRAY(a, struct choice_run, size);
    uint32_t *run_of = mem_calloc(l->rows ? l->rows : 1, sizeof *run_of);
    for (uint32_t r = 0; r < l->rows; r++) {
        if (cells[r].n == 0)
            continue;
        uint32_t hash = run_hash(x, cells[r]), i = find_run(x, cells, NULL, cells[r], hash);
        if (x->runs[i].n++ == 0)
            x->runs[i] = (struct choice_run){r, 1, hash};
        run_of[r] = i;
        used++;
    }
    x->rows = ARENA_ARRAY(a, uint32_t, used);
    uint32_t next = 0;
    for (uint32_t i = 0; i < size; i++) {
        x->runs[i].start = next;
        next += x->runs[i].n;
        x->runs[i].n = x->runs[i].n ? 1 : 0; /* refilled below; used ones stay used */
    }
    for (uint32_t r = 0; r < l->rows; r++) {
        if (cells[r].n == 0)
            continue;
        struct choice_run *run = &x->runs[run_of[r]];
        x->rows[run->start + run->n++ - 1] = r;
    }
    for (uint32_t i = 0; i < size; i++)
        x->runs[i].n -= x->runs[i].n ? 1 : 0;
    mem_free(run_of);
    return x;
}

const uint32_t *choice_index_rows(const struct choice_list *l, uint32_t column, struct str want,
                                  uint32_t *ret_n)
{
    const struct choice_index *x = l->indexes[column];
    uint32_t i = find_run(x, l->columns[column].cells, x->rows, want, run_hash(x, want));
    *ret_n = x->runs[i].n;
    return x->rows + x->runs[i].start;
}

uint32_t choice_find(const struct choice_list *l, struct str name)
{
    if (l->name_column == DEF_NONE || !l->indexes || !l->indexes[l->name_column] || name.n == 0)
        return DEF_NONE;
    uint32_t n;
    const uint32_t *rows = choice_index_rows(l, l->name_column, name, &n);
    return n > 0 ? rows[0] : DEF_NONE;
}
