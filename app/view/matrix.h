/* Several selects over one list as one table: a row a question, a column a choice. The form asks
 * for it with `table-list` on a group, or `label` and `list-nolabel` on neighbours. Each row
 * stays a question of its own, with its own field; only the drawing is shared, and ← → go along
 * the row. */
#ifndef APP_VIEW_MATRIX_H
#define APP_VIEW_MATRIX_H

#include "app/view/v_interview.h"

#define MATRIX_ROWS_MAX    64
#define MATRIX_COLUMNS_MAX 12

struct matrix {
    struct place rows[MATRIX_ROWS_MAX];
    int n_rows, current;
    size_t n_columns;
    bool multiple;
};

/* The table that the question stands in; false: none, or one too wide for `cols`. */
bool matrix_of(struct ui *ui, const struct place *p, int cols, struct matrix *ret);
/* Keys as they mean in a table; unchanged outside of one. */
struct input matrix_input(struct ui *ui, const struct place *p, const struct input *in);
int matrix_rows(struct ui *ui, const struct matrix *m, int cols);
/* `s` NULL: the cursor is on another question of the screen. */
void matrix_draw(struct ui *ui, const struct interview_screen *s, const struct matrix *m,
                 struct area a);
/* A cell as the number of a click (area_own), beside those of the questions around; and back. */
#define MATRIX_CELLS ((size_t)1 << 16)
static inline size_t matrix_cell(int row, size_t column)
{
    return MATRIX_CELLS + (size_t)row * MATRIX_COLUMNS_MAX + column;
}
static inline void matrix_at(size_t cell, int *ret_row, size_t *ret_column)
{
    *ret_row = (int)((cell - MATRIX_CELLS) / MATRIX_COLUMNS_MAX);
    *ret_column = (cell - MATRIX_CELLS) % MATRIX_COLUMNS_MAX;
}

#endif
