/* A text: one line, or several (the form's `multiline`). Enter takes it, as everywhere; Ctrl-J
 * begins a new line. Barcodes are texts: a scanner types like a keyboard and ends with Enter. */
#include "app/tr.h"
#include "app/view/edit.h"
#include "app/view/widget.h"
#include "forms/base/limits.h"

#define LINES_SHOWN 8

static void open_(struct widget *w)
{
    struct edit *ed = &typed_of(w)->ed;

    edit_init(ed, LIMIT_ANSWER_BYTES);
    ed->lines = w->f.lines;
    ed->masked = w->f.masked;
    if (w->f.digits_only)
        ed->only = "0123456789+-,. ";
    edit_set(ed, w->f.value);
}

static enum did input(struct widget *w, const struct input *in)
{
    if (in->action == ACTION_TAKE)
        return DID_TAKE;
    return widget_edit(w, &typed_of(w)->ed, in);
}

static int rows(struct widget *w, int cols)
{
    int n;

    if (!w->f.lines)
        return 1;
    n = edit_rows(&typed_of(w)->ed, cols);
    return n < 3 ? 3 : n > LINES_SHOWN ? LINES_SHOWN : n;
}

static void draw(struct widget *w, struct area a, bool focus)
{
    edit_draw(&typed_of(w)->ed, a, focus);
}

static bool answer(struct widget *w, struct buf *out, const char **ret_why)
{
    struct str typed = edit_text(&typed_of(w)->ed);

    (void)ret_why;
    if (str_trim(typed).n) /* blanks alone are no answer */
        buf_add_str(out, typed);
    return true;
}

const struct widget_ops widget_text = {
    .size = sizeof(struct typed_widget),
    .contexts = CTX_MOVE | CTX_TEXT,
    .typing = true,
    .open = open_,
    .input = input,
    .rows = rows,
    .draw = draw,
    .answer = answer,
    .typed = typed_text,
    .set_typed = typed_set,
    .close = typed_close,
};
