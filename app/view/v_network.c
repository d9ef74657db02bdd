/* A transfer, as it is looked at: what is under way, how far, how long yet; a host met for the first time and
 * its key; a password typed unseen; Esc, which stops it at any byte. It runs within one call of the transport,
 * which asks back here (struct transport_user); meanwhile ui->pump keeps the terminal alive. Nothing else can
 * be opened over it, so it is on top until it is closed. */
#include <assert.h>
#include <stdio.h>

#include "app/flow/courier.h"
#include "app/flow/host.h"
#include "app/tr.h"
#include "app/view/edit.h"
#include "app/view/ui.h"

#define SECRET_MAX 512
#define WAIT_MS    1000
#define POLL_MS    50 /* how often keys are looked for while bytes move */
#define BOX_COLS   66
#define BOX_ROWS   9
#define NAME_SHOWN 200
#define SETTLE_MS  1000 /* before that no time left is told */

enum doing { WORKING, MOVING, TRUSTING, ASKING };

struct network {
    struct screen s;
    struct transport_user user;
    const char *title, *stops;
    enum doing doing;
    bool stopped;
    bool answered, yes; /* TRUSTING, ASKING */
    struct buf what;    /* the host; whom a password lets in */
    struct buf key;     /* the host's, shown */
    const char *asks;
    struct edit secret;
    /* MOVING */
    char name[NAME_SHOWN];
    uint64_t done, total, first;
    int64_t ms, first_ms;
    unsigned tries;
    bool news; /* since the keys were looked for */
    int64_t polled_ms;
};

/* ---- the transport asks ---- */

static struct network *on_top(void *ctx)
{
    struct ui *ui = ctx;

    assert(ui->top->ops == &screen_network);
    return (struct network *)ui->top;
}

/* Draws and takes a key, if one comes. Where nobody can be waited for, or has gone, it stops. */
static void look(struct ui *ui, struct network *n, int wait_ms)
{
    n->polled_ms = host_steady_ms();
    n->news = false;
    if (ui->pump && !ui->pump(ui, wait_ms))
        n->stopped = true;
}

static bool nobody_there(const struct ui *ui)
{
    int64_t idle = ui_now(ui).ms - ui->last_key_ms;

    return !ui->pump ||
           (ui->start->lock_minutes && idle >= ui->start->lock_minutes * (int64_t)60000);
}

/* Until there is an answer; nobody's is none, and the screen locks itself behind it. */
static bool wait_for_answer(struct ui *ui, struct network *n, enum doing doing)
{
    n->doing = doing;
    n->answered = n->yes = false;
    while (!n->answered && !n->stopped) {
        if (nobody_there(ui))
            n->stopped = true;
        else
            look(ui, n, WAIT_MS);
    }
    n->doing = WORKING;
    if (!n->stopped)
        look(ui, n, 0);
    return n->yes;
}

static bool trust(void *ctx, const char *host, const char *fingerprint)
{
    struct network *n = on_top(ctx);

    buf_clear(&n->what);
    buf_clear(&n->key);
    buf_add_z(&n->what, host);
    buf_add_z(&n->key, fingerprint);
    return wait_for_answer(ctx, n, TRUSTING);
}

static bool ask(void *ctx, enum transport_asks what, const char *whom, struct secret **ret)
{
    struct network *n = on_top(ctx);
    bool given;

    buf_clear(&n->what);
    buf_add_z(&n->what, whom);
    n->asks = what == ASK_PASSWORD ? N_("Password of") : N_("Passphrase of the key");
    edit_clear(&n->secret);
    given = wait_for_answer(ctx, n, ASKING);
    if (given)
        *ret = secret_copy(edit_text(&n->secret).p, edit_text(&n->secret).n);
    edit_clear(&n->secret);
    return given;
}

static void progress(void *ctx, const struct transport_progress *p)
{
    struct network *n = on_top(ctx);

    if (p && p->why)
        return; /* the tries are shown while it moves */
    n->news = true;
    if (!p) {
        n->doing = WORKING;
        return;
    }
    if (n->doing != MOVING || p->done < n->done) { /* another file, or this one anew */
        n->first = p->done;
        n->first_ms = p->ms;
    }
    n->doing = MOVING;
    snprintf(n->name, sizeof n->name, "%s", p->name);
    n->done = p->done;
    n->total = p->total;
    n->ms = p->ms;
    n->tries = p->tries;
}

static bool stop(void *ctx)
{
    struct network *n = on_top(ctx);

    if (!n->stopped && (n->news || host_steady_ms() - n->polled_ms >= POLL_MS))
        look(ctx, n, 0);
    return n->stopped;
}

const struct transport_user *network_open(struct ui *ui, const char *title, const char *stops)
{
    struct network *n = (struct network *)ui_push(ui, &screen_network);

    n->title = title;
    n->stops = stops;
    n->user = (struct transport_user){.ctx = ui,
                                      .ask = ask,
                                      .trust = trust,
                                      .progress = progress,
                                      .stop = stop,
                                      .key = ui->start->ssh_key,
                                      .pin = ui->start->pin};
    buf_init(&n->what, 8192);
    buf_init(&n->key, 256);
    edit_init_secret(&n->secret, SECRET_MAX);
    return &n->user;
}

void network_close(struct ui *ui)
{
    on_top(ui);
    ui_pop(ui);
}

/* ---- the screen ---- */

static void close_(struct ui *ui, struct screen *screen)
{
    struct network *n = (struct network *)screen;

    (void)ui;
    buf_done(&n->what);
    buf_done(&n->key);
    edit_done(&n->secret);
}

