#include "app/flow/simulate.h"

#include <math.h>
#include <stdlib.h>

#include "app/flow/host.h"
#include "forms/base/num.h"
#include "tests/support/check_main.h"
#include "tests/support/fixed_host.h"
#include "tests/support/tabalong.h"

static struct err e;
static struct form *form;
static struct sim_profile profile;
static struct sim *sim;
static struct sim_held held;

static void setup(void)
{
    err_clear(&e);
    sim_profile_init(&profile);
    form = NULL;
    sim = NULL;
}

static void teardown(void)
{
    sim_free(sim);
    form_free(form);
    sim_profile_done(&profile);
}

static const char *said(void)
{
    static struct buf b;
    buf_init(&b, 65536);
    err_text(&e, NULL, &b);
    return b.p;
}

static void begin(const char *profile_text, uint64_t seed, const struct sim_witness *w)
{
    ck_assert_msg(sim_profile_read(&profile, str_of(profile_text), &e), "%s", said());
    ck_assert_msg(sim_new(&sim, form, &profile, seed, w, &e), "%s", said());
}

static void next(void)
{
    ck_assert_msg(sim_next(sim, &held, &e), "%s", said());
}

static void compile(const char *text)
{
    struct fixed_host h;
    struct diags d;
    fixed_host_init(&h, 1);
    diags_init(&d);
    bool ok = form_compile(&form, str_of(text), "test.md", &h.host, &d, &e);
    ck_assert_msg(ok, "%s", d.n ? d.v[0].err.kind->text : "");
    diags_done(&d);
}

static struct str value(const char *name)
{
    struct place p;
    ck_assert_msg(place_parse(form, str_of(name), &p), "%s", name);
    return interview_value(held.iv, &p);
}

static void xml_of(struct interview *iv, struct buf *out)
{
    struct str none = {NULL, 0};
    buf_clear(out);
    ck_assert(interview_xml(iv, 0, STR("uuid:x"), none, out));
}

/* ---- the six forms ---- */

static struct instant read_now(void *ctx)
{
    (void)ctx;
    return held.ended;
}

static int32_t read_offset(void *ctx, int64_t ms, bool local)
{
    (void)ctx, (void)ms, (void)local;
    return held.ended.offset_min;
}

/* Read back it is the same record, and nothing in it is incomplete. */
static void check_reads_back(struct buf *xml, struct buf *again)
{
    struct fixed_host h;
    struct interview *iv;
    struct place at;
    uint32_t lost;
    char code[16];
    code_of_uuid(&held.uuid, code);
    const struct fixed_file properties[] = {
        {"cacah:code", code}, {"cacah:visit", "1"}, {NULL, NULL}};
    fixed_host_init(&h, 1);
    h.properties = properties;
    h.host.now = read_now;
    h.host.offset = read_offset;
    xml_of(held.iv, xml);
    bool ok = interview_read(&iv, form, &h.host, buf_str(xml), false, &lost, &e);
    ck_assert_msg(ok, "interview %u: %s", held.start.number, said());
    xml_of(iv, again);
    ck_assert_msg(str_eq(buf_str(xml), buf_str(again)), "interview %u is another when read back",
                  held.start.number);
    ck_assert_msg(!interview_first_open(iv, NULL, false, &at), "interview %u", held.start.number);
    interview_free(iv);
}

START_TEST(test_simulate__every_form_gives_valid_records)
{
    struct buf xml, again;
    struct arena a;
    arena_init(&a);
    buf_init(&xml, LIMIT_RECORD_BYTES);
    buf_init(&again, LIMIT_RECORD_BYTES);
    form = tabalong_form(tabalong_names[_i / 2]);
    /* With the profile that is shipped, and without any. */
    begin(_i % 2 ? tabalong_file("practice.profile", &a).p : "", 1, NULL);
    for (int i = 0; i < 200; i++) {
        next();
        check_reads_back(&xml, &again);
        ck_assert_int_ne(held.outcome, 7);
        ck_assert_int_gt(held.outcome, 0);
    }
    buf_done(&xml);
    buf_done(&again);
    arena_done(&a);
}
END_TEST

