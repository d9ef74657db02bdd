/* A list to choose from: the cursor, the codes typed, the narrowing by typed letters. Lists
 * whose names are all numbers (but `other`) are chosen by those codes, others by the numbers of
 * their rows (decisions.md 36). Lists of ten and more, and those that ask for it, narrow to the choices
 * that contain what is typed; labels are folded once into one block, so that 100,000 of them are
 * searched between two key strokes. */
#ifndef APP_VIEW_PICKER_H
#define APP_VIEW_PICKER_H

#include "app/view/edit.h"
#include "app/view/widget.h"

#define PICK_NONE SIZE_MAX

struct picker {
    const struct field *f;
    struct edit typed;
    uint32_t *rows; /* of the choices, what is shown: those not narrowed away, missing codes last */
    size_t n, n_main;   /* n_main: those before the missing codes */
    size_t cursor;      /* into rows, or PICK_NONE */
    size_t top;         /* first of rows shown */
    bool codes;         /* the names are numbers, */
    size_t other;       /* or are but for this one ("other", of or_other), or PICK_NONE; */
    int64_t other_code; /* its code is the next number below the missing codes */
    int code_cols;      /* of the longest code */
    int mark_cols;      /* of the sign before a choice */
    bool searched;
    bool narrowed;
    struct buf folded; /* labels (or their words), a line feed after each */
    uint32_t *starts;  /* where each begins in `folded`; NULL until first needed */
    size_t n_folded;   /* labels so far */
    struct buf label;  /* scratch */
};

void picker_init(struct picker *p, const struct field *f, int mark_cols);
void picker_done(struct picker *p);

/* Moves and typing, without any choosing. *ret_exact: the choice that a typed code names and no
 * other code begins with it, else PICK_NONE. */
enum did picker_input(struct picker *p, const struct input *in, size_t *ret_exact);
/* The choice (not the row) of the cursor, of the typed code, or PICK_NONE. */
size_t picker_choice(const struct picker *p);
size_t picker_typed_choice(const struct picker *p);
size_t picker_find(const struct picker *p, struct str name);
void picker_to(struct picker *p, size_t choice);
void picker_clear_typed(struct picker *p);
/* Lists that grow (field.grows): when f->choices.n has become more; and a piece of folding the labels,
 * false when nothing was left to do. Until then what is typed narrows to what is folded. */
void picker_grown(struct picker *p);
bool picker_fold(struct picker *p);
/* The code a person types for a choice. */
void picker_code(const struct picker *p, size_t choice, struct buf *out);

int picker_rows(struct picker *p, int cols);
/* The sign before a choice ("●", "[x]", "2."), NULL for none, in at most `mark_cols` columns. */
struct picker_marks {
    const char *(*mark)(void *ctx, size_t choice, bool *ret_chosen);
    void *ctx;
};
void picker_draw(struct picker *p, struct area a, bool focus, const struct picker_marks *m);

#endif
