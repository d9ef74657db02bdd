/* Records as CSV files: the files, their tables and columns; see csv.h. */
#include "app/export/csv_i.h"

#include <stdlib.h>

#include "forms/base/num.h"

#define FLUSH_BYTES   ((size_t)256 << 10)
#define BUFFER_MAX    ((size_t)256 << 20) /* one record cannot fill it: LIMIT_RECORD_BYTES */
#define SPLIT_CHOICES 1000                /* longer lists stay one column, the manifest says so */

/* ---- files ---- */

bool csv_flush(struct out_file *f, size_t above, struct err *e)
{
    if (f->buf.n <= above)
        return true;
    hasher_add(&f->hash, f->buf.p, f->buf.n);
    if (!io_write(&f->file, f->buf.p, f->buf.n, e))
        return false;
    f->bytes += f->buf.n;
    buf_clear(&f->buf);
    return true;
}

/* What may stand in a file's name, whatever a form calls itself. */
static struct str safe_name(struct csv_export *x, struct str base, const char *more)
{
    struct buf b;
    buf_init(&b, 4096);
    for (size_t i = 0; i < base.n && i < 100; i++) {
        char c = base.p[i];
        bool safe = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '_' || c == '-';
        buf_add_c(&b, safe ? c : '_');
    }
    buf_add_z(&b, more);
    struct str name = arena_str(&x->arena, buf_str(&b));
    buf_done(&b);
    return name;
}

static bool open_file(struct csv_export *x, struct out_file *f, struct str name, struct err *e)
{
    struct buf path;
    buf_init(&path, 8192);
    buf_add_z(&path, x->options.folder);
    buf_add_c(&path, '/');
    buf_add_str(&path, name);
    f->name = name;
    buf_init(&f->buf, BUFFER_MAX);
    hasher_start(&f->hash, 32);
    f->open = io_create(&f->file, path.p, 0600, e);
    buf_done(&path);
    return f->open;
}

void csv_line_end(struct csv_export *x, struct out_file *f)
{
    buf_add_z(&f->buf, x->options.crlf ? "\r\n" : "\n");
    f->rows++;
}

/* ---- one field ---- */

/* What a spreadsheet takes for the beginning of a formula, also behind blanks or a byte order mark. */
static bool is_formula(struct str s)
{
    if (str_starts(s, STR("\xef\xbb\xbf")))
        s = str_from(s, 3);
    while (s.n && (s.p[0] == ' ' || s.p[0] == '\n'))
        s = str_from(s, 1);
    char c = s.n ? s.p[0] : 'a';
    return c == '=' || c == '+' || c == '-' || c == '@' || c == '\t' || c == '\r';
}

static bool wants_quotes(struct str s)
{
    bool wants = false;
    for (size_t i = 0; i < s.n; i++)
        wants |= s.p[i] == ',' || s.p[i] == '"' || s.p[i] == '\n' || s.p[i] == '\r';
    return wants;
}

static bool is_numbers(struct str s)
{
    double ignored;
    struct str word;
    while (str_word(&s, &word))
        if (!num_parse(word, NUM_PLUS | NUM_EXPONENT, &ignored))
            return false;
    return true;
}

void csv_field(struct csv_export *x, struct out_file *f, struct str s, enum guard how)
{
    struct buf *out = &f->buf;
    if (s.n == 0)
        return;
    bool guard = how != GUARD_NONE && !x->options.exact && is_formula(s) &&
                 !(how == GUARD_NUMBERS && is_numbers(s));
    f->guarded += guard;
    if (!wants_quotes(s)) {
        if (guard)
            buf_add_c(out, '\'');
        buf_add_str(out, s);
        return;
    }
    buf_add_c(out, '"');
    if (guard)
        buf_add_c(out, '\'');
    while (s.n > 0) {
        size_t at = str_find(s, '"', 0);
        buf_add_str(out, str_sub(s, 0, at));
        if (at < s.n)
            buf_add_z(out, "\"\"");
        s = str_from(s, at + 1);
    }
    buf_add_c(out, '"');
}

/* ---- tables and columns ---- */

