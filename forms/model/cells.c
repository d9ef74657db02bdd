/* Cells → expressions and texts. */
#include "forms/model/build_i.h"

#include "forms/base/utf8.h"

static struct str clean_cell(struct build *b, struct str raw, struct spot at)
{
    return clean_text(raw, b->collapse && at.sheet == b->survey, b->a);
}

/* ---- expressions ---- */

static uint16_t sheet_number(const struct build *b, const struct sheet *s)
{
    return s ? (uint16_t)(s - b->book->sheets) : 0;
}

/* pulldata('fruits', …) means fruits.csv beside the form: the instance has to be there before the text is
 * compiled. */
static void declare_pulldata(struct build *b, struct str text, struct spot at)
{
    for (size_t i = 0; i + 8 < text.n; i++) {
        if (memcmp(text.p + i, "pulldata", 8) != 0)
            continue;
        struct str rest = str_trim(str_from(text, i + 8));
        if (rest.n == 0 || rest.p[0] != '(')
            continue;
        rest = str_trim(str_from(rest, 1));
        if (rest.n == 0 || (rest.p[0] != '\'' && rest.p[0] != '"'))
            continue;
        size_t end = str_find(rest, rest.p[0], 1);
        struct str id = str_sub(rest, 1, end - 1);
        if (end == rest.n || id.n == 0)
            continue;
        if (str_ends(id, STR(".csv")))
            id.n -= 4;
        char *file = arena_alloc(b->a, id.n + 5);
        memcpy(file, id.p, id.n);
        memcpy(file + id.n, ".csv", 4);
        external_declare(b, id, (struct str){file, id.n + 4}, at);
    }
}

static void want_columns(struct build *b, uint32_t def, bool in_item, const struct expr *x)
{
    const uint32_t *lists;
    size_t n = expr_instances(x, &lists);
    for (size_t i = 0; i < n; i++) {
        choices_want(b, lists[i], expr_text(x));
        b->lists[lists[i]].used = true;
    }
    if (in_item && b->nodes[def].list != DEF_NONE)
        choices_want(b, b->nodes[def].list, expr_text(x));
}

static void warn_nowhere(struct build *b, struct spot at, struct str raw, uint32_t offset)
{
    struct err e = {0};
    err_fail(&e, ERR_PATH_NOWHERE);
    build_pos(b, at, &e.pos);
    if (offset)
        e.pos.offset = clean_offset(raw, b->collapse && at.sheet == b->survey, offset);
    diags_add(b->diags, SEV_WARNING, &e);
}

static void compile(struct build *b, uint32_t def, struct str raw, struct spot at, bool in_item,
                    bool made, struct cond *c)
{
    struct str text = clean_cell(b, raw, at);
    if (text.n > 0 && text.p[0] == '=' && at.sheet) {
        build_warn(b, ERR_EXPR_EQUALS, at, {0});
        text = str_trim(str_from(text, 1));
    }
    int known = yes_no(text);
    if (known >= 0)
        text = known ? STR("true()") : STR("false()");
    if (text.n == 0)
        return;
    declare_pulldata(b, text, at);
    struct scope scope;
    struct pos pos;
    struct err e = {0};
    struct expr *x = NULL;
    form_scope(b->f, def, &scope);
    scope.in_item = in_item;
    if (in_item && b->nodes[def].list_from != DEF_NONE)
        scope.item = b->nodes[b->nodes[def].list_from].repeat;
    build_pos(b, at, &pos);
    if (!expr_compile(&x, text, &scope, &pos, b->a, &e)) {
        e.pos.offset = made ? 0 : e.pos.offset;
        build_take(b, &e, at, raw);
        return;
    }
    *c = (struct cond){x, at.row, sheet_number(b, at.sheet),
                       at.column == NO_COLUMN ? UINT16_MAX : (uint16_t)at.column};
    want_columns(b, def, in_item, x);
    if (expr_flags(x) & EXPR_NO_SUCH_NODE)
        warn_nowhere(b, at, raw, made ? 0 : expr_missing(x));
}

void cell_expr(struct build *b, uint32_t def, struct str raw, struct spot at, bool in_item,
               struct cond *c)
{
    compile(b, def, raw, at, in_item, false, c);
}

void cell_made(struct build *b, uint32_t def, struct str text, struct spot at, bool in_item,
               struct cond *c)
{
    compile(b, def, text, at, in_item, true, c);
}

void cell_expr_z(struct build *b, uint32_t def, const char *text, struct cond *c)
{
    cell_made(b, def, str_of(text), spot_at(NULL, 0, NO_COLUMN), false, c);
}

/* ---- texts ---- */

struct split {
    struct build *b;
    uint32_t def;
    struct text_run *runs;
    size_t n, cap;
};

