/* A form and its instance for tests of expressions, both written as XML: the template's elements
 * are the definitions (repeat="" marks a repeat, type="int|decimal|date|datetime" a type), the
 * instance's elements the nodes (relevant="no" on one hides it and all below). Lists are documents
 * of their own. */
#ifndef TESTS_SUPPORT_TEST_FORM_H
#define TESTS_SUPPORT_TEST_FORM_H

#include "forms/expr/expr.h"

#define TEST_DEFS  64
#define TEST_LISTS 8

struct test_form {
    struct arena arena;
    struct tree_ops ops; /* an XML tree's, and what an instance has besides */
    struct tree tree;
    struct node template_root, instance_root;
    struct node defs[TEST_DEFS]; /* of the template, in document order */
    uint32_t n_defs;
    struct str list_ids[TEST_LISTS];
    struct node lists[TEST_LISTS];
    uint32_t n_lists;
    const struct host *host;
    struct str language;
};

void test_form_init(struct test_form *f, const struct host *host);
void test_form_done(struct test_form *f);
MUST_USE bool test_form_template(struct test_form *f, struct str xml, struct err *e);
MUST_USE bool test_form_instance(struct test_form *f, struct str xml, struct err *e);
MUST_USE bool test_form_list(struct test_form *f, struct str id, struct str xml, struct err *e);
/* The scope of an expression that stands at `def`. */
struct scope test_form_scope(struct test_form *f, uint32_t def);
uint32_t test_form_def(struct test_form *f, const char *name);
extern const struct eval_ops test_form_eval_ops; /* ctx: the form */

#endif
