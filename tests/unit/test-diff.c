#include "forms/model/diff.h"

#include <stdlib.h>

#include "tests/support/check_main.h"
#include "tests/support/fixed_host.h"

static struct form *was, *is;
static struct diff d;

static struct form *compile(const char *text)
{
    struct fixed_host h;
    struct diags diags;
    struct form *f = NULL;
    struct err e = {0};
    static const struct fixed_file files[] = {{"old.csv", "kode,nama\na,Ayam\nb,Bebek\n"},
                                              {NULL, NULL}};
    fixed_host_init(&h, 1);
    h.files = files;
    diags_init(&diags);
    bool ok = form_compile(&f, str_of(text), "test.md", &h.host, &diags, &e);
    ck_assert_msg(ok, "%s %s", diags.n ? diags.v[0].err.kind->id : "",
                  diags.n ? diags.v[0].err.arg[0] : "");
    diags_done(&diags);
    return f;
}

#define HEAD                                                                                       \
    "| survey |\n|  | type | name | label | required | relevant | constraint | calculation | "     \
    "repeat_count | parameters | hint | bind::cacah:pii |\n"
#define TAIL                                                                                       \
    "| choices |\n|  | list_name | name | label |\n|  | l | 1 | One |\n|  | l | 2 | Two |\n"
#define SET(version)                                                                               \
    "| settings |\n|  | form_id | version | namespaces |\n|  | f | " version                       \
    " | cacah=\"urn:cacah:1\" |\n"

static void compare(const char *old, const char *new)
{
    was = compile(old);
    is = compile(new);
    form_diff(was, is, &d);
}

static void teardown(void)
{
    diff_done(&d);
    form_free(was);
    form_free(is);
    was = is = NULL;
}

static bool has(const char *id, const char *path)
{
    for (size_t i = 0; i < d.n; i++)
        if (strcmp(diff_id(d.v[i].kind), id) == 0 && str_is(d.v[i].path, path))
            return true;
    return false;
}

static void expect_counts(size_t draft, size_t data, size_t text)
{
    struct buf said;
    buf_init(&said, 1 << 20);
    for (size_t i = 0; i < d.n; i++)
        buf_printf(&said, "%s %.*s; ", diff_id(d.v[i].kind), STR_FMT(d.v[i].path));
    ck_assert_msg(d.count[DIFF_DRAFT] == draft && d.count[DIFF_DATA] == data &&
                      d.count[DIFF_TEXT] == text,
                  "%zu %zu %zu: %s", d.count[DIFF_DRAFT], d.count[DIFF_DATA], d.count[DIFF_TEXT],
                  said.n ? said.p : "nothing");
    buf_done(&said);
}

#define QUESTIONS "|  | text | a | A |\n|  | integer | b | B |\n|  | select_one l | c | C |\n"

START_TEST(test_diff__the_same_form_differs_in_nothing)
{
    compare(HEAD QUESTIONS TAIL SET("1"), HEAD QUESTIONS TAIL SET("1"));
    expect_counts(0, 0, 0);
}
END_TEST

START_TEST(test_diff__blanks_and_versions_alone_are_no_change)
{
    compare(HEAD "|  | text | a | A  b | | 1 = 1 |\n" SET("1"),
            HEAD "|  | text | a | A b | | 1   =  1 |\n" SET("2"));
    expect_counts(0, 0, 0);
}
END_TEST

START_TEST(test_diff__came_and_went)
{
    compare(HEAD QUESTIONS TAIL SET("1"),
            HEAD "|  | text | a | A |\n|  | note | n | N |\n|  | select_one l | c | C |\n"
                 "|  | text | new | New |\n" TAIL SET("2"));
    ck_assert(has("REMOVED", "/data/b") && has("ADDED", "/data/new"));
    ck_assert(has("ADDED_SHOWN", "/data/n"));
    expect_counts(1, 1, 1);
}
END_TEST

START_TEST(test_diff__renamed_moved_reordered)
{
    compare(HEAD "|  | text | a | Name |\n|  | integer | b | B |\n|  | text | c | C |\n"
                 "|  | begin_group | g | G |\n|  | text | x | X |\n|  | end_group |\n" SET("1"),
            HEAD "|  | text | a2 | Name |\n|  | text | c | C |\n|  | integer | b | B |\n"
                 "|  | text | x | X |\n|  | begin_group | g | G |\n|  | text | y | Y |\n"
                 "|  | end_group |\n" SET("2"));
    ck_assert(has("RENAMED", "/data/a2"));
    ck_assert(has("MOVED", "/data/x"));
    ck_assert(has("REORDERED", "/data/b") && has("REORDERED", "/data/c"));
    ck_assert(has("ADDED", "/data/g/y"));
    ck_assert(!has("REMOVED", "/data/a") && !has("REMOVED", "/data/g/x"));
}
END_TEST

