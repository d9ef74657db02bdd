/* The one-page card of keys, out of the table of actions and a person's preferences. */
#ifndef APP_CMD_KEY_CARD_H
#define APP_CMD_KEY_CARD_H

#include "app/view/keymap.h"

/* A line an action, in sections by where the hands are: keys, what they do, and [the name] that a
 * preference `key.NAME` gives other keys to. */
void key_card(const struct keymap *keys, struct buf *out);

#endif
