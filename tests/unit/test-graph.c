/* What depends on what: the order of computing, who reads whom and how; and the lists as trees. */
#include "tests/support/check_main.h"

#include <math.h>
#include <stdio.h>

#include "forms/base/mem.h"
#include "forms/expr/convert.h"
#include "forms/model/choices.h"
#include "forms/model/form.h"
#include "forms/model/names.h"

static struct form *form;

static void compile(const char *text)
{
    struct diags diags;
    struct err e = {0};
    diags_init(&diags);
    ck_assert(form_compile(&form, str_of(text), "t.md", NULL, &diags, &e));
    diags_done(&diags);
}

static uint32_t def(const char *name)
{
    uint32_t d = form_find(form, str_of(name));
    ck_assert(d != DEF_NONE);
    return d;
}

static uint32_t rank(const char *name, enum facet f)
{
    return form->graph.rank[(size_t)def(name) * FACETS + (size_t)f];
}

static const struct edge *edge(const char *read, const char *reader, enum facet f)
{
    uint32_t d = def(read);
    for (uint32_t i = 0; i < form->graph.n_readers[d]; i++) {
        const struct edge *e = &form->graph.readers[d][i];
        if (e->def == def(reader) && e->facet == f)
            return e;
    }
    return NULL;
}

START_TEST(test_graph__order)
{
    compile("| survey |\n| | type | name | label | relevant | calculation | trigger |\n"
            "| | calculate | c | | | ${b} + ${q} | |\n"
            "| | calculate | b | | | ${a} + 1 | |\n"
            "| | integer | a | A | | | |\n"
            "| | begin group | g | G | ${b} > 1 | | |\n"
            "| | integer | q | Q ${c} | | | |\n"
            "| | end group | | | | | |\n"
            "| | calculate | t | | | ${c} | ${a} |\n");
    ck_assert_uint_lt(rank("b", FACET_CALCULATE), rank("c", FACET_CALCULATE));
    ck_assert_uint_lt(rank("b", FACET_CALCULATE), rank("g", FACET_RELEVANT));
    ck_assert_uint_lt(rank("g", FACET_RELEVANT), rank("c", FACET_CALCULATE)); /* q is inside g */
    ck_assert_uint_lt(rank("c", FACET_CALCULATE), rank("q", FACET_LABEL));
    ck_assert_uint_lt(rank("c", FACET_CALCULATE), rank("t", FACET_TRIGGER));
    ck_assert_uint_eq(rank("a", FACET_CALCULATE), UINT32_MAX);
    ck_assert_uint_eq(rank("t", FACET_CALCULATE), UINT32_MAX);
    ck_assert_ptr_nonnull(edge("a", "t", FACET_TRIGGER));
    ck_assert_ptr_null(edge("c", "t", FACET_TRIGGER)); /* read, but not a trigger */
    ck_assert_ptr_nonnull(edge("a", "b", FACET_CALCULATE));
    ck_assert_ptr_nonnull(edge("c", "q", FACET_LABEL));
    /* Readers come in the order of computing. */
    const struct edge *v = form->graph.readers[def("b")];
    for (uint32_t i = 1; i < form->graph.n_readers[def("b")]; i++)
        ck_assert_uint_lt(form->graph.rank[v[i - 1].def * FACETS + v[i - 1].facet],
                          form->graph.rank[v[i].def * FACETS + v[i].facet]);
    form_free(form);
}
END_TEST

START_TEST(test_graph__wide_and_blanks)
{
    compile("| survey |\n| | type | name | label | calculation |\n"
            "| | begin repeat | r | R | |\n"
            "| | integer | a | A | |\n"
            "| | calculate | own | | ${a} + ../a + current()/../a |\n"
            "| | calculate | mine | | sum(/data/r/a) |\n"
            "| | calculate | all | | sum(/data/r[a > 1]/a) |\n"
            "| | calculate | before | | indexed-repeat(${a}, ${r}, position(..) - 1) |\n"
            "| | calculate | up | | count(../../r) |\n"
            "| | calculate | list | | instance('l')/root/item[name = ${a}]/label |\n"
            "| | end repeat | | | |\n"
            "| | calculate | total | | sum(${a}) |\n"
            "| | calculate | joined | | join(' ', ${a}) |\n"
            "| choices |\n| | list_name | name | label |\n| | l | 1 | x |\n");
    ck_assert(!edge("a", "own", FACET_CALCULATE)->wide);
    /* without predicates an absolute path means the own instance (specification §9) */
    ck_assert(!edge("a", "mine", FACET_CALCULATE)->wide);
    ck_assert(edge("a", "all", FACET_CALCULATE)->wide);
    ck_assert(edge("a", "before", FACET_CALCULATE)->wide);
    ck_assert(edge("r", "up", FACET_CALCULATE)->wide);
    ck_assert(!edge("a", "list", FACET_CALCULATE)->wide);
    ck_assert(edge("a", "total", FACET_CALCULATE)->no_blanks);
    ck_assert(!edge("a", "joined", FACET_CALCULATE)->no_blanks);
    form_free(form);
}
END_TEST

