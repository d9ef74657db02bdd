/* A file that belongs to the answer: its path is typed, the files that go on from there are
 * listed below. Taken, the file is sealed into the store and the answer is its name there; the file
 * that was read stays where it is. */
#include "app/tr.h"
#include "app/view/edit.h"
#include "app/view/widget.h"
#include "forms/base/limits.h"

#define PATH_BYTES  4095
#define LISTED_ROWS 6

struct file_field {
    struct typed_widget t;
    struct buf found; /* paths that begin with what is typed, a line each */
};

static struct file_field *of(const struct widget *w)
{
    return (struct file_field *)(uintptr_t)w;
}

static void list(struct file_field *f)
{
    buf_clear(&f->found);
    if (f->t.w.f.files.list)
        f->t.w.f.files.list(f->t.w.f.files.ctx, edit_text(&f->t.ed), &f->found);
}

static void open_(struct widget *w)
{
    edit_init(&of(w)->t.ed, PATH_BYTES);
    edit_set(&of(w)->t.ed, w->f.value);
    buf_init(&of(w)->found, LIMIT_CELL_BYTES);
    list(of(w));
}

static void close_(struct widget *w)
{
    edit_done(&of(w)->t.ed);
    buf_wipe_done(&of(w)->found);
}

/* The longest beginning that all listed paths share. */
static enum did complete(struct file_field *f)
{
    struct str rest = buf_str(&f->found), line, common = {0};

    while (str_split(&rest, '\n', &line)) {
        size_t n = 0;

        if (line.n == 0)
            continue;
        if (!common.p)
            common = line;
        while (n < common.n && n < line.n && common.p[n] == line.p[n])
            n++;
        common.n = n;
    }
    if (common.n <= edit_text(&f->t.ed).n)
        return DID_REFUSE;
    edit_set(&f->t.ed, common);
    list(f);
    f->t.w.touched = true;
    return DID_TYPE;
}

/* The line is the name in the store, which nobody edits. */
static bool shows_stored(const struct file_field *f)
{
    return f->t.w.f.stored.n && str_eq(edit_text(&f->t.ed), f->t.w.f.value);
}

static enum did take_out(struct file_field *f)
{
    edit_set(&f->t.ed, STR(""));
    list(f);
    f->t.w.touched = true;
    return DID_TYPE;
}

static enum did input(struct widget *w, const struct input *in)
{
    struct file_field *f = of(w);
    bool stored = shows_stored(f);
    enum did did;

    if (stored && (in->action == ACTION_ERASE || in->action == ACTION_ERASE_WORD))
        return take_out(f);
    if (stored && in->action == ACTION_NONE)
        edit_set(&f->t.ed, STR("")); /* another path begins */

    if (in->action == ACTION_TAKE)
        return DID_TAKE;
    if (in->action == ACTION_DOWN || in->action == ACTION_RIGHT) {
        if (in->action == ACTION_DOWN || f->t.ed.at == edit_text(&f->t.ed).n)
            return complete(f);
    }
    did = widget_edit(w, &f->t.ed, in);
    if (did == DID_TYPE)
        list(f);
    else if (stored && in->action == ACTION_NONE)
        edit_set(&f->t.ed, w->f.value);
    return did;
}

static int rows(struct widget *w, int cols)
{
    struct str rest = buf_str(&of(w)->found), line;
    int n = 2;

    (void)cols;
    while (n < 2 + LISTED_ROWS && str_split(&rest, '\n', &line))
        n += line.n > 0;
    return n;
}

static void draw_stored(const struct widget *w, struct area a)
{
    struct buf text;

    buf_init(&text, LIMIT_CELL_BYTES);
    buf_printf(&text, _("✓ Stored: %.*s. Backspace takes it out."), STR_FMT(w->f.stored));
    area_text(a, 1, 0, a.cols, STYLE_HINT, buf_str(&text));
    buf_done(&text);
}

static void draw(struct widget *w, struct area a, bool focus)
{
    struct file_field *f = of(w);
    struct str rest = buf_str(&f->found), line;
    int y = 2;

    edit_draw(&f->t.ed, area_sub(a, 0, 0, 1, a.cols), focus);
    if (shows_stored(f))
        draw_stored(w, a);
    else
        area_z(a, 1, 0, STYLE_HINT,
               _("The path of the file; ↓ completes. Enter seals a copy of it."));
    while (y < a.rows && str_split(&rest, '\n', &line))
        if (line.n)
            area_text(a, y++, 2, a.cols - 2, STYLE_DIM, line);
    if (y == a.rows && rest.p && str_trim(rest).n)
        area_z(a, y - 1, 0, STYLE_DIM, "…");
}

/* The path, or the name of what is stored already. */
static bool answer(struct widget *w, struct buf *out, const char **ret_why)
{
    (void)ret_why;
    return buf_add_str(out, edit_text(&of(w)->t.ed));
}

static void set_typed(struct widget *w, struct str text)
{
    edit_set(&of(w)->t.ed, text);
    list(of(w));
    w->touched = true;
}

const struct widget_ops widget_file = {
    .size = sizeof(struct file_field),
    .contexts = CTX_MOVE | CTX_TEXT,
    .typing = true,
    .open = open_,
    .input = input,
    .rows = rows,
    .draw = draw,
    .answer = answer,
    .typed = typed_text,
    .set_typed = set_typed,
    .close = close_,
};
