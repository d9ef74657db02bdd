/* A record's XML → rows. Elements are matched to the form's definitions as they come; an element that has
 * no place, or a value where none can be, refuses the record.
 *
 * Nearly every record is as interview_xml writes it: no attributes below the root, five entities, nothing
 * but elements and texts. A scan knows just that and is several times as fast as a parser; whatever else
 * it meets it leaves, and expat reads the record from the start. */
#include <stdlib.h>

#include "app/export/csv_i.h"
#include "forms/base/utf8.h"

static void refuse(struct csv_export *x, const char *why, struct str element)
{
    if (x->why)
        return;
    x->why = why;
    buf_clear(&x->where);
    buf_add_str(&x->where, element);
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

/* ",N,", in every row: without printf. */
static void add_number(struct buf *out, uint32_t n)
{
    char text[12];
    size_t at = sizeof text;
    text[--at] = ',';
    do
        text[--at] = (char)('0' + n % 10);
    while (n /= 10);
    buf_add_c(out, ',');
    buf_add(out, text + at, sizeof text - at);
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
        add_number(&f->buf, r->outcome);
        csv_field(x, f, r->review, GUARD_TEXT);
        add_number(&f->buf, r->edits);
        csv_field(x, f, x->form->version, GUARD_TEXT);
    }
    csv_line_end(x, f);
}

/* ---- elements ---- */

static struct str local_name(struct str qname)
{
    for (size_t i = 0; i < qname.n; i++)
        if (qname.p[i] == ':')
            return str_from(qname, i + 1);
    return qname;
}

