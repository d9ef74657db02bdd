/* Coercion, comparison and arithmetic (specification of the language §17). Text counts as a number
 * when it is an optional minus, digits and at most one point, blanks round it ignored; an exponent
 * too, except under plain XPath. A text that is a date counts as a date where it meets one, and in
 * < <= > >=. */
#ifndef FORMS_EXPR_CONVERT_H
#define FORMS_EXPR_CONVERT_H

#include "forms/expr/vm.h"

#define DATE_INVALID                                                                               \
    INT64_MIN /* date.ms of what date() cannot read: "Invalid Date", false, NaN   \
                                */

static inline bool date_is_valid(const struct date *d)
{
    return d->ms != DATE_INVALID;
}

/* NaN when it is none. */
double text_number(struct str s, bool plain);
/* Nodes become the first one's typed value or text; other values stay. */
struct value value_scalar(const struct value *v, struct eval *ev);
struct value node_value(struct node n, struct eval *ev);
struct str node_string(struct node n, struct eval *ev);
double node_number(struct node n, struct eval *ev);
/* The number of one node, out of what its tree keeps when it does. */
double node_number(struct node n, struct eval *ev);
bool value_is_blank(const struct value *v, struct eval *ev);
/* A date that the value is or, as text, reads as. */
bool value_date(const struct value *v, struct eval *ev, struct date *ret);
double date_number(const struct date *d); /* fractional days since 1970-01-01T00:00Z */

/* op is OP_EQ … OP_GE. */
bool value_compare(enum op op, const struct value *a, const struct value *b, struct eval *ev);
/* op is OP_ADD … OP_MOD. */
double value_arith(enum op op, const struct value *a, const struct value *b, struct eval *ev);

#endif
