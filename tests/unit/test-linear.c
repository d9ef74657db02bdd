#include "app/ui/linear.h"

#include <stdlib.h>

#include "app/flow/record.h"
#include "app/flow/session_i.h"
#include "app/tr.h"
#include "tests/support/check_main.h"
#include "tests/support/interview_case.h"

/* clang-format off */
static const char form[] =
    "| survey |\n"
    "| | type | name | label::Indonesia (id) | label::English (en) | hint::Indonesia (id) | guidance_hint::Indonesia (id) | relevant | required | constraint | constraint_message::Indonesia (id) | bind::cacah:missing | bind::cacah:warn | bind::cacah:warn-id |\n"
    "| | note | hello | Selamat pagi **Ibu** | Good morning | | | | | | | | | |\n"
    "| | begin group | a | A. Orang | A. Person | | | | | | | | | |\n"
    "| | text | name | Nama | Name | Nama lengkap | Tulis seperti di KTP | | yes | | | | | |\n"
    "| | integer | age | Umur | Age | | | | yes | . >= 0 and . < 120 | Umur 0 sampai 119 | dk=-98 refused=-99 | . > 90 | Setua itu? |\n"
    "| | select_one yn or_other | works | Bekerja? | Works? | | | ${age} >= 15 | | | | | | |\n"
    "| | select_multiple media | media | Media | Media | | | | | | | | | |\n"
    "| | end group | | | | | | | | | | | | |\n"
    "| | decimal | income | Pendapatan | Income | | | | | | | | | |\n"
    "| | date | born | Lahir | Born | | | | | | | | | |\n"
    "| | begin repeat | hh | Anggota | Member | | | | | | | | | |\n"
    "| | text | who | Siapa | Who | | | | | | | | | |\n"
    "| | end repeat | | | | | | | | | | | | |\n"
    "| | acknowledge | sure | Sudah dibacakan | Read out | | | | | | | | | |\n"
    "| choices |\n"
    "| | list_name | name | label::Indonesia (id) | label::English (en) |\n"
    "| | yn | 1 | Ya | Yes |\n"
    "| | yn | 2 | Tidak | No |\n"
    "| | yn | 98 | Lupa | Forgotten |\n"
    "| | media | radio | Radio | Radio |\n"
    "| | media | tv | Televisi | Television |\n"
    "| | media | web | Internet | Internet |\n"
    "| settings |\n"
    "| | form_title | form_id | version | namespaces | default_language |\n"
    "| | Baris | lines | 1 | cacah=\"urn:cacah:1\" | Indonesia (id) |\n";
/* clang-format on */

static struct interview_case c;
static struct err e;
static struct session *s;
static char *said;
static enum linear_end end;

static void setup(void)
{
    err_clear(&e);
    interview_case_setup(&c, form);
    ck_assert(tr_choose(STR("en")));
    s = interview_case_begin(&c);
    said = NULL;
}

static void teardown(void)
{
    session_close(s);
    free(said);
    interview_case_teardown(&c);
}

/* Types these lines; what was said is in `said`. */
static void type(const char *lines)
{
    size_t n = 0;
    FILE *in = fmemopen((char *)(uintptr_t)lines, strlen(lines), "r");
    free(said);
    said = NULL;
    FILE *out = open_memstream(&said, &n);
    ck_assert(in && out);
    case_ok(linear_run(s, in, out, &end, &e), &e);
    fclose(in);
    fclose(out);
}

static void assert_said(const char *text)
{
    ck_assert_msg(strstr(said, text) != NULL, "not said: %s\nbut: %s", text, said);
}

static void assert_not_said(const char *text)
{
    ck_assert_msg(strstr(said, text) == NULL, "said: %s", text);
}

static void assert_value(const char *path, const char *want)
{
    struct str v = value(s, path);
    ck_assert_msg(str_is(v, want), "%s is \"%.*s\", not \"%s\"", path, STR_FMT(v), want);
}