static void push(struct csv_export *x, uint32_t def, bool meta, struct str qname)
{
    x->levels[x->depth++] = (struct level){def, DEF_NONE, meta, qname};
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

static void begin_cell(struct csv_export *x, struct cell *c, struct str element)
{
    if (c->there) {
        refuse(x, "an answer stands twice", element);
        return;
    }
    *c = (struct cell){x->text.n, 0, true};
    x->cell = c;
}

static void meta_child(struct csv_export *x, struct str name)
{
    struct table *t = &x->tables[0];
    if (str_is(name, "instanceID"))
        begin_cell(x, &t->cells[x->instance_id], name);
    else if (str_is(name, "instanceName") && x->instance_name != CELL_NONE)
        begin_cell(x, &t->cells[x->instance_name], name);
}

static void definition(struct csv_export *x, uint32_t def, struct str name)
{
    const struct form_node *n = &x->form->nodes[def];
    struct slot slot = x->slots[def];
    if (n->type == TYPE_REPEAT)
        begin_row(x, slot.table);
    else if (slot.cell != CELL_NONE)
        begin_cell(x, &x->tables[slot.table].cells[slot.cell], name);
}

static void element_start(struct csv_export *x, struct str qname)
{
    struct str name = local_name(qname);
    if (x->depth == LIMIT_XML_DEPTH) {
        refuse(x, "too deep", name);
        return;
    }
    if (x->depth == 0) {
        if (!str_eq(x->form->root_name, name))
            refuse(x, "of another form", name);
        push(x, 0, false, qname);
        begin_row(x, 0);
        return;
    }
    struct level *l = &x->levels[x->depth - 1];
    bool in_meta = l->meta; /* and all below: an entity has a label */
    uint32_t def = in_meta ? DEF_NONE : child_of(x, l, name);
    bool meta = def == DEF_NONE && str_is(name, "meta");
    if (def == DEF_NONE && !in_meta && !meta)
        refuse(x, "an element that the form does not have", name);
    if (in_meta && x->depth == 2)
        meta_child(x, name);
    push(x, def, meta || in_meta, qname);
    if (in_meta)
        return;
    if (def != DEF_NONE)
        definition(x, def, name);
}

static void element_end(struct csv_export *x)
{
    struct level *l = &x->levels[--x->depth];
    if (x->cell) {
        x->cell->n = x->text.n - x->cell->at;
        x->cell = NULL;
    }
    if (l->def != DEF_NONE && (l->def == 0 || x->form->nodes[l->def].type == TYPE_REPEAT))
        end_row(x, x->slots[l->def].table);
}

/* ---- the scan ---- */

/* Entities as interview_xml writes them, one character each. */
static size_t entity(struct str s, char *ret)
{
    static const struct {
        struct str name;
        char c;
    } known[] = {{{"&amp;", 5}, '&'},
                 {{"&lt;", 4}, '<'},
                 {{"&gt;", 4}, '>'},
                 {{"&quot;", 6}, '"'},
                 {{"&#13;", 5}, '\r'}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (str_starts(s, known[i].name)) {
            *ret = known[i].c;
            return known[i].name.n;
        }
    return 0;
}

/* False: something that only a parser may judge. */
static bool scan_text(struct csv_export *x, struct str s)
{
    size_t from = 0;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        char plain;
        if (c == '>' || (c < 0x20 && c != '\n' && c != '\t'))
            return false;
        if (c != '&')
            continue;
        size_t n = entity(str_from(s, i), &plain);
        if (n == 0)
            return false;
        if (x->cell) {
            buf_add(&x->text, s.p + from, i - from);
            buf_add_c(&x->text, plain);
        }
        i += n - 1;
        from = i + 1;
    }
    return !x->cell || buf_add(&x->text, s.p + from, s.n - from);
}

/* The name at the beginning of a tag's inside; the rest of the tag is in *rest. */
static struct str tag_name(struct str tag, struct str *rest)
{
    size_t n = 0;
    while (n < tag.n && (unsigned char)tag.p[n] > ' ' && tag.p[n] != '"' && tag.p[n] != '\'')
        n++;
    *rest = str_from(tag, n);
    return str_sub(tag, 0, n);
}

/* The root's attributes: nothing of the form is in them, but they must be some: blank name="value" … */
static bool scan_attributes(struct str s)
{
    while (s.n > 0) {
        struct str name;
        size_t blanks = 0;
        while (blanks < s.n && strchr(" \t\n", s.p[blanks]))
            blanks++;
        s = str_from(s, blanks);
        if (s.n == 0)
            return true;
        name = tag_name(s, &s);
        size_t equals = str_find(name, '=', 0);
        if (blanks == 0 || equals == 0 || equals + 1 != name.n || s.n == 0 || s.p[0] != '"')
            return false;
        size_t end = str_find(s, '"', 1);
        if (end >= s.n || memchr(s.p, '<', end) || memchr(s.p, '&', end))
            return false;
        s = str_from(s, end + 1);
    }
    return true;
}

static bool scan_tag(struct csv_export *x, struct str tag)
{
    struct str rest;
    if (tag.n == 0 || tag.p[0] == '!' || tag.p[0] == '?')
        return false;
    if (tag.p[0] == '/') {
        if (x->depth == 0 || !str_eq(x->levels[x->depth - 1].qname, str_from(tag, 1)))
            return false;
        element_end(x);
        return true;
    }
    bool empty = tag.p[tag.n - 1] == '/';
    if (empty)
        tag.n--;
    struct str name = tag_name(tag, &rest);
    if (name.n == 0 || (rest.n && (x->depth > 0 || !scan_attributes(rest))))
        return false;
    element_start(x, name);
    if (empty && !x->why)
        element_end(x);
    return true;
}

static struct str skip_declaration(struct str s)
{
    size_t end = str_find(s, '>', 0);
    if (!str_starts(s, STR("<?xml ")) || end < 2 || end >= s.n || s.p[end - 1] != '?')
        return s;
    return str_trim(str_from(s, end + 1));
}

static bool scan(struct csv_export *x, struct str xml)
{
    struct str s = str_trim(skip_declaration(str_trim(xml)));
    bool begun = false;
    while (s.n > 0 && !x->why) {
        size_t end = str_find(s, '>', 0);
        if (s.p[0] != '<' || end == s.n || (begun && x->depth == 0))
            return false;
        if (!scan_tag(x, str_sub(s, 1, end - 1)))
            return false;
        begun = true;
        s = str_from(s, end + 1);
        if (s.n == 0 || s.p[0] == '<')
            continue;
        size_t text = str_find(s, '<', 0);
        if (!x->why && (x->depth == 0 || !scan_text(x, str_sub(s, 0, text))))
            return false;
        s = str_from(s, text);
    }
    return x->why || (begun && x->depth == 0);
}

/* ---- the parser ---- */

static void on_start(void *ctx, const XML_Char *qname, const XML_Char **attributes)
{
    struct csv_export *x = ctx;
    (void)attributes;
    if (!x->why)
        element_start(x, str_of(qname));
    if (x->why)
        XML_StopParser(x->parser, XML_FALSE);
}

static void on_end(void *ctx, const XML_Char *qname)
{
    struct csv_export *x = ctx;
    (void)qname;
    if (!x->why)
        element_end(x);
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
    struct csv_export *x = ctx;
    (void)system, (void)public_id, (void)internal;
    refuse(x, "it holds a DOCTYPE", str_of(name));
    XML_StopParser(x->parser, XML_FALSE);
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

static void begin_record(struct csv_export *x)
{
    x->depth = 0;
    x->cell = NULL;
    x->why = NULL;
    buf_clear(&x->text);
    buf_clear(&x->where);
}

static void parse(struct csv_export *x, struct str xml)
{
    csv_cut_off(x); /* the rows that the scan had made */
    begin_record(x);
    XML_ParserReset(x->parser, "UTF-8");
    set_handlers(x);
    if (XML_Parse(x->parser, xml.p, (int)xml.n, 1) != XML_STATUS_OK && !x->why)
        x->why = "it is not well-formed XML";
}

bool csv_read_record(struct csv_export *x, const struct csv_record *r, struct err *e)
{
    char which[ERR_ARG_MAX], where[ERR_ARG_MAX];
    x->record = r;
    begin_record(x);
    if (r->xml.n > LIMIT_RECORD_BYTES + LIMIT_ANSWER_BYTES || !utf8_valid(r->xml, NULL))
        x->why = "it is too large, or no text";
    else if (!scan(x, r->xml))
        parse(x, r->xml);
    if (!x->why && x->text.full)
        x->why = "it is too large";
    if (!x->why)
        return true;
    return err_fail3(e, ERR_EXPORT_RECORD, err_arg(which, r->key), x->why,
                     err_arg(where, buf_str(&x->where)));
}
