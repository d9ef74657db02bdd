/* Interviews as their callers see them: places, lists of changes, ways, records, what is refused. */
#include "tests/support/check_main.h"

#include <stdio.h>

#include "forms/base/mem.h"
#include "forms/run/interview.h"
#include "tests/support/fixed_host.h"

static struct fixed_host host;
static struct form *form;
static struct interview *iv;
static struct changes ch;
static struct err e;

static void compile(const char *text)
{
    struct diags diags;
    diags_init(&diags);
    fixed_host_init(&host, 7);
    err_clear(&e);
    bool ok = form_compile(&form, str_of(text), "test.md", &host.host, &diags, &e);
    for (size_t i = 0; !ok && i < diags.n; i++)
        printf("# %s %s %s\n", diags.v[i].err.kind->id, diags.v[i].err.arg[0],
               diags.v[i].err.arg[1]);
    ck_assert(ok);
    diags_done(&diags);
}

static void open_form(const char *text)
{
    compile(text);
    ck_assert(interview_new(&iv, form, &host.host, &e));
}

static void close_form(void)
{
    interview_free(iv);
    form_free(form);
    iv = NULL;
}

static struct place at(const char *path)
{
    struct place p;
    ck_assert_msg(place_parse(form, str_of(path), &p), "%s", path);
    return p;
}

static void set(const char *path, const char *value)
{
    struct place p = at(path);
    err_clear(&e);
    ck_assert_msg(interview_set(iv, &p, str_of(value), &ch, &e), "%s = %s", path, value);
}

static void expect(const char *path, const char *value)
{
    struct place p = at(path);
    struct str found = interview_value(iv, &p);
    ck_assert_msg(str_is(found, value), "%s: %s expected, %.*s found", path, value, STR_FMT(found));
}

/* The changes as "path:what path:what", what in letters. */
static void expect_changes(const char *wanted)
{
    static const char letters[] = "vrsctn"; /* value relevant state choices text instances */
    struct buf b;
    buf_init(&b, 10000);
    for (size_t i = 0; i < ch.n; i++) {
        if (i)
            buf_add_c(&b, ' ');
        place_text(form, &ch.v[i].place, &b);
        buf_add_c(&b, ':');
        for (int k = 0; k < 6; k++)
            if (ch.v[i].what & 1u << k)
                buf_add_c(&b, letters[k]);
    }
    ck_assert_str_eq(b.n ? b.p : "", wanted);
    buf_done(&b);
}

static const char household[] =
    "| survey |\n"
    "| | type | name | label | relevant | required | constraint | calculation | choice_filter |\n"
    "| | text | head | Head | | yes | | | |\n"
    "| | begin repeat | hh | Member of ${head} | | | | | |\n"
    "| | text | who | Who | | | | | |\n"
    "| | integer | age | Age of ${who} | | | . < 120 | | |\n"
    "| | begin group | g | G | ${age} > 17 | | | | |\n"
    "| | text | job | Job | | | | | |\n"
    "| | end group | | | | | | | |\n"
    "| | end repeat | | | | | | | |\n"
    "| | calculate | total | | | | | sum(${age}) | |\n"
    "| | note | bye | Bye ${total} | | | | | |\n"
    "| | select_one a | a | A | | | | | k = ${total} |\n"
    "| choices |\n"
    "| | list_name | name | label | k |\n"
    "| | a | x | X | 5 |\n"
    "| | a | y | Y | 6 |\n";

START_TEST(test_place__text_and_back)
{
    static const char *const paths[] = {"/data/head", "/data/hh[1]/g/job", "/data/hh[3]/age",
                                        "/data/hh",   "/data/hh[2]",       "/data/hh[1]/g",
                                        "/data"};
    compile(household);
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        struct place p = at(paths[i]), q;
        struct buf b;
        buf_init(&b, 1000);
        place_text(form, &p, &b);
        ck_assert_str_eq(b.p, paths[i]);
        ck_assert(place_parse(form, buf_str(&b), &q) && place_eq(&p, &q));
        buf_done(&b);
    }
    struct place bare = at("job"), full = at("/data/hh[1]/g/job"), whole = at("hh");
    ck_assert(place_eq(&bare, &full));
    ck_assert(whole.whole && whole.depth == 0);
    ck_assert(!place_eq(&bare, &whole));
    form_free(form);
}
END_TEST

