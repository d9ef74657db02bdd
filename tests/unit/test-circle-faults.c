/* The way to the office with a disk or stick that fails at the N-th operation, for every N: no partial
 * file is ever taken for one, nothing is lost, and what follows works. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "sync/io/io.h"
#include "tests/support/check_main.h"
#include "tests/support/circle_case.h"
#include "tests/support/tmpdir.h"

static struct circle_case c;
static struct store *laptop;
static struct err e;

/* ---- files that fail ---- */

static unsigned left; /* operations that still work */
static bool failing, hit;
static const struct io_ops *real;

static bool fails(void)
{
    if (!failing)
        return false;
    if (left > 0) {
        left--;
        return false;
    }
    errno = EIO;
    return hit = true;
}

static int f_open(const char *path, int flags, mode_t mode)
{
    return fails() ? -1 : open(path, flags, mode);
}
static ssize_t f_read(int fd, void *p, size_t n)
{
    return fails() ? -1 : read(fd, p, n);
}
static ssize_t f_write(int fd, const void *p, size_t n)
{
    if (fails()) { /* torn: half of it arrives */
        ssize_t half = n > 1 ? write(fd, p, n / 2) : 0;
        (void)half;
        errno = ENOSPC;
        return -1;
    }
    return write(fd, p, n);
}
static off_t f_seek(int fd, off_t at, int whence)
{
    return fails() ? -1 : lseek(fd, at, whence);
}
static int f_sync(int fd)
{
    return fails() ? -1 : fsync(fd);
}
static int f_rename(const char *from, const char *to)
{
    return fails() ? -1 : rename(from, to);
}
static int f_unlink(const char *path)
{
    return unlink(path); /* tidying up is not what is tried here */
}

static const struct io_ops faulty = {
    .open = f_open,
    .read = f_read,
    .write = f_write,
    .seek = f_seek,
    .sync = f_sync,
    .close = close,
    .rename = f_rename,
    .unlink = f_unlink,
    .room = statvfs,
};

static void fail_after(unsigned n)
{
    left = n;
    failing = true;
    hit = false;
    real = io_use(&faulty);
}

/* Whether the fault came. */
static bool mend(void)
{
    failing = false;
    io_use(real);
    return hit;
}

static void setup(void)
{
    err_clear(&e);
    circle_setup(&c);
    laptop = circle_laptop(&c, c.office, "laptop");
    circle_interview(&c, laptop, "<data>1</data>", "nama\tSiti", NULL);
}

static void teardown(void)
{
    store_close(laptop);
    circle_teardown(&c);
}

static bool exists(const char *name)
{
    return access(tmpdir_path(name), F_OK) == 0;
}

#define OPERATIONS_MAX 200

START_TEST(test_faults__a_bundle_is_whole_or_not_there)
{
    unsigned n = 0;
    for (bool fault = true; fault; n++) {
        struct bundle_written w;
        ck_assert_uint_lt(n, OPERATIONS_MAX);
        fail_after(n);
        bool done = bundle_write(laptop, tmpdir_path("x.bundle"), CIRCLE_NOW, &w, &e);
        fault = mend();
        ck_assert(!exists("x.bundle.part"));
        if (done) {
            circle_merge(c.office, "x.bundle", NULL, NULL);
            unlink(tmpdir_path("x.bundle"));
        } else {
            ck_assert_ptr_nonnull(e.kind);
            if (exists("x.bundle")) /* named, but the folder was not synced: whole all the same */
                circle_merge(c.office, "x.bundle", &(enum merge_outcome){0}, NULL);
            unlink(tmpdir_path("x.bundle"));
        }
        err_clear(&e);
    }
    ck_assert_uint_gt(n, 4);
    circle_bundle(laptop, "last.bundle");
    circle_merge(c.office, "last.bundle", NULL, NULL);
    ck_assert_uint_eq(circle_count(c.office, STANDING_CURRENT, REVISION_HELD), 1);
}
END_TEST

START_TEST(test_faults__a_file_that_cannot_be_read_changes_nothing)
{
    struct hash32 before, after;
    circle_bundle(laptop, "x.bundle");
    circle_hash(c.office, &before);
    unsigned n = 0;
    for (bool fault = true; fault; n++) {
        struct merge_ctx m = {.store = c.office, .now_ms = CIRCLE_NOW};
        struct merge_report r = {0};
        enum merge_outcome outcome;
        struct err why = {0};
        ck_assert_uint_lt(n, OPERATIONS_MAX);
        fail_after(n);
        bool ok = merge_file(&m, tmpdir_path("x.bundle"), &r, &outcome, &why, &e);
        fault = mend();
        circle_ok(ok, &e);
        ck_assert(merge_report_adds_up(&r));
        if (outcome != MERGE_MERGED) {
            ck_assert_int_eq(outcome, MERGE_REFUSED);
            ck_assert_ptr_nonnull(why.kind);
            circle_hash(c.office, &after);
            ck_assert(hash32_eq(&before, &after));
        }
    }
    ck_assert_uint_gt(n, 4);
    ck_assert_uint_eq(circle_count(c.office, STANDING_CURRENT, REVISION_HELD), 1);
}
END_TEST

START_TEST(test_faults__a_kit_or_receipt_that_was_not_written_binds_nobody)
{
    struct receipt_applied a;
    unsigned n = 0;
    circle_bundle(laptop, "x.bundle");
    circle_merge(c.office, "x.bundle", NULL, NULL);
    for (bool fault = true; fault; n++) {
        struct receipt_written w;
        struct receipt_new new = {.device = store_identity(laptop)->device, .now_ms = CIRCLE_NOW};
        ck_assert_uint_lt(n, OPERATIONS_MAX);
        fail_after(n);
        bool done = receipt_write(c.office, tmpdir_path("x.receipt"), &new, &w, &e);
        fault = mend();
        ck_assert(!exists("x.receipt.part"));
        if (done || exists("x.receipt"))
            circle_ok(receipt_apply(laptop, tmpdir_path("x.receipt"), NULL, &a, &(struct err){0}),
                      &(struct err){0});
        unlink(tmpdir_path("x.receipt"));
        err_clear(&e);
    }
    ck_assert_uint_gt(n, 4);
    struct bundle_written w = circle_bundle(laptop, "y.bundle");
    ck_assert_uint_eq(w.records, 0);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("circle-faults");
    TCase *t = tcase_create("circle-faults");
    tcase_set_timeout(t, 120);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, test_faults__a_bundle_is_whole_or_not_there);
    tcase_add_test(t, test_faults__a_file_that_cannot_be_read_changes_nothing);
    tcase_add_test(t, test_faults__a_kit_or_receipt_that_was_not_written_binds_nobody);
    suite_add_tcase(s, t);
    return s;
}
