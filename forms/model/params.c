/* The column `parameters`: key=value pairs separated by blanks, commas or semicolons; params.def has the
 * keys of each type. */
#include "forms/model/build_i.h"

#include <math.h>

#include "forms/base/num.h"

enum taker {
    TAKES_NONE,
    TAKES_SELECT,
    TAKES_FILE_LIST,
    TAKES_RANGE,
    TAKES_GEOPOINT,
    TAKES_GEOLINE,
    TAKES_IMAGE,
    TAKES_AUDIO,
    TAKES_BACKGROUND_AUDIO,
    TAKES_AUDIT,
    TAKES_TEXT
};
enum kind {
    KIND_BOOL,
    KIND_TRUE,
    KIND_NUMBER,
    KIND_INTEGER,
    KIND_TEXT,
    KIND_NAME,
    KIND_PACKAGE,
    KIND_SEED,
    KIND_QUALITY,
    KIND_QUALITY_OWN,
    KIND_PRIORITY,
    KIND_EDIT
};

static const struct param {
    enum taker taker;
    const char *key;
    enum kind kind;
} table[] = {
#define PARAM(taker, key, kind) {TAKES_##taker, key, KIND_##kind},
#include "forms/model/params.def"
#undef PARAM
};

#define COUNT (sizeof table / sizeof table[0])

struct params {
    struct build *b;
    uint32_t def;
    struct spot at;
    struct str raw;
    enum taker taker;
    struct str value[COUNT]; /* as in the table; p == NULL: not given */
};

static enum taker taker_of(const struct form_node *n, bool from_file)
{
    if (n->type == TYPE_SELECT_ONE || n->type == TYPE_SELECT_MULTIPLE || n->type == TYPE_RANK)
        return from_file ? TAKES_FILE_LIST : TAKES_SELECT;
    if (n->type == TYPE_RANGE)
        return TAKES_RANGE;
    if (n->type == TYPE_GEOPOINT)
        return TAKES_GEOPOINT;
    if (n->type == TYPE_GEOTRACE || n->type == TYPE_GEOSHAPE)
        return TAKES_GEOLINE;
    if (n->type == TYPE_TEXT)
        return TAKES_TEXT;
    if (n->type == TYPE_FILE && str_is(n->media, "image"))
        return TAKES_IMAGE;
    if (n->type == TYPE_FILE && str_is(n->media, "audio"))
        return TAKES_AUDIO;
    if (n->type == TYPE_META && str_is(n->preload, "background-audio"))
        return TAKES_BACKGROUND_AUDIO;
    if (n->type == TYPE_META && str_is(n->preload, "audit"))
        return TAKES_AUDIT;
    return TAKES_NONE;
}

/* A select from a file takes what every select takes, and more. */
static bool takes(enum taker taker, const struct param *p)
{
    return p->taker == taker || (taker == TAKES_FILE_LIST && p->taker == TAKES_SELECT);
}

/* "start, end, step" */
static struct str accepted(struct params *p)
{
    struct buf list;
    buf_init(&list, ERR_ARG_MAX);
    for (size_t i = 0; i < COUNT; i++)
        if (takes(p->taker, &table[i])) {
            buf_add_z(&list, list.n ? ", " : "");
            buf_add_z(&list, table[i].key);
        }
    struct str s = arena_str(&p->b->scratch, buf_str(&list));
    buf_done(&list);
    return s;
}

/* An Android package: com.example.app2 */
static bool is_package(struct str s)
{
    struct str part;
    size_t parts = 0;
    while (str_split(&s, '.', &part)) {
        bool good = part.n > 0;
        for (size_t i = 0; i < part.n; i++) {
            char c = part.p[i];
            bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            good = good && (letter || (i > 0 && ((c >= '0' && c <= '9') || c == '_')));
        }
        if (!good)
            return false;
        parts++;
    }
    return parts > 1;
}

static bool value_is_good(enum kind kind, struct str v)
{
    double x;
    int64_t i;
    switch (kind) {
    case KIND_BOOL: return yes_no(v) >= 0;
    case KIND_TRUE: return yes_no(v) == 1;
    case KIND_NUMBER: return num_parse(v, 0, &x);
    case KIND_INTEGER: return num_parse_int(v, &i);
    case KIND_SEED: return num_parse(v, 0, &x) || str_starts(v, STR("${"));
    case KIND_QUALITY_OWN:
        return str_is(v, "normal") || str_is(v, "low") || str_is(v, "voice-only");
    case KIND_QUALITY: return value_is_good(KIND_QUALITY_OWN, v) || str_is(v, "external");
    case KIND_PRIORITY:
        return str_is(v, "no-power") || str_is(v, "low-power") || str_is(v, "balanced") ||
               str_is(v, "high-accuracy");
    case KIND_EDIT: return str_is(v, "on-form-edit");
    case KIND_TEXT: return v.n > 0;
    case KIND_NAME: return name_is_valid(v);
    case KIND_PACKAGE: return is_package(v);
    }
    return false;
}

