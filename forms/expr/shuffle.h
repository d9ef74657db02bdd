/* The seeded order of randomize(): Fisher-Yates inside out, driven by Park-Miller, as ODK's engines have
 * it, so that a seed gives the same order everywhere. */
#ifndef FORMS_EXPR_SHUFFLE_H
#define FORMS_EXPR_SHUFFLE_H

#include "forms/expr/expr.h"

/* A number is truncated (NaN and blank 0, infinities saturate), any other text is hashed. */
int64_t shuffle_seed(const struct value *v, struct eval *ev);
/* order[i] is where the i-th of n stood before. */
void shuffle_order(int64_t seed, size_t n, uint32_t *order);

#endif
