/* A record's XML back into an interview. What the form does not know is an error, or counted where the
 * caller is lenient (another version of the form). No default, no `start` runs again; calculations do,
 * except those whose value only the moment of the interview knew (recalc.c, keeps_value). */
#include "forms/run/run_i.h"

struct reader {
    struct interview *iv;
    struct arena *a;
    bool lenient;
    uint32_t lost;
};

static struct str name_of(struct node n)
{
    return n.tree->ops->name(n);
}

static bool is_element(struct node n)
{
    return n.tree->ops->kind(n) == NODE_ELEMENT;
}

/* What a person may have typed over a calculation stays as it was left. */
static bool person_answers(const struct form_node *n)
{
    return n->calculation.expr && !n->n_triggers && !n->readonly_always &&
           n->type != TYPE_CALCULATE && n->type != TYPE_HIDDEN && n->type != TYPE_META &&
           n->type != TYPE_NOTE;
}

static bool read_leaf(struct reader *r, struct frame *f, uint32_t def, struct str text,
                      struct err *e)
{
    const struct form_node *n = node_at(r->iv, def);
    struct answer a;
    struct err bad = {0};
    struct arena_mark m = arena_mark(&r->iv->scratch);
    bool ok = answer_parse(r->iv, n, text, &r->iv->scratch, &a, &bad);
    if (ok) {
        a.text = text; /* as it was written */
        cell_put(r->iv, f, def, &a);
        if (person_answers(n))
            cell_at(r->iv, f, def)->flags |= CELL_TYPED_OVER;
    }
    arena_release(&r->iv->scratch, m);
    if (ok)
        return true;
    r->lost++;
    char path[ERR_ARG_MAX], value[ERR_ARG_MAX];
    return r->lenient ||
           err_fail2(e, ERR_RECORD_VALUE, err_arg(path, n->name), err_arg(value, text));
}

static bool unknown(struct reader *r, struct node n, struct err *e)
{
    char tmp[ERR_ARG_MAX];
    r->lost++;
    return r->lenient || err_fail1(e, ERR_RECORD_UNKNOWN, err_arg(tmp, name_of(n)));
}

static bool is_template(struct node n)
{
    const struct tree_ops *ops = n.tree->ops;
    if (!ops->attribute)
        return false;
    struct node at;
    for (uint32_t i = 0; (at = ops->attribute(n, i)).tree; i++)
        if (str_is(ops->name(at), "template"))
            return true;
    return false;
}

static bool read_children(struct reader *r, struct frame *f, uint32_t def, struct node from,
                          struct err *e);

static bool has_elements(struct node n)
{
    for (struct node c = n.tree->ops->first(n); c.tree; c = c.tree->ops->next(c))
        if (is_element(c))
            return true;
    return false;
}

static bool read_instance(struct reader *r, struct frame *around, uint32_t def, struct node from,
                          struct err *e)
{
    struct interview *iv = r->iv;
    if (is_template(from))
        return true;
    uint32_t n = cell_at(iv, around, def)->u.list.n;
    if (n >= LIMIT_INSTANCES)
        return err_fail2(e, ERR_LIMIT, "A repeat of the record", "100,000 instances");
    struct frame *f = frame_new(iv, around, def, n);
    list_insert(iv, f);
    return read_children(r, f, def, from, e);
}

static bool read_node(struct reader *r, struct frame *f, uint32_t def, struct node from,
                      struct err *e)
{
    switch ((int)node_at(r->iv, def)->type) {
    case TYPE_GROUP: return read_children(r, f, def, from, e);
    case TYPE_REPEAT: return read_instance(r, f, def, from, e);
    default: break;
    }
    if (has_elements(from))
        return unknown(r, from, e);
    return read_leaf(r, f, def, from.tree->ops->string(from, r->a), e);
}

static bool read_children(struct reader *r, struct frame *f, uint32_t def, struct node from,
                          struct err *e)
{
    const struct tree_ops *ops = from.tree->ops;
    for (struct node c = ops->first(from); c.tree; c = ops->next(c)) {
        if (!is_element(c))
            continue;
        uint32_t child = form_child(r->iv->form, def, name_of(c));
        if (child == DEF_NONE && str_is(name_of(c), "meta")) {
            entity_read(r->iv, f, def, c, r->a);
            continue;
        }
        if (child == DEF_NONE ? !unknown(r, c, e) : !read_node(r, f, child, c, e))
            return false;
    }
    return true;
}

