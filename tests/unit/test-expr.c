/* What a program says of itself: what it reads, its instructions, keys of choice filters; texts with
 * references; defaults; limits. What expressions yield is in tests/corpus/expr. */
#include "forms/expr/expr.h"

#include <stdio.h>
#include <stdlib.h>

#include "forms/base/limits.h"
#include "tests/support/check_main.h"
#include "tests/support/fake_host.h"
#include "tests/support/test_form.h"

static struct fake_host host;
static struct test_form form;
static struct arena arena;

enum { DATA, A, GRP, G1, HH, AGE, WHO, KIDS, KAGE, VILLAGE };

static void set_up(void)
{
    struct err e = {0};
    fake_host_init(&host);
    test_form_init(&form, &host.host);
    arena_init(&arena);
    ck_assert(test_form_list(&form, STR("villages"),
                             STR("<root><item><name>v1</name><label>Satu</label></item></root>"),
                             &e));
    ck_assert(test_form_list(&form, STR("towns"), STR("<root/>"), &e));
    ck_assert(test_form_template(
        &form,
        STR("<data><a type='int'/><grp><g1/></grp><hh repeat=''><age type='int'/><who/>"
            "<kids repeat=''><kage/></kids></hh><village/></data>"),
        &e));
    ck_assert(
        test_form_instance(&form,
                           STR("<data><a>1</a><grp><g1/></grp><hh><age>5</age><who>x</who></hh>"
                               "<village>v1</village></data>"),
                           &e));
}

static void tear_down(void)
{
    arena_done(&arena);
    test_form_done(&form);
}

static struct expr *compiled(const char *text, uint32_t self)
{
    struct scope scope = test_form_scope(&form, self);
    struct expr *x;
    struct err e = {0};
    struct pos pos = {0};
    if (!expr_compile(&x, str_of(text), &scope, &pos, &arena, &e))
        ck_abort_msg("%s: %s", text, e.kind->id);
    return x;
}

static struct err refused(const char *text)
{
    struct scope scope = test_form_scope(&form, DATA);
    struct expr *x = NULL;
    struct err e = {0};
    struct pos pos = {0};
    pos_set(&pos, "f.md", "survey", 7, STR("calculation"));
    ck_assert(!expr_compile(&x, str_of(text), &scope, &pos, &arena, &e));
    ck_assert_ptr_null(x);
    return e;
}

/* ---- what is read ---- */

static void reads(const char *text, uint32_t self, uint32_t flags, const char *deps)
{
    const struct expr *x = compiled(text, self);
    const uint32_t *v;
    size_t n = expr_deps(x, &v);
    struct buf b;
    buf_init(&b, 1000);
    buf_add_z(&b, "");
    for (size_t i = 0; i < n; i++)
        buf_printf(&b, i ? " %u" : "%u", (unsigned)v[i]);
    ck_assert_msg(strcmp(b.n ? b.p : "", deps) == 0, "%s reads %s, not %s", text, b.p, deps);
    ck_assert_msg(expr_flags(x) == flags, "%s has flags %u, not %u", text, (unsigned)expr_flags(x),
                  (unsigned)flags);
    buf_done(&b);
}

START_TEST(test_expr__reads_values_and_structure)
{
    reads("1 + 2", DATA, EXPR_CONSTANT, "");
    reads("concat('a', round(1.5))", DATA, EXPR_CONSTANT, "");
    reads("${a} + ${a}", DATA, 0, "1");
    reads("/data/a", DATA, 0, "1");
    reads("${grp}", DATA, 0, "2 3");
    reads("count(${grp})", DATA, 0, "2");
    reads("sum(${age})", DATA, 0, "4 5");
    reads("count(${hh})", DATA, 0, "4");
    reads("sum(${kage})", DATA, 0, "4 7 8");
    reads("${hh}[age > 3]/who", DATA, 0, "4 5 6");
    reads("/data/grp/*", DATA, 0, "2 3");
    reads("instance('villages')/root/item[name = ${village}]/label", DATA, 0, "9");
    reads("indexed-repeat(${who}, ${hh}, ${a})", DATA, 0, "1 4 6");
    reads("jr:choice-name(${village}, '${village}')", DATA, EXPR_READS_LANGUAGE, "9");
}
END_TEST