START_TEST(test_diff__types_that_fit_and_that_do_not)
{
    compare(HEAD "|  | integer | a | A |\n|  | text | b | B |\n|  | select_one l | c | C |\n"
                 "|  | date | e | E |\n" TAIL SET("1"),
            HEAD
            "|  | decimal | a | A |\n|  | integer | b | B |\n|  | select_multiple l | c | C |\n"
            "|  | text | e | E |\n" TAIL SET("2"));
    ck_assert(has("TYPE_WIDER", "/data/a") && has("TYPE", "/data/b"));
    ck_assert(has("TYPE_WIDER", "/data/c") && has("TYPE_WIDER", "/data/e"));
    expect_counts(1, 3, 0);
}
END_TEST

START_TEST(test_diff__what_decides_and_computes)
{
    compare(
        HEAD
        "|  | integer | a | A | | | . > 1 | | | | | |\n|  | text | b | B | yes | | | | | | | |\n"
        "|  | calculate | k | | | | | 1 + 1 | | | | |\n"
        "|  | text | p | P | | | | | | | | 1 |\n"
        "|  | begin_repeat | r | R | | | | | 2 | | | |\n|  | text | x | X |\n|  | end_repeat |\n"
        "|  | range | w | W | | | | | | start=1 end=5 step=1 | | |\n" SET("1"),
        HEAD
        "|  | integer | a | A | | | . > 2 | | | | | |\n|  | text | b | B | | ${a} = 1 | | | | | | "
        "|\n"
        "|  | calculate | k | | | | | 1 + 2 | | | | |\n"
        "|  | text | p | P | | | | | | | | |\n"
        "|  | begin_repeat | r | R | | | | | 3 | | | |\n|  | text | x | X |\n|  | end_repeat |\n"
        "|  | range | w | W | | | | | | start=1 end=6 step=1 | | |\n" SET("2"));
    ck_assert(has("CONSTRAINT", "/data/a") && has("REQUIRED", "/data/b"));
    ck_assert(has("RELEVANT", "/data/b") && has("CALCULATION", "/data/k"));
    ck_assert(has("PII", "/data/p") && has("REPEAT_COUNT", "/data/r_count") &&
              has("RANGE", "/data/w"));
    ck_assert_uint_eq(d.count[DIFF_DRAFT], 1);
}
END_TEST

START_TEST(test_diff__group_and_repeat_are_no_substitute)
{
    compare(HEAD "|  | begin_group | g | G |\n|  | text | x | X |\n|  | end_group |\n" SET("1"),
            HEAD "|  | begin_repeat | g | G |\n|  | text | x | X |\n|  | end_repeat |\n" SET("2"));
    ck_assert(has("STRUCTURE", "/data/g"));
}
END_TEST

START_TEST(test_diff__wording_and_languages)
{
    compare("| survey |\n|  | type | name | label::A (a) | label::B (b) |\n|  | text | q | x | y "
            "|\n" SET("1"),
            "| survey |\n|  | type | name | label::A (a) | label::C (c) |\n|  | text | q | z | w "
            "|\n" SET("2"));
    ck_assert(has("LABEL", "/data/q") && has("LANGUAGE_ADDED", "") && has("LANGUAGE_REMOVED", ""));
    expect_counts(0, 0, 3);
}
END_TEST

START_TEST(test_diff__choices)
{
    compare(HEAD QUESTIONS "| choices |\n|  | list_name | name | label |\n|  | l | 1 | One |\n"
                           "|  | l | 2 | Two |\n|  | l | 3 | Three |\n" SET("1"),
            HEAD QUESTIONS "| choices |\n|  | list_name | name | label |\n|  | l | 3 | Three |\n"
                           "|  | l | 1 | Uno |\n|  | l | 4 | Four |\n" SET("2"));
    ck_assert(has("CHOICE_REMOVED", "list l") && has("CHOICE_ADDED", "list l"));
    ck_assert(has("CHOICE_LABEL", "list l") && has("CHOICE_ORDER", "list l"));
    expect_counts(1, 1, 2);
}
END_TEST

