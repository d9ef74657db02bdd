/* The function table, made of funcs.def, and what an implementation gets: the machine, its
 * arguments (values on the stack, already evaluated) and room for the result. Private to this
 * folder. */
#ifndef FORMS_EXPR_FUNC_H
#define FORMS_EXPR_FUNC_H

#include "forms/expr/vm.h"

enum {
    FUNC_CONTEXT = 1,   /* reads the context node when called without its argument */
    FUNC_CORE = 2,      /* of XPath 1.0's core library */
    FUNC_SET = 4,       /* the first argument is a node-set */
    FUNC_STRUCTURE = 8, /* reads which nodes there are, not their values */
    FUNC_EVEN = 16,     /* an even number of arguments */
    FUNC_ODD = 32,      /* an odd number */
    FUNC_CLOCK = 64,
    FUNC_RANDOM = 128,
    FUNC_LANGUAGE = 256,
    FUNC_BLANKS = 1024, /* a blank member of a set makes no difference */
    FUNC_DEVICE = 512,  /* constant in an interview, but not in the text */
};

enum func_result {
    RESULT_NODES,
    RESULT_STRING,
    RESULT_NUMBER,
    RESULT_BOOLEAN,
    RESULT_DATE,
    RESULT_VALUE
};

#define FUNC_ANY UINT32_MAX

typedef bool func_impl(struct vm *m, const struct slot *args, uint32_t n, struct value *ret);

struct func {
    const char *name; /* with its prefix */
    uint32_t least, most;
    enum func_result result;
    unsigned flags;
    func_impl *impl; /* NULL: a FORM, code.c makes instructions of it */
};

#define FUNC(name, least, most, result, flags, impl) func_impl impl;
#define FORM(name, least, most, result, flags)
#include "forms/expr/funcs.def"
#undef FUNC
#undef FORM

extern const struct func funcs[];
extern const uint32_t n_funcs;
const struct func *func_find(struct str prefix, struct str name);

/* Arguments as a type; texts live in the scratch arena. */
static inline double arg_number(struct vm *m, const struct slot *a)
{
    return value_number(&a->v, m->ev);
}
static inline struct str arg_string(struct vm *m, const struct slot *a)
{
    return value_string(&a->v, m->ev);
}
static inline bool arg_boolean(struct vm *m, const struct slot *a)
{
    return value_boolean(&a->v, m->ev);
}

/* Results; all return true. */
static inline bool ret_number(struct value *ret, double x)
{
    *ret = (struct value){VAL_NUMBER, {.number = x}};
    return true;
}
static inline bool ret_string(struct value *ret, struct str s)
{
    *ret = (struct value){VAL_STRING, {.string = s}};
    return true;
}
static inline bool ret_boolean(struct value *ret, bool b)
{
    *ret = (struct value){VAL_BOOLEAN, {.boolean = b}};
    return true;
}
static inline bool ret_nodes(struct value *ret, struct nodes n)
{
    *ret = (struct value){VAL_NODES, {.nodes = n}};
    return true;
}

/* A function's own fault: false with ERR_EXPR_RUN and what is wrong. */
bool func_fail(struct vm *m, struct str what);

/* Walks the members of arguments: every node of a set (its typed value), every other value. */
struct members {
    struct vm *m;
    const struct slot *args;
    uint32_t n, at;
    size_t node;
};
bool members_next(struct members *it, struct value *ret);

#endif