static bool has_value(const struct csv_export *x, uint32_t def)
{
    const struct form_node *n = &x->form->nodes[def];
    if (n->type == TYPE_GROUP || n->type == TYPE_REPEAT || def == x->form->audit)
        return false;
    if (n->type == TYPE_NOTE && !n->calculation.expr && !n->default_literal.p)
        return false;
    return !n->pii || x->options.pii;
}

/* "group-sub-name" from the table's own node down. */
static void header_of(const struct csv_export *x, const struct table *t, uint32_t def,
                      struct buf *out)
{
    const struct form_node *n = &x->form->nodes[def];
    if (n->parent != t->def) {
        header_of(x, t, n->parent, out);
        buf_add_c(out, '-');
    }
    buf_add_str(out, n->name);
}

static void add_column(struct csv_export *x, struct table *t, struct str header, uint32_t cell,
                       uint32_t choice, enum guard guard)
{
    t->columns = mem_grow(t->columns, t->n_columns, &t->cap_columns, sizeof *t->columns);
    t->columns[t->n_columns++] =
        (struct csv_column){arena_str(&x->arena, header), cell, choice, guard};
}

static bool is_split(const struct csv_export *x, const struct form_node *n)
{
    return n->type == TYPE_SELECT_MULTIPLE && n->list != DEF_NONE &&
           x->form->lists[n->list]->rows <= SPLIT_CHOICES;
}

static void add_choices(struct csv_export *x, struct table *t, const struct form_node *n,
                        uint32_t cell, struct buf *header)
{
    const struct choice_list *l = x->form->lists[n->list];
    size_t base = header->n;
    for (uint32_t row = 0; row < l->rows; row++) {
        struct str name = l->columns[l->name_column].cells[row];
        if (choice_find(l, name) != row)
            continue; /* a name that stands twice */
        header->n = base;
        buf_add_c(header, '/');
        buf_add_str(header, name);
        add_column(x, t, buf_str(header), cell, row, GUARD_NONE);
    }
    if (l->rows > x->picked_max)
        x->picked_max = l->rows;
}

static void add_columns_of(struct csv_export *x, uint32_t table, uint32_t def)
{
    struct table *t = &x->tables[table];
    const struct form_node *n = &x->form->nodes[def];
    struct buf header;
    uint32_t cell = t->n_cells++;
    t->cell_def[cell] = def;
    x->slots[def] = (struct slot){table, cell};
    buf_init(&header, LIMIT_ANSWER_BYTES);
    header_of(x, t, def, &header);
    bool text = (n->stored == STORED_STRING || n->stored == STORED_FILE) && n->list == DEF_NONE &&
                n->list_from == DEF_NONE;
    add_column(x, t, buf_str(&header), cell, DEF_NONE, text ? GUARD_TEXT : GUARD_NUMBERS);
    if (is_split(x, n))
        add_choices(x, t, n, cell, &header);
    buf_done(&header);
}

static uint32_t table_of(const struct csv_export *x, uint32_t def)
{
    uint32_t repeat = x->form->nodes[def].repeat;
    for (uint32_t i = 1; repeat != DEF_NONE && i < x->n_tables; i++)
        if (x->tables[i].def == repeat)
            return i;
    return 0;
}

static uint32_t meta_cell(struct csv_export *x, const char *header)
{
    struct table *t = &x->tables[0];
    uint32_t cell = t->n_cells++;
    t->cell_def[cell] = DEF_NONE;
    add_column(x, t, str_of(header), cell, DEF_NONE, GUARD_TEXT);
    return cell;
}

