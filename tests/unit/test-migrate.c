#include "app/flow/migrate.h"

#include "app/flow/record.h"
#include "app/flow/session_i.h"
#include "tests/support/check_main.h"
#include "tests/support/interview_case.h"

/* clang-format off */
static const char old_form[] =
    "| survey |\n"
    "| | type | name | label | relevant | constraint | bind::cacah:pii |\n"
    "| | text | name | Nama | | | 1 |\n"
    "| | integer | age | Umur | | | |\n"
    "| | select_one yn | works | Bekerja? | | | |\n"
    "| | text | shoe | Ukuran sepatu | | | |\n"
    "| | begin repeat | hh | Anggota | | | |\n"
    "| | text | who | Siapa | | | |\n"
    "| | end repeat | | | | | |\n"
    "| | text | rest | Sisanya | | | |\n"
    "| choices |\n"
    "| | list_name | name | label |\n"
    "| | yn | 1 | Ya |\n"
    "| | yn | 2 | Tidak |\n"
    "| settings |\n"
    "| | form_title | form_id | version | namespaces |\n"
    "| | Kecil | small | 1 | cacah=\"urn:cacah:1\" |\n";
/* age has a limit, works hangs on it, shoe is a number, rest is gone, new is new */
static const char new_form[] =
    "| survey |\n"
    "| | type | name | label | relevant | constraint | bind::cacah:pii |\n"
    "| | text | name | Nama | | | 1 |\n"
    "| | integer | age | Umur | | . < 100 | |\n"
    "| | select_one yn | works | Bekerja? | ${age} < 60 | | |\n"
    "| | integer | shoe | Ukuran sepatu | | | |\n"
    "| | text | new | Baru | | | |\n"
    "| | begin repeat | hh | Anggota | | | |\n"
    "| | text | who | Siapa | | | |\n"
    "| | end repeat | | | | | |\n"
    "| choices |\n"
    "| | list_name | name | label |\n"
    "| | yn | 1 | Ya |\n"
    "| | yn | 2 | Tidak |\n"
    "| settings |\n"
    "| | form_title | form_id | version | namespaces |\n"
    "| | Kecil | small | 2 | cacah=\"urn:cacah:1\" |\n";
/* clang-format on */

static struct interview_case c;
static struct err e;
static struct changes changes;
static struct id16 uuid;

static void setup(void)
{
    err_clear(&e);
    interview_case_setup(&c, old_form);
    struct session *s = interview_case_begin(&c);
    struct place hh = at(s, "hh"), first;
    hh.whole = true;
    hh.depth = 0;
    uuid = *session_uuid(s);
    set(s, "name", "Siti");
    set(s, "age", "130");
    set(s, "works", "1");
    set(s, "shoe", "besar");
    case_ok(session_add(s, &hh, &first, &changes, &e), &e);
    set(s, "/data/hh[1]/who", "Budi");
    set(s, "rest", "habis");
    session_close(s);
}

static void teardown(void)
{
    interview_case_teardown(&c);
}

static struct hash32 put_form(const char *text, const char *name)
{
    struct hash32 hash;
    struct form_files files = {.form = {str_of(name), str_of(text)}};
    case_ok(store_form_put(survey_store(c.sv), &files, &hash, &e), &e);
    case_ok(survey_refresh(c.sv, &e), &e);
    return hash;
}

static bool note_fate(void *ctx, enum migrate_fate fate, struct str path, struct str value)
{
    buf_printf(ctx, "%d %.*s %.*s\n", (int)fate, STR_FMT(path), STR_FMT(value));
    return true;
}

static void say_fault(void *ctx, struct str line)
{
    (void)ctx;
    ck_abort_msg("verify: %.*s", STR_FMT(line));
}

