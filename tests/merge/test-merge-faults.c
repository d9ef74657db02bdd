/* A merge that is cut off: several bundles, and the power goes, or the process dies, at the N-th operation on
 * the disk. The store opens, verify finds nothing, a bundle is in it whole or not at all, and merging again
 * comes to what it would have been without. A disk that is full or fails once is told, and nothing of the
 * bundle at hand is taken. A second writer is told who holds the store; one bad bundle in a hundred stops
 * nothing. By default some operations are tried; with FAULT_FULL=1 each. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "sync/merge/decide.h"
#include "tests/fault/vfs_fault.h"
#include "tests/support/check_main.h"
#include "tests/support/circle_case.h"
#include "tests/support/tmpdir.h"

#define BUNDLES 4

static struct circle_case c;
static struct err e;
static char bundles[BUNDLES][16];
static struct hash32 after[BUNDLES + 1]; /* the content hash once so many are merged */

static void open_store(const char *name, struct store **ret)
{
    circle_ok(store_open(ret, tmpdir_path(name), c.passphrase, &e), &e);
}

/* Interviews, a correction, an erasure: all that a merge may have to do. */
static void write_bundles(struct store *laptop)
{
    struct tombstone t;
    struct id16 uuid;
    for (int i = 0; i < BUNDLES; i++) {
        snprintf(bundles[i], sizeof bundles[i], "%d.bundle", i);
        struct hash32 rev = circle_interview(&c, laptop, "<data>1</data>", "/nama\tAna", &uuid);
        circle_interview(&c, laptop, "<data>2</data>", "", NULL);
        if (i == 1)
            circle_correct(&c, laptop, &rev, "<data>3</data>");
        if (i == 2)
            circle_ok(store_erase(laptop, &uuid, ERASE_ALL, CIRCLE_NOW, &t, &e), &e);
        circle_bundle(laptop, bundles[i]);
    }
}

static void setup(void)
{
    struct store *s;
    err_clear(&e);
    fault_install();
    circle_setup(&c);
    struct store *laptop = circle_laptop(&c, c.office, "laptop");
    write_bundles(laptop);
    store_close(laptop);
    store_close(c.office);
    circle_copy("office.cacah", "pristine");
    circle_copy("pristine", "reference");
    open_store("reference", &s);
    circle_hash(s, &after[0]);
    for (int i = 0; i < BUNDLES; i++) {
        circle_merge_known(s, bundles[i]);
        circle_hash(s, &after[i + 1]);
    }
    store_close(s);
    open_store("office.cacah", &c.office);
}

static void teardown(void)
{
    fault_clear();
    circle_teardown(&c);
}

/* Merges until the disk fails; how many were acknowledged. */
static int merge_until(struct store *s)
{
    for (int i = 0; i < BUNDLES; i++) {
        struct merge_report r = {0};
        enum merge_outcome outcome;
        struct err why = {0};
        struct merge_ctx m = {.store = s, .now_ms = CIRCLE_NOW};
        if (!merge_file(&m, tmpdir_path(bundles[i]), &r, &outcome, &why, &e))
            return i;
        ck_assert(merge_report_adds_up(&r));
    }
    return BUNDLES;
}

static bool count_told(void *ctx, const struct merge_step *step)
{
    ck_assert_int_eq(step->outcome, MERGE_MERGED);
    ++*(int *)ctx;
    return true;
}

/* The same as a folder, where several share a commit; how many were told to be merged. */
static int merge_folder(struct store *s)
{
    int told = 0;
    bool stopped;
    struct merge_report r = {0};
    struct merge_ctx m = {.store = s, .now_ms = CIRCLE_NOW};
    struct merge_inbox in = {.folder = tmpdir_path("."), .done = count_told, .ctx = &told};
    if (merge_inbox(&m, &in, &r, &stopped, &e))
        ck_assert_int_eq(told, BUNDLES);
    ck_assert_uint_eq(r.files, (unsigned)told); /* what was undone is not reported */
    ck_assert(merge_report_adds_up(&r));
    return told;
}

static void check_sound(struct store *s)
{
    uint64_t faults = 1;
    circle_ok(store_verify(s, NULL, NULL, &faults, &e), &e);
    ck_assert_uint_eq(faults, 0);
}

