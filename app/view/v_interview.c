/* The interview: the way through the questions, and what each key does on it. */
#include "app/view/v_interview.h"

#include "app/tr.h"
#include "app/view/matrix.h"
#include "forms/base/mem.h"

struct interview_screen *interview_screen_of(struct ui *ui)
{
    struct screen *s = ui->top;

    while (s && s->ops != &screen_interview)
        s = s->below;
    return (struct interview_screen *)s;
}

void interview_say(struct interview_screen *s, enum said kind, struct str text)
{
    buf_clear(&s->said);
    buf_add_str(&s->said, text);
    s->kind = kind;
}

/* ---- the field at a place ---- */

static bool take_unfinished(struct interview_screen *s, const struct place *p, struct buf *ret)
{
    for (size_t i = 0; i < s->n_unfinished; i++) {
        if (!place_eq(&s->unfinished[i].at, p))
            continue;
        *ret = s->unfinished[i].typed;
        s->n_unfinished--;
        memmove(s->unfinished + i, s->unfinished + i + 1,
                (s->n_unfinished - i) * sizeof *s->unfinished);
        return true;
    }
    return false;
}

static void forget_unfinished(struct interview_screen *s)
{
    for (size_t i = 0; i < s->n_unfinished; i++)
        buf_wipe_done(&s->unfinished[i].typed);
    s->n_unfinished = 0;
}

void interview_field(struct ui *ui, struct interview_screen *s, const struct place *p,
                     struct str typed)
{
    struct field f = {.kind = FIELD_NOTE};
    struct err e = {0};

    widget_free(s->w);
    s->at = *p;
    if (!field_of(&s->ctx, ui, p, &f, &e))
        ui_fail(ui, &e);
    s->w = widget_new(&f);
    if (typed.n && s->w->ops->set_typed)
        s->w->ops->set_typed(s->w, typed);
}

static void go(struct ui *ui, struct interview_screen *s, const struct place *p)
{
    struct buf typed = {0};
    bool there = take_unfinished(s, p, &typed);

    interview_field(ui, s, p, there ? buf_str(&typed) : STR(""));
    interview_say(s, SAID_NOTHING, STR(""));
    s->warned = s->agreed = false;
    s->scroll = 0;
    session_move(ui->session, p, widget_typed(s->w));
    if (there)
        buf_wipe_done(&typed);
}

/* Once a frame, not once a key: a paste is long, and each time all of it is copied. */
void interview_keep(struct ui *ui)
{
    struct interview_screen *s = interview_screen_of(ui);

    if (!s || !s->unkept || !ui->session)
        return;
    s->unkept = false;
    session_move(ui->session, &s->at, widget_typed(s->w));
}

/* ---- the way ---- */

static void remember(struct interview_screen *s)
{
    s->path = mem_grow(s->path, s->n_path, &s->cap_path, sizeof *s->path);
    s->path[s->n_path++] = s->at;
}

bool interview_passes(const struct form *f, const struct place *p)
{
    return form_has_appearance(&f->nodes[p->def], "label") && !p->whole;
}

static bool step(struct ui *ui, struct place *p, bool forward)
{
    struct interview *iv = session_interview(ui->session);

    while (forward ? interview_next(iv, p, 0) : interview_prev(iv, p, 0))
        if (!interview_passes(session_form(ui->session), p))
            return true;
    return false;
}

void interview_forward(struct ui *ui, struct interview_screen *s)
{
    struct place p = s->at;

    if (!step(ui, &p, true)) {
        finish_open(ui);
        return;
    }
    remember(s);
    go(ui, s, &p);
}

/* Where one came from, as long as that is still asked; else the question before. */
static enum handled back(struct ui *ui, struct interview_screen *s)
{
    struct interview *iv = session_interview(ui->session);
    struct place p = s->at;