START_TEST(test_graph__clock_and_language)
{
    compile("| survey |\n| | type | name | label | calculation | constraint |\n"
            "| | date | d | D | | . <= today() |\n"
            "| | select_one l | s | S | | |\n"
            "| | calculate | c | | jr:choice-name(${s}, '${s}') | |\n"
            "| choices |\n| | list_name | name | label |\n| | l | 1 | x |\n");
    ck_assert_uint_eq(form->graph.n_read_clock, 1);
    ck_assert_uint_eq(form->graph.read_clock[0].def, def("d"));
    ck_assert_int_eq(form->graph.read_clock[0].facet, FACET_CONSTRAINT);
    ck_assert_uint_eq(form->graph.n_read_language, 1);
    ck_assert_uint_eq(form->graph.read_language[0].def, def("c"));
    form_free(form);
}
END_TEST

/* ---- lists as trees ---- */

static struct node list_root(void)
{
    struct node doc = choice_list_root(form->lists[0]);
    ck_assert_int_eq(doc.tree->ops->kind(doc), NODE_ROOT);
    struct node root = doc.tree->ops->first(doc);
    ck_assert(str_is(doc.tree->ops->name(root), "root"));
    return root;
}

static const char towns[] =
    "| survey |\n| | type | name | label | choice_filter |\n"
    "| | text | p | P | |\n"
    "| | select_one v | v | V | prov = ${p} |\n"
    "| choices |\n| | list_name | name | label | prov | size |\n"
    "| | v | a | A | x | 1 |\n| | v | b | B | y | |\n| | v | c | C | x | 3 |\n"
    "| | w | other | O | | |\n";

START_TEST(test_choices__walk)
{
    struct arena a;
    arena_init(&a);
    compile(towns);
    struct node root = list_root(), n;
    const struct tree_ops *ops = root.tree->ops;
    unsigned items = 0;
    for (n = ops->first(root); n.tree; n = ops->next(n)) {
        ck_assert(str_is(ops->name(n), "item"));
        ck_assert_int_eq(ops->order(root, n), -1);
        items++;
    }
    ck_assert_uint_eq(items, 3);
    struct node item = ops->last(root);
    ck_assert(str_is(ops->string(item, &a), "cCx3"));
    struct node cell = ops->first(item);
    ck_assert(str_is(ops->name(cell), "name"));
    cell = ops->last(item);
    ck_assert(str_is(ops->name(cell), "size"));
    ck_assert(str_is(ops->string(cell, &a), "3"));
    ck_assert(ops->next(cell).tree == NULL);
    ck_assert(str_is(ops->name(ops->prev(cell)), "prov"));
    ck_assert_int_eq(ops->order(cell, item), 1);
    ck_assert_int_eq(ops->order(ops->parent(cell), item), 0);
    ck_assert_int_eq(ops->order(ops->prev(item), cell), -1);
    ck_assert_int_eq(ops->kind(ops->root(cell)), NODE_ROOT);
    ck_assert(ops->parent(ops->root(cell)).tree == NULL);
    ck_assert(ops->first(cell).tree == NULL);
    arena_done(&a);
    form_free(form);
}
END_TEST

START_TEST(test_choices__lookup)
{
    struct arena a;
    struct nodes found;
    arena_init(&a);
    compile(towns);
    struct node root = list_root();
    const struct tree_ops *ops = root.tree->ops;
    ck_assert(ops->lookup(root, STR("item"), STR("prov"), STR("x"), &a, &found));
    ck_assert_uint_eq(found.n, 2);
    ck_assert_uint_eq(found.v[0].item, 0);
    ck_assert_uint_eq(found.v[1].item, 2);
    ck_assert(ops->lookup(root, STR("item"), STR("prov"), STR("zz"), &a, &found));
    ck_assert_uint_eq(found.n, 0);
    ck_assert(ops->lookup(root, STR("item"), STR("prov"), STR(""), &a, &found));
    ck_assert_uint_eq(found.n, 0);
    ck_assert(!ops->lookup(root, STR("item"), STR("size"), STR("1"), &a, &found)); /* no filter's */
    ck_assert_uint_eq(choice_find(form->lists[0], STR("c")), 2);
    ck_assert_uint_eq(choice_find(form->lists[0], STR("other")), DEF_NONE);
    ck_assert_uint_eq(choice_find(form->lists[0], STR("")), DEF_NONE);
    arena_done(&a);
    form_free(form);
}
END_TEST