START_TEST(test_linear__a_whole_interview_from_a_pipe)
{
    type("\nSiti\n34\nya\n1 3\n1250,5\n17081945\nBudi\n+\nAni\n\ny\n:finish\n");
    ck_assert_int_eq(end, LINEAR_FINISHED);
    assert_said("Selamat pagi Ibu");
    assert_said("== A. Orang");
    assert_said("Nama lengkap");
    assert_said("    1  Ya\n    2  Tidak\n");
    assert_said("    2  Televisi\n");
    assert_said("The respondent's code: ");
    struct store_counts counts;
    case_ok(store_counts(survey_store(c.sv), &counts, &e), &e);
    ck_assert_uint_eq(counts.revisions, 1);
    assert_value("name", "Siti");
    assert_value("works", "1");
    assert_value("media", "radio web");
    assert_value("income", "1250.5");
    assert_value("born", "1945-08-17");
    assert_value("hh[1]/who", "Budi");
    assert_value("hh[2]/who", "Ani");
    assert_value("sure", "OK");
}
END_TEST

START_TEST(test_linear__the_input_may_end_anywhere_and_goes_on_there)
{
    struct id16 uuid = *session_uuid(s);
    type("\nSiti\n");
    ck_assert_int_eq(end, LINEAR_ENDED);
    session_close(s);
    case_ok(session_resume(&s, c.sv, &uuid, &e), &e);
    type("34\n:quit\n");
    ck_assert_int_eq(end, LINEAR_PAUSED);
    assert_said("3. Umur");
    assert_not_said("2. Nama");
    assert_value("age", "34");
}
END_TEST

/* No answer brings the place to the disk there: it is written at once. */
START_TEST(test_linear__killed_after_a_note_it_goes_on_behind_it)
{
    struct id16 uuid = *session_uuid(s);
    type("\n");
    session_free(s); /* the process is gone */
    interview_case_reopen(&c);
    case_ok(session_resume(&s, c.sv, &uuid, &e), &e);
    type(":quit\n");
    assert_said("2. Nama");
    assert_not_said("Selamat pagi");
}
END_TEST

START_TEST(test_linear__forward_only_from_a_valid_answer_back_always)
{
    type("\n\nSiti\n130\n:back\n\nx\n95\n\n:quit\n");
    assert_said("Umur 0 sampai 119");
    assert_said("Setua itu?");
    assert_said("Is it so?");
    assert_said("4. Bekerja?");
    assert_value("age", "95");
    struct place p = at(s, "age");
    ck_assert(interview_state(session_interview(s), &p).confirmed);
}
END_TEST

START_TEST(test_linear__commands)
{
    struct place p;
    struct buf note;
    type("\nSiti\n:dk\n");
    assert_value("age", "-98");
    type(":goto age\n:note katanya lupa\n:refused\n:goto name\n:clear\n::titik\n:undo\n:quit\n");
    assert_said("Note: katanya lupa");
    assert_value("age", "-99");
    assert_value("name", "");
    buf_init(&note, 100);
    p = at(s, "age");
    ck_assert(session_note_of(s, &p, &note) && strcmp(note.p, "katanya lupa") == 0);
    buf_done(&note);
    type(":redo\n:goto age\n:na\n:lang en\n:goto nothing\n:zzz\n:outcome 2\n:outcome x\n:quit\n");
    assert_value("name", ":titik");
    assert_said("Age *");
    assert_said("There is no such question");
    assert_said("There is no such command");
    assert_said("Outcomes: 1 complete");
    ck_assert_int_eq(interview_outcome(session_interview(s)), 2);
    type(":goto name\n:lang id\n:more\n:help\n:finish\n:open\n:next\n");
    assert_said("Tulis seperti di KTP");
    assert_said(":goto NAMA");              /* after :lang id */
    ck_assert_int_eq(end, LINEAR_FINISHED); /* a partial outcome waives what is required */
}
END_TEST

START_TEST(test_linear__finishing_goes_to_what_is_missing)
{
    type("\nSiti\n:goto sure\ny\n:finish\n34\n:quit\n");
    assert_said("Not finished yet");
    assert_value("age", "34");
    ck_assert_int_eq(end, LINEAR_PAUSED);
}
END_TEST

START_TEST(test_linear__choices_by_label_range_and_what_is_unclear)
{
    type(":goto media\nTelevisi\n:goto media\n1-2\n:goto media\n9\n:goto media\nradio, web\n"
         ":goto media\n:choices net\n:quit\n");
    assert_said("\"9\" is not one of the choices.");
    assert_said("    3  Internet\n> ");
    assert_value("media", "radio web");
    type(":goto age\n34\nti\n:quit\n");
    assert_value("works", "2");
    type(":goto income\n1.500\n1,500\n:quit\n");
    assert_said("for thousands or for decimals");
    assert_value("income", "1.5");
}
END_TEST