    interview_set_aside(ui, s);
    while (s->n_path > 0) {
        struct place before = s->path[--s->n_path];
        struct node_state st = interview_state(iv, &before);

        if (st.exists && st.relevant && !place_eq(&before, &s->at)) {
            go(ui, s, &before);
            return HANDLED;
        }
    }
    if (!step(ui, &p, false))
        return REFUSED;
    go(ui, s, &p);
    return HANDLED;
}

static enum handled jump(struct ui *ui, struct interview_screen *s, const struct place *p)
{
    interview_set_aside(ui, s);
    if (!place_eq(p, &s->at))
        remember(s);
    go(ui, s, p);
    return HANDLED;
}

static enum handled to_end(struct ui *ui, struct interview_screen *s, bool last)
{
    struct place p = PLACE_NONE;

    return step(ui, &p, !last) ? jump(ui, s, &p) : REFUSED;
}

static enum handled advance(struct ui *ui, struct interview_screen *s)
{
    struct place p, from = PLACE_NONE;

    interview_set_aside(ui, s);
    if (!interview_first_open(session_interview(ui->session), &from, true, &p)) {
        finish_open(ui);
        return HANDLED;
    }
    return jump(ui, s, &p);
}

void interview_go(struct ui *ui, const struct place *p)
{
    struct interview_screen *s = interview_screen_of(ui);

    if (s)
        jump(ui, s, p);
}

bool interview_at(struct ui *ui, struct place *ret)
{
    struct interview_screen *s = interview_screen_of(ui);

    if (s)
        *ret = s->at;
    return s != NULL;
}

void interview_reload(struct ui *ui, const struct changes *changes)
{
    struct interview_screen *s = interview_screen_of(ui);

    if (s)
        interview_changed(ui, s, changes);
}

/* ---- repeats ---- */

static struct place row_of(const struct interview_screen *s)
{
    struct place p = s->at;

    p.whole = false;
    p.index[p.depth++] = (uint32_t)widget_row(s->w);
    return p;
}

static enum handled into_row(struct ui *ui, struct interview_screen *s, struct place row)
{
    const struct form_node *n = &session_form(ui->session)->nodes[row.def];
    struct place p = row;

    if (!step(ui, &p, true) || p.def <= row.def || p.def >= n->end)
        return REFUSED; /* nothing is asked in it */
    remember(s);
    go(ui, s, &p);
    return HANDLED;
}

static enum handled add_row(struct ui *ui, struct interview_screen *s)
{
    struct changes changes;
    struct place row;
    struct err e = {0};

    if (!session_add(ui->session, &s->at, &row, &changes, &e)) {
        ui_fail(ui, &e);
        return REFUSED;
    }
    interview_changed(ui, s, &changes);
    return into_row(ui, s, row);
}

static void remove_row(struct ui *ui)
{
    struct interview_screen *s = interview_screen_of(ui);
    struct place row = row_of(s);
    struct changes changes;
    struct err e = {0};

    if (session_remove(ui->session, &row, &changes, &e)) {
        forget_unfinished(s); /* rows behind it have other numbers now */
        s->n_path = 0;
        s->count_stale = true;
        interview_field(ui, s, &s->at, STR(""));
    } else {
        ui_fail(ui, &e);
    }
}

static enum handled ask_remove(struct ui *ui, struct interview_screen *s)
{
    struct place row = row_of(s);
    struct buf line;

    buf_init(&line, LIMIT_CELL_BYTES);
    buf_printf(&line, "%u  ", row.index[row.depth - 1] + 1);
    field_instance(session_interview(ui->session), &row, &line);
    ask_open(ui, _("Remove this row with all its answers?"), buf_str(&line), remove_row);
    buf_wipe_done(&line);
    return HANDLED;
}

/* ---- the receiver ---- */

