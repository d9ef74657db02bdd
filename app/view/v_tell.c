/* Boxes over a screen: something is told (Enter or Esc closes it, nothing else does, so that it
 * isn't typed away unread), or asked (Enter yes, Esc no). */
#include "app/tr.h"
#include "app/view/text.h"
#include "app/view/ui.h"

struct tell {
    struct screen s;
    struct buf title, text;
    void (*yes)(struct ui *ui); /* of a question */
};

static void open_box(struct ui *ui, const struct screen_ops *ops, const char *title,
                     struct str text, void (*yes)(struct ui *ui))
{
    struct tell *t = (struct tell *)ui_push(ui, ops);

    buf_init(&t->title, 512);
    buf_init(&t->text, LIMIT_CELL_BYTES);
    buf_add_z(&t->title, title);
    buf_add_str(&t->text, text);
    t->yes = yes;
}

void ui_tell(struct ui *ui, const char *title, struct str text)
{
    open_box(ui, &screen_tell, title, text, NULL);
}

void ui_fail(struct ui *ui, const struct err *e)
{
    struct buf text;

    buf_init(&text, LIMIT_CELL_BYTES);
    err_text(e, tr, &text);
    if (e->kind->hint) {
        buf_add_c(&text, '\n');
        buf_add_z(&text, _(e->kind->hint));
    }
    ui_tell(ui, e->kind->cls == ERR_COULD ? _("This did not work") : _("This cannot be done"),
            buf_str(&text));
    buf_done(&text);
}

void ask_open(struct ui *ui, const char *question, struct str detail, void (*yes)(struct ui *ui))
{
    open_box(ui, &screen_ask, question, detail, yes);
}

static void close_(struct ui *ui, struct screen *screen)
{
    struct tell *t = (struct tell *)screen;

    (void)ui;
    buf_done(&t->title);
    buf_wipe_done(&t->text);
}

static struct situation situation(const struct screen *s)
{
    (void)s;
    return (struct situation){CTX_DIALOG, false};
}

static enum handled tell_input(struct ui *ui, struct screen *s, const struct input *in)
{
    (void)s;
    if (in->action != ACTION_ACCEPT && in->action != ACTION_CLOSE)
        return in->action == ACTION_LANGUAGE ? IGNORED : REFUSED;
    ui_pop(ui);
    return HANDLED;
}

static enum handled ask_input(struct ui *ui, struct screen *s, const struct input *in)
{
    void (*yes)(struct ui *) = ((struct tell *)s)->yes;

    if (in->action == ACTION_ACCEPT) {
        ui_pop(ui);
        yes(ui);
        return HANDLED;
    }
    return tell_input(ui, s, in);
}

static void draw_box(struct ui *ui, struct screen *screen, struct area a, const char *keys)
{
    struct tell *t = (struct tell *)screen;
    struct lines l;
    struct area box;

    if (screen->below)
        screen->below->ops->draw(ui, screen->below, a);
    a.c->cursor = false;
    l = text_wrap(&ui->scratch, buf_str(&t->text), 64);
    box = chrome_box(a, l.n + 4, 64, t->title.p);
    for (int i = 0; i < l.n && i + 4 < box.rows; i++)
        area_text(box, 1 + i, 0, box.cols, STYLE_NORMAL, l.v[i]);
    area_z(box, box.rows - 2, 0, STYLE_HINT, keys);
}

static void tell_draw(struct ui *ui, struct screen *s, struct area a)
{
    draw_box(ui, s, a, _("Enter: go on"));
}

static void ask_draw(struct ui *ui, struct screen *s, struct area a)
{
    draw_box(ui, s, a, _("Enter: yes     Esc: no"));
}

const struct screen_ops screen_tell = {
    .size = sizeof(struct tell),
    .situation = situation,
    .input = tell_input,
    .draw = tell_draw,
    .close = close_,
};

const struct screen_ops screen_ask = {
    .size = sizeof(struct tell),
    .situation = situation,
    .input = ask_input,
    .draw = ask_draw,
    .close = close_,
};
