/* Before the end: what is missing or in error, what was confirmed although it is odd, the notes;
 * Enter goes there; one key finalises. */
#include "app/tr.h"
#include "app/view/field_of.h"
#include "app/view/local.h"
#include "app/view/picker.h"
#include "app/view/v_interview.h"
#include "forms/base/mem.h"

enum why { WHY_ERROR, WHY_MISSING, WHY_ODD, WHY_CONFIRMED, WHY_NOTE, WHYS };

static const char *const why_marks[WHYS] = {"!", "·", "?", "?", "¶"};

struct finding {
    struct place p;
    enum why why;
};

struct finish {
    struct screen s;
    struct interview *iv;
    struct session *session;
    struct finding *v;
    size_t n, cap, count[WHYS];
    struct field f;
    struct picker list;
};

static struct str no_name(void *ctx, size_t i)
{
    (void)ctx;
    (void)i;
    return STR("");
}

static void label(void *ctx, size_t i, struct buf *out)
{
    struct finish *s = ctx;
    const struct finding *f = &s->v[i];

    field_label(s->iv, &f->p, out);
    buf_add_z(out, "  — ");
    if (f->why == WHY_NOTE)
        session_note_of(s->session, &f->p, out);
    else if (f->why == WHY_MISSING)
        buf_add_z(out, _("not answered"));
    else if (f->why == WHY_ERROR)
        field_message(s->iv, &f->p, out);
    else
        interview_warning(s->iv, &f->p, 0, out);
}

static void add(struct finish *s, const struct place *p, enum why why)
{
    s->v = mem_grow(s->v, s->n, &s->cap, sizeof *s->v);
    s->v[s->n++] = (struct finding){*p, why};
    s->count[why]++;
}

static void look_at(struct finish *s, const struct place *p, enum why why)
{
    struct node_state st = interview_state(s->iv, p);
    struct buf note;

    if (why == WHY_NOTE) {
        buf_init(&note, LIMIT_ANSWER_BYTES);
        if (session_note_of(s->session, p, &note) && note.n)
            add(s, p, WHY_NOTE);
        buf_wipe_done(&note);
    } else if (why == WHY_MISSING ? !st.answered && st.required
               : why == WHY_ERROR ? !st.valid
               : why == WHY_ODD   ? st.warns && !st.confirmed
                                  : st.warns && st.confirmed) {
        add(s, p, why);
    }
}

/* The worst first, each kind in the order of the form. */
static void fill(struct ui *ui, struct finish *s)
{
    s->iv = session_interview(ui->session);
    s->session = ui->session;
    s->n = 0;
    memset(s->count, 0, sizeof s->count);
    for (int why = 0; why < WHYS; why++) {
        struct place p = PLACE_NONE;

        if (why == WHY_NOTE && session_notes(ui->session) == 0)
            break;
        while (interview_next(s->iv, &p, 0))
            look_at(s, &p, (enum why)why);
    }
    if (s->list.f)
        picker_done(&s->list);
    s->f = (struct field){.plain = true, .choices = {s, s->n, no_name, label}};
    picker_init(&s->list, &s->f, 2);
    s->list.searched = false;
    s->list.cursor = s->n ? 0 : PICK_NONE;
}

void finish_open(struct ui *ui)
{
    fill(ui, (struct finish *)ui_push(ui, &screen_finish));
}

static void close_(struct ui *ui, struct screen *screen)
{
    struct finish *s = (struct finish *)screen;

    (void)ui;
    picker_done(&s->list);
    mem_free(s->v);
}

/* ---- keys ---- */

static void end(struct ui *ui, const char *code)
{
    struct buf text;
    struct err fault = {0};
    bool computed = interview_fault(session_interview(ui->session), &fault);

    session_close(ui->session);
    ui->session = NULL;
    while (ui->top && ui->top->ops != &screen_home)
        ui_pop(ui);
    buf_init(&text, 512);
    buf_printf(&text,
               _("The interview is final and waits to be sent. The respondent's code is\n\n"
                 "    %s\n\nGive it to the respondent: with it the answers can be seen, "
                 "corrected or erased."),
               code);
    if (!computed) {
        buf_printf(&text, "\n\n%s: ", _("A fault in the form"));
        err_text(&fault, tr, &text);
        buf_printf(&text, " %s", _("Tell the office of it."));
    }
    ui_tell(ui, _("Finalised"), buf_str(&text));
    buf_done(&text);
}

static enum handled finalise(struct ui *ui, struct finish *s)
{
    const struct form *f = session_form(ui->session);
    struct place at = PLACE_NONE;
    struct changes changes;
    struct hash32 rev;
    struct err e = {0};
    struct buf code;

