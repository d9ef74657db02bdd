/* Quotas: the office's file, whether it fits the forms, what counts where. */
#include "app/flow/quota.h"

#include "sync/bundle/fact.h"
#include "tests/support/check_main.h"
#include "tests/support/interview_case.h"

static const char form[] =
    "| survey |\n| | type | name | label | required | bind::cacah:outcome | bind::cacah:pii |\n"
    "| | select_one jk | sex | Sex | yes |\n"
    "| | integer | age | Age | | | 1 |\n"
    "| | select_one hasil | hasil | Outcome | yes | 1 |\n"
    "| choices |\n| | list_name | name | label | paid |\n| | jk | 1 | Man | 0 |\n"
    "| | jk | 2 | Woman | 1 |\n"
    "| | hasil | 1 | Done |\n| | hasil | 4 | Refused |\n"
    "| settings |\n| | form_id | form_title | namespaces |\n"
    "| | small | Small | cacah=\"urn:cacah:1\" |\n";

static const char cells[] = "name,form_id,target,kind,condition\nAll,small,3,warn,\n"
                            "Men,small,2,max,${sex} = '1'\n"
                            "Old,small,1,min,${age} > 60\n"
                            "Paid,small,1,,instance('jk')/root/item[name = ${sex}]/paid = 1\n"
                            "Other,large,9,,\n";

static struct interview_case c;
static struct err e;

static void setup(void)
{
    err_clear(&e);
    interview_case_setup(&c, form);
}

static void teardown(void)
{
    interview_case_teardown(&c);
}

/* As the office's receipt would bring them. */
static void bring(const char *csv, uint64_t seq)
{
    struct store *s = survey_store(c.sv);
    const struct store_identity *id = store_identity(s);
    struct config config = {.seq = seq, .survey = id->survey, .title = STR("T")};
    struct arena a;
    struct buf text, bytes;
    arena_init(&a);
    buf_init(&text, CONFIG_TEXT_MAX);
    buf_init(&bytes, CONFIG_TEXT_MAX);
    case_ok(quota_read(str_of(csv), &config.quotas, &config.n_quotas, &a, &e), &e);
    ck_assert(config_write(&config, &text));
    struct fact f =
        fact_sign(FACT_CONFIG, &id->survey, &id->ed_pk, store_signing_key(s), buf_str(&text));
    ck_assert(fact_encode(&f, &bytes));
    case_ok(store_config_put(s, "config", buf_str(&bytes), &e), &e);
    buf_done(&text);
    buf_done(&bytes);
    arena_done(&a);
    case_ok(survey_refresh(c.sv, &e), &e);
}

static struct hash32 hold(const char *sex, const char *age, const char *outcome)
{
    struct session *s = interview_case_begin(&c);
    struct place where;
    struct hash32 rev;
    set(s, "sex", sex);
    set(s, "age", age);
    set(s, "hasil", outcome);
    case_ok(session_finalise(s, &where, &rev, &e), &e);
    session_close(s);
    return rev;
}

static bool add(void *ctx, const struct revision *r, enum revision_state state, struct str summary)
{
    struct summary s;
    case_ok(summary_unpack(summary, &s, &e), &e);
    quota_tally_add(ctx, r, state, s.quota);
    return true;
}

static void assert_counts(uint64_t all, uint64_t men, uint64_t old, uint64_t paid)
{
    struct quota_tally *t = quota_tally_new(c.sv);
    const uint64_t *n = quota_tally(t);
    struct store_counts counts;
    ck_assert_uint_eq(survey_config(c.sv)->n_quotas, 5);
    case_ok(store_counts(survey_store(c.sv), &counts, &e), &e);
    case_ok(store_revision_back(survey_store(c.sv), &counts.revisions, add, t, &e), &e);
    ck_assert_uint_eq(n[0], all);
    ck_assert_uint_eq(n[1], men);
    ck_assert_uint_eq(n[2], old);
    ck_assert_uint_eq(n[3], paid);
    ck_assert_uint_eq(n[4], 0);
    quota_tally_free(t);
}

static bool add_unmarked(void *ctx, const struct revision *r, enum revision_state state,
                         struct str summary)
{
    (void)summary;
    quota_tally_add(ctx, r, state, STR(""));
    return true;
}

/* Without the marks of the notes, out of the records themselves, it comes to the same. */
START_TEST(test_quota__records_without_a_mark_are_opened)
{
    bring(cells, 1);
    hold("1", "70", "1");
    hold("2", "30", "1");
    struct quota_tally *noted = quota_tally_new(c.sv), *opened = quota_tally_new(c.sv);
    struct store_counts counts;
    case_ok(store_counts(survey_store(c.sv), &counts, &e), &e);
    uint64_t again = counts.revisions;
    case_ok(store_revision_back(survey_store(c.sv), &counts.revisions, add, noted, &e), &e);
    case_ok(store_revision_back(survey_store(c.sv), &again, add_unmarked, opened, &e), &e);
    ck_assert_uint_eq(quota_tally(noted)[0], 2);
    ck_assert_mem_eq(quota_tally(opened), quota_tally(noted), 5 * sizeof(uint64_t));
    quota_tally_free(noted);
    quota_tally_free(opened);
}
END_TEST

