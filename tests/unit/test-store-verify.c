/* What is gone is gone, what was changed is named, and nothing is in the clear. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sync/store/store_i.h"
#include "tests/support/check_main.h"
#include "tests/support/store_case.h"

static struct store_case c;
static struct store *s;
static struct err e;

static void setup(void)
{
    err_clear(&e);
    case_setup(&c);
    s = case_create(&c, STORE_FIELD);
}

static void teardown(void)
{
    store_close(s);
    case_teardown(&c);
}

static void reopen(void)
{
    store_close(s);
    s = NULL;
    s = case_open(&c);
}

static void ok(bool done)
{
    case_ok(done, &e);
}

/* ---- erasing ---- */

static bool see_state(void *ctx, const struct revision *r, enum revision_state state,
                      struct str summary)
{
    (void)r;
    ck_assert_uint_eq(summary.n, 0);
    *(enum revision_state *)ctx = state;
    return true;
}

static void part_gone(const struct hash32 *rev, uint8_t part)
{
    struct buf out;
    uint8_t salt[32];
    buf_init(&out, 1 << 20);
    ck_assert(!store_revision_part(s, rev, part, salt, &out, &e));
    ck_assert_ptr_eq(e.kind, &ERR_PART_ERASED);
    err_clear(&e);
    buf_done(&out);
}

static void say_nothing(void *ctx, struct str line)
{
    (void)ctx;
    ck_abort_msg("verify: %.*s", STR_FMT(line));
}

static void say_count(void *ctx, struct str line)
{
    char *out = ctx;
    if (!out[0])
        snprintf(out, 300, "%.*s", STR_FMT(line));
}

static void verify_finds_nothing(void)
{
    uint64_t faults = 1;
    ok(store_verify(s, say_nothing, NULL, &faults, &e));
    ck_assert_uint_eq(faults, 0);
}

START_TEST(test_erase__all_of_an_interview)
{
    struct tombstone t, again;
    struct store_counts n;
    struct hash32 form = case_form(s);
    struct id16 uuid = case_draft(s, &form, 4), other = case_draft(s, &form, 3);
    struct hash32 rev = case_finalise(s, &uuid), other_rev = case_finalise(s, &other);
    ok(store_erase(s, &uuid, ERASE_ALL, 9000, &t, &e));
    ok(store_erase(s, &uuid, ERASE_ALL, 9001, &again, &e));
    ck_assert(hash32_eq(&t.row, &again.row));
    part_gone(&rev, 1);
    part_gone(&rev, 2);
    ok(store_counts(s, &n, &e));
    ck_assert_uint_eq(n.pending, 1);
    ck_assert_uint_eq(n.ledger_rows, 5);
    ok(store_draft_begin(s, &form, NULL, NULL, 1, STR("x"), STR(""), &other, &e));
    ck_assert(!store_draft_begin(s, &form, &rev, &uuid, 1, STR("x"), STR(""), &uuid, &e));
    ck_assert_ptr_eq(e.kind, &ERR_PART_ERASED);
    err_clear(&e);
    verify_finds_nothing();
    reopen();
    part_gone(&rev, 1);
    struct buf out;
    uint8_t salt[32];
    buf_init(&out, 1000);
    ok(store_revision_part(s, &other_rev, 1, salt, &out, &e));
    buf_done(&out);
}
END_TEST

START_TEST(test_erase__pii_alone)
{
    struct tombstone t;
    enum revision_state state = REVISION_SAFE;
    struct buf out;
    uint8_t salt[32];
    struct hash32 form = case_form(s);
    struct id16 uuid = case_draft(s, &form, 4);
    struct hash32 rev = case_finalise(s, &uuid);
    ok(store_erase(s, &uuid, ERASE_PII, 9000, &t, &e));
    part_gone(&rev, 2);
    buf_init(&out, 1000);
    ok(store_revision_part(s, &rev, 1, salt, &out, &e));
    ck_assert_str_eq(out.p, "<data>the first part</data>");
    buf_done(&out);
    ok(store_revision_each(s, see_state, &state, &e));
    ck_assert_int_eq(state, REVISION_PENDING);
    verify_finds_nothing();
}
END_TEST

