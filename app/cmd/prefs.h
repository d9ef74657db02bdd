/* A person's preferences on this computer: $XDG_CONFIG_HOME/cacah/config (~/.config/cacah/config), lines of
 * `key = value`, `#` comments:
 *
 *     language = en            id or en, until F5 chooses another in the survey
 *     colours = no             as NO_COLOR does
 *     mouse = no               the terminal's own selecting stays
 *     key.take = Enter Tab     an action's keys; the help screen names the actions
 *
 * Nothing of the survey is here: that is in the office's signed configuration (decisions.md 26). */
#ifndef APP_CMD_PREFS_H
#define APP_CMD_PREFS_H

#include "app/view/keymap.h"

struct prefs {
    struct keymap keys;
    const char *language; /* "id", "en"; NULL: not said */
    bool colours, mouse;
};

/* Without the file: the defaults. A line that says nothing we know is passed over, with a warning
 * `FILE:LINE: …` each appended to `warnings`. False: the file is there but can't be read. */
MUST_USE bool prefs_read(struct prefs *ret, struct buf *warnings, struct err *e);
/* The same of text. `name` stands in the warnings. */
void prefs_parse(struct prefs *ret, struct str text, const char *name, struct buf *warnings);

#endif