START_TEST(test_place__refused)
{
    static const char *const bad[] = {"",           "nosuch",       "/data/nosuch", "/other/head",
                                      "hh[0]",      "hh[x]",        "hh[",          "head[1]",
                                      "hh[100001]", "/data/hh[1]/", "hh]1["};
    compile(household);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct place p;
        ck_assert_msg(!place_parse(form, str_of(bad[i]), &p), "%s", bad[i]);
    }
    form_free(form);
}
END_TEST

START_TEST(test_changes__what_depends)
{
    open_form(household);
    set("head", "Ani");
    expect_changes("/data/head:v /data/hh:t");
    set("head", "Ani");
    expect_changes("");
    set("age", "20");
    expect_changes("/data/hh[1]/age:v /data/hh[1]/g:r /data/hh[1]/g/job:r /data/total:v "
                   "/data/a:c /data/bye:t");
    set("age", "200");
    expect_changes("/data/hh[1]/age:vs /data/total:v /data/a:c /data/bye:t");
    set("job", "x");
    expect_changes("/data/hh[1]/g/job:v");
    close_form();
}
END_TEST

START_TEST(test_changes__instances)
{
    open_form(household);
    set("age", "5");
    set("a", "x");
    struct place whole = at("hh"), made;
    ck_assert(interview_add(iv, &whole, &made, &ch, &e));
    expect_changes("/data/hh:n");
    ck_assert(!made.whole && made.index[0] == 1);
    struct place second = at("/data/hh[2]/age");
    ck_assert(interview_set(iv, &second, STR("1"), &ch, &e));
    expect_changes("/data/hh[2]/age:v /data/total:v /data/a:vc /data/bye:t");
    ck_assert(interview_remove(iv, &made, &ch, &e));
    expect_changes("/data/hh:n /data/total:v /data/a:c /data/bye:t");
    ck_assert(interview_undo(iv, &ch, &e));
    ck_assert(interview_undo(iv, &ch, &e));
    expect("a", "x");
    ck_assert(interview_undo(iv, &ch, &e));
    expect_changes("/data/hh:n");
    ck_assert_uint_eq(interview_instances(iv, &whole), 1);
    close_form();
}
END_TEST

static void expect_way(uint32_t flags, const char *wanted)
{
    struct buf b;
    buf_init(&b, 10000);
    struct place p = PLACE_NONE;
    while (interview_next(iv, &p, flags)) {
        place_text(form, &p, &b);
        buf_add_c(&b, ' ');
    }
    ck_assert_str_eq(b.p, wanted);
    buf_done(&b);
}

START_TEST(test_way__stops)
{
    open_form(household);
    expect_way(0, "/data/head /data/hh[1]/who /data/hh[1]/age /data/hh /data/bye /data/a ");
    expect_way(NAV_GROUPS, "/data/head /data/hh[1] /data/hh[1]/who /data/hh[1]/age /data/hh "
                           "/data/bye /data/a ");
    set("age", "20");
    expect_way(NAV_GROUPS, "/data/head /data/hh[1] /data/hh[1]/who /data/hh[1]/age /data/hh[1]/g "
                           "/data/hh[1]/g/job /data/hh /data/bye /data/a ");
    struct place only = at("/data/hh[1]");
    ck_assert(interview_remove(iv, &only, &ch, &e));
    expect_way(0, "/data/head /data/hh /data/bye /data/a ");
    struct place p = at("/data/hh");
    ck_assert(interview_prev(iv, &p, 0));
    ck_assert_uint_eq(p.def, at("head").def);
    ck_assert(!interview_prev(iv, &p, 0));
    p = PLACE_NONE;
    ck_assert(interview_prev(iv, &p, 0));
    ck_assert_uint_eq(p.def, at("a").def);
    ck_assert(!interview_next(iv, &p, 0));
    close_form();
}
END_TEST

START_TEST(test_way__first_open)
{
    open_form(household);
    struct place p, from = at("/data/hh[1]/who");
    ck_assert(interview_first_open(iv, NULL, false, &p));
    ck_assert_uint_eq(p.def, at("head").def);
    ck_assert(!interview_first_open(iv, &from, false, &p));
    set("head", "x");
    set("age", "130");
    struct place none = PLACE_NONE;
    ck_assert(interview_first_open(iv, &none, false, &p));
    ck_assert_uint_eq(p.def, at("age").def);
    ck_assert(!interview_finalise(iv, &p, &e));
    ck_assert_ptr_eq(e.kind, &ERR_INCOMPLETE);
    ck_assert_str_eq(e.arg[0], "/data/hh[1]/age");
    ck_assert_uint_eq(p.def, at("age").def);
    set("age", "13");
    ck_assert(interview_finalise(iv, &p, &e));
    close_form();
}
END_TEST