START_TEST(test_erase__keys_are_in_no_file_afterwards)
{
    struct tombstone t;
    struct buf keys, file;
    char wal[128];
    snprintf(wal, sizeof wal, "%s-wal", c.path);
    struct hash32 form = case_form(s);
    struct id16 uuid = case_draft(s, &form, 4);
    case_finalise(s, &uuid);
    buf_init(&keys, 1000);
    buf_init(&file, (size_t)1 << 26);
    case_bytes(&c, "SELECT ik || pk FROM wrap", &keys);
    ck_assert_uint_eq(keys.n, 144);
    case_file_read(c.path, &file);
    case_file_read(wal, &file);
    ck_assert_ptr_nonnull(memmem(file.p, file.n, keys.p, 72));
    ck_assert_ptr_nonnull(memmem(file.p, file.n, keys.p + 72, 72));
    ok(store_erase(s, &uuid, ERASE_ALL, 9000, &t, &e));
    buf_clear(&file);
    case_file_read(c.path, &file);
    case_file_read(wal, &file);
    for (size_t i = 0; i < keys.n; i += 24)
        ck_assert_ptr_null(memmem(file.p, file.n, keys.p + i, 24));
    buf_done(&keys);
    buf_done(&file);
}
END_TEST

struct told {
    struct ledger_row last;
    struct ledger_detail detail;
    char text[100];
    unsigned own, others, destroyed;
};

static bool see_told(void *ctx, const struct hash32 *device, const struct ledger_row *r,
                     const struct ledger_detail *detail)
{
    struct told *x = ctx;
    x->last = *r;
    x->own += detail != NULL;
    x->others += !detail && !hash32_eq(device, &store_identity(s)->device);
    x->destroyed += detail && !detail->there;
    if (detail) {
        x->detail = *detail;
        snprintf(x->text, sizeof x->text, "%.*s", STR_FMT(detail->text));
    }
    return true;
}

static struct told told(void)
{
    struct told x = {.own = 0};
    ok(store_ledger_tell(s, see_told, &x, &e));
    return x;
}

START_TEST(test_detail__boot_slot_and_text_beside_each_own_row)
{
    char boot[64] = "";
    struct buf shown;
    struct hash32 form = case_form(s), stranger = {{7}};
    struct id16 uuid = case_draft(s, &form, 2);
    uint8_t foreign[LEDGER_ROW_SIZE];
    bool fresh;
    FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");
    ck_assert(f && fgets(boot, sizeof boot, f));
    fclose(f);
    struct told x = told();
    ck_assert_uint_eq(x.own, 1);
    ck_assert_int_eq(x.last.kind, LEDGER_OPEN);
    ck_assert_uint_eq(x.detail.slot, 1);
    ck_assert_str_eq(x.text, "");
    buf_init(&shown, 100);
    uuid_add(&shown, &x.detail.boot);
    ck_assert_int_eq(strncmp(boot, shown.p, 36), 0);
    buf_done(&shown);
    ok(store_draft_void(s, &uuid, STR("the wrong house"), 1, &e));
    x.last.prev = (struct hash32){{0}};
    ledger_row_encode(&x.last, foreign);
    ok(store_row_put(s, &stranger, foreign, &fresh, &e)); /* comes without its detail */
    x = told();
    ck_assert_uint_eq(x.own, 2);
    ck_assert_uint_eq(x.others, 1);
    ck_assert_str_eq(x.text, "the wrong house");

    /* another user, whose slot it then is */
    struct secret *other = secret_copy("frasa milik budi sendiri", 24);
    ok(store_slot_add(s, STR("Budi"), other, &e));
    x = told();
    ck_assert_int_eq(x.last.kind, LEDGER_SLOT);
    ck_assert_str_eq(x.text, "add 2");
    store_close(s);
    s = NULL;
    ok(store_open(&s, c.path, other, &e));
    secret_free(other);
    case_draft(s, &form, 1);
    x = told();
    ck_assert_uint_eq(x.detail.slot, 2);
    verify_finds_nothing();
}
END_TEST

