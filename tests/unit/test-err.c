#include "forms/base/err.h"

#include <stdlib.h>

#include "tests/support/check_main.h"

static void text_is(const struct err *e, const char *want)
{
    struct buf b;
    buf_init(&b, 4096);
    ck_assert(err_text(e, NULL, &b));
    ck_assert_str_eq(b.p, want);
    buf_done(&b);
}

START_TEST(test_err__arguments_are_put_in_place)
{
    struct err e = {0};
    ck_assert(!err_fail2(&e, ERR_LIMIT, "The sheet", "5 million cells"));
    text_is(&e, "The sheet is larger than the limit of 5 million cells.");
}
END_TEST

START_TEST(test_err__hostile_characters_are_shown_as_replacement)
{
    struct err e = {0};
    ck_assert(!err_fail1(&e, ERR_FILE_MISSING,
                         "a\x1b[2J\xE2\x80\xAE"
                         "b\xC2\x9B"));
    text_is(&e, "The file \"a\xEF\xBF\xBD[2J\xEF\xBF\xBD"
                "b\xEF\xBF\xBD\" is not there.");
}
END_TEST

START_TEST(test_err__long_argument_is_cut_between_characters_with_a_mark)
{
    char wide[400];
    for (size_t i = 0; i < 399; i += 3)
        memcpy(wide + i, "\xE2\x82\xAC", 3);
    char tmp[ERR_ARG_MAX];
    err_arg(tmp, (struct str){wide, 399});
    size_t n = strlen(tmp);
    ck_assert_uint_eq(n % 3, 0);
    ck_assert_str_eq(tmp + n - 3, "\xE2\x80\xA6");
}
END_TEST

START_TEST(test_err__diag_line_names_place_severity_and_remedy)
{
    struct err e = {0};
    pos_set(&e.pos, "f.md", "survey", 12, STR("relevant"));
    e.pos.offset = 7;
    err_fail1(&e, ERR_FILE_MISSING, "x.csv");
    struct diags d;
    diags_init(&d);
    diags_add(&d, SEV_WARNING, &e);
    struct buf b;
    buf_init(&b, 4096);
    ck_assert(diag_line(&d.v[0], NULL, &b));
    ck_assert_str_eq(b.p, "f.md:survey:12:relevant:7: warning: The file \"x.csv\" is not there. "
                          "Put it beside the form.");
    ck_assert_uint_eq(d.warnings, 1);
    ck_assert_uint_eq(d.errors, 0);
    buf_done(&b);
    diags_done(&d);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("err");
    TCase *t = tcase_create("err");
    tcase_add_test(t, test_err__arguments_are_put_in_place);
    tcase_add_test(t, test_err__hostile_characters_are_shown_as_replacement);
    tcase_add_test(t, test_err__long_argument_is_cut_between_characters_with_a_mark);
    tcase_add_test(t, test_err__diag_line_names_place_severity_and_remedy);
    suite_add_tcase(s, t);
    return s;
}
