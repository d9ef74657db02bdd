/* The cell grid. Widths are those of a code point (libunistring), marks of no width join the
 * cell before them: the rule every terminal agrees on, the Linux console too. */
#include "app/view/canvas.h"

#include "app/view/text.h"
#include "forms/base/mem.h"
#include "forms/base/utf8.h"

static struct cell blank_cell(enum style style)
{
    return (struct cell){.ch = {' '}, .width = 1, .style = (uint8_t)style};
}

void canvas_init(struct canvas *c, int rows, int cols)
{
    *c = (struct canvas){.rows = rows, .cols = cols};
    c->cells = mem_calloc((size_t)rows * (size_t)cols, sizeof *c->cells);
    c->spots = mem_calloc(SPOTS_MAX, sizeof *c->spots);
    canvas_clear(c);
}

void canvas_done(struct canvas *c)
{
    if (c->cells)
        explicit_bzero(c->cells, (size_t)c->rows * (size_t)c->cols * sizeof *c->cells);
    mem_free(c->cells);
    mem_free(c->spots);
    *c = (struct canvas){0};
}

void canvas_resize(struct canvas *c, int rows, int cols)
{
    if (rows == c->rows && cols == c->cols) {
        canvas_clear(c);
        return;
    }
    canvas_done(c);
    canvas_init(c, rows, cols);
}

void canvas_clear(struct canvas *c)
{
    size_t n = (size_t)c->rows * (size_t)c->cols;
    struct cell blank = blank_cell(STYLE_NORMAL);

    for (size_t i = 0; i < n; i++)
        c->cells[i] = blank;
    c->cursor = false;
    c->lost = 0;
    c->n_spots = 0;
}

static struct cell *cell_at(const struct canvas *c, int y, int x)
{
    return &c->cells[(size_t)y * (size_t)c->cols + (size_t)x];
}

bool canvas_text(const struct canvas *c, struct buf *out)
{
    for (int y = 0; y < c->rows; y++) {
        size_t keep = out->n;

        for (int x = 0; x < c->cols; x++) {
            const struct cell *cell = cell_at(c, y, x);

            for (int i = 0; i < CELL_CHARS && cell->ch[i]; i++)
                utf8_add(out, cell->ch[i]);
            if (cell->ch[0] != ' ')
                keep = out->n;
        }
        out->n = keep;
        buf_add_c(out, '\n');
    }
    return !out->full;
}

struct area canvas_area(struct canvas *c)
{
    return (struct area){c, 0, 0, c->rows, c->cols};
}

struct area area_sub(struct area a, int y, int x, int rows, int cols)
{
    if (y < 0)
        rows += y, y = 0;
    if (x < 0)
        cols += x, x = 0;
    if (y > a.rows)
        y = a.rows;
    if (x > a.cols)
        x = a.cols;
    if (rows > a.rows - y)
        rows = a.rows - y;
    if (cols > a.cols - x)
        cols = a.cols - x;
    return (struct area){a.c, a.y + y, a.x + x, rows < 0 ? 0 : rows, cols < 0 ? 0 : cols};
}

/* Blanks the other half of a wide character that is about to be overwritten. */
static void break_wide(struct canvas *c, int y, int x)
{
    struct cell *cell = cell_at(c, y, x);

    if (cell->width == 2 && x + 1 < c->cols)
        *cell_at(c, y, x + 1) = blank_cell(cell_at(c, y, x + 1)->style);
    if (cell->width == 0 && x > 0)
        *cell_at(c, y, x - 1) = blank_cell(cell_at(c, y, x - 1)->style);
}

static void put_char(struct area a, int y, int x, enum style style, uint32_t ch, int width)
{
    struct canvas *c = a.c;

    for (int i = 0; i < width; i++)
        break_wide(c, a.y + y, a.x + x + i);
    *cell_at(c, a.y + y, a.x + x) =
        (struct cell){.ch = {ch}, .width = (uint8_t)width, .style = (uint8_t)style};
    if (width == 2)
        *cell_at(c, a.y + y, a.x + x + 1) = (struct cell){.style = (uint8_t)style};
}

static void add_mark(struct area a, int y, int x, uint32_t mark)
{
    struct cell *cell = cell_at(a.c, a.y + y, a.x + x);

    if (cell->width == 0 && x > 0)
        cell--;
    for (int i = 1; i < CELL_CHARS; i++) {
        if (cell->ch[i] == 0) {
            cell->ch[i] = mark;
            return;
        }
    }
}

