/* Tables of selects. */
#include "app/view/matrix.h"

#include "app/view/markup.h"
#include "app/view/text.h"

#define LABEL_COLS_MIN  26
#define COLUMN_COLS_MIN 7
#define HEADER_ROWS_MAX 4

static bool is_select(const struct form_node *n)
{
    return n->type == TYPE_SELECT_ONE || n->type == TYPE_SELECT_MULTIPLE;
}

static bool is_row_of(const struct form *f, uint32_t def)
{
    const struct form_node *n = &f->nodes[def];
    const struct form_node *parent = n->parent == DEF_NONE ? NULL : &f->nodes[n->parent];

    return is_select(n) && !form_has_appearance(n, "label") &&
           (form_has_appearance(n, "list-nolabel") ||
            (parent && form_has_appearance(parent, "table-list")));
}

static int column_cols(const struct matrix *m, int cols)
{
    int wide = (cols - LABEL_COLS_MIN) / (int)m->n_columns;

    return wide > 16 ? 16 : wide;
}

static int label_cols(const struct matrix *m, int cols)
{
    return cols - column_cols(m, cols) * (int)m->n_columns;
}

/* Neighbours over the same list; a question that isn't a row ends the table. */
static void collect(struct ui *ui, const struct place *p, struct matrix *m)
{
    struct interview *iv = session_interview(ui->session);
    const struct form *f = session_form(ui->session);
    const struct form_node *n = &f->nodes[p->def];

    for (uint32_t d = n->parent + 1; d < f->nodes[n->parent].end; d = f->nodes[d].end) {
        struct place row = *p;

        row.def = d;
        if (!is_row_of(f, d) || f->nodes[d].list != n->list) {
            if (d > p->def)
                break;
            if (!form_has_appearance(&f->nodes[d], "label") && is_select(&f->nodes[d]))
                m->n_rows = 0;
            continue;
        }
        if (!interview_state(iv, &row).relevant || m->n_rows == MATRIX_ROWS_MAX)
            continue;
        if (d == p->def)
            m->current = m->n_rows;
        m->rows[m->n_rows++] = row;
    }
}

bool matrix_of(struct ui *ui, const struct place *p, int cols, struct matrix *ret)
{
    const struct form *f = session_form(ui->session);
    struct choices c;
    struct err e = {0};
    struct matrix m = {.current = -1};

    if (p->whole || !is_row_of(f, p->def) ||
        !interview_choices(session_interview(ui->session), p, &c, &e))
        return false;
    m.n_columns = c.n;
    m.multiple = f->nodes[p->def].type == TYPE_SELECT_MULTIPLE;
    if (c.n < 2 || c.n > MATRIX_COLUMNS_MAX || column_cols(&m, cols) < COLUMN_COLS_MIN)
        return false;
    collect(ui, p, &m);
    if (m.current < 0)
        return false;
    *ret = m;
    return true;
}

struct input matrix_input(struct ui *ui, const struct place *p, const struct input *in)
{
    static const struct {
        enum action from, to;
    } turned[] = {{ACTION_LEFT, ACTION_UP},
                  {ACTION_RIGHT, ACTION_DOWN},
                  {ACTION_UP, ACTION_BACK},
                  {ACTION_DOWN, ACTION_FORWARD}};
    struct input out = *in;
    struct matrix m;

    for (int i = 0; i < 4; i++)
        if (in->action == turned[i].from && matrix_of(ui, p, ui->canvas.cols - 8, &m))
            out.action = turned[i].to;
    return out;
}

/* ---- drawing ---- */

static struct lines header_lines(struct ui *ui, const struct matrix *m, size_t column, int cols)
{
    struct interview *iv = session_interview(ui->session);
    const struct place *p = &m->rows[m->current];
    struct choices c;
    struct err e = {0};
    struct buf raw, text;
    struct lines l = {0};

    buf_init(&raw, LIMIT_CELL_BYTES);
    buf_init(&text, LIMIT_CELL_BYTES);
    if (interview_choices(iv, p, &c, &e) && column < c.n) {
        buf_add_str(&text, interview_choice_name(iv, p, c.rows[column]));
        buf_add_c(&text, ' ');
        if (interview_choice_label(iv, p, c.rows[column], &raw))
            markup_plain(buf_str(&raw), &text);
    }
    l = text_wrap(&ui->scratch, arena_str(&ui->scratch, buf_str(&text)), cols - 1);
    buf_done(&raw);
    buf_done(&text);
    return l;
}

