/* The syntax tree of one expression. It lives in an arena of its own until code is made of it.
 * Chains of operators of one precedence are one node with many operands, so that depth grows with
 * nesting alone (LIMIT_EXPR_DEPTH) and never with length. check.c fills in what names mean. */
#ifndef FORMS_EXPR_AST_H
#define FORMS_EXPR_AST_H

#include <stdbool.h>
#include <stdint.h>

#include "forms/base/str.h"
#include "forms/expr/tree.h"

struct func;

enum ast_kind {
    AST_NUMBER,
    AST_STRING,
    AST_REF,        /* ${text} */
    AST_LAST_SAVED, /* ${last-saved#text} */
    AST_CHAIN,      /* operands joined by operators of one precedence, from the left */
    AST_NEGATE,
    AST_CALL,
    AST_PATH,
};

enum binary {
    BIN_OR,
    BIN_AND,
    BIN_EQ,
    BIN_NE,
    BIN_LT,
    BIN_LE,
    BIN_GT,
    BIN_GE,
    BIN_ADD,
    BIN_SUB,
    BIN_MUL,
    BIN_DIV,
    BIN_MOD,
    BIN_UNION
};

enum axis {
    AXIS_CHILD,
    AXIS_PARENT,
    AXIS_SELF,
    AXIS_DESCENDANT,
    AXIS_DESCENDANT_OR_SELF,
    AXIS_ANCESTOR,
    AXIS_ANCESTOR_OR_SELF,
    AXIS_FOLLOWING,
    AXIS_FOLLOWING_SIBLING,
    AXIS_PRECEDING,
    AXIS_PRECEDING_SIBLING,
    AXIS_ATTRIBUTE,
};

enum test_kind {
    TEST_NAME,
    TEST_ANY_NAME,
    TEST_ANY_IN,
    TEST_NODE,
    TEST_TEXT,
    TEST_COMMENT,
    TEST_PI
};

struct test {
    enum test_kind kind;
    struct str name;   /* TEST_NAME, TEST_PI ("" any) */
    struct str prefix; /* as written */
    struct str uri;    /* what the prefix means, when it is known */
    bool has_uri;
};

/* Where a path has got to, as far as that is known before it runs. */
enum place_kind {
    PLACE_ANY,     /* first: what was not looked at is anywhere */
    PLACE_DEF,     /* nodes of one definition */
    PLACE_ROOT,    /* above definition 0 */
    PLACE_WITHIN,  /* somewhere in the subtree of a definition */
    PLACE_FOREIGN, /* in a list or a document of its own */
    PLACE_NOWHERE, /* the form has no such node */
};

struct where {
    enum place_kind kind;
    uint32_t def;
};

struct ast;

struct list {
    struct ast **v;
    uint32_t n;
    size_t cap;
};

struct step {
    uint32_t at;
    enum axis axis;
    struct test test;
    struct list preds;
    struct where to; /* after the step, before its predicates (check.c) */
};

struct path {
    struct ast *start; /* NULL: the context node or, when absolute, the root */
    bool absolute;
    struct list filter; /* predicates upon start */
    struct step *steps;
    uint32_t n_steps;
    size_t cap_steps;
    struct where from; /* where the first step begins (check.c) */
};

struct ast {
    enum ast_kind kind;
    uint32_t at; /* byte offset in the text */
    double number;
    struct str text, prefix;
    enum binary *ops; /* AST_CHAIN: n - 1 of them */
    size_t cap_ops;
    struct list args; /* operands, arguments; AST_NEGATE: one */
    struct path path;
    const struct func *func;
    struct where where; /* of a node-set: the nodes it holds */
    uint32_t slot;      /* whatever code.c needs of check.c: an instance's number, a definition */
    bool dead;          /* never evaluated: not checked either */
};

#endif