START_TEST(test_expr__reads_from_inside_a_repeat)
{
    reads("${who}", AGE, 0, "6");
    reads("../who", AGE, 0, "6");
    reads("sum(${kage})", AGE, 0, "7 8");
    reads("count(${hh})", AGE, 0, "4");
    reads("position(..)", AGE, EXPR_READS_POSITION, "4");
    reads("count(../kids)", AGE, 0, "7");
    reads("indexed-repeat(${who}, ${hh}, position(..) - 1)", AGE, EXPR_READS_POSITION, "4 6");
    reads("../../a", AGE, 0, "1");
}
END_TEST

START_TEST(test_expr__flags)
{
    reads("today()", DATA, EXPR_READS_CLOCK, "");
    reads("now()", DATA, EXPR_READS_CLOCK, "");
    reads("random() + uuid()", DATA, EXPR_READS_RANDOM, "");
    reads("randomize(instance('villages')/root/item)", DATA, EXPR_READS_RANDOM, "");
    reads("randomize(instance('villages')/root/item, 5)", DATA, 0, "");
    reads("format-date('2020-01-01', '%b')", DATA, EXPR_READS_LANGUAGE, "");
    reads(". > 5", A, EXPR_READS_SELF, "");
    reads("once(${a})", VILLAGE, EXPR_READS_SELF, "1");
    reads("string-length()", A, EXPR_READS_SELF, "");
    reads("//a", DATA, 0, "0 1 2 3 4 5 6 7 8 9");
    reads("following::node()", A, EXPR_READS_ALL, "");
    reads("property('deviceid')", DATA, 0, "");
    reads("/data/none", DATA, EXPR_NO_SUCH_NODE | EXPR_CONSTANT, "");
    ck_assert_uint_eq(expr_missing(compiled("1 + /data/none", DATA)), 11);
    ck_assert_uint_eq(expr_missing(compiled("1", DATA)), 0);
}
END_TEST

START_TEST(test_expr__instances)
{
    const uint32_t *v;
    const struct expr *x =
        compiled("instance('towns')/root/item | instance('villages')/root/item", DATA);
    ck_assert_uint_eq(expr_instances(x, &v), 2);
    ck_assert(v[0] == 0 && v[1] == 1);
    ck_assert_uint_eq(expr_instances(compiled("pulldata('towns', 'a', 'b', 'c')", DATA), &v), 1);
    ck_assert_uint_eq(v[0], 1);
    ck_assert(str_is(expr_text(x), "instance('towns')/root/item | instance('villages')/root/item"));
}
END_TEST

/* ---- code ---- */

static void dumps(const char *text, uint32_t self, const char *want)
{
    struct buf b;
    buf_init(&b, 10000);
    expr_dump(compiled(text, self), &b);
    ck_assert_str_eq(b.p, want);
    buf_done(&b);
}

START_TEST(test_expr__references_are_one_instruction)
{
    dumps("${a} + 1", DATA, "0 REF 1 current\n1 NUMBER 1\n2 ADD\n3 END\n");
    dumps("/data/grp/g1", DATA, "0 REF 3 current\n1 END\n");
    dumps("../grp/g1", A, "0 REF 3 context\n1 END\n");
    dumps("${who}", AGE, "0 REF 6 current\n1 END\n");
    dumps("${who}", DATA, "0 REFS 6 current\n1 END\n");
    dumps("../../hh/who", AGE, "0 REF 0 context\n1 DOWN 6\n2 END\n");
    dumps("count(${hh})", DATA, "0 REFS 4 current\n1 CALL count 1\n2 END\n");
    dumps("instance('villages')/root/item[name = ${village}]/label", DATA,
          "0 INSTANCE 0\n1 STEP child::root\n2 JUMP @10\n3 CONTEXT\n4 STEP child::name\n"
          "5 REF 9 current\n6 EQ\n7 END\n8 REF 9 current\n9 END\n"
          "10 STEP child::item [@3] key name=@8\n11 STEP child::label\n12 END\n");
}
END_TEST

