/* Breaking off: the outcome of this visit, whether someone comes again and when, a remark. A
 * visit that is repeated leaves a draft; an outcome that ends the interview leads to the
 * finishing screen. */
#include <assert.h>

#include "app/flow/outcome.h"
#include "app/tr.h"
#include "app/view/field_of.h"
#include "app/view/v_interview.h"
#include "forms/base/date.h"
#include "forms/base/num.h"

enum { PART_CODE, PART_APPOINTMENT, PART_REMARK, PARTS };

enum { OUTCOME_NOBODY = 3, OUTCOME_POSTPONED = 7 };

struct outcome {
    struct screen s;
    struct field_ctx ctx;  /* of the form's outcome question */
    struct place question; /* def DEF_NONE: the form has none that is asked */
    struct widget *w[PARTS];
    int part;
    int code;
};

static struct str built_in_name(void *ctx, size_t i)
{
    static const char codes[] = "12345678";
    static_assert(sizeof codes == OUTCOMES + 1, "a digit for each");
    (void)ctx;
    return (struct str){codes + i, 1};
}

static void built_in_label(void *ctx, size_t i, struct buf *out)
{
    (void)ctx;
    buf_add_z(out, _(outcome_name((int)i + 1)));
}

void outcome_text(struct interview *iv, int code, struct buf *out)
{
    const struct form *f = interview_form(iv);
    size_t begin = out->n;

    if (f->outcome != DEF_NONE)
        field_answer(iv, &(struct place){.def = f->outcome}, out);
    if (out->n > begin)
        return;
    if (outcome_name(code))
        buf_add_z(out, _(outcome_name(code)));
    else if (code > 0)
        buf_printf(out, "%d", code);
    else
        buf_add_z(out, _("none yet"));
}

/* The form's own question with its own words, where it is asked now. */
static struct field code_field(struct ui *ui, struct outcome *o)
{
    const struct form *f = session_form(ui->session);
    struct field field = {0};
    struct err e = {0};
    struct place p = {.def = f->outcome};

    o->question = PLACE_NONE;
    if (f->outcome != DEF_NONE && interview_state(session_interview(ui->session), &p).relevant &&
        field_of(&o->ctx, ui, &p, &field, &e) && field.kind == FIELD_SELECT) {
        o->question = p;
        return field;
    }
    return (struct field){.kind = FIELD_SELECT,
                          .choices = {NULL, OUTCOMES, built_in_name, built_in_label}};
}

void outcome_open(struct ui *ui)
{
    struct outcome *o = (struct outcome *)ui_push(ui, &screen_outcome);
    struct field code = code_field(ui, o);
    struct field appointment = {.kind = FIELD_DATETIME, .now_ms = ui_local_ms(ui)};
    struct field remark = {.kind = FIELD_TEXT};

    code.value = STR("");
    o->w[PART_CODE] = widget_new(&code);
    o->w[PART_APPOINTMENT] = widget_new(&appointment);
    o->w[PART_REMARK] = widget_new(&remark);
}

static void close_(struct ui *ui, struct screen *screen)
{
    struct outcome *o = (struct outcome *)screen;

    (void)ui;
    for (int i = 0; i < PARTS; i++)
        widget_free(o->w[i]);
    field_done(&o->ctx);
}

/* ---- doing it ---- */

static bool read_code(struct outcome *o)
{
    const char *why;
    int64_t code = 0;
    struct buf text;
    bool ok;

    buf_init(&text, LIMIT_CELL_BYTES);
    ok = o->w[PART_CODE]->ops->answer(o->w[PART_CODE], &text, &why) &&
         num_parse_int(buf_str(&text), &code) && code > 0 && code < 256;
    buf_done(&text);
    if (ok)
        o->code = (int)code;
    return ok;
}

/* Epoch milliseconds, 0: none. False: what is typed is no date. */
static bool read_appointment(struct ui *ui, struct outcome *o, int64_t *ret)
{
    const char *why = NULL;
    struct buf text;
    int64_t v[5];
    static const size_t at[] = {0, 5, 8, 11, 14}, len[] = {4, 2, 2, 2, 2};
    bool ok;

    buf_init(&text, 64);
    ok = o->w[PART_APPOINTMENT]->ops->answer(o->w[PART_APPOINTMENT], &text, &why);
    if (!ok)
        ui_note(ui, STYLE_ERROR, _(why));
    *ret = 0;
    if (ok && text.n >= 16) {
        for (int i = 0; i < 5; i++)
            if (!num_parse_int(str_sub(buf_str(&text), at[i], len[i]), &v[i]))
                v[i] = 0;
        *ret = date_days(v[0], (int)v[1], (int)v[2]) * DAY_MS + v[3] * 3600000 + v[4] * 60000 -
               (int64_t)ui_now(ui).offset_min * 60000;
    }
    buf_done(&text);
    return ok;
}