START_TEST(test_state__absent_and_whole)
{
    open_form(household);
    struct place gone = at("/data/hh[2]/age"), whole = at("hh");
    struct node_state s = interview_state(iv, &gone);
    ck_assert(!s.exists && !s.relevant && s.missing == MISSING_NOT);
    ck_assert(str_is(interview_value(iv, &gone), ""));
    s = interview_state(iv, &whole);
    ck_assert(s.exists && s.relevant && s.complete);
    ck_assert_uint_eq(s.instances, 1);
    struct place nonsense = {.def = at("head").def, .depth = 1};
    ck_assert(!interview_state(iv, &nonsense).exists);
    nonsense = (struct place){.def = 10000};
    ck_assert(!interview_state(iv, &nonsense).exists);
    close_form();
}
END_TEST

START_TEST(test_read__foreign_but_fine)
{
    static const char xml[] = "<?xml version='1.0'?>\n<!-- by another client -->\n"
                              "<data id=\"test\" xmlns:jr=\"http://openrosa.org/javarosa\">\n"
                              "  <head>A &amp; B</head>\n"
                              "  <hh jr:template=\"\"><who/><age/></hh>\n"
                              "  <hh><who>x</who><age>20</age><g><job>cook</job></g></hh>\n"
                              "  <hh><who>y</who></hh>\n"
                              "  <meta><instanceID>uuid:1</instanceID><other/></meta>\n</data>";
    compile(household);
    ck_assert_msg(interview_read(&iv, form, &host.host, str_of(xml), false, NULL, &e), "%s",
                  e.kind ? e.kind->id : "");
    struct place whole = at("hh");
    ck_assert_uint_eq(interview_instances(iv, &whole), 2);
    expect("head", "A & B");
    expect("/data/hh[1]/g/job", "cook");
    expect("/data/hh[2]/who", "y");
    expect("total", "20");
    ck_assert(!interview_undo(iv, &ch, &e));
    close_form();
}
END_TEST

START_TEST(test_read__refused)
{
    static const struct {
        const char *xml;
        const struct err_kind *kind;
        uint32_t lost;
    } cases[] = {{"<data><nosuch>1</nosuch></data>", &ERR_RECORD_UNKNOWN, 1},
                 {"<data><hh><nosuch/></hh></data>", &ERR_RECORD_UNKNOWN, 1},
                 {"<data><hh><age>old</age></hh></data>", &ERR_RECORD_VALUE, 1},
                 {"<data><head><x/></head></data>", &ERR_RECORD_UNKNOWN, 1},
                 {"<other/>", &ERR_RECORD_XML, 0}};
    compile(household);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint32_t lost = 77;
        struct str xml = str_of(cases[i].xml);
        err_clear(&e);
        ck_assert(!interview_read(&iv, form, &host.host, xml, false, &lost, &e));
        ck_assert_msg(e.kind == cases[i].kind, "%s: %s", cases[i].xml, e.kind->id);
        ck_assert_uint_eq(lost, 77);
        err_clear(&e);
        ck_assert(interview_read(&iv, form, &host.host, xml, true, &lost, &e));
        ck_assert_uint_eq(lost, cases[i].lost);
        interview_free(iv);
    }
    err_clear(&e);
    ck_assert(!interview_read(&iv, form, &host.host, STR("<data>"), true, NULL, &e));
    err_clear(&e);
    ck_assert(!interview_read(&iv, form, &host.host, STR(""), true, NULL, &e));
    form_free(form);
}
END_TEST

static const char personal[] =
    "| survey |\n"
    "| | type | name | label | bind::cacah:pii | relevant | calculation |\n"
    "| | text | name | Name | 1 | | |\n"
    "| | begin repeat | r | R | | | |\n"
    "| | text | phone | Phone | 1 | ${name} != '' | |\n"
    "| | end repeat | | | | | |\n"
    "| | calculate | greeting | | | | concat('Hi ', ${name}) |\n"
    "| | text | free | Free | | | |\n"
    "| settings |\n"
    "| | namespaces | instance_name |\n"
    "| | cacah=\"urn:cacah:1\" | ${name} |\n";

