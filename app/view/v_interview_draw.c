/* The column that scrolls: answered questions above, a line each; the current one opened; the
 * next ones dim. Only what fits is asked for from the engine, however long the form is. */
#include "app/tr.h"
#include "app/view/beside.h"
#include "app/view/local.h"
#include "app/view/markup.h"
#include "app/view/matrix.h"
#include "app/view/text.h"
#include "app/view/v_interview.h"

#define HEAD_ROWS   3 /* title, saved, rule */
#define BAR_COLS    12
#define CODE_AT     26 /* of the respondent's code, behind the time of saving */
#define LABEL_SHARE 55 /* of a line's columns, per cent: the label's; the answer has the rest */
#define LABEL_MAX   72 /* columns of it on a wide terminal */

/* A part of the column: a section's heading, a question on one line, one that stands open, a table of them. */
struct row {
    enum { ROW_HEADING, ROW_LINE, ROW_OPEN, ROW_TABLE } kind;
    struct place p;
    int rows; /* of the screen */
};

/* The current question's parts at this width. */
struct block {
    struct lines label, hint, said, note;
    int field_rows, rows;
    bool required;
    bool is_matrix;
    struct matrix matrix;
};

static struct str kept(struct ui *ui, struct buf *b)
{
    struct str s = arena_str(&ui->scratch, buf_str(b));

    buf_clear(b);
    return s;
}

/* ---- the head ---- */

static void draw_title(struct ui *ui, struct interview_screen *s, struct area a)
{
    struct interview *iv = session_interview(ui->session);
    const struct form *f = session_form(ui->session);
    struct buf b;
    struct str section;
    int x = a.cols - 1, room;

    buf_init(&b, LIMIT_CELL_BYTES);
    if (s->count_stale)
        interview_count(s, iv);
    buf_printf(&b, "%s", strcmp(tr_language(), "id") == 0 ? "ID" : "EN");
    x -= (int)b.n;
    area_text(a, 0, x, 3, STYLE_TITLE, buf_str(&b));
    x -= BAR_COLS + 1;
    area_bar(a, 0, x, BAR_COLS, STYLE_NORMAL, s->answered, s->total);
    buf_clear(&b);
    buf_printf(&b, "%u/%u", s->answered, s->total);
    x -= (int)b.n + 1;
    area_text(a, 0, x, (int)b.n, STYLE_NORMAL, buf_str(&b));
    area_text(a, 0, 1, x - 3, STYLE_TITLE, f->title);
    buf_clear(&b);
    field_section(iv, &s->at, &b);
    section = kept(ui, &b);
    section = str_sub(section, 0, str_find(section, '\n', 0));
    room = x - text_width(f->title) - 6;
    if (room > 12) {
        int w = text_width(section);

        area_text(a, 0, w < room ? x - 2 - w : x - 2 - room, room, STYLE_SECTION, section);
    }
    buf_done(&b);
}

static void draw_saved(struct ui *ui, struct area a)
{
    int64_t saved = session_saved_ms(ui->session);
    struct buf b, name;

    buf_init(&b, LIMIT_CELL_BYTES);
    buf_init(&name, LIMIT_CELL_BYTES);
    if (saved) {
        buf_add_z(&b, _("✓ saved "));
        local_clock(saved + (int64_t)ui_now(ui).offset_min * 60000, true, &b);
        area_text(a, 1, 1, CODE_AT - 2, STYLE_SAVED, buf_str(&b));
    }
    buf_clear(&b);
    session_code(ui->session, &b);
    session_name(ui->session, &name);
    if (name.n)
        buf_add_z(&b, "  ");
    buf_add_str(&b, buf_str(&name));
    area_text(a, 1, CODE_AT, a.cols - CODE_AT - 12, STYLE_NORMAL, buf_str(&b));
    buf_done(&name);
    buf_clear(&b);
    local_duration(session_active_ms(ui->session), &b);
    area_text(a, 1, a.cols - 1 - (int)b.n, (int)b.n, STYLE_NORMAL, buf_str(&b));
    area_rule(a, 2, STYLE_RULE);
    if (ui->practice)
        area_text(a, 2, 2, a.cols - 4, STYLE_PRACTICE, str_of(_(" PRACTICE: never sent ")));
    buf_done(&b);
}

