/* Choice lists; see choices.h. */
#include "forms/model/choices.h"

#include <math.h>
#include <stdlib.h>

#include "forms/base/num.h"
#include "forms/expr/convert.h"
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
    return l->xml_items ? l->xml_items[row] : at(l, row, LIST_ITEM);
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

/* The column of /root/item[key = …] when it has an index, else DEF_NONE. */
static uint32_t indexed_column(struct node parent, struct str name, struct str key)
{
    const struct choice_list *l = list_of(parent);
    if (parent.item != LIST_ROOT || !str_is(name, "item") || !l->indexes)
        return DEF_NONE;
    uint32_t column = choice_column(l, key);
    return column == DEF_NONE || !l->indexes[column] ? DEF_NONE : column;
}

static struct nodes items(const struct choice_list *l, const uint32_t *rows, uint32_t n,
                          struct arena *a)
{
    struct node *v = ARENA_ARRAY(a, struct node, n);
    for (uint32_t i = 0; i < n; i++)
        v[i] = at(l, rows[i], LIST_ITEM);
    return (struct nodes){.v = v, .n = n};
}

static bool tree_lookup(struct node parent, struct str name, struct str key, struct str want,
                        struct arena *a, struct nodes *ret)
{
    uint32_t n, column = indexed_column(parent, name, key);
    if (column == DEF_NONE)
        return false;
    const uint32_t *rows = choice_index_rows(list_of(parent), column, want, &n);
    *ret = items(list_of(parent), rows, n, a);
    return true;
}

static bool tree_lookup_number(struct node parent, struct str name, struct str key, double want,
                               struct arena *a, struct nodes *ret)
{
    uint32_t n, column = indexed_column(parent, name, key);
    if (column == DEF_NONE)
        return false;
    const uint32_t *rows = choice_index_number(list_of(parent), column, want, a, &n);
    if (rows)
        *ret = items(list_of(parent), rows, n, a);
    return rows;
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
    .lookup_number = tree_lookup_number,
};

/* ---- indexes ---- */

uint32_t choice_column(const struct choice_list *l, struct str name)
{
    for (uint32_t i = 0; i < l->n_columns; i++)
        if (str_eq(l->columns[i].name, name))
            return i;
    return DEF_NONE;
}

static uint64_t number_hash(double x, uint64_t seed)
{
    char text[NUM_TEXT_MAX];
    return names_hash((struct str){text, num_text(x, text)}, seed);
}

/* Digits alone, few enough for a double to hold them exactly, are a number's own text. */
static bool is_own_text(struct str s)
{
    if (s.n == 0 || s.n > 15 || s.p[0] == '0')
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return true;
}

/* Nothing else can begin what reads as a number. */
static bool may_be_number(struct str s)
{
    return s.n > 0 && (unsigned char)s.p[0] <= '9';
}

static uint64_t cell_hash(struct str s, uint64_t seed)
{
    double x = may_be_number(s) && !is_own_text(s) ? text_number(s, false) : NAN;
    return isnan(x) ? names_hash(s, seed) : number_hash(x, seed);
}

/* May be one, of those that are no number. */
static bool looks_like_date(struct str s)
{
    s = str_trim(s);
    return s.n > 4 && s.p[4] == '-' && may_be_number(s);
}

#define RADIX_BITS 11u
#define RADIX_SIZE (1u << RADIX_BITS)
#define FEW        256u /* sorted by comparing */

