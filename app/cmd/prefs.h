/* A person's preferences on this computer: $XDG_CONFIG_HOME/cacah/config (~/.config/cacah/config), lines of
 * `key = value`, `#` comments:
 *
 *     language = en            id or en, until F5 chooses another in the survey
 *     colours = no             as NO_COLOR does
 *     mouse = no               the terminal's own selecting stays
 *     key.take = Enter Tab     an action's keys; the help screen names the actions
 *     ssh-key = ~/.ssh/survey  how this computer logs in by sftp://, unless --key says otherwise
 *     pin = sha256//BASE64     the key of the https:// server, unless --pin says otherwise
 *
 * Nothing of the survey is here: that is in the office's signed configuration. */
#ifndef APP_CMD_PREFS_H
#define APP_CMD_PREFS_H

#include "app/view/keymap.h"

#define PREFS_PATH_MAX 4096

struct prefs {
    struct keymap keys;
    const char *language; /* "id", "en"; NULL: not said */
    bool colours, mouse;
    char ssh_key[PREFS_PATH_MAX], pin[64]; /* "": not said */
};

/* Without the file: the defaults. A line that says nothing we know is passed over, with a warning
 * `FILE:LINE: …` each appended to `warnings`. False: the file is there but can't be read. */
MUST_USE bool prefs_read(struct prefs *ret, struct buf *warnings, struct err *e);
/* A preference's text, NULL when nothing is said. */
const char *prefs_said(const char *text);
/* The same of text. `name` stands in the warnings. */
void prefs_parse(struct prefs *ret, struct str text, const char *name, struct buf *warnings);

#endif
