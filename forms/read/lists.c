/* External lists; see lists.h. */
#include "forms/read/lists.h"

#include <csv.h>
#include <expat.h>
#include <jansson.h>
#include <stdlib.h>

#include "forms/base/limits.h"
#include "forms/base/num.h"
#include "forms/base/utf8.h"
#include "forms/read/cellbag.h"

static bool check_text(struct str bytes, struct err *e)
{
    size_t at;
    char tmp[ERR_ARG_MAX];
    if (bytes.n > LIMIT_FORM_ENTRY)
        return err_fail2(e, ERR_LIMIT, "The list", "256 MiB");
    if (!utf8_valid(bytes, &at))
        return err_fail1(e, ERR_UTF8, err_num(tmp, (int64_t)at + 1));
    return true;
}

/* ---- CSV ---- */

struct csv_state {
    struct cellbag bag;
    uint32_t *column_of; /* by position in the row; UINT32_MAX: no header */
    size_t positions, cap;
    size_t at; /* position of the next field */
    bool headed, full;
};

static void csv_field(void *text, size_t n, void *ctx)
{
    struct csv_state *s = ctx;
    struct str field = str_trim((struct str){text ? text : "", n});
    if (!s->headed) {
        s->column_of = mem_grow(s->column_of, s->positions, &s->cap, sizeof *s->column_of);
        s->column_of[s->positions++] = field.n && s->bag.n_names < CELLBAG_COLUMNS
                                           ? cellbag_column(&s->bag, field)
                                           : UINT32_MAX;
    } else if (s->at < s->positions && s->column_of[s->at] != UINT32_MAX && !s->full) {
        s->full = !cellbag_put_at(&s->bag, s->column_of[s->at], field);
    }
    s->at++;
}

static void csv_row(int end, void *ctx)
{
    (void)end;
    struct csv_state *s = ctx;
    if (s->headed)
        s->bag.rows++;
    s->headed = true;
    s->at = 0;
}

/* The parser's memory is one field. */
static void *field_memory(void *p, size_t n)
{
    return n > LIMIT_CELL_BYTES + (1 << 17) ? NULL : realloc(p, n);
}

/* What separates the fields of the first row. */
static unsigned char separator(struct str bytes)
{
    struct str first = {bytes.p, str_find(bytes, '\n', 0)};
    if (str_find(first, ',', 0) < first.n)
        return ',';
    if (str_find(first, ';', 0) < first.n)
        return ';';
    return str_find(first, '\t', 0) < first.n ? '\t' : ',';
}

bool lists_csv(struct table *ret, struct str bytes, struct arena *a, struct err *e)
{
    if (!check_text(bytes, e))
        return false;
    if (str_starts(bytes, STR("\xEF\xBB\xBF")))
        bytes = str_from(bytes, 3);
    struct csv_parser p;
    if (csv_init(&p, CSV_APPEND_NULL) != 0)
        return err_fail1(e, ERR_LIST_READ, "CSV");
    csv_set_delim(&p, separator(bytes));
    csv_set_blk_size(&p, 1 << 16);
    csv_set_realloc_func(&p, field_memory);
    struct csv_state s = {.bag = {.a = a}};
    bool ok = csv_parse(&p, bytes.p, bytes.n, csv_field, csv_row, &s) == bytes.n;
    s.full = s.full || csv_error(&p) == CSV_ENOMEM;
    csv_set_opts(&p, CSV_APPEND_NULL | CSV_STRICT | CSV_STRICT_FINI); /* a quote left open */
    ok = ok && csv_fini(&p, csv_field, csv_row, &s) == 0;
    csv_free(&p);
    if (ok && !s.full)
        s.full = !cellbag_table(&s.bag, ret);
    cellbag_done(&s.bag);
    mem_free(s.column_of);
    if (s.full)
        return cellbag_too_large(e);
    return ok || err_fail1(e, ERR_LIST_READ, "CSV");
}

/* ---- XML ---- */

struct xml_state {
    XML_Parser parser;
    struct cellbag bag;
    struct buf text;
    int depth;
    bool is_table, full;
};

static void stop(struct xml_state *s)
{
    s->is_table = false;
    XML_StopParser(s->parser, XML_FALSE);
}

static void XMLCALL xml_start(void *ctx, const XML_Char *name, const XML_Char **attributes)
{
    struct xml_state *s = ctx;
    s->depth++;
    bool fits = (s->depth == 1 && strcmp(name, "root") == 0) ||
                (s->depth == 2 && strcmp(name, "item") == 0) || s->depth == 3;
    if (!fits || attributes[0] || (s->depth == 3 && strchr(name, ':')))
        stop(s);
    buf_clear(&s->text);
}

static void XMLCALL xml_end(void *ctx, const XML_Char *name)
{
    struct xml_state *s = ctx;
    struct str text = str_trim(buf_str(&s->text));
    if (s->depth == 3 && !cellbag_put(&s->bag, str_of(name), text)) {
        s->full = true;
        XML_StopParser(s->parser, XML_FALSE);
    } else if (s->depth == 2) {
        s->bag.rows++;
        s->bag.guess = 0;
    }
    s->depth--;
    buf_clear(&s->text);
}

static void XMLCALL xml_text(void *ctx, const XML_Char *text, int n)
{
    struct xml_state *s = ctx;
    if (s->depth == 3)
        s->full = !buf_add(&s->text, text, (size_t)n) || s->full;
    else if (str_trim((struct str){text, (size_t)n}).n > 0)
        stop(s);
    if (s->full)
        XML_StopParser(s->parser, XML_FALSE);
}

