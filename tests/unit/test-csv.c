#include "app/export/csv.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/flow/host.h"
#include "app/flow/record.h"
#include "app/flow/session.h"
#include "sync/io/io.h"
#include "tests/support/check_main.h"
#include "tests/support/interview_case.h"

/* clang-format off */
static const char form[] =
    "| survey |\n"
    "| | type | name | label | relevant | bind::cacah:pii | bind::cacah:missing |\n"
    "| | note | hello | Halo | | | |\n"
    "| | text | name | Nama | | 1 | |\n"
    "| | begin group | g | G | | | |\n"
    "| | integer | age | Umur | | | dk=-98 |\n"
    "| | begin group | sub | S | | | |\n"
    "| | text | job | Kerja | | | |\n"
    "| | select_multiple media | media | Media | | | |\n"
    "| | geopoint | spot | Tempat | | | |\n"
    "| | end group | | | | | |\n"
    "| | end group | | | | | |\n"
    "| | begin repeat | hh | Anggota | | | |\n"
    "| | text | who | Siapa | | | |\n"
    "| | begin repeat | toy | Mainan | | | |\n"
    "| | text | what | Apa | | | |\n"
    "| | end repeat | | | | | |\n"
    "| | end repeat | | | | | |\n"
    "| choices |\n"
    "| | list_name | name | label |\n"
    "| | media | radio | Radio |\n"
    "| | media | tv | TV |\n"
    "| | media | =sum | Lain |\n"
    "| settings |\n"
    "| | form_title | form_id | version | namespaces | instance_name |\n"
    "| | Ekspor | small/1 | 3 | cacah=\"urn:cacah:1\" | ${name} |\n";
/* clang-format on */

static struct interview_case c;
static struct err e;
static const struct form *f;

static void setup(void)
{
    err_clear(&e);
    interview_case_setup(&c, form);
    case_ok(survey_form(c.sv, &c.form, &f, &e), &e);
}

static void teardown(void)
{
    interview_case_teardown(&c);
}

static struct buf file(const char *name)
{
    char path[400];
    struct buf b;
    snprintf(path, sizeof path, "%s/%s", c.store.folder, name);
    buf_init(&b, 1 << 20);
    case_ok(io_read_file(path, 1 << 20, &b, &e), &e);
    return b;
}

static bool is_there(const char *name)
{
    char path[400];
    snprintf(path, sizeof path, "%s/%s", c.store.folder, name);
    return access(path, F_OK) == 0;
}

static void assert_file(const char *name, const char *want)
{
    struct buf b = file(name);
    ck_assert_str_eq(b.p, want);
    buf_done(&b);
}

static struct csv_export *begin(bool pii, bool exact, bool crlf)
{
    struct csv_export *x = NULL;
    struct csv_options o = {.folder = c.store.folder,
                            .pii = pii,
                            .exact = exact,
                            .crlf = crlf,
                            .form_hash = c.form,
                            .made = STR("2026-01-01T08:00:00+08:00")};
    case_ok(csv_begin(&x, f, &o, &e), &e);
    return x;
}

static bool add(struct csv_export *x, const char *xml)
{
    struct csv_record r = {.xml = str_of(xml),
                           .key = STR("uuid:1"),
                           .code = STR("0000-0000-0"),
                           .device = STR("Laptop 3"),
                           .review = STR("accepted"),
                           .outcome = 1};
    err_clear(&e);
    return csv_add(x, &r, &e);
}

