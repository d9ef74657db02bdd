/* From a key to an action, by what the hands are on (contexts) and whether a text is being typed
 * there: printing characters are commands only where none is. Made from action.def; a person's
 * configuration may give an action other keys. */
#ifndef APP_VIEW_KEYMAP_H
#define APP_VIEW_KEYMAP_H

#include <stdbool.h>
#include <stdint.h>

#include "app/errors.h"
#include "app/view/key.h"

enum {
    CTX_ALL = 1 << 0,
    CTX_INTERVIEW = 1 << 1,
    CTX_PLAIN = 1 << 2, /* a question with nothing to type or choose */
    CTX_CHOICES = 1 << 3,
    CTX_REPEAT = 1 << 4, /* the table of a repeat's rows */
    CTX_MOVE = 1 << 5,   /* something with a cursor in it */
    CTX_TEXT = 1 << 6,
    CTX_LINES = 1 << 7, /* a text of several lines */
    CTX_LIST = 1 << 8,
    CTX_DIALOG = 1 << 9,
    CTX_CONTENTS = 1 << 10,
    CTX_FINISH = 1 << 11,
    CTX_HOME = 1 << 12,
    CTX_GEO = 1 << 13, /* a place, which a receiver can tell */
    CTX_INBOX = 1 << 14,
    CTX_ENTRY = 1 << 15, /* a text that is no answer: what is searched for, a name */
};

enum action {
    ACTION_NONE,
#define ACTION(id, name, contexts, keys, word, help) ACTION_##id,
#include "app/view/action.def"
#undef ACTION
    ACTIONS
};

struct action_info {
    const char *name;
    unsigned contexts;
    const char *keys; /* the defaults */
    const char *word; /* on the bottom line; NULL: not there. To be translated, as is: */
    const char *help;
};
const struct action_info *action_info(enum action a);

struct situation {
    unsigned contexts;
    bool typing; /* printing characters are text */
};

#define KEYS_PER_ACTION 4

struct keymap {
    struct key keys[ACTIONS][KEYS_PER_ACTION]; /* code 0: none */
    unsigned absent;                           /* bit n: this terminal has no F-n to press */
};

void keymap_init(struct keymap *m);
/* `key.NAME = KEYS` of a configuration: replaces the keys of the action. */
MUST_USE bool keymap_set(struct keymap *m, struct str action, struct str keys, struct err *e);
enum action keymap_find(const struct keymap *m, struct situation s, struct key k);
/* The first key of the action that works in the situation, of those the terminal has if it has one; false:
 * none does. */
bool keymap_key(const struct keymap *m, struct situation s, enum action a, struct key *ret);
static inline bool action_works(struct situation s, enum action a)
{
    return (action_info(a)->contexts & s.contexts) != 0;
}

/* What a screen or a widget is given: the action a key stands for here, if any, and the key. */
struct input {
    enum action action;
    struct key key;
};

#endif
