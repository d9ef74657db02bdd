/* Looking into a finished form: names, paths, children; and what names mean in its expressions. */
#include "forms/model/form.h"

#include "forms/model/build_i.h"

/* ---- finding ---- */

uint32_t form_child(const struct form *f, uint32_t parent, struct str name)
{
    const struct name_entry *s = names_get(&f->names->children, parent, name);
    return s ? s->value : DEF_NONE;
}

void form_path(const struct form *f, uint32_t def, struct buf *out)
{
    uint32_t chain[LIMIT_XML_DEPTH + 1];
    size_t n = 0;
    for (; def != DEF_NONE && n <= LIMIT_XML_DEPTH; def = f->nodes[def].parent)
        chain[n++] = def;
    while (n > 0) {
        buf_add_c(out, '/');
        buf_add_str(out, f->nodes[chain[--n]].name);
    }
}

static struct str without_index(struct str step)
{
    size_t open = str_find(step, '[', 0);
    return (struct str){step.p, open};
}

uint32_t form_find(const struct form *f, struct str path)
{
    if (path.n == 0)
        return DEF_NONE;
    if (path.p[0] != '/') {
        struct str first = path;
        size_t slash = str_find(path, '/', 0);
        first.n = slash;
        first = without_index(first);
        if (names_get(&f->names->repeated, 0, first))
            return DEF_NONE;
        const struct name_entry *s = names_get(&f->names->by_name, 0, first);
        uint32_t def = s ? s->value : DEF_NONE;
        struct str rest = slash < path.n ? str_from(path, slash + 1) : (struct str){NULL, 0};
        struct str step;
        while (def != DEF_NONE && str_split(&rest, '/', &step))
            def = form_child(f, def, without_index(step));
        return def;
    }
    struct str rest = str_from(path, 1), step;
    if (!str_split(&rest, '/', &step) || !str_eq(without_index(step), f->root_name))
        return DEF_NONE;
    uint32_t def = 0;
    while (def != DEF_NONE && str_split(&rest, '/', &step))
        def = form_child(f, def, without_index(step));
    return def;
}

bool form_has_appearance(const struct form_node *n, const char *word)
{
    struct str rest = n->appearance, w;
    while (str_word(&rest, &w))
        if (str_is(w, word))
            return true;
    return false;
}

size_t form_externals(const struct form *f, const struct str **ret_names)
{
    *ret_names = f->externals;
    return f->n_externals;
}

void form_pos(const struct form *f, const struct cond *c, struct pos *ret)
{
    char file[256], sheet[ERR_ARG_MAX];
    size_t n = f->file.n < sizeof file ? f->file.n : sizeof file - 1;
    memcpy(file, f->file.p, n);
    file[n] = '\0';
    const struct sheet *s = c->row > 0 ? &f->book->sheets[c->sheet] : NULL;
    pos_set(ret, file, s ? err_arg(sheet, s->name) : "", c->row,
            s && c->column < s->n_headers ? s->headers[c->column] : STR(""));
}

bool form_usable(const struct form *f, struct err *e)
{
    char tmp[ERR_ARG_MAX];
    if (f->public_key.n > 0)
        return err_fail(e, ERR_ENCRYPTED);
    for (uint32_t i = 0; i < f->n_lists; i++)
        if (f->lists[i]->external && !f->lists[i]->loaded)
            return err_fail1(e, ERR_LIST_MISSING, err_arg(tmp, f->lists[i]->file));
    return true;
}

/* ---- what names mean ---- */

static bool scope_ref(void *ctx, struct str name, uint32_t *ret_def, struct err *e)
{
    const struct form *f = ctx;
    char tmp[ERR_ARG_MAX];
    if (names_get(&f->names->repeated, 0, name))
        return err_fail1(e, ERR_REF_AMBIGUOUS, err_arg(tmp, name));
    const struct name_entry *s = names_get(&f->names->by_name, 0, name);
    if (!s)
        return err_fail1(e, ERR_REF_UNKNOWN, err_arg(tmp, name));
    *ret_def = s->value;
    return true;
}

static uint32_t scope_parent(void *ctx, uint32_t def)
{
    const struct form *f = ctx;
    return f->nodes[def].parent;
}

static uint32_t scope_child(void *ctx, uint32_t def, struct str name)
{
    return form_child(ctx, def, name);
}

static bool scope_is_repeat(void *ctx, uint32_t def)
{
    const struct form *f = ctx;
    return f->nodes[def].type == TYPE_REPEAT;
}

static struct str scope_name(void *ctx, uint32_t def)
{
    const struct form *f = ctx;
    return f->nodes[def].name;
}

static uint32_t scope_end(void *ctx, uint32_t def)
{
    const struct form *f = ctx;
    return f->nodes[def].end;
}

static bool scope_instance(void *ctx, struct str id, uint32_t *ret_number)
{
    const struct form *f = ctx;
    const struct name_entry *s = names_get(&f->names->lists, 0, id);
    if (s)
        *ret_number = s->value;
    return s != NULL;
}

static const struct scope_ops form_scope_ops = {
    .ref = scope_ref,
    .parent = scope_parent,
    .child = scope_child,
    .is_repeat = scope_is_repeat,
    .name = scope_name,
    .end = scope_end,
    .instance = scope_instance,
};

void form_scope(const struct form *f, uint32_t self, struct scope *ret)
{
    /* The functions take ctx for a form that they only read. */
    *ret = (struct scope){.ops = &form_scope_ops, .ctx = (void *)f, .self = self};
}