START_TEST(test_csv__an_interview_comes_out_as_it_was_answered)
{
    struct session *s = interview_case_begin(&c);
    struct place p, in;
    struct changes changes;
    struct hash32 rev;
    struct revision r;
    struct record rec;
    bool there;
    set(s, "name", "Siti, \"Aminah\"");
    set(s, "age", "-98");
    set(s, "job", "=1+1");
    set(s, "media", "tv =sum");
    set(s, "spot", "-2.5 115.4");
    set(s, "hh[1]/who", "Budi\nBudiman");
    p = at(s, "/data/hh");
    case_ok(session_add(s, &p, &in, &changes, &e), &e);
    set(s, "hh[2]/who", "Ani");
    set(s, "/data/hh[2]/toy[1]/what", "bola");
    case_ok(session_finalise(s, &p, &rev, &e), &e);
    session_close(s);
    case_ok(store_revision_get(survey_store(c.sv), &rev, &r, &there, &e), &e);
    for (int pii = 0; pii < 2; pii++) {
        struct csv_export *x = begin(pii, false, false);
        struct csv_totals totals;
        struct buf key;
        record_init(&rec);
        case_ok(record_load(survey_store(c.sv), &r, pii, &rec, &e), &e);
        buf_init(&key, 100);
        record_instance_id(&r.uuid, NULL, 0, NULL, &key);
        struct csv_record row = {.xml = buf_str(&rec.xml),
                                 .audit = buf_str(&rec.audit),
                                 .key = buf_str(&key),
                                 .outcome = 1};
        case_ok(csv_add(x, &row, &e), &e);
        case_ok(csv_end(x, &totals, &e), &e);
        ck_assert_uint_eq(totals.records, 1);
        ck_assert_uint_eq(totals.refused, 0);
        char want[2000];
        snprintf(want, sizeof want,
                 "%sg-age,g-sub-job,g-sub-media,g-sub-media/radio,g-sub-media/tv,g-sub-media/=sum,"
                 "g-sub-spot,meta-instanceID%s,KEY,Code,DeviceID,Outcome,ReviewState,Edits,"
                 "FormVersion\n"
                 "%s-98,'=1+1,tv =sum,0,1,1,-2.5 115.4 0 0,%s%s,%s,,,1,,0,3\n",
                 pii ? "name," : "", pii ? ",meta-instanceName" : "",
                 pii ? "\"Siti, \"\"Aminah\"\"\"," : "", key.p,
                 pii ? ",\"Siti, \"\"Aminah\"\"\"" : "", key.p);
        assert_file("small_1.csv", want);
        snprintf(want, sizeof want,
                 "who,PARENT_KEY,KEY\n\"Budi\nBudiman\",%s,%s/hh[1]\nAni,%s,%s/hh[2]\n", key.p,
                 key.p, key.p, key.p);
        assert_file("small_1-hh.csv", want);
        snprintf(want, sizeof want,
                 "what,PARENT_KEY,KEY\n,%s/hh[1],%s/hh[1]/toy[1]\nbola,%s/hh[2],%s/hh[2]/toy[1]\n",
                 key.p, key.p, key.p, key.p);
        assert_file("small_1-toy.csv", want);
        struct buf audit = file("small_1-audit.csv");
        ck_assert_int_eq(memmem(audit.p, audit.n, "Siti", 4) != NULL, pii);
        ck_assert_ptr_nonnull(memmem(audit.p, audit.n, "'=1+1", 5));
        ck_assert(str_starts(buf_str(&audit), STR("instance ID,event,node,start,end,")));
        buf_done(&audit);
        buf_done(&key);
        record_wipe(&rec);
    }
}
END_TEST

START_TEST(test_csv__the_manifest_counts_and_hashes_the_files)
{
    struct csv_export *x = begin(false, false, false);
    ck_assert(add(x, "<data><g><age>7</age><sub><job>@x</job></sub></g></data>"));
    ck_assert(add(x, "<data><g><age>8</age></g></data>"));
    ck_assert(!add(x, "<data><nope/></data>"));
    err_clear(&e);
    case_ok(csv_end(x, NULL, &e), &e);
    struct buf text = file("small_1-manifest.json"), csv = file("small_1.csv"), hex;
    json_t *j = json_loads(text.p, 0, NULL);
    ck_assert_ptr_nonnull(j);
    ck_assert_int_eq(json_integer_value(json_object_get(j, "records")), 2);
    ck_assert_int_eq(json_integer_value(json_object_get(j, "refused")), 1);
    ck_assert_int_eq(json_integer_value(json_object_get(j, "guarded")), 1);
    ck_assert_uint_eq(json_array_size(json_object_get(j, "left_out_personal")), 2);
    json_t *first = json_array_get(json_object_get(j, "files"), 0);
    ck_assert_int_eq(json_integer_value(json_object_get(first, "rows")), 2);
    ck_assert_int_eq(json_integer_value(json_object_get(first, "bytes")), (json_int_t)csv.n);
    struct hash32 h = crypt_hash(buf_str(&csv));
    buf_init(&hex, 100);
    hex_add(&hex, h.b, sizeof h.b);
    ck_assert_str_eq(json_string_value(json_object_get(first, "blake2b256")), hex.p);
    json_decref(j);
    buf_done(&hex);
    buf_done(&csv);
    buf_done(&text);
}
END_TEST

START_TEST(test_csv__what_a_spreadsheet_would_run_is_guarded)
{
    static const char *const values[][2] = {
        {"=1+1", "'=1+1"},     {"+62811", "'+62811"},  {"-1", "'-1"},
        {"@x", "'@x"},         {" =1", "' =1"},        {"\xef\xbb\xbf=1", "'\xef\xbb\xbf=1"},
        {"a=1", "a=1"},        {"&#13;x", "\"'\rx\""}, {"&#9;x", "'\tx"},
        {"=a,b", "\"'=a,b\""},
    };
    for (int exact = 0; exact < 2; exact++)
        for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
            struct csv_export *x = begin(false, exact, false);
            char xml[200];
            snprintf(xml, sizeof xml, "<data><g><sub><job>%s</job></sub></g></data>", values[i][0]);
            ck_assert(add(x, xml));
            case_ok(csv_end(x, NULL, &e), &e);
            struct buf b = file("small_1.csv");
            bool guarded = memmem(b.p, b.n, values[i][1], strlen(values[i][1])) != NULL;
            bool always = values[i][0][0] == 'a';
            ck_assert_msg(guarded == (!exact || always), "%s: %s", values[i][0], b.p);
            buf_done(&b);
        }
}
END_TEST

