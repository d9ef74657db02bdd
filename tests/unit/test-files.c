/* Files attached to an interview: what is taken, what is refused, and that no kill, undo or correction
 * loses one. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/flow/migrate.h"
#include "app/flow/record.h"
#include "app/flow/session_i.h"
#include "sync/io/io.h"
#include "tests/support/check_main.h"
#include "tests/support/interview_case.h"

/* clang-format off */
static const char form[] =
    "| survey |\n"
    "| | type | name | label | relevant | bind::cacah:pii |\n"
    "| | image | house | Rumah | | |\n"
    "| | image | face | Wajah | | yes |\n"
    "| | text | note | Catatan | | |\n"
    "| | begin repeat | hh | Anggota | | |\n"
    "| | file | paper | Berkas | | |\n"
    "| | end repeat | | | | |\n"
    "| settings |\n"
    "| | form_title | form_id | version | namespaces |\n"
    "| | Foto | photo | 1 | cacah=\"urn:cacah:1\" |\n";

/* The next version, in which the house is personal too. */
static const char newer[] =
    "| survey |\n"
    "| | type | name | label | relevant | bind::cacah:pii |\n"
    "| | image | house | Rumah | | yes |\n"
    "| | image | face | Wajah | | yes |\n"
    "| | text | note | Catatan | | |\n"
    "| settings |\n"
    "| | form_title | form_id | version | namespaces |\n"
    "| | Foto | photo | 2 | cacah=\"urn:cacah:1\" |\n";
/* clang-format on */

#define SIZE ((size_t)600000)

static struct interview_case c;
static struct session *s;
static struct err e;
static struct changes changes;

static void setup(void)
{
    err_clear(&e);
    interview_case_setup(&c, form);
    s = interview_case_begin(&c);
}

static void teardown(void)
{
    io_use(NULL);
    session_close(s);
    s = NULL;
    interview_case_teardown(&c);
}

static void ok(bool done)
{
    case_ok(done, &e);
}

/* A file of that name with bytes drawn from seed; the path lives until the next call. */
static const char *file(const char *name, uint8_t seed, size_t size)
{
    static char path[200];
    FILE *f;
    snprintf(path, sizeof path, "%s/%s", c.store.folder, name);
    f = fopen(path, "wb");
    ck_assert_ptr_nonnull(f);
    for (size_t i = 0; i < size; i++)
        putc(case_byte(seed, i), f);
    fclose(f);
    return path;
}

static void attach(const char *question, const char *name, uint8_t seed, size_t size)
{
    struct place p = at(s, question);
    ok(session_attach(s, &p, file(name, seed, size), NULL, NULL, &changes, &e));
}

static void refused(const char *question, const char *path, const struct err_kind *kind)
{
    struct place p = at(s, question);
    ck_assert(!session_attach(s, &p, path, NULL, NULL, &changes, &e));
    ck_assert_str_eq(e.kind->id, kind->id);
    err_clear(&e);
}

static void resume(void)
{
    struct id16 uuid = *session_uuid(s);
    session_close(s);
    s = NULL;
    interview_case_reopen(&c);
    ok(session_resume(&s, c.sv, &uuid, &e));
}

/* What a kill leaves. */
static void kill_and_resume(void)
{
    struct id16 uuid = *session_uuid(s);
    session_free(s);
    s = NULL;
    interview_case_reopen(&c);
    ok(session_resume(&s, c.sv, &uuid, &e));
}

/* The session knows the answer's file, and the store has it. */
static void holds(const char *question, uint8_t seed, size_t size)
{
    struct place p = at(s, question);
    struct session_file f;
    ck_assert(session_file(s, &p, &f));
    ck_assert(str_eq(f.name, interview_value(s->iv, &p)));
    ck_assert_uint_eq(f.length, size);
    for (size_t i = 0; i < s->n_files; i++)
        if (str_eq(s->files[i].x.name, f.name))
            ck_assert(case_attached(s->store, &s->uuid, &s->files[i].x, seed));
}

static struct hash32 finalise(void)
{
    struct place p;
    struct hash32 rev;
    ok(session_finalise(s, &p, &rev, &e));
    return rev;
}

