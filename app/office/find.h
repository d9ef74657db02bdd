/* What a person names by voice or on a command line, found in the office's store: a laptop by its name or
 * the first digits of its number, an interview by its respondent's code, a version of it by the first
 * digits of its number. What is not there, or fits several, is an error that says so. */
#ifndef APP_OFFICE_FIND_H
#define APP_OFFICE_FIND_H

#include "app/errors.h"
#include "sync/store/store.h"

#define FIND_DIGITS 8 /* hex digits that lists show of a laptop's or version's number */

/* ret->label lives in the arena. ERR_LAPTOP_UNKNOWN, ERR_LAPTOP_SEVERAL. */
MUST_USE bool find_device(struct store *s, struct str text, struct device *ret, struct arena *a,
                          struct err *e);
/* A row of that laptop's ledger by the first digits of its number. ERR_ROW_UNKNOWN. */
MUST_USE bool find_row(struct store *s, const struct hash32 *device, struct str text,
                       struct hash32 *ret, struct err *e);
/* ERR_CODE_BAD (a slip shows), ERR_CODE_UNKNOWN. */
MUST_USE bool find_interview(struct store *s, struct str code, struct id16 *ret, struct err *e);
/* Whether the text is the beginning (4 digits or more) of these bytes' hex digits. */
bool find_is_number(struct str text, const struct hash32 *number);
/* The first FIND_DIGITS hex digits, and NUL. */
void find_number(const struct hash32 *number, char ret[FIND_DIGITS + 1]);

#endif
