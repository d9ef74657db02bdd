/* How a list to choose from looks: a choice a row, wrapped where it must; several columns where
 * the form asks for them; the codes that aren't read out together on the last row; the row where
 * letters are typed on top of a long list, with the count. What doesn't fit is counted in a row
 * of its own. */
#include "app/tr.h"
#include "app/view/picker.h"
#include "app/view/text.h"
#include "forms/base/limits.h"

#define LIST_ROWS_MAX 200 /* more are never on a screen */

struct geometry {
    int columns, column_cols;
    int head; /* rows on top: what is typed */
};

static struct str label_of(struct picker *p, size_t choice)
{
    buf_clear(&p->label);
    p->f->choices.label(p->f->choices.ctx, choice, &p->label);
    return buf_str(&p->label);
}

/* "▸ ", the mark, the code, two blanks */
static int prefix_cols(const struct picker *p)
{
    return 2 + p->mark_cols + (p->code_cols ? p->code_cols + 2 : 0);
}

static struct geometry geometry_of(struct picker *p, int cols)
{
    struct geometry g = {.columns = 1, .column_cols = cols, .head = p->searched ? 1 : 0};
    int widest = 1, fit;

    if (!p->f->columns_all && p->f->columns < 2)
        return g;
    for (size_t i = 0; i < p->n_main && i < LIST_ROWS_MAX; i++) {
        int w = text_width(label_of(p, p->rows[i]));

        widest = w > widest ? w : widest;
    }
    fit = cols / (prefix_cols(p) + widest + 2);
    g.columns = p->f->columns_all || p->f->columns > fit ? fit : p->f->columns;
    if ((size_t)g.columns > p->n_main)
        g.columns = (int)p->n_main;
    if (g.columns < 1)
        g.columns = 1;
    g.column_cols = cols / g.columns;
    return g;
}

static int choice_rows(struct picker *p, size_t row, int cols)
{
    struct str label = label_of(p, p->rows[row]);
    struct arena scratch;
    int n;

    if (p->f->plain || (text_width(label) <= cols && str_find(label, '\n', 0) == label.n))
        return 1;
    arena_init(&scratch);
    n = text_wrap(&scratch, label, cols).n;
    arena_done(&scratch);
    return n;
}

int picker_rows(struct picker *p, int cols)
{
    struct geometry g = geometry_of(p, cols);
    int rows = g.head + (p->n > p->n_main ? 1 : 0);

    if (p->n == 0)
        return rows + 1;
    if (g.columns > 1)
        return rows + ((int)p->n_main + g.columns - 1) / g.columns;
    for (size_t i = 0; i < p->n_main && rows < LIST_ROWS_MAX; i++)
        rows += choice_rows(p, i, cols - prefix_cols(p));
    return rows;
}

/* ---- drawing ---- */

static void draw_typed(struct picker *p, struct area a, bool focus)
{
    char count[64];
    int cols = a.cols / 2, w;
    struct buf text;

    buf_init(&text, sizeof count);
    w = area_z(a, 0, 2, STYLE_HINT, _("search: "));
    edit_draw(&p->typed, area_sub(a, 0, 2 + w, 1, cols), focus);
    buf_printf(&text, p->narrowed ? "%zu / %zu" : "%zu", p->narrowed ? p->n : p->f->choices.n,
               p->f->choices.n);
    area_text(a, 0, 2 + w + cols + 2, a.cols, STYLE_HINT, buf_str(&text));
    buf_done(&text);
}

/* The part of the label that was searched for. */
static void draw_match(struct picker *p, struct area a, int y, int x, struct str line)
{
    struct buf fold;
    size_t at, n;

    if (!p->narrowed)
        return;
    buf_init(&fold, 1024);
    text_fold(edit_text(&p->typed), &fold);
    if (text_find_folded(line, buf_str(&fold), &at, &n))
        area_restyle(a, y, x + text_width(str_sub(line, 0, at)), text_width(str_sub(line, at, n)),
                     STYLE_MATCH);
    buf_done(&fold);
}

static int draw_choice(struct picker *p, struct area a, int y, int x, const struct geometry *g,
                       size_t row, const struct picker_marks *m, bool focus)
{
    size_t choice = p->rows[row];
    bool chosen = false, here = focus && row == p->cursor;
    bool one_row = g->columns > 1 || p->f->plain;
    const char *mark = m->mark(m->ctx, choice, &chosen);
    int at = x + 2 + p->mark_cols, left = x + prefix_cols(p);
    int width = x + g->column_cols - left - (g->columns > 1 ? 2 : 0), n;
    enum style style = chosen ? STYLE_CHOSEN : STYLE_NORMAL;
    struct arena scratch;
    struct lines l;
    struct buf code;

    arena_init(&scratch);
    buf_init(&code, LIMIT_CELL_BYTES);
    if (p->code_cols)
        picker_code(p, choice, &code);
    if (here)
        area_text(a, y, x, 1, STYLE_NORMAL, STR("\xE2\x96\xB8"));
    if (mark)
        area_text(a, y, x + 2, p->mark_cols, style, str_of(mark));
    n = text_width(buf_str(&code));
    area_text(a, y, at + p->code_cols - n, n, style, buf_str(&code));
    l = text_wrap(&scratch, label_of(p, choice), width);
    for (n = 0; n < l.n && (!one_row || n == 0); n++) {
        struct str line = one_row ? buf_str(&p->label) : l.v[n];

        area_text(a, y + n, left, width, style, line);
        draw_match(p, a, y + n, left, line);
        if (here)
            area_restyle(a, y + n, at,
                         left - at + (width < text_width(line) ? width : text_width(line)),
                         STYLE_CURSOR);
    }
    if (focus)
        area_row(area_sub(a, 0, x, a.rows, g->column_cols), y, n, row, &p->cursor);
    buf_done(&code);
    arena_done(&scratch);
    return n;
}