START_TEST(test_migrate__looking_says_what_would_be_lost_and_writes_nothing)
{
    struct hash32 to, newest = put_form(new_form, "new.md");
    struct buf fates;
    struct migrate_look look = {.lost = note_fate, .ctx = &fates};
    struct store_state before, after;
    buf_init(&fates, 4096);
    store_state(survey_store(c.sv), &before);
    case_ok(migrate_target(c.sv, &uuid, &to, &e), &e);
    ck_assert(hash32_eq(&to, &newest));
    case_ok(migrate_look(c.sv, &uuid, &to, &look, &e), &e);
    ck_assert_str_eq(buf_str(&fates).p, "2 /data/age 130\n"
                                        "3 /data/works 1\n"
                                        "1 /data/shoe besar\n"
                                        "0 /data/rest habis\n");
    ck_assert_uint_eq(look.answered, 6);
    ck_assert_uint_eq(look.kept, 4);
    store_state(survey_store(c.sv), &after);
    ck_assert_uint_eq(before.commits, after.commits);
    buf_done(&fates);
}
END_TEST

START_TEST(test_migrate__the_draft_goes_on_on_the_new_form)
{
    struct hash32 to = put_form(new_form, "new.md"), rev;
    struct place where;
    struct session *s = NULL;
    struct buf part;
    struct revision r;
    struct record_part1 one;
    uint8_t salt[32];
    uint64_t faults;
    bool there;
    case_ok(migrate_draft(c.sv, &uuid, &to, &e), &e);
    ck_assert(!migrate_target(c.sv, &uuid, &to, &e));
    ck_assert_ptr_eq(e.kind, &ERR_FORM_SAME);
    err_clear(&e);
    for (int i = 0; i < 2; i++) { /* the second time what was set on the new form replays, too */
        interview_case_reopen(&c);
        case_ok(session_resume(&s, c.sv, &uuid, &e), &e);
        ck_assert(str_is(session_form(s)->version, "2"));
        ck_assert(str_is(value(s, "name"), "Siti"));
        ck_assert(str_is(value(s, "/data/hh[1]/who"), "Budi"));
        ck_assert(str_is(value(s, "shoe"), i ? "41" : ""));
        ck_assert(!session_undo(s, &changes, &e) || i); /* what was before is not taken back */
        err_clear(&e);
        set(s, "shoe", "41");
        set(s, "new", "ya");
        set(s, "age", "30");
        session_close(s);
    }
    case_ok(session_resume(&s, c.sv, &uuid, &e), &e);
    case_ok(session_finalise(s, &where, &rev, &e), &e);
    session_close(s);
    case_ok(store_revision_get(survey_store(c.sv), &rev, &r, &there, &e), &e);
    ck_assert(there && hash32_eq(&r.form, &to));
    buf_init(&part, LIMIT_RECORD_BYTES);
    case_ok(store_revision_part(survey_store(c.sv), &rev, 1, salt, &part, &e), &e);
    case_ok(record_unpack1(buf_str(&part), &one, &e), &e);
    ck_assert_ptr_nonnull(memmem(one.xml.p, one.xml.n, "<shoe>41</shoe>", 15));
    ck_assert_ptr_nonnull(memmem(one.audit.p, one.audit.n, "cacah.migrate,", 14));
    ck_assert_ptr_nonnull(memmem(one.audit.p, one.audit.n, "habis", 5)); /* the trail keeps it */
    case_ok(store_verify(survey_store(c.sv), say_fault, NULL, &faults, &e), &e);
    buf_done(&part);
}
END_TEST

START_TEST(test_migrate__a_draft_of_nobody_or_on_the_newest_form_is_refused)
{
    struct hash32 to;
    struct id16 other = {{1}};
    ck_assert(!migrate_target(c.sv, &uuid, &to, &e));
    ck_assert_ptr_eq(e.kind, &ERR_FORM_SAME);
    err_clear(&e);
    ck_assert(!migrate_target(c.sv, &other, &to, &e));
    ck_assert_ptr_eq(e.kind, &ERR_DRAFT_UNKNOWN);
    err_clear(&e);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("migrate");
    TCase *t = tcase_create("migrate");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, test_migrate__looking_says_what_would_be_lost_and_writes_nothing);
    tcase_add_test(t, test_migrate__the_draft_goes_on_on_the_new_form);
    tcase_add_test(t, test_migrate__a_draft_of_nobody_or_on_the_newest_form_is_refused);
    suite_add_tcase(suite, t);
    return suite;
}
