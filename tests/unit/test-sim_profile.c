#include "app/flow/sim_profile.h"

#include <stdlib.h>

#include "forms/base/date.h"
#include "tests/support/check_main.h"

static struct sim_profile p;
static struct err e;

static void setup(void)
{
    err_clear(&e);
    sim_profile_init(&p);
}

static void teardown(void)
{
    sim_profile_done(&p);
}

START_TEST(test_sim_profile__defaults_stand)
{
    ck_assert(sim_profile_read(&p, STR("\n# nothing\n"), &e));
    ck_assert(p.number[SIM_enumerators] == 6 && p.number[SIM_lazy] == 0);
    ck_assert_int_eq(p.start_day, date_days(2026, 3, 2));
    ck_assert_uint_eq(p.n_answers, 0);
}
END_TEST

START_TEST(test_sim_profile__numbers_and_day)
{
    ck_assert(sim_profile_read(&p, STR("lazy=2\n  refusal =  0.25 \nstart = 2027-02-28"), &e));
    ck_assert(p.number[SIM_lazy] == 2 && p.number[SIM_refusal] == 0.25);
    ck_assert_int_eq(p.start_day, date_days(2027, 2, 28));
}
END_TEST

START_TEST(test_sim_profile__answers)
{
    struct str text = STR("answer.a = 1:80 2 dk:3 if ${x} = '1' or true()\n"
                          "answer.b = normal 41 13\n"
                          "answer.c = text \"satu dua\" \"tiga \\\"empat\\\"\" if\t${y}\n"
                          "answer.d = enumerator\n"
                          "answer.e = uniform 1 5\n");
    ck_assert(sim_profile_read(&p, text, &e));
    ck_assert_uint_eq(p.n_answers, 5);
    const struct sim_answer *v = p.answers;
    ck_assert(str_is(v[0].name, "a") && v[0].how == SIM_WEIGHTS && v[0].n == 3);
    ck_assert(v[0].choices[0].weight == 80 && v[0].choices[1].weight == 1);
    ck_assert(str_is(v[0].choices[2].code, "dk"));
    ck_assert(str_is(v[0].when, "${x} = '1' or true()"));
    ck_assert(v[1].how == SIM_NORMAL && v[1].a == 41 && v[1].b == 13 && v[1].when.n == 0);
    ck_assert(v[2].how == SIM_TEXT && v[2].n == 2);
    ck_assert(str_is(v[2].choices[1].code, "tiga \"empat\"") && str_is(v[2].when, "${y}"));
    ck_assert(v[3].how == SIM_ENUMERATOR && v[3].n == 0);
    ck_assert(v[4].how == SIM_UNIFORM && v[4].line == 5);
    /* adds to what is there */
    ck_assert(sim_profile_read(&p, STR("answer.f = \"a b\":3 \"c:1\" d:2"), &e));
    ck_assert_uint_eq(p.n_answers, 6);
    const struct sim_choice *f = p.answers[5].choices;
    ck_assert(p.answers[5].n == 3 && str_is(f[0].code, "a b") && f[0].weight == 3);
    ck_assert(str_is(f[1].code, "c:1") && f[1].weight == 1 && f[2].weight == 2);
    ck_assert(str_is(p.answers[0].name, "a"));
}
END_TEST

static const char *const wrong[] = {
    "lazy",
    "lazyy = 1",
    "refusal = 2",
    "refusal = many",
    "start = 2026-02-30",
    "start = 2026-13-01",
    "start = today",
    "answer.a =",
    "answer.a = 1:0",
    "answer.a = 1:x",
    "answer.a = 1:-2",
    "answer.a = normal 4",
    "answer.a = normal 4 -1",
    "answer.a = uniform 5 1",
    "answer.a = uniform 1 5 9",
    "answer.a = text \"open",
    "answer.a = text",
    "answer.a = 1 if",
    "answer.a = \"x\":y",
    "answer.a = \"x\":",
    "answer.a = :3",
    "answer.a = \"\"",
    "answer.a = text \"\"",
};

START_TEST(test_sim_profile__wrong_lines_are_named)
{
    struct buf b;
    buf_init(&b, 1000);
    buf_printf(&b, "lazy = 1\n%s\n", wrong[_i]);
    ck_assert_msg(!sim_profile_read(&p, buf_str(&b), &e), "%s", wrong[_i]);
    ck_assert_ptr_eq(e.kind, &ERR_PROFILE_LINE);
    ck_assert_str_eq(e.arg[0], "2");
    buf_done(&b);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("sim_profile");
    TCase *t = tcase_create("all");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, test_sim_profile__defaults_stand);
    tcase_add_test(t, test_sim_profile__numbers_and_day);
    tcase_add_test(t, test_sim_profile__answers);
    tcase_add_loop_test(t, test_sim_profile__wrong_lines_are_named, 0,
                        (int)(sizeof wrong / sizeof *wrong));
    suite_add_tcase(s, t);
    return s;
}
