#include "app/flow/sim_limits.h"

#include <math.h>
#include <stdlib.h>

#include "app/flow/sim_regex.h"
#include "tests/support/check_main.h"

static struct arena a;
static struct sim_limits l;

static void setup(void)
{
    arena_init(&a);
}

static void teardown(void)
{
    arena_done(&a);
}

static void limits(const char *constraint, double step)
{
    sim_limits_read(str_of(constraint), step, &a, &l);
}

START_TEST(test_sim_limits__both_ends)
{
    limits(". >= 18 and . <= 99", 1);
    ck_assert_uint_eq(l.value.n, 1);
    ck_assert(l.value.v[0].lo == 18 && l.value.v[0].hi == 99);
    limits(". > 18 and 99 > .", 1);
    ck_assert(l.value.v[0].lo == 19 && l.value.v[0].hi == 98);
    limits(". > 0", 0.5);
    ck_assert(l.value.v[0].lo == 0.5 && isinf(l.value.v[0].hi));
}
END_TEST

START_TEST(test_sim_limits__missing_codes_are_spans_of_their_own)
{
    limits("(. >= 0 and . <= 365) or . = -97 or . = -98 or . = -99", 1);
    ck_assert_uint_eq(l.value.n, 4);
    ck_assert(l.value.v[0].lo == -99 && l.value.v[0].hi == -99);
    ck_assert(l.value.v[3].lo == 0 && l.value.v[3].hi == 365);
    ck_assert(spans_hold(&l.value, -98) && spans_hold(&l.value, 365));
    ck_assert(!spans_hold(&l.value, -1) && !spans_hold(&l.value, 366));
}
END_TEST

START_TEST(test_sim_limits__what_is_not_simple_allows_everything)
{
    limits(". <= ${other}", 1);
    ck_assert(isinf(l.value.v[0].lo) && isinf(l.value.v[0].hi));
    limits(". <= ${other} and . >= 3", 1);
    ck_assert(l.value.v[0].lo == 3 && isinf(l.value.v[0].hi));
    limits("not(. > 3)", 1);
    ck_assert(isinf(l.value.v[0].lo) && isinf(l.value.v[0].hi));
    limits("if(${a} = 1, . = 5, . >= 8 and . <= 9)", 1);
    ck_assert_uint_eq(l.value.n, 2);
    ck_assert(l.value.v[0].lo == 5 && l.value.v[1].hi == 9);
    limits("", 1);
    ck_assert(isinf(l.value.v[0].lo));
    limits("this is (no expression", 1);
    ck_assert(isinf(l.value.v[0].lo));
}
END_TEST

START_TEST(test_sim_limits__nothing_is_left_of_a_contradiction)
{
    limits(". > 5 and . < 3", 1);
    ck_assert_uint_eq(l.value.n, 0);
}
END_TEST

START_TEST(test_sim_limits__too_many_spans_widen)
{
    struct buf b;
    buf_init(&b, 4096);
    buf_add_z(&b, ". = 0");
    for (int i = 1; i < 40; i++)
        buf_printf(&b, " or . = %d", 10 * i);
    limits(b.p, 1);
    ck_assert(spans_hold(&l.value, 0) && spans_hold(&l.value, 390));
    buf_done(&b);
}
END_TEST

START_TEST(test_sim_limits__lengths_and_patterns)
{
    limits("string-length(.) >= 3 and string-length(.) <= 80", 1);
    ck_assert(l.length.v[0].lo == 3 && l.length.v[0].hi == 80);
    ck_assert(isinf(l.value.v[0].hi));
    ck_assert_uint_eq(l.pattern.n, 0);
    limits("regex(., '^P[0-9]{3}$') and . != 'P000'", 1);
    ck_assert(str_is(l.pattern, "^P[0-9]{3}$"));
}
END_TEST

/* ---- texts for patterns ---- */

static struct str draw(const char *pattern, struct dice *d, struct buf *b)
{
    buf_clear(b);
    ck_assert_msg(sim_regex_draw(str_of(pattern), d, b), "%s", pattern);
    return buf_str(b);
}

