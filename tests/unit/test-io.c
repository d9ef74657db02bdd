/* Files: there whole or not at all, and every refusal has its name. */
#include "sync/io/io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sync/errors.h"
#include "tests/support/check_main.h"
#include "tests/support/store_case.h"

static struct store_case c;
static struct err e;
static char file[128], part[140];

static void setup(void)
{
    err_clear(&e);
    case_setup(&c);
    snprintf(file, sizeof file, "%s/a.bundle", c.folder);
    snprintf(part, sizeof part, "%s.part", file);
}

static void teardown(void)
{
    io_use(NULL);
    case_teardown(&c);
}

static bool there(const char *path)
{
    return access(path, F_OK) == 0;
}

START_TEST(test_io__written_file_is_read_back)
{
    struct buf out;
    struct stat st;
    buf_init(&out, 100);
    case_ok(io_write_file(file, 0600, STR("first"), &e), &e);
    case_ok(io_write_file(file, 0600, STR("second"), &e), &e);
    case_ok(io_read_file(file, 100, &out, &e), &e);
    ck_assert_str_eq(out.p, "second");
    ck_assert(!there(part));
    ck_assert_int_eq(stat(file, &st), 0);
    ck_assert_int_eq(st.st_mode & 0777, 0600);
    buf_done(&out);
}
END_TEST

START_TEST(test_io__what_is_no_regular_file_is_refused)
{
    char link[140];
    int fd;
    uint64_t size;
    snprintf(link, sizeof link, "%s/link", c.folder);
    case_ok(io_write_file(file, 0600, STR("x"), &e), &e);
    ck_assert_int_eq(symlink(file, link), 0);
    ck_assert(!io_open_read(link, 100, &fd, &size, &e));
    ck_assert_ptr_eq(e.kind, &ERR_FILE_KIND);
    err_clear(&e);
    ck_assert(!io_open_read(c.folder, 100, &fd, &size, &e));
    ck_assert_ptr_eq(e.kind, &ERR_FILE_KIND);
    err_clear(&e);
    ck_assert_int_eq(unlink(link), 0);
    ck_assert_int_eq(mkfifo(link, 0600), 0);
    ck_assert(!io_open_read(link, 100, &fd, &size, &e));
    ck_assert_ptr_eq(e.kind, &ERR_FILE_KIND);
    err_clear(&e);
    ck_assert(!io_open_read(part, 100, &fd, &size, &e));
    ck_assert_ptr_eq(e.kind, &ERR_FILE_ABSENT);
}
END_TEST

START_TEST(test_io__sizes_meet_the_limit)
{
    int fd;
    uint64_t size;
    char bytes[8];
    struct buf small;
    buf_init(&small, 2);
    case_ok(io_write_file(file, 0600, STR("12345"), &e), &e);
    ck_assert(!io_open_read(file, 4, &fd, &size, &e));
    ck_assert_ptr_eq(e.kind, &ERR_FILE_TOO_LARGE);
    err_clear(&e);
    ck_assert(!io_read_file(file, 100, &small, &e));
    ck_assert_ptr_eq(e.kind, &ERR_FILE_TOO_LARGE);
    err_clear(&e);
    case_ok(io_open_read(file, 5, &fd, &size, &e), &e);
    ck_assert_uint_eq(size, 5);
    case_ok(io_seek(fd, 1, &e), &e);
    ck_assert(!io_read_exact(fd, bytes, 5, &e));
    ck_assert_ptr_eq(e.kind, &ERR_FILE_SHORT);
    io_close(fd);
    buf_done(&small);
}
END_TEST

/* ---- faults: the n-th call of one kind fails ---- */

static struct io_ops real;
static int countdown, wanted_errno;

static bool due(void)
{
    if (countdown == 0 || --countdown > 0)
        return false;
    errno = wanted_errno;
    return true;
}

static ssize_t bad_write(int fd, const void *p, size_t n)
{
    if (due())
        return -1;
    return real.write(fd, p, n > 2 ? 2 : n); /* short writes all the way */
}

static int bad_sync(int fd)
{
    return due() ? -1 : real.sync(fd);
}

static int bad_rename(const char *from, const char *to)
{
    return due() ? -1 : real.rename(from, to);
}

static int bad_open(const char *path, int flags, mode_t mode)
{
    return due() ? -1 : real.open(path, flags, mode);
}

static void fails(struct io_ops ops, int nth, int error, const struct err_kind *kind)
{
    struct buf out;
    buf_init(&out, 100);
    io_use(NULL);
    err_clear(&e);
    case_ok(io_write_file(file, 0600, STR("before"), &e), &e);
    io_use(&ops);
    countdown = nth;
    wanted_errno = error;
    ck_assert(!io_write_file(file, 0600, STR("after"), &e));
    ck_assert_str_eq(e.kind->id, kind->id);
    ck_assert_int_eq(e.sys, error);
    io_use(NULL);
    err_clear(&e);
    ck_assert(!there(part));
    case_ok(io_read_file(file, 100, &out, &e), &e);
    ck_assert(strcmp(out.p, "before") == 0 || strcmp(out.p, "after") == 0);
    buf_done(&out);
}

