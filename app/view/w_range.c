/* A number on a scale: ← and → step along it, or it is typed. The limits stand at the ends. */
#include "app/tr.h"
#include "app/view/edit.h"
#include "app/view/local.h"
#include "app/view/text.h"
#include "app/view/widget.h"
#include "forms/base/num.h"

#define FIELD_COLS 10

/* In local notation. */
static void set_text(struct typed_widget *r, struct str stored)
{
    edit_set(&r->ed, stored);
    for (size_t i = 0; !str_is(str_of(tr_language()), "en") && i < r->ed.text.n; i++)
        if (r->ed.text.p[i] == '.')
            r->ed.text.p[i] = ',';
}

static void set_number(struct typed_widget *r, double v)
{
    char text[NUM_TEXT_MAX];

    num_text(v, text);
    set_text(r, str_of(text));
}

static void open_(struct widget *w)
{
    edit_init(&typed_of(w)->ed, 32);
    typed_of(w)->ed.only = "0123456789-,.";
    set_text(typed_of(w), w->f.value);
}

static void plain(const struct typed_widget *r, struct buf *out)
{
    struct str s = edit_text(&r->ed);

    for (size_t i = 0; i < s.n; i++)
        buf_add_c(out, s.p[i] == ',' ? '.' : s.p[i]);
}

static bool number(const struct typed_widget *r, double *ret)
{
    struct buf text;
    bool is;

    buf_init(&text, 64);
    plain(r, &text);
    is = num_parse(buf_str(&text), 0, ret);
    buf_wipe_done(&text);
    return is;
}

/* The place on the scale, in whole steps, so that decimal steps add up to no crumbs. */
static enum did step(struct typed_widget *r, int by)
{
    double v, size = r->w.f.step > 0 ? r->w.f.step : 1, direction = 1;
    double low = r->w.f.start, high = r->w.f.end, steps;

    if (high < low)
        direction = -1;
    steps = (high - low) / size * direction;
    if (!number(r, &v))
        v = by > 0 ? 0 : steps;
    else
        v = (v - low) / size * direction + by;
    v = (double)(int64_t)(v + (v < 0 ? -0.5 : 0.5));
    if (v < 0 || v > (double)(int64_t)(steps + 1e-9))
        return DID_SOMETHING;
    /* 0.1 * 3 must be 0.3: divide by the whole number that 1/size is, where it is one */
    if (size < 1 && (double)(int64_t)(1 / size + 0.5) * size == 1)
        v = low + direction * v / (double)(int64_t)(1 / size + 0.5);
    else
        v = low + direction * v * size;
    set_number(r, v);
    r->w.touched = true;
    return DID_TYPE;
}

static enum did input(struct widget *w, const struct input *in)
{
    struct typed_widget *r = typed_of(w);

    switch ((int)in->action) {
    case ACTION_TAKE: return DID_TAKE;
    case ACTION_LEFT:
    case ACTION_DOWN: return step(r, -1);
    case ACTION_RIGHT:
    case ACTION_UP: return step(r, 1);
    case ACTION_HOME:
    case ACTION_END:
        set_number(r, in->action == ACTION_HOME ? w->f.start : w->f.end);
        w->touched = true;
        return DID_TYPE;
    default: break;
    }
    return widget_edit(w, &r->ed, in);
}

static int rows(struct widget *w, int cols)
{
    (void)w;
    (void)cols;
    return 2;
}

static int draw_limit(struct area a, int x, double limit)
{
    struct buf out;
    char text[NUM_TEXT_MAX];
    int w;

    buf_init(&out, sizeof text * 2);
    num_text(limit, text);
    local_number(str_of(text), &out);
    w = area_text(a, 0, x, a.cols - x, STYLE_HINT, buf_str(&out));
    buf_done(&out);
    return w;
}

/* 0 ──────●──── 10 */
static void draw_scale(struct typed_widget *r, struct area a)
{
    int x = draw_limit(a, 0, r->w.f.start) + 1, cols = a.cols - x - 12;
    double v, at;

    if (cols > 44)
        cols = 44;
    area_rule(area_sub(a, 0, x, 1, cols), 0, STYLE_RULE);
    draw_limit(a, x + cols + 1, r->w.f.end);
    if (!number(r, &v) || cols < 2)
        return;
    at = (v - r->w.f.start) / (r->w.f.end - r->w.f.start) * (double)(cols - 1) + 0.5;
    if (at >= 0 && at < (double)cols)
        area_text(a, 0, x + (int)at, 1, STYLE_CHOSEN, STR("●"));
}

static void draw(struct widget *w, struct area a, bool focus)
{
    edit_draw(&typed_of(w)->ed, area_sub(a, 0, 0, 1, FIELD_COLS), focus);
    area_z(a, 0, FIELD_COLS + 2, STYLE_HINT, _("← → along the scale"));
    draw_scale(typed_of(w), area_sub(a, 1, 0, 1, a.cols));
}

static bool answer(struct widget *w, struct buf *out, const char **ret_why)
{
    double v;

    if (edit_text(&typed_of(w)->ed).n && !number(typed_of(w), &v)) {
        *ret_why = N_("This must be a number.");
        return false;
    }
    plain(typed_of(w), out);
    return true;
}

const struct widget_ops widget_range = {
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