/* The place goes into the field as if typed; a trace gets one point more. */
static void locate(struct ui *ui)
{
    struct interview_screen *s = interview_screen_of(ui);
    struct str before = edit_text(&typed_of(s->w)->ed);
    struct buf typed;
    struct err e = {0};

    buf_init(&typed, LIMIT_ANSWER_BYTES);
    if (s->w->f.kind == FIELD_GEOPOINTS && before.n) {
        buf_add_str(&typed, before);
        buf_add_c(&typed, '\n');
    }
    buf_clear(&ui->notice);
    if (ui->start->locate(ui->start->ctx, &typed, &e)) {
        interview_field(ui, s, &s->at, buf_str(&typed));
        interview_say(s, SAID_NOTHING, STR(""));
        session_move(ui->session, &s->at, widget_typed(s->w));
    } else {
        ui_fail(ui, &e);
    }
    buf_wipe_done(&typed);
}

static enum handled ask_receiver(struct ui *ui)
{
    if (!ui->start->locate)
        return REFUSED;
    ui_note(ui, STYLE_NORMAL, _("Asking the receiver…"));
    ui->later = locate;
    return HANDLED;
}

/* ---- keys ---- */

/* The last change is what is being typed: that goes first. */
static enum handled undo_typing(struct ui *ui, struct interview_screen *s)
{
    interview_field(ui, s, &s->at, STR(""));
    interview_say(s, SAID_NOTHING, STR(""));
    session_move(ui->session, &s->at, STR(""));
    ui_note(ui, STYLE_NORMAL, _("What was typed is taken back."));
    return HANDLED;
}

/* Undoing shows what came back: the first question that changed. */
static enum handled undo(struct ui *ui, struct interview_screen *s, bool redo)
{
    struct interview *iv = session_interview(ui->session);
    const struct form *f = session_form(ui->session);
    struct changes c;
    struct err e = {0};
    struct place shown = s->at;

    if (redo ? !session_redo(ui->session, &c, &e) : !session_undo(ui->session, &c, &e)) {
        if (e.kind->cls == ERR_COULD)
            ui_fail(ui, &e);
        else
            ui_note(ui, STYLE_WARNING,
                    redo ? _("There is nothing to do again.")
                         : _("There is nothing to take back."));
        return REFUSED;
    }
    for (size_t i = c.n; i-- > 0;) {
        struct node_state st = interview_state(iv, &c.v[i].place);
        enum node_type type = f->nodes[c.v[i].place.def].type;

        if (st.exists && st.relevant && (c.v[i].what & (CHANGED_VALUE | CHANGED_INSTANCES)) &&
            type != TYPE_CALCULATE && type != TYPE_HIDDEN && type != TYPE_META &&
            type != TYPE_GROUP)
            shown = c.v[i].place;
    }
    s->count_stale = true;
    if (!interview_state(iv, &shown).exists && !step(ui, &(struct place){.def = DEF_NONE}, true))
        return REFUSED;
    if (f->nodes[shown.def].type == TYPE_REPEAT)
        shown.whole = true;
    go(ui, s, &shown);
    ui_note(ui, STYLE_NORMAL, redo ? _("Done again.") : _("Taken back. Shift-F9 does it again."));
    return HANDLED;
}

static enum handled clear(struct ui *ui, struct interview_screen *s)
{
    struct changes c;
    struct err e = {0};
    bool before = interview_state(session_interview(ui->session), &s->at).answered;

    if (!before)
        return REFUSED;
    if (!session_clear(ui->session, &s->at, &c, &e)) {
        ui_fail(ui, &e);
        return REFUSED;
    }
    s->answered--;
    interview_changed(ui, s, &c);
    interview_field(ui, s, &s->at, STR(""));
    return HANDLED;
}

void interview_leave(struct ui *ui)
{
    struct err e = {0};

    if (ui->session && !session_flush(ui->session, true, &e)) {
        ui_fail(ui, &e);
        return;
    }
    while (ui->top && ui->top->ops != &screen_home)
        ui_pop(ui);
}

