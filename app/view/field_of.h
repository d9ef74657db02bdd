/* A question of the engine as the plain data of a widget, and its answer as one line of text. */
#ifndef APP_VIEW_FIELD_OF_H
#define APP_VIEW_FIELD_OF_H

#include "app/view/ui.h"
#include "app/view/widget.h"

/* What choice_source functions need; lives as long as the widget made from the field, then
 * field_done. Zeroed before its first field_of. */
struct field_ctx {
    struct ui *ui;
    struct interview *iv;
    struct place at;
    struct buf stored;
    uint32_t *rows; /* the choices offered: a copy, as the engine's own goes with its next list */
};

/* False with *e: the choices could not be worked out. */
MUST_USE bool field_of(struct field_ctx *ctx, struct ui *ui, const struct place *p,
                       struct field *ret, struct err *e);
void field_done(struct field_ctx *ctx);
/* "Lapat Kaka Kia (Disdukcapil)", "1.250", "17-08-1945"; "••••" where the form hides it. */
void field_answer(struct interview *iv, const struct place *p, struct buf *out);
/* The same where it was typed: a file by the name and size it was taken from, not by its name in the store. */
void field_shown(struct session *s, struct interview *iv, const struct place *p, struct buf *out);
/* A line for an instance of a repeat: the answers of its first questions. */
void field_instance(struct interview *iv, const struct place *instance, struct buf *out);
/* "C. Layanan › Penggunaan per layanan 2/3": the labels of the groups around it. */
void field_section(struct interview *iv, const struct place *p, struct buf *out);
/* The label in one line, without markup; the name when there is none. */
void field_label(struct interview *iv, const struct place *p, struct buf *out);
/* What the answer violates now, the engine's own sentences translated. False: nothing. */
bool field_message(struct interview *iv, const struct place *p, struct buf *out);
/* The place whose subtree in the path of `p` is the definition `def` (a group or repeat above
 * it). */
struct place place_above(const struct form *f, const struct place *p, uint32_t def);

#endif