/* ---- a question on one line ---- */

static const char *state_mark(const struct node_state *st, bool note_type)
{
    if (!st->complete && st->answered)
        return "!";
    if (st->warns && st->confirmed)
        return "?";
    if (note_type)
        return " ";
    return st->answered ? "✓" : "·";
}

static void draw_line(struct ui *ui, struct area a, int y, const struct place *p, bool ahead)
{
    struct interview *iv = session_interview(ui->session);
    const struct form_node *n = &session_form(ui->session)->nodes[p->def];
    struct node_state st = interview_state(iv, p);
    int share = (a.cols - LABEL_AT - 2) * LABEL_SHARE / 100;
    int label_cols = share < LABEL_MAX ? share : LABEL_MAX, at = LABEL_AT + label_cols + 2;
    enum style style = ahead ? STYLE_DIM : STYLE_NORMAL;
    struct buf b;

    buf_init(&b, LIMIT_ANSWER_BYTES);
    field_label(iv, p, &b);
    if (n->type == TYPE_NOTE || (ahead && !st.answered))
        label_cols = a.cols - LABEL_AT - 2;
    area_text(a, y, LABEL_AT, label_cols, style, buf_str(&b));
    if (!ahead || st.answered)
        area_text(a, y, 2, 1, st.answered && !st.complete ? STYLE_ERROR : style,
                  str_of(state_mark(&st, n->type == TYPE_NOTE)));
    buf_clear(&b);
    if (st.missing != MISSING_NOT)
        style = STYLE_WARNING;
    else if (!ahead)
        style = STYLE_ANSWER;
    field_answer(iv, p, &b);
    area_text(a, y, at, a.cols - at - 2, style, buf_str(&b));
    buf_clear(&b);
    if (session_note_of(ui->session, p, &b) && b.n)
        area_text(a, y, a.cols - 1, 1, STYLE_WARNING, STR("¶"));
    buf_wipe_done(&b);
}

/* ---- the current question ---- */

static struct lines wrapped(struct ui *ui, struct buf *b, int cols)
{
    if (b->n == 0)
        return (struct lines){0};
    return text_wrap(&ui->scratch, kept(ui, b), cols);
}

static void measure(struct ui *ui, struct interview_screen *s, int cols, struct block *b)
{
    struct interview *iv = session_interview(ui->session);
    struct node_state st = interview_state(iv, &s->at);
    struct buf text, raw;

    *b = (struct block){.required = st.required};
    buf_init(&text, LIMIT_ANSWER_BYTES);
    buf_init(&raw, LIMIT_CELL_BYTES);
    field_label(iv, &s->at, &text);
    if (st.required)
        buf_add_z(&text, " *");
    b->label = wrapped(ui, &text, cols - LABEL_AT - 2);
    if (interview_text(iv, &s->at, TEXT_HINT, &raw) && raw.n)
        markup_plain(buf_str(&raw), &text);
    b->hint = wrapped(ui, &text, cols - FIELD_AT - 2);
    if (s->kind != SAID_NOTHING) {
        buf_printf(&text, "%s ", s->kind == SAID_ERROR ? "!" : "?");
        buf_add_str(&text, buf_str(&s->said));
    }
    b->said = wrapped(ui, &text, cols - FIELD_AT - 2);
    buf_add_z(&text, "¶ ");
    if (!session_note_of(ui->session, &s->at, &text) || text.n <= 3)
        buf_clear(&text);
    b->note = wrapped(ui, &text, cols - FIELD_AT - 2);
    buf_wipe_done(&text);
    buf_done(&raw);
    b->is_matrix = matrix_of(ui, &s->at, cols - 8, &b->matrix);
    if (b->is_matrix)
        b->field_rows = matrix_rows(ui, &b->matrix, cols - 8);
    else if (s->w->f.readonly)
        b->field_rows = s->w->f.kind == FIELD_NOTE ? 0 : 1;
    else
        b->field_rows = s->w->ops->rows(s->w, cols - FIELD_AT - 2);
    b->rows = (b->is_matrix ? 0 : b->label.n) + b->hint.n + b->said.n + b->note.n + b->field_rows;
}