static enum handled pause_(struct ui *ui, struct interview_screen *s)
{
    session_move(ui->session, &s->at, widget_typed(s->w));
    interview_leave(ui);
    if (ui->top && ui->top->ops == &screen_home)
        ui_note(ui, STYLE_SAVED, _("The interview is among the drafts, at its place."));
    return HANDLED;
}

static enum handled act(struct ui *ui, struct interview_screen *s, enum action a)
{
    switch ((int)a) {
    case ACTION_TAKE:
    case ACTION_FORWARD: interview_take(ui, s); return HANDLED;
    case ACTION_BACK: return back(ui, s);
    case ACTION_CONTENTS: contents_open(ui, false); return HANDLED;
    case ACTION_SEARCH: contents_open(ui, true); return HANDLED;
    case ACTION_NOTE: note_open(ui, &s->at); return HANDLED;
    case ACTION_DONT_KNOW: return interview_missing(ui, s, MISSING_DK);
    case ACTION_REFUSED: return interview_missing(ui, s, MISSING_REFUSED);
    case ACTION_NOT_APPL: return interview_missing(ui, s, MISSING_NA);
    case ACTION_BREAK_OFF:
        interview_set_aside(ui, s);
        outcome_open(ui);
        return HANDLED;
    case ACTION_UNDO:
        return s->w->touched && widget_typed(s->w).n ? undo_typing(ui, s) : undo(ui, s, false);
    case ACTION_REDO: return undo(ui, s, true);
    case ACTION_FINISH:
        interview_set_aside(ui, s);
        finish_open(ui);
        return HANDLED;
    case ACTION_ADVANCE: return advance(ui, s);
    case ACTION_FIRST: return to_end(ui, s, false);
    case ACTION_LAST: return to_end(ui, s, true);
    case ACTION_CLEAR: return clear(ui, s);
    case ACTION_PAUSE: return pause_(ui, s);
    case ACTION_UP: /* the field has no rows: a long label scrolls */
        s->scroll -= s->scroll > 0;
        return HANDLED;
    case ACTION_DOWN: s->scroll += s->scroll < s->scroll_max; return HANDLED;
    default: return IGNORED;
    }
}

static enum handled input(struct ui *ui, struct screen *screen, const struct input *in)
{
    struct interview_screen *s = (struct interview_screen *)screen;
    struct input turned = matrix_input(ui, &s->at, in);

    switch (widget_input(s->w, &turned)) {
    case DID_SOMETHING: return HANDLED;
    case DID_TYPE:
        s->warned = s->agreed = false;
        s->unkept = true;
        return HANDLED;
    case DID_TAKE: interview_take(ui, s); return HANDLED;
    case DID_REFUSE:
        if (in->action == ACTION_REMOVE)
            ui_note(ui, STYLE_WARNING, _("First go to the row, with ↓ and ↑."));
        return REFUSED;
    case DID_ADD: return add_row(ui, s);
    case DID_LOCATE: return ask_receiver(ui);
    case DID_OPEN: return into_row(ui, s, row_of(s));
    case DID_REMOVE: return ask_remove(ui, s);
    case DID_NOTHING: break;
    }
    return act(ui, s, turned.action);
}

/* As in every list: a click goes there, one on the cursor ticks. */
static enum handled click_cell(struct ui *ui, struct interview_screen *s, size_t cell)
{
    struct matrix m;
    size_t column;
    int row;

    matrix_at(cell, &row, &column);
    if (!matrix_of(ui, &s->at, ui->canvas.cols - 8, &m) || row >= m.n_rows)
        return REFUSED;
    if (row == m.current && widget_row(s->w) == column)
        return ui_act(ui, ACTION_TOGGLE);
    if (row != m.current)
        jump(ui, s, &m.rows[row]);
    if (s->w->ops->to)
        s->w->ops->to(s->w, column);
    return HANDLED;
}

