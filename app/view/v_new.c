/* Which questionnaire a new interview is held with. */
#include "app/tr.h"
#include "app/view/picker.h"
#include "app/view/ui.h"

struct new_screen {
    struct screen s;
    const struct survey_form *forms; /* the survey's */
    struct field f;
    struct picker list;
};

static struct str row_number(void *ctx, size_t i)
{
    (void)ctx;
    (void)i;
    return STR("");
}

static void title(void *ctx, size_t i, struct buf *out)
{
    const struct new_screen *s = ctx;

    buf_add_str(out, s->forms[i].title);
    buf_add_z(out, "   ");
    buf_add_str(out, s->forms[i].version);
}

void new_open(struct ui *ui)
{
    struct new_screen *s;
    const struct survey_form *forms;
    size_t n;
    struct err e = {0};

    if (!survey_forms(ui->survey, &forms, &n, &e)) {
        ui_fail(ui, &e);
        return;
    }
    s = (struct new_screen *)ui_push(ui, &screen_new);
    s->forms = forms;
    s->f = (struct field){.choices = {s, n, row_number, title}};
    picker_init(&s->list, &s->f, 0);
    s->list.searched = false;
    s->list.cursor = n ? 0 : PICK_NONE;
}

static void close_(struct ui *ui, struct screen *screen)
{
    (void)ui;
    picker_done(&((struct new_screen *)screen)->list);
}

static enum handled begin(struct ui *ui, struct new_screen *s, size_t form)
{
    struct err e = {0};

    if (form == PICK_NONE)
        return REFUSED;
    if (!session_begin(&ui->session, ui->survey, &s->forms[form].hash, NULL, 0, &e)) {
        ui_fail(ui, &e);
        return HANDLED;
    }
    ui_pop(ui);
    ui_begun(ui);
    return HANDLED;
}

static enum handled input(struct ui *ui, struct screen *screen, const struct input *in)
{
    struct new_screen *s = (struct new_screen *)screen;
    size_t exact;
    enum did did;

    if (in->action == ACTION_OPEN)
        return begin(ui, s, picker_choice(&s->list));
    did = picker_input(&s->list, in, &exact);
    if (exact != PICK_NONE)
        return begin(ui, s, exact);
    return did == DID_NOTHING ? IGNORED : did == DID_REFUSE ? REFUSED : HANDLED;
}

static struct situation situation(const struct screen *s)
{
    (void)s;
    return (struct situation){CTX_LIST | CTX_MOVE, false};
}

static const char *no_mark(void *ctx, size_t choice, bool *ret_chosen)
{
    (void)ctx;
    (void)choice;
    *ret_chosen = false;
    return NULL;
}

static void draw(struct ui *ui, struct screen *screen, struct area a)
{
    struct new_screen *s = (struct new_screen *)screen;
    struct area box;
    int rows = (int)s->f.choices.n;

    screen->below->ops->draw(ui, screen->below, a);
    a.c->cursor = false;
    box = chrome_box(a, (rows > 16 ? 16 : rows) + 2, 66, _("New interview: which questionnaire?"));
    picker_draw(&s->list, area_sub(box, 1, 0, box.rows - 2, box.cols), true,
                &(struct picker_marks){no_mark, NULL});
}

const struct screen_ops screen_new = {
    .size = sizeof(struct new_screen),
    .situation = situation,
    .input = input,
    .draw = draw,
    .close = close_,
};
