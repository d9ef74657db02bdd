/* A record's XML → rows. Elements are matched to the form's definitions as they come; an element that has
 * no place, or a value where none can be, refuses the record. */
#include <stdlib.h>

#include "app/export/csv_i.h"

static void refuse(struct csv_export *x, const char *why, const char *element)
{
    if (x->why)
        return;
    x->why = why;
    buf_clear(&x->where);
    buf_add_z(&x->where, element);
    XML_StopParser(x->parser, XML_FALSE);
}

/* ---- rows ---- */

static struct str cell_text(const struct csv_export *x, const struct cell *c)
{
    return (struct str){x->text.p ? x->text.p + c->at : "", c->n};
}

static void begin_row(struct csv_export *x, uint32_t table)
{
    struct table *t = &x->tables[table];
    for (uint32_t i = 0; i < t->n_cells; i++)
        t->cells[i].there = false;
    for (uint32_t i = 1; i < x->n_tables; i++)
        if (x->tables[i].parent == table)
            x->tables[i].nth = 0;
    buf_clear(&t->key);
    if (t->def == 0) {
        buf_add_str(&t->key, x->record->key);
        return;
    }
    buf_add_str(&t->key, buf_str(&x->tables[t->parent].key));
    buf_add_c(&t->key, '/');
    buf_add_str(&t->key, x->form->nodes[t->def].name);
    buf_printf(&t->key, "[%u]", ++t->nth);
}

/* Which rows of the list the answer names. */
static void pick(struct csv_export *x, const struct choice_list *l, struct str names, bool on)
{
    struct str word;
    while (str_word(&names, &word)) {
        uint32_t row = choice_find(l, word);
        if (row != DEF_NONE)
            x->picked[row] = on;
    }
}

static void write_cells(struct csv_export *x, struct table *t)
{
    struct buf *out = &t->out.buf;
    for (size_t i = 0; i < t->n_columns; i++) {
        const struct csv_column *c = &t->columns[i];
        const struct cell *cell = &t->cells[c->cell];
        struct str s = cell->there ? cell_text(x, cell) : STR("");
        if (i)
            buf_add_c(out, ',');
        csv_field(x, &t->out, s, c->guard);
        if (i + 1 == t->n_columns || t->columns[i + 1].choice == DEF_NONE)
            continue;
        /* The columns of its choices follow. */
        uint32_t def = t->cell_def[c->cell];
        const struct choice_list *l = x->form->lists[x->form->nodes[def].list];
        pick(x, l, s, true);
        for (; i + 1 < t->n_columns && t->columns[i + 1].choice != DEF_NONE; i++) {
            buf_add_c(out, ',');
            if (s.n)
                buf_add_c(out, x->picked[t->columns[i + 1].choice] ? '1' : '0');
        }
        pick(x, l, s, false);
    }
}

static void end_row(struct csv_export *x, uint32_t table)
{
    struct table *t = &x->tables[table];
    struct out_file *f = &t->out;
    const struct csv_record *r = x->record;
    write_cells(x, t);
    if (t->n_columns)
        buf_add_c(&f->buf, ',');
    if (t->def) {
        csv_field(x, f, buf_str(&x->tables[t->parent].key), GUARD_TEXT);
        buf_add_c(&f->buf, ',');
        csv_field(x, f, buf_str(&t->key), GUARD_TEXT);
    } else {
        csv_field(x, f, r->key, GUARD_TEXT);
        buf_add_c(&f->buf, ',');
        csv_field(x, f, r->code, GUARD_TEXT);
        buf_add_c(&f->buf, ',');
        csv_field(x, f, r->device, GUARD_TEXT);
        buf_printf(&f->buf, ",%u,", r->outcome);
        csv_field(x, f, r->review, GUARD_TEXT);
        buf_printf(&f->buf, ",%u,", r->edits);
        csv_field(x, f, x->form->version, GUARD_TEXT);
    }
    csv_line_end(x, f);
}

/* ---- elements ---- */

static const char *local_name(const char *qname)
{
    const char *colon = strrchr(qname, ':');
    return colon ? colon + 1 : qname;
}

static void push(struct csv_export *x, uint32_t def, bool meta)
{
    x->levels[x->depth++] = (struct level){def, DEF_NONE, meta};
}

/* Nearly always the next sibling, or the same repeat again: no look-up. */
static uint32_t child_of(const struct csv_export *x, struct level *l, struct str name)
{
    const struct form *f = x->form;
    if (l->def == DEF_NONE)
        return DEF_NONE;
    if (l->last != DEF_NONE && f->nodes[l->last].type == TYPE_REPEAT &&
        str_eq(f->nodes[l->last].name, name))
        return l->last;
    uint32_t next = l->last == DEF_NONE ? l->def + 1 : f->nodes[l->last].end;
    if (next < f->nodes[l->def].end && str_eq(f->nodes[next].name, name))
        return l->last = next;
    uint32_t def = form_child(f, l->def, name);
    if (def != DEF_NONE)
        l->last = def;
    return def;
}