/* What part 1 and 2 list. */
static void listed(const struct hash32 *rev, size_t open, size_t personal)
{
    for (uint8_t part = 1; part <= 2; part++) {
        struct attachment_list l = {0};
        struct buf b;
        uint8_t salt[32];
        buf_init(&b, LIMIT_RECORD_BYTES);
        struct err why = {0};
        if (store_revision_part(survey_store(c.sv), rev, part, salt, &b, &why))
            ok(attachment_list_read(&l, buf_str(&b), &e));
        ck_assert_uint_eq(l.n, part == 1 ? open : personal);
        attachment_list_done(&l);
        buf_done(&b);
    }
}

/* ---- taken ---- */

START_TEST(test_attach__the_answer_is_a_name_of_ours)
{
    struct place p = at(s, "/data/house");
    struct session_file f;
    attach("/data/house", "Rumah pak Budi.JPG", 1, SIZE);
    holds("/data/house", 1, SIZE);
    ck_assert(session_file(s, &p, &f));
    ck_assert(str_is(f.original, "Rumah pak Budi.JPG"));
    ck_assert(attachment_name_ok(f.name) && str_ends(f.name, STR(".jpg")));
    ck_assert_uint_eq(str_find(f.name, 'B', 0), f.name.n);
}
END_TEST

START_TEST(test_attach__endings_that_are_none_are_left_out)
{
    static const char *const names[] = {
        "noending", ".hidden", "a.b c", "x.tar.gz", "long.verylongending", "ends."};
    static const char *const ends[] = {"", "", "", ".gz", "", ""};
    for (uint8_t i = 0; i < 6; i++) {
        struct place p = at(s, "/data/house");
        struct session_file f;
        attach("/data/house", names[i], i, 100);
        ck_assert(session_file(s, &p, &f));
        size_t dot = str_find(f.name, '.', 0);
        ck_assert_msg(str_is(str_from(f.name, dot), ends[i]), "%s: %.*s", names[i],
                      STR_FMT(f.name));
    }
}
END_TEST

START_TEST(test_attach__nothing_of_it_is_in_the_clear)
{
    const char *path = file("secret.txt", 0, 0);
    FILE *f = fopen(path, "wb");
    for (unsigned i = 0; i < 30000; i++)
        fputs("SANGAT-RAHASIA ", f);
    fclose(f);
    struct place p = at(s, "/data/house");
    ok(session_attach(s, &p, path, NULL, NULL, &changes, &e));
    unlink(path);
    ck_assert(!interview_case_on_disk(&c, "SANGAT-RAHASIA"));
    ck_assert(!interview_case_on_disk(&c, "secret.txt"));
}
END_TEST

static uint64_t told_last, told_all;

/* ctx: how much is let be done, or NULL */
static bool told(void *ctx, uint64_t done, uint64_t all)
{
    const uint64_t *most = ctx;
    ck_assert_uint_ge(done, told_last);
    told_last = done;
    told_all = all;
    return !most || done < *most;
}

START_TEST(test_attach__tells_how_far_it_is)
{
    struct place p = at(s, "/data/house");
    told_last = told_all = 0;
    ok(session_attach(s, &p, file("x.bin", 1, SIZE), told, NULL, &changes, &e));
    ck_assert_uint_gt(told_all, 0);
    ck_assert_uint_eq(told_last, told_all);
}
END_TEST

/* While it is read for the first time, and while it is written. */
START_TEST(test_attach__ended_halfway_changes_nothing)
{
    struct place p = at(s, "/data/house");
    for (uint64_t part = 1; part <= 2; part++) {
        uint64_t most = part * SIZE - SIZE / 2;
        told_last = 0;
        err_clear(&e);
        ck_assert(!session_attach(s, &p, file("x.bin", 1, SIZE), told, &most, &changes, &e));
        ck_assert(err_is(&e, &ERR_ATTACH_STOPPED));
        ck_assert_uint_eq(interview_value(session_interview(s), &p).n, 0);
    }
    err_clear(&e);
    ok(session_attach(s, &p, file("x.bin", 1, SIZE), NULL, NULL, &changes, &e));
    ck_assert_uint_gt(interview_value(session_interview(s), &p).n, 0);
}
END_TEST

/* ---- refused ---- */