START_TEST(test_quota__complete_interviews_count_where_the_condition_holds)
{
    bring(cells, 1);
    assert_counts(0, 0, 0, 0);
    hold("1", "70", "1");
    hold("2", "30", "1");
    hold("1", "30", "4"); /* refused */
    assert_counts(2, 1, 1, 1);
    const struct config_quota *q = survey_config(c.sv)->quotas;
    ck_assert(!quota_full(&q[0], 2) && quota_full(&q[0], 3) && quota_full(&q[0], 4));
}
END_TEST

START_TEST(test_quota__cells_that_came_later_count_what_is_there)
{
    hold("1", "70", "1");
    hold("2", "30", "1");
    hold("2", "80", "4");
    bring(cells, 1);
    assert_counts(2, 1, 1, 1);
    assert_counts(2, 1, 1, 1); /* out of the memory */
    interview_case_reopen(&c);
    assert_counts(2, 1, 1, 1);
    hold("1", "61", "1");
    assert_counts(3, 2, 2, 1);
    /* Other conditions: all records are looked at again. */
    bring("name,form_id,target,condition\nAll,small,3,\nWomen,small,2,${sex} = '2'\n"
          "Old,small,1,${age} > 65\nx,small,1,false()\nOther,large,9,\n",
          2);
    assert_counts(3, 1, 1, 0);
}
END_TEST

START_TEST(test_quota__a_correction_replaces_what_it_corrects)
{
    struct session *s;
    struct place where;
    struct hash32 rev;
    bring(cells, 1);
    rev = hold("1", "70", "1");
    assert_counts(1, 1, 1, 0);
    case_ok(session_correct(&s, c.sv, &rev, &e), &e);
    set(s, "sex", "2");
    case_ok(session_finalise(s, &where, &rev, &e), &e);
    session_close(s);
    assert_counts(1, 0, 1, 1);
}
END_TEST

static const struct {
    const char *csv;
    const struct err_kind *kind;
} refused[] = {
    {"name,form_id\na,small\n", &ERR_QUOTA_COLUMN},
    {"name,form_id,target\n,small,1\n", &ERR_QUOTA_ROW},
    {"name,form_id,target\na,,1\n", &ERR_QUOTA_ROW},
    {"name,form_id,target\na,small,0\n", &ERR_QUOTA_ROW},
    {"name,form_id,target\na,small,many\n", &ERR_QUOTA_ROW},
    {"name,form_id,target,kind\na,small,1,most\n", &ERR_QUOTA_ROW},
    {"name,form_id,target\n\"a\nb\",small,1\n", &ERR_QUOTA_ROW},
};

START_TEST(test_quota__refuses_a_bad_file)
{
    struct config_quota *v;
    struct arena a;
    size_t n;
    arena_init(&a);
    ck_assert(!quota_read(str_of(refused[_i].csv), &v, &n, &a, &e));
    ck_assert_ptr_eq(e.kind, refused[_i].kind);
    arena_done(&a);
}
END_TEST

START_TEST(test_quota__must_fit_a_form_of_the_survey)
{
    struct config_quota good = {.name = STR("a"), .form_id = STR("small"), .target = 1},
                        wrong = good, strange = good;
    good.condition = STR("${sex} = 1 or count(${sex}) > 0");
    wrong.condition = STR("${seks} = 1");
    strange.form_id = STR("large");
    case_ok(quota_check(c.sv, &good, 1, &e), &e);
    ck_assert(!quota_check(c.sv, &wrong, 1, &e));
    ck_assert_ptr_eq(e.kind, &ERR_QUOTA_CONDITION);
    err_clear(&e);
    ck_assert(!quota_check(c.sv, &strange, 1, &e));
    ck_assert_ptr_eq(e.kind, &ERR_NO_FORM);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("quota");
    TCase *t = tcase_create("all");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, test_quota__complete_interviews_count_where_the_condition_holds);
    tcase_add_test(t, test_quota__records_without_a_mark_are_opened);
    tcase_add_test(t, test_quota__cells_that_came_later_count_what_is_there);
    tcase_add_test(t, test_quota__a_correction_replaces_what_it_corrects);
    tcase_add_loop_test(t, test_quota__refuses_a_bad_file, 0,
                        (int)(sizeof refused / sizeof *refused));
    tcase_add_test(t, test_quota__must_fit_a_form_of_the_survey);
    suite_add_tcase(s, t);
    return s;
}