static void begin_cell(struct csv_export *x, struct cell *c, const char *element)
{
    if (c->there) {
        refuse(x, "an answer stands twice", element);
        return;
    }
    *c = (struct cell){x->text.n, 0, true};
    x->cell = c;
}

static void on_meta_child(struct csv_export *x, const char *name)
{
    struct table *t = &x->tables[0];
    push(x, DEF_NONE, false);
    if (strcmp(name, "instanceID") == 0)
        begin_cell(x, &t->cells[x->instance_id], name);
    else if (strcmp(name, "instanceName") == 0 && x->instance_name != CELL_NONE)
        begin_cell(x, &t->cells[x->instance_name], name);
}

static void on_definition(struct csv_export *x, uint32_t def, const char *name)
{
    const struct form_node *n = &x->form->nodes[def];
    struct slot slot = x->slots[def];
    push(x, def, false);
    if (n->type == TYPE_REPEAT)
        begin_row(x, slot.table);
    else if (slot.cell != CELL_NONE)
        begin_cell(x, &x->tables[slot.table].cells[slot.cell], name);
}

static void on_start(void *ctx, const XML_Char *qname, const XML_Char **attributes)
{
    struct csv_export *x = ctx;
    const char *name = local_name(qname);
    (void)attributes;
    if (x->why)
        return;
    if (x->depth == LIMIT_XML_DEPTH) {
        refuse(x, "too deep", name);
        return;
    }
    if (x->depth == 0) {
        if (!str_is(x->form->root_name, name)) {
            refuse(x, "of another form", name);
            return;
        }
        push(x, 0, false);
        begin_row(x, 0);
        return;
    }
    struct level *l = &x->levels[x->depth - 1];
    uint32_t def = child_of(x, l, str_of(name));
    if (l->meta)
        on_meta_child(x, name);
    else if (def != DEF_NONE)
        on_definition(x, def, name);
    else if (x->depth == 1 && strcmp(name, "meta") == 0)
        push(x, DEF_NONE, true);
    else
        refuse(x, "an element that the form does not have", name);
}

static void on_end(void *ctx, const XML_Char *qname)
{
    struct csv_export *x = ctx;
    (void)qname;
    if (x->why)
        return;
    struct level *l = &x->levels[--x->depth];
    if (x->cell) {
        x->cell->n = x->text.n - x->cell->at;
        x->cell = NULL;
    }
    if (l->def != DEF_NONE && (l->def == 0 || x->form->nodes[l->def].type == TYPE_REPEAT))
        end_row(x, x->slots[l->def].table);
}

static void on_text(void *ctx, const XML_Char *text, int n)
{
    struct csv_export *x = ctx;
    if (x->cell && !x->why)
        buf_add(&x->text, text, (size_t)n);
}

static void on_doctype(void *ctx, const XML_Char *name, const XML_Char *system,
                       const XML_Char *public_id, int internal)
{
    (void)system, (void)public_id, (void)internal;
    refuse(ctx, "it holds a DOCTYPE", name);
}

static void set_handlers(struct csv_export *x)
{
    XML_SetUserData(x->parser, x);
    XML_SetElementHandler(x->parser, on_start, on_end);
    XML_SetCharacterDataHandler(x->parser, on_text);
    XML_SetStartDoctypeDeclHandler(x->parser, on_doctype);
}

void csv_parser_make(struct csv_export *x)
{
    x->parser = XML_ParserCreate("UTF-8");
    if (!x->parser)
        abort(); /* expat took no memory: mem.h's rule */
}

bool csv_read_record(struct csv_export *x, const struct csv_record *r, struct err *e)
{
    char which[ERR_ARG_MAX], where[ERR_ARG_MAX];
    XML_ParserReset(x->parser, "UTF-8");
    set_handlers(x);
    x->record = r;
    x->depth = 0;
    x->cell = NULL;
    x->why = NULL;
    buf_clear(&x->text);
    buf_clear(&x->where);
    if (r->xml.n > LIMIT_RECORD_BYTES + LIMIT_ANSWER_BYTES)
        x->why = "it is too large";
    else if (XML_Parse(x->parser, r->xml.p, (int)r->xml.n, 1) != XML_STATUS_OK && !x->why)
        x->why = "it is not well-formed XML";
    else if (x->text.full)
        x->why = "it is too large";
    if (!x->why)
        return true;
    return err_fail3(e, ERR_EXPORT_RECORD, err_arg(which, r->key), x->why,
                     err_arg(where, buf_str(&x->where)));
}
