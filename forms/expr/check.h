/* What names mean: functions and their arity, references and paths on the form's tree of
 * definitions, secondary instances, prefixes. Leaves in the syntax tree where every path leads
 * (struct where), and collects what the expression reads. Code that can never run
 * (`false() and …`) is not checked. */
#ifndef FORMS_EXPR_CHECK_H
#define FORMS_EXPR_CHECK_H

#include "forms/base/arena.h"
#include "forms/expr/ast.h"
#include "forms/expr/expr.h"

struct numbers {
    uint32_t *v;
    size_t n, cap;
};

struct checked {
    uint32_t flags;
    struct numbers deps, instances; /* ascending, no duplicates; in the form's arena */
    struct numbers wide, blanks;    /* of the deps: see expr_reads_wide, expr_passes_blanks */
    uint32_t missing_at;            /* byte of a path that leads nowhere */
};

MUST_USE bool check_expr(struct ast *n, struct str text, const struct scope *scope,
                         const struct pos *pos, struct arena *tmp, struct arena *form,
                         struct checked *ret, struct err *e);

/* Helpers that code.c shares. */
bool scope_has_form(const struct scope *s);
bool def_is_within(const struct scope *s, uint32_t def, uint32_t above);
/* The closest repeat at or above def, DEF_NONE when there is none. */
uint32_t def_repeat(const struct scope *s, uint32_t def);
/* Every repeat at or above def is at or above context too: at most one node can be meant. */
bool def_shares_repeats(const struct scope *s, uint32_t def, uint32_t context);
/* 0 or 1 when the truth of the expression is written in it, -1 else. */
int ast_truth(const struct ast *n);
bool ast_is_dot(const struct ast *n);
/* The reference that a text like '${q}' or '/data/q' names, for jr:choice-name; DEF_NONE. */
uint32_t check_named(const struct scope *s, struct str text);

#endif
