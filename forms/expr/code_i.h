/* What code.c and code_path.c share. Private to them. */
#ifndef FORMS_EXPR_CODE_I_H
#define FORMS_EXPR_CODE_I_H

#include "forms/expr/check_i.h"
#include "forms/expr/code.h"

struct pool {
    void *v;
    size_t n, cap;
};

/* How a value is going to be used, where that allows shorter code. */
enum want { WANT_VALUE, WANT_NUMBER, WANT_SET };

struct coder {
    struct expr *x;
    const struct scope *scope;
    const struct pos *pos;
    struct arena *tmp, *form;
    struct pool code, numbers, strings, steps, regexes;
    uint32_t depth; /* slots in use at this point */
    bool from_root; /* inside indexed-repeat(): every reference means all its nodes */
    struct err *e;
};

bool emit_expr(struct coder *c, const struct ast *n, const struct frame *f, enum want want);

/* Both return where the instruction stands, for a jump to be patched. */
uint32_t emit_full(struct coder *c, enum op op, unsigned n, uint32_t count, uint32_t a);
uint32_t emit(struct coder *c, enum op op, uint32_t a);
void emit_patch(struct coder *c, uint32_t at); /* to here */
uint32_t emit_here(const struct coder *c);
/* A block of its own, ended, whose value the machine asks for. */
bool emit_block(struct coder *c, const struct ast *n, const struct frame *f, uint32_t *ret_start);
void *pool_add(struct coder *c, struct pool *p, size_t size);

/* code_path.c */
void emit_ref(struct coder *c, uint32_t def, const struct frame *f);
bool emit_path(struct coder *c, const struct ast *n, const struct frame *f, enum want want);
/* `column = value` either way round, the value independent of the item that `inner` looks at. */
bool emit_is_key(const struct coder *c, const struct ast *n, const struct frame *inner,
                 struct str *ret_column, const struct ast **ret_value);

#endif
