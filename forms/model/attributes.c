/* What the elements of a record carry beside their values: instance::x of a row, attribute::x of the
 * settings, the prefix and delimiter of messages, and the namespaces that these need. An attribute that
 * would spoil the record's XML is left out, with a warning. */
#include "forms/model/build_i.h"

static const struct attr always[] = {
    {{"jr", 2}, {"http://openrosa.org/javarosa", 28}},
    {{"orx", 3}, {"http://openrosa.org/xforms", 26}},
};

static const struct attr known[] = {
    {{"odk", 3}, {"http://www.opendatakit.org/xforms", 33}},
    {{"entities", 8}, {"http://www.opendatakit.org/xforms/entities", 42}},
    {{"ev", 2}, {"http://www.w3.org/2001/xml-events", 33}},
    {{"xsd", 3}, {"http://www.w3.org/2001/XMLSchema", 32}},
};

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

/* Makes sure that the prefix is declared at the root. */
static bool use_prefix(struct build *b, struct str prefix)
{
    struct str uri;
    bool is_new;
    for (size_t i = 0; i < COUNT(always); i++)
        if (str_eq(always[i].name, prefix))
            return true;
    bool found = settings_namespace(b->f, prefix, &uri);
    for (size_t i = 0; i < COUNT(known) && !found; i++)
        found = str_eq(known[i].name, prefix);
    if (found)
        names_put(&b->prefixes, 0, prefix, 0, &is_new);
    return found;
}

static struct str uri_of(const struct build *b, struct str prefix)
{
    struct str uri = {"", 0};
    for (size_t i = 0; i < COUNT(known); i++)
        if (str_eq(known[i].name, prefix))
            uri = known[i].value;
    settings_namespace(b->f, prefix, &uri); /* the form's own wins */
    return uri;
}

static bool may_stand(struct build *b, struct str name, bool root)
{
    size_t colon = str_find(name, ':', 0);
    struct str local = colon < name.n ? str_from(name, colon + 1) : name;
    if (!name_is_valid(local) || str_starts(name, STR("xml")) || str_is(local, "template") ||
        (root && (str_is(name, "id") || str_is(name, "version"))))
        return false;
    return colon == name.n ||
           (name_is_valid(str_sub(name, 0, colon)) && use_prefix(b, str_sub(name, 0, colon)));
}

/* Of equal names the last counts, as everywhere. */
static void put(struct attr *v, uint32_t *n, struct str name, struct str value)
{
    uint32_t i = 0;
    while (i < *n && !str_eq(v[i].name, name))
        i++;
    *n += i == *n;
    v[i] = (struct attr){name, value};
}

void attributes_row(struct build *b, uint32_t def, const struct draft *d)
{
    struct form_node *n = &b->nodes[def];
    struct attr *v = NULL;
    for (uint32_t i = 0; i < d->row->n; i++) {
        const struct cell *c = &d->row->cells[i];
        const struct column_use *u = &b->survey_use[c->column];
        if (u->id != COL_INSTANCE)
            continue;
        if (!may_stand(b, u->sub, false)) {
            build_warn(b, ERR_ATTRIBUTE, spot_at(b->survey, d->row->row, c->column), u->sub);
            continue;
        }
        if (!v)
            n->xml_attrs = v = ARENA_ARRAY(b->a, struct attr, d->row->n);
        put(v, &n->n_xml_attrs, u->sub, c->text);
    }
}

static struct str joined(struct build *b, const char *before, struct str name)
{
    struct buf text;
    buf_init(&text, LIMIT_CELL_BYTES);
    buf_add_z(&text, before);
    buf_add_str(&text, name);
    struct str s = arena_str(b->a, buf_str(&text));
    buf_done(&text);
    return s;
}

/* A setting's attribute at the root; "" for those that make none. */
static struct str attribute_of(struct build *b, struct str header)
{
    size_t colon = str_find(header, ':', 0);
    struct str first = columns_fold(str_sub(header, 0, colon), &b->scratch);
    if (colon == header.n)
        return str_is(first, "prefix") || str_is(first, "delimiter") ? joined(b, "odk:", first)
                                                                     : STR("");
    if (!str_is(first, "attribute"))
        return STR("");
    while (colon < header.n && header.p[colon] == ':')
        colon++;
    return str_trim(str_from(header, colon));
}

void attributes_root(struct build *b)
{
    const struct sheet *s = b->settings;
    const struct sheet_row *row = s && s->n_rows > 0 ? &s->rows[0] : NULL;
    uint32_t cells = row ? row->n : 0, n = 0, k = 0;
    struct attr *own = ARENA_ARRAY(&b->scratch, struct attr, cells);
    for (uint32_t i = 0; i < cells; i++) {
        const struct cell *c = &row->cells[i];
        struct str name = attribute_of(b, s->headers[c->column]);
        if (name.n > 0 && may_stand(b, name, true))
            put(own, &n, name, c->text);
        else if (name.n > 0)
            build_warn(b, ERR_ATTRIBUTE, spot_at(s, row->row, c->column), name);
    }
    if (b->entities && b->entities->n_rows > 0)
        use_prefix(b, STR("entities"));
    struct attr *v = ARENA_ARRAY(b->a, struct attr, COUNT(always) + b->prefixes.n + n);
    for (size_t i = 0; i < COUNT(always); i++)
        v[k++] = (struct attr){joined(b, "xmlns:", always[i].name), always[i].value};
    for (uint32_t i = 0; i < b->prefixes.n; i++) {
        struct str prefix = b->prefixes.entries[i].name;
        v[k++] = (struct attr){joined(b, "xmlns:", prefix), uri_of(b, prefix)};
    }
    for (uint32_t i = 0; i < n; i++)
        v[k++] = own[i];
    b->f->root_attrs = v;
    b->f->n_root_attrs = k;
}
