/* Sending and receiving: where to, then what happened in a sentence or two and what to do next. */
#include "app/tr.h"
#include "app/view/edit.h"
#include "app/view/ui.h"

struct send {
    struct screen s;
    bool receive, working;
    struct edit place;
};

bool send_open(struct ui *ui, bool receive)
{
    struct send *s;

    if (ui->practice) {
        ui_note(ui, STYLE_WARNING, _("Practice is never sent."));
        return false;
    }
    if (receive ? !ui->start->receive : !ui->start->send)
        return false;
    s = (struct send *)ui_push(ui, &screen_send);
    s->receive = receive;
    edit_init(&s->place, 4000);
    return true;
}

static void close_(struct ui *ui, struct screen *screen)
{
    (void)ui;
    edit_done(&((struct send *)screen)->place);
}

static void work(struct ui *ui)
{
    struct send *s = (struct send *)ui->top;
    bool receive = s->receive;
    struct err e = {0};
    struct buf report;
    bool ok;

    buf_init(&report, LIMIT_CELL_BYTES);
    ok = (receive ? ui->start->receive : ui->start->send)(ui->start->ctx, ui->survey,
                                                          edit_text(&s->place), &report, &e);
    ui_pop(ui);
    if (ok)
        ui_tell(ui, receive ? _("Received") : _("Sent"), buf_str(&report));
    else
        ui_fail(ui, &e);
    buf_done(&report);
}

static enum handled input(struct ui *ui, struct screen *screen, const struct input *in)
{
    struct send *s = (struct send *)screen;

    if (in->action == ACTION_ACCEPT) {
        s->working = true;
        ui->later = work;
        return HANDLED;
    }
    return ui_edit(&s->place, in);
}

static struct situation situation(const struct screen *s)
{
    (void)s;
    return (struct situation){CTX_DIALOG | CTX_TEXT | CTX_MOVE, true};
}

static void draw(struct ui *ui, struct screen *screen, struct area a)
{
    struct send *s = (struct send *)screen;
    struct area box;

    screen->below->ops->draw(ui, screen->below, a);
    a.c->cursor = false;
    box = chrome_box(a, 6, 68, s->receive ? _("Receive from the office") : _("Send to the office"));
    area_z(box, 0, 0, STYLE_NORMAL, _("Folder of the stick, or address"));
    edit_draw(&s->place, area_sub(box, 1, 0, 1, box.cols), !s->working);
    chrome_paragraph(
        ui, box, 3, 0, STYLE_HINT,
        str_of(s->working ? _("Working …") : _("Empty: the place the office has set.")));
}

const struct screen_ops screen_send = {
    .size = sizeof(struct send),
    .situation = situation,
    .input = input,
    .draw = draw,
    .close = close_,
};
