/* Survey rows → drafts: what each row is, what it is called, what it stands in; loops unrolled; what the
 * language generates (a count, an "other", a loop's groups) put in its place. */
#include "forms/model/build_i.h"

struct open { /* a begin row waiting for its end */
    uint32_t draft;
    enum section section;
    const struct sheet_row *row;
    bool table_list;
};

/* The choice that stands for %(name)s and %(label)s, and those of the loops around. */
struct loop {
    const struct loop *outer;
    uint32_t list, row;
};

struct rows {
    struct build *b;
    struct open *open;
    size_t n_open, cap_open;
    size_t loop_bytes; /* that loops have been unrolled to */
};

static void read_range(struct rows *s, uint32_t from, uint32_t to, const struct loop *loop);

static struct draft *add(struct build *b, struct draft d)
{
    if (b->n_drafts >= LIMIT_NODES && !b->stop) {
        build_error(b, ERR_LIMIT, d.row ? row_spot(b, d.row) : spot_at(b->survey, 0, NO_COLUMN),
                    STR("The form"), STR("100000 questions"));
        b->stop = true;
    }
    if (b->stop)
        return NULL;
    b->drafts = mem_grow(b->drafts, b->n_drafts, &b->cap_drafts, sizeof *b->drafts);
    b->drafts[b->n_drafts] = d;
    b->drafts[b->n_drafts].end = (uint32_t)b->n_drafts + 1;
    return &b->drafts[b->n_drafts++];
}

static uint32_t parent_now(const struct rows *s)
{
    return s->n_open > 0 ? s->open[s->n_open - 1].draft : 0;
}

static bool in_table_list(const struct rows *s)
{
    return s->n_open > 0 && s->open[s->n_open - 1].table_list;
}

static void push(struct rows *s, struct open o)
{
    s->open = mem_grow(s->open, s->n_open, &s->cap_open, sizeof *s->open);
    s->open[s->n_open++] = o;
}

static const char *section_word(enum section s)
{
    return s == SECTION_REPEAT ? "repeat" : s == SECTION_LOOP ? "loop" : "group";
}

static struct type_use type_of(struct build *b, struct str text)
{
    bool is_new;
    struct name_entry *slot = names_put(&b->types, 0, text, (uint32_t)b->n_type_uses, &is_new);
    if (is_new) {
        b->type_uses =
            mem_grow(b->type_uses, b->n_type_uses, &b->cap_type_uses, sizeof *b->type_uses);
        b->type_uses[b->n_type_uses++] = types_read(text);
    }
    return b->type_uses[slot->value];
}

/* ---- names ---- */

static bool may_lack_name(const struct type_use *t)
{
    return t->type == TYPE_META || t->type == TYPE_NOTE;
}

static struct str name_of(struct build *b, const struct sheet_row *row, const struct fields *f,
                          const struct type_use *t)
{
    struct str name = field(b, f, COL_NAME);
    if (!name.p && t->kind == ROW_QUESTION && may_lack_name(t)) {
        if (t->type == TYPE_META)
            return str_of(t->extra);
        char tmp[ERR_ARG_MAX];
        struct buf made;
        buf_init(&made, sizeof tmp);
        buf_printf(&made, "generated_note_name_%u", (unsigned)row->row);
        name = arena_str(b->a, buf_str(&made));
        buf_done(&made);
        return name;
    }
    if (!name.p) {
        build_error(b, ERR_NAME_MISSING, row_spot(b, row), field(b, f, COL_TYPE));
        return STR("_");
    }
    if (!name_is_valid(name))
        build_error(b, ERR_NAME_INVALID, field_spot(b, row, f, COL_NAME), name);
    else if (str_is(name, "meta"))
        build_error(b, ERR_NAME_META, field_spot(b, row, f, COL_NAME), name);
    return name;
}

static struct str joined(struct build *b, struct str name, const char *behind)
{
    size_t k = strlen(behind);
    char *p = arena_alloc(b->a, name.n + k + 1);
    memcpy(p, name.p, name.n);
    memcpy(p + name.n, behind, k);
    return (struct str){p, name.n + k};
}

/* ---- loops ---- */

