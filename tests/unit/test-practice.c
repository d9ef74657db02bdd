#include "app/flow/practice.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/flow/record.h"
#include "app/flow/survey.h"
#include "forms/base/limits.h"
#include "sync/bundle/kit.h"
#include "sync/errors.h"
#include "sync/io/io.h"
#include "tests/support/check_main.h"
#include "tests/support/store_case.h"
#include "tests/support/tabalong.h"

static struct store_case c;
static struct err e;
static struct arena a;
static struct form_files forms[2];

static void setup(void)
{
    err_clear(&e);
    case_setup(&c);
    arena_init(&a);
    forms[0] = tabalong_files("governance", &a);
    forms[1] = tabalong_files("society", &a);
}

static void teardown(void)
{
    arena_done(&a);
    case_teardown(&c);
}

static struct practice_new practice(uint32_t each)
{
    return (struct practice_new){.path = c.path,
                                 .forms = forms,
                                 .n_forms = 2,
                                 .passphrase = c.passphrase,
                                 .title = STR("Latihan"),
                                 .user = STR("Rina"),
                                 .profile = tabalong_file("practice.profile", &a),
                                 .seed = 7,
                                 .each = each};
}

/* ---- what is in a store, without what is random ---- */

struct told {
    struct store *s;
    struct survey *sv;
    struct buf text;
    uint32_t records;
    bool valid;
};

static struct instant end_now(void *ctx)
{
    (void)ctx;
    return (struct instant){INT64_C(1790000000000), 480};
}

static int32_t end_offset(void *ctx, int64_t ms, bool local)
{
    (void)ctx, (void)ms, (void)local;
    return 480;
}

static void end_random(void *ctx, void *out, size_t n)
{
    (void)ctx;
    memset(out, 1, n);
}

static void tell(void *ctx, struct str line)
{
    ck_abort_msg("%.*s", STR_FMT(line));
    (void)ctx;
}

static void read_back(struct told *t, const struct revision *rev, struct str xml)
{
    const struct form *f;
    struct interview *iv;
    struct place at;
    struct host host = {.now = end_now, .offset = end_offset, .random = end_random};
    uint32_t lost;
    case_ok(survey_form(t->sv, &rev->form, &f, &e), &e);
    case_ok(interview_read(&iv, f, &host, xml, false, &lost, &e), &e);
    t->valid = t->valid && !interview_first_open(iv, NULL, false, &at);
    interview_free(iv);
}

static bool add_record(void *ctx, const struct revision *rev, enum revision_state state,
                       struct str summary)
{
    struct told *t = ctx;
    struct record r;
    (void)state;
    record_init(&r);
    case_ok(record_load(t->s, rev, true, &r, &e), &e);
    hex_add(&t->text, rev->rev_id.b, 32);
    buf_add_str(&t->text, buf_str(&r.xml));
    buf_add_str(&t->text, buf_str(&r.audit));
    buf_add_str(&t->text, summary);
    if (t->sv)
        read_back(t, rev, buf_str(&r.xml));
    t->records++;
    record_wipe(&r);
    return true;
}

static void describe(struct told *t, bool read)
{
    struct survey *sv = NULL;
    case_ok(survey_open(&sv, c.path, c.passphrase, &e), &e);
    *t = (struct told){.s = survey_store(sv), .sv = read ? sv : NULL, .valid = true};
    buf_init(&t->text, 256 << 20);
    case_ok(store_revision_each(t->s, add_record, t, &e), &e);
    survey_close(sv);
}

/* ---- tests ---- */

START_TEST(test_practice__same_seed_same_records)
{
    struct practice_new n = practice(20);
    struct told one, two;
    case_ok(practice_make(&n, &e), &e);
    describe(&one, true);
    ck_assert_uint_eq(one.records, 40);
    ck_assert(one.valid);
    case_ok(practice_drop(c.path, &e), &e);
    case_ok(practice_make(&n, &e), &e);
    describe(&two, false);
    ck_assert(str_eq(buf_str(&one.text), buf_str(&two.text)));
    buf_done(&one.text);
    buf_done(&two.text);
}
END_TEST

START_TEST(test_practice__another_seed_other_records)
{
    struct practice_new n = practice(3);
    struct told one, two;
    case_ok(practice_make(&n, &e), &e);
    describe(&one, false);
    case_ok(practice_drop(c.path, &e), &e);
    n.seed = 8;
    case_ok(practice_make(&n, &e), &e);
    describe(&two, false);
    ck_assert(!str_eq(buf_str(&one.text), buf_str(&two.text)));
    buf_done(&one.text);
    buf_done(&two.text);
}
END_TEST

START_TEST(test_practice__is_a_sound_laptop_and_leaves_nothing_beside_it)
{
    struct practice_new n = practice(2);
    struct store *s;
    struct buf text;
    bool there;
    uint64_t faults;
    char leftover[200];
    case_ok(practice_make(&n, &e), &e);
    s = case_open(&c);
    ck_assert(store_identity(s)->practice && store_identity(s)->kind == STORE_FIELD);
    case_ok(store_verify(s, tell, NULL, &faults, &e), &e);
    ck_assert_uint_eq(faults, 0);
    buf_init(&text, 1 << 20);
    case_ok(store_config_get(s, "assignments", &text, &there, &e), &e);
    ck_assert(there && str_starts(buf_str(&text), STR("id,form_id,to,")));
    ck_assert_ptr_nonnull(strstr(text.p, "dampak_gov"));
    buf_done(&text);
    store_close(s);
    /* The throw-away office and its folder are gone. */
    snprintf(leftover, sizeof leftover, "ls -A %s | grep -qv '^field.cacah'", c.folder);
    ck_assert_int_ne(system(leftover), 0);
}
END_TEST

