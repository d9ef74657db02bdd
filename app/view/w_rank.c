/* An order of choices. Those ranked come first, in their order, with their place; Space (or the
 * code of a choice) gives a choice the next place or takes its place away; Left and Right move
 * it up and down. */
#include "app/tr.h"
#include "app/view/text.h"
#include "app/view/widget.h"
#include "forms/base/limits.h"
#include "forms/base/mem.h"
#include "forms/base/num.h"

struct rank {
    struct widget w;
    uint32_t *order; /* all choices: the ranked ones first */
    size_t ranked, cursor;
    struct buf kept;
};

static struct rank *of(const struct widget *w)
{
    return (struct rank *)(uintptr_t)w;
}

static struct str name_of(const struct rank *r, size_t row)
{
    return r->w.f.choices.name(r->w.f.choices.ctx, r->order[row]);
}

/* Moves the row to another row, those between make way. */
static void move_row(struct rank *r, size_t from, size_t to)
{
    uint32_t choice = r->order[from];

    if (from < to)
        memmove(r->order + from, r->order + from + 1, (to - from) * sizeof *r->order);
    else
        memmove(r->order + to + 1, r->order + to, (from - to) * sizeof *r->order);
    r->order[to] = choice;
}

static void take_names(struct rank *r, struct str names)
{
    struct str name;

    for (size_t i = 0; i < r->w.f.choices.n; i++)
        r->order[i] = (uint32_t)i;
    r->ranked = 0;
    while (str_word(&names, &name)) {
        for (size_t i = r->ranked; i < r->w.f.choices.n; i++) {
            if (str_eq(name_of(r, i), name)) {
                move_row(r, i, r->ranked++);
                break;
            }
        }
    }
}

static void open_(struct widget *w)
{
    struct rank *r = of(w);

    r->order = mem_calloc(w->f.choices.n + 1, sizeof *r->order);
    buf_init(&r->kept, LIMIT_ANSWER_BYTES);
    take_names(r, w->f.value);
}

static void close_(struct widget *w)
{
    mem_free(of(w)->order);
    buf_wipe_done(&of(w)->kept);
}

static void add_names(const struct rank *r, struct buf *out)
{
    for (size_t i = 0; i < r->ranked; i++) {
        if (i)
            buf_add_c(out, ' ');
        buf_add_str(out, name_of(r, i));
    }
}

static enum did changed(struct rank *r)
{
    r->w.touched = true;
    buf_clear(&r->kept);
    add_names(r, &r->kept);
    return DID_TYPE;
}

/* Unranked choices stand in the order of the list. */
static void unrank(struct rank *r, size_t row)
{
    uint32_t choice = r->order[row];
    size_t to = r->ranked - 1;

    while (to + 1 < r->w.f.choices.n && r->order[to + 1] < choice)
        to++;
    r->ranked--;
    move_row(r, row, to);
}

static enum did toggle(struct rank *r, size_t row)
{
    if (row >= r->w.f.choices.n)
        return DID_REFUSE;
    if (row < r->ranked)
        unrank(r, row);
    else
        move_row(r, row, r->ranked++);
    return changed(r);
}

static enum did shift(struct rank *r, bool down)
{
    size_t to = down ? r->cursor + 1 : r->cursor - 1;

    if (r->cursor >= r->ranked || to >= r->ranked)
        return DID_SOMETHING;
    move_row(r, r->cursor, to);
    r->cursor = to;
    return changed(r);
}

/* A digit is the number of the choice in the list as it was asked. */
static enum did by_number(struct rank *r, struct key k)
{
    if (k.code < '1' || k.code > '9')
        return key_is_text(k) ? DID_REFUSE : DID_NOTHING;
    for (size_t i = 0; i < r->w.f.choices.n; i++)
        if (r->order[i] == k.code - '1')
            return toggle(r, i);
    return DID_REFUSE;
}

static enum did input(struct widget *w, const struct input *in)
{
    struct rank *r = of(w);

    switch ((int)in->action) {
    case ACTION_TAKE: return DID_TAKE;
    case ACTION_UP: r->cursor -= r->cursor > 0; return DID_SOMETHING;
    case ACTION_DOWN: r->cursor += r->cursor + 1 < w->f.choices.n; return DID_SOMETHING;
    case ACTION_LEFT: return shift(r, false);
    case ACTION_RIGHT: return shift(r, true);
    case ACTION_TOGGLE: return toggle(r, r->cursor);
    case ACTION_NONE: return by_number(r, in->key);
    default: return DID_NOTHING;
    }
}

static int rows(struct widget *w, int cols)
{
    (void)cols;
    return (int)w->f.choices.n + 1;
}

static void draw_row(struct rank *r, struct area a, int y, size_t row, bool here)
{
    struct buf text;
    int x;

    buf_init(&text, LIMIT_CELL_BYTES);
    if (here)
        area_text(a, y, 0, 1, STYLE_NORMAL, STR("▸"));
    if (row < r->ranked)
        buf_printf(&text, "%3zu.", row + 1);
    area_text(a, y, 2, 4, STYLE_CHOSEN, buf_str(&text));
    buf_clear(&text);
    buf_printf(&text, "%u", r->order[row] + 1);
    x = area_text(a, y, 8, 4, STYLE_HINT, buf_str(&text));
    buf_clear(&text);
    r->w.f.choices.label(r->w.f.choices.ctx, r->order[row], &text);
    area_text(a, y, 8 + x + 2, a.cols - 10 - x, row < r->ranked ? STYLE_CHOSEN : STYLE_NORMAL,
              buf_str(&text));
    if (here)
        area_restyle(a, y, 8, x + 2 + text_width(buf_str(&text)), STYLE_CURSOR);
    buf_done(&text);
}

static void draw(struct widget *w, struct area a, bool focus)
{
    struct rank *r = of(w);
    size_t top = 0, shown = a.rows > 1 ? (size_t)a.rows - 1 : 1;

    if (r->cursor >= shown)
        top = r->cursor - shown + 1;
    for (size_t i = top; i < w->f.choices.n && i - top < shown; i++)
        draw_row(r, a, (int)(i - top), i, focus && i == r->cursor);
    if (a.rows > 1)
        area_z(a, a.rows - 1, 2, STYLE_HINT,
               w->f.choices.n > shown ? _("… Space gives the next place, ← → move it")
                                      : _("Space gives the next place, ← → move it"));
}

/* All or none: with one choice left there is only one place it can have. */
static bool answer(struct widget *w, struct buf *out, const char **ret_why)
{
    struct rank *r = of(w);

    if (r->ranked > 0 && r->ranked + 1 == w->f.choices.n)
        r->ranked++;
    if (r->ranked > 0 && r->ranked < w->f.choices.n) {
        *ret_why = N_("Give every choice a place.");
        return false;
    }
    add_names(r, out);
    return true;
}

static struct str typed(const struct widget *w)
{
    return buf_str(&of(w)->kept);
}

static void set_typed(struct widget *w, struct str names)
{
    take_names(of(w), names);
    changed(of(w));
}

const struct widget_ops widget_rank = {
    .size = sizeof(struct rank),
    .contexts = CTX_CHOICES | CTX_MOVE,
    .open = open_,
    .input = input,
    .rows = rows,
    .draw = draw,
    .answer = answer,
    .typed = typed,
    .set_typed = set_typed,
    .close = close_,
};