START_TEST(test_simulate__same_seed_same_interviews)
{
    struct buf xml[2];
    struct sim *other;
    struct sim_held theirs;
    int differ = 0;
    form = tabalong_form("governance");
    begin("", 5, NULL);
    ck_assert(sim_new(&other, form, &profile, 5, NULL, &e));
    for (int i = 0; i < 2; i++)
        buf_init(&xml[i], LIMIT_RECORD_BYTES);
    for (int i = 0; i < 30; i++) {
        next();
        ck_assert(sim_next(other, &theirs, &e));
        xml_of(held.iv, &xml[0]);
        xml_of(theirs.iv, &xml[1]);
        ck_assert(str_eq(buf_str(&xml[0]), buf_str(&xml[1])));
        ck_assert(id16_eq(&held.uuid, &theirs.uuid) && held.ended.ms == theirs.ended.ms);
    }
    sim_free(other);
    ck_assert(sim_new(&other, form, &profile, 6, NULL, &e)); /* another seed, others */
    for (int i = 0; i < 30; i++) {
        next();
        ck_assert(sim_next(other, &theirs, &e));
        xml_of(held.iv, &xml[0]);
        xml_of(theirs.iv, &xml[1]);
        differ += !str_eq(buf_str(&xml[0]), buf_str(&xml[1]));
    }
    ck_assert_int_eq(differ, 30);
    sim_free(other);
    buf_done(&xml[0]);
    buf_done(&xml[1]);
}
END_TEST

/* ---- profiles ---- */

START_TEST(test_simulate__refusals_and_break_offs_show)
{
    int outcomes[256] = {0};
    struct arena a;
    arena_init(&a);
    form = tabalong_form("governance");
    ck_assert(sim_profile_read(&profile, tabalong_file("practice.profile", &a), &e));
    begin("refusal = 0.4\nbreak_off = 0.3\nanswer.persetujuan = 1\n", 1, NULL);
    for (int i = 0; i < 400; i++) {
        next();
        outcomes[held.outcome]++;
    }
    ck_assert_int_gt(outcomes[4], 100);
    ck_assert_int_gt(outcomes[2], 50);
    ck_assert_int_gt(outcomes[1], 50);
    arena_done(&a);
}
END_TEST

static int whole_of_200(const char *profile_text)
{
    int n = 0;
    form = tabalong_form("governance");
    begin(profile_text, 1, NULL);
    for (int i = 0; i < 200; i++) {
        next();
        n += held.outcome == 1;
    }
    return n;
}

/* Without a profile, most would end at the questions about contact, consent and eligibility. */
START_TEST(test_simulate__who_does_not_refuse_is_asked_to_the_end)
{
    ck_assert_int_eq(whole_of_200("refusal = 0\nbreak_off = 0\n"), 200);
}
END_TEST

START_TEST(test_simulate__as_answers_fall)
{
    int n = whole_of_200("refusal = 0\nbreak_off = 0\nwhole = 0\n");
    ck_assert_int_gt(n, 5);
    ck_assert_int_lt(n, 150);
}
END_TEST

START_TEST(test_simulate__a_line_of_the_profile_keeps_its_share)
{
    int n = whole_of_200("refusal = 0\nbreak_off = 0\nanswer.persetujuan = 1:60 2:40\n");
    ck_assert_int_gt(n, 95);
    ck_assert_int_lt(n, 145);
}
END_TEST

#define SCALES                                                                                     \
    "| survey |\n"                                                                                 \
    "|  | type | name | label | required | constraint |\n"                                         \
    "|  | text | who | Who | yes | |\n"                                                            \
    "|  | integer | age | Age | yes | . >= 18 and . <= 99 |\n"                                     \
    "|  | select_one s | q1 | Q | yes | |\n"                                                       \
    "|  | select_one s | q2 | Q | yes | |\n"                                                       \
    "|  | select_one s | q3 | Q | yes | |\n"                                                       \
    "|  | select_one s | q4 | Q | yes | |\n"                                                       \
    "|  | select_one s | q5 | Q | yes | |\n"                                                       \
    "|  | text | remark | Remark | | |\n"                                                          \
    "| choices |\n"                                                                                \
    "|  | list_name | name | label |\n"                                                            \
    "|  | s | 1 | a |\n|  | s | 2 | b |\n|  | s | 3 | c |\n|  | s | 4 | d |\n|  | s | 5 | e |\n"

static bool one_line(void)
{
    return str_eq(value("q1"), value("q2")) && str_eq(value("q2"), value("q3")) &&
           str_eq(value("q3"), value("q4")) && str_eq(value("q4"), value("q5"));
}

