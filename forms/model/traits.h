/* How an expression reads a definition, as far as recalculation wants to know it: two marks of struct edge.
 * Both are read off the expression's text, and err on the side of more work: an expression that isn't
 * plainly narrow counts as wide. */
#ifndef FORMS_MODEL_TRAITS_H
#define FORMS_MODEL_TRAITS_H

#include "forms/model/form.h"

/* False when it reads nothing of a repeat around `self` but the own instance: ${…} and relative paths that
 * don't climb out of it. */
bool trait_wide(const struct form *f, uint32_t self, const struct expr *x);
/* True when `def`, or for a repeat what is in it, occurs in it only as sum(${def}) or the like, to which
 * blanks are nothing. */
bool trait_no_blanks(const struct form *f, const struct expr *x, uint32_t def);

#endif
