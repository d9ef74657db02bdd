/* What is only shown, and what is shown and ticked. */
#include "app/tr.h"
#include "app/view/widget.h"

static enum did note_input(struct widget *w, const struct input *in)
{
    (void)w;
    return in->action == ACTION_TAKE ? DID_TAKE : DID_NOTHING;
}

static int note_rows(struct widget *w, int cols)
{
    (void)w;
    (void)cols;
    return 0;
}

static void note_draw(struct widget *w, struct area a, bool focus)
{
    (void)w;
    (void)a;
    (void)focus;
}

static bool note_answer(struct widget *w, struct buf *out, const char **ret_why)
{
    (void)ret_why;
    buf_add_str(out, w->f.value);
    return true;
}

const struct widget_ops widget_note = {
    .size = sizeof(struct widget),
    .contexts = CTX_PLAIN,
    .input = note_input,
    .rows = note_rows,
    .draw = note_draw,
    .answer = note_answer,
};

struct acknowledge {
    struct widget w;
    bool ticked;
};

static struct acknowledge *of(const struct widget *w)
{
    return (struct acknowledge *)(uintptr_t)w;
}

static void open_(struct widget *w)
{
    of(w)->ticked = w->f.value.n > 0;
}

static enum did input(struct widget *w, const struct input *in)
{
    if (in->action == ACTION_TAKE)
        return DID_TAKE;
    if (in->action != ACTION_TOGGLE)
        return DID_NOTHING;
    of(w)->ticked = !of(w)->ticked;
    w->touched = true;
    return DID_SOMETHING;
}

static int rows(struct widget *w, int cols)
{
    (void)w;
    (void)cols;
    return 1;
}

static void draw(struct widget *w, struct area a, bool focus)
{
    (void)focus;
    area_z(a, 0, 2, of(w)->ticked ? STYLE_CHOSEN : STYLE_NORMAL,
           of(w)->ticked ? _("[x] read and understood") : _("[ ] Space: read and understood"));
}

static bool answer(struct widget *w, struct buf *out, const char **ret_why)
{
    (void)ret_why;
    if (of(w)->ticked)
        buf_add_z(out, "OK");
    return true;
}

const struct widget_ops widget_acknowledge = {
    .size = sizeof(struct acknowledge),
    .contexts = CTX_PLAIN | CTX_CHOICES,
    .open = open_,
    .input = input,
    .rows = rows,
    .draw = draw,
    .answer = answer,
};