static int draw_lines(struct area a, int y, int x, enum style style, struct lines l, int from,
                      int rows)
{
    for (int i = 0; i < rows; i++)
        area_text(a, y + i, x, a.cols - x, style, l.v[from + i]);
    return rows;
}

/* A label that doesn't fit scrolls by ↑ and ↓; that there is more is said at its end. */
static int draw_label(struct interview_screen *s, struct area a, int y, const struct block *b,
                      int rows)
{
    int from;

    s->scroll_max = b->label.n - rows;
    if (s->scroll > s->scroll_max)
        s->scroll = s->scroll_max;
    from = s->scroll;
    area_text(a, y, 1, 1, STYLE_CURRENT, STR("▸"));
    draw_lines(a, y, LABEL_AT, STYLE_CURRENT, b->label, from, rows);
    if (b->required && from + rows == b->label.n) {
        struct str last = b->label.v[b->label.n - 1];

        area_restyle(a, y + rows - 1, LABEL_AT + text_width(last) - 1, 1, STYLE_REQUIRED);
    }
    if (from > 0)
        area_text(a, y, a.cols - 2, 2, STYLE_HINT, STR("↑"));
    if (from + rows < b->label.n)
        area_text(a, y + rows - 1, a.cols - 2, 2, STYLE_HINT, STR("↓"));
    return rows;
}

static void draw_field(struct ui *ui, struct interview_screen *s, struct area a, int y,
                       const struct block *b, int rows)
{
    struct buf text;

    if (b->is_matrix) {
        matrix_draw(ui, s, &b->matrix, area_sub(a, y, LABEL_AT, rows, a.cols - 8));
    } else if (s->w->f.readonly && rows > 0) {
        buf_init(&text, LIMIT_ANSWER_BYTES);
        field_answer(session_interview(ui->session), &s->at, &text);
        area_text(a, y, FIELD_AT, a.cols - FIELD_AT - 2, STYLE_ANSWER, buf_str(&text));
        buf_wipe_done(&text);
    } else if (rows > 0) {
        s->w->ops->draw(s->w, area_sub(a, y, FIELD_AT, rows, a.cols - FIELD_AT - 2), true);
    }
}

static int label_rows(const struct block *b)
{
    return b->is_matrix ? 0 : b->label.n;
}

/* What doesn't fit is taken from the field first, down to a few rows, then from the label. */
static void draw_block(struct ui *ui, struct interview_screen *s, struct area a, int y,
                       const struct block *b)
{
    int room = a.rows - y, fixed = b->hint.n + b->said.n + b->note.n;
    int label = label_rows(b), field = b->field_rows, least = field < 5 ? field : 5;

    if (fixed + label + field > room) {
        field = room - fixed - label;
        field = field < least ? least : field;
        label = room - fixed - field;
        if (label < 1 && label_rows(b) > 0)
            label = 1;
    }
    s->scroll_max = 0;
    if (label_rows(b) > 0)
        y += draw_label(s, a, y, b, label < label_rows(b) ? label : label_rows(b));
    y += draw_lines(a, y, FIELD_AT, STYLE_HINT, b->hint, 0, b->hint.n);
    draw_field(ui, s, a, y, b, field);
    y += field;
    y += draw_lines(a, y, FIELD_AT, s->kind == SAID_ERROR ? STYLE_ERROR : STYLE_WARNING, b->said, 0,
                    b->said.n);
    draw_lines(a, y, FIELD_AT, STYLE_HINT, b->note, 0, b->note.n);
}