#define MAX_LOOP_BYTES ((size_t)64 << 20)

static struct str substitute(struct build *b, struct str text, const struct column_use *use,
                             const struct loop *loop)
{
    size_t at = str_find(text, '%', 0);
    if (!loop || at >= text.n)
        return text;
    struct buf out;
    buf_init(&out, LIMIT_CELL_BYTES);
    for (size_t i = 0; i < text.n;) {
        size_t close = str_find(text, ')', i);
        if (text.p[i] == '%' && i + 1 < text.n && text.p[i + 1] == '(' && close + 1 < text.n &&
            text.p[close + 1] == 's') {
            buf_add_str(&out, choices_cell(b, loop->list, loop->row,
                                           str_sub(text, i + 2, close - i - 2), use->language));
            i = close + 2;
        } else {
            buf_add_c(&out, text.p[i++]);
        }
    }
    struct str made = arena_str(b->a, buf_str(&out));
    buf_done(&out);
    return substitute(b, made, use, loop->outer);
}

static const struct sheet_row *row_in_loop(struct rows *s, const struct sheet_row *row,
                                           const struct loop *loop)
{
    struct build *b = s->b;
    if (!loop)
        return row;
    struct cell *cells = ARENA_ARRAY(b->a, struct cell, row->n);
    struct sheet_row *made = ARENA_NEW(b->a, struct sheet_row);
    *made = (struct sheet_row){row->row, cells, row->n};
    for (uint32_t i = 0; i < row->n; i++) {
        const struct cell *c = &row->cells[i];
        cells[i] =
            (struct cell){c->column, substitute(b, c->text, &b->survey_use[c->column], loop)};
        s->loop_bytes += sizeof *cells + (cells[i].text.p != c->text.p ? cells[i].text.n : 0);
    }
    if (s->loop_bytes > MAX_LOOP_BYTES && !b->stop) {
        build_error(b, ERR_LIMIT, row_spot(b, row), STR("What the loops unroll to"), STR("64 MiB"));
        b->stop = true;
    }
    return made;
}

/* The row index of the end of the loop that begins before `from`; `to` when there is none. */
static uint32_t loop_end(struct build *b, uint32_t from, uint32_t to)
{
    uint32_t depth = 1;
    for (uint32_t i = from; i < to; i++) {
        struct fields f;
        fields_read(b, &b->survey->rows[i], &f);
        struct str text = field(b, &f, COL_TYPE);
        if (!text.p)
            continue;
        struct type_use t = type_of(b, text);
        if (t.section != SECTION_LOOP || (t.kind != ROW_BEGIN && t.kind != ROW_END))
            continue;
        depth += t.kind == ROW_BEGIN ? 1u : UINT32_MAX;
        if (depth == 0)
            return i;
    }
    return to;
}

/* One group a choice inside the group of the loop; "none" is skipped, as pyxform does. */
static void unroll(struct rows *s, uint32_t from, uint32_t to, uint32_t list, uint32_t group,
                   const struct loop *outer)
{
    struct build *b = s->b;
    for (uint32_t row = 0; row < b->lists[list].l->rows && !b->stop; row++) {
        struct str name = choices_cell(b, list, row, STR("name"), (struct str){NULL, 0});
        if (str_is(name, "none"))
            continue;
        struct draft d = {.name = name,
                          .parent = group,
                          .origin = FROM_LOOP_CHOICE,
                          .type = {.kind = ROW_BEGIN, .type = TYPE_GROUP, .list = {"", 0}},
                          .loop_list = list,
                          .loop_row = row};
        uint32_t at = (uint32_t)b->n_drafts;
        if (!add(b, d))
            return;
        struct loop loop = {outer, list, row};
        push(s, (struct open){at, SECTION_GROUP, &b->survey->rows[from - 1], false});
        read_range(s, from, to, &loop);
        b->drafts[at].end = (uint32_t)b->n_drafts;
        s->n_open--;
    }
}