static int header_rows(struct ui *ui, const struct matrix *m, int cols)
{
    int rows = 1;

    for (size_t i = 0; i < m->n_columns; i++) {
        int n = header_lines(ui, m, i, column_cols(m, cols)).n;

        rows = n > rows ? n : rows;
    }
    return rows > HEADER_ROWS_MAX ? HEADER_ROWS_MAX : rows;
}

static struct lines row_lines(struct ui *ui, const struct matrix *m, int row, int cols)
{
    struct buf text;
    struct lines l;

    buf_init(&text, LIMIT_CELL_BYTES);
    field_label(session_interview(ui->session), &m->rows[row], &text);
    l = text_wrap(&ui->scratch, arena_str(&ui->scratch, buf_str(&text)), label_cols(m, cols) - 4);
    buf_done(&text);
    return l;
}

int matrix_rows(struct ui *ui, const struct matrix *m, int cols)
{
    int rows = header_rows(ui, m, cols);

    for (int i = 0; i < m->n_rows; i++)
        rows += row_lines(ui, m, i, cols).n;
    return rows;
}

static void draw_header(struct ui *ui, const struct matrix *m, struct area a, int rows)
{
    int w = column_cols(m, a.cols), x = label_cols(m, a.cols);

    for (size_t i = 0; i < m->n_columns; i++, x += w) {
        struct lines l = header_lines(ui, m, i, w);

        for (int y = 0; y < l.n && y < rows; y++)
            area_text(a, y, x, w - 1, STYLE_HINT, l.v[y]);
        if (l.n > rows)
            area_text(a, rows - 1, x + w - 2, 1, STYLE_HINT, STR("…"));
    }
}

static bool chosen(struct str value, struct str name)
{
    struct str word;

    while (str_word(&value, &word))
        if (str_eq(word, name))
            return true;
    return false;
}

static void draw_marks(struct ui *ui, const struct interview_screen *s, const struct matrix *m,
                       int row, struct area a, int y, int rows)
{
    struct interview *iv = session_interview(ui->session);
    const struct place *p = &m->rows[row];
    struct str value = interview_value(iv, p);
    int w = column_cols(m, a.cols), x = label_cols(m, a.cols);
    struct choices c;
    struct err e = {0};

    if (!interview_choices(iv, p, &c, &e))
        return;
    for (size_t i = 0; i < c.n && i < m->n_columns; i++, x += w) {
        bool is = chosen(value, interview_choice_name(iv, p, c.rows[i]));
        bool here = row == m->current && s && widget_row(s->w) == i;
        const char *mark = m->multiple ? is ? "[x]" : "[ ]" : is ? "(●)" : "( )";

        if (s)
            area_own(area_sub(a, 0, x, a.rows, w), y, rows, matrix_cell(row, i));
        if (here)
            area_text(a, y, x - 1, 1, STYLE_CURRENT, STR("▸"));
        area_text(a, y, x, 3, here ? STYLE_CURSOR : is ? STYLE_CHOSEN : STYLE_DIM, str_of(mark));
    }
}

void matrix_draw(struct ui *ui, const struct interview_screen *s, const struct matrix *m,
                 struct area a)
{
    int head = header_rows(ui, m, a.cols), y = head, first = 0, used = 0, i, n;
    bool more = false;

    draw_header(ui, m, a, head);
    for (i = m->current; i >= 0; i--) { /* the current row is always seen */
        used += row_lines(ui, m, i, a.cols).n;
        if (used > a.rows - head && i < m->current) {
            first = i + 1;
            break;
        }
    }
    for (i = first; i < m->n_rows && y < a.rows; i++) {
        struct lines l = row_lines(ui, m, i, a.cols);
        bool here = s && i == m->current;
        enum style style = here ? STYLE_CURRENT : STYLE_NORMAL;

        if (here)
            area_text(a, y, 0, 1, STYLE_CURRENT, STR("▸"));
        draw_marks(ui, s, m, i, a, y, l.n);
        for (n = 0; n < l.n && y < a.rows; n++, y++)
            area_text(a, y, 2, label_cols(m, a.cols) - 3, style, l.v[n]);
        more = n < l.n;
    }
    if (first > 0)
        area_text(a, head, label_cols(m, a.cols) - 1, 1, STYLE_HINT, STR("↑"));
    if (i < m->n_rows || more)
        area_text(a, a.rows - 1, label_cols(m, a.cols) - 1, 1, STYLE_HINT, STR("↓"));
}