/* A reason is in a person's own words, and may name somebody. */
START_TEST(test_detail__text_goes_with_the_erased_interview)
{
    struct tombstone t;
    char first[300] = "";
    uint64_t faults;
    struct buf sealed, file;
    struct hash32 form = case_form(s);
    struct id16 uuid = case_draft(s, &form, 2), other = case_draft(s, &form, 2);
    ok(store_draft_void(s, &uuid, STR("Ibu Siti was not at home"), 1, &e));
    ok(store_draft_void(s, &other, STR("Pak Amat was not at home"), 1, &e));
    buf_init(&sealed, 1000);
    buf_init(&file, (size_t)1 << 26);
    case_bytes(&c, "SELECT detail FROM ledger WHERE no = 3", &sealed);
    ok(store_erase(s, &uuid, ERASE_PII, 9000, &t, &e));
    case_file_read(c.path, &file);
    ck_assert_ptr_null(memmem(file.p, file.n, sealed.p + 24, 24));
    buf_done(&sealed);
    buf_done(&file);
    struct told x = told();
    ck_assert_uint_eq(x.own, 5);
    ck_assert_uint_eq(x.destroyed, 1); /* the reason, and none that says boot and slot alone */
    verify_finds_nothing();
    struct secret *fresh = secret_copy("the new passphrase", 18);
    ok(store_rekey(s, fresh, &e));
    ck_assert_uint_eq(told().destroyed, 1);
    verify_finds_nothing();
    ok(store_passphrase_change(s, c.passphrase, &e));
    secret_free(fresh);

    store_close(s);
    s = NULL;
    case_sql(&c, "UPDATE ledger SET detail = zeroblob(length(detail)) WHERE no = 4");
    s = case_open(&c);
    ok(store_verify(s, say_count, first, &faults, &e));
    ck_assert_uint_eq(faults, 1);
    ck_assert_str_eq(first, "the detail of ledger row 4 was destroyed, but nothing erased it");
}
END_TEST

START_TEST(test_tombstone__keeps_out_what_comes_later)
{
    struct revision r = {.uuid = {{1}}, .device = {{2}}, .form = {{3}}, .outcome = 1};
    struct part p1 = {.salt = {4}, .bytes = STR("<data/>")};
    struct tombstone t = {.uuid = {{1}}, .scope = ERASE_ALL, .signer = {{2}}};
    bool fresh;
    r.c1 = part_commitment(p1.salt, 1, p1.bytes);
    r.rev_id = revision_id(&r, &store_identity(s)->survey);
    ok(store_tombstone_put(s, &t, true, &fresh, &e));
    ck_assert(fresh);
    ok(store_tombstone_put(s, &t, true, &fresh, &e));
    ck_assert(!fresh);
    ok(store_settle(s, &e));
    ok(store_revision_put(s, &r, &p1, NULL, REVISION_ERASED, STR("name"), &fresh, &e));
    ck_assert(fresh);
    part_gone(&r.rev_id, 1);
    verify_finds_nothing();
}
END_TEST

START_TEST(test_purge__only_what_is_safe_and_may_come_back)
{
    bool done = true;
    struct id16 again;
    struct buf out;
    uint8_t salt[32];
    struct hash32 form = case_form(s);
    struct id16 uuid = case_draft(s, &form, 4);
    struct hash32 rev = case_finalise(s, &uuid);
    ok(store_purge(s, &uuid, &done, &e));
    ck_assert(!done);
    ok(store_revision_set_state(s, &rev, REVISION_HELD, &e));
    ok(store_purge(s, &uuid, &done, &e));
    ck_assert(!done);
    ok(store_revision_set_state(s, &rev, REVISION_SAFE, &e));
    ok(store_purge(s, &uuid, &done, &e));
    ck_assert(done);
    part_gone(&rev, 1);
    verify_finds_nothing();
    ok(store_draft_begin(s, &form, &rev, &uuid, 1, STR("event 1"), STR("note"), &again, &e));
    struct hash32 second = case_finalise(s, &uuid);
    buf_init(&out, 1000);
    ok(store_revision_part(s, &second, 1, salt, &out, &e));
    buf_done(&out);
    verify_finds_nothing();
}
END_TEST

