/* Lists in files beside the form: CSV, XML, GeoJSON, and itemsets.csv with several lists in one. A file that
 * isn't there is a warning, and leaves its list not loaded. */
#include "forms/model/build_i.h"

#include "forms/read/cellbag.h"
#include "forms/read/lists.h"

#define MAX_FILES 1000u

/* A file beside the form, read once however many lists it holds. */
struct external_file {
    struct str name;
    struct table table;
    struct node xml_root; /* of XML that is no plain table; the table has what a select can offer */
    const struct node *xml_items;
    bool loaded;
};

/* ---- XML that is no plain table ---- */

static struct node next_named(struct node n, const char *name)
{
    while (n.tree && (n.tree->ops->kind(n) != NODE_ELEMENT || !str_is(n.tree->ops->name(n), name)))
        n = n.tree->ops->next(n);
    return n;
}

/* The cells of a row: the first child of each name, as a path to it would find. */
static bool take_item(struct cellbag *bag, uint32_t *seen, struct node item, struct arena *a)
{
    const struct tree_ops *ops = item.tree->ops;
    bag->guess = 0;
    for (struct node c = ops->first(item); c.tree; c = ops->next(c)) {
        if (ops->kind(c) != NODE_ELEMENT)
            continue;
        uint32_t column = cellbag_column(bag, ops->name(c));
        if (column >= CELLBAG_COLUMNS)
            return false;
        if (seen[column] == bag->rows + 1)
            continue;
        seen[column] = bag->rows + 1;
        if (!cellbag_put_at(bag, column, str_trim(ops->string(c, a))))
            return false;
    }
    return true;
}

/* What a select offers of any document: /root/item. */
static bool take_items(struct build *b, struct external_file *f, struct err *e)
{
    const struct tree_ops *ops = f->xml_root.tree->ops;
    struct node root = f->xml_root;
    struct cellbag bag = {.a = b->a};
    struct node *items = NULL;
    uint32_t seen[CELLBAG_COLUMNS] = {0};
    size_t cap = 0;
    bool ok = true;
    if (ops->kind(root) == NODE_ROOT)
        root = next_named(ops->first(root), "root");
    struct node n = root.tree && str_is(ops->name(root), "root") ? ops->first(root) : NODE_NONE;
    for (n = next_named(n, "item"); n.tree && ok; n = next_named(ops->next(n), "item")) {
        items = mem_grow(items, bag.rows, &cap, sizeof *items);
        items[bag.rows] = n;
        ok = take_item(&bag, seen, n, &b->scratch);
        bag.rows++;
    }
    struct node *kept = ARENA_ARRAY(b->a, struct node, bag.rows);
    if (bag.rows)
        memcpy(kept, items, bag.rows * sizeof *kept);
    f->xml_items = kept;
    ok = ok && cellbag_table(&bag, &f->table);
    cellbag_done(&bag);
    mem_free(items);
    return ok || cellbag_too_large(e);
}

/* ---- files ---- */

static bool parse(struct build *b, struct external_file *f, struct str bytes, struct err *e)
{
    if (str_ends(f->name, STR(".geojson")))
        return lists_geojson(&f->table, bytes, b->a, e);
    if (!str_ends(f->name, STR(".xml")))
        return lists_csv(&f->table, bytes, b->a, e);
    bool is_table;
    if (!lists_xml(&f->table, &is_table, bytes, b->a, e))
        return false;
    if (is_table)
        return true;
    return xmltree_parse(&f->xml_root, arena_str(b->a, bytes), b->a, e) && take_items(b, f, e);
}

static void load(struct build *b, struct external_file *f, struct spot at)
{
    struct buf bytes;
    struct err e = {0};
    buf_init(&bytes, LIMIT_FORM_ENTRY);
    if (!b->host || !b->host->file) {
        build_warn(b, ERR_LIST_ABSENT, at, f->name);
    } else if (!b->host->file(b->host->ctx, f->name, &bytes, &e)) {
        if (err_is(&e, &ERR_FILE_MISSING)) {
            build_warn(b, ERR_LIST_ABSENT, at, f->name);
        } else {
            build_pos(b, at, &e.pos);
            diags_add(b->diags, SEV_WARNING, &e);
        }
    } else if (parse(b, f, buf_str(&bytes), &e)) {
        f->loaded = true;
    } else {
        size_t n = f->name.n < sizeof e.pos.file - 1 ? f->name.n : sizeof e.pos.file - 1;
        char file[256];
        memcpy(file, f->name.p, n);
        file[n] = '\0';
        pos_set(&e.pos, file, "", e.pos.row, STR(""));
        diags_add(b->diags, SEV_ERROR, &e);
    }
    buf_done(&bytes);
}

