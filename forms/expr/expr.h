/* Expressions: text → lexemes → syntax tree → checked → program, and the machine that runs it.
 *
 * The language is XPath 1.0 with ODK/OpenRosa functions and `${name}` (LANGUAGE.md in forms/). A
 * program is immutable, lives in its form's arena, and is safe to run from many evaluations. What a
 * program reads is known at compile time (`deps`), which is what makes recalculation incremental.
 *
 * This folder knows nothing of questionnaires: names are resolved through `struct scope`, nodes
 * through forms/expr/tree.h, everything else through `struct eval`.
 *
 *   lex.[ch]    characters → tokens, positions kept
 *   parse.[ch]  tokens → ast.h, precedence, depth limit
 *   check.[ch]  names, references resolved; check_call.c: functions (`funcs.def`), arity
 *   code.[ch]   ast → instructions (ops.def; paths: code_path.c); dump.c prints them
 *   vm.[ch]     runs them, with a step limit; walk.c axes and predicates
 *   convert.[ch] the coercions of §17, comparison, arithmetic   fn_*.c  the functions (func.h)
 *   xmltree.c   an XML document as a tree
 *   geo.[ch] regex.[ch] shuffle.[ch]   what functions stand on */
#ifndef FORMS_EXPR_EXPR_H
#define FORMS_EXPR_EXPR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "forms/base/arena.h"
#include "forms/base/err.h"
#include "forms/base/host.h"
#include "forms/base/str.h"
#include "forms/expr/tree.h"
#include "forms/expr/value.h"

struct expr;

/* ---- compile time: what names mean ---- */

/* The tree of definitions that paths are resolved on. Definition 0 is the root element (/data). */
struct scope_ops {
    /* ${name}: its definition; false with ERR_REF_UNKNOWN or ERR_REF_AMBIGUOUS otherwise. */
    bool (*ref)(void *ctx, struct str name, uint32_t *ret_def, struct err *e);
    uint32_t (*parent)(void *ctx, uint32_t def);                 /* DEF_NONE above 0 */
    uint32_t (*child)(void *ctx, uint32_t def, struct str name); /* DEF_NONE: no such child */
    bool (*is_repeat)(void *ctx, uint32_t def);
    struct str (*name)(void *ctx, uint32_t def);
    /* Past the last definition of def's subtree (definitions are numbered in document order). */
    uint32_t (*end)(void *ctx, uint32_t def);
    /* instance('id'): false when the form has no such secondary instance. */
    bool (*instance)(void *ctx, struct str id, uint32_t *ret_number);
};

struct scope {
    const struct scope_ops
        *ops; /* NULL: a bare XML document, nothing is resolved at compile time */
    void *ctx;
    uint32_t self; /* the definition that carries the expression */
    /* True in a choice_filter: the context item is a row, so bare names are its columns and ${x} is
     * resolved relative to `self`. */
    bool in_item;
    /* With in_item where the items are instances of a repeat (select_one ${question}): its
     * definition; 0 for the rows of a list. */
    uint32_t item;
    /* True under --xml: core functions are plain XPath 1.0 (decisions.md 38). */
    bool plain_xpath;
    /* For prefixes in name tests; may be NULL: prefixes compare as written. */
    bool (*ns)(void *ctx, struct str prefix, struct str *ret_uri);
};

/* Compiles the text of a cell. `at` is the cell's position: a fault gets it with the offset of the
 * offending character. The program lives in `a`. */
MUST_USE bool expr_compile(struct expr **ret, struct str text, const struct scope *scope,
                           const struct pos *at, struct arena *a, struct err *e);

enum {
    EXPR_READS_CLOCK = 1,     /* now(), today() */
    EXPR_READS_RANDOM = 2,    /* random(), uuid(), randomize() without seed */
    EXPR_READS_ALL = 4,       /* a path that could not be resolved: depends on anything */
    EXPR_READS_SELF = 8,      /* `.` or once(): its own value */
    EXPR_READS_LANGUAGE = 16, /* jr:choice-name, format-date names */
    EXPR_READS_POSITION = 32, /* position(..): depends on the repeat's structure */
    EXPR_CONSTANT = 64,       /* reads nothing at all */
    EXPR_NO_SUCH_NODE = 128,  /* has a path that the form leads nowhere: a warning's worth */
};
uint32_t expr_flags(const struct expr *x);
/* The 1-based character of the path that leads nowhere, or 0. */
uint32_t expr_missing(const struct expr *x);
/* Definitions read, ascending, no duplicates. A repeat's or a group's own number means: its
 * structure (instances added, removed, relevance) ; a leaf's: its value or relevance. */