START_TEST(test_attach__what_is_refused_changes_nothing)
{
    char path[200], other[200];
    attach("/data/house", "a.jpg", 1, 1000);
    refused("/data/house", "/nowhere/at/all.jpg", &ERR_FILE_ABSENT);
    refused("/data/house", c.store.folder, &ERR_FILE_KIND);
    refused("/data/house", "/dev/null", &ERR_FILE_KIND);
    snprintf(path, sizeof path, "%s/fifo", c.store.folder);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    refused("/data/house", path, &ERR_FILE_KIND);
    snprintf(other, sizeof other, "%s", file("b.jpg", 1, 10));
    snprintf(path, sizeof path, "%s/link", c.store.folder);
    ck_assert_int_eq(symlink(other, path), 0);
    refused("/data/house", path, &ERR_FILE_KIND);
    refused("/data/house", file("empty.jpg", 0, 0), &ERR_ATTACHMENT_EMPTY);
    snprintf(path, sizeof path, "%s", file("large.bin", 0, 0));
    ck_assert_int_eq(truncate(path, (off_t)ATTACHMENT_MAX + 1), 0);
    refused("/data/house", path, &ERR_ATTACH_LARGE);
    holds("/data/house", 1, 1000);
    resume();
    holds("/data/house", 1, 1000);
}
END_TEST

static int no_room(const char *folder, struct statvfs *ret)
{
    (void)folder;
    *ret = (struct statvfs){.f_bavail = 10, .f_frsize = 4096};
    return 0;
}

static struct io_ops changed_ops;
static unsigned seeks;

/* The second time somebody has written into the file. */
static off_t seek_and_change(int fd, off_t to, int whence)
{
    char proc[64], path[200] = {0};
    if (seeks++ == 1) {
        snprintf(proc, sizeof proc, "/proc/self/fd/%d", fd);
        ck_assert_int_gt(readlink(proc, path, sizeof path - 1), 0);
        int out = open(path, O_WRONLY);
        ck_assert_int_eq(write(out, "!", 1), 1);
        close(out);
    }
    return lseek(fd, to, whence);
}

START_TEST(test_attach__no_room_and_a_changing_file_leave_the_answer)
{
    struct place p = at(s, "/data/house");
    attach("/data/house", "a.jpg", 1, 1000);
    const char *path = file("b.jpg", 2, SIZE);
    io_use(NULL);
    changed_ops = *io_use(NULL); /* the system's */
    changed_ops.room = no_room;
    io_use(&changed_ops);
    refused("/data/house", path, &ERR_NO_ROOM);
    io_use(NULL);
    changed_ops = *io_use(NULL);
    changed_ops.seek = seek_and_change;
    seeks = 0;
    io_use(&changed_ops);
    refused("/data/house", path, &ERR_ATTACH_CHANGED);
    io_use(NULL);
    holds("/data/house", 1, 1000);
    ok(session_attach(s, &p, file("b.jpg", 2, SIZE), NULL, NULL, &changes, &e));
    holds("/data/house", 2, SIZE);
    kill_and_resume();
    holds("/data/house", 2, SIZE);
}
END_TEST

/* ---- held ---- */

START_TEST(test_attach__a_kill_loses_nothing)
{
    attach("/data/house", "a.jpg", 1, SIZE);
    kill_and_resume();
    holds("/data/house", 1, SIZE);
    attach("/data/face", "b.jpg", 2, SIZE);
    set(s, "/data/note", "x");
    kill_and_resume();
    holds("/data/house", 1, SIZE);
    holds("/data/face", 2, SIZE);
}
END_TEST

START_TEST(test_attach__undo_and_redo_pass_over_it)
{
    attach("/data/house", "a.jpg", 1, 1000);
    attach("/data/house", "b.jpg", 2, 2000);
    ok(session_undo(s, &changes, &e));
    holds("/data/house", 1, 1000);
    ok(session_redo(s, &changes, &e));
    holds("/data/house", 2, 2000);
    resume();
    ok(session_undo(s, &changes, &e));
    holds("/data/house", 1, 1000);
    ok(session_undo(s, &changes, &e));
    ck_assert(str_is(value(s, "/data/house"), ""));
    kill_and_resume();
    ok(session_redo(s, &changes, &e));
    holds("/data/house", 1, 1000);
}
END_TEST

/* ---- the record ---- */

