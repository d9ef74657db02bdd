/* The manifest of an export: what was written, how much of it, and its hashes, as JSON beside the files. */
#include <jansson.h>
#include <stdlib.h>

#include "app/export/csv_i.h"

static json_t *text(struct str s)
{
    json_t *j = json_stringn(s.p ? s.p : "", s.n);
    if (!j)
        abort();
    return j;
}

static json_t *hex(const void *p, size_t n)
{
    struct buf b;
    buf_init(&b, 256);
    hex_add(&b, p, n);
    json_t *j = text(buf_str(&b));
    buf_done(&b);
    return j;
}

static json_t *number(uint64_t n)
{
    json_t *j = json_integer((json_int_t)n);
    if (!j)
        abort();
    return j;
}

static json_t *file_entry(struct out_file *f, size_t columns)
{
    uint8_t hash[32];
    json_t *j = json_object();
    hasher_end(&f->hash, hash, sizeof hash);
    json_object_set_new(j, "name", text(f->name));
    json_object_set_new(j, "rows", number(f->rows));
    json_object_set_new(j, "columns", number(columns));
    json_object_set_new(j, "bytes", number(f->bytes));
    json_object_set_new(j, "guarded", number(f->guarded));
    json_object_set_new(j, "blake2b256", hex(hash, sizeof hash));
    return j;
}

/* Columns that are not there, and why: nothing is left out in silence. */
static json_t *left_out(const struct csv_export *x)
{
    const struct form *f = x->form;
    json_t *list = json_array();
    struct buf path;
    buf_init(&path, LIMIT_ANSWER_BYTES);
    for (uint32_t d = 0; d < f->n_nodes; d++) {
        const struct form_node *n = &f->nodes[d];
        if (!n->pii || x->options.pii || n->type == TYPE_GROUP || n->type == TYPE_REPEAT)
            continue;
        buf_clear(&path);
        form_path(f, d, &path);
        json_array_append_new(list, text(buf_str(&path)));
    }
    buf_done(&path);
    if (f->instance_name_pii && !x->options.pii)
        json_array_append_new(list, text(STR("meta/instanceName")));
    return list;
}

/* The attached files: those of a record lie in its own folder. */
static json_t *media(const struct csv_export *x)
{
    json_t *list = json_array();
    struct buf path;
    buf_init(&path, 8192);
    for (size_t i = 0; i < x->n_files; i++) {
        const struct csv_file *f = &x->files[i];
        json_t *j = json_object();
        buf_clear(&path);
        buf_printf(&path, "media/%.*s/%.*s", STR_FMT(f->record), STR_FMT(f->name));
        json_object_set_new(j, "name", text(buf_str(&path)));
        json_object_set_new(j, "bytes", number(f->bytes));
        json_object_set_new(j, "blake2b256", hex(f->hash, sizeof f->hash));
        json_array_append_new(list, j);
    }
    buf_done(&path);
    return list;
}

/* Records whose laptop's kit is contested, or whose laptop was rejected: they are exported, and marked. */
static json_t *doubted(const struct csv_export *x, bool rejected)
{
    json_t *list = json_array();
    for (size_t i = 0; i < x->n_doubts; i++)
        if (x->doubts[i].rejected == rejected)
            json_array_append_new(list, text(x->doubts[i].key));
    return list;
}

static json_t *manifest(struct csv_export *x)
{
    json_t *j = json_object(), *files = json_array();
    const struct csv_options *o = &x->options;
    json_object_set_new(j, "form_id", text(x->form->id));
    json_object_set_new(j, "form_version", text(x->form->version));
    json_object_set_new(j, "form_title", text(x->form->title));
    json_object_set_new(j, "form_hash", hex(o->form_hash.b, sizeof o->form_hash.b));
    json_object_set_new(j, "made", text(o->made));
    json_object_set_new(j, "personal_data", json_boolean(o->pii));
    json_object_set_new(j, "formula_guard", json_boolean(!o->exact));
    json_object_set_new(j, "records", number(x->totals.records));
    json_object_set_new(j, "refused", number(x->totals.refused));
    json_object_set_new(j, "conflicts", number(x->totals.conflicts));
    json_object_set_new(j, "erased", number(x->totals.erased));
    json_object_set_new(j, "contested", doubted(x, false));
    json_object_set_new(j, "rejected", doubted(x, true));
    json_object_set_new(j, "guarded", number(x->totals.guarded));
    json_object_set_new(j, "left_out_personal", left_out(x));
    for (uint32_t i = 0; i < x->n_tables; i++) {
        size_t more = x->tables[i].def ? 2 : 7; /* keys and what the office knows */
        json_array_append_new(files, file_entry(&x->tables[i].out, x->tables[i].n_columns + more));
    }
    json_array_append_new(files, file_entry(&x->audit, 7));
    json_object_set_new(j, "files", files);
    json_object_set_new(j, "media", media(x));
    json_object_set_new(j, "media_missing", number(x->totals.files_missing));
    return j;
}

bool csv_manifest(struct csv_export *x, struct err *e)
{
    json_t *j = manifest(x);
    char *bytes = json_dumps(j, JSON_INDENT(2));
    struct buf path;
    json_decref(j);
    if (!bytes)
        abort();
    struct str base = x->tables[0].out.name; /* "NAME.csv" */
    buf_init(&path, 8192);
    buf_add_z(&path, x->options.folder);
    buf_add_c(&path, '/');
    buf_add_str(&path, str_sub(base, 0, base.n - 4));
    buf_add_z(&path, "-manifest.json");
    bool ok = io_write_file(path.p, 0600, str_of(bytes), e);
    buf_done(&path);
    free(bytes);
    return ok;
}
