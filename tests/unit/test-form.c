/* Forms as others see them: nodes, texts, languages, lists, what is generated, what finds them. */
#include "tests/support/check_main.h"

#include <stdio.h>

#include <math.h>

#include "forms/base/mem.h"
#include "forms/model/form.h"
#include "forms/read/sheet.h"
#include "tests/support/fixed_host.h"

static struct form *form;
static struct diags diags;
static struct fixed_host host;

static const struct fixed_file files[] = {
    {"towns.csv", "code,title,region\n1,\"A, town\",north\n2,B,south\n"},
    {"codes.csv", "\xEF\xBB\xBFkey;value\nx;1\n"},
    {"itemsets.csv", "list_name,name,label,p\nv,1,One,x\nw,9,Nine,x\nv,2,Two,y\n"},
    {"tree.xml", "<other><thing id='x'>1</thing></other>"},
    {"shops.xml", "<root><item><name>s1</name><label>Shop &amp; one</label></item>"
                  "<item><name>s2</name><size>3</size></item></root>"},
    {"places.geojson",
     "{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"id\":\"p1\","
     "\"geometry\":{\"type\":\"Point\",\"coordinates\":[115.4,-2.1]},"
     "\"properties\":{\"title\":\"One\",\"size\":3,\"x\":1.5,\"open\":true}},"
     "{\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[0,1],[1,1],[0,0]]]},"
     "\"properties\":{\"id\":\"p2\",\"title\":\"Two\"}}]}"},
    {NULL, NULL}};

static void compile(const char *text)
{
    struct err e = {0};
    fixed_host_init(&host, 1);
    host.files = files;
    diags_init(&diags);
    bool ok = form_compile(&form, str_of(text), "dir/my form.md", &host.host, &diags, &e);
    for (size_t i = 0; !ok && i < diags.n; i++) {
        struct buf line;
        buf_init(&line, 4096);
        diag_line(&diags.v[i], NULL, &line);
        printf("# %s\n", line.p);
        buf_done(&line);
    }
    ck_assert(ok);
}

static void done(void)
{
    form_free(form);
    form = NULL;
    diags_done(&diags);
}

static const struct form_node *node(const char *name)
{
    uint32_t def = form_find(form, str_of(name));
    ck_assert_msg(def != DEF_NONE, "no node %s", name);
    return &form->nodes[def];
}

#define check_str(found, want)                                                                     \
    ck_assert_msg(str_is((found), want), "found \"%.*s\"", STR_FMT(found))

static void check_text(texts t, uint32_t language, const char *want)
{
    struct buf b;
    buf_init(&b, 1 << 16);
    ck_assert_ptr_nonnull(t);
    for (uint32_t i = 0; i < t[language].n; i++) {
        buf_add_str(&b, t[language].runs[i].literal);
        if (t[language].runs[i].ref != DEF_NONE)
            buf_printf(&b, "{%u%s}", (unsigned)t[language].runs[i].ref,
                       t[language].runs[i].last_saved ? " saved" : "");
    }
    check_str(buf_str(&b), want);
    buf_done(&b);
}

START_TEST(test_form__nodes)
{
    compile("| survey |\n| | type | name | label | appearance | hint | guidance_hint |\n"
            "| | begin group | g | G | field-list | | |\n"
            "| | integer | a | A | | H ${a} | more |\n"
            "| | begin repeat | r | R | | | |\n"
            "| | photo | p | P | new  front | | |\n"
            "| | end repeat | | | | | |\n"
            "| | end group | | | | | |\n"
            "| | today | today | | | | |\n");
    ck_assert_uint_eq(form->n_nodes, 6);
    check_str(form->nodes[0].name, "data");
    check_str(form->id, "my form");
    check_str(form->title, "my form");
    ck_assert_uint_eq(form->nodes[0].end, 6);
    const struct form_node *p = node("/data/g/r[3]/p");
    ck_assert_int_eq(p->type, TYPE_FILE);
    check_str(p->media, "image");
    ck_assert_uint_eq(p->repeat_depth, 1);
    ck_assert_uint_eq(p->repeat, 3);
    check_str(p->appearance, "new front");
    ck_assert(form_has_appearance(p, "front"));
    ck_assert(!form_has_appearance(p, "fro"));
    ck_assert_uint_eq(node("r")->end, 5);
    ck_assert_uint_eq(node("g")->end, 5);
    ck_assert_uint_eq(node("a")->row, 3);
    check_text(node("a")->hint, 0, "H {2}");
    check_text(node("a")->guidance, 0, "more");
    ck_assert_int_eq(node("today")->type, TYPE_META);
    check_str(node("today")->preload, "today");
    ck_assert_uint_eq(form_find(form, STR("g/r/p")), 4);
    ck_assert_uint_eq(form_find(form, STR("/other/g")), DEF_NONE);
    ck_assert_uint_eq(form_find(form, STR("")), DEF_NONE);
    struct buf path;
    buf_init(&path, 256);
    form_path(form, 4, &path);
    ck_assert_str_eq(path.p, "/data/g/r/p");
    buf_done(&path);
    done();
}
END_TEST

