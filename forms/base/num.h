/* Numbers and their text, without the C locale. Doubles print as the shortest decimal that reads
 * back as the same double, never with an exponent, as XPath's string() prints them: integers
 * without a point,
 * `-0` as `0`, `NaN`, `Infinity`, `-Infinity`. Reading is exact (the nearest double, ties to even).
 * What text counts as a number in an expression is forms/expr/convert.c's affair. */
#ifndef FORMS_BASE_NUM_H
#define FORMS_BASE_NUM_H

#include <stdbool.h>
#include <stdint.h>

#include "forms/base/arena.h"
#include "forms/base/buf.h"
#include "forms/base/str.h"

#define NUM_TEXT_MAX 352 /* the longest text, 5e-324, with its NUL */

/* Writes the text and a NUL, returns its length. */
size_t num_text(double x, char out[NUM_TEXT_MAX]);
struct str num_str(double x, struct arena *a);
bool num_add(struct buf *b, double x);

enum {
    NUM_EXPONENT = 1, /* 1e3, 1E-3 */
    NUM_PLUS = 2,     /* a leading + */
};
/* An optional `-`, digits, at most one point, at least one digit; nothing else, not even blanks. */
bool num_parse(struct str s, unsigned flags, double *ret);
/* An optional sign and digits; false when anything else is there or it does not fit. */
bool num_parse_int(struct str s, int64_t *ret);
/* Digits only, as lengths and counts are written. */
bool num_parse_uint(struct str s, uint64_t *ret);

#endif
