/* A text: one line, or several (the form's `multiline`). Enter takes it, as everywhere; Ctrl-J
 * begins a new line. Barcodes are texts: a scanner types like a keyboard and ends with Enter. */
#include "app/tr.h"
#include "app/view/edit.h"
#include "app/view/widget.h"
#include "forms/base/limits.h"

#define LINES_SHOWN 8

struct text {
    struct widget w;
    struct edit ed;
};

static struct text *of(const struct widget *w)
{
    return (struct text *)(uintptr_t)w;
}

static void open_(struct widget *w)
{
    struct edit *ed = &of(w)->ed;

    edit_init(ed, LIMIT_ANSWER_BYTES);
    ed->lines = w->f.lines;
    ed->masked = w->f.masked;
    if (w->f.digits_only)
        ed->only = "0123456789+-,. ";
    edit_set(ed, w->f.value);
}

static void close_(struct widget *w)
{
    edit_done(&of(w)->ed);
}

static enum did input(struct widget *w, const struct input *in)
{
    if (in->action == ACTION_TAKE)
        return DID_TAKE;
    return widget_edit(w, &of(w)->ed, in);
}

static int rows(struct widget *w, int cols)
{
    int n;

    if (!w->f.lines)
        return 1;
    n = edit_rows(&of(w)->ed, cols);
    return n < 3 ? 3 : n > LINES_SHOWN ? LINES_SHOWN : n;
}

static void draw(struct widget *w, struct area a, bool focus)
{
    edit_draw(&of(w)->ed, a, focus);
}

static bool answer(struct widget *w, struct buf *out, const char **ret_why)
{
    (void)ret_why;
    buf_add_str(out, edit_text(&of(w)->ed));
    return true;
}

static struct str typed(const struct widget *w)
{
    return w->touched ? edit_text(&of(w)->ed) : STR("");
}

static void set_typed(struct widget *w, struct str text)
{
    edit_set(&of(w)->ed, text);
    w->touched = true;
}

const struct widget_ops widget_text = {
    .size = sizeof(struct text),
    .contexts = CTX_MOVE | CTX_TEXT,
    .typing = true,
    .open = open_,
    .input = input,
    .rows = rows,
    .draw = draw,
    .answer = answer,
    .typed = typed,
    .set_typed = set_typed,
    .close = close_,
};
