/* Draw, wait, hand on. */
#include "app/ui/loop.h"

#include <signal.h>

#include "app/ui/term.h"

#define TICK_MS 1000 /* the clock on the screen, buffered moves, locking */

static void resize(struct ui *ui)
{
    int rows, cols;

    term_size(&rows, &cols);
    ui_resize(ui, rows, cols);
}

static void click(struct ui *ui)
{
    int y, x;

    term_click(&y, &x);
    ui_click(ui, y, x);
}

static void draw(struct ui *ui)
{
    if (ui->beep)
        term_beep();
    ui->beep = false;
    ui_draw(ui);
    term_draw(&ui->canvas);
}

/* One round: what came is handed on, but for what the caller alone can answer. */
static enum term_event go_round(struct ui *ui, int wait_ms)
{
    struct key k;
    draw(ui);
    enum term_event what = term_wait(wait_ms, &k);
    switch (what) {
    case TERM_KEY: ui_key(ui, k); break;
    case TERM_RESIZED: resize(ui); break;
    case TERM_CLICK: click(ui); break;
    case TERM_WHEEL_UP: ui_wheel(ui, false); break;
    case TERM_WHEEL_DOWN: ui_wheel(ui, true); break;
    case TERM_TIMEOUT:
    case TERM_END: break;
    }
    return what;
}

/* Within work that lasts, where the clock does not lock a screen that is at work. */
static bool pump(struct ui *ui, int wait_ms)
{
    return go_round(ui, wait_ms) != TERM_END; /* the loop meets it again */
}

bool ui_run(const struct ui_start *start, struct err *e)
{
    struct ui ui;
    int rows, cols, sig = 0;

    if (!term_open(!start->no_colours, !start->no_mouse, e))
        return false;
    term_size(&rows, &cols);
    ui_init(&ui, start, rows, cols);
    ui.pump = pump;
    while (!ui.quit && !sig) {
        enum term_event what = go_round(&ui, ui_work(&ui) ? 0 : TICK_MS);
        if (what == TERM_TIMEOUT)
            ui_tick(&ui);
        else if (what == TERM_END)
            sig = term_signal() ? term_signal() : SIGHUP;
    }
    if (sig)
        ui_save(&ui);
    ui_done(&ui);
    term_close();
    if (sig) { /* for a parent that looks at how it ended */
        signal(sig, SIG_DFL);
        raise(sig);
    }
    return true;
}