/* A record of another device in an office, by number: what its keys seal is all there is of it. */
static struct id16 take_in(uint8_t n, enum revision_state state)
{
    bool fresh;
    struct revision r = {.uuid = {{n}}, .device = {{2}}, .form = {{3}}, .outcome = 1};
    struct part p1 = {.salt = {n}, .bytes = STR("<data/>")},
                p2 = {.salt = {n}, .bytes = STR("/data/name\tt\tSiti\n")};
    r.c1 = part_commitment(p1.salt, 1, p1.bytes);
    r.c2 = part_commitment(p2.salt, 2, p2.bytes);
    r.rev_id = revision_id(&r, &store_identity(s)->survey);
    ok(store_revision_put(s, &r, &p1, &p2, state, STR("name"), &fresh, &e));
    return r.uuid;
}

static uint64_t faults_of_office(void)
{
    char first[300] = "";
    uint64_t faults;
    store_close(s);
    s = NULL;
    s = case_open(&c);
    ok(store_verify(s, say_count, first, &faults, &e));
    if (faults)
        ck_assert_ptr_nonnull(strstr(first, "they were destroyed, but nothing erased it"));
    return faults;
}

/* Whoever has the file can zero a key without any passphrase. An office's records are all that is left once
 * they were safe. */
START_TEST(test_verify__an_office_misses_keys_that_nothing_erased)
{
    struct tombstone t;
    char copy[300];
    store_close(s);
    ck_assert_int_eq(unlink(c.path), 0);
    s = case_create(&c, STORE_OFFICE);
    take_in(1, REVISION_HELD);
    take_in(2, REVISION_SAFE);
    take_in(3, REVISION_HELD);
    struct id16 pii = take_in(4, REVISION_HELD), all = take_in(5, REVISION_SAFE);
    ok(store_erase(s, &pii, ERASE_PII, 1, &t, &e));
    ok(store_erase(s, &all, ERASE_ALL, 1, &t, &e));
    ck_assert_uint_eq(faults_of_office(), 0);

    store_close(s);
    case_sql(&c, "UPDATE wrap SET ik = zeroblob(72), pk = zeroblob(72) WHERE no = 1");
    s = case_open(&c);
    ck_assert_uint_eq(faults_of_office(), 1);
    store_close(s);
    case_sql(&c, "UPDATE wrap SET ik = zeroblob(72) WHERE no = 2"); /* safe: once, elsewhere */
    case_sql(&c, "UPDATE wrap SET pk = zeroblob(72) WHERE no = 3");
    case_sql(&c, "UPDATE wrap SET ik = zeroblob(72) WHERE no = 4"); /* its tombstone says less */
    s = case_open(&c);
    ck_assert_uint_eq(faults_of_office(), 4);
    snprintf(copy, sizeof copy, "%s/copy", c.folder);
    ck_assert(!store_backup(s, copy, &e));
    ck_assert_ptr_eq(e.kind, &ERR_STORE_DAMAGED);
    err_clear(&e);
}
END_TEST

START_TEST(test_purge__due_is_what_was_safe_long_enough)
{
    uint64_t n = 9;
    struct hash32 form = case_form(s);
    struct id16 safe = case_draft(s, &form, 3), open = case_draft(s, &form, 3);
    struct hash32 rev = case_finalise(s, &safe), held = case_finalise(s, &open);
    struct id16 again;
    int64_t now = wall_clock_ms();
    ok(store_purge_due(s, now + 1000, &n, &e));
    ck_assert_uint_eq(n, 0); /* no receipt yet */
    ok(store_revision_set_state(s, &held, REVISION_HELD, &e));
    ok(store_revision_set_state(s, &rev, REVISION_SAFE, &e));
    ok(store_purge_due(s, now, &n, &e));
    ck_assert_uint_eq(n, 0); /* not before the days of grace are over */
    ok(store_draft_begin(s, &form, &rev, &safe, 1, STR("event 1"), STR("note"), &again, &e));
    ok(store_purge_due(s, now + 60000, &n, &e));
    ck_assert_uint_eq(n, 0); /* it is being corrected */
    ok(store_draft_void(s, &safe, STR("not needed"), 1, &e));
    ok(store_purge_due(s, now + 60000, &n, &e));
    ck_assert_uint_eq(n, 1);
    part_gone(&rev, 1);
    ok(store_purge_due(s, now + 60000, &n, &e));
    ck_assert_uint_eq(n, 0); /* once */
    verify_finds_nothing();
}
END_TEST

