/* The trees that expressions walk: the instance of an interview, choice lists and external lists
 * (column tables), and any XML document (`form eval --xml`). A node is a handle, 24 bytes, passed by
 * value; its tree's table of functions gives it meaning. No tree allocates anything per handle, so a
 * list of 100,000 choices costs its columns and nothing more.
 *
 * The walk is XPath 1.0's data model. A leaf's text is its string value; trees other than XML documents
 * have no text nodes apart from that (text() on a leaf yields the leaf's text as a virtual node only in
 * XML documents). Nodes that are not relevant do not exist for a walk (JavaRosa's rule, §26). */
#ifndef FORMS_EXPR_TREE_H
#define FORMS_EXPR_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include "forms/base/arena.h"
#include "forms/base/str.h"
#include "forms/expr/value.h"

struct tree;

struct node {
    const struct tree *tree; /* NULL: no node */
    void *base;              /* meaning is the tree's: a frame, a table, an XML node */
    uint32_t item;           /* within base: a definition's number, a row */
    uint32_t part;           /* within item: a column */
};

#define NODE_NONE ((struct node){0})
#define DEF_NONE  UINT32_MAX

enum node_kind { NODE_ROOT, NODE_ELEMENT, NODE_ATTRIBUTE, NODE_TEXT, NODE_COMMENT, NODE_PI };

struct tree {
    const struct tree_ops *ops;
};

struct tree_ops {
    enum node_kind (*kind)(struct node n);
    struct str (*name)(struct node n);   /* local name; "" for root, text, comment */
    struct str (*uri)(struct node n);    /* namespace; "" for none. May be NULL: always "" */
    struct str (*prefix)(struct node n); /* as written; may be NULL: always "" */

    /* Each yields NODE_NONE (tree == NULL) when there is none. */
    struct node (*root)(struct node any);
    struct node (*parent)(struct node n);
    struct node (*first)(struct node n); /* first child */
    struct node (*last)(struct node n);
    struct node (*next)(struct node n); /* next sibling */
    struct node (*prev)(struct node n);
    struct node (*attribute)(struct node n, uint32_t i); /* i-th; may be NULL: no attributes */

    /* The string value; may point into the tree or be put into `a`. */
    struct str (*string)(struct node n, struct arena *a);
    /* The typed value (number kept beside its text, date parsed once); false: only a text. May be
     * NULL. Never yields VAL_NODES. */
    bool (*typed)(struct node n, struct value *ret);
    /* The number its text reads as (NaN for blank), where that is kept beside it, whatever the type; false:
     * read the text. Saves the conversions of a chain of calculations. May be NULL. */
    bool (*number)(struct node n, double *ret);

    /* <0, 0, >0 in document order, within one tree. */
    int (*order)(struct node a, struct node b);

    /* The children of `parent` named `name` whose child (column) `key` has the string value `want`, in
     * document order, through an index: what makes item[key = value] cheap. False: the tree has no
     * such index and the caller scans. May be NULL. */
    bool (*lookup)(struct node parent, struct str name, struct str key, struct str want,
                   struct arena *a, struct nodes *ret);
    /* The same where that child reads as the number `want`. May be NULL. */
    bool (*lookup_number)(struct node parent, struct str name, struct str key, double want,
                          struct arena *a, struct nodes *ret);

    /* Instance trees only (else NULL). All nodes that definition `def` has, seen from `context`: inside
     * shared repeat instances only the own one; non-relevant ones left out (a blank set then). */
    void (*refs)(struct node context, uint32_t def, struct arena *a, struct nodes *ret);
    /* The same where at most one can exist (def shares all its repeats with the context): the fast way.
     * NODE_NONE when not relevant. */
    struct node (*ref)(struct node context, uint32_t def);
    /* The definition a node is an instance of, or DEF_NONE. */
    uint32_t (*def)(struct node n);
    /* Adds all existing instances of `def` under the closest frame shared with `context`, relevant or
     * not: position(..), count(${repeat}) and indexed-repeat() stand on it. 1-based position of the
     * repeat instance holding n, or 0. */
    uint32_t (*position)(struct node n);
};

#endif
