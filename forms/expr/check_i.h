/* What check.c and check_call.c share. Private to them. */
#ifndef FORMS_EXPR_CHECK_I_H
#define FORMS_EXPR_CHECK_I_H

#include "forms/expr/check.h"

/* The context that a piece of the expression sees. */
struct frame {
    struct where context; /* of `.` */
    bool top;
};

struct checker {
    const struct scope *scope;
    const struct pos *pos;
    struct str text;
    struct arena *tmp, *form;
    struct checked *out;
    bool reads_context; /* the item of a choice filter, or a node of no form */
    bool wide;          /* what is read now may lie in other instances of a shared repeat */
    bool passing;       /* what is read now is summed up in a way that passes over blanks */
    bool indexed;       /* inside the sets that indexed-repeat() picks from */
    bool once;          /* inside once(): the own value is blank there */
    struct err *e;
};

enum use { USE_VALUE, USE_STRUCTURE };

bool check_one(struct checker *c, struct ast *n, const struct frame *f, enum use use);
/* A call: the function, its arity, its arguments; what it reads. check_call.c */
bool check_call(struct checker *c, struct ast *n, const struct frame *f);

/* Faults: false, with the place in the cell. */
bool check_place(struct checker *c, uint32_t at);
bool check_fail(struct checker *c, uint32_t at, const struct err_kind *kind, struct str arg);
bool check_need_nodes(struct checker *c, const struct ast *n, const char *who);

/* Notes what the expression reads. */
void check_read_def(struct checker *c, uint32_t def);
void check_read_repeats(struct checker *c, uint32_t def, bool shared_too);
void check_add_number(struct checker *c, struct numbers *set, uint32_t number);

#endif
