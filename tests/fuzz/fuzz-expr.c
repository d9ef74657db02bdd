/* Any bytes as an expression: compiled where one can stand (a document, a form, inside a repeat, a choice
 * filter), dumped, and run with few steps; and as a text with references, as a default. */
#include <stdint.h>
#include <stdlib.h>

#include "tests/support/fake_host.h"
#include "tests/support/test_form.h"

#define STEPS 20000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct fake_host host;
static struct test_form form;
static struct node doc;

static void must(bool ok)
{
    if (!ok)
        abort();
}

static void set_up(void)
{
    struct err e = {0};
    fake_host_init(&host);
    test_form_init(&form, &host.host);
    must(test_form_list(
        &form, STR("l"),
        STR("<root><item><name>a</name><c>1</c></item><item><name>b</name></item></root>"), &e));
    must(test_form_template(&form,
                            STR("<data><a type='int'/><d type='date'/><r repeat=''><x "
                                "type='decimal'/><s repeat=''><y/></s></r></data>"),
                            &e));
    must(test_form_instance(&form,
                            STR("<data><a>5</a><d>2020-02-29</d><r><x>1.5</x><s><y>p q</y></s></r>"
                                "<r><x/><s><y>1 2;3 4</y></s><s><y/></s></r></data>"),
                            &e));
    must(xmltree_parse(
        &doc, STR("<r xmlns:x='urn:x' id='1'><?p q?><a x:b='c'>t<!--c--><x:a>7</x:a></a><a/></r>"),
        &form.arena, &e));
}

static void run(struct str text, const struct scope *scope, struct node self, struct node current)
{
    struct arena a;
    struct expr *x;
    struct err e = {0};
    struct pos pos = {0};
    arena_init(&a);
    if (expr_compile(&x, text, scope, &pos, &a, &e)) {
        struct buf out;
        struct value v;
        buf_init(&out, (size_t)1 << 22);
        expr_dump(x, &out);
        struct eval ev = {.host = &host.host,
                          .ops = &test_form_eval_ops,
                          .ctx = &form,
                          .scratch = &a,
                          .self = self,
                          .current = current,
                          .position = 1,
                          .size = 1,
                          .steps_left = STEPS};
        if (expr_eval(x, &ev, &v, &e)) {
            value_number(&v, &ev);
            value_boolean(&v, &ev);
            buf_add_str(&out, value_string(&v, &ev));
        }
        struct filter_key key;
        bool found;
        struct err again = {0};
        must(expr_filter_key(x, &ev, &found, &key, &again) || again.kind);
        buf_done(&out);
    }
    arena_done(&a);
}

static bool add_run(void *ctx, struct str literal, struct str ref, uint32_t offset, struct err *e)
{
    (void)offset;
    (void)e;
    *(size_t *)ctx += literal.n + ref.n;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static bool ready;
    if (!ready)
        set_up();
    ready = true;
    struct str text = {(const char *)data, n};
    struct node root = form.instance_root, data_node = root.tree->ops->first(root);
    struct node repeat = root.tree->ops->last(data_node), x = root.tree->ops->first(repeat);
    struct node row = form.lists[0].tree->ops->first(form.lists[0].tree->ops->first(form.lists[0]));
    struct scope plain = {.plain_xpath = true}, at_root = test_form_scope(&form, 0),
                 inside = test_form_scope(&form, test_form_def(&form, "x")), filter = inside;
    filter.in_item = true;
    run(text, &plain, doc, doc);
    run(text, &at_root, data_node, data_node);
    run(text, &inside, x, x);
    run(text, &filter, row, x);
    struct err e = {0};
    struct pos pos = {0};
    size_t sum = 0;
    must(expr_split_text(text, &pos, add_run, &sum, &e) || e.kind);
    must(sum <= n);
    expr_default_is_dynamic(text, n % 2 == 0);
    return 0;
}
