/* Markdown tables, the notation of the XLSForm community, in and out. A row whose first cell is not blank
 * starts a sheet; the header row stands on the same line or on the next with a blank first cell. `\|` is a
 * pipe. Lines that start with `#`, lines without |…|, what follows the last pipe, and rows of dashes (the
 * first cell too) are no part of the table. Where settings has `cacah:escapes`, `\n` is a newline and `\\`
 * a backslash (decisions.md 40); nothing else is an escape. */
#ifndef FORMS_READ_MDTAB_H
#define FORMS_READ_MDTAB_H

#include "forms/read/sheet.h"

MUST_USE bool mdtab_read(struct book *ret, struct str bytes, const char *name, struct arena *a,
                         struct err *e);
MUST_USE bool mdtab_write(const struct book *b, struct buf *out, struct err *e);

#endif