static void XMLCALL xml_doctype(void *ctx, const XML_Char *name, const XML_Char *system,
                                const XML_Char *public, int internal)
{
    (void)name;
    (void)system;
    (void)public;
    (void)internal;
    stop(ctx); /* the tree's reader says what is wrong with it */
}

bool lists_xml(struct table *ret, bool *ret_table, struct str bytes, struct arena *a, struct err *e)
{
    if (!check_text(bytes, e))
        return false;
    struct xml_state s = {.parser = XML_ParserCreate("UTF-8"), .bag = {.a = a}, .is_table = true};
    if (!s.parser)
        return err_fail1(e, ERR_LIST_READ, "XML");
    buf_init(&s.text, LIMIT_CELL_BYTES);
    XML_SetUserData(s.parser, &s);
    XML_SetElementHandler(s.parser, xml_start, xml_end);
    XML_SetCharacterDataHandler(s.parser, xml_text);
    XML_SetStartDoctypeDeclHandler(s.parser, xml_doctype);
    bool ok = XML_Parse(s.parser, bytes.p, (int)bytes.n, 1) == XML_STATUS_OK;
    XML_ParserFree(s.parser);
    *ret_table = ok && s.is_table;
    if (*ret_table)
        s.full = !cellbag_table(&s.bag, ret);
    cellbag_done(&s.bag);
    buf_done(&s.text);
    if (s.full)
        return cellbag_too_large(e);
    return ok || !s.is_table || err_fail1(e, ERR_LIST_READ, "XML");
}

/* ---- GeoJSON ---- */

#define LIMIT_JSON ((size_t)32 << 20) /* its values take forty times their text, at worst */

static bool add_point(struct buf *out, json_t *point)
{
    double lon = json_number_value(json_array_get(point, 0));
    double lat = json_number_value(json_array_get(point, 1));
    double alt = json_number_value(json_array_get(point, 2));
    if (!json_is_array(point) || json_array_size(point) < 2)
        return false;
    num_add(out, lat);
    buf_add_c(out, ' ');
    num_add(out, lon);
    buf_add_c(out, ' ');
    num_add(out, alt);
    return buf_add_z(out, " 0");
}

/* "lat lon alt acc", points of lines and outer rings joined by "; ". Other shapes have no text. */
static void geometry_text(json_t *geometry, struct buf *out)
{
    const char *type = json_string_value(json_object_get(geometry, "type"));
    json_t *at = json_object_get(geometry, "coordinates");
    if (!type || !at)
        return;
    if (strcmp(type, "Point") == 0) {
        add_point(out, at);
        return;
    }
    if (strcmp(type, "Polygon") == 0)
        at = json_array_get(at, 0);
    else if (strcmp(type, "LineString") != 0)
        return;
    size_t i;
    json_t *point;
    json_array_foreach(at, i, point)
    {
        if (i > 0)
            buf_add_z(out, "; ");
        add_point(out, point);
    }
}

static void value_text(json_t *v, struct buf *out)
{
    buf_clear(out);
    if (json_is_string(v))
        buf_add(out, json_string_value(v), json_string_length(v));
    else if (json_is_integer(v))
        buf_printf(out, "%lld", (long long)json_integer_value(v));
    else if (json_is_real(v))
        num_add(out, json_real_value(v));
    else if (json_is_boolean(v))
        buf_add_z(out, json_is_true(v) ? "true" : "false");
}

static bool take_feature(struct cellbag *bag, json_t *feature, struct buf *text)
{
    const char *key;
    json_t *value;
    bag->guess = 0;
    value_text(json_object_get(feature, "id"), text);
    bool ok = cellbag_put(bag, STR("id"), buf_str(text));
    json_object_foreach(json_object_get(feature, "properties"), key, value)
    {
        value_text(value, text);
        ok = ok && cellbag_put(bag, str_of(key), buf_str(text));
    }
    buf_clear(text);
    geometry_text(json_object_get(feature, "geometry"), text);
    ok = ok && !text->full && cellbag_put(bag, STR("geometry"), buf_str(text));
    bag->rows++;
    return ok;
}

bool lists_geojson(struct table *ret, struct str bytes, struct arena *a, struct err *e)
{
    if (!check_text(bytes, e))
        return false;
    json_error_t why;
    if (bytes.n > LIMIT_JSON)
        return err_fail2(e, ERR_LIMIT, "The list", "32 MiB of GeoJSON");
    json_t *doc = json_loadb(bytes.p, bytes.n, JSON_REJECT_DUPLICATES, &why);
    json_t *features = json_object_get(doc, "features"), *feature;
    if (!json_is_array(features)) {
        json_decref(doc);
        return err_fail1(e, ERR_LIST_READ, "GeoJSON");
    }
    struct cellbag bag = {.a = a};
    struct buf text;
    buf_init(&text, LIMIT_CELL_BYTES);
    size_t i;
    bool ok = true;
    json_array_foreach(features, i, feature)
    {
        ok = ok && take_feature(&bag, feature, &text);
    }
    ok = ok && cellbag_table(&bag, ret);
    buf_done(&text);
    cellbag_done(&bag);
    json_decref(doc);
    return ok || cellbag_too_large(e);
}
