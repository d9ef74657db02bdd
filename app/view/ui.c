/* The stack of screens and the way of a key to the one on top. */
#include "app/view/ui.h"

#include "app/flow/host.h"
#include "app/tr.h"
#include "app/view/local.h"
#include "app/view/text.h"
#include "forms/base/mem.h"

#define WHEEL_ROWS      3
#define NOTICE_MAX      ((size_t)2048)
#define CONFIG_LANGUAGE "screen_language"

/* ---- life ---- */

void ui_init(struct ui *ui, const struct ui_start *start, int rows, int cols)
{
    *ui = (struct ui){
        .start = start, .practice = start->practice, .language_chosen = start->language != NULL};
    canvas_init(&ui->canvas, rows, cols);
    arena_init(&ui->scratch);
    buf_init(&ui->notice, NOTICE_MAX);
    if (start->keys)
        ui->keys = *start->keys;
    else
        keymap_init(&ui->keys);
    tr_choose(start->language         ? str_of(start->language)
              : start->first_language ? str_of(start->first_language)
                                      : STR("id"));
    ui->last_key_ms = ui_now(ui).ms;
    ui_begin(ui);
    if (start->notice)
        ui_note(ui, STYLE_WARNING, start->notice);
}

static void pop_all(struct ui *ui)
{
    while (ui->top) {
        struct screen *s = ui->top;

        ui->top = s->below;
        if (s->ops->close)
            s->ops->close(ui, s);
        mem_free(s);
    }
}

static void close_survey(struct ui *ui)
{
    if (ui->session)
        session_close(ui->session);
    ui->session = NULL;
    if (ui->survey)
        survey_close(ui->survey);
    ui->survey = NULL;
}

void ui_done(struct ui *ui)
{
    pop_all(ui);
    close_survey(ui);
    canvas_done(&ui->canvas);
    buf_wipe_done(&ui->notice);
    arena_wipe(&ui->scratch);
    arena_done(&ui->scratch);
}

struct instant ui_now(const struct ui *ui)
{
    return ui->start->now ? ui->start->now(ui->start->ctx) : host_now();
}

int64_t ui_local_ms(const struct ui *ui)
{
    struct instant now = ui_now(ui);

    return now.ms + (int64_t)now.offset_min * 60000;
}

/* ---- screens ---- */

struct screen *ui_push(struct ui *ui, const struct screen_ops *ops)
{
    struct screen *s = mem_alloc(ops->size);

    s->ops = ops;
    s->below = ui->top;
    ui->top = s;
    return s;
}

void ui_pop(struct ui *ui)
{
    struct screen *s = ui->top;

    ui->top = s->below;
    if (s->ops->close)
        s->ops->close(ui, s);
    mem_free(s);
    if (ui->top && ui->top->ops->resume)
        ui->top->ops->resume(ui, ui->top);
}

struct screen *ui_replace(struct ui *ui, const struct screen_ops *ops)
{
    pop_all(ui);
    return ui_push(ui, ops);
}

struct situation ui_situation(const struct ui *ui)
{
    struct situation s = {0};

    if (ui->top && ui->top->ops->situation)
        s = ui->top->ops->situation(ui->top);
    s.contexts |= CTX_ALL;
    if (s.contexts & CTX_TEXT && !(s.contexts & CTX_INTERVIEW))
        s.contexts |= CTX_ENTRY;
    return s;
}

bool ui_enabled(const struct ui *ui, enum action a)
{
    return action_works(ui_situation(ui), a);
}

void ui_note(struct ui *ui, enum style style, const char *text)
{
    buf_clear(&ui->notice);
    buf_add_z(&ui->notice, text);
    ui->notice_style = style;
}

/* ---- faults of a form ---- */

/* What a form could not compute must not pass unseen: the first time of an interview in a box. */
static void tell_fault(struct ui *ui)
{
    struct err e = {0};
    struct buf text;

    if (!ui->session || interview_fault(session_interview(ui->session), &e))
        return;
    buf_init(&text, LIMIT_CELL_BYTES);
    err_text(&e, tr, &text);
    if (id16_eq(&ui->faulty, session_uuid(ui->session))) {
        ui_note(ui, STYLE_ERROR, text.p);
    } else {
        ui->faulty = *session_uuid(ui->session);
        buf_add_z(&text, "\n\n");
        buf_add_z(&text, _("What could not be computed stays blank. The interview can go on; tell "
                           "the office of this fault."));
        ui_tell(ui, _("A fault in the form"), buf_str(&text));
    }
    buf_done(&text);
}

/* ---- keys ---- */

