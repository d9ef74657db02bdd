/* Lists out of the sheets choices and external_choices. The rows of a list need not stand together, and a
 * list has only the columns in which it has text. */
#include "forms/model/build_i.h"

static const struct cell *cell_of(const struct sheet_row *row, const struct column_use *use,
                                  enum column_id id)
{
    const struct cell *hit = NULL; /* the last of equal headers, as Markdown has it */
    for (uint32_t i = 0; i < row->n; i++)
        if (use[row->cells[i].column].id == id)
            hit = &row->cells[i];
    return hit;
}

struct list_draft *choices_add(struct build *b, struct str id, struct spot at, bool *ret_new)
{
    struct name_entry *slot = names_put(&b->names->lists, 0, id, (uint32_t)b->n_lists, ret_new);
    if (!*ret_new)
        return &b->lists[slot->value];
    struct choice_list *l = ARENA_NEW(b->a, struct choice_list);
    *l = (struct choice_list){
        .tree = {&choice_tree_ops}, .id = id, .name_column = DEF_NONE, .label_column = DEF_NONE};
    b->lists = mem_grow(b->lists, b->n_lists, &b->cap_lists, sizeof *b->lists);
    b->lists[b->n_lists] = (struct list_draft){.l = l, .at = at};
    return &b->lists[b->n_lists++];
}

/* ---- which lists there are ---- */

static void check_headers(struct build *b, const struct sheet *s, const struct column_use *use)
{
    for (uint32_t i = 0; i < s->n_headers; i++) {
        struct str h = s->headers[i];
        if (use[i].id == COL_NONE && str_find(h, ' ', 0) < h.n)
            build_error(b, ERR_CHOICE_HEADER_SPACE, spot_at(s, 1, i), h);
    }
}

static void check_unheaded(struct build *b, const struct sheet *s, const struct sheet_row *row)
{
    for (uint32_t i = 0; i < row->n; i++)
        if (s->headers[row->cells[i].column].n == 0)
            build_error(b, ERR_CHOICE_HEADER_BLANK, spot_at(s, row->row, NO_COLUMN),
                        row->cells[i].text);
}

static bool has_column(const struct sheet *s, const struct column_use *use, enum column_id id)
{
    for (uint32_t i = 0; i < s->n_headers; i++)
        if (use[i].id == id)
            return true;
    return false;
}

/* list_of[row]: the number of its list, or DEF_NONE. */
static void count_rows(struct build *b, const struct sheet *s, const struct column_use *use,
                       uint32_t *list_of)
{
    for (uint32_t r = 0; r < s->n_rows; r++) {
        const struct cell *c = cell_of(&s->rows[r], use, COL_LIST_NAME);
        check_unheaded(b, s, &s->rows[r]);
        list_of[r] = DEF_NONE;
        if (!c) {
            build_warn(b, ERR_CHOICE_NO_LIST, spot_at(s, s->rows[r].row, NO_COLUMN), {0});
            continue;
        }
        bool is_new;
        struct list_draft *d = choices_add(b, clean_text(c->text, false, b->a),
                                           spot_at(s, s->rows[r].row, c->column), &is_new);
        if (is_new) {
            d->sheet = s;
            d->use = use;
            d->l->loaded = true;
        } else if (d->sheet != s) {
            build_error(b, ERR_LIST_TWICE, spot_at(s, s->rows[r].row, c->column), d->l->id);
            continue;
        }
        d->l->rows++;
        list_of[r] = (uint32_t)(d - b->lists);
    }
}

static void read_sheet(struct build *b, const struct sheet *s, const struct column_use *use)
{
    if (!s || s->n_rows == 0)
        return;
    if (!has_column(s, use, COL_LIST_NAME) || !has_column(s, use, COL_NAME)) {
        build_error(b, ERR_CHOICE_HEADER_MISSING, spot_at(s, 1, NO_COLUMN),
                    has_column(s, use, COL_LIST_NAME) ? STR("name") : STR("list_name"));
        return;
    }
    check_headers(b, s, use);
    uint32_t *list_of = mem_calloc(s->n_rows, sizeof *list_of);
    uint32_t first = (uint32_t)b->n_lists;
    count_rows(b, s, use, list_of);
    for (size_t i = first; i < b->n_lists; i++) {
        b->lists[i].rows = ARENA_ARRAY(&b->scratch, const struct sheet_row *, b->lists[i].l->rows);
        b->lists[i].l->rows = 0;
    }
    for (uint32_t r = 0; r < s->n_rows; r++)
        if (list_of[r] != DEF_NONE) {
            struct list_draft *d = &b->lists[list_of[r]];
            d->rows[d->l->rows++] = &s->rows[r];
        }
    mem_free(list_of);
}

