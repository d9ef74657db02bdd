/* Tokens → syntax tree, by recursive descent. Faults name the character and what was expected
 * there. */
#ifndef FORMS_EXPR_PARSE_H
#define FORMS_EXPR_PARSE_H

#include "forms/base/arena.h"
#include "forms/base/err.h"
#include "forms/expr/ast.h"

/* The tree lives in `a`, its texts point into `text`. */
MUST_USE bool parse_expr(struct ast **ret, struct str text, const struct pos *pos, struct arena *a,
                         struct err *e);

#endif
