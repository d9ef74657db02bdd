/* Assignments: the office's file, a laptop's rows of it, what an interview begun from one knows. */
#include "app/flow/assign.h"

#include "tests/support/check_main.h"
#include "tests/support/interview_case.h"

static const char form[] =
    "| survey |\n"
    "| | type | name | label | required | bind::cacah:outcome | bind::cacah:pii | default |\n"
    "| | text | dusun | Hamlet |\n"
    "| | integer | age | Age | yes |\n"
    "| | text | phone | Phone | | | 1 |\n"
    "| | text | visit | Visit | | | | property('cacah:visit') |\n"
    "| | select_one hasil | hasil | Outcome | yes | 1 |\n"
    "| choices |\n| | list_name | name | label |\n| | hasil | 1 | Done |\n| | hasil | 4 | Refused "
    "|\n"
    "| settings |\n| | form_id | form_title | namespaces |\n"
    "| | small | Small | cacah=\"urn:cacah:1\" |\n";

#define HEAD "id,form_id,to,label,village,appointment,note,dusun,age,phone,nobody\n"

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

static void bring(const char *csv)
{
    case_ok(store_config_put(survey_store(c.sv), "assignments", str_of(csv), &e), &e);
}

static const struct assignment *find(const struct assignments *a, const char *id)
{
    for (size_t i = 0; i < a->n; i++)
        if (str_is(a->v[i].id, id))
            return &a->v[i];
    return NULL;
}

/* ---- the file ---- */

START_TEST(test_assign__reads_columns_and_prefills)
{
    struct assignments a;
    case_ok(assignments_read(&a,
                             STR("\xEF\xBB\xBF" HEAD
                                 "A1,small,Laptop 3,\"Siti, RT 2\",Kelua / Ampukung,13:00,"
                                 "\"dua\"\"kali\",Hulu,,0812,x\nA2,small,,,,,,,,,\n"),
                             &e),
            &e);
    ck_assert_uint_eq(a.n, 2);
    ck_assert(str_is(a.v[0].label, "Siti, RT 2") && str_is(a.v[0].note, "dua\"kali"));
    ck_assert_uint_eq(a.v[0].n_prefill, 3);
    ck_assert(str_is(a.v[0].prefill[0].name, "dusun") && str_is(a.v[0].prefill[0].value, "Hulu"));
    ck_assert_uint_eq(a.v[1].n_prefill, 0);
    ck_assert_uint_eq(a.v[1].to.n, 0);
    assignments_done(&a);
}
END_TEST

static const struct {
    const char *csv;
    const struct err_kind *kind;
    const char *said;
} refused[] = {
    {"form_id,label\nsmall,x\n", &ERR_ASSIGN_COLUMN, "\"id\""},
    {"id,label\n1,x\n", &ERR_ASSIGN_COLUMN, "\"form_id\""},
    {"", &ERR_ASSIGN_COLUMN, "\"id\""},
    {"id,form_id\n1,small\n,small\n", &ERR_ASSIGN_ROW, "Row 3"},
    {"id,form_id\n1,\n", &ERR_ASSIGN_ROW, "Row 2"},
    {"id,form_id\n1,small\n2,small\n1,small\n", &ERR_ASSIGN_ROW, "another row's"},
    {"id,form_id\n\"a\nb\",small\n", &ERR_ASSIGN_ROW, "line breaks"},
    {"id,form_id\n\xff,small\n", &ERR_UTF8, ""},
};

START_TEST(test_assign__refuses_and_says_where)
{
    struct assignments a;
    struct buf text;
    ck_assert(!assignments_read(&a, str_of(refused[_i].csv), &e));
    ck_assert_ptr_eq(e.kind, refused[_i].kind);
    buf_init(&text, 4096);
    err_text(&e, NULL, &text);
    ck_assert_msg(strstr(text.p, refused[_i].said) != NULL, "said: %s", text.p);
    buf_done(&text);
    assignments_done(&a);
}
END_TEST

START_TEST(test_assign__one_laptops_rows_come_back_as_they_were)
{
    static const char csv[] = HEAD "A1,small,Laptop 3,\"a \"\"b\"\", c\",,,,,,,\n"
                                   "A2,small,Laptop 4,,,,,,,,\nA3,small,,,,,,,,,\n";
    struct assignments a;
    struct buf out;
    buf_init(&out, 1 << 16);
    case_ok(assignments_of(str_of(csv), STR("laptop 3"), &out, &e), &e);
    case_ok(assignments_read(&a, buf_str(&out), &e), &e);
    ck_assert_uint_eq(a.n, 2);
    ck_assert(find(&a, "A1") && find(&a, "A3") && !find(&a, "A2"));
    ck_assert(str_is(find(&a, "A1")->label, "a \"b\", c"));
    assignments_done(&a);
    /* Nothing for it: the head alone, which empties the laptop's list. */
    buf_clear(&out);
    case_ok(assignments_of(STR("id,form_id,to\nA2,small,Laptop 4\n"), STR("x"), &out, &e), &e);
    ck_assert(str_is(buf_str(&out), "\"id\",\"form_id\",\"to\"\n"));
    buf_done(&out);
}
END_TEST

/* ---- how far one has come ---- */

