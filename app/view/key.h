/* A key as a person presses it, free of any terminal: a character or a named key, with Ctrl and
 * Shift. keys.def names them; the same names are written in action.def and in a person's
 * configuration. */
#ifndef APP_VIEW_KEY_H
#define APP_VIEW_KEY_H

#include <stdbool.h>
#include <stdint.h>

#include "forms/base/buf.h"
#include "forms/base/str.h"

#define KEY_FIRST_NAMED 0x110000u /* past the last character */

enum key_code {
    KEY_BEFORE_NAMED = KEY_FIRST_NAMED - 1,
#define KEY(id, name, short_name) K_##id,
#include "app/view/keys.def"
#undef KEY
    K_END
};

enum { MOD_CTRL = 1, MOD_SHIFT = 2 };

struct key {
    uint32_t code; /* a character, or enum key_code */
    uint8_t mods;  /* Ctrl-letter: the small letter with MOD_CTRL; Shift only on named keys */
    bool pasted;   /* it is text, whatever it looks like */
};

static inline bool key_eq(struct key a, struct key b)
{
    return a.code == b.code && a.mods == b.mods;
}

/* It can be typed into a text. */
bool key_is_text(struct key k);
/* "Enter", "Ctrl-G", "Shift-F9", "?", "Space"; false: no such name. */
bool key_parse(struct str name, struct key *ret);
bool key_label(struct key k, struct buf *out);

#endif