static const char *value_wanted(enum kind kind)
{
    switch (kind) {
    case KIND_BOOL: return "true or false";
    case KIND_TRUE: return "true";
    case KIND_NUMBER: return "a number";
    case KIND_INTEGER: return "a whole number";
    case KIND_SEED: return "a number or a ${reference}";
    case KIND_QUALITY_OWN: return "normal, low or voice-only";
    case KIND_QUALITY: return "normal, low, voice-only or external";
    case KIND_PRIORITY: return "no-power, low-power, balanced or high-accuracy";
    case KIND_EDIT: return "on-form-edit";
    case KIND_TEXT: return "a word";
    case KIND_NAME: return "the name of a column";
    case KIND_PACKAGE: return "the name of an Android package, such as com.example.app";
    }
    return "";
}

static void take_pair(struct params *p, struct str key, struct str value)
{
    for (size_t i = 0; i < COUNT; i++) {
        if (!takes(p->taker, &table[i]) || !str_eq_nocase(key, str_of(table[i].key)))
            continue;
        if (value_is_good(table[i].kind, value))
            p->value[i] = value;
        else
            build_error(p->b, ERR_PARAM_VALUE, p->at, key, value,
                        str_of(value_wanted(table[i].kind)));
        return;
    }
    build_error(p->b, ERR_PARAM_UNKNOWN, p->at, key, accepted(p));
}

static bool is_between(char c)
{
    return c == ' ' || c == ',' || c == ';' || c == '\n' || c == '\t' || c == '\r';
}

/* key=value, blanks round the = allowed. */
static bool next_pair(struct str *rest, struct str *key, struct str *value)
{
    size_t i = 0;
    while (i < rest->n && is_between(rest->p[i]))
        i++;
    *rest = str_from(*rest, i);
    size_t eq = str_find(*rest, '=', 0);
    *key = str_trim(str_sub(*rest, 0, eq));
    struct str after = str_from(*rest, eq + 1);
    size_t k = 0;
    while (k < after.n && (after.p[k] == ' ' || after.p[k] == '\t'))
        k++;
    size_t start = k;
    while (k < after.n && !is_between(after.p[k]))
        k++;
    *value = str_sub(after, start, k - start);
    bool good = eq < rest->n && key->n > 0;
    for (size_t c = 0; c < key->n; c++)
        good = good && !is_between(key->p[c]);
    *rest = str_from(after, k);
    return good;
}

static struct str given(const struct params *p, const char *key)
{
    for (size_t i = 0; i < COUNT; i++)
        if (takes(p->taker, &table[i]) && strcmp(table[i].key, key) == 0 && p->value[i].p)
            return p->value[i];
    return (struct str){NULL, 0};
}

static bool number(const struct params *p, const char *key, double *x)
{
    struct str v = given(p, key);
    return v.p && num_parse(v, 0, x);
}

/* ---- what the values must hold together ---- */

/* The choices of a tick_labelset are numbers that have a tick. */
static void check_ticks(struct params *p, double low, double high, double interval)
{
    struct form_node *n = &p->b->nodes[p->def];
    struct str set = given(p, "tick_labelset");
    const struct name_entry *list = names_get(&p->b->names->lists, 0, set);
    if (!list) {
        build_error(p->b, ERR_LIST_UNKNOWN, p->at, set);
        return;
    }
    struct list_draft *d = &p->b->lists[list->value];
    d->used = true;
    bool ends_only = form_has_appearance(n, "no-ticks");
    for (uint32_t r = 0; d->sheet && r < d->l->rows; r++) {
        struct str name = d->l->columns[d->l->name_column].cells[r];
        double x;
        if (!num_parse(name, 0, &x))
            build_error(p->b, ERR_RANGE_LABEL, p->at, name, STR("it is no number"));
        else if (x < low || x > high)
            build_error(p->b, ERR_RANGE_LABEL, p->at, name, STR("it lies outside start and end"));
        else if (interval != 0 && fabs(remainder(x - n->range_start, interval)) > 1e-9)
            build_error(p->b, ERR_RANGE_LABEL, p->at, name, STR("no tick is there"));
        else if (ends_only && x > low && x < high)
            build_error(p->b, ERR_RANGE_LABEL, p->at, name,
                        STR("with no-ticks only start and end have a label"));
    }
}