/* ---- the column ---- */

static bool same_section(const struct form *f, const struct place *a, const struct place *b)
{
    uint32_t pa = f->nodes[a->def].parent, pb = f->nodes[b->def].parent;
    struct place in_a, in_b;

    if (pa != pb)
        return false;
    in_a = place_above(f, a, pa);
    in_b = place_above(f, b, pb);
    return place_eq(&in_a, &in_b);
}

static bool in_matrix(const struct block *b, const struct place *p)
{
    for (int i = 0; b->is_matrix && i < b->matrix.n_rows; i++)
        if (place_eq(&b->matrix.rows[i], p))
            return true;
    return false;
}

static bool step_shown(struct ui *ui, struct place *p, bool forward, const struct block *b)
{
    struct interview *iv = session_interview(ui->session);

    while (forward ? interview_next(iv, p, 0) : interview_prev(iv, p, 0))
        if (!in_matrix(b, p) && !interview_passes(session_form(ui->session), p))
            return true;
    return false;
}

/* A group that says nothing has no heading. */
static bool has_heading(const struct form *f, const struct place *p)
{
    uint32_t d = f->nodes[p->def].parent;

    while (d != DEF_NONE && f->nodes[d].parent != DEF_NONE && !f->nodes[d].label &&
           f->nodes[d].type != TYPE_REPEAT)
        d = f->nodes[d].parent;
    return d != DEF_NONE && f->nodes[d].parent != DEF_NONE;
}

/* What stands around the current question, nearest first; screen rows are counted. */
struct side {
    struct row *v;
    int n, used, room;
};

static void side_heading(struct side *side, const struct place *p)
{
    side->v[side->n++] = (struct row){ROW_HEADING, *p, 1};
    side->used++;
}

/* A table of the current one's field-list, as it stands when it is in hand; false: p is in none, or there is no
 * room. Its other rows add nothing. */
static bool side_table(struct ui *ui, struct side *side, const struct place *p, int cols)
{
    struct matrix m;
    int rows;

    if (!matrix_of(ui, p, cols - 8, &m))
        return false;
    for (int i = 0; side->n > 0 && side->v[side->n - 1].kind == ROW_TABLE && i < m.n_rows; i++)
        if (place_eq(&side->v[side->n - 1].p, &m.rows[i]))
            return true;
    rows = matrix_rows(ui, &m, cols - 8);
    if (side->used + rows > side->room)
        return false;
    side->v[side->n++] = (struct row){ROW_TABLE, *p, rows};
    side->used += rows;
    return true;
}

/* A question of the current one's field-list stands open where there is room, the others take a line. */
static void side_question(struct ui *ui, const struct place *at, struct side *side,
                          const struct place *p, int cols)
{
    struct row row = {ROW_LINE, *p, 1};

    if (beside_each_other(session_form(ui->session), at, p)) {
        int rows = beside_rows(ui, p, cols);

        if (side_table(ui, side, p, cols))
            return;
        if (side->used + rows <= side->room)
            row = (struct row){ROW_OPEN, *p, rows};
    }
    side->v[side->n++] = row;
    side->used += row.rows;
}

/* A heading stands between two sections. */
static void fill_above(struct ui *ui, const struct place *at, const struct block *b, int cols,
                       struct side *side)
{
    const struct form *f = session_form(ui->session);
    struct place p = *at, after = *at;

    while (side->used < side->room && step_shown(ui, &p, false, b)) {
        if (!same_section(f, &p, &after) && has_heading(f, &after))
            side_heading(side, &after);
        if (side->used < side->room)
            side_question(ui, at, side, &p, cols);
        after = p;
    }
}

static void fill_below(struct ui *ui, const struct place *at, const struct block *b, int cols,
                       struct side *side)
{
    const struct form *f = session_form(ui->session);
    struct place p = *at, before = *at;