START_TEST(test_expr__branches)
{
    dumps("if(${a}, 1, 2)", DATA,
          "0 REF 1 current\n1 UNLESS @4\n2 NUMBER 1\n3 JUMP @5\n4 NUMBER 2\n5 END\n");
    dumps("1 and ${a}", DATA, "0 NUMBER 1\n1 AND @4\n2 REF 1 current\n3 BOOLEAN\n4 END\n");
    dumps("true() or nothing()", DATA, "0 TRUE\n1 BOOLEAN\n2 END\n");
    dumps("coalesce(${a}, 0) + 1", DATA,
          "0 REF 1 current\n1 FIRST @3\n2 NUMBER 0\n3 PLAIN\n4 NUMBER 1\n5 ADD\n6 END\n");
    dumps("//who", DATA, "0 ROOT\n1 STEP descendant::who\n2 END\n");
    dumps("/data/hh[2]/who", DATA,
          "0 REFS 0 root\n1 JUMP @2\n2 STEP child::hh [2]\n3 STEP child::who\n4 END\n");
}
END_TEST

/* ---- filters ---- */

static void filter_key(const char *text, const char *want)
{
    struct scope scope = test_form_scope(&form, VILLAGE);
    scope.in_item = true;
    struct expr *x;
    struct err e = {0};
    struct pos pos = {0};
    struct node self = form.instance_root;
    self = self.tree->ops->last(self.tree->ops->first(self));
    struct eval ev = {.host = &host.host,
                      .ops = &test_form_eval_ops,
                      .ctx = &form,
                      .scratch = &arena,
                      .self = form.lists[0],
                      .current = self,
                      .position = 1,
                      .size = 1,
                      .steps_left = LIMIT_VM_STEPS};
    bool found;
    struct filter_key key;
    char got[200];
    ck_assert(expr_compile(&x, str_of(text), &scope, &pos, &arena, &e));
    ck_assert(expr_filter_key(x, &ev, &found, &key, &e));
    if (found)
        snprintf(got, sizeof got, "%.*s%s%.*s", STR_FMT(key.column), key.whole ? "=" : "~",
                 STR_FMT(value_string(&key.value, &ev)));
    ck_assert_str_eq(found ? got : "none", want);
}

START_TEST(test_expr__filter_keys)
{
    filter_key("name = ${village}", "name=v1");
    filter_key("${village} = name", "name=v1");
    filter_key("label != 'x' and name = ${village}", "name~v1");
    filter_key("name = concat('v', '2')", "name=v2");
    filter_key("name = ''", "name=");
    filter_key("name = 5", "name=5");
    filter_key("name = 2 + 3", "name=5");
    filter_key("name = true()", "none");
    filter_key("name = today()", "none");
    filter_key("name = label", "none");
    filter_key("name != ${village}", "none");
    filter_key("name = ${village} or label = 'x'", "none");
    filter_key("selected(${village}, name)", "none");
}
END_TEST

/* ---- faults and limits ---- */

START_TEST(test_expr__fault_has_cell_and_character)
{
    struct err e = refused("${a} + ${nix}");
    ck_assert(err_is(&e, &ERR_REF_UNKNOWN));
    ck_assert_str_eq(e.pos.sheet, "survey");
    ck_assert_uint_eq(e.pos.row, 7);
    ck_assert_uint_eq(e.pos.offset, 8);
    e = refused("'\xC3\xA9\xC3\xA9' + )");
    ck_assert(err_is(&e, &ERR_EXPR_EXPECTED));
    ck_assert_str_eq(e.arg[1], ")");
    ck_assert_uint_eq(e.pos.offset, 8);
    e = refused("if(1, 2)");
    ck_assert_str_eq(e.arg[1], "3 arguments");
    ck_assert_str_eq(e.arg[2], "2");
}
END_TEST