/* `other` has the number behind the others, and 98 stays 98. */
START_TEST(test_linear__codes_of_a_list_with_other)
{
    type(":goto age\n34\n3\n:quit\n");
    assert_said("    1  Ya\n    2  Tidak\n    98  Lupa\n    3  ");
    assert_value("works", "other");
    type(":goto works\n98\n:quit\n");
    assert_value("works", "98");
}
END_TEST

START_TEST(test_linear__three_refused_answers_name_the_ways_out)
{
    type(":goto age\n200\n300\n:quit\n");
    assert_not_said(":help lists the commands");
    type(":goto age\n200\n300\n400\n:quit\n");
    assert_said(":next leaves it for later, :help lists the commands");
}
END_TEST

START_TEST(test_linear__rows_of_a_list_come_and_go)
{
    type(":goto hh[1]\nBudi\n+\nAni\n:remove 1\n:remove 7\n:quit\n");
    assert_said("    1  Budi\n    2  Ani\n");
    assert_said(":remove and the number");
    assert_value("hh[1]/who", "Ani");
}
END_TEST

START_TEST(test_linear__text_goes_on_behind_a_backslash_and_escapes_reach_no_terminal)
{
    type("\nSiti\\\nAminah\n:goto name\n:quit\n");
    assert_value("name", "Siti\nAminah");
    type(":goto name\nA\x1b]52;c;x\x07\n:goto name\n:quit\n");
    ck_assert_ptr_null(strchr(said, '\x1b'));
    ck_assert_ptr_null(strchr(said, '\x07'));
    type(":goto name\n\xff\xfe\n:quit\n");
    assert_said("not valid UTF-8");
}
END_TEST

START_TEST(test_linear__what_the_form_cannot_compute_is_said)
{
    session_close(s);
    interview_case_teardown(&c);
    interview_case_setup(&c, "| survey |\n| | type | name | label | calculation |\n"
                             "| | text | alg | Algorithm | |\n"
                             "| | calculate | d | | digest('x', ${alg}) |\n"
                             "| | text | more | More | |\n");
    s = interview_case_begin(&c);
    type("MD5\n:quit\n");
    assert_said("A fault in the form: "); /* there is no digest by an algorithm "" */
    type(":goto alg\nSHA-256\n:goto more\n:quit\n");
    assert_not_said("A fault in the form");
    type(":goto alg\nnosuch\nx\n:finish\n");
    assert_said("A fault in the form: ");
    assert_said("tell the office");
    ck_assert_int_eq(end, LINEAR_FINISHED);
}
END_TEST

START_TEST(test_linear__an_interview_begun_in_error_is_voided_with_a_reason)
{
    type(":void\n:void salah orang\n");
    assert_said("Say why");
    ck_assert_int_eq(end, LINEAR_VOIDED);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("linear");
    TCase *t = tcase_create("linear");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, test_linear__a_whole_interview_from_a_pipe);
    tcase_add_test(t, test_linear__the_input_may_end_anywhere_and_goes_on_there);
    tcase_add_test(t, test_linear__killed_after_a_note_it_goes_on_behind_it);
    tcase_add_test(t, test_linear__forward_only_from_a_valid_answer_back_always);
    tcase_add_test(t, test_linear__commands);
    tcase_add_test(t, test_linear__finishing_goes_to_what_is_missing);
    tcase_add_test(t, test_linear__choices_by_label_range_and_what_is_unclear);
    tcase_add_test(t, test_linear__codes_of_a_list_with_other);
    tcase_add_test(t, test_linear__three_refused_answers_name_the_ways_out);
    tcase_add_test(t, test_linear__rows_of_a_list_come_and_go);
    tcase_add_test(t, test_linear__text_goes_on_behind_a_backslash_and_escapes_reach_no_terminal);
    tcase_add_test(t, test_linear__what_the_form_cannot_compute_is_said);
    tcase_add_test(t, test_linear__an_interview_begun_in_error_is_voided_with_a_reason);
    suite_add_tcase(suite, t);
    return suite;
}
