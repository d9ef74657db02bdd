/* Syntax tree → instructions. A reference or path that leads to one definition becomes one
 * instruction (REF or REFS, as it shares its repeats with the context or not); whatever has
 * predicates or leaves the known way is walked step by step. */
#ifndef FORMS_EXPR_CODE_H
#define FORMS_EXPR_CODE_H

#include "forms/expr/check.h"
#include "forms/expr/vm.h"

/* Fills the program's code and its pools, all in `form`. `checked` is what check_expr found. */
MUST_USE bool code_expr(struct expr *x, const struct ast *n, const struct scope *scope,
                        const struct pos *pos, struct arena *tmp, struct arena *form,
                        struct err *e);

#endif