/* What works on every screen unless the screen took it itself. */
static enum handled everywhere(struct ui *ui, enum action a)
{
    switch ((int)a) {
    case ACTION_LANGUAGE: ui_language(ui); return HANDLED;
    case ACTION_HELP: help_open(ui); return HANDLED;
    case ACTION_COMMAND: command_open(ui); return HANDLED;
    case ACTION_LOCK: ui_lock(ui); return HANDLED;
    case ACTION_CLOSE: ui_pop(ui); return HANDLED;
    default: return IGNORED;
    }
}

static enum handled input(struct ui *ui, const struct input *in)
{
    enum handled did = ui->top->ops->input(ui, ui->top, in);

    if (did == IGNORED)
        did = everywhere(ui, in->action);
    return did;
}

enum handled ui_act(struct ui *ui, enum action a)
{
    struct input in = {.action = a};

    if (!ui_enabled(ui, a))
        return REFUSED;
    return input(ui, &in);
}

enum handled ui_edit(struct edit *ed, const struct input *in)
{
    enum edited did = edit_input(ed, in);

    return did == EDIT_IGNORED ? IGNORED : did == EDIT_REFUSED ? REFUSED : HANDLED;
}

enum handled ui_list(struct picker *p, const struct input *in)
{
    size_t exact;
    enum did did = picker_input(p, in, &exact);

    return did == DID_NOTHING ? IGNORED : did == DID_REFUSE ? REFUSED : HANDLED;
}

static bool too_small(const struct ui *ui)
{
    return ui->canvas.rows < UI_MIN_ROWS || ui->canvas.cols < UI_MIN_COLS;
}

/* Somebody is there. False: what can't be seen isn't typed into. */
static bool somebody(struct ui *ui)
{
    ui->last_key_ms = ui_now(ui).ms;
    ui->beep = false;
    if (too_small(ui) || !ui->top)
        return false;
    buf_clear(&ui->notice);
    return true;
}

void ui_key(struct ui *ui, struct key k)
{
    struct input in = {.key = k};
    enum handled did;

    if (!somebody(ui))
        return;
    ui->canvas.n_spots = 0;
    in.action = keymap_find(&ui->keys, ui_situation(ui), k);
    did = input(ui, &in);
    ui->beep = did != HANDLED;
    if (k.pasted && did == REFUSED)
        ui_note(ui, STYLE_WARNING, _("Not all that was pasted fits here: the rest was left out."));
    tell_fault(ui);
}

/* ---- the mouse ---- */

/* A row of a list: the cursor goes there; where it is already, the row is taken. */
static enum handled click_row(struct ui *ui, const struct spot *s)
{
    unsigned contexts = ui_situation(ui).contexts;

    if (*s->cursor != s->n) {
        *s->cursor = s->n;
        return HANDLED;
    }
    return ui_act(ui, contexts & CTX_LIST      ? ACTION_OPEN
                      : contexts & CTX_REPEAT  ? ACTION_TAKE
                      : contexts & CTX_CHOICES ? ACTION_TOGGLE
                                               : ACTION_ACCEPT);
}

void ui_click(struct ui *ui, int y, int x)
{
    const struct spot *s = canvas_spot(&ui->canvas, y, x);
    enum handled did = HANDLED;

    if (!somebody(ui) || !s)
        return;
    if (s->kind == SPOT_ACTION)
        did = ui_act(ui, (enum action)s->n);
    else if (s->kind == SPOT_ROW)
        did = click_row(ui, s);
    else if (s->kind == SPOT_OWN && ui->top->ops->click)
        did = ui->top->ops->click(ui, ui->top, s->n);
    ui->canvas.n_spots = 0;
    ui->beep = did != HANDLED;
    tell_fault(ui);
}

void ui_wheel(struct ui *ui, bool down)
{
    const struct screen_ops *ops = ui->top ? ui->top->ops : NULL;

    if (!somebody(ui) ||
        !(ops->scrolls ? ops->scrolls(ui, ui->top) : ui_situation(ui).contexts & CTX_LIST))
        return;
    ui->canvas.n_spots = 0;
    for (int i = 0; i < WHEEL_ROWS; i++)
        ui_act(ui, down ? ACTION_DOWN : ACTION_UP);
}

void ui_resize(struct ui *ui, int rows, int cols)
{
    canvas_resize(&ui->canvas, rows, cols);
}

/* ---- time ---- */

void ui_save(struct ui *ui)
{
    struct err e = {0};

    interview_keep(ui);
    if (ui->session && !session_flush(ui->session, true, &e))
        ui_fail(ui, &e);
}

void ui_tick(struct ui *ui)
{
    struct err e = {0};
    int64_t idle = ui_now(ui).ms - ui->last_key_ms;

    if (ui->session && !session_flush(ui->session, false, &e))
        ui_fail(ui, &e);
    /* practice has nothing to hide, and would open itself again */
    if (ui->survey && !ui->practice && ui->start->lock_minutes &&
        idle >= ui->start->lock_minutes * 60000LL)
        ui_lock(ui);
}

