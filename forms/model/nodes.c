/* Drafts → nodes: every cell of a row into its place in the form. */
#include "forms/model/build_i.h"

#include <math.h>

#include "forms/base/num.h"

/* ---- names and nesting ---- */

void nodes_begin(struct build *b)
{
    b->nodes = ARENA_ARRAY(b->a, struct form_node, b->n_drafts);
    b->f->nodes = b->nodes;
    b->f->n_nodes = (uint32_t)b->n_drafts;
    b->gaps = ARENA_ARRAY(&b->scratch, struct gap, (size_t)2 * COL_IDS * b->f->n_languages);
    for (uint32_t i = 0; i < b->f->n_nodes; i++) {
        const struct draft *d = &b->drafts[i];
        struct form_node *n = &b->nodes[i];
        n->name = d->name; /* the arena's memory is zero */
        n->type = d->type.type;
        n->stored = d->type.stored;
        n->parent = d->parent;
        n->end = d->end;
        n->repeat = DEF_NONE;
        n->row = d->origin == FROM_ROW && d->row ? d->row->row : 0;
        n->type_text = n->appearance = STR("");
        n->list = n->list_from = n->entity = DEF_NONE;
        n->seed = NAN;
        if (d->parent != DEF_NONE) {
            n->repeat = b->nodes[d->parent].repeat;
            n->repeat_depth = b->nodes[d->parent].repeat_depth;
        }
        if (n->type == TYPE_REPEAT) {
            n->repeat = i;
            n->repeat_depth++;
            if (n->repeat_depth > LIMIT_REPEAT_DEPTH)
                build_error(b, ERR_LIMIT, row_spot(b, d->row), STR("The nesting of repeats"),
                            STR("8"));
        }
    }
}

/* ---- conditions ---- */

static void expr_of(struct build *b, uint32_t def, const struct draft *d, const struct fields *f,
                    enum column_id id, bool in_item, struct cond *c)
{
    if (f->v[id])
        cell_expr(b, def, f->v[id]->text, field_spot(b, d->row, f, id), in_item, c);
}

static void set_flags(struct build *b, uint32_t def, const struct draft *d, const struct fields *f)
{
    struct form_node *n = &b->nodes[def];
    int required = yes_no(field(b, f, COL_REQUIRED)), readonly = yes_no(field(b, f, COL_READONLY));
    n->required_always = required == 1;
    n->readonly_always = readonly == 1 || n->type == TYPE_NOTE;
    if (required < 0)
        expr_of(b, def, d, f, COL_REQUIRED, false, &n->required);
    if (readonly < 0)
        expr_of(b, def, d, f, COL_READONLY, false, &n->readonly);
    if (yes_no(field(b, f, COL_RELEVANT)) != 1)
        expr_of(b, def, d, f, COL_RELEVANT, false, &n->relevant);
    if (yes_no(field(b, f, COL_CONSTRAINT)) != 1)
        expr_of(b, def, d, f, COL_CONSTRAINT, false, &n->constraint);
    if (!f->v[COL_CONSTRAINT] && types_constraint(d->type.flags))
        cell_expr_z(b, def, types_constraint(d->type.flags), &n->constraint);
}

static void set_count(struct build *b, uint32_t def, const struct draft *d, const struct fields *f)
{
    struct form_node *n = &b->nodes[def];
    if (n->type != TYPE_REPEAT || !f->v[COL_REPEAT_COUNT])
        return;
    const struct draft *before = def > 0 ? &b->drafts[def - 1] : NULL;
    if (!before || before->origin != FROM_COUNT || before->of != def) {
        expr_of(b, def, d, f, COL_REPEAT_COUNT, false, &n->repeat_count);
        return;
    }
    struct buf text;
    buf_init(&text, LIMIT_CELL_BYTES);
    buf_add_z(&text, "../");
    buf_add_str(&text, before->name);
    cell_expr(b, def, arena_str(b->a, buf_str(&text)), spot_at(NULL, 0, NO_COLUMN), false,
              &n->repeat_count);
    buf_done(&text);
}

/* ---- defaults, triggers ---- */

static bool is_dated(enum stored s)
{
    return s == STORED_DATE || s == STORED_DATETIME || s == STORED_TIME || s == STORED_GEO;
}