static void make_tables(struct csv_export *x)
{
    const struct form *f = x->form;
    uint32_t n = 1;
    for (uint32_t d = 1; d < f->n_nodes; d++)
        n += f->nodes[d].type == TYPE_REPEAT;
    x->tables = mem_calloc(n, sizeof *x->tables);
    x->slots = mem_calloc(f->n_nodes, sizeof *x->slots);
    x->n_tables = 1;
    for (uint32_t d = 1; d < f->n_nodes; d++)
        if (f->nodes[d].type == TYPE_REPEAT) {
            struct table *t = &x->tables[x->n_tables];
            t->def = d;
            t->parent = table_of(x, f->nodes[d].parent);
            x->n_tables++;
        }
    for (uint32_t i = 0; i < x->n_tables; i++) {
        /* At most its nodes and the two of the meta block. */
        struct table *t = &x->tables[i];
        size_t most = f->nodes[t->def].end - t->def + 2;
        t->cell_def = mem_calloc(most, sizeof *t->cell_def);
        buf_init(&t->key, 4096);
    }
    for (uint32_t d = 0; d < f->n_nodes; d++) {
        x->slots[d] = (struct slot){table_of(x, d), CELL_NONE};
        if (has_value(x, d))
            add_columns_of(x, x->slots[d].table, d);
    }
    x->instance_id = meta_cell(x, "meta-instanceID");
    x->instance_name = CELL_NONE;
    if (f->instance_name.expr && (!f->instance_name_pii || x->options.pii))
        x->instance_name = meta_cell(x, "meta-instanceName");
    for (uint32_t i = 0; i < x->n_tables; i++)
        x->tables[i].cells = mem_calloc(x->tables[i].n_cells + 1, sizeof(struct cell));
    x->picked = mem_calloc(x->picked_max + 1, sizeof *x->picked);
}

static void write_header(struct csv_export *x, struct table *t)
{
    static const char *const more[] = {"KEY",         "Code",  "DeviceID",   "Outcome",
                                       "ReviewState", "Edits", "FormVersion"};
    struct out_file *f = &t->out;
    for (size_t i = 0; i < t->n_columns; i++) {
        if (i)
            buf_add_c(&f->buf, ',');
        csv_field(x, f, t->columns[i].header, GUARD_TEXT);
    }
    if (t->def) {
        buf_add_z(&f->buf, t->n_columns ? ",PARENT_KEY,KEY" : "PARENT_KEY,KEY");
    } else {
        for (size_t i = 0; i < sizeof more / sizeof *more; i++)
            buf_printf(&f->buf, ",%s", more[i]);
    }
    csv_line_end(x, f);
    f->rows = 0;
    f->guarded = 0; /* the manifest counts answers */
}

/* ---- life ---- */

static bool open_all(struct csv_export *x, struct err *e)
{
    struct str base = x->options.name.n ? x->options.name : x->form->id;
    for (uint32_t i = 0; i < x->n_tables; i++) {
        struct table *t = &x->tables[i];
        struct buf name;
        buf_init(&name, 4096);
        buf_add_str(&name, safe_name(x, base, ""));
        if (t->def) {
            buf_add_c(&name, '-');
            buf_add_str(&name, safe_name(x, x->form->nodes[t->def].name, ""));
        }
        buf_add_z(&name, ".csv");
        bool ok = open_file(x, &t->out, arena_str(&x->arena, buf_str(&name)), e);
        buf_done(&name);
        if (!ok)
            return false;
        write_header(x, t);
    }
    if (!open_file(x, &x->audit, safe_name(x, base, "-audit.csv"), e))
        return false;
    buf_add_z(&x->audit.buf, "instance ID,event,node,start,end,old-value,new-value");
    csv_line_end(x, &x->audit);
    x->audit.rows = 0;
    return true;
}

bool csv_begin(struct csv_export **ret, const struct form *f, const struct csv_options *o,
               struct err *e)
{
    struct csv_export *x = mem_alloc(sizeof *x);
    x->form = f;
    x->options = *o;
    arena_init(&x->arena);
    x->options.folder = arena_strz(&x->arena, o->folder);
    x->options.name = arena_str(&x->arena, o->name);
    x->options.made = arena_str(&x->arena, o->made);
    buf_init(&x->text, LIMIT_RECORD_BYTES);
    buf_init(&x->where, 4096);
    make_tables(x);
    csv_parser_make(x);
    if (!open_all(x, e)) {
        csv_abandon(x);
        return false;
    }
    *ret = x;
    return true;
}

static void free_file(struct out_file *f)
{
    if (f->open)
        io_abandon(&f->file);
    buf_wipe_done(&f->buf);
}

