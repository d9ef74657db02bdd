/* UTF-8: decoding, encoding, checking, counting characters (code points). Text that came in through
 * a reader is valid; these functions are safe on any bytes all the same: a byte that begins no
 * well-formed character decodes as U+FFFD and is one byte long. */
#ifndef FORMS_BASE_UTF8_H
#define FORMS_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "forms/base/buf.h"
#include "forms/base/str.h"

#define UTF8_MAX         4
#define UTF8_REPLACEMENT 0xFFFDu

/* The character that begins at byte `at` (which must be inside s); *ret_len is 1..4. */
uint32_t utf8_at(struct str s, size_t at, size_t *ret_len);
/* Bytes written; surrogates and values above U+10FFFF become U+FFFD. */
size_t utf8_put(uint32_t c, char out[UTF8_MAX]);
bool utf8_add(struct buf *b, uint32_t c);
/* False: *ret_at is the offset of the first byte that is not well-formed. No overlong forms, no
 * surrogates. ret_at may be NULL. */
bool utf8_valid(struct str s, size_t *ret_at);
size_t utf8_count(struct str s);
/* The byte offset of the n-th character (from 0), s.n when there are fewer. */
size_t utf8_offset(struct str s, size_t n);

#endif