START_TEST(test_practice__again_goes_on_with_other_interviews)
{
    struct practice_new n = practice(0);
    struct sim_profile p;
    struct sim_stored first, second;
    struct survey *sv;
    const struct form *f;
    case_ok(practice_make(&n, &e), &e);
    case_ok(survey_open(&sv, c.path, c.passphrase, &e), &e);
    struct hash32 hash = form_files_hash(&forms[0]);
    case_ok(survey_form(sv, &hash, &f, &e), &e);
    sim_profile_init(&p);
    case_ok(sim_store(sv, &hash, f, &p, 5, 1, &first, &e), &e);
    case_ok(sim_store(sv, &hash, f, &p, 5, 1, &second, &e), &e);
    ck_assert_uint_eq(first.records, 5);
    ck_assert_uint_eq(second.records, 5);
    ck_assert_int_gt(second.first_ms, first.last_ms);
    struct store_counts counts;
    case_ok(store_counts(survey_store(sv), &counts, &e), &e);
    ck_assert_uint_eq(counts.revisions, 10);
    ck_assert_uint_eq(counts.drafts, 1); /* an assignment that was visited */
    sim_profile_done(&p);
    survey_close(sv);
}
END_TEST

START_TEST(test_practice__real_stores_take_no_simulation_and_are_not_dropped)
{
    struct survey *sv;
    struct sim_profile p;
    struct sim_stored done;
    struct form *f = tabalong_form("governance");
    struct hash32 hash = {{0}};
    struct stat st;
    sim_profile_init(&p);
    store_close(case_create(&c, STORE_FIELD));
    case_ok(survey_open(&sv, c.path, c.passphrase, &e), &e);
    ck_assert(!sim_store(sv, &hash, f, &p, 1, 1, &done, &e));
    ck_assert_ptr_eq(e.kind, &ERR_SIM_REAL);
    err_clear(&e);
    survey_close(sv);
    ck_assert(!practice_drop(c.path, &e));
    ck_assert_ptr_eq(e.kind, &ERR_NOT_PRACTICE);
    ck_assert_int_eq(stat(c.path, &st), 0);
    err_clear(&e);
    struct practice_new n = practice(0);
    ck_assert(!practice_make(&n, &e)); /* nor written over */
    ck_assert_ptr_eq(e.kind, &ERR_STORE_EXISTS);
    sim_profile_done(&p);
    form_free(f);
}
END_TEST

START_TEST(test_practice__a_failure_leaves_no_store)
{
    struct practice_new n = practice(1);
    struct stat st;
    n.profile = STR("no such line");
    ck_assert(!practice_make(&n, &e));
    ck_assert_ptr_eq(e.kind, &ERR_PROFILE_LINE);
    ck_assert_int_ne(stat(c.path, &st), 0);
}
END_TEST

/* Once there is something in its folder. */
static void kill_making(const struct practice_new *n)
{
    char half[120];
    int status;
    snprintf(half, sizeof half, "%s.making/store", c.path);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0)
        _exit(practice_make(n, &e) ? 0 : 1);
    while (access(half, F_OK) != 0 && waitpid(child, &status, WNOHANG) == 0)
        usleep(1000);
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    ck_assert_int_eq(access(half, F_OK), 0);
    ck_assert_int_ne(access(c.path, F_OK), 0);
}

START_TEST(test_practice__what_a_killed_making_left_is_cleared_away)
{
    struct practice_new n = practice(1);
    char command[300], log[120], journal[120];
    n.each = 100000; /* long enough not to be ready before it is killed */
    kill_making(&n);
    kill_making(&n); /* what is left over does not keep the second from beginning */
    n.each = 1;
    snprintf(journal, sizeof journal, "%s.making/store-journal", c.path); /* killed very early */
    case_file_write(journal, STR("not a journal"));
    snprintf(log, sizeof log, "%s-wal", c.path); /* of a store removed by hand */
    case_file_write(log, STR("not a log"));
    case_ok(practice_make(&n, &e), &e);
    ck_assert_int_ne(access(log, F_OK), 0);
    snprintf(command, sizeof command, "ls -A %s | grep -qvx 'field.cacah\\|field.cacah.lock'",
             c.folder);
    ck_assert_int_ne(system(command), 0);
    store_close(case_open(&c));
}
END_TEST

START_TEST(test_practice__one_at_a_time)
{
    struct practice_new n = practice(1);
    struct io_lock lock;
    char path[120];
    snprintf(path, sizeof path, "%s.lock", c.path);
    case_ok(io_lock(&lock, path, &e), &e);
    ck_assert(!practice_make(&n, &e));
    ck_assert_ptr_eq(e.kind, &ERR_STORE_BUSY);
    io_unlock(&lock);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("practice");
    TCase *t = tcase_create("all");
    tcase_set_timeout(t, 120);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, test_practice__same_seed_same_records);
    tcase_add_test(t, test_practice__another_seed_other_records);
    tcase_add_test(t, test_practice__is_a_sound_laptop_and_leaves_nothing_beside_it);
    tcase_add_test(t, test_practice__again_goes_on_with_other_interviews);
    tcase_add_test(t, test_practice__real_stores_take_no_simulation_and_are_not_dropped);
    tcase_add_test(t, test_practice__a_failure_leaves_no_store);
    tcase_add_test(t, test_practice__what_a_killed_making_left_is_cleared_away);
    tcase_add_test(t, test_practice__one_at_a_time);
    suite_add_tcase(s, t);
    return s;
}
