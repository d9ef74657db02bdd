/* .xlsx workbooks, out: the fewest parts that a spreadsheet program takes. Every cell is text, so that what
 * is read back is what was written; equal bytes for equal books. */
#ifndef FORMS_READ_XLSX_OUT_H
#define FORMS_READ_XLSX_OUT_H

#include "forms/base/buf.h"
#include "forms/read/sheet.h"

MUST_USE bool xlsx_write(const struct book *b, struct buf *out, struct err *e);

#endif