START_TEST(test_form__conditions)
{
    compile("| survey |\n| | type | name | label | required | read_only | relevant | constraint | "
            "constraint_message | default |\n"
            "| | integer | a | A | yes | no | | . > 0 | too small | 5 |\n"
            "| | text | b | B | ${a} = 1 | TRUE | no | | | ${a} + 1 |\n"
            "| | select_multiple l | c | C | | | yes | | | x y |\n"
            "| choices |\n| | list_name | name | label |\n| | l | x | X |\n| | l | y | Y |\n");
    const struct form_node *a = node("a"), *b = node("b"), *c = node("c");
    ck_assert(a->required_always && !a->readonly_always && !a->required.expr);
    ck_assert_ptr_nonnull(a->constraint.expr);
    check_text(a->constraint_message, 0, "too small");
    check_str(a->default_literal, "5");
    ck_assert(b->readonly_always && b->required.expr && !b->required_always);
    check_str(expr_text(b->relevant.expr), "false()");
    ck_assert_ptr_nonnull(b->default_dynamic.expr);
    ck_assert_ptr_null(b->default_literal.p);
    ck_assert_ptr_null(c->relevant.expr);
    check_str(c->default_literal, "x y");
    struct pos pos;
    form_pos(form, &b->required, &pos);
    ck_assert_str_eq(pos.sheet, "survey");
    ck_assert_str_eq(pos.column, "required");
    ck_assert_uint_eq(pos.row, 3);
    done();
}
END_TEST

START_TEST(test_form__languages)
{
    compile("| survey |\n| | type | name | label::Bahasa (id) | label::English (en) | hint |\n"
            "| | text | a | Satu | One | both |\n| | text | b | | Two | |\n"
            "| settings |\n| | default_language |\n| | English (en) |\n");
    ck_assert_uint_eq(form->n_languages, 2);
    check_str(form->languages[0].name, "Bahasa (id)");
    check_str(form->languages[0].code, "id");
    ck_assert_uint_eq(form->default_language, 1);
    check_text(node("a")->label, 0, "Satu");
    check_text(node("a")->label, 1, "One");
    check_text(node("a")->hint, 0, "both");
    check_text(node("a")->hint, 1, "both");
    check_text(node("b")->label, 0, "-");
    ck_assert(!node("b")->label[0].given);
    ck_assert_uint_eq(diags.warnings, 1);
    done();

    compile("| survey |\n| | type | name | label |\n| | text | a | ${last-saved#a} and ${a}. |\n");
    ck_assert_uint_eq(form->n_languages, 1);
    check_str(form->languages[0].name, "default");
    check_text(node("a")->label, 0, "{1 saved} and {1}.");
    done();

    compile("| survey |\n| | type | name | label | label::French (fr) |\n"
            "| | text | a | plain | avec |\n");
    ck_assert_uint_eq(form->n_languages, 2);
    check_str(form->languages[form->default_language].name, "default");
    check_text(node("a")->label, form->default_language, "plain");
    done();
}
END_TEST

START_TEST(test_form__generated)
{
    compile(
        "| survey |\n| | type | name | label | repeat_count | appearance |\n"
        "| | select_one l or_other | a | A | | |\n"
        "| | begin repeat | r | R | 1 + 2 | |\n| | text | t | T | | |\n| | end repeat | | | | |\n"
        "| | begin group | tl | T | | table-list |\n| | select_one l | b | B | | quick |\n"
        "| | end group | | | | |\n"
        "| | begin loop over l | lp | L | | |\n| | integer | n_%(name)s | How many %(label)s? | | "
        "|\n"
        "| | end loop | | | | |\n"
        "| choices |\n| | list_name | name | label |\n| | l | x | Ex |\n| | l | none | N |\n");
    ck_assert_int_eq(node("a_other")->type, TYPE_TEXT);
    check_text(node("a_other")->label, 0, "Specify other.");
    check_str(expr_text(node("a_other")->relevant.expr), "selected(../a, 'other')");
    ck_assert_uint_eq(form_find(form, STR("a_other")), form_find(form, STR("a")) + 1);
    const struct choice_list *l = form->lists[node("a")->list];
    ck_assert_uint_eq(l->rows, 3);
    ck_assert_uint_eq(choice_find(l, STR("other")), 2);
    check_text(l->labels[2], 0, "Other");
    ck_assert_int_eq(node("r_count")->type, TYPE_CALCULATE);
    check_str(expr_text(node("r_count")->calculation.expr), "1 + 2");
    check_str(expr_text(node("r")->repeat_count.expr), "../r_count");
    check_str(node("b")->appearance, "quick list-nolabel");
    check_text(node("/data/lp/x/n_x")->label, 0, "How many Ex?");
    check_text(node("/data/lp/x")->label, 0, "Ex");
    ck_assert_uint_eq(form_find(form, STR("/data/lp/none")), DEF_NONE);
    done();
}
END_TEST