/* Returns the row to go on with. */
static uint32_t begin_loop(struct rows *s, uint32_t i, uint32_t to, const struct draft *d,
                           const struct fields *f, const struct loop *loop)
{
    struct build *b = s->b;
    uint32_t end = loop_end(b, i + 1, to);
    const struct name_entry *list = names_get(&b->names->lists, 0, d->type.list);
    if (end == to) {
        build_error(b, ERR_UNMATCHED_BEGIN, row_spot(b, d->row), STR("loop"), d->name);
        return to;
    }
    if (!list) {
        build_error(b, ERR_LIST_UNKNOWN, field_spot(b, d->row, f, COL_TYPE), d->type.list);
        return end + 1;
    }
    uint32_t at = (uint32_t)b->n_drafts;
    if (!add(b, *d))
        return to;
    b->lists[list->value].used = true;
    push(s, (struct open){at, SECTION_GROUP, d->row, false});
    unroll(s, i + 1, end, list->value, at, loop);
    b->drafts[at].end = (uint32_t)b->n_drafts;
    s->n_open--;
    return end + 1;
}

/* ---- groups and repeats ---- */

static bool is_plain_reference(struct str s)
{
    return s.n > 3 && str_starts(s, STR("${")) && str_find(s, '}', 0) == s.n - 1;
}

static bool has_word(struct str text, const char *word)
{
    struct str w;
    while (str_word(&text, &w))
        if (str_is(w, word))
            return true;
    return false;
}

static void begin_section(struct rows *s, struct draft d, const struct fields *f)
{
    struct build *b = s->b;
    d.type.type = d.type.section == SECTION_REPEAT ? TYPE_REPEAT : TYPE_GROUP;
    struct str count = field(b, f, COL_REPEAT_COUNT);
    if (count.p && d.type.type == TYPE_GROUP) {
        build_warn(b, ERR_COUNT_NOT_REPEAT, field_spot(b, d.row, f, COL_REPEAT_COUNT), d.name);
    } else if (count.p && !is_plain_reference(count)) {
        struct draft made = {.name = joined(b, d.name, "_count"),
                             .parent = d.parent,
                             .origin = FROM_COUNT,
                             .row = d.row,
                             .of = (uint32_t)b->n_drafts + 1,
                             .type = {.kind = ROW_QUESTION,
                                      .type = TYPE_CALCULATE,
                                      .stored = STORED_STRING,
                                      .list = {"", 0}}};
        if (!add(b, made))
            return;
    }
    uint32_t at = (uint32_t)b->n_drafts;
    if (!add(b, d))
        return;
    if (s->n_open >= LIMIT_XML_DEPTH - 10) {
        build_error(b, ERR_LIMIT, row_spot(b, d.row), STR("The nesting of groups"), STR("90"));
        b->stop = true;
    }
    bool table = d.type.type == TYPE_GROUP && has_word(field(b, f, COL_APPEARANCE), "table-list");
    push(s, (struct open){at, d.type.section, d.row, table});
}

static void end_section(struct rows *s, const struct sheet_row *row, const struct type_use *t,
                        size_t floor)
{
    struct build *b = s->b;
    if (s->n_open == floor) {
        build_error(b, ERR_UNMATCHED_END, row_spot(b, row), str_of(section_word(t->section)));
        return;
    }
    struct open o = s->open[s->n_open - 1];
    if (o.section != t->section) {
        build_error(b, ERR_END_OF_OTHER, row_spot(b, row), str_of(section_word(t->section)),
                    str_of(section_word(o.section)), b->drafts[o.draft].name);
        /* Take it as the end of what is open: the rows that follow then make sense. */
    }
    b->drafts[o.draft].end = (uint32_t)b->n_drafts;
    s->n_open--;
}

/* ---- questions ---- */

static void question(struct rows *s, struct draft d)
{
    struct build *b = s->b;
    d.table_list = in_table_list(s) && d.type.source != SOURCE_NONE;
    uint32_t at = (uint32_t)b->n_drafts;
    if (!add(b, d) || !d.type.or_other)
        return;
    const struct name_entry *list = names_get(&b->names->lists, 0, d.type.list);
    if (list)
        b->lists[list->value].other = true;
    struct draft made = {
        .name = joined(b, d.name, "_other"),
        .parent = d.parent,
        .origin = FROM_OTHER,
        .row = d.row,
        .of = at,
        .type = {
            .kind = ROW_QUESTION, .type = TYPE_TEXT, .stored = STORED_STRING, .list = {"", 0}}};
    add(b, made);
}

