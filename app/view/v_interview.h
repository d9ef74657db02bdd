/* The interview screen, between its files: what is open, where, what was said about it.
 *
 *   v_interview.c       keys, the way through the questions     v_interview_take.c  an answer is taken
 *   v_interview_draw.c  the column that scrolls             matrix.[ch]    rows of one table
 *   beside.[ch]         the others of a field-list, open */
#ifndef APP_VIEW_V_INTERVIEW_H
#define APP_VIEW_V_INTERVIEW_H

#include "app/view/field_of.h"
#include "app/view/ui.h"

enum said { SAID_NOTHING, SAID_ERROR, SAID_WARNING };

/* Half-typed text of a question that was left by another way than forward. */
struct unfinished {
    struct place at;
    struct buf typed;
};
#define UNFINISHED_MAX 16

struct interview_screen {
    struct screen s;
    struct field_ctx ctx;
    struct widget *w;
    struct place at;
    struct place *path; /* the way here, the last one last */
    size_t n_path, cap_path;
    struct unfinished unfinished[UNFINISHED_MAX];
    size_t n_unfinished;

    struct buf said;
    enum said kind;
    bool warned; /* the soft check was read: Enter confirms it */
    bool unkept; /* something was typed that the session doesn't know yet */
    bool agreed; /* that rows of a repeat will go was read and accepted */

    struct place *drawn; /* the questions around it, as last drawn (in the scratch of the frame) */
    size_t n_drawn;
    int scroll;     /* of a label longer than the screen */
    int scroll_max; /* as last drawn */

    uint32_t answered, total; /* of the questions that are asked now */
    bool count_stale;
};

/* The interview screen in the stack, or NULL. */
struct interview_screen *interview_screen_of(struct ui *ui);
/* Opens the field of a place, with `typed` in it. */
void interview_field(struct ui *ui, struct interview_screen *s, const struct place *p,
                     struct str typed);
void interview_say(struct interview_screen *s, enum said kind, struct str text);
/* The changes of the engine reach what is shown. */
void interview_changed(struct ui *ui, struct interview_screen *s, const struct changes *c);
void interview_forward(struct ui *ui, struct interview_screen *s);
/* It is drawn but never stopped at: the header row of a matrix. */
bool interview_passes(const struct form *f, const struct place *p);

/* Puts what is in the field into the interview. False: it can't be, and the reason stands beside
 * it. */
bool interview_put(struct ui *ui, struct interview_screen *s);
/* The same on the way to another place than the next: keeps what isn't an answer yet. */
void interview_set_aside(struct ui *ui, struct interview_screen *s);
/* Puts, checks, goes on. */
void interview_take(struct ui *ui, struct interview_screen *s);
enum handled interview_missing(struct ui *ui, struct interview_screen *s, enum missing kind);
void interview_count(struct interview_screen *s, struct interview *iv);
void interview_draw(struct ui *ui, struct screen *screen, struct area a);

#endif