    if (f->outcome == DEF_NONE && interview_outcome(s->iv) == 0 && s->count[WHY_MISSING] == 0 &&
        !session_outcome(ui->session, 1, &changes, &e)) {
        ui_fail(ui, &e);
        return HANDLED;
    }
    buf_init(&code, 32);
    session_code(ui->session, &code);
    if (session_finalise(ui->session, &at, &rev, &e)) {
        end(ui, code.p);
    } else if (err_is(&e, &ERR_INCOMPLETE)) {
        ui_pop(ui);
        interview_go(ui, &at);
        interview_tell(ui, interview_screen_of(ui));
        ui_note(ui, STYLE_ERROR, _("This is still missing or in error."));
    } else {
        ui_fail(ui, &e);
    }
    buf_done(&code);
    return HANDLED;
}

static enum handled go(struct ui *ui, struct finish *s)
{
    size_t row = picker_choice(&s->list);
    struct place p;

    if (row == PICK_NONE)
        return REFUSED;
    p = s->v[row].p;
    ui_pop(ui);
    interview_go(ui, &p);
    return HANDLED;
}

static enum handled input(struct ui *ui, struct screen *screen, const struct input *in)
{
    struct finish *s = (struct finish *)screen;

    if (in->action == ACTION_FINALISE)
        return finalise(ui, s);
    if (in->action == ACTION_OPEN)
        return go(ui, s);
    if (in->action == ACTION_NONE)
        return REFUSED;
    return ui_list(&s->list, in);
}

static struct situation situation(const struct screen *s)
{
    (void)s;
    return (struct situation){CTX_LIST | CTX_MOVE | CTX_FINISH, false};
}

static void language(struct ui *ui, struct screen *screen)
{
    fill(ui, (struct finish *)screen);
}

/* ---- drawing ---- */

static const char *mark(void *ctx, size_t i, bool *ret_chosen)
{
    const struct finding *f = &((struct finish *)ctx)->v[i];

    *ret_chosen = false;
    return why_marks[f->why];
}

static int draw_summary(struct ui *ui, struct finish *s, struct area a)
{
    struct buf b;
    int y = 0;

    buf_init(&b, 512);
    buf_printf(&b, tr_n("%zu question open", "%zu questions open", s->count[WHY_MISSING]),
               s->count[WHY_MISSING]);
    buf_add_z(&b, "   ");
    buf_printf(&b, tr_n("%zu in error", "%zu in error", s->count[WHY_ERROR]), s->count[WHY_ERROR]);
    buf_add_z(&b, "   ");
    buf_printf(&b, _("%zu soft checks, %zu confirmed"), s->count[WHY_ODD] + s->count[WHY_CONFIRMED],
               s->count[WHY_CONFIRMED]);
    buf_add_z(&b, "   ");
    buf_printf(&b, tr_n("%zu note", "%zu notes", s->count[WHY_NOTE]), s->count[WHY_NOTE]);
    area_text(a, y++, 1, a.cols - 2, STYLE_BOLD, buf_str(&b));
    buf_clear(&b);
    buf_printf(&b, "%s ", _("Time taken"));
    local_duration(session_active_ms(ui->session), &b);
    buf_printf(&b, "   %s ", _("Respondent's code"));
    session_code(ui->session, &b);
    buf_printf(&b, "   %s: ", _("Outcome"));
    outcome_text(s->iv, interview_outcome(s->iv), &b);
    area_text(a, y++, 1, a.cols - 2, STYLE_NORMAL, buf_str(&b));
    buf_done(&b);
    return y;
}

static void draw(struct ui *ui, struct screen *screen, struct area a)
{
    struct finish *s = (struct finish *)screen;
    int y = 2;

    chrome_title(ui, a, str_of(_("Finish the interview")));
    y += draw_summary(ui, s, area_sub(a, y, 0, 3, a.cols)) + 1;
    if (s->n == 0)
        chrome_paragraph(ui, area_sub(a, y, 0, 3, a.cols), 0, 1, STYLE_SAVED,
                         str_of(_("✓ Everything is answered and in order. F10 finalises the "
                                  "interview; after that it can't be changed here.")));
    else
        picker_draw(&s->list, area_sub(a, y, 1, a.rows - y, a.cols - 2), true,
                    &(struct picker_marks){mark, s});
}

const struct screen_ops screen_finish = {
    .size = sizeof(struct finish),
    .situation = situation,
    .input = input,
    .draw = draw,
    .language = language,
    .close = close_,
};