static void unknown_type(struct build *b, const struct sheet_row *row, const struct fields *f,
                         struct str text)
{
    const char *near = b->diags->n < DIAGS_MAX ? types_near(text) : NULL;
    if (near)
        build_error(b, ERR_TYPE_NEAR, field_spot(b, row, f, COL_TYPE), text, str_of(near));
    else
        build_error(b, ERR_TYPE_UNKNOWN, field_spot(b, row, f, COL_TYPE), text);
}

static bool is_disabled(struct build *b, const struct sheet_row *row, const struct fields *f)
{
    if (!f->v[COL_DISABLED] || yes_no(field(b, f, COL_DISABLED)) != 1)
        return false;
    build_warn(b, ERR_ROW_DISABLED, field_spot(b, row, f, COL_DISABLED), {0});
    return true;
}

static void instance_row(struct build *b, const struct draft *d, const struct fields *f)
{
    bool is_new;
    names_put(&b->instances, 0, d->name, d->row->row, &is_new);
    if (!is_new)
        build_error(b, ERR_INSTANCE_AGAIN, field_spot(b, d->row, f, COL_NAME), d->name);
    external_declare(b, d->name, joined(b, d->name, d->type.extra),
                     field_spot(b, d->row, f, COL_NAME));
}

static void read_range(struct rows *s, uint32_t from, uint32_t to, const struct loop *loop)
{
    struct build *b = s->b;
    size_t floor = s->n_open;
    for (uint32_t i = from; i < to && !b->stop;) {
        const struct sheet_row *row = row_in_loop(s, &b->survey->rows[i++], loop);
        struct fields f;
        fields_read(b, row, &f);
        if (is_disabled(b, row, &f))
            continue;
        struct str text = field(b, &f, COL_TYPE);
        if (!text.p) {
            if (f.v[COL_NAME] || f.v[COL_LABEL])
                build_error(b, ERR_TYPE_MISSING, row_spot(b, row), field(b, &f, COL_NAME));
            continue;
        }
        struct draft d = {.row = row, .parent = parent_now(s), .type = type_of(b, text)};
        if (d.type.kind == ROW_UNKNOWN) {
            unknown_type(b, row, &f, text);
            /* Its name is still a name: no second complaint about references to it. */
            d.type = (struct type_use){
                .kind = ROW_QUESTION, .type = TYPE_TEXT, .stored = STORED_STRING, .list = {"", 0}};
        }
        if (d.type.kind == ROW_END) {
            end_section(s, row, &d.type, floor);
            continue;
        }
        if (d.type.flags & FLAG_OLD)
            build_warn(b, ERR_TYPE_DEPRECATED, field_spot(b, row, &f, COL_TYPE), text);
        d.name = name_of(b, row, &f, &d.type);
        if (d.type.kind == ROW_INSTANCE)
            instance_row(b, &d, &f);
        else if (d.type.kind == ROW_BEGIN && d.type.section == SECTION_LOOP)
            i = begin_loop(s, i - 1, to, &d, &f, loop);
        else if (d.type.kind == ROW_BEGIN)
            begin_section(s, d, &f);
        else
            question(s, d);
    }
    while (s->n_open > floor) {
        struct open o = s->open[--s->n_open];
        build_error(b, ERR_UNMATCHED_BEGIN, row_spot(b, o.row), str_of(section_word(o.section)),
                    b->drafts[o.draft].name);
        b->drafts[o.draft].end = (uint32_t)b->n_drafts;
    }
}

void rows_read(struct build *b)
{
    struct rows s = {.b = b};
    names_init(&b->instances, &b->scratch, 8);
    add(b, (struct draft){.name = b->f->root_name,
                          .parent = DEF_NONE,
                          .type = {.kind = ROW_BEGIN, .type = TYPE_GROUP, .list = {"", 0}}});
    read_range(&s, 0, b->survey->n_rows, NULL);
    b->drafts[0].end = (uint32_t)b->n_drafts;
    mem_free(s.open);
}
