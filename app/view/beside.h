/* A question of the same `field-list` as the current one: it stands open with its field, not in hand,
 * so that the whole group is seen at once and what an answer changes in it shows where it stands. */
#ifndef APP_VIEW_BESIDE_H
#define APP_VIEW_BESIDE_H

#include "app/view/field_of.h"

/* Columns of the column that scrolls. */
#define LABEL_AT 4
#define FIELD_AT 6

/* Both stand in one `field-list` group (or `table-list`, which is one), in the same instance. */
bool beside_each_other(const struct form *f, const struct place *a, const struct place *b);
int beside_rows(struct ui *ui, const struct place *p, int cols);
void beside_draw(struct ui *ui, const struct place *p, struct area a);

#endif