static bool split_each(void *ctx, struct str literal, struct str ref, uint32_t offset,
                       struct err *e)
{
    struct split *s = ctx;
    struct text_run run = {literal, DEF_NONE, false};
    if (ref.p) {
        run.last_saved = str_starts(ref, STR("last-saved#"));
        struct scope scope;
        form_scope(s->b->f, s->def, &scope);
        if (!scope.ops->ref(scope.ctx, run.last_saved ? str_from(ref, 11) : ref, &run.ref, e)) {
            e->pos.offset = offset;
            return false;
        }
    }
    s->runs = mem_grow(s->runs, s->n, &s->cap, sizeof *s->runs);
    s->runs[s->n++] = run;
    return true;
}

void cell_text(struct build *b, uint32_t def, struct str raw, struct spot at, struct text *ret)
{
    struct str text = clean_cell(b, raw, at);
    size_t dollar = str_find(text, '$', 0);
    while (dollar + 1 < text.n && text.p[dollar + 1] != '{')
        dollar = str_find(text, '$', dollar + 1);
    if (dollar + 1 >= text.n) {
        struct text_run *run = ARENA_NEW(b->a, struct text_run);
        *run = (struct text_run){text, DEF_NONE, false};
        *ret = (struct text){run, 1, true};
        return;
    }
    struct split s = {.b = b, .def = def};
    struct pos pos;
    struct err e = {0};
    build_pos(b, at, &pos);
    if (expr_split_text(text, &pos, split_each, &s, &e)) {
        struct text_run *runs = ARENA_ARRAY(b->a, struct text_run, s.n);
        if (s.n)
            memcpy(runs, s.runs, s.n * sizeof *runs);
        *ret = (struct text){runs, (uint32_t)s.n, true};
    } else {
        build_take(b, &e, at, raw);
        *ret = (struct text){NULL, 0, true};
    }
    mem_free(s.runs);
}

/* ---- texts in every language ---- */

/* A language that lacks a text which others have: counted, and reported once for each column. */
static void note_gap(struct build *b, const struct sheet *sheet, enum column_id id, uint32_t lang,
                     struct spot at)
{
    struct gap *g =
        &b->gaps[((sheet == b->survey ? 0u : 1u) * COL_IDS + id) * b->f->n_languages + lang];
    if (g->n++ == 0)
        g->first = at;
}

texts cell_texts(struct build *b, uint32_t def, const struct sheet_row *row,
                 const struct sheet *sheet, const struct column_use *use, enum column_id id)
{
    static const struct text_run dash = {{"-", 1}, DEF_NONE, false};
    struct text *v = NULL, plain = {0};
    struct spot at = {sheet, row->row, NO_COLUMN};
    bool tagged = false;
    for (uint32_t i = 0; i < row->n; i++) {
        const struct cell *c = &row->cells[i];
        const struct column_use *u = &use[c->column];
        if (u->id != id)
            continue;
        if (!v)
            v = ARENA_ARRAY(b->a, struct text, b->f->n_languages);
        at.column = c->column;
        struct text t = {0};
        cell_text(b, def, c->text, at, &t);
        if (u->language.p && u->lang != DEF_NONE) {
            v[u->lang] = t;
            tagged = true;
        } else {
            plain = t;
            if (u->lang != DEF_NONE && !v[u->lang].given)
                v[u->lang] = t;
        }
    }
    for (uint32_t i = 0; v && i < b->f->n_languages; i++) {
        if (v[i].given)
            continue;
        if (plain.given && !tagged) {
            v[i] = plain;
        } else {
            v[i] = (struct text){&dash, 1, false};
            note_gap(b, sheet, id, i, at);
        }
    }
    return v;
}

static const char *column_word(enum column_id id)
{
    return id == COL_LABEL              ? "label"
           : id == COL_HINT             ? "hint"
           : id == COL_GUIDANCE         ? "guidance_hint"
           : id == COL_REQUIRED_MESSAGE ? "required_message"
                                        : "constraint_message";
}

void cells_report_gaps(struct build *b)
{
    for (uint32_t s = 0; s < 2; s++)
        for (unsigned id = 0; id < COL_IDS; id++)
            for (uint32_t lang = 0; lang < b->f->n_languages; lang++) {
                const struct gap *g = &b->gaps[(s * COL_IDS + id) * b->f->n_languages + lang];
                char tmp[ERR_ARG_MAX];
                if (g->n > 0)
                    build_warn(b, ERR_TRANSLATION_MISSING, g->first,
                               str_of(column_word((enum column_id)id)), b->f->languages[lang].name,
                               str_of(err_num(tmp, g->n)));
            }
}
