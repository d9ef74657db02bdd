/* From bytes to a form: reads the workbook and takes the steps of build_i.h in their order. What is wrong
 * becomes a diagnostic and the build goes on, so that an author sees all mistakes at once. */
#include "forms/model/build_i.h"

#include <stdlib.h>
#include <unictype.h>

#include "forms/base/utf8.h"
#include "forms/model/graph.h"
#include "forms/model/near.h"

/* ---- diagnostics ---- */

void build_pos(const struct build *b, struct spot at, struct pos *ret)
{
    char file[256], sheet[ERR_ARG_MAX];
    size_t n = b->book->file.n < sizeof file ? b->book->file.n : sizeof file - 1;
    memcpy(file, b->book->file.p, n);
    file[n] = '\0';
    struct str column = {"", 0};
    if (at.sheet && at.column != NO_COLUMN && at.column < at.sheet->n_headers)
        column = at.sheet->headers[at.column];
    pos_set(ret, file, at.sheet ? err_arg(sheet, at.sheet->name) : "", at.row, column);
}

void build_say(struct build *b, enum severity severity, const struct err_kind *kind, struct spot at,
               const struct str args[ERR_ARGS])
{
    char tmp[ERR_ARGS][ERR_ARG_MAX];
    const char *v[ERR_ARGS];
    for (int i = 0; i < ERR_ARGS; i++)
        v[i] = args[i].p ? err_arg(tmp[i], args[i]) : NULL;
    struct err e = {0};
    err_set(&e, kind, v, 0);
    build_pos(b, at, &e.pos);
    diags_add(b->diags, severity, &e);
}

void build_take(struct build *b, struct err *e, struct spot at, struct str raw)
{
    uint32_t offset = e->pos.offset;
    build_pos(b, at, &e->pos);
    if (offset)
        e->pos.offset = clean_offset(raw, b->collapse && at.sheet == b->survey, offset);
    diags_add(b->diags, SEV_ERROR, e);
    err_clear(e);
}

/* ---- cells ---- */

void fields_read(const struct build *b, const struct sheet_row *row, struct fields *ret)
{
    *ret = (struct fields){0};
    for (uint32_t i = 0; i < row->n; i++)
        ret->v[b->survey_use[row->cells[i].column].id] = &row->cells[i];
}

struct str field_raw(const struct fields *f, enum column_id id)
{
    return f->v[id] ? f->v[id]->text : (struct str){NULL, 0};
}

struct str field(struct build *b, const struct fields *f, enum column_id id)
{
    if (!f->v[id])
        return (struct str){NULL, 0};
    struct str s = clean_text(f->v[id]->text, b->collapse, b->a);
    return s.n > 0 ? s : (struct str){NULL, 0};
}

struct spot row_spot(const struct build *b, const struct sheet_row *row)
{
    (void)b;
    return spot_at(b->survey, row->row, NO_COLUMN);
}

struct spot field_spot(const struct build *b, const struct sheet_row *row, const struct fields *f,
                       enum column_id id)
{
    return spot_at(b->survey, row->row, f->v[id] ? f->v[id]->column : NO_COLUMN);
}

int yes_no(struct str s)
{
    static const char *const yes[] = {"yes", "Yes", "YES", "true", "True", "TRUE", "true()"};
    static const char *const no[] = {"no", "No", "NO", "false", "False", "FALSE", "false()"};
    for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++) {
        if (str_is(s, yes[i]))
            return 1;
        if (str_is(s, no[i]))
            return 0;
    }
    return -1;
}

bool name_is_valid(struct str s)
{
    for (size_t i = 0; i < s.n;) {
        size_t k;
        uint32_t c = utf8_at(s, i, &k);
        bool first = c == '_' || uc_is_property_xid_start(c);
        bool later = c == '-' || c == '.' || uc_is_property_xid_continue(c);
        if (!first && (i == 0 || !later))
            return false;
        i += k;
    }
    return s.n > 0;
}

/* ---- sheets ---- */

static void warn_near_sheets(struct build *b)
{
    static const char *const ours[] = {"survey",           "choices",  "settings",
                                       "external_choices", "entities", "osm"};
    for (uint32_t i = 0; i < b->book->n_sheets; i++) {
        struct str name = b->book->sheets[i].name;
        struct near n;
        near_start(&n, name);
        for (size_t k = 0; k < sizeof ours / sizeof ours[0]; k++)
            near_try(&n, ours[k]);
        const char *best = near_best(&n);
        if (best && n.distance > 0 && name.p[0] != '_' && !book_sheet(b->book, best) &&
            &b->book->sheets[i] != b->survey)
            build_warn(b, ERR_SHEET_NEAR, spot_at(&b->book->sheets[i], 0, NO_COLUMN), name,
                       str_of(best));
    }
}