START_TEST(test_record__pii_apart)
{
    open_form(personal);
    set("name", "Ani\tB\\C\nD\rE");
    set("phone", "0811");
    set("free", "text");
    struct buf xml, pii, all, again;
    buf_init(&xml, 10000);
    buf_init(&pii, 10000);
    buf_init(&all, 10000);
    buf_init(&again, 10000);
    ck_assert(interview_xml(iv, 0, STR("uuid:1"), STR(""), &all));
    ck_assert(interview_xml(iv, RECORD_NO_PII, STR("uuid:1"), STR(""), &xml));
    ck_assert(interview_pii(iv, &pii));
    ck_assert_ptr_null(strstr(xml.p, "Ani"));
    ck_assert_ptr_null(strstr(xml.p, "0811"));
    ck_assert_ptr_nonnull(strstr(xml.p, "<free>text</free>"));
    ck_assert_str_eq(pii.p, "/data/name\tAni\\tB\\\\C\\nD\\rE\n/data/r[1]/phone\t0811\n"
                            "/data/greeting\tHi Ani\\tB\\\\C\\nD\\rE\n");
    interview_free(iv);
    ck_assert(
        interview_read_parts(&iv, form, &host.host, buf_str(&xml), buf_str(&pii), false, NULL, &e));
    ck_assert(interview_xml(iv, 0, STR("uuid:1"), STR(""), &again));
    ck_assert_str_eq(again.p, all.p);
    interview_free(iv);
    ck_assert(!interview_read_parts(&iv, form, &host.host, buf_str(&xml), STR("/data/name\t\\x\n"),
                                    false, NULL, &e));
    ck_assert_ptr_eq(e.kind, &ERR_RECORD_VALUE);
    err_clear(&e);
    ck_assert(!interview_read_parts(&iv, form, &host.host, buf_str(&xml),
                                    STR("/data/r[2]/phone\t1\n"), false, NULL, &e));
    ck_assert_ptr_eq(e.kind, &ERR_RECORD_UNKNOWN);
    form_free(form);
    buf_done(&xml);
    buf_done(&pii);
    buf_done(&all);
    buf_done(&again);
}
END_TEST

START_TEST(test_record__deprecated_id)
{
    open_form(household);
    struct buf b;
    buf_init(&b, 10000);
    ck_assert(interview_xml(iv, 0, STR("uuid:2"), STR("uuid:1"), &b));
    ck_assert_ptr_nonnull(strstr(b.p, "<meta><instanceID>uuid:2</instanceID>"
                                      "<deprecatedID>uuid:1</deprecatedID></meta>"));
    buf_done(&b);
    struct buf small;
    buf_init(&small, 20);
    ck_assert(!interview_xml(iv, 0, STR("uuid:2"), STR(""), &small));
    buf_done(&small);
    close_form();
}
END_TEST

/* Keeping an answer, and the same answer read back with the calculation that it overrides. */
START_TEST(test_read__typed_over)
{
    open_form("| survey |\n| | type | name | label | calculation |\n"
              "| | integer | a | A | |\n| | integer | b | B | ${a} + 1 |\n"
              "| | calculate | once | | once(random()) |\n"
              "| | calculate | drawn | | random() |\n| | calculate | at | | now() |\n");
    set("a", "1");
    set("b", "50");
    struct buf xml, again;
    buf_init(&xml, 10000);
    buf_init(&again, 10000);
    ck_assert(interview_xml(iv, 0, STR("u"), STR(""), &xml));
    interview_free(iv);
    host.now.ms += 1000;
    ck_assert(interview_read(&iv, form, &host.host, buf_str(&xml), false, NULL, &e));
    ck_assert(interview_xml(iv, 0, STR("u"), STR(""), &again));
    ck_assert_str_eq(xml.p, again.p);
    set("a", "2");
    expect("b", "3");
    buf_done(&xml);
    buf_done(&again);
    close_form();
}
END_TEST

START_TEST(test_undo__across_languages)
{
    open_form("| survey |\n| | type | name | label::A (aa) | label::B (bb) | calculation |\n"
              "| | select_one l | s | S | S | |\n"
              "| | calculate | t | | | jr:choice-name(${s}, '${s}') |\n"
              "| choices |\n| | list_name | name | label::A (aa) | label::B (bb) |\n"
              "| | l | 1 | one | satu |\n| | l | 2 | two | dua |\n");
    set("s", "1");
    set("s", "2");
    expect("t", "two");
    uint32_t other = interview_language(iv) == 0 ? 1 : 0;
    ck_assert(interview_set_language(iv, other, &ch, &e));
    expect("t", "dua");
    expect_changes("/data/t:v");
    ck_assert(interview_undo(iv, &ch, &e));
    expect("s", "1");
    expect("t", "satu");
    ck_assert(interview_undo(iv, &ch, &e));
    expect("t", "");
    ck_assert(interview_redo(iv, &ch, &e));
    expect("t", "satu");
    ck_assert(!interview_set_language(iv, 2, &ch, &e));
    ck_assert_ptr_eq(e.kind, &ERR_NO_LANGUAGE);
    close_form();
}
END_TEST

