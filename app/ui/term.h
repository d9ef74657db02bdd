/* The terminal, the only place that knows curses: opens it (raw, no flow control, short Esc
 * delay, alternate screen), sends what differs of a canvas, reads keys, and puts everything back
 * on the way out, whichever way that is: by return, by a signal, by a crash. One terminal a
 * process. */
#ifndef APP_UI_TERM_H
#define APP_UI_TERM_H

#include "app/errors.h"
#include "app/view/canvas.h"
#include "app/view/key.h"

/* ERR_TERMINAL when there is none, or one that can't move its cursor. */
MUST_USE bool term_open(bool colours, bool mouse, struct err *e);
void term_close(void);
/* The same from a signal handler or out of memory: no allocation, no locks. Nothing when not
 * open. */
void term_restore(void);

void term_size(int *ret_rows, int *ret_cols);
/* Sends the cells that differ from what is shown. */
void term_draw(const struct canvas *c);
/* Forgets what is shown: the next draw sends every cell. */
void term_redraw(void);
void term_beep(void);
/* Whether the terminal's entry has such a key, F1 to F12. */
bool term_has_function_key(int n);

enum term_event {
    TERM_KEY,
    TERM_TIMEOUT,
    TERM_RESIZED, /* or come back from being stopped: draw anew */
    TERM_CLICK,   /* term_click tells where */
    TERM_WHEEL_UP,
    TERM_WHEEL_DOWN,
    TERM_END, /* SIGTERM, SIGHUP, SIGINT, or the terminal is gone */
};
enum term_event term_wait(int timeout_ms, struct key *ret);
void term_click(int *ret_y, int *ret_x);
/* The number of the signal that ended it, 0: none. */
int term_signal(void);

#endif