START_TEST(test_simulate__manners_show)
{
    struct {
        int n, lines, evenings;
        double ms;
    } by[3] = {{0}};
    compile(SCALES);
    begin("enumerators = 3\nlazy = 1\nfabricating = 1\nrefusal = 0\nbreak_off = 0\n", 3, NULL);
    for (int i = 0; i < 300; i++) {
        next();
        enum sim_manner m = held.start.manner;
        int64_t minute = held.start.at.ms / 60000 + held.start.at.offset_min;
        by[m].n++;
        by[m].lines += one_line();
        by[m].evenings += minute % 1440 >= 18 * 60;
        by[m].ms += (double)(held.ended.ms - held.start.at.ms);
    }
    for (int m = 0; m < 3; m++)
        ck_assert_int_gt(by[m].n, 30);
    ck_assert_int_gt(by[SIM_LAZY].lines * 10, by[SIM_LAZY].n * 5);
    ck_assert_int_lt(by[SIM_CAREFUL].lines * 10, by[SIM_CAREFUL].n * 3);
    ck_assert_int_eq(by[SIM_FABRICATING].evenings, by[SIM_FABRICATING].n);
    ck_assert_int_eq(by[SIM_CAREFUL].evenings, 0);
    ck_assert(by[SIM_LAZY].ms / by[SIM_LAZY].n < 0.7 * by[SIM_CAREFUL].ms / by[SIM_CAREFUL].n);
    ck_assert(by[SIM_FABRICATING].ms / by[SIM_FABRICATING].n <
              0.5 * by[SIM_CAREFUL].ms / by[SIM_CAREFUL].n);
}
END_TEST

START_TEST(test_simulate__answers_follow_the_profile)
{
    double sum = 0;
    int ones = 0, blanks = 0;
    compile(SCALES);
    begin("enumerators = 2\nrefusal = 0\nbreak_off = 0\n"
          "answer.who = enumerator \"Ani\" \"Budi\"\n"
          "answer.age = normal 40 5\n"
          "answer.q1 = 1:90 2:10\n"
          "answer.q2 = 5 if ${q1} = '1'\n"
          "answer.q2 = 4\n"
          "answer.remark = blank:1 \"x\":1\n"
          "answer.nobody = 1\n",
          9, NULL);
    ck_assert(str_is(sim_stranger(sim, 0), "nobody"));
    ck_assert_ptr_null(sim_stranger(sim, 1).p);
    for (int i = 0; i < 300; i++) {
        double age;
        next();
        ck_assert(str_is(value("who"), held.start.enumerator ? "Budi" : "Ani"));
        ck_assert(num_parse(value("age"), 0, &age));
        sum += age;
        bool one = str_is(value("q1"), "1");
        ones += one;
        ck_assert(str_is(value("q2"), one ? "5" : "4"));
        blanks += value("remark").n == 0;
    }
    ck_assert(fabs(sum / 300 - 40) < 2);
    ck_assert(ones > 240 && ones < 295);
    ck_assert(blanks > 90 && blanks < 210);
}
END_TEST

/* ---- what a form can hold ---- */

START_TEST(test_simulate__every_type_is_answered)
{
    compile("| survey |\n"
            "|  | type | name | label | required | constraint | parameters | choice_filter |\n"
            "|  | text | a | A | yes | string-length(.) > 40 | | |\n"
            "|  | decimal | b | B | yes | . > 1.5 and . < 2.5 | | |\n"
            "|  | range | c | C | yes | | start=2 end=10 step=2 | |\n"
            "|  | select_multiple l | d | D | yes | count-selected(.) = 2 | | |\n"
            "|  | rank l | e | E | yes | | | |\n"
            "|  | acknowledge | f | F | yes | | | |\n"
            "|  | date | g | G | yes | . > today() | | |\n"
            "|  | time | h | H | yes | | | |\n"
            "|  | dateTime | i | I | yes | . < now() | | |\n"
            "|  | geopoint | j | J | yes | | | |\n"
            "|  | geotrace | k | K | yes | | | |\n"
            "|  | geoshape | m | M | yes | | | |\n"
            "|  | barcode | n | N | yes | | | |\n"
            "|  | image | o | O | yes | | | |\n"
            "|  | note | p | P | | | | |\n"
            "|  | begin_repeat | r | R | | | | |\n"
            "|  | integer | s | S | yes | . >= 0 and . <= 9 | | |\n"
            "|  | end_repeat | | | | | | |\n"
            "|  | select_one l | t | T | yes | | | x = ${u} or true() |\n"
            "|  | integer | u | U | yes | . > ${b} | | |\n"
            "|  | text | v | V | yes | regex(., '^[0-9]{16}$') | | |\n"
            "| choices |\n"
            "|  | list_name | name | label | x |\n"
            "|  | l | a | A | 1 |\n|  | l | b | B | 2 |\n|  | l | c | C | 3 |\n");
    uint32_t most = 0;
    begin("refusal = 0\nbreak_off = 0\ninstances = 3\n", 4, NULL);
    for (int i = 0; i < 100; i++) {
        struct place r;
        next();
        ck_assert_int_eq(held.outcome, 1);
        ck_assert(place_parse(form, STR("r"), &r));
        r.whole = true;
        r.depth = 0;
        uint32_t n = interview_instances(held.iv, &r);
        most = n > most ? n : most;
        ck_assert_uint_eq(value("v").n, 16);
    }
    ck_assert_uint_gt(most, 2);
}
END_TEST