START_TEST(test_form__parameters)
{
    compile(
        "| survey |\n| | type | name | label | parameters | rows |\n"
        "| | range | a | A | start=0.5; end=2; step=0.5 | |\n| | range | b | B | | |\n"
        "| | select_one l | c | C | randomize=true, seed=42 | |\n"
        "| | select_one l | d | D | randomize = true seed=${b} | |\n"
        "| | text | e | E | rows=4 | |\n| | text | f | F | | 3 |\n| | percentage | g | G | | |\n"
        "| choices |\n| | list_name | name | label |\n| | l | x | X |\n");
    ck_assert_int_eq(node("a")->stored, STORED_DECIMAL);
    ck_assert(node("a")->range_start == 0.5 && node("a")->range_step == 0.5);
    ck_assert_int_eq(node("b")->stored, STORED_INT);
    ck_assert(node("b")->range_end == 10);
    ck_assert(node("c")->randomize && node("c")->seed == 42);
    ck_assert(node("d")->randomize && isnan(node("d")->seed) && node("d")->seed_expr.expr);
    ck_assert_uint_eq(node("e")->rows, 4);
    ck_assert_uint_eq(node("f")->rows, 3);
    check_str(expr_text(node("g")->constraint.expr), "0 <= . and . <= 100");
    done();
}
END_TEST

START_TEST(test_form__extensions)
{
    compile("| survey |\n| | type | name | label | c:pii | bind::c:pii | bind::c:missing | "
            "bind::c:warn | "
            "bind::c:warn-id | bind::c:warn2 | bind::c:warn2-en | calculation | bind::c:report |\n"
            "| | integer | a | A | | 1 | dk=-98 na=-97 | . > 90 | Tua ${a}? | . > 100 | Old | | "
            "mean |\n"
            "| | select_one l | b | B | | | | | | | | | none |\n"
            "| | select_one l | c | C | | | -99 | | | | | | |\n"
            "| | select_multiple l | many | M | | | | | | | | | none |\n"
            "| | select_multiple both | most | M | | | | | | | | | none |\n"
            "| | calculate | d | | | | | | | | | ${a} + 1 | |\n"
            "| | calculate | e | | | | | | | | | ${d} + 1 | |\n"
            "| choices |\n| | list_name | name | label |\n| | l | 98 | ? |\n| | l | 1 | 1 |\n"
            "| | both | 1 | 1 |\n| | both | 98 | ? |\n| | both | 99 | - |\n"
            "| settings |\n| | namespaces | instance_name |\n"
            "| | x=\"urn:x\" c=\"urn:cacah:1\" | concat(${e}, '') |\n");
    ck_assert(form->cacah_namespace);
    const struct form_node *a = node("a");
    ck_assert(a->pii && a->missing_declared);
    check_str(a->missing[MISSING_DK], "-98");
    check_str(a->missing[MISSING_NA], "-97");
    ck_assert_ptr_null(a->missing[MISSING_REFUSED].p);
    ck_assert_uint_eq(a->n_warns, 2);
    check_text(a->warns[0].message, 0, "Tua {1}?");
    check_text(a->warns[1].message, 0, "Old");
    ck_assert_int_eq(a->report, REPORT_MEAN);
    check_str(node("b")->missing[MISSING_DK], "98"); /* its list has the code */
    ck_assert(!node("b")->missing_declared);
    ck_assert_ptr_null(node("many")->missing[MISSING_DK].p); /* "none of these", as likely */
    check_str(node("most")->missing[MISSING_REFUSED], "99");
    check_str(node("c")->missing[MISSING_REFUSED], "-99");
    ck_assert_ptr_null(node("c")->missing[MISSING_DK].p); /* what is declared is all */
    ck_assert(node("d")->pii && node("e")->pii && !node("b")->pii);
    ck_assert(form->instance_name_pii);
    done();
}
END_TEST

