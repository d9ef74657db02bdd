/* What home lists: in which list, in which order, all of it however small the pieces are. */
#include "app/flow/listing.h"

#include "app/flow/idmap.h"
#include "sync/crypt/crypt.h"
#include "tests/support/check_main.h"
#include "tests/support/interview_case.h"

#define IDS 5000

static const char form[] = "| survey |\n| | type | name | label |\n| | text | who | Who |\n"
                           "| settings |\n| | form_id | form_title | instance_name |\n"
                           "| | small | Small | ${who} |\n";

static struct interview_case c;
static struct err e;

static void setup(void)
{
    err_clear(&e);
    interview_case_setup(&c, form);
    /* this store is its own office: what it returned is looked for */
    struct pk32 root = store_identity(survey_store(c.sv))->ed_pk;
    case_ok(
        store_config_put(survey_store(c.sv), "root", (struct str){(const char *)root.b, 32}, &e),
        &e);
}

static void teardown(void)
{
    interview_case_teardown(&c);
}

static struct hash32 hold(const char *who)
{
    struct session *s = interview_case_begin(&c);
    struct place where;
    struct hash32 rev;
    set(s, "who", who);
    case_ok(session_finalise(s, &where, &rev, &e), &e);
    session_close(s);
    return rev;
}

static void draft(const char *who)
{
    struct session *s = interview_case_begin(&c);
    set(s, "who", who);
    session_close(s);
}

static void assert_names(const struct listing *l, enum list list, const char *want)
{
    struct buf got;
    buf_init(&got, 1000);
    for (size_t i = 0; i < l->lists[list].n; i++)
        buf_printf(&got, "%s ", l->lists[list].v[i].name);
    ck_assert_str_eq(got.n ? got.p : "", want);
    buf_done(&got);
}

START_TEST(test_listing__newest_first_however_small_the_pieces)
{
    struct listing l;
    hold("Siti");
    struct hash32 rev = hold("Budi");
    hold("Ani");
    draft("Umar");
    struct hash32 gone = hold("Nobody");
    case_ok(store_revision_set_state(survey_store(c.sv), &rev, REVISION_HELD, &e), &e);
    case_ok(store_revision_set_state(survey_store(c.sv), &gone, REVISION_ERASED, &e), &e);
    case_ok(listing_begin(&l, c.sv, &e), &e);
    assert_names(&l, LIST_DRAFTS, "Umar ");
    assert_names(&l, LIST_FINISHED, "");
    ck_assert(listing_reads(&l));
    size_t pieces = 0;
    for (; listing_reads(&l); pieces++)
        case_ok(listing_more(&l, 0, &e), &e);
    ck_assert_uint_ge(pieces, 4);
    assert_names(&l, LIST_FINISHED, "Ani Siti ");
    assert_names(&l, LIST_SENT, "Budi ");
    ck_assert(hash32_eq(&l.lists[LIST_SENT].v[0].rev_id, &rev));
    ck_assert_uint_eq(l.n_forms, 1);
    ck_assert_uint_eq(l.forms[0].done, 3);
    ck_assert(str_is(l.forms[0].title, "Small"));
    ck_assert_uint_eq(l.changes, store_changes(survey_store(c.sv)));
    listing_done(&l);
    ck_assert_uint_eq(l.lists[LIST_SENT].n, 0);
}
END_TEST

START_TEST(test_listing__a_correction_under_way_is_returned)
{
    struct listing l;
    struct session *s;
    struct hash32 rev = hold("Siti");
    case_ok(session_correct(&s, c.sv, &rev, &e), &e);
    session_close(s);
    case_ok(listing_begin(&l, c.sv, &e), &e);
    case_ok(listing_more(&l, UINT32_MAX, &e), &e);
    ck_assert(!listing_reads(&l));
    assert_names(&l, LIST_DRAFTS, "");
    assert_names(&l, LIST_RETURNED, "Siti ");
    ck_assert_ptr_null(l.lists[LIST_RETURNED].v[0].comment);
    assert_names(&l, LIST_FINISHED, "Siti ");
    listing_done(&l);
}
END_TEST

START_TEST(test_idmap__finds_each_of_many)
{
    struct idmap m = {0};
    struct id16 id = {{0}};
    for (uint32_t round = 0; round < 2; round++)
        for (uint32_t i = 1; i <= IDS; i++) {
            put_le64(id.b, i % 700 * UINT64_C(0x9e3779b97f4a7c15)); /* several begin alike */
            put_le64(id.b + 8, i);
            uint32_t *n = idmap_at(&m, &id);
            ck_assert_uint_eq(*n, round ? i : 0);
            *n = i;
        }
    ck_assert_uint_eq(m.n, IDS);
    idmap_done(&m);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("listing");
    TCase *t = tcase_create("all");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, test_listing__newest_first_however_small_the_pieces);
    tcase_add_test(t, test_listing__a_correction_under_way_is_returned);
    tcase_add_test(t, test_idmap__finds_each_of_many);
    suite_add_tcase(suite, t);
    return suite;
}