static enum handled answer(struct network *n, bool yes)
{
    n->answered = true;
    n->yes = yes;
    return HANDLED;
}

static enum handled input(struct ui *ui, struct screen *screen, const struct input *in)
{
    struct network *n = (struct network *)screen;
    enum handled did;

    (void)ui;
    if (in->action == ACTION_LANGUAGE)
        return IGNORED;
    if (in->action == ACTION_CLOSE && n->doing == TRUSTING)
        return answer(n, false);
    if (in->action == ACTION_CLOSE) {
        n->stopped = true;
        return HANDLED;
    }
    if (n->doing == TRUSTING && in->action == ACTION_ACCEPT)
        return answer(n, true);
    if (n->doing != ASKING)
        return REFUSED;
    if (in->action == ACTION_ACCEPT)
        return edit_text(&n->secret).n ? answer(n, true) : REFUSED;
    did = ui_edit(&n->secret, in);
    return did == IGNORED ? REFUSED : did;
}

static struct situation situation(const struct screen *screen)
{
    const struct network *n = (const struct network *)screen;

    return n->doing == ASKING ? (struct situation){CTX_DIALOG | CTX_TEXT | CTX_MOVE, true}
                              : (struct situation){CTX_DIALOG, false};
}

static bool hides(struct ui *ui, const struct screen *screen, enum action a)
{
    const struct network *n = (const struct network *)screen;

    (void)ui;
    return (a == ACTION_ACCEPT && (n->doing == WORKING || n->doing == MOVING)) || a == ACTION_HELP;
}

/* "512 of 1,024 KiB, about 3 s left" */
static void add_amount(const struct network *n, struct buf *out)
{
    unsigned long long done = (n->done + 1023) >> 10, total = (n->total + 1023) >> 10;
    uint64_t moved = n->done - n->first;
    int64_t took = n->ms - n->first_ms;

    if (!n->total) {
        buf_printf(out, _("%llu KiB"), done);
        return;
    }
    buf_printf(out, _("%llu of %llu KiB"), done, total);
    if (moved && took >= SETTLE_MS && n->total > n->done) {
        double left = (double)(n->total - n->done) * (double)took / (double)moved / 1000;
        buf_printf(out, _(", about %lld s left"), (long long)left + 1);
    }
}

static void draw_moving(struct ui *ui, const struct network *n, struct area a)
{
    struct buf text;

    buf_init(&text, 1024);
    area_text(a, 0, 0, a.cols, STYLE_NORMAL, str_of(n->name));
    area_bar(a, 1, 0, a.cols, STYLE_NORMAL, n->done, n->total);
    add_amount(n, &text);
    area_text(a, 2, 0, a.cols, STYLE_NORMAL, buf_str(&text));
    buf_clear(&text);
    if (n->tries) {
        buf_printf(&text,
                   tr_n("The connection broke off; tried again %u time.",
                        "The connection broke off; tried again %u times.", n->tries),
                   n->tries);
        area_text(a, 3, 0, a.cols, STYLE_WARNING, buf_str(&text));
    }
    chrome_paragraph(ui, a, 5, 0, STYLE_HINT, str_of(n->stops));
    buf_done(&text);
}

static void draw_trusting(struct ui *ui, const struct network *n, struct area a)
{
    struct buf text;
    int y;

    buf_init(&text, 1024);
    buf_printf(&text, _("%s is met for the first time. Its key:"), n->what.p);
    y = chrome_paragraph(ui, a, 0, 0, STYLE_NORMAL, buf_str(&text)) + 1;
    area_text(a, y, 2, a.cols - 2, STYLE_BOLD, buf_str(&n->key));
    chrome_paragraph(ui, a, y + 2, 0, STYLE_HINT,
                     str_of(_("Is it the one that the office has told? Enter: yes, from now on no "
                              "other is taken. Esc: no, nothing is sent.")));
    buf_done(&text);
}

static void draw_asking(struct ui *ui, struct network *n, struct area a)
{
    struct buf text;
    int y;

    buf_init(&text, 16384);
    buf_printf(&text, "%s %s", _(n->asks), n->what.p);
    y = chrome_paragraph(ui, a, 0, 0, STYLE_NORMAL, buf_str(&text)) + 1;
    edit_draw(&n->secret, area_sub(a, y, 0, 1, a.cols), true);
    chrome_paragraph(ui, a, y + 2, 0, STYLE_HINT,
                     str_of(_("It is kept for this transfer alone. Esc: stop.")));
    buf_done(&text);
}

static void draw(struct ui *ui, struct screen *screen, struct area a)
{
    struct network *n = (struct network *)screen;
    struct area box;

    screen->below->ops->draw(ui, screen->below, a);
    a.c->cursor = false;
    box = chrome_box(a, BOX_ROWS, BOX_COLS, n->title);
    box = area_sub(box, 1, 0, box.rows - 1, box.cols);
    if (n->stopped)
        area_z(box, 0, 0, STYLE_HINT, _("Stopping …"));
    else if (n->doing == TRUSTING)
        draw_trusting(ui, n, box);
    else if (n->doing == ASKING)
        draw_asking(ui, n, box);
    else if (n->doing == MOVING)
        draw_moving(ui, n, box);
    else
        area_z(box, 0, 0, STYLE_HINT, _("Working …"));
}

const struct screen_ops screen_network = {
    .size = sizeof(struct network),
    .situation = situation,
    .input = input,
    .draw = draw,
    .hides = hides,
    .close = close_,
};
