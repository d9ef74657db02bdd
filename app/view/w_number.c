/* Integers and decimals. Only what can be a number is typed; a decimal takes comma or point, and
 * a point before exactly three digits asks whether it was meant as a decimal one (decisions.md
 * 12). The value is shown beside the field in local notation. Up and Down step where the form
 * says `counter`. */
#include "app/tr.h"
#include "app/view/edit.h"
#include "app/view/local.h"
#include "app/view/widget.h"
#include "forms/base/num.h"

#define DIGITS_MAX 64
#define FIELD_COLS 22

struct number {
    struct typed_widget t;
    bool asked; /* the point before three digits was confirmed */
};

static struct number *of(const struct widget *w)
{
    return (struct number *)(uintptr_t)w;
}

static void open_(struct widget *w)
{
    struct number *n = of(w);
    char comma = str_is(str_of(tr_language()), "en") ? '.' : ',';

    edit_init(&n->t.ed, DIGITS_MAX);
    n->t.ed.only = w->f.kind == FIELD_DECIMAL ? "0123456789-,." : "0123456789-";
    edit_set(&n->t.ed, w->f.value);
    for (size_t i = 0; i < n->t.ed.text.n; i++)
        if (n->t.ed.text.p[i] == '.')
            n->t.ed.text.p[i] = comma;
}

/* As interview_set reads it: a point, no blanks. */
static void plain(const struct number *n, struct buf *out)
{
    struct str s = edit_text(&n->t.ed);

    for (size_t i = 0; i < s.n; i++)
        buf_add_c(out, s.p[i] == ',' ? '.' : s.p[i]);
}

static bool ambiguous(const struct number *n)
{
    struct str s = edit_text(&n->t.ed);
    size_t point = str_find(s, '.', 0), first = s.n && s.p[0] == '-' ? 1 : 0;

    return n->t.w.f.kind == FIELD_DECIMAL && point < s.n && s.n - point == 4 && point > first &&
           point - first <= 3 && !(s.p[first] == '0');
}

static enum did step(struct number *n, int by)
{
    int64_t v = 0;
    char text[NUM_TEXT_MAX];

    if (!n->t.w.f.counter || (edit_text(&n->t.ed).n && !num_parse_int(edit_text(&n->t.ed), &v)))
        return DID_NOTHING;
    num_text((double)(v + by), text);
    edit_set(&n->t.ed, str_of(text));
    n->t.w.touched = true;
    return DID_TYPE;
}

static enum did input(struct widget *w, const struct input *in)
{
    struct number *n = of(w);
    enum did did;
    bool sign = in->action == ACTION_NONE && (in->key.code == '+' || in->key.code == '-');

    if (in->action == ACTION_TAKE)
        return DID_TAKE;
    if (in->action == ACTION_UP || in->action == ACTION_DOWN)
        return step(n, in->action == ACTION_UP ? 1 : -1);
    if (sign && n->t.w.f.counter && edit_text(&n->t.ed).n)
        return step(n, in->key.code == '+' ? 1 : -1);
    did = widget_edit(w, &n->t.ed, in);
    if (did == DID_TYPE)
        n->asked = false;
    return did;
}

static int rows(struct widget *w, int cols)
{
    (void)w;
    (void)cols;
    return 1;
}

static void draw(struct widget *w, struct area a, bool focus)
{
    struct number *n = of(w);
    struct buf text, echo;
    int cols = a.cols < FIELD_COLS ? a.cols : FIELD_COLS;

    buf_init(&text, DIGITS_MAX + 1);
    buf_init(&echo, 4 * DIGITS_MAX);
    edit_draw(&n->t.ed, area_sub(a, 0, 0, 1, cols), focus);
    plain(n, &text);
    buf_add_z(&echo, "= ");
    local_number(buf_str(&text), &echo);
    if (text.n && !str_eq(str_from(buf_str(&echo), 2), edit_text(&n->t.ed)))
        area_text(a, 0, cols + 2, a.cols - cols - 2, STYLE_HINT, buf_str(&echo));
    buf_wipe_done(&text);
    buf_wipe_done(&echo);
}

static bool answer(struct widget *w, struct buf *out, const char **ret_why)
{
    struct number *n = of(w);
    double v;
    size_t from = out->n;

    plain(n, out);
    if (out->n > from && !num_parse(str_from(buf_str(out), from), 0, &v)) {
        *ret_why = N_("This must be a number.");
        return false;
    }
    if (w->touched && ambiguous(n) && !n->asked) {
        n->asked = true;
        *ret_why = N_("A point before three digits: Enter again if it begins decimals, else "
                      "type the number without it.");
        return false;
    }
    return true;
}

const struct widget_ops widget_number = {
    .size = sizeof(struct number),
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