/* ---- verify ---- */

/* A store with something in every table, then changed by the SQL: the first fault said. */
static void verify_says(const char *sql, const char *what)
{
    char first[300] = "";
    uint64_t faults = 0;
    bool fresh;
    struct ledger_head head;
    struct hash32 form = case_form(s), id = {{9}};
    ok(store_config_put(s, "title", STR("Tabalong"), &e));
    for (int i = 0; i < 3; i++) {
        struct id16 uuid = case_draft(s, &form, 3);
        struct hash32 rev = case_finalise(s, &uuid);
        ok(store_revision_set_state(s, &rev, REVISION_HELD, &e));
    }
    case_draft(s, &form, 12);
    ok(store_ledger_append(s, LEDGER_CLOCK, NULL, NULL, STR("moved"), &e));
    ok(store_ledger_head(s, &head, &e));
    ok(store_head_put(s, &head, &fresh, &e));
    ok(store_fact_put(s, FACT_REVIEW, &id, STR("fine"), &fresh, &e));
    verify_finds_nothing();
    store_close(s);
    s = NULL;
    case_sql(&c, sql);
    ok(store_open_check(&s, c.path, c.passphrase, &e));
    ok(store_verify(s, say_count, first, &faults, &e));
    ck_assert_uint_gt(faults, 0);
    ck_assert_msg(strstr(first, what) != NULL, "said \"%s\", expected \"%s\"", first, what);
}

START_TEST(test_verify__names_what_does_not_fit)
{
    static const struct {
        const char *sql, *what;
    } cases[] = {
        {"DELETE FROM revision WHERE no = 2", "record row 2 is missing"},
        {"UPDATE part SET sealed = (SELECT sealed FROM part WHERE no = 4) WHERE no = 2",
         "part row 2 does not fit"},
        {"UPDATE revision SET interview = 2 WHERE no = 1", "it belongs to another"},
        {"DELETE FROM part WHERE no = 3", "This part of the record is not there"},
        {"UPDATE wrap SET ik = zeroblob(72), pk = zeroblob(72) WHERE no = 1",
         "they were destroyed, but nothing"},
        {"DELETE FROM ledger WHERE no = 3", "ledger row 3 is missing"},
        {"UPDATE ledger SET detail = NULL WHERE detail NOT NULL", "detail row"},
        {"DELETE FROM journal WHERE at = (SELECT max(at) - 4 FROM journal)", "event 8 is missing"},
        {"UPDATE journal SET pii = 1 - pii WHERE at = (SELECT max(at) - 4 FROM journal)",
         "its journal does not end"},
        {"UPDATE form SET hash = zeroblob(32)", "form row 1 does not fit"},
        {"UPDATE fact SET kind = 5", "fact row 1 does not fit"},
        {"UPDATE signed SET sealed = zeroblob(192)", "signed head row 1 does not fit"},
        {"DELETE FROM state WHERE no = 2", "state row 2 is missing"},
        {"UPDATE config SET sealed = zeroblob(60)", "config row 1 does not fit"},
        {"UPDATE ledger SET subject = zeroblob(16) WHERE no = 2", "ledger row 2 does not fit"},
        /* what opening to work with it refuses, and verify names all the same */
        {"DELETE FROM ledger WHERE no = (SELECT max(no) FROM ledger)",
         "ledger: the head says 8 rows, the last is 7"},
        {"DELETE FROM revision WHERE no = 3", "record: the head says 3 rows, the last is 2"},
        {"DELETE FROM config WHERE id = 1", "a setting is missing or an older one"},
        {"UPDATE slot SET name = zeroblob(50)", "its key slots were altered"},
        {"UPDATE head SET sealed = zeroblob(300) WHERE id = 4",
         "a draft is missing or an older one"},
        {"DELETE FROM head WHERE id = 4", "a draft is missing or an older one"},
        {"DELETE FROM part WHERE no = 2", "record 1 (interview "},
    };
    verify_says(cases[_i].sql, cases[_i].what);
}
END_TEST
#define VERIFY_CASES 22

