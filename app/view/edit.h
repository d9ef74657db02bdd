/* A text being typed: one line, or several. Moves by grapheme clusters, lies on columns, scrolls
 * sideways (a line) or up and down (several). What is typed is bounded; the memory is
 * overwritten when done. */
#ifndef APP_VIEW_EDIT_H
#define APP_VIEW_EDIT_H

#include "app/view/canvas.h"
#include "app/view/keymap.h"

struct edit {
    struct buf text;
    size_t at;        /* byte offset of the cursor */
    size_t left;      /* of a line: first byte shown */
    int top;          /* of several: first row shown */
    bool lines;       /* several */
    bool masked;      /* shown as dots */
    const char *only; /* characters that may be typed; NULL: all */
};

void edit_init(struct edit *ed, size_t max);
void edit_init_secret(struct edit *ed, size_t max); /* masked, never moved in memory */
void edit_done(struct edit *ed);
void edit_set(struct edit *ed, struct str text); /* cursor at the end */
void edit_clear(struct edit *ed);
static inline struct str edit_text(const struct edit *ed)
{
    return buf_str(&ed->text);
}

enum edited { EDIT_IGNORED, EDIT_MOVED, EDIT_CHANGED, EDIT_REFUSED };
enum edited edit_input(struct edit *ed, const struct input *in);

/* Rows wanted at this width: 1 for a line. */
int edit_rows(const struct edit *ed, int cols);
/* With `focus` the terminal's cursor goes where the next character would. */
void edit_draw(struct edit *ed, struct area a, bool focus);

#endif
