/* A line of a form script as words: split on blanks, "…" for text with blanks (\" \\ \n within), a word
 * that begins with # starts a comment. */
#ifndef FORMS_RUN_SCRIPT_WORDS_H
#define FORMS_RUN_SCRIPT_WORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "forms/base/arena.h"
#include "forms/base/str.h"

struct words {
    struct str *v;
    size_t n;
};

/* False: a quote that doesn't end, or something right behind one that does. */
bool script_words(struct str line, struct arena *a, struct words *ret);

#endif
