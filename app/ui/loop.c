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

static void draw(struct ui *ui)
{
    if (ui->beep)
        term_beep();
    ui->beep = false;
    ui_draw(ui);
    term_draw(&ui->canvas);
}

/* Within work that lasts: the same round once, but the clock does not lock a screen that is at work. */
static bool pump(struct ui *ui, int wait_ms)
{
    struct key k;

    draw(ui);
    switch (term_wait(wait_ms, &k)) {
    case TERM_KEY: ui_key(ui, k); break;
    case TERM_RESIZED: resize(ui); break;
    case TERM_TIMEOUT: break;
    case TERM_END: return false; /* the loop meets it again */
    }
    return true;
}

bool ui_run(const struct ui_start *start, struct err *e)
{
    struct ui ui;
    struct key k;
    int rows, cols, sig = 0;

    if (!term_open(!start->no_colours, e))
        return false;
    term_size(&rows, &cols);
    ui_init(&ui, start, rows, cols);
    ui.pump = pump;
    while (!ui.quit && !sig) {
        draw(&ui);
        switch (term_wait(ui_work(&ui) ? 0 : TICK_MS, &k)) {
        case TERM_KEY: ui_key(&ui, k); break;
        case TERM_TIMEOUT: ui_tick(&ui); break;
        case TERM_RESIZED: resize(&ui); break;
        case TERM_END: sig = term_signal() ? term_signal() : SIGHUP; break;
        }
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