START_TEST(test_undo__new_change_ends_redo)
{
    open_form(household);
    set("head", "a");
    set("head", "b");
    ck_assert(interview_undo(iv, &ch, &e));
    expect_changes("/data/head:v /data/hh:t");
    set("head", "c");
    ck_assert(!interview_redo(iv, &ch, &e));
    ck_assert_ptr_eq(e.kind, &ERR_NOTHING_TO_REDO);
    ck_assert(interview_undo(iv, &ch, &e));
    expect("head", "a");
    close_form();
}
END_TEST

/* The log is bounded: what is far back can no longer be undone, and nothing leaks or breaks. */
START_TEST(test_undo__bounded)
{
    open_form(household);
    static char text[1 << 20];
    memset(text, 'x', sizeof text);
    struct place p = at("head");
    for (int i = 0; i < 40; i++) {
        text[0] = (char)('a' + i % 26);
        ck_assert(interview_set(iv, &p, (struct str){text, sizeof text}, &ch, &e));
    }
    int undone = 0;
    while (interview_undo(iv, &ch, &e))
        undone++;
    ck_assert_int_ge(undone, 1);
    ck_assert_int_lt(undone, 10);
    close_form();
}
END_TEST

START_TEST(test_set__too_large)
{
    open_form(household);
    static char text[(1 << 20) + 1];
    memset(text, 'x', sizeof text);
    struct place p = at("head");
    ck_assert(!interview_set(iv, &p, (struct str){text, sizeof text}, &ch, &e));
    ck_assert_ptr_eq(e.kind, &ERR_LIMIT);
    err_clear(&e);
    ck_assert(!interview_set(iv, &p, STR("a\001b"), &ch, &e));
    ck_assert_ptr_eq(e.kind, &ERR_ANSWER_TYPE);
    err_clear(&e);
    ck_assert(!interview_set(iv, &p, STR("a\xff"), &ch, &e));
    expect("head", "");
    close_form();
}
END_TEST

START_TEST(test_fault__goes_on)
{
    open_form("| survey |\n| | type | name | label | calculation | relevant |\n"
              "| | text | alg | Alg | | |\n"
              "| | calculate | d | | digest('x', ${alg}) | |\n"
              "| | text | q | Q | | digest('x', ${alg}) = 'y' |\n");
    ck_assert(!interview_fault(iv, &e));
    err_clear(&e);
    ck_assert(interview_fault(iv, &e));
    set("alg", "nosuch");
    ck_assert(!interview_fault(iv, &e));
    struct place q = at("q");
    ck_assert(interview_state(iv, &q).relevant);
    err_clear(&e);
    set("alg", "MD5");
    ck_assert(interview_fault(iv, &e));
    ck_assert(!interview_state(iv, &q).relevant);
    close_form();
}
END_TEST

/* A total that reads the instance before its own is well-founded, and settles. */
START_TEST(test_settles__running_total)
{
    open_form("| survey |\n| | type | name | label | calculation | repeat_count |\n"
              "| | integer | n | N | | |\n"
              "| | begin repeat | r | R | | ${n} |\n| | integer | x | X | | |\n"
              "| | calculate | t | | ${x} + if(position(..) > 1, "
              "indexed-repeat(${t}, ${r}, position(..) - 1), 0) | |\n| | end repeat | | | | |\n");
    set("n", "200");
    struct place p = at("/data/r[1]/x");
    for (uint32_t i = 0; i < 200; i++) {
        p.index[0] = 199 - i;
        ck_assert(interview_set(iv, &p, STR("1"), &ch, &e));
    }
    expect("/data/r[200]/t", "200");
    set("/data/r[3]/x", "11");
    expect("/data/r[2]/t", "2");
    expect("/data/r[200]/t", "210");
    ck_assert(interview_fault(iv, &e));
    close_form();
}
END_TEST