void choices_read(struct build *b)
{
    read_sheet(b, b->choices, b->choices_use);
    read_sheet(b, b->external, b->external_use);
}

struct str choices_cell(struct build *b, uint32_t list, uint32_t row, struct str column,
                        struct str language)
{
    const struct list_draft *d = &b->lists[list];
    struct str hit = {"", 0};
    if (!d->sheet)
        return hit;
    bool found = false;
    for (uint32_t i = 0; i < d->rows[row]->n; i++) {
        const struct cell *c = &d->rows[row]->cells[i];
        const struct column_use *u = &d->use[c->column];
        bool match = str_is(column, "name")    ? u->id == COL_NAME
                     : str_is(column, "label") ? u->id == COL_LABEL
                                               : u->id == COL_NONE && str_eq(u->sub, column);
        bool exact = u->id != COL_LABEL || (u->language.p && str_eq(u->language, language));
        if (match && (exact || !found))
            hit = c->text;
        found = found || (match && exact);
    }
    return clean_text(hit, false, b->a);
}

/* ---- tables ---- */

/* What filters see of a row: the name, an untranslated label, whatever is no word of ours. */
static struct str table_column(const struct column_use *u, struct str header)
{
    if (u->id == COL_NAME)
        return STR("name");
    if (u->id == COL_LABEL && !u->language.p)
        return STR("label");
    if (u->id == COL_NONE)
        return header;
    return (struct str){"", 0};
}

/* The columns of a sheet's lists: to a filter a column in which a list has no text is blank, not unknown. */
struct shape {
    struct column *v;
    uint32_t n;
    uint32_t *number; /* of a header: its column + 1 */
};

static void shape_read(struct build *b, struct shape *ret, const struct sheet *s,
                       const struct column_use *use)
{
    struct names names;
    bool is_new;
    if (!s)
        return;
    names_init(&names, &b->scratch, s->n_headers + 1);
    ret->v = ARENA_ARRAY(&b->scratch, struct column, s->n_headers + 1);
    ret->number = ARENA_ARRAY(&b->scratch, uint32_t, s->n_headers);
    ret->v[ret->n++].name = STR("name");
    names_put(&names, 0, STR("name"), 0, &is_new);
    for (uint32_t i = 0; i < s->n_headers; i++) {
        struct str name = table_column(&use[i], s->headers[i]);
        if (name.n == 0)
            continue;
        const struct name_entry *e = names_put(&names, 0, name, ret->n, &is_new);
        if (is_new)
            ret->v[ret->n++].name = name;
        ret->number[i] = e->value + 1;
    }
}

/* A column with text in one row has a place for every row of its list. */
static bool room_for(struct build *b, const struct list_draft *d, uint32_t rows)
{
    b->table_places += rows;
    if (b->table_places <= LIMIT_TABLE)
        return true;
    if (!b->stop)
        build_error(b, ERR_LIMIT, d->at, STR("The table of choices"),
                    STR("24 million cells, blank ones included"));
    b->stop = true;
    return false;
}

/* `blank` has a blank cell for every row of the longest list: columns without text share it. */
static void fill_columns(struct build *b, const struct list_draft *d, const struct shape *shape,
                         const struct str *blank)
{
    struct choice_list *l = d->l;
    const uint32_t *number = shape->number;
    uint32_t n = shape->n, rows = l->rows + d->other;
    struct column *v = ARENA_ARRAY(b->a, struct column, n);
    struct str **cells = mem_calloc(n, sizeof *cells);
    bool *seen = mem_calloc(n, sizeof *seen);
    memcpy(v, shape->v, n * sizeof *v);
    l->columns = v;
    l->n_columns = n;
    for (uint32_t r = 0; r < l->rows; r++)
        for (uint32_t i = 0; i < d->rows[r]->n; i++)
            if (number[d->rows[r]->cells[i].column])
                seen[number[d->rows[r]->cells[i].column] - 1] = true;
    seen[0] = true;
    for (uint32_t c = 0; c < n; c++) {
        v[c].cells = blank;
        if (!seen[c] || !room_for(b, d, rows))
            continue;
        v[c].cells = cells[c] = ARENA_ARRAY(b->a, struct str, rows);
        for (uint32_t r = 0; r < rows; r++)
            cells[c][r] = STR("");
    }
    for (uint32_t r = 0; r < l->rows; r++)
        for (uint32_t i = 0; i < d->rows[r]->n; i++) {
            const struct cell *c = &d->rows[r]->cells[i];
            if (number[c->column] && cells[number[c->column] - 1])
                cells[number[c->column] - 1][r] = clean_text(c->text, false, b->a);
        }
    if (d->other && cells[0])
        cells[0][l->rows] = STR("other");
    l->name_column = 0;
    mem_free(cells);
    mem_free(seen);
}