    while (side->used < side->room && step_shown(ui, &p, true, b)) {
        if (!same_section(f, &p, &before) && has_heading(f, &p))
            side_heading(side, &p);
        if (side->used < side->room)
            side_question(ui, at, side, &p, cols);
        before = p;
    }
}

/* Takes the farthest away until what is left fits. */
static void side_cut(struct side *side, int room)
{
    while (side->n > 0 && side->used > room)
        side->used -= side->v[--side->n].rows;
}

static void draw_heading(struct ui *ui, struct area a, int y, const struct place *p)
{
    struct buf b;

    buf_init(&b, LIMIT_CELL_BYTES);
    field_section(session_interview(ui->session), p, &b);
    area_text(a, y, 1, a.cols - 2, STYLE_SECTION, buf_str(&b));
    buf_done(&b);
}

static void draw_table(struct ui *ui, const struct place *p, struct area a)
{
    struct matrix m;

    if (matrix_of(ui, p, a.cols, &m))
        matrix_draw(ui, NULL, &m, a);
}

static void draw_row(struct ui *ui, struct interview_screen *s, struct area a, int y,
                     const struct row *row, bool ahead)
{
    if (row->kind != ROW_HEADING) {
        area_own(a, y, row->rows, s->n_drawn);
        s->drawn[s->n_drawn++] = row->p;
    }
    switch (row->kind) {
    case ROW_HEADING: draw_heading(ui, a, y, &row->p); break;
    case ROW_LINE: draw_line(ui, a, y, &row->p, ahead); break;
    case ROW_OPEN: beside_draw(ui, &row->p, area_sub(a, y, 0, row->rows, a.cols)); break;
    case ROW_TABLE: draw_table(ui, &row->p, area_sub(a, y, LABEL_AT, row->rows, a.cols - 8)); break;
    }
}

static void draw_column(struct ui *ui, struct interview_screen *s, struct area a)
{
    size_t most = (size_t)a.rows + 2;
    struct side above = {.v = ARENA_ARRAY(&ui->scratch, struct row, most)};
    struct side below = {.v = ARENA_ARRAY(&ui->scratch, struct row, most)};
    struct block b;
    int room, want, y = 1;

    s->drawn = ARENA_ARRAY(&ui->scratch, struct place, 2 * most);
    s->n_drawn = 0;
    measure(ui, s, a.cols, &b);
    room = a.rows - 1 - b.rows;
    above.room = below.room = room < 0 ? 0 : room;
    fill_above(ui, &s->at, &b, a.cols, &above);
    fill_below(ui, &s->at, &b, a.cols, &below);
    want = below.room - below.used > below.room / 2 ? below.room - below.used : below.room / 2;
    side_cut(&above, want);
    if (above.n > 0 && above.v[above.n - 1].kind == ROW_HEADING)
        draw_heading(ui, a, 0, &above.v[--above.n].p);
    else
        draw_heading(ui, a, 0, above.n > 0 ? &above.v[above.n - 1].p : &s->at);
    for (int i = above.n; i-- > 0; y += above.v[i].rows)
        draw_row(ui, s, a, y, &above.v[i], false);
    draw_block(ui, s, a, y, &b);
    y += b.rows;
    for (int i = 0; i < below.n && y < a.rows; y += below.v[i++].rows) {
        bool cut =
            y + below.v[i].rows > a.rows || (i + 1 < below.n && y + below.v[i].rows == a.rows);

        if (cut)
            area_text(a, y, LABEL_AT, 1, STYLE_DIM, STR("…"));
        else
            draw_row(ui, s, a, y, &below.v[i], true);
    }
}

void interview_draw(struct ui *ui, struct screen *screen, struct area a)
{
    struct interview_screen *s = (struct interview_screen *)screen;

    draw_title(ui, s, a);
    draw_saved(ui, a);
    draw_column(ui, s, area_sub(a, HEAD_ROWS, 0, a.rows - HEAD_ROWS, a.cols));
}
