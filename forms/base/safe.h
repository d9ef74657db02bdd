/* Text from outside (labels, answers, file names, messages of other machines) made harmless for a
 * terminal: control characters (C0, DEL, C1) and bidirectional overrides become U+FFFD. */
#ifndef FORMS_BASE_SAFE_H
#define FORMS_BASE_SAFE_H

#include <stdbool.h>
#include <stdint.h>

#include "forms/base/buf.h"
#include "forms/base/str.h"

/* A code point that may not reach a terminal; newline and tab count as such. */
bool text_hostile(uint32_t code_point);
/* Appends the text; newline and tab stay when `lines`, else become blanks. Bytes that are not UTF-8 become
 * U+FFFD. */
bool text_safe(struct str text, bool lines, struct buf *out);

#endif