START_TEST(test_form__externals)
{
    compile(
        "| survey |\n| | type | name | label | choice_filter | parameters | calculation |\n"
        "| | select_one_from_file towns.csv | a | A | region = ${r} | value=code label=title | |\n"
        "| | select_one_from_file places.geojson | b | B | | | |\n"
        "| | select_one_from_file shops.xml | c | C | | | |\n"
        "| | xml-external | tree | | | | |\n"
        "| | select_one_external v | d | D | p = ${r} | | |\n"
        "| | select_one_from_file none.csv | f | F | | | |\n"
        "| | text | r | R | | | |\n"
        "| | calculate | e | | | | pulldata('codes', 'value', 'key', ${r}) |\n");
    const struct choice_list *l = form->lists[node("a")->list];
    ck_assert(l->external && l->loaded);
    ck_assert_uint_eq(l->rows, 2);
    ck_assert_uint_eq(l->n_columns, 3);
    check_str(l->columns[1].cells[0], "A, town");
    check_str(node("a")->value_column, "code");
    ck_assert_ptr_nonnull(l->indexes[0]); /* the value */
    ck_assert_ptr_null(l->indexes[1]);
    ck_assert_ptr_nonnull(l->indexes[2]); /* what the filter compares */
    l = form->lists[node("b")->list];
    check_str(node("b")->value_column, "id");
    check_str(l->columns[choice_find(l, STR("p2")) < 2 ? 0 : 1].cells[1], "p2");
    uint32_t geometry = 0;
    while (geometry < l->n_columns && !str_is(l->columns[geometry].name, "geometry"))
        geometry++;
    check_str(l->columns[geometry].cells[0], "-2.1 115.4 0 0");
    check_str(l->columns[geometry].cells[1], "0 0 0 0; 1 0 0 0; 1 1 0 0; 0 0 0 0");
    l = form->lists[node("c")->list];
    check_str(l->columns[1].cells[0], "Shop & one");
    l = form->lists[node("d")->list];
    ck_assert_uint_eq(l->rows, 2); /* the rows of its own list */
    check_str(l->columns[1].cells[1], "2");
    ck_assert(!form->lists[node("f")->list]->loaded);
    ck_assert_uint_eq(diags.warnings, 3); /* none.csv; two filters look at what is asked later */
    const struct str *names;
    ck_assert_uint_eq(form_externals(form, &names), 7);
    check_str(names[0], "tree.xml"); /* in the order met: the instance's row comes first */
    done();
}
END_TEST

START_TEST(test_form__kept)
{
    compile("| survey |\n| | type | name | label | media::image | bind::odk:x | autoplay |\n"
            "| | text | a | A | a.png | 7 | yes |\n"
            "| settings |\n| | Form Title | id_string | version | public_key | odd |\n"
            "| | The title | the_id | 3 | KEY | kept |\n");
    check_str(form->title, "The title");
    check_str(form->id, "the_id");
    check_str(form->version, "3");
    ck_assert_uint_eq(form->n_settings, 5);
    check_str(form->settings[4].name, "odd");
    check_str(form->settings[4].value, "kept");
    ck_assert_uint_eq(node("a")->n_attrs, 2);
    check_str(node("a")->attrs[0].name, "media::image");
    check_str(node("a")->attrs[1].value, "7");
    ck_assert_uint_eq(form->book->n_sheets, 2);
    ck_assert_uint_eq(diags.warnings, 2); /* the key, the media */
    done();
}
END_TEST

START_TEST(test_form__no_form)
{
    struct err e = {0};
    diags_init(&diags);
    ck_assert(!form_compile(&form, STR("| survey |\n| | type | name |\n| | text | a |\n"), "x.md",
                            NULL, &diags, &e));
    ck_assert_ptr_null(form);
    ck_assert_ptr_null(e.kind);
    ck_assert_uint_eq(diags.errors, 1);
    ck_assert_str_eq(diags.v[0].err.pos.file, "x.md");
    diags_done(&diags);
    diags_init(&diags);
    ck_assert(!form_compile(&form, STR("\xFF"), "x.md", NULL, &diags, &e));
    ck_assert_uint_eq(diags.errors, 1);
    diags_done(&diags);
}
END_TEST

static bool found_limit(void)
{
    bool found = false;
    for (size_t i = 0; i < diags.n; i++)
        found |= err_is(&diags.v[i].err, &ERR_LIMIT);
    return found;
}

