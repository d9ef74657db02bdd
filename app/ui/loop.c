/* Draw, wait, hand on. */
#include "app/ui/loop.h"

#include <signal.h>

#include "app/ui/term.h"

#define TICK_MS    1000  /* the clock on the screen, buffered moves, locking */
#define BATCH_KEYS 65536 /* so many of a paste, then something is shown of it */

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

/* True: nothing has to be seen before the next key is taken. Text is text whatever was drawn, and a key
 * that did nothing has changed nothing. */
static bool take_key(struct ui *ui, struct key k)
{
    bool text = k.pasted || (key_is_text(k) && ui_situation(ui).typing);

    ui_key(ui, k);
    return (text || ui->beep) && !ui->later && !ui->quit;
}

/* What is typed or pasted faster than it can be drawn is taken as a whole: one frame, one beep. */
static enum term_event take_keys(struct ui *ui, struct key k)
{
    enum term_event what = TERM_KEY;

    for (int n = 1; what == TERM_KEY && take_key(ui, k); n++) {
        if (n == BATCH_KEYS)
            return TERM_KEY;
        what = term_wait(0, &k);
    }
    return what == TERM_TIMEOUT ? TERM_KEY : what;
}

/* One round: what came is handed on, but for what the caller alone can answer. */
static enum term_event go_round(struct ui *ui, int wait_ms)
{
    struct key k;
    draw(ui);
    enum term_event what = term_wait(wait_ms, &k);

    if (what == TERM_KEY)
        what = take_keys(ui, k);
    switch (what) {
    case TERM_KEY: break;
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
    for (int n = 1; n <= 12; n++)
        ui.keys.absent |= term_has_function_key(n) ? 0 : 1u << n;
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