static struct node root_element(struct node document)
{
    struct node n = document.tree->ops->first(document);
    while (n.tree && !is_element(n))
        n = n.tree->ops->next(n);
    return n;
}

static bool read_document(struct reader *r, struct str xml, struct err *e)
{
    struct node document;
    if (!xmltree_parse(&document, xml, r->a, e))
        return false;
    struct node root = is_element(document) ? document : root_element(document);
    char tmp[ERR_ARG_MAX];
    if (!root.tree)
        return err_fail1(e, ERR_RECORD_XML, "it is empty");
    if (!str_eq(name_of(root), r->iv->form->root_name) && !r->lenient)
        return err_fail1(e, ERR_RECORD_XML, err_arg(tmp, name_of(root)));
    return read_children(r, r->iv->root, 0, root, e);
}

/* ---- identifying answers ---- */

static bool unescape(struct str s, struct buf *out)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] != '\\') {
            buf_add_c(out, s.p[i]);
            continue;
        }
        if (++i == s.n)
            return false;
        switch (s.p[i]) {
        case '\\': buf_add_c(out, '\\'); break;
        case 'n': buf_add_c(out, '\n'); break;
        case 'r': buf_add_c(out, '\r'); break;
        case 't': buf_add_c(out, '\t'); break;
        default: return false;
        }
    }
    return !out->full;
}

static bool read_pii_line(struct reader *r, struct str line, struct err *e)
{
    struct str rest = line, path;
    struct place p;
    struct frame *f;
    char tmp[ERR_ARG_MAX];
    str_split(&rest, '\t', &path);
    bool known = rest.p && place_parse(r->iv->form, path, &p) && place_find(r->iv, &p, &f);
    if (known) {
        const struct form_node *n = node_at(r->iv, p.def);
        known = n->type != TYPE_GROUP && n->type != TYPE_REPEAT;
    }
    if (!known) {
        r->lost++;
        return r->lenient || err_fail1(e, ERR_RECORD_UNKNOWN, err_arg(tmp, path));
    }
    struct buf value;
    buf_init(&value, LIMIT_ANSWER_BYTES);
    bool ok = unescape(rest, &value);
    if (!ok)
        err_fail2(e, ERR_RECORD_VALUE, err_arg(tmp, path), "a broken escape");
    else
        ok = read_leaf(r, f, p.def, buf_str(&value), e);
    buf_wipe_done(&value);
    return ok;
}

static bool read_pii(struct reader *r, struct str lines, struct err *e)
{
    struct str line;
    while (str_split(&lines, '\n', &line))
        if (line.n && !read_pii_line(r, line, e))
            return false;
    return true;
}

/* ---- the whole ---- */

bool interview_read_parts(struct interview **ret, const struct form *f, const struct host *host,
                          struct str xml, struct str pii, bool lenient, uint32_t *ret_lost,
                          struct err *e)
{
    if (xml.n > LIMIT_RECORD_BYTES)
        return err_fail2(e, ERR_LIMIT, "The record", "16 MiB");
    struct interview *iv;
    if (!interview_alloc(&iv, f, host, e))
        return false;
    struct arena a;
    arena_init(&a);
    struct reader r = {.iv = iv, .a = &a, .lenient = lenient};
    iv->reading = true;
    iv->root = frame_new(iv, NULL, 0, 0);
    bool ok = read_document(&r, xml, e) && read_pii(&r, pii, e);
    arena_wipe(&a);
    arena_done(&a);
    if (!ok) {
        interview_free(iv);
        return false;
    }
    entity_read_done(iv);
    interview_settle(iv);
    if (ret_lost)
        *ret_lost = r.lost;
    *ret = iv;
    return true;
}

bool interview_read(struct interview **ret, const struct form *f, const struct host *host,
                    struct str xml, bool lenient, uint32_t *ret_lost, struct err *e)
{
    return interview_read_parts(ret, f, host, xml, STR(""), lenient, ret_lost, e);
}
