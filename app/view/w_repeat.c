/* The rows of a repeat as a list. Enter without a cursor goes on behind it; with one it opens
 * the row; a adds a row and opens it, d removes one (the screen asks). */
#include "app/tr.h"
#include "app/view/text.h"
#include "app/view/widget.h"
#include "forms/base/limits.h"

#define ROWS_SHOWN 12

struct repeat {
    struct widget w;
    size_t cursor; /* SIZE_MAX: none */
};

static struct repeat *of(const struct widget *w)
{
    return (struct repeat *)(uintptr_t)w;
}

static void open_(struct widget *w)
{
    of(w)->cursor = SIZE_MAX;
}

static enum did move(struct repeat *r, bool down)
{
    size_t n = r->w.f.choices.n;

    if (n == 0)
        return DID_SOMETHING;
    if (r->cursor >= n)
        r->cursor = down ? 0 : n - 1;
    else if (down)
        r->cursor = r->cursor + 1 < n ? r->cursor + 1 : SIZE_MAX;
    else
        r->cursor = r->cursor > 0 ? r->cursor - 1 : SIZE_MAX;
    return DID_SOMETHING;
}

static enum did input(struct widget *w, const struct input *in)
{
    struct repeat *r = of(w);
    bool there = r->cursor < w->f.choices.n;

    switch ((int)in->action) {
    case ACTION_UP: return move(r, false);
    case ACTION_DOWN: return move(r, true);
    case ACTION_TAKE: return there ? DID_OPEN : DID_TAKE;
    case ACTION_ADD: return w->f.may_add ? DID_ADD : DID_REFUSE;
    case ACTION_CLEAR:
    case ACTION_REMOVE: return there && w->f.may_add ? DID_REMOVE : DID_REFUSE;
    default: return DID_NOTHING;
    }
}

static size_t row(const struct widget *w)
{
    return of(w)->cursor;
}

static int rows(struct widget *w, int cols)
{
    size_t n = w->f.choices.n;

    (void)cols;
    return (int)(n > ROWS_SHOWN ? ROWS_SHOWN : n) + 1;
}

static void draw(struct widget *w, struct area a, bool focus)
{
    struct repeat *r = of(w);
    size_t n = w->f.choices.n, shown = a.rows > 1 ? (size_t)a.rows - 1 : 0, top = 0;
    struct buf text;

    buf_init(&text, LIMIT_CELL_BYTES);
    if (r->cursor < n && r->cursor >= shown)
        top = r->cursor - shown + 1;
    for (size_t i = top; i < n && i - top < shown; i++) {
        int y = (int)(i - top);
        bool here = focus && i == r->cursor;

        buf_clear(&text);
        buf_printf(&text, "%3zu  ", i + 1);
        w->f.choices.label(w->f.choices.ctx, i, &text);
        if (here)
            area_text(a, y, 0, 1, STYLE_NORMAL, STR("▸"));
        if (focus)
            area_row(a, y, 1, i, &r->cursor);
        area_text(a, y, 2, a.cols - 2, here ? STYLE_CURSOR : STYLE_NORMAL, buf_str(&text));
    }
    buf_clear(&text);
    if (n > shown)
        buf_printf(&text, "… %zu  ", n);
    buf_add_z(&text, n == 0 ? _("No row yet: a adds one, Enter goes on")
                            : _("a add   ↓ Enter open   d remove   Enter go on"));
    area_text(a, a.rows - 1, 2, a.cols - 2, STYLE_HINT, buf_str(&text));
    buf_done(&text);
}

static bool answer(struct widget *w, struct buf *out, const char **ret_why)
{
    (void)w;
    (void)out;
    (void)ret_why;
    return true;
}

const struct widget_ops widget_repeat = {
    .size = sizeof(struct repeat),
    .contexts = CTX_REPEAT | CTX_MOVE | CTX_PLAIN,
    .open = open_,
    .input = input,
    .rows = rows,
    .draw = draw,
    .answer = answer,
    .row = row,
};