void csv_abandon(struct csv_export *x)
{
    if (!x)
        return;
    for (uint32_t i = 0; i < x->n_tables; i++) {
        struct table *t = &x->tables[i];
        free_file(&t->out);
        mem_free(t->columns);
        mem_free(t->cells);
        mem_free(t->cell_def);
        buf_done(&t->key);
    }
    free_file(&x->audit);
    mem_free(x->tables);
    mem_free(x->slots);
    mem_free(x->picked);
    mem_free(x->files);
    mem_free(x->doubts);
    XML_ParserFree(x->parser);
    buf_wipe_done(&x->text);
    buf_done(&x->where);
    arena_done(&x->arena);
    mem_free(x);
}

/* ---- records ---- */

static void mark(struct out_file *f)
{
    f->mark = f->buf.n;
    f->rows_mark = f->rows;
    f->guarded_mark = f->guarded;
}

static void cut_off(struct out_file *f)
{
    f->buf.n = f->mark;
    f->buf.full = false;
    f->rows = f->rows_mark;
    f->guarded = f->guarded_mark;
}

void csv_cut_off(struct csv_export *x)
{
    for (uint32_t i = 0; i < x->n_tables; i++)
        cut_off(&x->tables[i].out);
    cut_off(&x->audit);
}

bool csv_add(struct csv_export *x, const struct csv_record *r, struct err *e)
{
    for (uint32_t i = 0; i < x->n_tables; i++)
        mark(&x->tables[i].out);
    mark(&x->audit);
    if (!csv_read_record(x, r, e) || !csv_read_audit(x, r, e)) {
        csv_cut_off(x);
        x->totals.refused++;
        return false;
    }
    x->totals.records++;
    for (uint32_t i = 0; i < x->n_tables; i++)
        if (!csv_flush(&x->tables[i].out, FLUSH_BYTES, e))
            return false;
    return csv_flush(&x->audit, FLUSH_BYTES, e);
}

void csv_skip(struct csv_export *x)
{
    x->totals.refused++;
}

void csv_left_out(struct csv_export *x, uint64_t erased, uint64_t conflicts)
{
    x->totals.erased += erased;
    x->totals.conflicts += conflicts;
}

static bool finish(struct out_file *f, struct err *e)
{
    f->open = false; /* io_finish removes what it cannot finish */
    return io_finish(&f->file, e);
}

void csv_doubt(struct csv_export *x, struct str key, bool rejected)
{
    x->doubts = mem_grow(x->doubts, x->n_doubts, &x->cap_doubts, sizeof *x->doubts);
    x->doubts[x->n_doubts++] = (struct csv_doubt){arena_str(&x->arena, key), rejected};
}

void csv_file(struct csv_export *x, struct str record, struct str name, uint64_t bytes,
              const uint8_t hash[32])
{
    x->totals.files += hash != NULL;
    x->totals.files_missing += hash == NULL;
    if (!hash)
        return;
    x->files = mem_grow(x->files, x->n_files, &x->cap_files, sizeof *x->files);
    struct csv_file *f = &x->files[x->n_files++];
    *f = (struct csv_file){arena_str(&x->arena, record), arena_str(&x->arena, name), bytes, {0}};
    memcpy(f->hash, hash, sizeof f->hash);
}

bool csv_end(struct csv_export *x, struct csv_totals *ret, struct err *e)
{
    bool ok = csv_flush(&x->audit, 0, e);
    for (uint32_t i = 0; ok && i < x->n_tables; i++) {
        ok = csv_flush(&x->tables[i].out, 0, e);
        x->totals.rows += x->tables[i].out.rows;
        x->totals.guarded += x->tables[i].out.guarded;
    }
    x->totals.guarded += x->audit.guarded;
    for (uint32_t i = 0; ok && i < x->n_tables; i++)
        ok = finish(&x->tables[i].out, e);
    ok = ok && finish(&x->audit, e) && csv_manifest(x, e);
    if (ok && ret)
        *ret = x->totals;
    csv_abandon(x);
    return ok;
}
