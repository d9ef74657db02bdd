/* Places: latitude, longitude and, if known, altitude and accuracy; a trace or a shape has a point a line
 * (Ctrl-J). Degrees are decimal, with a point or a comma; between the numbers stand blanks, or commas where that
 * can't be read in two ways. */
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

static size_t count(struct str s, char c)
{
    size_t n = 0;

    for (size_t i = 0; i < s.n; i++)
        n += s.p[i] == c;
    return n;
}

/* What stands between blanks, its numbers with a blank behind each. "115,38" is one number; a comma beside a
 * number with a point stands between two; of "115,38" within more, nobody knows. */
static bool split_word(struct str word, struct buf *out)
{
    struct str part, before = STR(".");
    bool decimal = count(word, '.') == 0 && count(word, ',') == 1;

    if (decimal) {
        for (size_t i = 0; i < word.n; i++)
            buf_add_c(out, word.p[i] == ',' ? '.' : word.p[i]);
        buf_add_c(out, ' ');
        return true;
    }
    for (; str_split(&word, ',', &part); before = part) {
        if (count(before, '.') + count(part, '.') == 0)
            return false;
        buf_add_str(out, part);
        buf_add_c(out, ' ');
    }
    return true;
}

static bool split_line(struct str line, struct buf *out)
{
    struct str word;

    while (str_word(&line, &word)) {
        while (word.n && word.p[word.n - 1] == ',') /* "-2.16, 115.38" */
            word.n--;
        if (word.n && count(word, ',') == 0) {
            buf_add_str(out, word);
            buf_add_c(out, ' ');
        } else if (word.n && !split_word(word, out)) {
            return false;
        }
    }
    return true;
}

/* One point, "lat lon alt acc" with what is missing as 0. */
static bool add_numbers(struct str numbers, struct buf *out)
{
    struct str number;
    int n = 0;

    for (; str_word(&numbers, &number); n++) {
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

static bool add_point(struct str line, struct buf *out)
{
    struct buf numbers;
    bool ok;

    buf_init(&numbers, POINT_MAX);
    ok = line.n < POINT_MAX && split_line(line, &numbers) && !numbers.full &&
         add_numbers(buf_str(&numbers), out);
    buf_wipe_done(&numbers);
    return ok;
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
                          "degrees, with a blank between: -2.1683 115.3856");
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