size_t expr_deps(const struct expr *x, const uint32_t **ret_defs);
/* How one of them is read. Wide: in other instances of a repeat that the expression's own node is in, too
 * (indexed-repeat(), predicates, paths that climb out and come back); else in the own instance alone. Passing
 * over blanks: only as sum(), min(), max(), count-non-empty() of it, so that a blank one makes no difference. */
bool expr_reads_wide(const struct expr *x, uint32_t def);
bool expr_passes_blanks(const struct expr *x, uint32_t def);
/* The choice lists or external instances read. */
size_t expr_instances(const struct expr *x, const uint32_t **ret_numbers);
struct str expr_text(const struct expr *x); /* as written, for messages and `form show` */
/* One instruction a line; for tests and people. */
void expr_dump(const struct expr *x, struct buf *out);

/* The references in a text with ${…} (labels): calls `each` for every literal run and reference. */
MUST_USE bool expr_split_text(struct str text, const struct pos *at,
                              bool (*each)(void *ctx, struct str literal, struct str ref,
                                           uint32_t offset, struct err *e),
                              void *ctx, struct err *e);
/* Whether a default is an expression or a literal (§13). */
bool expr_default_is_dynamic(struct str text, bool date_or_geo);

/* ---- run time ---- */

/* What the functions that know of forms ask of the interview; NULL members: the function yields
 * blank. */
struct eval_ops {
    struct node (*instance)(void *ctx, uint32_t number); /* root of a secondary instance */
    struct node (*instance_by_id)(void *ctx, struct str id);
    /* jr:choice-name(value, path): false when the path names no select. */
    bool (*choice_label)(void *ctx, struct node context, struct str value, struct str path,
                         struct arena *a, struct str *ret);
    struct str (*form_version)(void *ctx);
    struct str (*language)(void *ctx); /* BCP-47 code or name, for month and day names */
    bool (*last_saved)(void *ctx, struct str name, struct arena *a, struct str *ret);
};

struct eval {
    const struct host *host;
    const struct eval_ops *ops; /* may be NULL */
    void *ctx;
    struct arena *scratch; /* values of the result live here until the caller resets it */
    struct node self;      /* context node: `.` */
    struct node current;   /* current(); the same unless in_item */
    size_t position, size; /* of the context; 1, 1 at the top */
    struct value dot;      /* the candidate value that `.` has in a constraint, when has_dot */
    bool has_dot;
    uint64_t steps_left; /* LIMIT_VM_STEPS at first; shared by nested evaluations */
    bool plain_xpath;    /* set by expr_eval from the program; coercions look at it */
};

/* Runs a program. False only for ERR_EXPR_RUN faults (step limit, a function's own error). */
MUST_USE bool expr_eval(const struct expr *x, struct eval *ev, struct value *ret, struct err *e);

/* A choice filter (in_item) one of whose conditions is `column = value`, the value not depending on the
 * item: its column and what the value, a text or a number, is now, so that the caller can go through an
 * index and run the filter on the rows found only; not even that where the condition is the whole filter. */
struct filter_key {
    struct str column;
    struct value value;
    bool whole;
};

/* *ret_found false: it is not of that form, or the value is none to look up. */
MUST_USE bool expr_filter_key(const struct expr *x, struct eval *ev, bool *ret_found,
                              struct filter_key *ret, struct err *e);

/* The coercions (§17). */
double value_number(const struct value *v, struct eval *ev);
bool value_boolean(const struct value *v, struct eval *ev);
struct str value_string(const struct value *v, struct eval *ev);

/* An XML document as a tree, for `form eval --xml`, external XML lists and reading records back. No
 * DOCTYPE, depth and size limits. Lives in `a`. */
MUST_USE bool xmltree_parse(struct node *ret_root, struct str bytes, struct arena *a,
                            struct err *e);

#endif
