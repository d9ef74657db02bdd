/* Doubles as text and back, without the C locale. */
#include "forms/base/num.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/support/check_main.h"

static void text_is(double x, const char *want)
{
    char out[NUM_TEXT_MAX];
    size_t n = num_text(x, out);
    ck_assert_str_eq(out, want);
    ck_assert_uint_eq(n, strlen(want));
}

START_TEST(test_num__text_is_xpath)
{
    text_is(0, "0");
    text_is(-0.0, "0");
    text_is(NAN, "NaN");
    text_is(INFINITY, "Infinity");
    text_is(-INFINITY, "-Infinity");
    text_is(1, "1");
    text_is(-42, "-42");
    text_is(0.5, "0.5");
    text_is(-1.25, "-1.25");
    text_is(0.1 + 0.2, "0.30000000000000004");
    text_is(10.0 / 3.0, "3.3333333333333335");
    text_is(1e12, "1000000000000");
    text_is(1e21, "1000000000000000000000");
    text_is(1e23, "100000000000000000000000");
    text_is(1e-7, "0.0000001");
    text_is(123456.789, "123456.789");
    text_is(9007199254740993.0, "9007199254740992");
    text_is(5e-324 * 1e300, "0.000000000000000000000004940656458412466");
}
END_TEST

START_TEST(test_num__parse_takes_numbers_only)
{
    double x = 7;
    static const char *const bad[] = {"",   " ",   "-",     ".",   "1a",  "1 ",  "1e3",
                                      "+1", "--1", "1.2.3", "0x1", "1,5", "NaN", "Infinity"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(!num_parse(str_of(bad[i]), 0, &x), "%s", bad[i]);
    ck_assert(x == 7);
    ck_assert(num_parse(STR("1."), 0, &x) && x == 1);
    ck_assert(num_parse(STR(".5"), 0, &x) && x == .5);
    ck_assert(num_parse(STR("-007.250"), 0, &x) && x == -7.25);
    ck_assert(num_parse(STR("1e3"), NUM_EXPONENT, &x) && x == 1000);
    ck_assert(num_parse(STR("-1.5E-2"), NUM_EXPONENT, &x) && x == -0.015);
    ck_assert(num_parse(STR("+4"), NUM_PLUS, &x) && x == 4);
    ck_assert(!num_parse(STR("1e"), NUM_EXPONENT, &x));
    ck_assert(!num_parse(STR("1e+"), NUM_EXPONENT, &x));
    ck_assert(num_parse(STR("1e999999999999"), NUM_EXPONENT, &x) && isinf(x));
    ck_assert(num_parse(STR("1e-999999999999"), NUM_EXPONENT, &x) && x == 0);
}
END_TEST

START_TEST(test_num__parse_rounds_to_nearest)
{
    double x;
    static const struct {
        const char *text;
        double want;
    } cases[] = {
        {"9007199254740993", 9007199254740992.0}, /* ties to even */
        {"9007199254740993.00000000000000000000000000000000000001", 9007199254740994.0},
        {"1.7976931348623157e308", 1.7976931348623157e308},
        {"1.7976931348623159e308", INFINITY},
        {"2.2250738585072011e-308", 2.2250738585072011e-308},
        {"4.9406564584124654e-324", 5e-324},
        {"2.4703282292062327e-324", 0},
        {"2.4703282292062328e-324", 5e-324},
        {"0.3333333333333333333333333333333333", 1.0 / 3.0},
        {"123456789012345678901234567890", 123456789012345678901234567890.0},
        {"8.41e21", 8.41e21},
        {"9.109e-31", 9.109e-31},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ck_assert(num_parse(str_of(cases[i].text), NUM_EXPONENT, &x));
        ck_assert_msg(x == cases[i].want, "%s", cases[i].text);
    }
}
END_TEST

/* Random bit patterns: the text reads back as the same double, by ours and by the C library's
 * reading, and no shorter text does (against printf's precisions). */
START_TEST(test_num__round_trip)
{
    uint64_t state = 88172645463325252u;
    for (int i = 0; i < 20000; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        double x;
        uint64_t bits = state;
        if (i % 2) /* as often a number of a usual size */
            bits = (bits & 0x800FFFFFFFFFFFFFu) | (uint64_t)(1023 - 30 + i % 60) << 52;
        memcpy(&x, &bits, sizeof x);
        if (isnan(x))
            continue;
        char out[NUM_TEXT_MAX], shortest[64];
        size_t n = num_text(x, out);
        double back;
        ck_assert_msg(isinf(x) || (num_parse((struct str){out, n}, 0, &back) && back == x), "%s",
                      out);
        ck_assert_msg(strtod(out, NULL) == x, "%s", out);
        int precision = 1;
        do
            snprintf(shortest, sizeof shortest, "%.*g", precision++, x);
        while (strtod(shortest, NULL) != x);
        size_t ours = 0, theirs = 0, zeros = 0;
        for (size_t j = 0; j < n; j++) { /* significant digits */
            if (out[j] < '0' || out[j] > '9')
                continue;
            if (out[j] == '0') {
                zeros += ours > 0;
            } else {
                ours += zeros + 1;
                zeros = 0;
            }
        }
        theirs = (size_t)precision - 1;
        ck_assert_msg(isinf(x) || ours <= theirs || (x == floor(x) && fabs(x) < 9007199254740992.0),
                      "%s %s", out, shortest);
    }
}
END_TEST

START_TEST(test_num__integers)
{
    int64_t v;
    ck_assert(num_parse_int(STR("-9223372036854775808"), &v) && v == INT64_MIN);
    ck_assert(num_parse_int(STR("+7"), &v) && v == 7);
    ck_assert(!num_parse_int(STR("9223372036854775808"), &v));
    ck_assert(!num_parse_int(STR("-"), &v));
    ck_assert(!num_parse_int(STR("1.0"), &v));
    uint64_t u;
    ck_assert(num_parse_uint(STR("18446744073709551615"), &u) && u == UINT64_MAX);
    ck_assert(!num_parse_uint(STR("18446744073709551616"), &u));
    ck_assert(!num_parse_uint(STR("-1"), &u));
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("num");
    TCase *t = tcase_create("num");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, test_num__text_is_xpath);
    tcase_add_test(t, test_num__parse_takes_numbers_only);
    tcase_add_test(t, test_num__parse_rounds_to_nearest);
    tcase_add_test(t, test_num__round_trip);
    tcase_add_test(t, test_num__integers);
    suite_add_tcase(s, t);
    return s;
}
