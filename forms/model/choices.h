/* Choice lists: column tables that expressions walk as /root/item/column, with an index for every column
 * that a filter compares. Lists come out of the sheets choices and external_choices (choices_sheet.c) or
 * out of files beside the form (externals.c); this file is what they have in common: the tree, the
 * indexes, finding a choice by its name.
 *
 * A node's `item` is the row, or LIST_DOCUMENT / LIST_ROOT; its `part` the column, or LIST_ITEM. */
#ifndef FORMS_MODEL_CHOICES_H
#define FORMS_MODEL_CHOICES_H

#include "forms/model/form.h"

/* Rows by what is in one column: sorted by the hash of the text, then (where two texts have one hash) by the
 * text, then by row. A text that reads as a number has the hash of that number, so 5, 05 and 5.0 lie side by
 * side and the index answers both "is the text" and "equals the number". Small and read in one direction, so
 * that building it for 100,000 rows touches little memory. */
struct choice_index {
    const uint32_t *hashes, *rows;
    uint32_t n;
    bool collides; /* two texts have one hash: every hit is compared */
    bool
        dates; /* a text reads as a date, which equals a number of days: no looking up of numbers */
    uint64_t seed;
};

extern const struct tree_ops choice_tree_ops;

/* The item of a row: the context of a filter. */
struct node choice_item(const struct choice_list *l, uint32_t row);

/* NULL when the column has no text at all. */
struct choice_index *choice_index_make(const struct choice_list *l, uint32_t column,
                                       struct arena *a);
/* The rows whose cell is `want`. */
const uint32_t *choice_index_rows(const struct choice_list *l, uint32_t column, struct str want,
                                  uint32_t *ret_n);
/* The rows whose cell equals the number, in `a` where the index doesn't have them in one piece. NULL: look at
 * every row. */
const uint32_t *choice_index_number(const struct choice_list *l, uint32_t column, double want,
                                    struct arena *a, uint32_t *ret_n);
/* DEF_NONE: no such column. */
uint32_t choice_column(const struct choice_list *l, struct str name);

#endif