START_TEST(test_diff__codes_that_mean_something_else)
{
    compare(HEAD QUESTIONS "| choices |\n|  | list_name | name | label |\n|  | l | 1 | One |\n"
                           "|  | l | 2 | Two |\n" SET("1"),
            HEAD QUESTIONS "| choices |\n|  | list_name | name | label |\n|  | l | 1 | Two |\n"
                           "|  | l | 2 | Zwei |\n" SET("2"));
    ck_assert(has("CHOICE_MEANS", "list l") && has("CHOICE_LABEL", "list l"));
    expect_counts(0, 1, 1);
}
END_TEST

START_TEST(test_diff__a_constraint_that_is_gone)
{
    compare(HEAD "|  | integer | a | A | | | . > 1 |\n" SET("1"),
            HEAD "|  | integer | a | A |\n" SET("2"));
    ck_assert(has("CONSTRAINT_GONE", "/data/a"));
    expect_counts(0, 1, 0);
}
END_TEST

START_TEST(test_diff__lists_of_files_by_the_columns_used)
{
    static const char form[] = HEAD
        "|  | select_one_from_file old.csv | v | V | | | | | | value=kode label=nama | | |\n" SET(
            "1");
    compare(form, form);
    expect_counts(0, 0, 0);
}
END_TEST

START_TEST(test_diff__many_choices_are_counted)
{
    struct buf old, new;
    size_t said = 0;
    buf_init(&old, 1 << 20);
    buf_init(&new, 1 << 20);
    buf_add_z(&old, HEAD QUESTIONS TAIL);
    buf_add_z(&new, HEAD QUESTIONS TAIL);
    for (int i = 10; i < 60; i++)
        buf_printf(&new, "|  | l | %d | L %d |\n", i, i);
    buf_add_z(&old, SET("1"));
    buf_add_z(&new, SET("2"));
    compare(old.p, new.p);
    for (size_t i = 0; i < d.n; i++)
        if (d.v[i].kind == DIFF_IS_CHOICES_MORE)
            said = strtoul(d.v[i].is.p, NULL, 10);
    ck_assert_uint_eq(said, 30);
    buf_done(&old);
    buf_done(&new);
}
END_TEST

START_TEST(test_diff__the_form_itself)
{
    compare(HEAD QUESTIONS TAIL
            "| settings |\n|  | form_id | version | form_title |\n|  | f | 1 | T |\n",
            HEAD "|  | text | a | A |\n" TAIL
                 "| settings |\n|  | form_id | version | form_title |\n|  | g | 1 | U |\n");
    ck_assert(has("FORM_ID", "") && has("TITLE", "") && has("VERSION_SAME", ""));
}
END_TEST

START_TEST(test_diff__sentences_name_both)
{
    struct diff_item i = {.kind = DIFF_IS_TYPE, .was = STR("text"), .is = STR("integer")};
    struct buf b;
    buf_init(&b, 1000);
    ck_assert(diff_text(&i, NULL, &b));
    ck_assert_str_eq(b.p, "the type was \"text\" and is \"integer\": answers given may not fit");
    buf_done(&b);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("diff");
    TCase *t = tcase_create("all");
    tcase_add_checked_fixture(t, NULL, teardown);
    tcase_add_test(t, test_diff__the_same_form_differs_in_nothing);
    tcase_add_test(t, test_diff__blanks_and_versions_alone_are_no_change);
    tcase_add_test(t, test_diff__came_and_went);
    tcase_add_test(t, test_diff__renamed_moved_reordered);
    tcase_add_test(t, test_diff__types_that_fit_and_that_do_not);
    tcase_add_test(t, test_diff__what_decides_and_computes);
    tcase_add_test(t, test_diff__group_and_repeat_are_no_substitute);
    tcase_add_test(t, test_diff__wording_and_languages);
    tcase_add_test(t, test_diff__choices);
    tcase_add_test(t, test_diff__codes_that_mean_something_else);
    tcase_add_test(t, test_diff__a_constraint_that_is_gone);
    tcase_add_test(t, test_diff__lists_of_files_by_the_columns_used);
    tcase_add_test(t, test_diff__many_choices_are_counted);
    tcase_add_test(t, test_diff__the_form_itself);
    tcase_add_test(t, test_diff__sentences_name_both);
    suite_add_tcase(s, t);
    return s;
}
