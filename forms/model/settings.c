/* The settings sheet: one row of headers, one of values. Every setting is kept; those that mean something
 * here are looked at. */
#include "forms/model/build_i.h"

struct setting {
    const char *word, *name; /* as written (folded), and what it is called here */
};

static const struct setting aliases[] = {
    {"title", "form_title"},        {"set_form_title", "form_title"},
    {"id_string", "form_id"},       {"set_form_id", "form_id"},
    {"sms_keyword", "sms_keyword"}, {"default_lang", "default_language"},
};

static struct str canonical(struct str header, struct arena *a)
{
    struct str folded = columns_fold(header, a);
    for (size_t i = 0; i < sizeof aliases / sizeof aliases[0]; i++)
        if (str_is(folded, aliases[i].word))
            return str_of(aliases[i].name);
    return folded;
}

/* prefix="uri" prefix2="uri2": takes one off. */
static bool take_namespace(struct str *rest, struct attr *ret)
{
    struct str word;
    while (str_word(rest, &word)) {
        size_t eq = str_find(word, '=', 0);
        struct str uri = str_from(word, eq + 1);
        if (uri.n >= 2 && (uri.p[0] == '"' || uri.p[0] == '\''))
            uri = str_sub(uri, 1, uri.n - 2);
        *ret = (struct attr){{word.p, eq}, uri};
        if (eq < word.n)
            return true;
    }
    return false;
}

bool settings_namespace(const struct form *f, struct str prefix, struct str *ret_uri)
{
    for (uint32_t i = 0; i < f->n_settings; i++) {
        struct str rest = f->settings[i].value;
        struct attr ns;
        while (str_is(f->settings[i].name, "namespaces") && take_namespace(&rest, &ns))
            if (str_eq(ns.name, prefix)) {
                *ret_uri = ns.value;
                return true;
            }
    }
    return false;
}

/* The prefix that stands for our namespace. */
static struct str find_prefix(struct str text)
{
    struct attr ns;
    while (take_namespace(&text, &ns))
        if (str_is(ns.value, "urn:cacah:1"))
            return ns.name;
    return (struct str){"", 0};
}

static struct str base_name(struct str file)
{
    for (size_t i = file.n; i > 0; i--)
        if (file.p[i - 1] == '/' || file.p[i - 1] == '\\') {
            file = str_from(file, i);
            break;
        }
    for (size_t i = file.n; i > 0; i--)
        if (file.p[i - 1] == '.') {
            file.n = i - 1;
            break;
        }
    return file;
}

static void apply(struct build *b, struct str name, struct str value, struct spot at)
{
    struct form *f = b->f;
    if (str_is(name, "form_title"))
        f->title = value;
    else if (str_is(name, "form_id"))
        f->id = value;
    else if (str_is(name, "version"))
        f->version = value;
    else if (str_is(name, "default_language"))
        b->default_language = value;
    else if (str_is(name, "clean_text_values"))
        b->collapse = yes_no(value) != 0;
    else if (str_is(name, "allow_choice_duplicates"))
        b->duplicates_ok = yes_no(value) == 1;
    else if (str_is(name, "namespaces"))
        b->cacah = find_prefix(value);
    else if (str_is(name, "name")) {
        if (name_is_valid(value))
            f->root_name = value;
        else
            build_error(b, ERR_SETTING_NAME, at, value);
    } else if (str_is(name, "public_key")) {
        f->public_key = value;
        build_warn(b, ERR_PUBLIC_KEY, at, value);
    } else if (str_is(name, "omit_instanceid")) {
        f->omit_instance_id = yes_no(value) == 1;
    }
}

static bool has(const struct form *f, const char *name)
{
    for (uint32_t i = 0; i < f->n_settings; i++)
        if (str_is(f->settings[i].name, name))
            return true;
    return false;
}

/* The very same header, in Markdown: the last cell wins. */
static bool may_repeat(const struct build *b, uint32_t x, uint32_t y)
{
    const struct str *headers = b->settings->headers;
    return b->book->duplicate_headers_ok && str_eq(headers[x], headers[y]);
}

static void read_row(struct build *b, const struct sheet_row *row)
{
    struct attr *v = ARENA_ARRAY(b->a, struct attr, row->n);
    uint32_t *columns = ARENA_ARRAY(&b->scratch, uint32_t, row->n), n = 0;
    for (uint32_t i = 0; i < row->n; i++) {
        const struct cell *c = &row->cells[i];
        if (b->settings->headers[c->column].n == 0)
            continue;
        struct attr s = {canonical(b->settings->headers[c->column], b->a),
                         clean_text(c->text, false, b->a)};
        struct spot at = {b->settings, row->row, c->column};
        for (uint32_t k = 0; k < n; k++)
            if (str_eq(v[k].name, s.name) && !may_repeat(b, columns[k], c->column))
                build_error(b, ERR_COLUMN_TWICE, at, b->settings->headers[c->column], s.name);
        columns[n] = c->column;
        v[n++] = s;
        apply(b, s.name, s.value, at);
    }
    b->f->settings = v;
    b->f->n_settings = n;
    if (has(b->f, "omit_instanceid") && has(b->f, "public_key"))
        build_error(b, ERR_OMIT_INSTANCE_ID, spot_at(b->settings, row->row, NO_COLUMN), {0});
}

void settings_read(struct build *b)
{
    struct form *f = b->f;
    b->collapse = true;
    f->root_name = STR("data");
    f->id = base_name(b->book->file);
    if (f->id.n == 0)
        f->id = STR("data");
    if (b->settings && b->settings->n_rows > 0)
        read_row(b, &b->settings->rows[0]);
    if (!f->title.p)
        f->title = f->id;
    if (!f->version.p)
        f->version = STR("");
    f->cacah_namespace = b->cacah.n > 0;
    if (!f->cacah_namespace)
        b->cacah = STR("cacah");
}

/* The display name of a record; compiled when the nodes are there. */
void settings_instance_name(struct build *b)
{
    if (!b->settings || b->settings->n_rows == 0)
        return;
    const struct sheet_row *row = &b->settings->rows[0];
    for (uint32_t i = 0; i < row->n; i++) {
        const struct cell *c = &row->cells[i];
        if (str_is(canonical(b->settings->headers[c->column], b->a), "instance_name"))
            cell_expr(b, 0, c->text, spot_at(b->settings, row->row, c->column), false,
                      &b->f->instance_name);
    }
}