/* What was told is in; of the rest, up to `ahead` bundles may be, whole. */
static void check_after(struct store *s, unsigned n, int done, int ahead)
{
    struct hash32 now;
    bool whole = false;
    check_sound(s);
    circle_hash(s, &now);
    for (int i = done; i <= done + ahead && i <= BUNDLES; i++)
        whole = whole || hash32_eq(&now, &after[i]);
    ck_assert_msg(whole, "operation %u: half a bundle is in the store", n);
    for (int i = 0; i < BUNDLES; i++)
        circle_merge_known(s, bundles[i]);
    circle_hash(s, &now);
    ck_assert_msg(hash32_eq(&now, &after[BUNDLES]), "operation %u: something was lost", n);
}

/* False: the merge was through before the n-th operation. */
static bool try_one(enum fault_mode mode, bool folder, unsigned n)
{
    struct store *s = NULL;
    int done = 0;
    circle_copy("pristine", "tried");
    unlink(tmpdir_path("tried-wal"));
    unlink(tmpdir_path("tried-shm"));
    fault_arm(mode, n, n);
    if (store_open(&s, tmpdir_path("tried"), c.passphrase, &e))
        done = folder ? merge_folder(s) : merge_until(s);
    if (mode < FAULT_CUT_LOSE && e.kind)
        ck_assert_msg(e.kind->cls == ERR_COULD, "operation %u: %s", n, e.kind->id);
    err_clear(&e);
    bool hit = fault_hit();
    store_close(s);
    if (mode >= FAULT_CUT_LOSE)
        fault_restart();
    else
        fault_clear();
    open_store("tried", &s);
    check_after(s, n, done, folder ? BUNDLES : 1);
    store_close(s);
    return hit;
}

START_TEST(test_merge__cut_off_anywhere_takes_a_bundle_whole_or_not)
{
    unsigned stride = getenv("FAULT_FULL") ? 1 : 17, n = 1;
    while (try_one((enum fault_mode)_i, false, n))
        n += stride;
    ck_assert_uint_gt(n, 60);
}
END_TEST

START_TEST(test_merge__what_was_told_of_a_folder_is_in_whatever_happens)
{
    unsigned stride = getenv("FAULT_FULL") ? 1 : 13, n = 1;
    while (try_one((enum fault_mode)_i, true, n))
        n += stride;
    ck_assert_uint_gt(n, 40);
}
END_TEST

START_TEST(test_merge__a_second_writer_is_told_who_holds_the_store)
{
    struct store *s = NULL;
    ck_assert(!store_open(&s, tmpdir_path("office.cacah"), c.passphrase, &e));
    ck_assert(err_is(&e, &ERR_STORE_BUSY));
    ck_assert_uint_gt(strlen(e.arg[0]), 0);
}
END_TEST

START_TEST(test_merge__ninety_nine_good_and_one_bad)
{
    struct merge_report r = {0};
    struct merge_ctx m = {.store = c.office, .now_ms = CIRCLE_NOW};
    bool stopped;
    struct store *laptop;
    char name[32];
    for (int i = 0; i < BUNDLES; i++)
        unlink(tmpdir_path(bundles[i]));
    open_store("laptop", &laptop);
    for (int i = 0; i < 100; i++) {
        circle_interview(&c, laptop, "<data>x</data>", "", NULL);
        snprintf(name, sizeof name, "a%03d.bundle", i);
        circle_bundle(laptop, name);
    }
    store_close(laptop);
    ck_assert_int_eq(truncate(tmpdir_path("a050.bundle"), 2000), 0);
    struct merge_inbox in = {.folder = tmpdir_path("."), .quarantine = tmpdir_path("bad")};
    circle_ok(merge_inbox(&m, &in, &r, &stopped, &e), &e);
    ck_assert_uint_eq(r.files, 100);
    ck_assert_uint_eq(r.merged, 99);
    ck_assert_uint_eq(r.refused, 1);
    ck_assert(merge_report_adds_up(&r));
    ck_assert_int_eq(access(tmpdir_path("bad/a050.bundle"), F_OK), 0);
    check_sound(c.office);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("merge-faults");
    TCase *t = tcase_create("merge-faults");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 0);
    tcase_add_loop_test(t, test_merge__cut_off_anywhere_takes_a_bundle_whole_or_not, FAULT_ERROR,
                        FAULT_MODES);
    tcase_add_loop_test(t, test_merge__what_was_told_of_a_folder_is_in_whatever_happens,
                        FAULT_ERROR, FAULT_MODES);
    tcase_add_test(t, test_merge__a_second_writer_is_told_who_holds_the_store);
    tcase_add_test(t, test_merge__ninety_nine_good_and_one_bad);
    suite_add_tcase(s, t);
    return s;
}
