/* What the files of the linear interview share.
 *
 *   linear.c        the loop, commands          linear_show.c   a question as lines
 *   linear_typed.c  a typed line → the text of an answer */
#ifndef APP_UI_LINEAR_I_H
#define APP_UI_LINEAR_I_H

#include "app/ui/linear.h"

struct linear {
    struct session *s;
    struct interview *iv;
    const struct form *form;
    FILE *in, *out;
    struct place at;
    bool at_end;           /* behind the last question */
    bool said;             /* the question was printed, nothing of it has changed */
    struct place *visited; /* the way that was gone: :back retraces it */
    size_t n_visited, cap_visited;
    uint32_t section; /* the group whose heading was printed last */
    struct buf text;  /* scratch for one text */
    enum linear_end end;
    bool done;
    struct err stopped; /* what ended it: set where nobody is there to type the answer again */
};

/* ---- linear_show.c ---- */

void linear_question(struct linear *l);
/* All choices that are offered; `only`: those whose label holds that text, "" all. */
void linear_choices(struct linear *l, struct str only);
/* One line, made harmless for a terminal; `indent` blanks before each of its lines. */
void linear_say(struct linear *l, unsigned indent, struct str text);
/* At a terminal it is said, and the question waits. What comes out of a file would go on with the next line,
 * to the wrong question: a disk that fails ends it. */
void linear_error(struct linear *l, const struct err *e);
/* Whether every choice offered is named by a number: then codes are typed, else row numbers. */
bool linear_has_codes(struct linear *l, const struct choices *c);

/* ---- linear_typed.c ---- */

/* The text that interview_set takes. False: it was said what is unclear, ask again. */
bool linear_typed(struct linear *l, struct str line, struct buf *ret);

#endif