/* A character of a text is about to hide one of another text. Rules and frames are there to be
 * written on; an ellipsis or an arrow is itself the mark that something is hidden. */
static bool covers(struct area a, int y, int x, uint32_t ch)
{
    uint32_t was = cell_at(a.c, a.y + y, a.x + x)->ch[0];
    bool mark = ch == 0x2026 || (ch >= 0x2191 && ch <= 0x2195);

    return was != ' ' && was != ch && was != 0 && !mark && (was < 0x2500 || was > 0x257F);
}

int area_text(struct area a, int y, int x, int width, enum style style, struct str s)
{
    int at = x, end = x + width < a.cols ? x + width : a.cols;
    bool cut;

    if (y < 0 || y >= a.rows || x < 0 || at >= end) {
        if (a.c && s.n)
            a.c->lost++;
        return 0;
    }
    cut = text_width(s) > end - x;
    for (size_t i = 0, len; i < s.n; i += len) {
        uint32_t ch = text_clean(utf8_at(s, i, &len));
        int w = text_char_width(ch);

        if (w == 0) {
            if (at > x)
                add_mark(a, y, at - 1, ch);
            continue;
        }
        if (at + w > end - (cut ? 1 : 0))
            break;
        a.c->lost += covers(a, y, at, ch);
        put_char(a, y, at, style, ch, w);
        at += w;
    }
    if (cut)
        put_char(a, y, at++, style, 0x2026, 1);
    return at - x;
}

int area_z(struct area a, int y, int x, enum style style, const char *s)
{
    return area_text(a, y, x, a.cols - x, style, str_of(s));
}

void area_fill(struct area a, int y, int x, int rows, int cols, enum style style)
{
    struct area part = area_sub(a, y, x, rows, cols);

    for (int i = 0; i < part.rows; i++)
        for (int j = 0; j < part.cols; j++)
            put_char(part, i, j, style, ' ', 1);
}

void area_rule(struct area a, int y, enum style style)
{
    if (y < 0 || y >= a.rows)
        return;
    for (int x = 0; x < a.cols; x++)
        put_char(a, y, x, style, 0x2500, 1);
}

void area_restyle(struct area a, int y, int x, int cols, enum style style)
{
    struct area part = area_sub(a, y, x, 1, cols);

    for (int i = 0; part.rows > 0 && i < part.cols; i++)
        cell_at(part.c, part.y, part.x + i)->style = (uint8_t)style;
}

void area_bar(struct area a, int y, int x, int width, enum style style, uint64_t done,
              uint64_t total)
{
    struct area part = area_sub(a, y, x, 1, width);
    uint64_t full = total ? done * (uint64_t)part.cols / total : 0;

    if (part.rows == 0)
        return;
    for (int i = 0; i < part.cols; i++)
        put_char(part, 0, i, style, (uint64_t)i < full ? 0x2593 : 0x2591, 1);
}

void area_cursor(struct area a, int y, int x)
{
    if (y < 0 || y >= a.rows || x < 0 || x >= a.cols)
        return;
    a.c->cursor = true;
    a.c->cursor_y = a.y + y;
    a.c->cursor_x = a.x + x;
}

/* ---- the mouse ---- */

static void add_spot(struct area a, struct spot s)
{
    if (!a.c || a.rows <= 0 || a.cols <= 0 || a.c->n_spots == SPOTS_MAX)
        return;
    s.y = a.y, s.x = a.x, s.rows = a.rows, s.cols = a.cols;
    a.c->spots[a.c->n_spots++] = s;
}

void area_action(struct area a, int y, int x, int cols, size_t action)
{
    add_spot(area_sub(a, y, x, 1, cols), (struct spot){.kind = SPOT_ACTION, .n = action});
}

void area_row(struct area a, int y, int rows, size_t row, size_t *cursor)
{
    add_spot(area_sub(a, y, 0, rows, a.cols),
             (struct spot){.kind = SPOT_ROW, .n = row, .cursor = cursor});
}

void area_own(struct area a, int y, int rows, size_t n)
{
    add_spot(area_sub(a, y, 0, rows, a.cols), (struct spot){.kind = SPOT_OWN, .n = n});
}

void area_nothing(struct area a)
{
    add_spot(a, (struct spot){.kind = SPOT_NOTHING});
}

const struct spot *canvas_spot(const struct canvas *c, int y, int x)
{
    for (size_t i = c->n_spots; i-- > 0;) {
        const struct spot *s = &c->spots[i];

        if (y >= s->y && y < s->y + s->rows && x >= s->x && x < s->x + s->cols)
            return s;
    }
    return NULL;
}
