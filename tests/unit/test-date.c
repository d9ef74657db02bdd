/* The calendar, parsing and printing of dates, zones with summer time. */
#include "forms/base/date.h"

#include "tests/support/check_main.h"

/* A zone an hour ahead from April to September (of any year), two hours otherwise none. */
static int32_t offset_summer(void *ctx, int64_t ms, bool local)
{
    int32_t base = *(int32_t *)ctx;
    struct civil c = date_civil(local ? ms : ms + (int64_t)base * 60000);
    return base + (c.month >= 4 && c.month < 10 ? 60 : 0);
}

static int32_t offset_fixed(void *ctx, int64_t ms, bool local)
{
    (void)ms;
    (void)local;
    return *(int32_t *)ctx;
}

static int32_t minutes = 480;
static const struct host tabalong = {.ctx = &minutes, .offset = offset_fixed};
static const struct host summer = {.ctx = &minutes, .offset = offset_summer};

START_TEST(test_date__days_and_back)
{
    ck_assert_int_eq(date_days(1970, 1, 1), 0);
    ck_assert_int_eq(date_days(2000, 2, 29), 11016);
    ck_assert_int_eq(date_days(1, 1, 1), -719162);
    ck_assert_int_eq(date_days(9999, 12, 31), 2932896);
    int64_t expect = date_days(1, 1, 1);
    for (int64_t y = 1; y < 10000; y++)
        for (int m = 1; m <= 12; m++) {
            struct civil c = date_civil((expect + date_days_in_month(y, m) - 1) * DAY_MS);
            if (date_days(y, m, 1) != expect || c.year != y || c.month != m ||
                c.day != date_days_in_month(y, m))
                ck_abort_msg("%d-%d", (int)y, m); /* ck_assert is slow: 120,000 months */
            expect += date_days_in_month(y, m);
        }
    ck_assert_int_eq(date_weekday(0), 4);
    ck_assert_int_eq(date_weekday(-5), 6);
    ck_assert_int_eq(date_weekday(date_days(2026, 1, 31)), 6);
}
END_TEST

static void reads(const char *text, const struct host *h, const char *want)
{
    struct date d;
    ck_assert_msg(date_parse(str_of(text), h, &d), "%s", text);
    char out[DATE_TEXT_MAX];
    date_text(&d, out);
    ck_assert_str_eq(out, want);
}

START_TEST(test_date__parses_and_prints)
{
    reads("2026-01-31", &tabalong, "2026-01-31");
    reads(" 2020-1-2 ", &tabalong, "2020-01-02");
    reads("2026-01-31T10:20:30.5", &tabalong, "2026-01-31T10:20:30.500+08:00");
    reads("2026-01-31T10:20", &tabalong, "2026-01-31T10:20:00.000+08:00");
    reads("2026-01-31 10:20:30.123456Z", &tabalong, "2026-01-31T18:20:30.123+08:00");
    reads("2026-01-31T23:00:00.000+01:00", &tabalong, "2026-02-01T06:00:00.000+08:00");
    reads("2026-01-31T23:00:00-0330", &tabalong, "2026-02-01T10:30:00.000+08:00");
    reads("1066-10-14", &tabalong, "1066-10-14");
    reads("9999-12-31", &tabalong, "9999-12-31");
    reads("2026-07-01", &summer, "2026-07-01");
    reads("2026-07-01T12:00:00", &summer, "2026-07-01T12:00:00.000+09:00");
}
END_TEST

START_TEST(test_date__refuses)
{
    static const char *const bad[] = {"",
                                      "2026",
                                      "2026-02-30",
                                      "2026-13-01",
                                      "0000-01-01",
                                      "26-01-01",
                                      "2026-01-01x",
                                      "2026-1-1T",
                                      "2026-01-01T24:00",
                                      "2026-01-01T10:60",
                                      "2026-01-01T10:00+15:00",
                                      "2026-01-01T10:00:00.",
                                      "20260101",
                                      "2026-01-01T1000"};
    struct date d;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(!date_parse(str_of(bad[i]), &tabalong, &d), "%s", bad[i]);
}
END_TEST

START_TEST(test_date__midnight_is_local)
{
    struct date d;
    ck_assert(date_parse(STR("1970-01-01"), &tabalong, &d));
    ck_assert_int_eq(d.ms, -480 * 60000);
    ck_assert_int_eq(date_local_days(&d), 0);
    ck_assert(date_parse(STR("1969-12-31"), &tabalong, &d));
    ck_assert_int_eq(date_local_days(&d), -1);
}
END_TEST

START_TEST(test_date__times)
{
    struct day_time t;
    ck_assert(time_parse(STR("06:00"), &t) && t.ms == 21600000 && !t.has_offset);
    ck_assert(time_parse(STR("23:59:59.999+07:00"), &t) && t.ms == 86399999);
    ck_assert(t.has_offset && t.offset_min == 420);
    ck_assert(!time_parse(STR("24:00"), &t));
    ck_assert(!time_parse(STR("noon"), &t));
    struct date d = date_of_utc(0, &tabalong, DATE_TIME);
    char out[DATE_TEXT_MAX];
    time_text(&d, out);
    ck_assert_str_eq(out, "08:00:00.000+08:00");
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("date");
    TCase *t = tcase_create("date");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, test_date__days_and_back);
    tcase_add_test(t, test_date__parses_and_prints);
    tcase_add_test(t, test_date__refuses);
    tcase_add_test(t, test_date__midnight_is_local);
    tcase_add_test(t, test_date__times);
    suite_add_tcase(s, t);
    return s;
}