START_TEST(test_simulate__says_what_cannot_be_answered)
{
    compile("| survey |\n|  | type | name | label | required | constraint |\n"
            "|  | integer | never | N | yes | . > 5 and . < 3 |\n");
    begin("refusal = 0\nbreak_off = 0\n", 1, NULL);
    ck_assert(!sim_next(sim, &held, &e));
    ck_assert_ptr_eq(e.kind, &ERR_SIM_STUCK);
    ck_assert_str_eq(e.arg[0], "/data/never");
}
END_TEST

START_TEST(test_simulate__an_interview_without_end_is_named)
{
    compile("| survey |\n| | type | name | label | repeat_count | required |\n"
            "| | begin repeat | r | R | count(${q}[. != '']) + 1 | |\n"
            "| | integer | q | Q | | yes |\n| | end repeat | | | | |\n");
    begin("", 1, NULL);
    ck_assert(!sim_next(sim, &held, &e));
    ck_assert_ptr_eq(e.kind, &ERR_SIM_ENDLESS);
    ck_assert_ptr_nonnull(strstr(e.arg[0], "/q"));
}
END_TEST

START_TEST(test_simulate__a_condition_that_does_not_compile_is_named)
{
    compile(SCALES);
    ck_assert(sim_profile_read(&profile, STR("\nanswer.q1 = 1 if ${no_such} = 1\n"), &e));
    ck_assert(!sim_new(&sim, form, &profile, 1, NULL, &e));
    ck_assert_ptr_eq(e.kind, &ERR_PROFILE_LINE);
    ck_assert_str_eq(e.arg[0], "2");
}
END_TEST

/* ---- who looks on ---- */

struct seen {
    uint32_t events, answers;
    int64_t last;
    bool in_order;
};

static void see(void *ctx, const struct event *ev, const struct audit_node *node)
{
    struct seen *s = ctx;
    s->events++;
    s->in_order = s->in_order && ev->at.ms >= s->last;
    s->last = ev->at.ms;
    if (ev->kind == EVENT_SET) {
        s->answers++;
        ck_assert(node->path.n > 6 && node->now.n > 0);
    }
}

START_TEST(test_simulate__the_witness_sees_every_answer_in_time)
{
    struct seen seen = {.in_order = true};
    struct sim_witness w = {.ctx = &seen, .event = see};
    int64_t before = 0;
    form = tabalong_form("society");
    begin("", 2, &w);
    for (int i = 0; i < 20; i++) {
        seen.last = 0;
        next();
        ck_assert_int_ge(held.start.at.ms, before); /* they begin in the order of time */
        before = held.start.at.ms;
        ck_assert_int_le(seen.last, held.ended.ms);
    }
    ck_assert(seen.in_order);
    ck_assert_uint_gt(seen.answers, 100);
    ck_assert_uint_gt(seen.events, 2 * seen.answers - 10);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("simulate");
    TCase *t = tcase_create("all");
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, test_simulate__every_form_gives_valid_records, 0, 2 * TABALONG_FORMS);
    tcase_add_test(t, test_simulate__same_seed_same_interviews);
    tcase_add_test(t, test_simulate__refusals_and_break_offs_show);
    tcase_add_test(t, test_simulate__who_does_not_refuse_is_asked_to_the_end);
    tcase_add_test(t, test_simulate__as_answers_fall);
    tcase_add_test(t, test_simulate__a_line_of_the_profile_keeps_its_share);
    tcase_add_test(t, test_simulate__manners_show);
    tcase_add_test(t, test_simulate__answers_follow_the_profile);
    tcase_add_test(t, test_simulate__every_type_is_answered);
    tcase_add_test(t, test_simulate__says_what_cannot_be_answered);
    tcase_add_test(t, test_simulate__an_interview_without_end_is_named);
    tcase_add_test(t, test_simulate__a_condition_that_does_not_compile_is_named);
    tcase_add_test(t, test_simulate__the_witness_sees_every_answer_in_time);
    suite_add_tcase(s, t);
    return s;
}