START_TEST(test_sim_regex__draws_what_matches)
{
    struct dice d;
    struct buf b;
    buf_init(&b, 4096);
    dice_seed(&d, 1, 2, 3);
    for (int i = 0; i < 300; i++) {
        struct str s = draw("^P[0-9]{3}$", &d, &b);
        ck_assert(s.n == 4 && s.p[0] == 'P' && s.p[1] >= '0' && s.p[3] <= '9');
        s = draw("^[+]?[0-9]{9,14}$", &d, &b);
        ck_assert(s.n >= 9 && s.n <= 15 && (s.p[0] == '+' || s.p[0] <= '9'));
        s = draw("(ab|c(d|e)){2}", &d, &b);
        ck_assert(s.n == 4 && (s.p[0] == 'a' || s.p[0] == 'c'));
        s = draw("[^a-y]x\\d\\.", &d, &b);
        ck_assert(s.n == 4 && !(s.p[0] >= 'a' && s.p[0] <= 'y') && s.p[1] == 'x' && s.p[3] == '.');
        s = draw("a|b|", &d, &b);
        ck_assert(s.n <= 1);
        s = draw("é{2}", &d, &b);
        ck_assert(str_is(s, "éé"));
    }
    buf_done(&b);
}
END_TEST

START_TEST(test_sim_regex__refuses_what_it_does_not_know)
{
    static const char *const patterns[] = {"(?=a)b", "a\\b", "(a)\\1", "*a",          "a{x}",
                                           "[a",     "(a",   "\\p{L}", "[[:alpha:]]", "a{2000}"};
    struct dice d;
    struct buf b;
    buf_init(&b, 4096);
    dice_seed(&d, 1, 2, 3);
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++)
        ck_assert_msg(!sim_regex_draw(str_of(patterns[i]), &d, &b), "%s", patterns[i]);
    buf_done(&b);
}
END_TEST

/* ---- dice ---- */

START_TEST(test_dice__streams_repeat_and_differ)
{
    struct dice x, y, z;
    dice_seed(&x, 7, 1, 2);
    dice_seed(&y, 7, 1, 2);
    dice_seed(&z, 7, 2, 1);
    ck_assert(dice_next(&x) == dice_next(&y) && dice_next(&x) != dice_next(&z));
}
END_TEST

START_TEST(test_dice__means_are_as_said)
{
    struct dice d;
    double sum = 0, count = 0, squares = 0;
    dice_seed(&d, 42, 0, 0);
    for (int i = 0; i < 20000; i++) {
        double x = dice_normal(&d);
        sum += x;
        squares += x * x;
        count += dice_count(&d, 2, 1000);
        double m = dice_magnitude(&d, 365);
        ck_assert(m >= 0 && m <= 365);
        ck_assert_uint_lt(dice_below(&d, 7), 7);
    }
    ck_assert(fabs(sum / 20000) < 0.03 && fabs(squares / 20000 - 1) < 0.05);
    ck_assert(fabs(count / 20000 - 2) < 0.1);
    ck_assert_uint_eq(dice_below(&d, 0), 0);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("sim_limits");
    TCase *t = tcase_create("all");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, test_sim_limits__both_ends);
    tcase_add_test(t, test_sim_limits__missing_codes_are_spans_of_their_own);
    tcase_add_test(t, test_sim_limits__what_is_not_simple_allows_everything);
    tcase_add_test(t, test_sim_limits__nothing_is_left_of_a_contradiction);
    tcase_add_test(t, test_sim_limits__too_many_spans_widen);
    tcase_add_test(t, test_sim_limits__lengths_and_patterns);
    tcase_add_test(t, test_sim_regex__draws_what_matches);
    tcase_add_test(t, test_sim_regex__refuses_what_it_does_not_know);
    tcase_add_test(t, test_dice__streams_repeat_and_differ);
    tcase_add_test(t, test_dice__means_are_as_said);
    suite_add_tcase(s, t);
    return s;
}