bool ui_work(struct ui *ui)
{
    void (*work)(struct ui *) = ui->later;

    if (!work)
        return ui->top && ui->top->ops->work && ui->top->ops->work(ui, ui->top);
    ui->canvas.n_spots = 0;
    ui->later = NULL;
    work(ui);
    tell_fault(ui);
    return true;
}

/* ---- locking, language ---- */

/* Everything of respondents leaves memory: the interview and the survey are closed, keys and cells
 * overwritten. Unlocking opens them again at the same field. */
void ui_lock(struct ui *ui)
{
    if (!ui->survey)
        return;
    ui_save(ui);
    memset(&ui->resume, 0, sizeof ui->resume);
    if (ui->session)
        ui->resume = *session_uuid(ui->session);
    pop_all(ui);
    close_survey(ui);
    arena_wipe(&ui->scratch);
    canvas_clear(&ui->canvas);
    buf_wipe_done(&ui->notice); /* it may name a respondent */
    buf_init(&ui->notice, NOTICE_MAX);
    ui_begin(ui);
}

void ui_practise(struct ui *ui)
{
    ui_save(ui);
    pop_all(ui);
    close_survey(ui);
    memset(&ui->resume, 0, sizeof ui->resume);
    ui->practice = !ui->practice;
    ui_begin(ui);
}

/* Kept in the store: the next start speaks it too. */
static void remember_language(struct ui *ui)
{
    struct err e = {0};

    if (ui->survey &&
        !store_config_put(survey_store(ui->survey), CONFIG_LANGUAGE, str_of(tr_language()), &e))
        ui_fail(ui, &e);
}

bool ui_recall_language(struct ui *ui, struct err *e)
{
    struct buf code;
    bool there = false, ok;

    if (ui->language_chosen)
        return true;
    buf_init(&code, 64);
    ok = store_config_get(survey_store(ui->survey), CONFIG_LANGUAGE, &code, &there, e);
    if (ok && there)
        tr_choose(buf_str(&code));
    buf_done(&code);
    return ok;
}

void ui_speak(struct ui *ui)
{
    const struct form *f = session_form(ui->session);
    struct changes changes;
    struct err e = {0};

    for (uint32_t i = 0; i < f->n_languages; i++)
        if (str_is(f->languages[i].code, tr_language()) &&
            i != interview_language(session_interview(ui->session)) &&
            !session_set_language(ui->session, i, &changes, &e))
            ui_fail(ui, &e);
}

void ui_begun(struct ui *ui)
{
    ui_speak(ui);
    interview_open(ui);
    quota_warn(ui);
}

/* The form's next language, and the interface follows where it speaks it; without a form the
 * interface's other one. */
void ui_language(struct ui *ui)
{
    struct changes changes;
    struct err e = {0};
    const struct form *f = ui->session ? session_form(ui->session) : NULL;

    ui->language_chosen = true;
    if (f && f->n_languages > 1) {
        uint32_t next = (interview_language(session_interview(ui->session)) + 1) % f->n_languages;

        if (!session_set_language(ui->session, next, &changes, &e)) {
            ui_fail(ui, &e);
            return;
        }
        tr_choose(f->languages[next].code);
    } else {
        tr_choose(strcmp(tr_language(), "id") == 0 ? STR("en") : STR("id"));
    }
    for (struct screen *s = ui->top; s; s = s->below)
        if (s->ops->language)
            s->ops->language(ui, s);
    remember_language(ui);
}

/* ---- drawing ---- */

static void draw_too_small(struct ui *ui)
{
    struct area a = canvas_area(&ui->canvas);
    struct buf text;
    int y;

    buf_init(&text, 256);
    buf_printf(&text, _("The screen is too small: %d×%d. At least %d×%d is needed."),
               ui->canvas.cols, ui->canvas.rows, UI_MIN_COLS, UI_MIN_ROWS);
    y = chrome_paragraph(ui, a, 0, 0, STYLE_BOLD, buf_str(&text));
    if (y < a.rows)
        chrome_paragraph(ui, a, y, 0, STYLE_NORMAL,
                         str_of(_("Nothing is lost. Make the window larger.")));
    buf_done(&text);
}

void ui_draw(struct ui *ui)
{
    struct area a = canvas_area(&ui->canvas);
    int bottom;

    interview_keep(ui);
    arena_reset(&ui->scratch);
    canvas_clear(&ui->canvas);
    if (too_small(ui)) {
        draw_too_small(ui);
        return;
    }
    if (!ui->top)
        return;
    bottom = chrome_bottom_rows(ui, a.cols);
    ui->top->ops->draw(ui, ui->top, area_sub(a, 0, 0, a.rows - bottom, a.cols));
    chrome_bottom(ui, area_sub(a, a.rows - bottom, 0, bottom, a.cols));
}