START_TEST(test_names__grow)
{
    struct arena a;
    struct names t;
    bool is_new;
    char key[16];
    arena_init(&a);
    names_init(&t, &a, 0);
    for (uint32_t i = 0; i < 5000; i++) {
        int n = snprintf(key, sizeof key, "k%u", (unsigned)i / 2);
        struct name_entry *e =
            names_put(&t, i % 2, arena_str(&a, (struct str){key, (size_t)n}), i, &is_new);
        ck_assert(is_new && e->value == i);
    }
    names_put(&t, 0, STR("k7"), 1, &is_new);
    ck_assert(!is_new);
    ck_assert_uint_eq(names_get(&t, 1, STR("k2499"))->value, 4999);
    ck_assert_ptr_null(names_get(&t, 2, STR("k7")));
    arena_done(&a);
}
END_TEST

/* However a number is spelt, the index finds it, and nothing else; and every spelling finds itself. */
START_TEST(test_choices__lookup_of_numbers)
{
    static const char *const spelt[] = {"",
                                        "0",
                                        "-0",
                                        "00",
                                        "5",
                                        "05",
                                        "5.0",
                                        " 5 ",
                                        "5.",
                                        "+5",
                                        "5e0",
                                        "50e-1",
                                        "-5",
                                        "x5",
                                        "5x",
                                        "1e3",
                                        "1000",
                                        ".5",
                                        "0.50",
                                        "NaN",
                                        "12345678901234567",
                                        "12345678901234568",
                                        "12345678901234569",
                                        "1,5",
                                        "a",
                                        "-",
                                        ".",
                                        "1e999",
                                        "Infinity"};
    enum { SPELT = sizeof spelt / sizeof *spelt, ROWS = 400 };
    static const double wanted[] = {0, 5, -5, 1000, 0.5, 12345678901234568.0, INFINITY, 77, NAN};
    struct str cells[ROWS];
    struct column column = {.name = STR("k"), .cells = cells};
    struct arena a;
    uint32_t n;
    arena_init(&a);
    for (uint32_t i = 0; i < ROWS; i++)
        cells[i] = str_of(spelt[(i * 7 + i / 13) % SPELT]);
    struct choice_list l = {.columns = &column, .n_columns = 1, .rows = ROWS};
    struct choice_index *index = choice_index_make(&l, 0, &a);
    l.indexes = &index;
    for (size_t k = 0; k < sizeof wanted / sizeof *wanted; k++) {
        const uint32_t *rows = choice_index_number(&l, 0, wanted[k], &a, &n);
        uint32_t at = 0;
        ck_assert_ptr_nonnull(rows);
        for (uint32_t i = 0; i < ROWS; i++)
            if (text_number(cells[i], false) == wanted[k])
                ck_assert(at < n && rows[at++] == i);
        ck_assert_uint_eq(at, n);
    }
    for (size_t k = 0; k < SPELT; k++) {
        const uint32_t *rows = choice_index_rows(&l, 0, str_of(spelt[k]), &n);
        uint32_t at = 0;
        for (uint32_t i = 0; i < ROWS; i++)
            if (str_eq(cells[i], str_of(spelt[k])))
                ck_assert(at < n && rows[at++] == i);
        ck_assert_uint_eq(at, n);
    }
    cells[3] = STR(" 2026-01-02"); /* may equal a number of days */
    index = choice_index_make(&l, 0, &a);
    ck_assert_ptr_null(choice_index_number(&l, 0, 5, &a, &n));
    arena_done(&a);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("graph");
    TCase *t = tcase_create("graph");
    tcase_add_test(t, test_graph__order);
    tcase_add_test(t, test_graph__wide_and_blanks);
    tcase_add_test(t, test_graph__clock_and_language);
    tcase_add_test(t, test_choices__walk);
    tcase_add_test(t, test_choices__lookup);
    tcase_add_test(t, test_choices__lookup_of_numbers);
    tcase_add_test(t, test_names__grow);
    suite_add_tcase(s, t);
    return s;
}