/* A name nobody can guess wrong twice: 2,000 nested or repeated things stay quick and are refused in time. */
START_TEST(test_form__limits)
{
    struct buf b;
    struct err e = {0};
    buf_init(&b, (size_t)16 << 20);
    buf_add_z(&b, "| survey |\n| | type | name | label |\n");
    for (int i = 0; i < 200; i++)
        buf_printf(&b, "| | begin group | g%d | G |\n", i);
    diags_init(&diags);
    ck_assert(!form_compile(&form, buf_str(&b), "x.md", NULL, &diags, &e));
    ck_assert(found_limit());
    diags_done(&diags);

    buf_clear(&b);
    buf_add_z(&b, "| survey |\n| | type | name | label |\n");
    for (int i = 0; i < 9; i++)
        buf_printf(&b, "| | begin repeat | g%d | G |\n", i);
    for (int i = 0; i < 9; i++)
        buf_add_z(&b, "| | end repeat | | |\n");
    diags_init(&diags);
    ck_assert(!form_compile(&form, buf_str(&b), "x.md", NULL, &diags, &e));
    ck_assert(found_limit());
    diags_done(&diags);

    /* Loops in loops: 60 choices, six deep. */
    buf_clear(&b);
    buf_add_z(&b, "| survey |\n| | type | name | label |\n");
    for (int i = 0; i < 6; i++)
        buf_printf(&b, "| | begin loop over l | g%d | G |\n", i);
    buf_add_z(&b, "| | text | t | T |\n");
    for (int i = 0; i < 6; i++)
        buf_add_z(&b, "| | end loop | | |\n");
    buf_add_z(&b, "| choices |\n| | list_name | name | label |\n");
    for (int i = 0; i < 60; i++)
        buf_printf(&b, "| | l | c%d | C |\n", i);
    diags_init(&diags);
    ck_assert(!form_compile(&form, buf_str(&b), "x.md", NULL, &diags, &e));
    ck_assert(found_limit());
    diags_done(&diags);

    /* A list of many rows with a text in each of many columns. */
    buf_clear(&b);
    buf_add_z(&b, "| survey |\n| | type | name | label |\n| | select_one l | a | A |\n"
                  "| choices |\n| | list_name | name | label");
    for (int i = 0; i < 1200; i++)
        buf_printf(&b, "|c%d", i);
    buf_add_z(&b, "|\n| | l | x | X");
    for (int i = 0; i < 1200; i++)
        buf_add_z(&b, "|1");
    for (int i = 0; i < 25000; i++)
        buf_printf(&b, "|\n| | l | n%d | N", i);
    diags_init(&diags);
    ck_assert(!form_compile(&form, buf_str(&b), "x.md", NULL, &diags, &e));
    ck_assert(found_limit());
    diags_done(&diags);

    buf_clear(&b);
    buf_add_z(&b, "| survey |\n| | type | name | label |\n| | text | a | A |\n"
                  "| entities |\n| | list_name | label |\n");
    for (int i = 0; i < 1001; i++)
        buf_printf(&b, "| | e%d | 1 |\n", i);
    diags_init(&diags);
    ck_assert(!form_compile(&form, buf_str(&b), "x.md", NULL, &diags, &e));
    ck_assert(found_limit());
    diags_done(&diags);
    buf_done(&b);
}
END_TEST

/* As many references as a cell holds: what they cost grows with the cell, not with its square. */
START_TEST(test_form__references_without_end)
{
    struct buf b;
    struct err e = {0};
    buf_init(&b, (size_t)16 << 20);
    buf_add_z(&b, "| survey |\n| | type | name | label |\n| | text | a | A |\n| | note | n | ");
    for (int i = 0; i < 200000; i++)
        buf_add_z(&b, "${a} ");
    buf_add_z(&b, "|\n");
    diags_init(&diags);
    ck_assert(form_compile(&form, buf_str(&b), "x.md", NULL, &diags, &e));
    ck_assert_uint_ge(form->nodes[2].label[0].n, 200000);
    done();
    buf_done(&b);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("form");
    TCase *t = tcase_create("form");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, test_form__nodes);
    tcase_add_test(t, test_form__conditions);
    tcase_add_test(t, test_form__languages);
    tcase_add_test(t, test_form__generated);
    tcase_add_test(t, test_form__parameters);
    tcase_add_test(t, test_form__extensions);
    tcase_add_test(t, test_form__externals);
    tcase_add_test(t, test_form__kept);
    tcase_add_test(t, test_form__no_form);
    tcase_add_test(t, test_form__limits);
    tcase_add_test(t, test_form__references_without_end);
    suite_add_tcase(s, t);
    return s;
}
