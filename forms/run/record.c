/* The record: the instance as the XML that an ODK server accepts. Nodes that are not relevant are left
 * out, except from a draft; the meta block stands last, as pyxform puts it. */
#include "forms/run/run_i.h"

void xml_add_text(struct buf *out, struct str s)
{
    size_t from = 0;
    for (size_t i = 0; i < s.n; i++) {
        const char *as = NULL;
        switch (s.p[i]) {
        case '&': as = "&amp;"; break;
        case '<': as = "&lt;"; break;
        case '>': as = "&gt;"; break;
        case '"': as = "&quot;"; break;
        case '\r': as = "&#13;"; break; /* a reader would make it a line feed */
        default: continue;
        }
        buf_add_str(out, str_sub(s, from, i - from));
        buf_add_z(out, as);
        from = i + 1;
    }
    buf_add_str(out, str_from(s, from));
}

void xml_add_attribute(struct buf *out, struct str name, struct str value)
{
    buf_add_c(out, ' ');
    buf_add_str(out, name);
    buf_add_z(out, "=\"");
    xml_add_text(out, value);
    buf_add_c(out, '"');
}

static void add_attributes(struct buf *out, const struct attr *v, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        xml_add_attribute(out, v[i].name, v[i].value);
}

static void add_value(struct buf *out, struct str name, const struct attr *attrs, uint32_t n_attrs,
                      struct str text)
{
    buf_add_c(out, '<');
    buf_add_str(out, name);
    add_attributes(out, attrs, n_attrs);
    if (text.n == 0) {
        buf_add_z(out, "/>");
        return;
    }
    buf_add_c(out, '>');
    xml_add_text(out, text);
    buf_add_z(out, "</");
    buf_add_str(out, name);
    buf_add_c(out, '>');
}

static void add_element(struct buf *out, struct str name, struct str text)
{
    add_value(out, name, NULL, 0, text);
}

static void add_children(struct interview *iv, struct frame *f, uint32_t def, uint32_t flags,
                         struct buf *out);

static void add_container(struct interview *iv, struct frame *f, uint32_t def, uint32_t flags,
                          struct buf *out)
{
    const struct form_node *n = node_at(iv, def);
    struct str name = n->name;
    buf_add_c(out, '<');
    buf_add_str(out, name);
    add_attributes(out, n->xml_attrs, n->n_xml_attrs);
    buf_add_c(out, '>');
    add_children(iv, f, def, flags, out);
    if (n->entity != DEF_NONE && entity_due(iv, f, n->entity)) {
        buf_add_z(out, "<meta>");
        entity_add(iv, f, n->entity, flags, out);
        buf_add_z(out, "</meta>");
    }
    buf_add_z(out, "</");
    buf_add_str(out, name);
    buf_add_c(out, '>');
}

static void add_children(struct interview *iv, struct frame *f, uint32_t def, uint32_t flags,
                         struct buf *out)
{
    for (uint32_t d = def + 1; d < node_at(iv, def)->end; d = node_at(iv, d)->end) {
        const struct form_node *n = node_at(iv, d);
        const struct cell *c = cell_at(iv, f, d);
        if (d == iv->form->audit || (!(flags & RECORD_DRAFT) && !(c->flags & CELL_RELEVANT)))
            continue;
        if (n->type == TYPE_GROUP)
            add_container(iv, f, d, flags, out);
        else if (n->type == TYPE_REPEAT)
            for (uint32_t i = 0; i < c->u.list.n; i++)
                add_container(iv, c->u.list.v[i], d, flags, out);
        else
            add_value(out, n->name, n->xml_attrs, n->n_xml_attrs,
                      flags & RECORD_NO_PII && n->pii ? STR("") : cell_text(c));
    }
}

static void add_meta(struct interview *iv, uint32_t flags, struct str instance_id,
                     struct str deprecated_id, struct buf *out)
{
    buf_add_z(out, "<meta>");
    if (iv->form->audit != DEF_NONE) {
        /* A record's trail goes beside it under this name; a draft has none yet. */
        add_element(out, STR("audit"), flags & RECORD_DRAFT ? STR("") : STR("audit.csv"));
    }
    if (!iv->form->omit_instance_id)
        add_element(out, STR("instanceID"), instance_id);
    if (iv->form->instance_name.expr) {
        struct buf name;
        buf_init(&name, LIMIT_ANSWER_BYTES);
        if (!(flags & RECORD_NO_PII && iv->form->instance_name_pii))
            interview_name(iv, &name);
        add_element(out, STR("instanceName"), buf_str(&name));
        buf_wipe_done(&name);
    }
    if (deprecated_id.n && !iv->form->omit_instance_id)
        add_element(out, STR("deprecatedID"), deprecated_id);
    if (node_at(iv, 0)->entity != DEF_NONE)
        entity_add(iv, iv->root, node_at(iv, 0)->entity, flags, out);
    buf_add_z(out, "</meta>");
}

bool interview_xml(struct interview *iv, uint32_t flags, struct str instance_id,
                   struct str deprecated_id, struct buf *out)
{
    const struct form *f = iv->form;
    buf_add_z(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<");
    buf_add_str(out, f->root_name);
    add_attributes(out, f->root_attrs, f->n_root_attrs);
    xml_add_attribute(out, STR("id"), f->id);
    if (f->version.n)
        xml_add_attribute(out, STR("version"), f->version);
    buf_add_c(out, '>');
    add_children(iv, iv->root, 0, flags, out);
    add_meta(iv, flags, instance_id, deprecated_id, out);
    buf_add_z(out, "</");
    buf_add_str(out, f->root_name);
    buf_add_z(out, ">\n");
    return !out->full;
}

bool interview_name(struct interview *iv, struct buf *out)
{
    if (!iv->form->instance_name.expr)
        return true;
    struct arena_mark m = arena_mark(&iv->scratch);
    struct eval ev;
    struct value v;
    eval_init(iv, &ev, iv->root, 0);
    if (eval_run(iv, iv->form->instance_name.expr, &ev, &v))
        buf_add_str(out, value_string(&v, &ev));
    arena_release(&iv->scratch, m);
    return !out->full;
}

/* ---- identifying answers, apart ---- */

static void add_escaped(struct buf *out, struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        switch (s.p[i]) {
        case '\\': buf_add_z(out, "\\\\"); break;
        case '\n': buf_add_z(out, "\\n"); break;
        case '\r': buf_add_z(out, "\\r"); break;
        case '\t': buf_add_z(out, "\\t"); break;
        default: buf_add_c(out, s.p[i]);
        }
}

bool interview_pii(struct interview *iv, struct buf *out)
{
    struct cursor c = {iv->root, 0, false};
    while (cursor_next(iv, &c, true)) {
        const struct form_node *n = node_at(iv, c.def);
        if (!n->pii || n->type == TYPE_GROUP || n->type == TYPE_REPEAT)
            continue;
        const struct cell *cell = cell_at(iv, c.frame, c.def);
        if (!cell->n || !(cell->flags & CELL_RELEVANT))
            continue;
        struct place p = place_of(iv, c.frame, c.def);
        place_text(iv->form, &p, out);
        buf_add_c(out, '\t');
        add_escaped(out, cell_text(cell));
        buf_add_c(out, '\n');
    }
    return !out->full;
}
