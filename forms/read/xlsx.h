/* .xlsx workbooks, in: zip_in.[ch] unpacks, xlsx_xml.[ch] parses, xlsx_date.[ch] knows dates, and this puts
 * cells together: shared, inline and rich strings, numbers, booleans, errors, the cached values of
 * formulas. The dimension a sheet declares and rows without text are ignored, whatever their number. */
#ifndef FORMS_READ_XLSX_H
#define FORMS_READ_XLSX_H

#include "forms/read/sheet.h"

MUST_USE bool xlsx_read(struct book *ret, struct str bytes, const char *name, struct arena *a,
                        struct err *e);

#endif