static char *many(const char *piece, size_t times, const char *middle, const char *close)
{
    struct buf b;
    buf_init(&b, (size_t)1 << 20);
    for (size_t i = 0; i < times; i++)
        buf_add_z(&b, piece);
    buf_add_z(&b, middle);
    for (size_t i = 0; i < times; i++)
        buf_add_z(&b, close);
    char *copy = strdup(b.p);
    buf_done(&b);
    return copy;
}

START_TEST(test_expr__limits)
{
    char *ok = many("(", 199, "1", ")"), *deep = many("(", 201, "1", ")");
    char *chain = many("1+", 20000, "1", ""), *longer = many("1+", 40000, "1", "");
    char *minus = many("-", 30000, "1", ""), *calls = many("not(", 500, "1", ")");
    char *preds = many("a[", 500, "1", "]"), *steps = many("a/", 20000, "a", "");
    compiled(ok, DATA);
    compiled(chain, DATA);
    compiled(minus, DATA);
    compiled(steps, DATA);
    struct err e = refused(deep);
    ck_assert(err_is(&e, &ERR_EXPR_DEPTH));
    e = refused(calls);
    ck_assert(err_is(&e, &ERR_EXPR_DEPTH));
    e = refused(preds);
    ck_assert(err_is(&e, &ERR_EXPR_DEPTH));
    e = refused(longer);
    ck_assert(err_is(&e, &ERR_EXPR_LONG));
    char *all[] = {ok, deep, chain, longer, minus, calls, preds, steps};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]);
}
END_TEST

START_TEST(test_expr__step_limit_ends_a_runaway)
{
    struct expr *x = compiled("count(//*[count(//*[count(//*[count(//*) > 1]) > 1]) > 1])", DATA);
    struct err e = {0};
    struct value v;
    struct eval ev = {.host = &host.host,
                      .scratch = &arena,
                      .self = form.instance_root,
                      .position = 1,
                      .size = 1,
                      .steps_left = 2000};
    ck_assert(!expr_eval(x, &ev, &v, &e));
    ck_assert(err_is(&e, &ERR_EXPR_RUN));
    ck_assert_uint_eq(ev.steps_left, 0);
}
END_TEST

/* ---- texts and defaults ---- */

static bool add_run(void *ctx, struct str literal, struct str ref, uint32_t offset, struct err *e)
{
    struct buf *b = ctx;
    (void)e;
    buf_printf(b, "[%.*s]", STR_FMT(literal));
    if (ref.p)
        buf_printf(b, "{%.*s@%u}", STR_FMT(ref), (unsigned)offset);
    return true;
}

static void splits(const char *text, const char *want)
{
    struct buf b;
    struct err e = {0};
    struct pos pos = {0};
    buf_init(&b, 1000);
    buf_add_z(&b, "");
    ck_assert(expr_split_text(str_of(text), &pos, add_run, &b, &e));
    ck_assert_str_eq(b.n ? b.p : "", want);
    buf_done(&b);
}

START_TEST(test_expr__split_text)
{
    splits("", "");
    splits("plain", "[plain]");
    splits("Hi ${name}!", "[Hi ]{name@4}[!]");
    splits("${a}${b}", "[]{a@1}[]{b@5}");
    splits("\xC3\xA9 ${a}", "[\xC3\xA9 ]{a@3}");
    splits("$5 and ${last-saved#x}", "[$5 and ]{last-saved#x@8}");
    splits("$", "[$]");
    struct buf b;
    buf_init(&b, 1000);
    static const char *const bad[] = {"x ${ a }", "x ${a", "x ${}", "x ${1}", "x ${a b}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct err e = {0};
        struct pos pos = {0};
        ck_assert(!expr_split_text(str_of(bad[i]), &pos, add_run, &b, &e));
        ck_assert(err_is(&e, &ERR_EXPR_REF_FORM));
        ck_assert_uint_eq(e.pos.offset, 3);
    }
    buf_done(&b);
}
END_TEST

