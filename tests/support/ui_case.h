/* The screens over a store of their own, without a terminal: keys by name go in, the drawn
 * canvas comes out as text. The clock stands at 2026-01-01 08:00 in a zone 8 hours east; what is
 * drawn from a real clock or from randomness (times of saving, respondents' codes) is masked in
 * the text. */
#ifndef TESTS_SUPPORT_UI_CASE_H
#define TESTS_SUPPORT_UI_CASE_H

#include "app/view/ui.h"

#define UI_CASE_LOCK_MINUTES 5
#define UI_CASE_PASSPHRASE   "lima kata yang dikenal"

struct ui_case {
    char folder[64];
    char path[96];
    struct ui_start start;
    struct ui ui;
    bool open;
};

void ui_case_setup(struct ui_case *c);
void ui_case_teardown(struct ui_case *c);
/* Puts the file (and the lists beside it) into the store, which is made when there is none. */
MUST_USE bool ui_case_form(struct ui_case *c, const char *path, struct err *e);
/* Assignments, and quotas of the config, out of CSV files; before the screens are open. */
MUST_USE bool ui_case_tasks(struct ui_case *c, const char *path, struct err *e);
MUST_USE bool ui_case_quotas(struct ui_case *c, const char *path, struct err *e);
/* Opens the screens: the one to unlock, or of the first start. */
void ui_case_start(struct ui_case *c, int rows, int cols, const char *language);
/* The same, and with a store unlocks it by typing. */
void ui_case_open(struct ui_case *c, int rows, int cols, const char *language);
/* `Enter`, `Ctrl-G`, `"typed text"`; false: no such key. Draws after each. */
bool ui_case_keys(struct ui_case *c, struct str keys);
/* What the screen shows now. */
void ui_case_text(struct ui_case *c, struct buf *out);

#endif