START_TEST(test_settles__never)
{
    open_form(
        "| survey |\n| | type | name | label | calculation |\n"
        "| | begin repeat | r | R | |\n| | integer | x | X | |\n"
        "| | calculate | t | | ${x} + coalesce(indexed-repeat(${t}, ${r}, position(..)), 0) |\n"
        "| | end repeat | | | |\n");
    err_clear(&e);
    ck_assert(interview_fault(iv, &e));
    set("/data/r[1]/x", "1");
    ck_assert(!interview_fault(iv, &e));
    ck_assert_ptr_eq(e.kind, &ERR_UNSETTLED);
    ck_assert_str_eq(e.arg[0], "t");
    ck_assert(interview_undo(iv, &ch, &e));
    expect("/data/r[1]/x", "");
    close_form();
}
END_TEST

START_TEST(test_settles__count_of_itself)
{
    open_form("| survey |\n| | type | name | label | repeat_count |\n"
              "| | integer | a | A | |\n| | begin repeat | r | R | if(${a} = 1, count(/data/r) + "
              "1, 0) |\n"
              "| | integer | x | X | |\n| | end repeat | | | |\n");
    set("a", "1");
    ck_assert(!interview_fault(iv, &e));
    ck_assert_ptr_eq(e.kind, &ERR_UNSETTLED);
    struct place r = at("r");
    ck_assert_uint_gt(interview_instances(iv, &r), 100);
    ck_assert_uint_lt(interview_instances(iv, &r), 2000);
    set("a", "2");
    ck_assert_uint_eq(interview_instances(iv, &r), 0);
    close_form();
}
END_TEST

START_TEST(test_state__read_only_from_above)
{
    open_form("| survey |\n| | type | name | label | read_only | required |\n"
              "| | integer | a | A | | |\n| | begin group | g | G | ${a} = 1 | |\n"
              "| | text | q | Q | | yes |\n| | begin repeat | r | R | | |\n"
              "| | text | w | W | | |\n| | end repeat | | | | |\n| | end group | | | | |\n");
    struct place q = at("q"), r = at("r"), made, first = at("/data/g/r[1]");
    ck_assert(!interview_state(iv, &q).complete);
    set("a", "1");
    expect_changes("/data/a:v /data/g:s /data/g/q:s /data/g/r[1]/w:s");
    ck_assert(interview_state(iv, &q).readonly);
    ck_assert(interview_state(iv, &q).complete);
    ck_assert(!interview_set(iv, &q, STR("x"), &ch, &e));
    ck_assert_ptr_eq(e.kind, &ERR_READONLY);
    err_clear(&e);
    ck_assert(!interview_add(iv, &r, &made, &ch, &e));
    ck_assert_ptr_eq(e.kind, &ERR_READONLY);
    err_clear(&e);
    ck_assert(!interview_remove(iv, &first, &ch, &e));
    ck_assert(interview_undo(iv, &ch, &e));
    expect_changes("/data/a:v /data/g:s /data/g/q:s /data/g/r[1]/w:s");
    close_form();
}
END_TEST

START_TEST(test_changes__outcome)
{
    open_form("| survey |\n| | type | name | label | required | bind::cacah:outcome |\n"
              "| | text | a | A | yes | |\n| | text | b | B | | |\n"
              "| | integer | o | O | | 1 |\n"
              "| settings |\n| | namespaces |\n| | cacah=\"urn:cacah:1\" |\n");
    set("o", "4");
    expect_changes("/data/o:v /data/a:s");
    struct place a = at("a");
    ck_assert(!interview_state(iv, &a).required);
    ck_assert_int_eq(interview_outcome(iv), 4);
    close_form();
}
END_TEST

START_TEST(test_set__range)
{
    open_form("| survey |\n| | type | name | label | parameters |\n"
              "| | range | r | R | start=0 end=1 step=0.1 |\n");
    static const struct {
        const char *text;
        bool valid;
    } cases[] = {{"0", true}, {"0.3", true}, {"1", true}, {"0.35", false}, {"1.1", false}};
    struct place r = at("r");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        set("r", cases[i].text);
        ck_assert_msg(interview_state(iv, &r).valid == cases[i].valid, "%s", cases[i].text);
    }
    close_form();
}
END_TEST