/* What two columns that mean the same have in common; "" for those that may repeat. */
static struct str meaning(struct build *b, const struct column_use *u)
{
    if (u->id == COL_NONE || u->id == COL_KEPT || u->id == COL_BODY)
        return (struct str){"", 0};
    struct buf key;
    buf_init(&key, LIMIT_CELL_BYTES);
    buf_printf(&key, "%d %u ", (int)u->id, (unsigned)u->number);
    if (u->id == COL_BIND || u->id == COL_MEDIA || u->id == COL_INSTANCE ||
        u->id == COL_WARN_MESSAGE)
        buf_add_str(&key, u->sub);
    buf_add_c(&key, ':');
    if (u->language.p)
        buf_add_str(&key, u->language);
    struct str s = arena_str(&b->scratch, buf_str(&key));
    buf_done(&key);
    return s;
}

/* Two columns that mean the same: an error unless Markdown repeats the very header. */
static void check_columns(struct build *b, const struct sheet *s, const struct column_use *use)
{
    struct names headers, meanings;
    names_init(&headers, &b->scratch, s->n_headers);
    names_init(&meanings, &b->scratch, s->n_headers);
    for (uint32_t i = 0; i < s->n_headers; i++) {
        struct str key = meaning(b, &use[i]);
        bool is_new = true;
        if (s->headers[i].n == 0)
            continue;
        const struct name_entry *first = names_put(&headers, 0, s->headers[i], i, &is_new);
        if (!is_new && b->book->duplicate_headers_ok)
            continue;
        if (is_new && key.n > 0)
            first = names_put(&meanings, 0, key, i, &is_new);
        if (!is_new)
            build_error(b, ERR_COLUMN_TWICE, spot_at(s, 1, i), s->headers[first->value],
                        s->headers[i]);
    }
}

static void check_unknown_columns(struct build *b, const struct sheet *s,
                                  const struct column_use *use)
{
    for (uint32_t i = 0; i < s->n_headers; i++) {
        struct str h = s->headers[i];
        if (use[i].id == COL_NONE && h.n > 0 && h.p[0] != '_') {
            const char *near = b->diags->n < DIAGS_MAX ? columns_near(h) : NULL;
            if (near)
                build_warn(b, ERR_COLUMN_NEAR, spot_at(s, 1, i), h, str_of(near));
            else
                build_warn(b, ERR_COLUMN_UNKNOWN, spot_at(s, 1, i), h);
        } else if (use[i].id >= COL_WARN && use[i].id <= COL_REPORT && !b->f->cacah_namespace) {
            build_warn(b, ERR_NAMESPACE_MISSING, spot_at(s, 1, i), h);
        }
    }
}

/* Once a form, at the first header. */
static void warn_media(struct build *b)
{
    const struct sheet *const sheets[] = {b->survey, b->choices};
    const struct column_use *const uses[] = {b->survey_use, b->choices_use};
    for (int k = 0; k < 2; k++)
        for (uint32_t i = 0; sheets[k] && i < sheets[k]->n_headers; i++)
            if (uses[k][i].id == COL_MEDIA) {
                build_warn(b, ERR_MEDIA_IGNORED, spot_at(sheets[k], 1, i), {0});
                return;
            }
}

/* In a sheet of choices few words are ours: a column "type" there is the author's. */
static void free_choice_columns(const struct sheet *s, struct column_use *use)
{
    for (uint32_t i = 0; i < s->n_headers; i++) {
        enum column_id id = use[i].id;
        bool name = id == COL_NAME && !str_eq_nocase(s->headers[i], STR("tag"));
        if (!name && id != COL_LIST_NAME && id != COL_LABEL && id != COL_MEDIA)
            use[i] = (struct column_use){.id = COL_NONE, .sub = s->headers[i]};
    }
}

static struct column_use *use_columns(struct build *b, const struct sheet *s)
{
    if (!s)
        return NULL;
    struct column_use *use = columns_read(s, b->cacah, b->a);
    if (s != b->survey)
        free_choice_columns(s, use);
    check_columns(b, s, use);
    return use;
}

static bool find_sheets(struct build *b)
{
    b->survey = book_sheet(b->book, "survey");
    if (!b->survey && b->book->n_sheets == 1)
        b->survey = &b->book->sheets[0];
    b->choices = book_sheet(b->book, "choices");
    b->settings = book_sheet(b->book, "settings");
    b->external = book_sheet(b->book, "external_choices");
    b->entities = book_sheet(b->book, "entities");
    warn_near_sheets(b);
    if (!b->survey) {
        build_error(b, ERR_NO_SURVEY, spot_at(NULL, 0, NO_COLUMN), {0});
        return false;
    }
    return true;
}

static bool check_survey(struct build *b)
{
    bool type = false, name = false;
    for (uint32_t i = 0; i < b->survey->n_headers; i++) {
        type = type || b->survey_use[i].id == COL_TYPE;
        name = name || b->survey_use[i].id == COL_NAME;
    }
    if (!type || !name) {
        build_error(b, ERR_HEADER_MISSING, spot_at(b->survey, 1, NO_COLUMN),
                    type ? STR("name") : STR("type"));
        return false;
    }
    if (b->survey->n_rows == 0) {
        build_error(b, ERR_SURVEY_EMPTY, spot_at(b->survey, 1, NO_COLUMN), {0});
        return false;
    }
    check_unknown_columns(b, b->survey, b->survey_use);
    warn_media(b);
    return true;
}