START_TEST(test_expr__dynamic_defaults)
{
    static const char *const dynamic[] = {"1+1",
                                          "3 - 1",
                                          "a*b",
                                          "now()",
                                          "${b}",
                                          "a | b",
                                          "6 div 2",
                                          "a[1]",
                                          "concat('a', ${b})",
                                          "${last-saved#b}",
                                          "7 mod 2"};
    static const char *const literal[] = {
        "",        "a-b",  "-3",       "2020-01-01", "2020/01/02",    "foo bar",
        "/data/b", "../b", "a/b",      "10:30",      "50%",           "https://example.org/a?b=c",
        "don't",   "yes",  "1.5",      "a - ",       "Hello, world!", "3rd",
        "a,b",     "#1",   "name@x.id"};
    for (size_t i = 0; i < sizeof dynamic / sizeof *dynamic; i++)
        ck_assert_msg(expr_default_is_dynamic(str_of(dynamic[i]), false), "%s", dynamic[i]);
    for (size_t i = 0; i < sizeof literal / sizeof *literal; i++)
        ck_assert_msg(!expr_default_is_dynamic(str_of(literal[i]), false), "%s", literal[i]);
    ck_assert(!expr_default_is_dynamic(STR("3 - 1"), true));
    ck_assert(expr_default_is_dynamic(STR("now() - 1"), true));
}
END_TEST

/* ---- XML ---- */

static void xml_refused(const char *xml, const struct err_kind *kind)
{
    struct node root;
    struct err e = {0};
    ck_assert_msg(!xmltree_parse(&root, str_of(xml), &arena, &e), "%s", xml);
    ck_assert_msg(err_is(&e, kind), "%s: %s", xml, e.kind->id);
}

START_TEST(test_xmltree__hostile_documents)
{
    xml_refused("", &ERR_XML);
    xml_refused("<a>", &ERR_XML);
    xml_refused("<a></b>", &ERR_XML);
    xml_refused("<x:a/>", &ERR_XML);
    xml_refused("<a>&nope;</a>", &ERR_XML);
    xml_refused("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", &ERR_XML_DOCTYPE);
    char *deep = many("<a>", 101, "", "</a>");
    xml_refused(deep, &ERR_LIMIT);
    free(deep);
}
END_TEST

START_TEST(test_xmltree__walks)
{
    struct node root;
    struct err e = {0};
    ck_assert(xmltree_parse(&root, STR("<a x='1'>t<![CDATA[<u>]]>v<b/>w</a>"), &arena, &e));
    const struct tree_ops *o = root.tree->ops;
    struct node a = o->first(root), t = o->first(a);
    ck_assert(o->kind(root) == NODE_ROOT && o->kind(a) == NODE_ELEMENT && o->kind(t) == NODE_TEXT);
    ck_assert(str_is(o->string(t, &arena), "t<u>v"));
    ck_assert(str_is(o->string(a, &arena), "t<u>vw"));
    ck_assert(str_is(o->name(o->next(t)), "b"));
    ck_assert(!o->attribute(a, 1).tree && str_is(o->string(o->attribute(a, 0), &arena), "1"));
    ck_assert(!o->parent(root).tree && o->parent(a).item == root.item);
    ck_assert_int_lt(o->order(a, o->attribute(a, 0)), 0);
    ck_assert_int_lt(o->order(o->attribute(a, 0), t), 0);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("expr");
    TCase *t = tcase_create("expr");
    tcase_add_checked_fixture(t, set_up, tear_down);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, test_expr__reads_values_and_structure);
    tcase_add_test(t, test_expr__reads_from_inside_a_repeat);
    tcase_add_test(t, test_expr__flags);
    tcase_add_test(t, test_expr__instances);
    tcase_add_test(t, test_expr__references_are_one_instruction);
    tcase_add_test(t, test_expr__branches);
    tcase_add_test(t, test_expr__filter_keys);
    tcase_add_test(t, test_expr__fault_has_cell_and_character);
    tcase_add_test(t, test_expr__limits);
    tcase_add_test(t, test_expr__step_limit_ends_a_runaway);
    tcase_add_test(t, test_expr__split_text);
    tcase_add_test(t, test_expr__dynamic_defaults);
    tcase_add_test(t, test_xmltree__hostile_documents);
    tcase_add_test(t, test_xmltree__walks);
    suite_add_tcase(s, t);
    return s;
}