static void set_default(struct build *b, uint32_t def, const struct draft *d,
                        const struct fields *f)
{
    struct form_node *n = &b->nodes[def];
    struct str text = field(b, f, COL_DEFAULT);
    if (!text.p)
        return;
    if (expr_default_is_dynamic(text, is_dated(n->stored))) {
        expr_of(b, def, d, f, COL_DEFAULT, false, &n->default_dynamic);
        return;
    }
    n->default_literal = text;
    double x;
    int64_t i;
    bool fits = n->stored == STORED_INT       ? num_parse_int(text, &i)
                : n->stored == STORED_DECIMAL ? num_parse(text, 0, &x)
                                              : true;
    if (!fits)
        build_warn(b, ERR_DEFAULT_TYPE, field_spot(b, d->row, f, COL_DEFAULT), text, n->type_text);
}

/* One or several ${name}, separated by commas. */
static void set_triggers(struct build *b, uint32_t def, const struct draft *d,
                         const struct fields *f)
{
    struct str text = field(b, f, COL_TRIGGER), part;
    if (!text.p)
        return;
    struct spot at = field_spot(b, d->row, f, COL_TRIGGER);
    uint32_t *v = ARENA_ARRAY(b->a, uint32_t, text.n / 3 + 1), n = 0;
    struct scope scope;
    form_scope(b->f, def, &scope);
    while (str_split(&text, ',', &part)) {
        part = str_trim(part);
        bool reference =
            part.n > 3 && str_starts(part, STR("${")) && str_find(part, '}', 0) == part.n - 1;
        if (!reference) {
            build_error(b, ERR_TRIGGER, at, part);
            continue;
        }
        struct err e = {0};
        if (scope.ops->ref(scope.ctx, str_sub(part, 2, part.n - 3), &v[n], &e))
            n++;
        else
            build_take(b, &e, at, field_raw(f, COL_TRIGGER));
    }
    b->nodes[def].triggers = v;
    b->nodes[def].n_triggers = n;
}

/* ---- selects ---- */

static const char *file_ending(struct str file)
{
    static const char *const endings[] = {".csv", ".xml", ".geojson"};
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
        if (str_ends(file, str_of(endings[i])))
            return endings[i];
    return NULL;
}

static void set_file_list(struct build *b, uint32_t def, const struct draft *d, struct spot at)
{
    struct form_node *n = &b->nodes[def];
    struct str file = d->type.list;
    const char *ending = file_ending(file);
    if (!ending) {
        build_error(b, ERR_LIST_FILE_TYPE, at, file);
        return;
    }
    bool geo = strcmp(ending, ".geojson") == 0;
    n->value_column = geo ? STR("id") : STR("name");
    n->label_column = geo ? STR("title") : STR("label");
    n->list = external_declare(b, str_sub(file, 0, file.n - strlen(ending)), file, at);
}

static void set_from_question(struct build *b, uint32_t def, const struct draft *d, struct spot at)
{
    struct form_node *n = &b->nodes[def];
    struct scope scope;
    struct err e = {0};
    form_scope(b->f, def, &scope);
    if (!scope.ops->ref(scope.ctx, d->type.list, &n->list_from, &e))
        build_take(b, &e, at, STR(""));
    else if (b->nodes[n->list_from].repeat == DEF_NONE ||
             b->nodes[n->list_from].type == TYPE_REPEAT)
        build_error(b, ERR_LIST_NOT_REPEATED, at, d->type.list);
}

static void set_list(struct build *b, uint32_t def, const struct draft *d, const struct fields *f)
{
    struct form_node *n = &b->nodes[def];
    struct spot at = field_spot(b, d->row, f, COL_TYPE);
    struct str list = d->type.list;
    const struct name_entry *slot = names_get(&b->names->lists, 0, list);
    n->value_column = STR("name");
    n->label_column = STR("label");
    if (list.n == 0)
        build_error(b, ERR_LIST_WANTED, at, n->type_text);
    else if (d->type.source == SOURCE_QUESTION)
        set_from_question(b, def, d, at);
    else if (d->type.source == SOURCE_FILE || (!slot && file_ending(list)))
        set_file_list(b, def, d, at);
    else if (d->type.source == SOURCE_EXTERNAL && (!slot || b->lists[slot->value].l->external))
        n->list = external_itemset(b, list, at);
    else if (slot)
        n->list = slot->value;
    else if (!b->choices)
        build_error(b, ERR_NO_CHOICES, at, list);
    else
        build_error(b, ERR_LIST_UNKNOWN, at, list);
    if (n->list != DEF_NONE)
        b->lists[n->list].used = true;
    n->or_other = d->type.or_other;
    if (d->type.source == SOURCE_EXTERNAL && !f->v[COL_CHOICE_FILTER])
        build_warn(b, ERR_EXTERNAL_FILTER, at, {0});
    if (f->v[COL_CHOICE_FILTER] && n->or_other)
        build_error(b, ERR_OTHER_FILTER, field_spot(b, d->row, f, COL_CHOICE_FILTER), {0});
    if (f->v[COL_CHOICE_FILTER] && d->table_list)
        build_error(b, ERR_TABLE_FILTER, field_spot(b, d->row, f, COL_CHOICE_FILTER), {0});
}

