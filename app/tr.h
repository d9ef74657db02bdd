/* The interface's language. Source strings are English; a catalogue (app/po/ID.po, compiled by
 * msgfmt) is built into the program, so that it speaks Indonesian when run from the build folder
 * on a machine that has no locale but C. libc's gettext() can do neither: it reads catalogues
 * from installed files only, and from glibc 2.39 on it stays English under C.UTF-8 as under C.
 * So the tools are gettext's (xgettext, msgmerge, msgfmt) and only the look-up is here. */
#ifndef APP_TR_H
#define APP_TR_H

#include "forms/base/str.h"

/* The translation of a string, or the string itself; valid for ever. */
const char *tr(const char *msgid) __attribute__((format_arg(1)));
/* One of two sentences by number; Indonesian has one form. */
const char *tr_n(const char *one, const char *many, unsigned long n)
    __attribute__((format_arg(1), format_arg(2)));

#define _(s)  tr(s)
#define N_(s) s /* in a table: translated where it is shown */

/* "id" or "en"; another code changes nothing and is false. */
bool tr_choose(struct str code);
const char *tr_language(void); /* the code in force */

#endif
