/* The word a person probably meant: the closest of a table by edit distance, letter case aside. */
#ifndef FORMS_MODEL_NEAR_H
#define FORMS_MODEL_NEAR_H

#include "forms/base/str.h"

struct near {
    struct str wanted;
    const char *best;
    unsigned distance;
};

void near_start(struct near *n, struct str wanted);
void near_try(struct near *n, const char *word);
/* NULL when nothing is close: more than one letter in three is off. */
const char *near_best(const struct near *n);

#endif