/* The labels: one run each, most often, in one piece of memory for the whole list. */
static void fill_labels(struct build *b, const struct list_draft *d)
{
    struct choice_list *l = d->l;
    const struct text **labels = ARENA_ARRAY(b->a, const struct text *, l->rows + d->other);
    for (uint32_t r = 0; r < l->rows; r++)
        labels[r] = cell_texts(b, 0, d->rows[r], d->sheet, d->use, COL_LABEL);
    if (d->other) {
        struct text *t = ARENA_ARRAY(b->a, struct text, b->f->n_languages);
        struct text_run *run = ARENA_NEW(b->a, struct text_run);
        *run = (struct text_run){STR("Other"), DEF_NONE, false};
        for (uint32_t i = 0; i < b->f->n_languages; i++)
            t[i] = (struct text){run, 1, true};
        labels[l->rows] = t;
    }
    l->labels = labels;
    l->rows += d->other;
}

static bool has_choice(const struct list_draft *d, const char *name)
{
    for (uint32_t r = 0; r < d->l->rows; r++) {
        const struct cell *c = cell_of(d->rows[r], d->use, COL_NAME);
        if (c && str_is(c->text, name))
            return true;
    }
    return false;
}

void choices_tables(struct build *b)
{
    uint32_t longest = 0;
    size_t columns = 0;
    for (size_t i = 0; i < b->n_lists; i++) {
        const struct list_draft *d = &b->lists[i];
        longest = d->sheet && d->l->rows + 1 > longest ? d->l->rows + 1 : longest;
        columns += d->sheet ? d->sheet->n_headers : 0;
    }
    if (columns > LIMIT_CELLS) {
        build_error(b, ERR_LIMIT, spot_at(b->choices, 1, NO_COLUMN), STR("Lists times columns"),
                    STR("5 million"));
        b->stop = true;
        return;
    }
    struct str *blank = ARENA_ARRAY(b->a, struct str, longest);
    for (uint32_t i = 0; i < longest; i++)
        blank[i] = STR("");
    struct shape choices = {0}, external = {0};
    shape_read(b, &choices, b->choices, b->choices_use);
    shape_read(b, &external, b->external, b->external_use);
    for (size_t i = 0; i < b->n_lists; i++) {
        struct list_draft *d = &b->lists[i];
        if (!d->sheet)
            continue;
        d->other = d->other && !has_choice(d, "other");
        fill_columns(b, d, d->sheet == b->choices ? &choices : &external, blank);
        if (b->stop)
            return;
        fill_labels(b, d);
    }
}

/* ---- indexes ---- */

static bool name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.' || (unsigned char)c >= 0x80;
}

void choices_want(struct build *b, uint32_t list, struct str text)
{
    struct list_draft *d = &b->lists[list];
    if (d->l->n_columns == 0)
        return;
    if (!d->wanted)
        d->wanted = ARENA_ARRAY(&b->scratch, bool, d->l->n_columns);
    for (size_t i = 0; i < text.n;) {
        size_t start = i;
        while (i < text.n && name_char(text.p[i]))
            i++;
        uint32_t c = i > start ? choice_column(d->l, str_sub(text, start, i - start)) : DEF_NONE;
        if (c != DEF_NONE)
            d->wanted[c] = true;
        if (i == start)
            i++;
    }
}

void choices_indexes(struct build *b)
{
    for (size_t i = 0; i < b->n_lists; i++) {
        struct list_draft *d = &b->lists[i];
        struct choice_list *l = d->l;
        if (l->n_columns == 0)
            continue;
        struct choice_index **v = ARENA_ARRAY(b->a, struct choice_index *, l->n_columns);
        for (uint32_t c = 0; c < l->n_columns; c++)
            if (c == l->name_column || (d->wanted && d->wanted[c]))
                v[c] = choice_index_make(l, c, b->a);
        l->indexes = v;
    }
}
