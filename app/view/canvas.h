/* A grid of cells that screens draw into; nothing here knows a terminal. Each cell holds a
 * character of one or two columns with the marks that combine with it, and a style by its role
 * (style.def). Drawing goes through an area, a rectangle that clips: what a widget draws can't
 * leave its place.
 *
 * Every text passes the one sanitiser on its way into a cell: control characters, DEL, C1 and
 * bidirectional overrides become U+FFFD, whoever wrote them (security specification, attack 53).
 * What doesn't fit in its width ends in an ellipsis. */
#ifndef APP_VIEW_CANVAS_H
#define APP_VIEW_CANVAS_H

#include <stdbool.h>
#include <stdint.h>

#include "forms/base/buf.h"
#include "forms/base/str.h"

enum style {
#define STYLE(id, attr, fg8, bg8, fg256, bg256) STYLE_##id,
#include "app/view/style.def"
#undef STYLE
    STYLES
};

#define CELL_CHARS 4 /* a character and up to three marks on it */

struct cell {
    uint32_t ch[CELL_CHARS]; /* 0 ends; ch[0] 0: the right half of a wide character */
    uint8_t width;           /* 1, 2, or 0 for the right half */
    uint8_t style;
};

/* A part of what is drawn that a click of the mouse means something on; what was drawn later lies on
 * top. Valid until the next key: the cursor that it points to is some screen's. */
struct spot {
    enum { SPOT_NOTHING, SPOT_ACTION, SPOT_ROW, SPOT_OWN } kind;
    int y, x, rows, cols;
    size_t n;       /* the action, the row, what the screen numbers itself */
    size_t *cursor; /* of a row: is set to it */
};
#define SPOTS_MAX 512

struct canvas {
    int rows, cols;
    struct cell *cells;
    bool cursor; /* the terminal's cursor is shown, at: */
    int cursor_y, cursor_x;
    /* Texts since the last clear of which something isn't shown and no mark says so: there was no
     * room at all for them, or another text of the same drawing covers them. Tests want none. */
    unsigned lost;
    struct spot *spots;
    size_t n_spots;
};

void canvas_init(struct canvas *c, int rows, int cols);
void canvas_done(struct canvas *c);                       /* overwrites, then frees */
void canvas_resize(struct canvas *c, int rows, int cols); /* blank afterwards */
void canvas_clear(struct canvas *c); /* blank, no cursor: also what locking does */
/* The rows as text, trailing blanks left out, one line feed each: for tests. */
bool canvas_text(const struct canvas *c, struct buf *out);

/* A clipping rectangle; rows and columns count from its corner. */
struct area {
    struct canvas *c;
    int y, x, rows, cols;
};

struct area canvas_area(struct canvas *c);
/* A part of `a`; what lies outside it is cut off. */
struct area area_sub(struct area a, int y, int x, int rows, int cols);

/* Draws one line of text at (y, x) in at most `width` columns; returns the columns used. Line
 * feeds and tabs show as blanks. */
int area_text(struct area a, int y, int x, int width, enum style style, struct str s);
int area_z(struct area a, int y, int x, enum style style, const char *s); /* up to the border */
void area_fill(struct area a, int y, int x, int rows, int cols, enum style style);
void area_rule(struct area a, int y, enum style style); /* ──── */
/* Gives drawn cells another style, as a cursor bar does. */
void area_restyle(struct area a, int y, int x, int cols, enum style style);
/* ▓▓▓░░ of `width` columns; done of total (0: all empty). */
void area_bar(struct area a, int y, int x, int width, enum style style, uint64_t done,
              uint64_t total);
/* Where a click has a meaning (ui_click): `rows` by `cols` from (y, x) on. */
void area_action(struct area a, int y, int x, int cols, size_t action);
void area_row(struct area a, int y, int rows, size_t row, size_t *cursor);
void area_own(struct area a, int y, int rows, size_t n);
void area_nothing(struct area a); /* what was drawn below is covered */
/* The one on top there, or NULL. */
const struct spot *canvas_spot(const struct canvas *c, int y, int x);
void area_cursor(struct area a, int y, int x);

#endif