/* On another question: there. What has been typed here stays, as on any way out. */
static enum handled click(struct ui *ui, struct screen *screen, size_t n)
{
    struct interview_screen *s = (struct interview_screen *)screen;
    struct place p;

    if (n >= MATRIX_CELLS)
        return click_cell(ui, s, n);
    p = s->drawn[n];
    return jump(ui, s, &p);
}

/* The wheel moves in a list and in a long text, and changes no answer. */
static bool scrolls(struct ui *ui, const struct screen *screen)
{
    const struct interview_screen *s = (const struct interview_screen *)screen;
    enum field_kind kind = s->w->f.kind;
    struct matrix m;

    return s->w->f.readonly || kind == FIELD_NOTE || kind == FIELD_REPEAT ||
           ((kind == FIELD_SELECT || kind == FIELD_MULTIPLE) &&
            !matrix_of(ui, &s->at, ui->canvas.cols - 8, &m));
}

static struct situation situation(const struct screen *screen)
{
    const struct interview_screen *s = (const struct interview_screen *)screen;
    struct situation in_field = widget_situation(s->w);

    in_field.contexts |= CTX_INTERVIEW | CTX_MOVE;
    return in_field;
}

static bool hides(struct ui *ui, const struct screen *screen, enum action a)
{
    const struct interview_screen *s = (const struct interview_screen *)screen;
    const struct form_node *n = &session_form(ui->session)->nodes[s->at.def];

    return a == ACTION_LOCK || (a == ACTION_LOCATE && !ui->start->locate) ||
           (a == ACTION_DONT_KNOW && !n->missing[MISSING_DK].p) ||
           (a == ACTION_REFUSED && !n->missing[MISSING_REFUSED].p);
}

/* ---- opening ---- */

void interview_open(struct ui *ui)
{
    struct interview_screen *s = (struct interview_screen *)ui_push(ui, &screen_interview);
    struct interview *iv = session_interview(ui->session);
    struct place p = PLACE_NONE;
    struct node_state st;
    struct buf typed;

    buf_init(&s->said, LIMIT_CELL_BYTES);
    buf_init(&typed, LIMIT_ANSWER_BYTES);
    s->count_stale = true;
    if (ui->language_chosen)
        ui_speak(ui);
    else /* as whoever held it last */
        tr_choose(session_form(ui->session)->languages[interview_language(iv)].code);
    if (!session_cursor(ui->session, &p, &typed) || !(st = interview_state(iv, &p)).exists ||
        !st.relevant) {
        p = PLACE_NONE;
        buf_clear(&typed);
        if (!step(ui, &p, true))
            p = (struct place){0}; /* a form that asks nothing: its root */
    }
    interview_field(ui, s, &p, buf_str(&typed));
    buf_wipe_done(&typed);
}

static void language(struct ui *ui, struct screen *screen)
{
    struct interview_screen *s = (struct interview_screen *)screen;
    struct buf typed;

    buf_init(&typed, LIMIT_ANSWER_BYTES);
    buf_add_str(&typed, widget_typed(s->w));
    interview_field(ui, s, &s->at, buf_str(&typed));
    buf_wipe_done(&typed);
    /* what was said was said in the other language: it is said anew when the answer is taken */
    interview_say(s, SAID_NOTHING, STR(""));
    s->warned = false;
}

static void close_(struct ui *ui, struct screen *screen)
{
    struct interview_screen *s = (struct interview_screen *)screen;

    widget_free(s->w);
    field_done(&s->ctx);
    forget_unfinished(s);
    mem_free(s->path);
    buf_wipe_done(&s->said);
    if (ui->session)
        session_close(ui->session);
    ui->session = NULL;
}

const struct screen_ops screen_interview = {
    .size = sizeof(struct interview_screen),
    .situation = situation,
    .input = input,
    .draw = interview_draw,
    .hides = hides,
    .click = click,
    .scrolls = scrolls,
    .language = language,
    .close = close_,
};
