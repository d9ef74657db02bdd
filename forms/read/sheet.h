/* A workbook as every reader yields it: sheets of rows of cells, each cell knowing its column's header
 * and its row as the spreadsheet numbers it (header = row 1 in .xlsx; in Markdown the row counts from the
 * sheet's header row likewise). Cell texts are cleaned as pyxform cleans them at the point where the
 * model asks (`clean_text_values`), so the raw text is kept here.
 *
 *   sheet.[ch]  this shape               mdtab.[ch]  Markdown tables, in and out
 *   xlsx.[ch]   .xlsx (zip_in.[ch], xlsx_xml.[ch]), and xlsx_out.[ch] for `convert`
 *   lists.[ch]  CSV, XML, GeoJSON → column tables (cellbag.[ch] while they grow)
 *   clean.[ch]  what pyxform does to a cell's text */
#ifndef FORMS_READ_SHEET_H
#define FORMS_READ_SHEET_H

#include <stdbool.h>
#include <stdint.h>

#include "forms/base/arena.h"
#include "forms/base/err.h"
#include "forms/base/str.h"

struct cell {
    uint32_t column; /* index into sheet->headers */
    struct str text; /* never blank: blank cells are not kept */
};

struct sheet_row {
    uint32_t row;             /* as the spreadsheet numbers it */
    const struct cell *cells; /* ascending by column */
    uint32_t n;
};

struct sheet {
    struct str name;           /* as written */
    const struct str *headers; /* as written, trimmed; "" for a column without a header */
    uint32_t n_headers;
    const struct sheet_row *rows;
    uint32_t n_rows;
};

struct book {
    struct str file;
    const struct sheet *sheets;
    uint32_t n_sheets;
    bool duplicate_headers_ok; /* Markdown: the last non-blank cell of equal headers wins */
};

/* Reads by the name's ending (.md, .xlsx); everything lives in `a`. */
MUST_USE bool book_read(struct book *ret, struct str bytes, const char *name, struct arena *a,
                        struct diags *diags, struct err *e);
/* Without case; NULL: none. */
const struct sheet *book_sheet(const struct book *b, const char *name);
/* Writes by the name's ending. */
MUST_USE bool book_write(const struct book *b, const char *name, struct buf *out, struct err *e);

#endif
