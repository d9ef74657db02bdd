/* A note on a question: a small editor over the interview. */
#include "app/tr.h"
#include "app/view/edit.h"
#include "app/view/field_of.h"
#include "app/view/ui.h"

#define NOTE_MAX  ((size_t)16000)
#define NOTE_ROWS 6

struct note {
    struct screen s;
    struct place at;
    struct edit ed;
};

void note_open(struct ui *ui, const struct place *p)
{
    struct note *n = (struct note *)ui_push(ui, &screen_note);
    struct buf text;

    n->at = *p;
    edit_init(&n->ed, NOTE_MAX);
    n->ed.lines = true;
    buf_init(&text, NOTE_MAX);
    if (session_note_of(ui->session, p, &text))
        edit_set(&n->ed, buf_str(&text));
    buf_wipe_done(&text);
}

static void close_(struct ui *ui, struct screen *screen)
{
    (void)ui;
    edit_done(&((struct note *)screen)->ed);
}

static enum handled input(struct ui *ui, struct screen *screen, const struct input *in)
{
    struct note *n = (struct note *)screen;
    struct err e = {0};

    if (in->action == ACTION_ACCEPT) {
        if (!session_note(ui->session, &n->at, str_trim(edit_text(&n->ed)), &e)) {
            ui_fail(ui, &e);
            return HANDLED;
        }
        ui_pop(ui);
        return HANDLED;
    }
    return ui_edit(&n->ed, in);
}

static struct situation situation(const struct screen *s)
{
    (void)s;
    return (struct situation){CTX_DIALOG | CTX_TEXT | CTX_LINES | CTX_MOVE, true};
}

static void draw(struct ui *ui, struct screen *screen, struct area a)
{
    struct note *n = (struct note *)screen;
    struct area box;
    struct buf label;

    screen->below->ops->draw(ui, screen->below, a);
    a.c->cursor = false;
    box = chrome_box(a, NOTE_ROWS + 4, 68, _("Note on the question"));
    buf_init(&label, LIMIT_CELL_BYTES);
    field_label(session_interview(ui->session), &n->at, &label);
    area_text(box, 0, 0, box.cols, STYLE_HINT, buf_str(&label));
    buf_done(&label);
    edit_draw(&n->ed, area_sub(box, 2, 0, NOTE_ROWS, box.cols), true);
    area_z(box, NOTE_ROWS + 3, 0, STYLE_HINT, _("Without names of persons. Empty: no note."));
}

const struct screen_ops screen_note = {
    .size = sizeof(struct note),
    .situation = situation,
    .input = input,
    .draw = draw,
    .close = close_,
};
