/* Cells of a table that is still being read: neither its columns nor its rows are known yet. */
#ifndef FORMS_READ_CELLBAG_H
#define FORMS_READ_CELLBAG_H

#include "forms/read/lists.h"

#define CELLBAG_COLUMNS 1024u

struct bag_cell {
    struct str text;
    uint32_t row, column;
};

struct cellbag {
    struct arena *a;
    struct bag_cell *v;
    size_t n, cap;
    struct str *names;
    size_t n_names, cap_names;
    uint32_t rows;
    uint32_t guess; /* the column after the last one put: rows have the same shape */
};

/* Copies name and text. Of equal names in one row the last wins. False: too many cells or columns. */
MUST_USE bool cellbag_put(struct cellbag *b, struct str name, struct str text);
/* The number of a column, added when it is new. */
uint32_t cellbag_column(struct cellbag *b, struct str name);
MUST_USE bool cellbag_put_at(struct cellbag *b, uint32_t column, struct str text);
/* False: the table would be too large, most of it blank. */
MUST_USE bool cellbag_table(struct cellbag *b, struct table *ret);
bool cellbag_too_large(struct err *e); /* says so; false */
void cellbag_done(struct cellbag *b);

#endif
