/* Several of a list. A code that no other continues ticks at once, a longer one with Enter,
 * Space ticks at the cursor; `1-3 7` typed in a row works as it is read: a dash after a code
 * takes all up to the next. Enter with nothing typed takes the answer. The answer is in the
 * order of the list. */
#include "app/tr.h"
#include "app/view/picker.h"
#include "forms/base/limits.h"
#include "forms/base/mem.h"

struct multiple {
    struct widget w;
    struct picker p;
    bool *ticked;      /* a choice each */
    size_t last;       /* ticked by its code just now, or PICK_NONE */
    size_t range_from; /* a dash was typed after it, or PICK_NONE */
    struct buf kept;   /* the answer so far, once touched */
};

static struct multiple *of(const struct widget *w)
{
    return (struct multiple *)(uintptr_t)w;
}

/* The names of what is ticked, in the order of the list. */
static void add_ticked(const struct multiple *m, struct buf *out)
{
    const struct choice_source *c = &m->w.f.choices;

    for (size_t i = 0, n = 0; i < c->n; i++) {
        if (!m->ticked[i])
            continue;
        if (n++)
            buf_add_c(out, ' ');
        buf_add_str(out, c->name(c->ctx, i));
    }
}

static void tick_names(struct multiple *m, struct str names)
{
    struct str name;

    memset(m->ticked, 0, m->w.f.choices.n * sizeof *m->ticked);
    while (str_word(&names, &name)) {
        size_t choice = picker_find(&m->p, name);

        if (choice != PICK_NONE)
            m->ticked[choice] = true;
    }
}

static void open_(struct widget *w)
{
    struct multiple *m = of(w);

    picker_init(&m->p, &w->f, 4);
    buf_init(&m->kept, LIMIT_ANSWER_BYTES);
    m->ticked = mem_calloc(w->f.choices.n + 1, sizeof *m->ticked);
    m->last = m->range_from = PICK_NONE;
    tick_names(m, w->f.value);
}

static void close_(struct widget *w)
{
    mem_free(of(w)->ticked);
    buf_wipe_done(&of(w)->kept);
    picker_done(&of(w)->p);
}

static void tick_range(struct multiple *m, size_t from, size_t to)
{
    size_t low = from < to ? from : to, high = from < to ? to : from;

    for (size_t i = low; i <= high; i++)
        m->ticked[i] = true;
}

static enum did tick(struct multiple *m, size_t choice, bool by_code)
{
    if (m->range_from != PICK_NONE)
        tick_range(m, m->range_from, choice);
    else
        m->ticked[choice] = !m->ticked[choice];
    m->range_from = PICK_NONE;
    m->last = by_code ? choice : PICK_NONE;
    m->w.touched = true;
    buf_clear(&m->kept);
    add_ticked(m, &m->kept);
    picker_clear_typed(&m->p);
    picker_to(&m->p, choice);
    return DID_TYPE;
}

static bool typing_code(const struct multiple *m)
{
    return edit_text(&m->p.typed).n > 0;
}

/* A dash or a blank right after a code; everything else ends that state. */
static bool after_code(struct multiple *m, const struct input *in, enum did *ret)
{
    size_t last = m->last;
    bool blank = in->action == ACTION_TOGGLE || in->key.code == ' ' || in->key.code == ',';

    *ret = DID_SOMETHING;
    if (typing_code(m) && (blank || in->key.code == '-') && in->action != ACTION_TAKE) {
        size_t choice = picker_typed_choice(&m->p);

        if (choice == PICK_NONE)
            return false;
        *ret = tick(m, choice, true);
        m->range_from = blank ? PICK_NONE : choice;
        return true;
    }
    if (last == PICK_NONE || typing_code(m))
        return false;
    m->last = PICK_NONE;
    if (in->action == ACTION_NONE && in->key.code == '-') {
        m->range_from = last;
        m->ticked[last] = true;
        return true;
    }
    return blank;
}

static enum did input(struct widget *w, const struct input *in)
{
    struct multiple *m = of(w);
    size_t exact;
    enum did did;

    if (after_code(m, in, &did))
        return did;
    if (in->action == ACTION_TAKE && !typing_code(m))
        return DID_TAKE;
    if (in->action == ACTION_TAKE || in->action == ACTION_TOGGLE) {
        size_t choice = picker_typed_choice(&m->p);

        choice = choice == PICK_NONE ? picker_choice(&m->p) : choice;
        return choice == PICK_NONE ? DID_REFUSE : tick(m, choice, typing_code(m) && !m->p.narrowed);
    }
    if (in->key.code == ' ' && m->p.cursor != PICK_NONE && (m->p.narrowed || !typing_code(m)))
        return tick(m, picker_choice(&m->p), false);
    did = picker_input(&m->p, in, &exact);
    return exact == PICK_NONE ? did : tick(m, exact, true);
}

static int rows(struct widget *w, int cols)
{
    return picker_rows(&of(w)->p, cols);
}

static const char *mark(void *ctx, size_t choice, bool *ret_chosen)
{
    *ret_chosen = ((struct multiple *)ctx)->ticked[choice];
    return *ret_chosen ? "[x]" : "[ ]";
}

static void draw(struct widget *w, struct area a, bool focus)
{
    picker_draw(&of(w)->p, a, focus, &(struct picker_marks){mark, w});
}

static bool answer(struct widget *w, struct buf *out, const char **ret_why)
{
    struct multiple *m = of(w);

    if (typing_code(m)) {
        *ret_why = N_("No choice has this code.");
        return false;
    }
    add_ticked(m, out);
    return true;
}

/* Ticks not taken yet are kept as their names, so that a crash loses none. */
static struct str typed(const struct widget *w)
{
    return buf_str(&of(w)->kept);
}

static void set_typed(struct widget *w, struct str names)
{
    struct multiple *m = of(w);

    tick_names(m, names);
    m->w.touched = true;
    buf_clear(&m->kept);
    add_ticked(m, &m->kept);
}

static size_t row(const struct widget *w)
{
    return picker_choice(&of(w)->p);
}

static void to(struct widget *w, size_t choice)
{
    picker_to(&of(w)->p, choice);
}

const struct widget_ops widget_multiple = {
    .size = sizeof(struct multiple),
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