/* Moves the window so that the cursor's choice is wholly in it. `rows` leaves the two counting
 * rows out. */
static void scroll(struct picker *p, int rows, int label_cols)
{
    size_t cursor = p->cursor == PICK_NONE ? 0 : p->cursor < p->n_main ? p->cursor : p->n_main - 1;
    int used = 0;

    if (p->top > cursor)
        p->top = cursor;
    for (size_t i = cursor + 1; i-- > p->top;) {
        used += choice_rows(p, i, label_cols);
        if (used > rows && i < cursor) {
            p->top = i + 1;
            return;
        }
    }
}

static void draw_more(struct area a, int y, int x, const char *arrow, size_t n)
{
    struct buf text;

    buf_init(&text, 64);
    buf_printf(&text, "%s %zu …", arrow, n);
    area_text(a, y, x, a.cols, STYLE_HINT, buf_str(&text));
    buf_done(&text);
}

static void draw_rows(struct picker *p, struct area a, bool focus, const struct geometry *g,
                      const struct picker_marks *m)
{
    int left = prefix_cols(p), label_cols = a.cols - left, all = 0, y = 0;
    size_t i;

    for (i = 0; i < p->n_main && all <= a.rows; i++)
        all += choice_rows(p, i, label_cols);
    if (all <= a.rows)
        p->top = 0;
    else
        scroll(p, a.rows - 2, label_cols);
    if (p->top > 0)
        draw_more(a, y++, left, "\xE2\x86\x91", p->top);
    for (i = p->top; i < p->n_main; i++) {
        int limit = i + 1 == p->n_main ? a.rows : a.rows - 1;

        if (y + choice_rows(p, i, label_cols) > limit && i > p->top)
            break;
        y += draw_choice(p, a, y, 0, g, i, m, focus);
    }
    if (i < p->n_main)
        draw_more(a, a.rows - 1, left, "\xE2\x86\x93", p->n_main - i);
}

static void draw_columns(struct picker *p, struct area a, bool focus, const struct geometry *g,
                         const struct picker_marks *m)
{
    int rows = ((int)p->n_main + g->columns - 1) / g->columns;
    int cursor_row = p->cursor < p->n_main ? (int)p->cursor % rows : 0;
    int top = rows > a.rows && cursor_row >= a.rows - 1 ? cursor_row - (a.rows - 2) : 0;
    int shown = rows > a.rows ? a.rows - 1 : rows;

    for (size_t i = 0; i < p->n_main; i++) {
        int y = (int)i % rows - top;

        if (y >= 0 && y < shown)
            draw_choice(p, a, y, (int)i / rows * g->column_cols, g, i, m, focus);
    }
    if (rows > shown)
        draw_more(a, a.rows - 1, prefix_cols(p), "\xE2\x86\x95", (size_t)(rows - shown));
}

/* "98 Tidak tahu    99 Menolak menjawab" */
static void draw_missing(struct picker *p, struct area a, bool focus, const struct picker_marks *m)
{
    int x = 2 + p->mark_cols;
    struct buf text;

    buf_init(&text, LIMIT_CELL_BYTES);
    for (size_t i = p->n_main; i < p->n; i++) {
        bool chosen = false;
        enum style style;
        int w;

        m->mark(m->ctx, p->rows[i], &chosen);
        style = focus && i == p->cursor ? STYLE_CURSOR : chosen ? STYLE_CHOSEN : STYLE_HINT;
        buf_clear(&text);
        if (chosen)
            buf_add_z(&text, "\xE2\x97\x8F ");
        picker_code(p, p->rows[i], &text);
        buf_add_z(&text, "  ");
        buf_add_str(&text, label_of(p, p->rows[i]));
        if (focus && i == p->cursor)
            area_text(a, 0, x - 2, 1, STYLE_NORMAL, STR("\xE2\x96\xB8"));
        w = area_text(a, 0, x, a.cols - x, style, buf_str(&text));
        if (focus)
            area_row(area_sub(a, 0, x, 1, w), 0, 1, i, &p->cursor);
        x += w + 4;
    }
    buf_done(&text);
}

void picker_draw(struct picker *p, struct area a, bool focus, const struct picker_marks *m)
{
    struct geometry g = geometry_of(p, a.cols);
    int foot = p->n > p->n_main ? 1 : 0;
    struct area list = area_sub(a, g.head, 0, a.rows - g.head - foot, a.cols);

    if (g.head)
        draw_typed(p, a, focus);
    if (p->n == 0)
        area_z(list, 0, 2, STYLE_HINT,
               !p->narrowed  ? _("There is nothing to choose here.")
               : p->f->plain ? _("Nothing in this list contains this. Ctrl-W erases it.")
                             : _("No choice contains this. Ctrl-W erases it."));
    else if (g.columns > 1)
        draw_columns(p, list, focus, &g, m);
    else
        draw_rows(p, list, focus, &g, m);
    if (foot)
        draw_missing(p, area_sub(a, a.rows - 1, 0, 1, a.cols), focus, m);
}
