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
void matrix_draw(struct ui *ui, const struct interview_screen *s, const struct matrix *m,
                 struct area a);

#endif