START_TEST(test_io__a_failed_write_leaves_the_old_file)
{
    real = *io_use(NULL);
    struct io_ops writes = real, syncs = real, renames = real, opens = real;
    writes.write = bad_write;
    syncs.sync = bad_sync;
    renames.rename = bad_rename;
    opens.open = bad_open;
    fails(writes, 1, ENOSPC, &ERR_DISK_FULL);
    fails(writes, 2, EDQUOT, &ERR_DISK_FULL);
    fails(writes, 3, EIO, &ERR_FILE_WRITE);
    fails(syncs, 1, EIO, &ERR_FILE_WRITE);
    fails(syncs, 2, EIO, &ERR_FILE_WRITE); /* the folder's: renamed already */
    fails(renames, 1, EROFS, &ERR_DISK_READONLY);
    fails(opens, 1, EROFS, &ERR_DISK_READONLY);
}
END_TEST

START_TEST(test_io__short_writes_are_completed)
{
    struct buf out;
    real = *io_use(NULL);
    struct io_ops ops = real;
    ops.write = bad_write;
    countdown = 0;
    io_use(&ops);
    case_ok(io_write_file(file, 0600, STR("seven__"), &e), &e);
    buf_init(&out, 100);
    case_ok(io_read_file(file, 100, &out, &e), &e);
    ck_assert_str_eq(out.p, "seven__");
    buf_done(&out);
}
END_TEST

START_TEST(test_io__left_over_part_and_link_are_replaced)
{
    char elsewhere[140];
    struct buf out;
    snprintf(elsewhere, sizeof elsewhere, "%s/elsewhere", c.folder);
    case_ok(io_write_file(elsewhere, 0600, STR("mine"), &e), &e);
    ck_assert_int_eq(symlink(elsewhere, part), 0);
    case_ok(io_write_file(file, 0600, STR("new"), &e), &e);
    buf_init(&out, 100);
    case_ok(io_read_file(elsewhere, 100, &out, &e), &e);
    ck_assert_str_eq(out.p, "mine");
    buf_done(&out);
}
END_TEST

START_TEST(test_io__abandoned_file_leaves_nothing)
{
    struct io_new f;
    case_ok(io_create(&f, file, 0600, &e), &e);
    case_ok(io_write(&f, "x", 1, &e), &e);
    ck_assert(there(part));
    io_abandon(&f);
    io_abandon(&f);
    ck_assert(!there(part));
    ck_assert(!there(file));
}
END_TEST

/* ---- locks ---- */

START_TEST(test_lock__second_process_is_told_who_has_it)
{
    struct io_lock lock;
    case_ok(io_lock(&lock, file, &e), &e);
    pid_t child = fork();
    if (child == 0) {
        struct io_lock other;
        char holder[32];
        snprintf(holder, sizeof holder, "%ld", (long)getppid());
        bool refused = !io_lock(&other, file, &e) && err_is(&e, &ERR_STORE_BUSY) &&
                       strlen(e.arg[0]) == sizeof "dd-mm-yyyy hh:mm" - 1 &&
                       strcmp(e.arg[1], holder) == 0;
        _exit(refused ? 0 : 1);
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    io_unlock(&lock);
    case_ok(io_lock(&lock, file, &e), &e);
    io_unlock(&lock);
}
END_TEST

/* A line that no version of ours has written is not shown. */
START_TEST(test_lock__of_an_unknown_holder)
{
    struct io_lock lock, other;
    case_ok(io_lock(&lock, file, &e), &e);
    case_file_write(file, STR("nobody knows"));
    ck_assert(!io_lock(&other, file, &e) && err_is(&e, &ERR_STORE_LOCKED));
    io_unlock(&lock);
}
END_TEST

START_TEST(test_lock__goes_with_its_process)
{
    struct io_lock lock;
    pid_t child = fork();
    if (child == 0)
        _exit(io_lock(&lock, file, &e) ? 0 : 1);
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    case_ok(io_lock(&lock, file, &e), &e);
    io_unlock(&lock);
}
END_TEST

START_TEST(test_io__local_disk_is_no_network)
{
    ck_assert(!io_is_network(c.folder));
    ck_assert(!io_is_network(file)); /* not there: its folder decides */
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("io");
    TCase *t = tcase_create("io");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, test_io__written_file_is_read_back);
    tcase_add_test(t, test_io__what_is_no_regular_file_is_refused);
    tcase_add_test(t, test_io__sizes_meet_the_limit);
    tcase_add_test(t, test_io__a_failed_write_leaves_the_old_file);
    tcase_add_test(t, test_io__short_writes_are_completed);
    tcase_add_test(t, test_io__left_over_part_and_link_are_replaced);
    tcase_add_test(t, test_io__abandoned_file_leaves_nothing);
    tcase_add_test(t, test_lock__second_process_is_told_who_has_it);
    tcase_add_test(t, test_lock__of_an_unknown_holder);
    tcase_add_test(t, test_lock__goes_with_its_process);
    tcase_add_test(t, test_io__local_disk_is_no_network);
    suite_add_tcase(suite, t);
    return suite;
}
