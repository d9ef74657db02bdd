/* The terminal app: the screens of app/view on the terminal of app/ui/term.c until the person
 * leaves or a signal comes. */
#ifndef APP_UI_LOOP_H
#define APP_UI_LOOP_H

#include "app/view/ui.h"

/* False: there is no terminal, with the reason. True when the person has left; after a signal
 * the program ends by that signal, with everything on the disk and the terminal as it was. */
MUST_USE bool ui_run(const struct ui_start *start, struct err *e);

#endif
