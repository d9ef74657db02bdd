/* What pyxform does to a cell's text before it looks at it: typographic quotes become ' and ", blanks that
 * don't break become blanks, and (in the survey, unless the setting clean_text_values says no) runs of
 * blanks become one. */
#ifndef FORMS_READ_CLEAN_H
#define FORMS_READ_CLEAN_H

#include <stdint.h>

#include "forms/base/arena.h"
#include "forms/base/str.h"

/* The same slice when there is nothing to clean. */
struct str clean_text(struct str raw, bool collapse, struct arena *a);
/* The 1-based character of the raw text that character `offset` of the cleaned text was. */
uint32_t clean_offset(struct str raw, bool collapse, uint32_t offset);

#endif
