/* Sending and receiving: where to, out of what is known (the office's place, the last one, sticks plugged in) or
 * typed; what waits; then the transfer (v_network.c), and what happened in a sentence or two with what to do
 * next. */
#include "app/flow/courier.h"
#include "app/tr.h"
#include "app/view/edit.h"
#include "app/view/ui.h"

#define PLACE_MAX 4000
#define BOX_COLS  70
#define KIND_COLS 20

struct send {
    struct screen s;
    bool receive;
    struct arena a; /* of the targets */
    struct courier_target *targets;
    size_t n, at; /* at n: the place that is typed */
    struct edit place;
    uint64_t pending;
};

/* Sticks come and go while the screen is open; the row chosen stays, by its place. */
static bool look_around(struct ui *ui, struct send *s, struct err *e)
{
    struct arena a;
    struct courier_target *targets;
    size_t n, at;

    arena_init(&a);
    if (!courier_targets(ui->survey, ui->start->mounts, &a, &targets, &n, e)) {
        arena_done(&a);
        return false;
    }
    for (at = 0; at < n && s->at < s->n; at++)
        if (str_eq(targets[at].place, s->targets[s->at].place))
            break;
    if (s->at == s->n) /* at the field, which may be begun; but empty and the first one comes */
        at = edit_text(&s->place).n || s->n ? n : 0;
    else if (at == n)
        at = 0;
    arena_done(&s->a);
    s->a = a;
    s->targets = targets;
    s->n = n;
    s->at = at;
    return true;
}

bool send_open(struct ui *ui, bool receive)
{
    struct store_counts counts;
    struct err e = {0};
    struct send *s;

    if (ui->practice) {
        ui_note(ui, STYLE_WARNING, _("Practice is never sent."));
        return false;
    }
    if (receive ? !ui->start->receive : !ui->start->send)
        return false;
    s = (struct send *)ui_push(ui, &screen_send);
    s->receive = receive;
    arena_init(&s->a);
    edit_init(&s->place, PLACE_MAX);
    if (store_counts(survey_store(ui->survey), &counts, &e) && look_around(ui, s, &e)) {
        s->pending = counts.pending;
        return true;
    }
    ui_pop(ui);
    ui_fail(ui, &e);
    return true;
}

static void close_(struct ui *ui, struct screen *screen)
{
    struct send *s = (struct send *)screen;

    (void)ui;
    edit_done(&s->place);
    arena_done(&s->a);
}

static void work(struct ui *ui)
{
    struct send *s = (struct send *)ui->top;
    bool receive = s->receive;
    const char *title = receive ? _("Receive from the office") : _("Send to the office");
    struct str place = s->at < s->n ? s->targets[s->at].place : edit_text(&s->place);
    const struct transport_user *user = network_open(ui, title, NETWORK_STOPS);
    struct err e = {0};
    struct buf report;
    bool ok;

    buf_init(&report, LIMIT_CELL_BYTES);
    ok = (receive ? ui->start->receive : ui->start->send)(ui->start->ctx, ui->survey, place, user,
                                                          &report, &e);
    network_close(ui);
    if (ok || err_is(&e, &ERR_STOPPED))
        ui_pop(ui); /* else the place may be mended */
    if (ok)
        ui_tell(ui, receive ? _("Received") : _("Sent"), buf_str(&report));
    else
        ui_fail(ui, &e);
    buf_done(&report);
}

static enum handled input(struct ui *ui, struct screen *screen, const struct input *in)
{
    struct send *s = (struct send *)screen;
    enum handled did;

    switch ((int)in->action) {
    case ACTION_UP:
    case ACTION_PREVIOUS: s->at = s->at ? s->at - 1 : s->n; return HANDLED;
    case ACTION_DOWN:
    case ACTION_NEXT: s->at = s->at < s->n ? s->at + 1 : 0; return HANDLED;
    case ACTION_ACCEPT:
        if (s->at == s->n && edit_text(&s->place).n == 0)
            return REFUSED;
        ui->later = work;
        return HANDLED;
    case ACTION_CLOSE: return IGNORED;
    default: break;
    }
    did = ui_edit(&s->place, in);
    if (did == HANDLED)
        s->at = s->n;
    return did;
}

static struct situation situation(const struct screen *s)
{
    (void)s;
    return (struct situation){CTX_DIALOG | CTX_TEXT | CTX_MOVE, true};
}

static bool look_again(struct ui *ui, struct screen *screen)
{
    struct send *s = (struct send *)screen;
    struct err ignored = {0}; /* what was there when the screen opened is still shown */
    size_t n = s->n;

    return look_around(ui, s, &ignored) && s->n != n; /* drawn anew when one came or went */
}

static const char *kind_of(enum courier_way way)
{
    switch (way) {
    case WAY_OFFICE: return _("set by the office");
    case WAY_LAST: return _("the last time");
    case WAY_STICK: break;
    }
    return _("stick, plugged in");
}

static int draw_target(struct area a, int y, bool chosen, const char *kind, struct str place)
{
    int wide = a.cols - KIND_COLS - 3;

    area_z(a, y, 0, STYLE_NORMAL, chosen ? "▸" : " ");
    if (place.n > (size_t)wide) /* its end tells more: the folder */
        place = str_from(place, place.n - (size_t)wide);
    area_text(a, y, 2, wide, chosen ? STYLE_BOLD : STYLE_NORMAL, place);
    area_text(a, y, a.cols - KIND_COLS, KIND_COLS, STYLE_HINT, str_of(kind));
    return y + 1;
}

static void draw_pending(struct ui *ui, const struct send *s, struct area a)
{
    struct buf text;

    buf_init(&text, 512);
    if (s->pending)
        buf_printf(&text,
                   tr_n("%llu interview waits for the office's receipt.",
                        "%llu interviews wait for the office's receipt.", s->pending),
                   (unsigned long long)s->pending);
    else
        buf_add_z(&text, _("No interview waits for the office's receipt."));
    chrome_paragraph(ui, a, 0, 0, STYLE_NORMAL, buf_str(&text));
    buf_done(&text);
}

static void draw(struct ui *ui, struct screen *screen, struct area a)
{
    struct send *s = (struct send *)screen;
    struct area box;
    int y = 2;

    screen->below->ops->draw(ui, screen->below, a);
    a.c->cursor = false;
    box = chrome_box(a, (int)s->n + 7, BOX_COLS,
                     s->receive ? _("Receive from the office") : _("Send to the office"));
    draw_pending(ui, s, box);
    for (size_t i = 0; i < s->n; i++)
        y = draw_target(box, y, i == s->at, kind_of(s->targets[i].way), s->targets[i].place);
    area_z(box, y, 0, STYLE_NORMAL, s->at == s->n ? "▸" : " ");
    area_z(box, y, 2, STYLE_NORMAL, _("Another folder, or an address (sftp://…, https://…):"));
    edit_draw(&s->place, area_sub(box, y + 1, 2, 1, box.cols - 2), s->at == s->n);
    chrome_paragraph(
        ui, box, y + 3, 0, STYLE_HINT,
        str_of(s->n ? _("↑ ↓ choose where. A stick that is plugged in now comes by itself.")
                    : _("No place is known yet. A stick that is plugged in now comes by itself.")));
}

const struct screen_ops screen_send = {
    .size = sizeof(struct send),
    .situation = situation,
    .input = input,
    .draw = draw,
    .work = look_again,
    .close = close_,
};