/* ---- what extends the language, and what is only kept ---- */

static enum report_as report_of(struct str s)
{
    static const struct {
        const char *word;
        enum report_as as;
    } words[] = {{"frequency", REPORT_FREQUENCY},
                 {"mean", REPORT_MEAN},
                 {"index", REPORT_INDEX},
                 {"none", REPORT_NONE}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (str_is(s, words[i].word))
            return words[i].as;
    return REPORT_DEFAULT;
}

static enum stored stored_of(struct str s, enum stored otherwise)
{
    static const struct {
        const char *word;
        enum stored as;
    } words[] = {
        {"string", STORED_STRING},     {"int", STORED_INT},           {"integer", STORED_INT},
        {"decimal", STORED_DECIMAL},   {"date", STORED_DATE},         {"time", STORED_TIME},
        {"dateTime", STORED_DATETIME}, {"datetime", STORED_DATETIME}, {"boolean", STORED_STRING},
        {"geopoint", STORED_GEO},      {"geotrace", STORED_GEO},      {"geoshape", STORED_GEO},
        {"binary", STORED_FILE}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (str_is(s, words[i].word))
            return words[i].as;
    return otherwise;
}

/* dk=-98 refused=-99 na=-97, or bare codes known by their last two digits. */
static void set_missing(struct build *b, uint32_t def, struct str text, struct spot at)
{
    static const char *const keys[MISSING_KINDS] = {"dk", "refused", "na"};
    static const char *const tails[MISSING_KINDS] = {"98", "99", "97"};
    struct form_node *n = &b->nodes[def];
    struct str word;
    n->missing_declared = true;
    while (str_word(&text, &word)) {
        size_t eq = str_find(word, '=', 0);
        struct str key = {word.p, eq}, code = eq < word.n ? str_from(word, eq + 1) : word;
        bool known = false;
        for (int i = 0; i < MISSING_KINDS; i++)
            if (code.n > 0 &&
                (eq < word.n ? str_is(key, keys[i]) : str_ends(code, str_of(tails[i])))) {
                n->missing[i] = code;
                known = true;
            }
        if (!known)
            build_error(b, ERR_MISSING_CODE, at, word);
    }
    bool takes = n->type == TYPE_INTEGER || n->type == TYPE_DECIMAL || n->type == TYPE_RANGE ||
                 n->type == TYPE_SELECT_ONE || n->type == TYPE_SELECT_MULTIPLE;
    if (!takes)
        build_warn(b, ERR_MISSING_TYPE, at, n->type_text);
}

/* On a select of a form that declares the namespace the keys are live where the list has the codes. Of a list
 * that several are taken from, one of them alone is more often "none of these": both must be there. */
static void set_missing_from_list(struct build *b, struct form_node *n)
{
    static const char *const codes[MISSING_KINDS] = {"98", "99", "97"};
    if (n->missing_declared || !b->f->cacah_namespace || n->list == DEF_NONE ||
        (n->type != TYPE_SELECT_ONE && n->type != TYPE_SELECT_MULTIPLE))
        return;
    bool found[MISSING_KINDS];
    for (int i = 0; i < MISSING_KINDS; i++)
        found[i] = choice_find(b->lists[n->list].l, str_of(codes[i])) != DEF_NONE;
    if (n->type == TYPE_SELECT_MULTIPLE && !(found[0] && found[1]))
        return;
    for (int i = 0; i < MISSING_KINDS; i++)
        if (found[i])
            n->missing[i] = str_of(codes[i]);
}

static uint32_t language_by_code(const struct form *f, struct str code)
{
    for (uint32_t i = 0; i < f->n_languages; i++)
        if (str_eq(f->languages[i].code, code))
            return i;
    return DEF_NONE;
}

/* The soft checks: warn, warn2 …, each with its messages by language code. */
static void set_warns(struct build *b, uint32_t def, const struct draft *d)
{
    struct form_node *n = &b->nodes[def];
    struct warn made[10] = {{{0}, NULL}};
    struct text *messages[10] = {NULL};
    uint32_t languages = b->f->n_languages;
    for (uint32_t i = 0; i < d->row->n; i++) {
        const struct cell *c = &d->row->cells[i];
        const struct column_use *u = &b->survey_use[c->column];
        struct spot at = {b->survey, d->row->row, c->column};
        if (u->id == COL_WARN)
            cell_expr(b, def, c->text, at, false, &made[u->number].when);
        if (u->id != COL_WARN_MESSAGE)
            continue;
        struct text **m = &messages[u->number];
        if (!*m)
            *m = ARENA_ARRAY(b->a, struct text, languages);
        uint32_t lang = language_by_code(b->f, u->sub);
        struct text t = {0};
        cell_text(b, def, c->text, at, &t);
        for (uint32_t k = 0; k < languages; k++)
            if (k == lang || (lang == DEF_NONE && !(*m)[k].given))
                (*m)[k] = t;
    }
    struct warn *v = ARENA_ARRAY(b->a, struct warn, 9);
    for (int i = 1; i < 10; i++)
        if (made[i].when.expr) {
            made[i].message = messages[i];
            v[n->n_warns++] = made[i];
        }
    n->warns = n->n_warns ? v : NULL;
}

static void set_attrs(struct build *b, uint32_t def, const struct draft *d)
{
    struct form_node *n = &b->nodes[def];
    struct attr *v = NULL;
    bool warns = false;
    for (uint32_t i = 0; i < d->row->n; i++) {
        const struct cell *c = &d->row->cells[i];
        const struct column_use *u = &b->survey_use[c->column];
        struct spot at = {b->survey, d->row->row, c->column};
        if (u->id == COL_MISSING)
            set_missing(b, def, clean_text(c->text, true, b->a), at);
        else if (u->id == COL_PII)
            n->pii = str_is(c->text, "1") || yes_no(c->text) == 1;
        else if (u->id == COL_OUTCOME)
            n->outcome = str_is(c->text, "1") || yes_no(c->text) == 1;
        else if (u->id == COL_REPORT)
            n->report = report_of(c->text);
        warns = warns || u->id == COL_WARN;
        bool kept = u->id == COL_BIND || u->id == COL_BODY || u->id == COL_INSTANCE ||
                    u->id == COL_MEDIA || (u->id >= COL_WARN && u->id <= COL_REPORT) ||
                    u->id == COL_BIND_TYPE;
        if (!kept)
            continue;
        if (!v)
            v = ARENA_ARRAY(b->a, struct attr, d->row->n);
        v[n->n_attrs++] = (struct attr){b->survey->headers[c->column], c->text};
    }
    n->attrs = v;
    attributes_row(b, def, d);
    if (warns)
        set_warns(b, def, d);
}

/* ---- a row ---- */

static void set_texts(struct build *b, uint32_t def, const struct draft *d)
{
    struct form_node *n = &b->nodes[def];
    const struct sheet *s = b->survey;
    const struct column_use *u = b->survey_use;
    n->label = cell_texts(b, def, d->row, s, u, COL_LABEL);
    n->hint = cell_texts(b, def, d->row, s, u, COL_HINT);
    n->guidance = cell_texts(b, def, d->row, s, u, COL_GUIDANCE);
    n->required_message = cell_texts(b, def, d->row, s, u, COL_REQUIRED_MESSAGE);
    n->constraint_message = cell_texts(b, def, d->row, s, u, COL_CONSTRAINT_MESSAGE);
}

static struct str appearance_of(struct build *b, const struct draft *d, const struct fields *f)
{
    struct str text = field(b, f, COL_APPEARANCE);
    if (!text.p)
        text = STR("");
    if (!d->table_list)
        return text;
    char *p = arena_alloc(b->a, text.n + 15);
    memcpy(p, text.p, text.n);
    memcpy(p + text.n, " list-nolabel", 13);
    return str_trim((struct str){p, text.n + 13});
}

static void set_filter(struct build *b, uint32_t def, const struct draft *d, const struct fields *f)
{
    struct form_node *n = &b->nodes[def];
    struct str search;
    struct spot at = field_spot(b, d->row, f, COL_APPEARANCE);
    if (search_apply(b, def, n->appearance, at, &search))
        cell_made(b, def, search, at, true, &n->choice_filter);
    else
        expr_of(b, def, d, f, COL_CHOICE_FILTER, true, &n->choice_filter);
}

static void make_from_row(struct build *b, uint32_t def, const struct draft *d)
{
    struct form_node *n = &b->nodes[def];
    struct fields f;
    fields_read(b, d->row, &f);
    n->type_text = field(b, &f, COL_TYPE);
    if (n->type == TYPE_FILE)
        n->media = str_of(d->type.extra);
    if (n->type == TYPE_META)
        n->preload = str_of(d->type.extra);
    n->appearance = appearance_of(b, d, &f);
    if (f.v[COL_BIND_TYPE])
        n->stored = stored_of(field(b, &f, COL_BIND_TYPE), n->stored);
    if (d->type.source != SOURCE_NONE)
        set_list(b, def, d, &f);
    params_read(b, def, d, &f);
    set_texts(b, def, d);
    set_attrs(b, def, d);
    set_flags(b, def, d, &f);
    set_count(b, def, d, &f);
    set_default(b, def, d, &f);
    set_triggers(b, def, d, &f);
    expr_of(b, def, d, &f, COL_CALCULATION, false, &n->calculation);
    if (d->type.source != SOURCE_NONE)
        set_filter(b, def, d, &f);
    if (f.v[COL_SAVE_TO])
        n->save_to = field(b, &f, COL_SAVE_TO);
}

static void make_count(struct build *b, uint32_t def, const struct draft *d)
{
    struct fields f;
    fields_read(b, d->row, &f);
    expr_of(b, def, d, &f, COL_REPEAT_COUNT, false, &b->nodes[def].calculation);
}

static void make_other(struct build *b, uint32_t def, const struct draft *d)
{
    struct form_node *n = &b->nodes[def];
    struct text_run *run = ARENA_NEW(b->a, struct text_run);
    *run = (struct text_run){STR("Specify other."), DEF_NONE, false};
    struct text *label = ARENA_ARRAY(b->a, struct text, b->f->n_languages);
    for (uint32_t i = 0; i < b->f->n_languages; i++)
        label[i] = (struct text){run, 1, true};
    n->label = label;
    struct buf text;
    buf_init(&text, LIMIT_CELL_BYTES);
    buf_add_z(&text, "selected(../");
    buf_add_str(&text, b->drafts[d->of].name);
    buf_add_z(&text, ", 'other')");
    cell_expr(b, def, arena_str(b->a, buf_str(&text)), spot_at(NULL, 0, NO_COLUMN), false,
              &n->relevant);
    buf_done(&text);
}

/* The column of an external list that is a question's value gets an index. Without it nothing can be chosen,
 * without that of the labels people see codes. */
static void want_columns_of_list(struct build *b, uint32_t def)
{
    const struct form_node *n = &b->nodes[def];
    const struct choice_list *l = n->list != DEF_NONE ? b->lists[n->list].l : NULL;
    if (!l || !l->external || !l->loaded)
        return;
    choices_want(b, n->list, n->value_column);
    const struct str columns[] = {n->value_column, n->label_column};
    for (int i = 0; i < 2; i++)
        if (choice_column(l, columns[i]) == DEF_NONE)
            build_warn(b, ERR_LIST_COLUMN, row_spot(b, b->drafts[def].row), l->file, columns[i]);
}

void nodes_make(struct build *b)
{
    for (uint32_t i = 1; i < b->f->n_nodes; i++) {
        const struct draft *d = &b->drafts[i];
        if (d->origin == FROM_ROW)
            make_from_row(b, i, d);
        else if (d->origin == FROM_COUNT)
            make_count(b, i, d);
        else if (d->origin == FROM_OTHER)
            make_other(b, i, d);
        else if (b->lists[d->loop_list].l->labels)
            b->nodes[i].label = b->lists[d->loop_list].l->labels[d->loop_row];
        if (b->nodes[i].outcome && b->f->outcome == DEF_NONE)
            b->f->outcome = i;
        if (b->nodes[i].type == TYPE_META && str_is(b->nodes[i].preload, "audit"))
            b->f->audit = i;
        want_columns_of_list(b, i);
    }
    cells_report_gaps(b);
}

void nodes_finish(struct build *b)
{
    for (uint32_t i = 1; i < b->f->n_nodes; i++)
        set_missing_from_list(b, &b->nodes[i]);
}
