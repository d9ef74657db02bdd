/* Places: latitude, longitude and, if known, altitude and accuracy, typed with blanks or commas
 * between; a trace or a shape has a point a line (Ctrl-J). Degrees are decimal, with a point. */
#include "app/tr.h"
#include "app/view/edit.h"
#include "app/view/widget.h"
#include "forms/base/limits.h"
#include "forms/base/num.h"

#define POINT_MAX 200 /* bytes of one */

static bool is_points(const struct widget *w)
{
    return w->f.kind == FIELD_GEOPOINTS;
}

static void open_(struct widget *w)
{
    struct edit *ed = &typed_of(w)->ed;

    edit_init(ed, LIMIT_ANSWER_BYTES);
    ed->only = "0123456789.,- ";
    ed->lines = is_points(w);
    edit_set(ed, w->f.value);
    for (size_t i = 0; i < ed->text.n; i++)
        if (ed->text.p[i] == ';')
            ed->text.p[i] = '\n';
}

static enum did input(struct widget *w, const struct input *in)
{
    if (in->action == ACTION_TAKE)
        return DID_TAKE;
    if (in->action == ACTION_LOCATE)
        return DID_LOCATE;
    return widget_edit(w, &typed_of(w)->ed, in);
}

static int rows(struct widget *w, int cols)
{
    int n;

    if (!is_points(w))
        return 2;
    n = edit_rows(&typed_of(w)->ed, cols);
    return (n < 3 ? 3 : n > 8 ? 8 : n) + 1;
}

static void draw(struct widget *w, struct area a, bool focus)
{
    edit_draw(&typed_of(w)->ed, area_sub(a, 0, 0, a.rows > 1 ? a.rows - 1 : 1, a.cols), focus);
    area_z(a, a.rows - 1, 0, STYLE_HINT,
           is_points(w) ? _("A point a line: latitude longitude [altitude [accuracy]]")
                        : _("latitude longitude [altitude [accuracy]], as -2.1683 115.3856"));
}

static bool in_range(int i, double v)
{
    return i == 0 ? v >= -90 && v <= 90 : i == 1 ? v >= -180 && v <= 180 : i == 2 || v >= 0;
}

/* One point, "lat lon alt acc" with what is missing as 0. */
static bool add_point(struct str line, struct buf *out)
{
    struct str number;
    int n = 0;
    char text[POINT_MAX];

    if (line.n >= sizeof text)
        return false;
    for (size_t i = 0; i < line.n; i++)
        text[i] = line.p[i] == ',' ? ' ' : line.p[i];
    line.p = text;
    for (; str_word(&line, &number); n++) {
        double v;

        if (n == 4 || !num_parse(number, 0, &v) || !in_range(n, v))
            return false;
        if (n)
            buf_add_c(out, ' ');
        buf_add_str(out, number);
    }
    if (n < 2)
        return false;
    for (; n < 4; n++)
        buf_add_z(out, " 0");
    return true;
}

static bool answer(struct widget *w, struct buf *out, const char **ret_why)
{
    struct str rest = edit_text(&typed_of(w)->ed), line;
    size_t points = 0;

    if (str_trim(rest).n == 0)
        return true;
    while (str_split(&rest, '\n', &line)) {
        if (str_trim(line).n == 0)
            continue;
        if (points++)
            buf_add_c(out, ';');
        if (!add_point(line, out)) {
            *ret_why = N_("A place is a latitude (-90 to 90) and a longitude (-180 to 180), in "
                          "degrees with a decimal point.");
            return false;
        }
    }
    return true;
}

const struct widget_ops widget_geo = {
    .size = sizeof(struct typed_widget),
    .contexts = CTX_MOVE | CTX_TEXT | CTX_GEO,
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
