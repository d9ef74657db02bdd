/* The languages of a form, and its texts: runs of literal and reference for each language. The whole of what
 * stands after `label::` is a language's identity; a code in parentheses at its end is split off. */
#ifndef FORMS_MODEL_LANG_H
#define FORMS_MODEL_LANG_H

#include "forms/model/form.h"

struct build;

/* All languages that survey and choices mention, in the order met; the untagged one too, when an element
 * has both kinds of text. */
void lang_collect(struct build *b);

#endif
