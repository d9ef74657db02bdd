/* What the files of a form's comparison share.
 *
 *   diff.c   which question is which, the form's own things    diff_node.c  two versions of one question
 *   diff_choices.c  lists                                      diff_say.c   the sentences of diff.def */
#ifndef FORMS_MODEL_DIFF_I_H
#define FORMS_MODEL_DIFF_I_H

#include "forms/model/diff.h"

struct differ {
    const struct form *was, *is;
    struct diff *out;
    uint32_t *now;    /* of each definition of `was` the one in `is`, or DEF_NONE */
    uint32_t *before; /* and back */
};

/* Texts are copied. */
void diff_add(struct differ *d, enum diff_kind k, struct str path, uint32_t row, struct str was,
              struct str is);
/* Adds when they differ but for blanks. */
void diff_add_str(struct differ *d, enum diff_kind k, struct str path, uint32_t row, struct str was,
                  struct str is);
bool diff_same_text(struct str a, struct str b);
/* A text of the form in its default language, references as ${name}. */
struct str diff_words(const struct form *f, texts t, uint32_t language, struct arena *a);
/* The language of `is` as `was` numbers it; DEF_NONE: it has none such. */
uint32_t diff_language(const struct differ *d, uint32_t of_is);
void diff_node(struct differ *d, uint32_t was, uint32_t is, struct str path);
void diff_lists(struct differ *d);

#endif