START_TEST(test_assign__from_open_to_finished)
{
    struct assignments a;
    struct session *s;
    struct place where;
    struct hash32 rev, corrected;
    bring(HEAD "A1,small,,Siti,Kelua,2026-03-02T13:00+08:00,,Hulu,17,0812,x\nA2,small,,,,,,,,,\n");
    case_ok(assignments_load(&a, c.sv, &e), &e);
    ck_assert_uint_eq(a.n, 2);
    ck_assert_int_eq(a.v[0].state, ASSIGNED_OPEN);
    ck_assert_int_eq(a.v[0].due_ms, 1772427600000); /* 13:00 in WITA */
    case_ok(assignment_begin(&s, c.sv, &a.v[0], &e), &e);
    ck_assert(str_is(value(s, "dusun"), "Hulu") && str_is(value(s, "age"), "17"));
    ck_assert(str_is(value(s, "phone"), "0812")); /* and "nobody" is no question of this form */
    case_ok(session_visit(s, 7, 1772510000000, STR(""), &e), &e);
    session_close(s);
    assignments_done(&a);

    interview_case_reopen(&c); /* from the disk: the visit is in the note at once */
    case_ok(assignments_load(&a, c.sv, &e), &e);
    ck_assert_int_eq(a.v[0].state, ASSIGNED_DRAFT);
    ck_assert_uint_eq(a.v[0].sum.visits, 1);
    ck_assert_int_eq(a.v[0].due_ms, 1772510000000);
    ck_assert_int_eq(a.v[1].state, ASSIGNED_OPEN);
    case_ok(session_resume(&s, c.sv, &a.v[0].uuid, &e), &e);
    ck_assert(str_is(value(s, "dusun"), "Hulu"));
    set(s, "hasil", "1");
    case_ok(session_finalise(s, &where, &rev, &e), &e);
    session_close(s);
    assignments_done(&a);

    case_ok(assignments_load(&a, c.sv, &e), &e);
    ck_assert_int_eq(a.v[0].state, ASSIGNED_FINISHED);
    ck_assert_uint_eq(a.v[0].sum.outcome, 1);
    ck_assert(hash32_eq(&a.v[0].rev_id, &rev) && !a.v[0].sent);
    /* Returned, the correction is the same assignment's. */
    case_ok(session_correct(&s, c.sv, &rev, &e), &e);
    session_close(s);
    assignments_done(&a);
    case_ok(assignments_load(&a, c.sv, &e), &e);
    ck_assert_int_eq(a.v[0].state, ASSIGNED_RETURNED);
    /* Finished again, it is the correction that the list leads to, met before the record that names it. */
    case_ok(session_resume(&s, c.sv, &a.v[0].uuid, &e), &e);
    case_ok(session_finalise(s, &where, &corrected, &e), &e);
    session_close(s);
    assignments_done(&a);
    case_ok(assignments_load(&a, c.sv, &e), &e);
    ck_assert_int_eq(a.v[0].state, ASSIGNED_FINISHED);
    ck_assert(hash32_eq(&a.v[0].rev_id, &corrected) && !hash32_eq(&corrected, &rev));
    assignments_done(&a);
}
END_TEST

START_TEST(test_assign__a_void_interview_frees_it)
{
    struct assignments a;
    struct session *s;
    bring("id,form_id\nA1,small\n");
    case_ok(assignments_load(&a, c.sv, &e), &e);
    case_ok(assignment_begin(&s, c.sv, &a.v[0], &e), &e);
    case_ok(session_void(s, STR("salah orang"), &e), &e);
    session_close(s);
    assignments_done(&a);
    case_ok(assignments_load(&a, c.sv, &e), &e);
    ck_assert_int_eq(a.v[0].state, ASSIGNED_OPEN);
    assignments_done(&a);
}
END_TEST

START_TEST(test_assign__a_form_that_is_not_there_is_named)
{
    struct assignments a;
    struct session *s = NULL;
    bring("id,form_id\nA1,large\n");
    case_ok(assignments_load(&a, c.sv, &e), &e);
    ck_assert(!assignment_begin(&s, c.sv, &a.v[0], &e));
    ck_assert_ptr_eq(e.kind, &ERR_NO_FORM);
    ck_assert_ptr_null(s);
    assignments_done(&a);
}
END_TEST

START_TEST(test_assign__a_store_without_a_list_has_none)
{
    struct assignments a;
    case_ok(assignments_load(&a, c.sv, &e), &e);
    ck_assert_uint_eq(a.n, 0);
    assignments_done(&a);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("assign");
    TCase *t = tcase_create("all");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, test_assign__reads_columns_and_prefills);
    tcase_add_loop_test(t, test_assign__refuses_and_says_where, 0,
                        (int)(sizeof refused / sizeof *refused));
    tcase_add_test(t, test_assign__one_laptops_rows_come_back_as_they_were);
    tcase_add_test(t, test_assign__from_open_to_finished);
    tcase_add_test(t, test_assign__a_void_interview_frees_it);
    tcase_add_test(t, test_assign__a_form_that_is_not_there_is_named);
    tcase_add_test(t, test_assign__a_store_without_a_list_has_none);
    suite_add_tcase(s, t);
    return s;
}