/* ---- the whole ---- */

static void steps(struct build *b)
{
    if (!find_sheets(b))
        return;
    settings_read(b);
    b->survey_use = use_columns(b, b->survey);
    b->choices_use = use_columns(b, b->choices);
    b->external_use = use_columns(b, b->external);
    if (!check_survey(b))
        return;
    lang_collect(b);
    if (b->stop)
        return;
    choices_read(b);
    rows_read(b);
    if (b->stop)
        return;
    rule_row_names(b);
    nodes_begin(b);
    choices_tables(b);
    if (b->stop)
        return;
    nodes_make(b);
    settings_instance_name(b);
    attributes_root(b);
    choices_indexes(b);
    nodes_finish(b);
    rule_labels(b);
    rule_choices(b);
    entities_check(b);
    rule_refs(b);
    if (b->diags->errors == 0)
        graph_build(b);
    if (b->diags->errors > 0)
        return;
    rule_more_warnings(b);
    rule_never(b);
    rule_scalar(b);
    rule_width(b);
}

static void finish_lists(struct build *b)
{
    const struct choice_list **v = ARENA_ARRAY(b->a, const struct choice_list *, b->n_lists);
    for (size_t i = 0; i < b->n_lists; i++)
        v[i] = b->lists[i].l;
    b->f->lists = v;
    b->f->n_lists = (uint32_t)b->n_lists;
    externals_finish(b);
}

static void build_done(struct build *b)
{
    arena_done(&b->scratch);
    mem_free(b->drafts);
    mem_free(b->type_uses);
    mem_free(b->lists);
    mem_free(b->files);
}

/* By sheet and row, those of one row as they were found: an author goes through the workbook once. */
struct place {
    uint32_t sheet, row;
    size_t at;
};

static int by_place(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->sheet != y->sheet)
        return x->sheet < y->sheet ? -1 : 1;
    if (x->row != y->row)
        return x->row < y->row ? -1 : 1;
    return x->at < y->at ? -1 : 1;
}

static void sort_diags(const struct book *book, struct diags *d, size_t from)
{
    size_t n = d->n - from;
    if (n < 2)
        return;
    struct place *order = mem_calloc(n, sizeof *order);
    struct diag *old = mem_calloc(n, sizeof *old);
    memcpy(old, d->v + from, n * sizeof *old);
    for (size_t i = 0; i < n; i++) {
        const struct pos *p = &old[i].err.pos;
        uint32_t sheet = 0;
        while (p->sheet[0] && sheet < book->n_sheets && !str_is(book->sheets[sheet].name, p->sheet))
            sheet++;
        order[i] = (struct place){p->sheet[0] ? sheet + 1 : 0, p->row, i};
    }
    qsort(order, n, sizeof *order, by_place);
    for (size_t i = 0; i < n; i++)
        d->v[from + i] = old[order[i].at];
    mem_free(order);
    mem_free(old);
}

bool form_compile(struct form **ret, struct str bytes, const char *name, const struct host *host,
                  struct diags *diags, struct err *e)
{
    *ret = NULL;
    struct arena arena;
    arena_init(&arena);
    struct book *book = ARENA_NEW(&arena, struct book);
    struct err fault = {0};
    if (!book_read(book, bytes, name, &arena, diags, &fault)) {
        bool theirs = fault.kind->cls == ERR_FAULT;
        if (theirs && !fault.pos.file[0])
            pos_set(&fault.pos, name, "", 0, STR(""));
        if (theirs)
            diags_add(diags, SEV_ERROR, &fault);
        else
            *e = fault;
        arena_done(&arena);
        return false;
    }
    struct form *f = ARENA_NEW(&arena, struct form);
    struct form_names *names = ARENA_NEW(&arena, struct form_names);
    f->arena = arena;
    f->book = book;
    f->file = book->file;
    f->names = names;
    f->outcome = f->audit = DEF_NONE;
    struct build b = {
        .f = f, .a = &f->arena, .host = host, .diags = diags, .book = book, .names = names};
    size_t errors = diags->errors, before = diags->n;
    diags->errors = 0;
    arena_init(&b.scratch);
    names_init(&names->lists, b.a, 16);
    names_init(&b.types, &b.scratch, 16);
    names_init(&b.prefixes, &b.scratch, 8);
    steps(&b);
    finish_lists(&b);
    sort_diags(book, diags, before);
    bool ok = diags->errors == 0;
    diags->errors += errors;
    build_done(&b);
    if (ok)
        *ret = f;
    else
        form_free(f);
    return ok;
}

void form_free(struct form *f)
{
    if (!f)
        return;
    struct arena arena = f->arena; /* the form itself lies in it */
    arena_done(&arena);
}