static int by_key(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Sorts by the upper 32 bits; the lower ones ascend already, and each pass keeps the order. */
static void sort_keys(uint64_t *keys, uint64_t *spare, uint32_t n)
{
    if (n < FEW) {
        qsort(keys, n, sizeof *keys, by_key);
        return;
    }
    for (unsigned shift = 32; shift < 64; shift += RADIX_BITS) {
        uint32_t at[RADIX_SIZE] = {0}, next = 0;
        for (uint32_t i = 0; i < n; i++)
            at[keys[i] >> shift & (RADIX_SIZE - 1)]++;
        for (uint32_t k = 0; k < RADIX_SIZE; k++) {
            uint32_t count = at[k];
            at[k] = next;
            next += count;
        }
        for (uint32_t i = 0; i < n; i++)
            spare[at[keys[i] >> shift & (RADIX_SIZE - 1)]++] = keys[i];
        memcpy(keys, spare, n * sizeof *keys);
    }
}

/* Rows of one hash and several texts: by text, then row. There is hardly ever one. */
static bool part_texts(uint32_t *rows, uint32_t n, const struct str *cells)
{
    bool mixed = false;
    for (uint32_t i = 1; i < n && !mixed; i++)
        mixed = !str_eq(cells[rows[i]], cells[rows[0]]);
    for (uint32_t i = 1; i < n && mixed; i++)
        for (uint32_t k = i; k > 0 && str_cmp(cells[rows[k - 1]], cells[rows[k]]) > 0; k--) {
            uint32_t t = rows[k];
            rows[k] = rows[k - 1];
            rows[k - 1] = t;
        }
    return mixed;
}

struct choice_index *choice_index_make(const struct choice_list *l, uint32_t column,
                                       struct arena *a)
{
    const struct str *cells = l->columns[column].cells;
    struct choice_index *x = ARENA_NEW(a, struct choice_index);
    uint64_t *keys = mem_calloc(l->rows, 2 * sizeof *keys);
    x->seed = (uint64_t)(uintptr_t)cells;
    for (uint32_t r = 0; r < l->rows; r++) {
        keys[x->n++] = (cell_hash(cells[r], x->seed) << 32) | r;
        x->dates = x->dates || looks_like_date(cells[r]);
    }
    sort_keys(keys, keys + l->rows, x->n);
    uint32_t *hashes = ARENA_ARRAY(a, uint32_t, x->n), *rows = ARENA_ARRAY(a, uint32_t, x->n);
    for (uint32_t i = 0; i < x->n; i++) {
        hashes[i] = (uint32_t)(keys[i] >> 32);
        rows[i] = (uint32_t)keys[i];
    }
    mem_free(keys);
    for (uint32_t i = 0, end; i < x->n; i = end) {
        for (end = i + 1; end < x->n && hashes[end] == hashes[i];)
            end++;
        if (end - i > 1 && part_texts(rows + i, end - i, cells))
            x->collides = true;
    }
    x->hashes = hashes;
    x->rows = rows;
    return x;
}

/* The first place whose hash is not below. Hashes spread evenly, so the guess is a good one. */
static uint32_t lower_bound(const struct choice_index *x, uint32_t hash)
{
    uint32_t low = 0, high = x->n;
    uint32_t guess = (uint32_t)((uint64_t)hash * x->n >> 32);
    for (uint32_t step = 64; step < x->n; step *= 4) {
        uint32_t before = guess > step ? guess - step : 0;
        uint32_t behind = x->n - guess > step ? guess + step : x->n;
        if ((before == 0 || x->hashes[before - 1] < hash) &&
            (behind == x->n || x->hashes[behind] >= hash)) {
            low = before;
            high = behind;
            break;
        }
    }
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (x->hashes[middle] < hash)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const uint32_t *choice_index_rows(const struct choice_list *l, uint32_t column, struct str want,
                                  uint32_t *ret_n)
{
    const struct choice_index *x = l->indexes[column];
    const struct str *cells = l->columns[column].cells;
    uint32_t hash = (uint32_t)cell_hash(want, x->seed), i = lower_bound(x, hash);
    while (i < x->n && x->hashes[i] == hash && !str_eq(cells[x->rows[i]], want))
        i++;
    uint32_t end = i;
    while (end < x->n && x->hashes[end] == hash &&
           (!x->collides || str_eq(cells[x->rows[end]], want)))
        end++;
    *ret_n = end - i;
    return x->rows + i;
}

static int by_row(const void *a, const void *b)
{
    const uint32_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

const uint32_t *choice_index_number(const struct choice_list *l, uint32_t column, double want,
                                    struct arena *a, uint32_t *ret_n)
{
    const struct choice_index *x = l->indexes[column];
    const struct str *cells = l->columns[column].cells;
    if (x->dates)
        return NULL;
    uint32_t hash = (uint32_t)number_hash(want, x->seed), from = lower_bound(x, hash), end = from;
    while (end < x->n && x->hashes[end] == hash)
        end++;
    if (!x->collides && from < end) { /* one text */
        *ret_n = text_number(cells[x->rows[from]], false) == want ? end - from : 0;
        return x->rows + from;
    }
    uint32_t *rows = ARENA_ARRAY(a, uint32_t, end - from + 1), n = 0;
    for (uint32_t i = from; i < end; i++)
        if (text_number(cells[x->rows[i]], false) == want)
            rows[n++] = x->rows[i];
    qsort(rows, n, sizeof *rows, by_row);
    *ret_n = n;
    return rows;
}

uint32_t choice_find(const struct choice_list *l, struct str name)
{
    if (l->name_column == DEF_NONE || !l->indexes || !l->indexes[l->name_column] || name.n == 0)
        return DEF_NONE;
    uint32_t n;
    const uint32_t *rows = choice_index_rows(l, l->name_column, name, &n);
    return n > 0 ? rows[0] : DEF_NONE;
}