START_TEST(test_new__list_missing)
{
    static const struct {
        const char *row, *file;
    } cases[] = {
        {"select_one_from_file far.csv | s | S | |", "far.csv"},
        {"select_multiple_from_file far.xml | s | S | |", "far.xml"},
        {"select_one_from_file far.geojson | s | S | |", "far.geojson"},
        {"select_one_external far | s | S | a = 1 |", "itemsets.csv"},
        {"csv-external | far | | |", "far.csv"},
        {"xml-external | far | | |", "far.xml"},
        {"calculate | s | | | pulldata('far', 'a', 'b', 'c')", "far.csv"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[400];
        snprintf(text, sizeof text,
                 "| survey |\n| | type | name | label | choice_filter | calculation |\n"
                 "| | text | t | T |\n| | %s |\n",
                 cases[i].row);
        compile(text);
        ck_assert(!interview_new(&iv, form, &host.host, &e));
        ck_assert_ptr_eq(e.kind, &ERR_LIST_MISSING);
        ck_assert_str_eq(e.arg[0], cases[i].file);
        form_free(form);
    }
}
END_TEST

START_TEST(test_new__encrypted)
{
    compile("| survey |\n| | type | name | label |\n| | text | t | T |\n"
            "| settings |\n| | public_key |\n| | MIIB |\n");
    ck_assert(!interview_new(&iv, form, &host.host, &e));
    ck_assert_ptr_eq(e.kind, &ERR_ENCRYPTED);
    form_free(form);
}
END_TEST

/* ---- entities ---- */

static const char visits[] =
    "| survey |\n| | type | name | label | bind::cacah:pii | save_to |\n"
    "| | text | who | W | 1 | |\n"
    "| | begin repeat | r | R | | |\n| | text | x | X | | things#x |\n| | end repeat | | | | |\n"
    "| entities |\n| | list_name | label | repeat |\n"
    "| | people | ${who} | |\n| | things | ${x} | ${r} |\n"
    "| settings |\n| | namespaces |\n| | cacah=\"urn:cacah:1\" |\n";

static void entity_xml(uint32_t flags, struct buf *out)
{
    buf_clear(out);
    ck_assert(interview_xml(iv, flags, STR("uuid:1"), (struct str){NULL, 0}, out));
}

START_TEST(test_entity__id_stays)
{
    struct buf first, again;
    buf_init(&first, 1 << 16);
    buf_init(&again, 1 << 16);
    open_form(visits);
    set("who", "Ani");
    struct place r = at("r"), added;
    ck_assert(interview_add(iv, &r, &added, &ch, &e));
    set("r[1]/x", "one");
    set("r[2]/x", "two");
    entity_xml(0, &first);
    entity_xml(0, &again);
    ck_assert_str_eq(first.p, again.p);
    const char *id = strstr(first.p, "<entity dataset=\"things\" id=\"");
    ck_assert_ptr_nonnull(id);
    ck_assert_ptr_nonnull(strstr(id, "create=\"1\"><label>one</label></entity></meta></r>"));
    interview_free(iv);
    ck_assert(interview_read(&iv, form, &host.host, buf_str(&first), false, NULL, &e));
    entity_xml(0, &again);
    ck_assert_str_eq(first.p, again.p);
    /* A new instance of the record read back is a new thing; the others stay what they are. */
    ck_assert(interview_add(iv, &r, &added, &ch, &e));
    set("r[3]/x", "three");
    struct place gone = at("r[1]");
    ck_assert(interview_remove(iv, &gone, &ch, &e));
    entity_xml(0, &again);
    const char *two = strstr(first.p, "<r><x>two");
    ck_assert_ptr_nonnull(two);
    ck_assert_ptr_nonnull(strstr(again.p, "<x>three</x>"));
    ck_assert_int_eq(strncmp(strstr(again.p, "<r>"), two, (size_t)(strstr(two, "</r>") - two)), 0);
    buf_done(&first);
    buf_done(&again);
    close_form();
}
END_TEST

START_TEST(test_entity__personal_label_apart)
{
    struct buf out;
    buf_init(&out, 1 << 16);
    open_form(visits);
    set("who", "Ani");
    entity_xml(RECORD_NO_PII, &out);
    ck_assert_ptr_null(strstr(out.p, "Ani"));
    ck_assert_ptr_nonnull(strstr(out.p, "<entity dataset=\"people\" id=\""));
    entity_xml(0, &out);
    ck_assert_ptr_nonnull(strstr(out.p, "<label>Ani</label>"));
    buf_done(&out);
    close_form();
}
END_TEST

START_TEST(test_eval__contexts)
{
    open_form(household);
    set("age", "5");
    struct arena a;
    struct expr *x;
    struct value v;
    struct str text;
    struct place p = at("/data/hh[1]/age"), far = at("/data/hh[4]/age");
    arena_init(&a);
    ck_assert(form_expr(&x, form, STR(". * 2"), p.def, &a, &e));
    ck_assert(interview_eval(iv, x, &p, &v, &text, &e));
    ck_assert_int_eq(v.kind, VAL_NUMBER);
    ck_assert(str_is(text, "10"));
    ck_assert(!interview_eval(iv, x, &far, &v, &text, &e));
    err_clear(&e);
    ck_assert(form_expr(&x, form, STR("count(/data/hh)"), 0, &a, &e));
    ck_assert(interview_eval(iv, x, NULL, &v, &text, &e));
    ck_assert(str_is(text, "1"));
    ck_assert(!form_expr(&x, form, STR("${nosuch}"), 0, &a, &e));
    arena_done(&a);
    close_form();
}
END_TEST

START_TEST(test_preload__properties)
{
    static const struct fixed_file properties[] = {{"deviceid", "dev1"}, {"username", "ani"}, {0}};
    static const struct fixed_file saved[] = {{"/data/q", "before"}, {0}};
    compile("| survey |\n| | type | name | label | default |\n| | deviceid | d | | |\n"
            "| | username | u | | |\n| | email | m | | |\n"
            "| | text | q | Q, last ${last-saved#q} | ${last-saved#q} |\n");
    host.properties = properties;
    host.last_saved = saved;
    ck_assert(interview_new(&iv, form, &host.host, &e));
    expect("d", "dev1");
    expect("u", "ani");
    expect("m", "");
    expect("q", "before");
    struct place q = at("q");
    struct buf b;
    buf_init(&b, 1000);
    ck_assert(interview_text(iv, &q, TEXT_LABEL, &b));
    ck_assert_str_eq(b.p, "Q, last before");
    ck_assert(!interview_text(iv, &q, TEXT_HINT, &b));
    buf_done(&b);
    close_form();
}
END_TEST

START_TEST(test_value_text__labels)
{
    open_form(
        "| survey |\n| | type | name | label |\n| | select_multiple l | m | M |\n"
        "| | select_one l | s | S |\n| | rank l | r | R |\n| | text | t | T |\n"
        "| choices |\n| | list_name | name | label |\n| | l | 1 | One |\n| | l | 2 | Two |\n");
    set("m", "2 1");
    set("s", "2");
    set("r", "2 1");
    set("t", "x");
    static const struct {
        const char *path, *text;
    } cases[] = {{"m", "One; Two"}, {"s", "Two"}, {"r", "Two > One"}, {"t", "x"}};
    for (size_t i = 0; i < 4; i++) {
        struct place p = at(cases[i].path);
        struct buf b;
        buf_init(&b, 1000);
        ck_assert(interview_value_text(iv, &p, &b));
        ck_assert_str_eq(b.p, cases[i].text);
        buf_done(&b);
    }
    close_form();
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("interview");
    TCase *t = tcase_create("interview");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, test_place__text_and_back);
    tcase_add_test(t, test_place__refused);
    tcase_add_test(t, test_changes__what_depends);
    tcase_add_test(t, test_changes__instances);
    tcase_add_test(t, test_way__stops);
    tcase_add_test(t, test_way__first_open);
    tcase_add_test(t, test_state__absent_and_whole);
    tcase_add_test(t, test_read__foreign_but_fine);
    tcase_add_test(t, test_read__refused);
    tcase_add_test(t, test_read__typed_over);
    tcase_add_test(t, test_record__pii_apart);
    tcase_add_test(t, test_record__deprecated_id);
    tcase_add_test(t, test_undo__across_languages);
    tcase_add_test(t, test_undo__new_change_ends_redo);
    tcase_add_test(t, test_undo__bounded);
    tcase_add_test(t, test_set__too_large);
    tcase_add_test(t, test_fault__goes_on);
    tcase_add_test(t, test_settles__running_total);
    tcase_add_test(t, test_settles__never);
    tcase_add_test(t, test_settles__count_of_itself);
    tcase_add_test(t, test_state__read_only_from_above);
    tcase_add_test(t, test_changes__outcome);
    tcase_add_test(t, test_set__range);
    tcase_add_test(t, test_new__list_missing);
    tcase_add_test(t, test_new__encrypted);
    tcase_add_test(t, test_entity__id_stays);
    tcase_add_test(t, test_entity__personal_label_apart);
    tcase_add_test(t, test_eval__contexts);
    tcase_add_test(t, test_preload__properties);
    tcase_add_test(t, test_value_text__labels);
    suite_add_tcase(s, t);
    return s;
}
