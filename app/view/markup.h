/* The markup that XLSForm labels may hold (Markdown's emphasis, headings and links, a few HTML
 * tags), taken out: a terminal shows the words. */
#ifndef APP_VIEW_MARKUP_H
#define APP_VIEW_MARKUP_H

#include "forms/base/buf.h"
#include "forms/base/str.h"

void markup_plain(struct str s, struct buf *out);

#endif