START_TEST(test_finalise__lists_what_are_answers_and_drops_the_rest)
{
    struct place p = at(s, "/data/hh");
    struct session_file f;
    attach("/data/house", "a.jpg", 1, 1000);
    attach("/data/house", "b.jpg", 2, 2000);
    attach("/data/face", "c.jpg", 3, 3000);
    ok(session_add(s, &p, &p, &changes, &e));
    attach("/data/hh[1]/paper", "d.pdf", 4, 4000);
    struct id16 uuid = s->uuid;
    struct attachment replaced = s->files[0].x, kept = s->files[1].x, face = s->files[2].x;
    struct place face_at = at(s, "/data/face");
    ck_assert(session_file(s, &face_at, &f));
    char name[80];
    snprintf(name, sizeof name, "%.*s", STR_FMT(f.name));
    struct hash32 rev = finalise();
    listed(&rev, 2, 1);
    struct store *store = survey_store(c.sv);
    ck_assert(!case_attached(store, &uuid, &replaced, 1));
    ck_assert(case_attached(store, &uuid, &kept, 2));
    ck_assert(case_attached(store, &uuid, &face, 3));
    /* A personal one is named where personal answers are. */
    struct revision r;
    struct record rec;
    bool there;
    ok(store_revision_get(store, &rev, &r, &there, &e));
    record_init(&rec);
    ok(record_load(store, &r, false, &rec, &e));
    ck_assert_ptr_null(strstr(rec.xml.p, name));
    ok(record_load(store, &r, true, &rec, &e));
    ck_assert_ptr_nonnull(strstr(rec.xml.p, name));
    record_wipe(&rec);
}
END_TEST

START_TEST(test_correction__lists_the_same_without_their_bytes)
{
    attach("/data/house", "a.jpg", 1, 1000);
    attach("/data/face", "b.jpg", 2, 2000);
    struct hash32 first = finalise(), second;
    session_close(s);
    ok(session_correct(&s, c.sv, &first, &e));
    holds("/data/house", 1, 1000);
    kill_and_resume();
    holds("/data/face", 2, 2000);
    attach("/data/face", "c.jpg", 3, 3000);
    set(s, "/data/note", "corrected");
    second = finalise();
    listed(&second, 1, 1);
    ck_assert(!hash32_eq(&first, &second));
}
END_TEST

START_TEST(test_void__takes_them_along)
{
    attach("/data/house", "a.jpg", 1, 1000);
    struct attachment x = s->files[0].x;
    struct id16 uuid = s->uuid;
    x.name = STR("");
    ok(session_void(s, STR("mistake"), &e));
    ck_assert(!case_attached(survey_store(c.sv), &uuid, &x, 1));
}
END_TEST

START_TEST(test_migrate__what_became_personal_is_sealed_as_such)
{
    struct form_files f = {.form = {STR("photo.md"), str_of(newer)}};
    struct hash32 to, rev;
    struct tombstone t;
    attach("/data/house", "a.jpg", 1, SIZE);
    struct attachment x = s->files[0].x;
    struct id16 uuid = s->uuid;
    x.name = STR("");
    session_close(s);
    s = NULL;
    ok(store_form_put(survey_store(c.sv), &f, &to, &e));
    ok(migrate_draft(c.sv, &uuid, &to, &e));
    ok(session_resume(&s, c.sv, &uuid, &e));
    holds("/data/house", 1, SIZE);
    rev = finalise();
    listed(&rev, 0, 1);
    ck_assert(case_attached(survey_store(c.sv), &uuid, &x, 1));
    ok(store_erase(survey_store(c.sv), &uuid, ERASE_PII, 9000, &t, &e));
    ck_assert(!case_attached(survey_store(c.sv), &uuid, &x, 1));
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("files");
    TCase *t = tcase_create("files");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, test_attach__the_answer_is_a_name_of_ours);
    tcase_add_test(t, test_attach__endings_that_are_none_are_left_out);
    tcase_add_test(t, test_attach__nothing_of_it_is_in_the_clear);
    tcase_add_test(t, test_attach__tells_how_far_it_is);
    tcase_add_test(t, test_attach__ended_halfway_changes_nothing);
    tcase_add_test(t, test_attach__what_is_refused_changes_nothing);
    tcase_add_test(t, test_attach__no_room_and_a_changing_file_leave_the_answer);
    tcase_add_test(t, test_attach__a_kill_loses_nothing);
    tcase_add_test(t, test_attach__undo_and_redo_pass_over_it);
    tcase_add_test(t, test_finalise__lists_what_are_answers_and_drops_the_rest);
    tcase_add_test(t, test_correction__lists_the_same_without_their_bytes);
    tcase_add_test(t, test_void__takes_them_along);
    tcase_add_test(t, test_migrate__what_became_personal_is_sealed_as_such);
    suite_add_tcase(suite, t);
    return suite;
}
