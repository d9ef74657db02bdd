/* One of a list. A code that no other continues is taken at once; a longer one with Enter; the
 * arrows and Enter do as well. Without a cursor Enter leaves the question as it is. */
#include "app/tr.h"
#include "app/view/picker.h"
#include "forms/base/utf8.h"

struct select {
    struct widget w;
    struct picker p;
    size_t chosen;
};

static struct select *of(const struct widget *w)
{
    return (struct select *)(uintptr_t)w;
}

static void open_(struct widget *w)
{
    struct select *s = of(w);

    picker_init(&s->p, &w->f, 2);
    s->chosen = picker_find(&s->p, w->f.value);
    picker_to(&s->p, s->chosen);
}

static void close_(struct widget *w)
{
    picker_done(&of(w)->p);
}

static enum did choose(struct select *s, size_t choice)
{
    s->chosen = choice;
    s->w.touched = true;
    picker_clear_typed(&s->p);
    picker_to(&s->p, choice);
    return DID_TAKE;
}

static enum did input(struct widget *w, const struct input *in)
{
    struct select *s = of(w);
    size_t exact;
    enum did did;

    if (in->action == ACTION_TAKE || in->action == ACTION_TOGGLE) {
        size_t choice = picker_typed_choice(&s->p);

        choice = choice == PICK_NONE ? picker_choice(&s->p) : choice;
        if (choice != PICK_NONE)
            return choose(s, choice);
        if (s->p.narrowed && s->p.n > 0) { /* Enter again takes the first */
            s->p.cursor = 0;
            return DID_SOMETHING;
        }
        return edit_text(&s->p.typed).n ? DID_REFUSE : DID_NOTHING;
    }
    did = picker_input(&s->p, in, &exact);
    return exact == PICK_NONE ? did : choose(s, exact);
}

static int rows(struct widget *w, int cols)
{
    return picker_rows(&of(w)->p, cols);
}

static const char *mark(void *ctx, size_t choice, bool *ret_chosen)
{
    *ret_chosen = ((struct select *)ctx)->chosen == choice;
    return *ret_chosen ? "●" : NULL;
}

static void draw(struct widget *w, struct area a, bool focus)
{
    picker_draw(&of(w)->p, a, focus, &(struct picker_marks){mark, w});
}

static bool answer(struct widget *w, struct buf *out, const char **ret_why)
{
    struct select *s = of(w);

    if (edit_text(&s->p.typed).n) {
        *ret_why = !s->p.narrowed ? N_("No choice has this code.")
                   : s->p.n > 0   ? N_("Choose one with ↓, or erase what is typed (Ctrl-W).")
                                  : N_("No choice contains this. Ctrl-W erases it.");
        return false;
    }
    if (s->chosen != PICK_NONE)
        buf_add_str(out, w->f.choices.name(w->f.choices.ctx, s->chosen));
    return true;
}

static struct str typed(const struct widget *w)
{
    return edit_text(&of(w)->p.typed);
}

static void set_typed(struct widget *w, struct str text)
{
    for (size_t i = 0, len; i < text.n; i += len) {
        struct key k = {.code = utf8_at(text, i, &len)};
        size_t exact;

        picker_input(&of(w)->p, &(struct input){ACTION_NONE, k}, &exact);
    }
}

static size_t row(const struct widget *w)
{
    return picker_choice(&of(w)->p);
}

static void to(struct widget *w, size_t choice)
{
    picker_to(&of(w)->p, choice);
}

const struct widget_ops widget_select = {
    .size = sizeof(struct select),
    .contexts = CTX_CHOICES | CTX_MOVE,
    .typing = true,
    .open = open_,
    .input = input,
    .rows = rows,
    .draw = draw,
    .answer = answer,
    .typed = typed,
    .set_typed = set_typed,
    .close = close_,
    .row = row,
    .to = to,
};
