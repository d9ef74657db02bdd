/* What an expression yields. Texts live in the arena of the evaluation or in the tree; a value owns
 * nothing. Dates are values of their own kind, so that subtraction is exact and comparison goes
 * through milliseconds (specification of the language §17, §19). */
#ifndef FORMS_EXPR_VALUE_H
#define FORMS_EXPR_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "forms/base/arena.h"
#include "forms/base/date.h"
#include "forms/base/str.h"

enum value_kind { VAL_NODES, VAL_STRING, VAL_NUMBER, VAL_BOOLEAN, VAL_DATE };

struct node;

struct nodes {
    struct node *v; /* document order, no duplicates */
    size_t n;
    /* What one ${reference} or path yields where at most one node can be: as a truth it counts by
     * its value, and without a node (not relevant) it is blank rather than an empty set (JavaRosa).
     */
    bool ref;
};

struct value {
    enum value_kind kind;
    union {
        struct nodes nodes;
        struct str string;
        double number;
        bool boolean;
        struct date date;
    } u;
};

#endif
