/* How text lies on a grid of columns: the sanitiser, widths, where a line may break (UAX #14),
 * where a person would put the cursor (grapheme clusters), search that ignores case. Widths
 * count code points as terminals do; text that isn't UTF-8 shows U+FFFD for each bad byte. */
#ifndef APP_VIEW_TEXT_H
#define APP_VIEW_TEXT_H

#include <stdint.h>

#include "forms/base/arena.h"
#include "forms/base/buf.h"
#include "forms/base/str.h"

/* What stands in a cell for this character: blanks for tab and line ends, U+FFFD for the rest of
 * C0, DEL, C1 and the bidirectional controls. */
uint32_t text_clean(uint32_t c);
int text_char_width(uint32_t c); /* 0, 1 or 2 */
int text_width(struct str s);
/* The longest beginning of s that fits in `cols`, whole graphemes. */
struct str text_head(struct str s, int cols);
/* What stands in `out` from `begin`, as a column: filled up to `cols` and a gap of two, or cut off with a mark. */
void text_pad(struct buf *out, size_t begin, int cols);

struct lines {
    struct str *v; /* pointing into the text */
    int n;         /* at least one */
};
/* Breaks at the width, and at line feeds; a word longer than a line is broken where it must. */
struct lines text_wrap(struct arena *a, struct str s, int width);

/* The grapheme border after, and before, a byte offset. */
size_t text_next(struct str s, size_t at);
size_t text_prev(struct str s, size_t at);
size_t text_word_prev(struct str s, size_t at);
size_t text_word_next(struct str s, size_t at);

/* Case-folded, for searching: what differs only in case becomes equal. */
void text_fold(struct str s, struct buf *out);
/* Where `folded` (by text_fold) stands in s when s is folded, as a byte range of s; false:
 * nowhere. */
bool text_find_folded(struct str s, struct str folded, size_t *ret_at, size_t *ret_n);

#endif