static struct external_file *file_of(struct build *b, struct str name, struct spot at)
{
    for (size_t i = 0; i < b->n_files; i++)
        if (str_eq(b->files[i]->name, name))
            return b->files[i];
    struct external_file *f = ARENA_NEW(b->a, struct external_file);
    f->name = name;
    if (b->n_files == MAX_FILES) {
        build_error(b, ERR_LIMIT, at, STR("The form"), STR("1000 external lists"));
        return f;
    }
    b->files = mem_grow(b->files, b->n_files, &b->cap_files, sizeof *b->files);
    b->files[b->n_files++] = f;
    load(b, f, at);
    return f;
}

static void take_table(struct build *b, struct choice_list *l, const struct external_file *f)
{
    struct column *v = ARENA_ARRAY(b->a, struct column, f->table.columns);
    for (uint32_t i = 0; i < f->table.columns; i++)
        v[i] = (struct column){f->table.names[i], f->table.cells[i]};
    l->columns = v;
    l->n_columns = f->table.columns;
    l->rows = f->table.rows;
    l->xml_root = f->xml_root;
    l->xml_items = f->xml_items;
    l->loaded = f->loaded;
    bool geo = str_ends(f->name, STR(".geojson"));
    l->name_column = choice_column(l, geo ? STR("id") : STR("name"));
    l->label_column = choice_column(l, geo ? STR("title") : STR("label"));
}

uint32_t external_declare(struct build *b, struct str id, struct str file, struct spot at)
{
    bool is_new;
    struct list_draft *d = choices_add(b, id, at, &is_new);
    uint32_t number = (uint32_t)(d - b->lists);
    if (is_new) {
        d->l->external = true;
        d->l->file = file;
        take_table(b, d->l, file_of(b, file, at));
    } else if (!d->l->external || !str_eq(d->l->file, file)) {
        build_error(b, ERR_INSTANCE_TWICE, at, id, d->l->external ? d->l->file : STR("choices"),
                    file);
        return DEF_NONE;
    }
    return number;
}

/* itemsets.csv holds several lists, told apart by its column list_name: each gets its own rows. */
static void take_rows(struct build *b, struct choice_list *l, uint32_t by)
{
    const struct str *lists = l->columns[by].cells;
    uint32_t rows = 0;
    for (uint32_t r = 0; r < l->rows; r++)
        rows += str_eq(lists[r], l->id);
    struct column *v = ARENA_ARRAY(b->a, struct column, l->n_columns);
    for (uint32_t c = 0; c < l->n_columns; c++) {
        struct str *cells = ARENA_ARRAY(b->a, struct str, rows);
        for (uint32_t r = 0, k = 0; r < l->rows; r++)
            if (str_eq(lists[r], l->id))
                cells[k++] = l->columns[c].cells[r];
        v[c] = (struct column){l->columns[c].name, cells};
    }
    l->columns = v;
    l->rows = rows;
}

uint32_t external_itemset(struct build *b, struct str list, struct spot at)
{
    uint32_t number = external_declare(b, list, STR("itemsets.csv"), at);
    if (number == DEF_NONE || b->lists[number].at.row != at.row)
        return number;
    if (++b->n_itemsets > MAX_FILES) {
        build_error(b, ERR_LIMIT, at, STR("itemsets.csv"), STR("1000 lists"));
        return DEF_NONE;
    }
    struct choice_list *l = b->lists[number].l;
    uint32_t by = choice_column(l, STR("list_name"));
    if (l->loaded && by != DEF_NONE)
        take_rows(b, l, by);
    else if (l->loaded)
        build_error(b, ERR_ITEMSETS, at, list);
    return number;
}

/* The names of the files, for form_externals(). */
void externals_finish(struct build *b)
{
    struct str *names = ARENA_ARRAY(b->a, struct str, b->n_files);
    for (size_t i = 0; i < b->n_files; i++)
        names[i] = b->files[i]->name;
    b->f->externals = names;
    b->f->n_externals = (uint32_t)b->n_files;
}
