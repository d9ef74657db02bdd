/* Patterns for regex(): PCRE2 with limits, matched against the whole text (JavaRosa). Authors write
 * for Java or for browsers; what those spell differently is translated first. */
#ifndef FORMS_EXPR_REGEX_H
#define FORMS_EXPR_REGEX_H

#include <stdbool.h>

#include "forms/base/arena.h"
#include "forms/base/err.h"

struct regex;

/* Lives in `a`. False with ERR_EXPR_REGEX: what is wrong, in PCRE2's words. */
MUST_USE bool regex_compile(struct regex **ret, struct str pattern, struct arena *a, struct err *e);
/* False with ERR_EXPR_RUN when it needs more work than the limits allow. */
MUST_USE bool regex_match(const struct regex *r, struct str text, bool *ret, struct err *e);

#endif