START_TEST(test_verify__index_that_hides_a_row)
{
    char first[300] = "";
    uint64_t faults = 0;
    struct hash32 form = case_form(s);
    struct id16 uuid = case_draft(s, &form, 3);
    struct hash32 rev = case_finalise(s, &uuid);
    struct buf file;
    store_close(s);
    s = NULL;
    buf_init(&file, (size_t)1 << 26);
    case_file_read(c.path, &file);
    /* The identifier stands in the table and in the unique index; each occurrence in turn. */
    size_t n = 0;
    for (char *at = memmem(file.p, file.n, rev.b, 32); at;
         at = memmem(at + 1, (size_t)(file.p + file.n - at) - 1, rev.b, 32), n++) {
        *at = (char)(*at ^ 1);
        case_file_write(c.path, buf_str(&file));
        *at = (char)(*at ^ 1);
        s = case_open(&c);
        first[0] = '\0';
        ok(store_verify(s, say_count, first, &faults, &e));
        ck_assert_uint_gt(faults, 0);
        store_close(s);
        s = NULL;
    }
    ck_assert_uint_ge(n, 2);
    buf_done(&file);
}
END_TEST

/* ---- no clear text ---- */

static bool contains(const struct buf *b, const char *needle)
{
    return b->n && memmem(b->p, b->n, needle, strlen(needle)) != NULL;
}

START_TEST(test_store__nothing_in_the_clear)
{
    static const char *const typed[] = {"Siti Rahmah",      "081234567890", "the first part",
                                        "the summary",      "Murung Pudak", "a setting's value",
                                        "secret.name",      "Rina",         "label of it",
                                        "begun by mistake", CASE_PASSPHRASE};
    static const char *const suffixes[] = {"", "-wal", "-shm", ".lock"};
    struct hash32 form = case_form(s);
    struct id16 uuid = case_draft(s, &form, 4);
    ok(store_draft_append(s, &uuid, true, 1, STR("Siti Rahmah 081234567890"), STR("Murung Pudak"),
                          &e));
    ok(store_config_put(s, "secret.name", STR("a setting's value"), &e));
    case_finalise(s, &uuid);
    uuid = case_draft(s, &form, 2);
    ok(store_draft_void(s, &uuid, STR("begun by mistake"), 1, &e));
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        char path[128];
        struct buf file;
        snprintf(path, sizeof path, "%s%s", c.path, suffixes[i]);
        buf_init(&file, (size_t)1 << 26);
        case_file_read(path, &file);
        ck_assert_msg(file.n > 0, "%s is empty", path);
        for (size_t k = 0; k < sizeof typed / sizeof typed[0]; k++)
            ck_assert_msg(!contains(&file, typed[k]), "\"%s\" is in %s", typed[k], path);
        buf_done(&file);
    }
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("store-verify");
    TCase *t = tcase_create("verify");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, test_erase__all_of_an_interview);
    tcase_add_test(t, test_erase__pii_alone);
    tcase_add_test(t, test_erase__keys_are_in_no_file_afterwards);
    tcase_add_test(t, test_detail__boot_slot_and_text_beside_each_own_row);
    tcase_add_test(t, test_detail__text_goes_with_the_erased_interview);
    tcase_add_test(t, test_tombstone__keeps_out_what_comes_later);
    tcase_add_test(t, test_purge__only_what_is_safe_and_may_come_back);
    tcase_add_test(t, test_verify__an_office_misses_keys_that_nothing_erased);
    tcase_add_test(t, test_purge__due_is_what_was_safe_long_enough);
    tcase_add_loop_test(t, test_verify__names_what_does_not_fit, 0, VERIFY_CASES);
    tcase_add_test(t, test_verify__index_that_hides_a_row);
    tcase_add_test(t, test_store__nothing_in_the_clear);
    suite_add_tcase(suite, t);
    return suite;
}
