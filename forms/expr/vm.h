/* The machine that runs a program: a stack of values, one instruction after another, a step limit.
 * A predicate is a block of the same program, run with another context. Private to this folder.
 *
 * A slot holds a value and room for one node, so that a reference to a single node, by far the most
 * frequent kind of set, allocates nothing: its `nodes.v` points into its own slot. */
#ifndef FORMS_EXPR_VM_H
#define FORMS_EXPR_VM_H

#include "forms/expr/ast.h"
#include "forms/expr/expr.h"

struct regex;

enum op {
#define OP(name, pops, pushes, doc) OP_##name,
#include "forms/expr/ops.def"
#undef OP
    OPS
};

/* From which node REF and REFS look: operand n. */
enum base { BASE_CURRENT, BASE_CONTEXT, BASE_ROOT };

struct instr {
    uint8_t op;
    uint8_t n;      /* base; for CALL see below */
    uint16_t count; /* CALL: the number of arguments */
    uint32_t a;
};

struct pred {
    uint32_t start;    /* of its block */
    uint32_t position; /* a constant position, or 0 */
};

/* A step with its predicates; for FILTER only the predicates count. */
struct vm_step {
    enum axis axis;
    struct test test;
    const struct pred *preds;
    uint32_t n_preds;
    /* The first predicate is key = value, and the value does not depend on the item:
     * tree_ops.lookup. */
    bool lookup;
    struct str key;
    uint32_t value_start;
};

struct expr {
    struct str text;
    uint32_t flags;
    const uint32_t *deps, *instances;
    size_t n_deps, n_instances;
    const uint32_t *wide, *blanks; /* of the deps */
    size_t n_wide, n_blanks;
    uint32_t missing; /* 1-based character of a path that leads nowhere, or 0 */
    bool plain;       /* plain XPath 1.0 */
    const struct instr *code;
    uint32_t n_code;
    uint32_t stack; /* slots needed */
    const double *numbers;
    const struct str *strings;
    const struct vm_step *steps;
    const struct regex *const *regexes;
    /* A choice filter with a condition column = value: its column, the block of the value, and whether
     * it is all of the filter. */
    bool filter, filter_whole;
    struct str filter_column;
    uint32_t filter_start;
};

struct slot {
    struct value v;
    struct node one;
};

struct vm {
    const struct expr *x;
    struct eval *ev;
    struct node self; /* context node */
    size_t position, size;
    bool top; /* the context is the expression's own */
    struct err *e;
};

/* Runs the block at pc; its value is left in *sp, stack above it is free to use. */
bool vm_run(struct vm *m, uint32_t pc, struct slot *sp);
/* Counts work against the limit. */
bool vm_spend(struct vm *m, uint64_t steps);
/* Puts a value into a slot; a set of one node is copied into it. */
void slot_set(struct slot *s, const struct value *v);
void slot_set_node(struct slot *s, struct node n, bool ref);

/* walk.c: axes, tests, predicates. Results are in document order, without duplicates. */
bool walk_step(struct vm *m, const struct vm_step *s, const struct nodes *in, struct slot *sp,
               struct nodes *ret);
bool walk_filter(struct vm *m, const struct vm_step *s, const struct nodes *in, struct slot *sp,
                 struct nodes *ret);
void nodes_sort(struct nodes *set);
int node_order(struct node a, struct node b);
bool node_same(struct node a, struct node b);
/* Next node in document order below `top`; NODE_NONE at its end. */
struct node node_next(struct node n, struct node top);

/* A growing set in the scratch arena. */
struct node_list {
    struct node *v;
    size_t n, cap;
};
void node_list_add(struct node_list *l, struct node n, struct arena *a);

#endif