static void set_range(struct params *p)
{
    struct form_node *n = &p->b->nodes[p->def];
    double start = 1, end = 10, step = 1, tick = 0, place = 0;
    bool fraction = false;
    static const char *const keys[] = {"start", "end", "step"};
    double *const to[] = {&start, &end, &step};
    for (int i = 0; i < 3; i++) {
        number(p, keys[i], to[i]);
        struct str v = given(p, keys[i]);
        fraction = fraction || (v.p && str_find(v, '.', 0) < v.n);
    }
    n->range_start = start;
    n->range_end = end;
    n->range_step = step;
    if (n->stored == STORED_INT && fraction)
        n->stored = STORED_DECIMAL;
    double low = fmin(start, end), high = fmax(start, end);
    if (step == 0)
        build_error(p->b, ERR_RANGE, p->at, STR("step must not be 0"));
    else if (fabs(step) > high - low)
        build_error(p->b, ERR_RANGE, p->at, STR("step is larger than the span from start to end"));
    if (number(p, "tick_interval", &tick)) {
        if (tick == 0 || fabs(tick) > high - low)
            build_error(p->b, ERR_RANGE, p->at,
                        STR("tick_interval must not be 0 nor larger than the span"));
        else if (step != 0 && fabs(remainder(tick, step)) > 1e-9)
            build_error(p->b, ERR_RANGE, p->at, STR("tick_interval must be a multiple of step"));
    }
    if (number(p, "placeholder", &place)) {
        if (place < low || place > high)
            build_error(p->b, ERR_RANGE, p->at, STR("placeholder lies outside start and end"));
        else if (step != 0 && fabs(remainder(place - start, step)) > 1e-9)
            build_error(p->b, ERR_RANGE, p->at, STR("placeholder is no step away from start"));
    }
    if (given(p, "tick_labelset").p)
        check_ticks(p, low, high, tick != 0 ? tick : step);
}

static void set_select(struct params *p)
{
    struct form_node *n = &p->b->nodes[p->def];
    struct str randomize = given(p, "randomize"), seed = given(p, "seed");
    n->randomize = randomize.p && yes_no(randomize) == 1;
    if (given(p, "value").p)
        n->value_column = given(p, "value");
    if (given(p, "label").p)
        n->label_column = given(p, "label");
    if (!seed.p)
        return;
    if (!n->randomize)
        build_error(p->b, ERR_SEED, p->at, seed);
    else if (!num_parse(seed, 0, &n->seed))
        cell_expr(p->b, p->def, seed, p->at, false, &n->seed_expr);
}

static void check_audit(struct params *p)
{
    struct str priority = given(p, "location-priority");
    struct str interval = given(p, "location-min-interval"), age = given(p, "location-max-age");
    double x, y;
    if (!priority.p != !interval.p || !priority.p != !age.p)
        build_error(p->b, ERR_AUDIT_LOCATION, p->at, {0});
    else if (interval.p && num_parse(interval, 0, &x) && num_parse(age, 0, &y) && x > y)
        build_error(p->b, ERR_AUDIT_AGE, p->at, {0});
    if (given(p, "track-changes-reasons").p && yes_no(given(p, "track-changes")) != 1)
        build_warn(p->b, ERR_AUDIT_REASONS, p->at, {0});
}

void params_read(struct build *b, uint32_t def, const struct draft *d, const struct fields *f)
{
    struct form_node *n = &b->nodes[def];
    bool from_file = n->list != DEF_NONE && b->lists[n->list].sheet == NULL;
    struct params p = {.b = b, .def = def, .at = field_spot(b, d->row, f, COL_PARAMETERS)};
    p.raw = field(b, f, COL_PARAMETERS);
    p.taker = taker_of(n, from_file);
    struct str rest = p.raw, key, value;
    if (p.taker == TAKES_NONE && p.raw.p)
        build_warn(b, ERR_PARAM_UNUSED, p.at, n->type_text);
    while (p.taker != TAKES_NONE && rest.n > 0) {
        if (!next_pair(&rest, &key, &value)) {
            build_error(b, ERR_PARAM_FORM, p.at, p.raw);
            break;
        }
        take_pair(&p, key, value);
    }
    if (p.taker == TAKES_RANGE)
        set_range(&p);
    else if (p.taker == TAKES_SELECT || p.taker == TAKES_FILE_LIST)
        set_select(&p);
    else if (p.taker == TAKES_AUDIT)
        check_audit(&p);
    double rows = 0;
    struct str column = field(b, f, COL_ROWS);
    if (number(&p, "rows", &rows) || (column.p && num_parse(column, 0, &rows)))
        n->rows = rows > 0 && rows < 1000 ? (uint32_t)rows : 0;
}