static enum handled come_again(struct ui *ui, struct outcome *o, int64_t appointment)
{
    const char *why;
    struct buf remark;
    struct err e = {0};
    bool ok;

    buf_init(&remark, LIMIT_ANSWER_BYTES);
    o->w[PART_REMARK]->ops->answer(o->w[PART_REMARK], &remark, &why);
    ok = session_visit(ui->session, o->code, appointment, buf_str(&remark), &e);
    buf_wipe_done(&remark);
    if (!ok) {
        ui_fail(ui, &e);
        return HANDLED;
    }
    interview_leave(ui);
    ui_note(ui, STYLE_SAVED, _("The visit is recorded; the interview stays a draft."));
    return HANDLED;
}

static enum handled end(struct ui *ui, struct outcome *o)
{
    struct changes changes;
    struct err e = {0};
    char code[ERR_ARG_MAX];
    struct place question = o->question;
    bool ok;

    if (question.def != DEF_NONE)
        ok = session_set(ui->session, &question, str_of(err_num(code, o->code)), &changes, &e);
    else
        ok = session_outcome(ui->session, o->code, &changes, &e);
    if (!ok) {
        ui_fail(ui, &e);
        return HANDLED;
    }
    interview_reload(ui, &changes);
    ui_pop(ui);
    finish_open(ui);
    return HANDLED;
}

static enum handled accept(struct ui *ui, struct outcome *o)
{
    int64_t appointment;

    if (!read_code(o)) {
        o->part = PART_CODE;
        ui_note(ui, STYLE_ERROR, _("Choose the outcome first."));
        return REFUSED;
    }
    if (!read_appointment(ui, o, &appointment)) {
        o->part = PART_APPOINTMENT;
        return REFUSED;
    }
    if (o->part < PART_REMARK) {
        o->part++;
        return HANDLED;
    }
    if (appointment || o->code == OUTCOME_NOBODY || o->code == OUTCOME_POSTPONED)
        return come_again(ui, o, appointment);
    return end(ui, o);
}

/* ---- keys ---- */

static enum handled input(struct ui *ui, struct screen *screen, const struct input *in)
{
    struct outcome *o = (struct outcome *)screen;
    struct input to_field = *in;

    if (in->action == ACTION_NEXT || in->action == ACTION_PREVIOUS) {
        o->part = (o->part + (in->action == ACTION_NEXT ? 1 : PARTS - 1)) % PARTS;
        return HANDLED;
    }
    if (in->action == ACTION_ACCEPT)
        to_field.action = ACTION_TAKE;
    switch (widget_input(o->w[o->part], &to_field)) {
    case DID_TAKE: return accept(ui, o);
    case DID_NOTHING: return in->action == ACTION_ACCEPT ? accept(ui, o) : IGNORED;
    case DID_REFUSE: return REFUSED;
    case DID_SOMETHING:
    case DID_TYPE:
    case DID_LOCATE:
    case DID_ADD:
    case DID_OPEN:
    case DID_REMOVE: break;
    }
    return HANDLED;
}

static struct situation situation(const struct screen *screen)
{
    const struct outcome *o = (const struct outcome *)screen;
    struct situation s = widget_situation(o->w[o->part]);

    s.contexts |= CTX_DIALOG | CTX_MOVE;
    return s;
}

static void draw(struct ui *ui, struct screen *screen, struct area a)
{
    static const char *const labels[PARTS] = {N_("Outcome of this visit"),
                                              N_("Appointment to come again (empty: none)"),
                                              N_("Remark (empty: none)")};
    struct outcome *o = (struct outcome *)screen;
    int rows = o->w[PART_CODE]->ops->rows(o->w[PART_CODE], 64), y = 0;
    struct area box;

    screen->below->ops->draw(ui, screen->below, a);
    a.c->cursor = false;
    rows = rows > 9 ? 9 : rows;
    box = chrome_box(a, rows + 7, 68, _("Break off"));
    for (int i = 0; i < PARTS; i++) {
        int n = i == PART_CODE ? rows : 1;

        area_z(box, y, 0, i == o->part ? STYLE_BOLD : STYLE_NORMAL, _(labels[i]));
        o->w[i]->ops->draw(o->w[i], area_sub(box, y + 1, 2, n, box.cols - 2), i == o->part);
        y += n + 1 + (i < PART_REMARK);
    }
}

const struct screen_ops screen_outcome = {
    .size = sizeof(struct outcome),
    .situation = situation,
    .input = input,
    .draw = draw,
    .close = close_,
};