START_TEST(test_csv__a_record_that_does_not_fit_is_refused_whole)
{
    static const char *const bad[] = {
        "<data><hh><who>a</who></hh><nope>1</nope></data>",
        "<data><hh><who>a</who><who>b</who></hh></data>",
        "<data><hh><who>a</who></hh>",
        "<other/>",
        "<!DOCTYPE data [<!ENTITY a 'b'>]><data/>",
        "",
    };
    struct csv_export *x = begin(false, false, true);
    struct csv_totals totals;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ck_assert_msg(!add(x, bad[i]), "%s", bad[i]);
        ck_assert_ptr_eq(e.kind, &ERR_EXPORT_RECORD);
        err_clear(&e);
    }
    ck_assert(
        add(x, "<data><meta><instanceID>i</instanceID><audit>audit.csv</audit></meta></data>"));
    case_ok(csv_end(x, &totals, &e), &e);
    ck_assert_uint_eq(totals.refused, 6);
    ck_assert_uint_eq(totals.records, 1);
    assert_file("small_1-hh.csv", "who,PARENT_KEY,KEY\r\n");
    struct buf b = file("small_1.csv");
    ck_assert(
        str_ends(buf_str(&b), STR("\r\n,,,,,,,i,uuid:1,0000-0000-0,Laptop 3,1,accepted,0,3\r\n")));
    buf_done(&b);
}
END_TEST

START_TEST(test_csv__xml_of_other_programs_gives_the_same_row)
{
    static const char *const same[] = {
        "<data id=\"x\"><g><age>7</age><sub><job>a &lt; b</job></sub></g></data>",
        "<?xml version='1.0'?><!-- c --><data><g><age>7</age><sub><job>a &#60; "
        "b</job></sub></g></data>",
        "<data>\n <g a='1'>\n  <age >7</age><sub><job><![CDATA[a < b]]></job></sub></g>\n</data>\n",
        "<x:data xmlns:x=\"u\"><x:g><x:age>7</x:age><x:sub><x:job>a &lt; b</x:job></x:sub></x:g>"
        "</x:data>",
        "<data><g><age>7</age><sub><?pi x?><job>a &lt;<!-- > --> b</job></sub></g></data>",
        /* What a record has for a server: entities with labels, attributes. */
        "<data><g><age x:y=\"1\">7</age><sub><job>a &lt; b</job></sub><meta><entity id=\"1\">"
        "<label>n</label></entity></meta></g><meta><entity dataset=\"d\" create=\"1\">"
        "<label>instanceID</label></entity></meta></data>",
    };
    struct csv_export *x = begin(false, false, false);
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        ck_assert_msg(add(x, same[i]), "%s", same[i]);
    static const char *const broken[] = {
        "<data><g><age>7</g></age></data>",
        "<data><g><age>\x01</age></g></data>",
        "<data><g><age>&x;</age></g></data>",
        "<data/><data/>",
        "<data/>x",
        "x<data/>",
        "<data><g><age>]]></age></g></data>",
        "<data a=b/>",
        "<data><g/a></data>",
    };
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
        ck_assert_msg(!add(x, broken[i]), "%s", broken[i]);
    err_clear(&e);
    case_ok(csv_end(x, NULL, &e), &e);
    struct buf b = file("small_1.csv");
    struct str rest = buf_str(&b), row, first = STR("");
    ck_assert(str_split(&rest, '\n', &row));
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        ck_assert(str_split(&rest, '\n', &row));
        if (i == 0)
            first = row;
        ck_assert_msg(str_eq(row, first), "%.*s", STR_FMT(row));
    }
    ck_assert(str_starts(first, STR("7,a < b,")));
    ck_assert_uint_eq(rest.n, 0);
    buf_done(&b);
}
END_TEST

START_TEST(test_csv__an_abandoned_export_leaves_no_file)
{
    struct csv_export *x = begin(false, false, false);
    ck_assert(add(x, "<data/>"));
    csv_abandon(x);
    ck_assert(!is_there("small_1.csv") && !is_there("small_1.csv.part"));
    ck_assert(!is_there("small_1-manifest.json"));
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("csv");
    TCase *t = tcase_create("csv");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, test_csv__an_interview_comes_out_as_it_was_answered);
    tcase_add_test(t, test_csv__the_manifest_counts_and_hashes_the_files);
    tcase_add_test(t, test_csv__what_a_spreadsheet_would_run_is_guarded);
    tcase_add_test(t, test_csv__a_record_that_does_not_fit_is_refused_whole);
    tcase_add_test(t, test_csv__xml_of_other_programs_gives_the_same_row);
    tcase_add_test(t, test_csv__an_abandoned_export_leaves_no_file);
    suite_add_tcase(s, t);
    return s;
}
