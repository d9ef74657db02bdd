/* Attached files in the store: in and out, what keeps and what removes them, and what verify sees. */
#include "sync/store/attach.h"

#include <stdio.h>

#include "sync/io/io.h"
#include "tests/support/check_main.h"
#include "tests/support/store_case.h"

#define LARGE (2 * ATTACHMENT_CHUNK + 1000)

static struct store_case c;
static struct store *s;
static struct hash32 form;
static struct id16 uuid;
static struct err e;

static void start(enum store_kind kind)
{
    err_clear(&e);
    case_setup(&c);
    s = case_create(&c, kind);
    form = case_form(s);
    uuid = case_draft(s, &form, 3);
}

static void setup(void)
{
    start(STORE_FIELD);
}

static void teardown(void)
{
    io_use(NULL);
    store_close(s);
    case_teardown(&c);
}

static void ok(bool done)
{
    case_ok(done, &e);
}

static void reopen(void)
{
    store_close(s);
    s = NULL;
    s = case_open(&c);
}

static void say_none(void *ctx, struct str line)
{
    (void)ctx;
    ck_abort_msg("verify: %.*s", STR_FMT(line));
}

static void say_first(void *ctx, struct str line)
{
    struct buf *b = ctx;
    if (b->n == 0)
        buf_add_str(b, line);
}

static void whole(void)
{
    uint64_t faults;
    ok(store_verify(s, say_none, NULL, &faults, &e));
}

/* That verify finds something, and says this of it first. */
static void at_fault(const char *what)
{
    struct buf first;
    uint64_t faults;
    buf_init(&first, 1000);
    ok(store_verify(s, say_first, &first, &faults, &e));
    ck_assert_uint_gt(faults, 0);
    ck_assert_msg(strstr(first.p, what), "%s", first.p);
    buf_done(&first);
}

static struct hash32 finalise(const struct attachment *open, size_t n_open,
                              const struct attachment *personal, size_t n_personal)
{
    struct buf one, two;
    struct hash32 rev;
    buf_init(&one, 100000);
    buf_init(&two, 100000);
    case_part(&one, "<data/>", open, n_open);
    case_part(&two, "/data/name", personal, n_personal);
    struct revision_new r = {.part1 = buf_str(&one),
                             .part2 = buf_str(&two),
                             .outcome = 1,
                             .summary = STR("done"),
                             .now_ms = 5000};
    ok(store_draft_finalise(s, &uuid, &r, &rev, &e));
    buf_done(&one);
    buf_done(&two);
    return rev;
}

static int chunks(void)
{
    store_close(s);
    s = NULL;
    int n = case_count(&c, "SELECT count(*) FROM chunk");
    s = case_open(&c);
    return n;
}

/* ---- in and out ---- */

START_TEST(test_attach__comes_out_as_it_went_in)
{
    static const size_t sizes[] = {
        1, 999, ATTACHMENT_CHUNK - 1, ATTACHMENT_CHUNK, ATTACHMENT_CHUNK + 1, LARGE};
    struct attachment x[6];
    for (uint8_t i = 0; i < 6; i++)
        x[i] = case_attach(s, &uuid, i % 2, i, sizes[i]);
    for (uint8_t i = 0; i < 6; i++)
        ck_assert(case_attached(s, &uuid, &x[i], i));
    reopen();
    for (uint8_t i = 0; i < 6; i++)
        ck_assert(case_attached(s, &uuid, &x[i], i));
    whole();
}
END_TEST

START_TEST(test_attach__refused_before_anything_is_written)
{
    struct attaching *a = NULL;
    uint8_t salt[32] = {1};
    ok(store_begin(s, &e));
    ck_assert(!store_attach_begin(&a, s, &uuid, false, 0, salt, &e));
    ck_assert_ptr_eq(e.kind, &ERR_ATTACHMENT_EMPTY);
    err_clear(&e);
    ck_assert(!store_attach_begin(&a, s, &uuid, false, ATTACHMENT_MAX + 1, salt, &e));
    ck_assert_ptr_eq(e.kind, &ERR_STORE_LIMIT);
    err_clear(&e);
    store_rollback(s);
    ck_assert_int_eq(chunks(), 0);
}
END_TEST

static int no_room(const char *folder, struct statvfs *ret)
{
    (void)folder;
    *ret = (struct statvfs){.f_bavail = 1000, .f_frsize = 4096};
    return 0;
}

START_TEST(test_attach__a_full_disk_is_seen_first)
{
    struct attaching *a = NULL;
    uint8_t salt[32] = {1};
    const struct io_ops *system = io_use(NULL);
    struct io_ops full = *io_use(system ? system : NULL);
    full.room = no_room;
    io_use(&full);
    ok(store_begin(s, &e));
    ck_assert(!store_attach_begin(&a, s, &uuid, false, LARGE, salt, &e));
    ck_assert_ptr_eq(e.kind, &ERR_NO_ROOM);
    err_clear(&e);
    store_rollback(s);
}
END_TEST

/* ---- undone, wrong ---- */

START_TEST(test_attach__half_of_one_leaves_nothing)
{
    struct attaching *a = NULL;
    struct attachment x;
    uint8_t salt[32] = {1}, bytes[1000] = {0};
    ok(store_begin(s, &e));
    ok(store_attach_begin(&a, s, &uuid, false, LARGE, salt, &e));
    for (unsigned i = 0; i < LARGE / 2000; i++)
        ok(store_attach_add(a, bytes, sizeof bytes, &e));
    store_attach_free(a);
    store_rollback(s);
    ck_assert_int_eq(chunks(), 0);
    x = case_attach(s, &uuid, false, 7, LARGE); /* the number is given again */
    ck_assert(case_attached(s, &uuid, &x, 7));
    whole();
}
END_TEST

START_TEST(test_attach__another_commitment_is_refused)
{
    struct attaching *a = NULL;
    uint8_t salt[32] = {1}, bytes[1000] = {0};
    struct hash32 other = {{9}};
    ok(store_begin(s, &e));
    ok(store_attach_begin(&a, s, &uuid, false, sizeof bytes, salt, &e));
    ok(store_attach_add(a, bytes, sizeof bytes, &e));
    ck_assert(!store_attach_add(a, bytes, 1, &e)); /* more than announced */
    ck_assert_ptr_eq(e.kind, &ERR_ATTACHMENT_WRONG);
    err_clear(&e);
    ck_assert(!store_attach_end(a, &other, NULL, &e));
    ck_assert_ptr_eq(e.kind, &ERR_ATTACHMENT_WRONG);
    err_clear(&e);
    store_attach_free(a);
    ok(store_commit(s, &e)); /* of the refused one nothing is left in it */
    ck_assert_int_eq(chunks(), 0);
    whole();
}
END_TEST

START_TEST(test_read__another_salt_is_seen)
{
    struct attachment x = case_attach(s, &uuid, false, 1, 1000);
    x.salt[0] ^= 1;
    ck_assert(!store_attachment_read(s, &uuid, &x, NULL, NULL, &e));
    ck_assert_ptr_eq(e.kind, &ERR_ATTACHMENT_WRONG);
    err_clear(&e);
    x.c.b[0] ^= 1;
    ck_assert(!store_attachment_read(s, &uuid, &x, NULL, NULL, &e));
    ck_assert_ptr_eq(e.kind, &ERR_ATTACHMENT_MISSING);
}
END_TEST

/* ---- what keeps them ---- */

START_TEST(test_finalise__keeps_what_the_record_lists)
{
    struct attachment x[] = {case_attach(s, &uuid, false, 1, LARGE),
                             case_attach(s, &uuid, false, 2, 1000),
                             case_attach(s, &uuid, true, 3, 2000)};
    struct attachment_list l = {0};
    struct buf parts;
    struct hash32 rev = finalise(x, 1, x + 2, 1);
    ck_assert(case_attached(s, &uuid, &x[0], 1));
    ck_assert(!case_attached(s, &uuid, &x[1], 2)); /* replaced before the end */
    ck_assert(case_attached(s, &uuid, &x[2], 3));
    buf_init(&parts, 100000);
    ok(store_attachments_of(s, &rev, &parts, &l, &e));
    ck_assert_uint_eq(l.n, 2);
    ck_assert(hash32_eq(&l.v[0].c, &x[0].c));
    ck_assert(hash32_eq(&l.v[1].c, &x[2].c));
    ck_assert_uint_eq(l.v[0].length, LARGE);
    attachment_list_done(&l);
    buf_done(&parts);
    whole();
}
END_TEST

START_TEST(test_correction__keeps_those_of_the_record_before)
{
    struct attachment x = case_attach(s, &uuid, false, 1, 1000), y;
    struct hash32 rev = finalise(&x, 1, NULL, 0);
    struct id16 again;
    ok(store_draft_begin(s, &form, &rev, &uuid, 6000, STR("again"), STR("note"), &again, &e));
    y = case_attach(s, &uuid, false, 2, 2000);
    ok(store_draft_void(s, &uuid, STR("mistake"), 7000, &e));
    ck_assert(case_attached(s, &uuid, &x, 1));
    ck_assert(!case_attached(s, &uuid, &y, 2));
    ok(store_draft_begin(s, &form, &rev, &uuid, 8000, STR("again"), STR("note"), &again, &e));
    y = case_attach(s, &uuid, false, 3, 2000);
    rev = finalise(&y, 1, NULL, 0);
    ck_assert(case_attached(s, &uuid, &x, 1)); /* the record before lists it */
    ck_assert(case_attached(s, &uuid, &y, 3));
    whole();
}
END_TEST

/* ---- what removes them ---- */

START_TEST(test_void__removes_them)
{
    struct attachment x = case_attach(s, &uuid, false, 1, LARGE);
    ok(store_draft_void(s, &uuid, STR("mistake"), 7000, &e));
    ck_assert(!case_attached(s, &uuid, &x, 1));
    ck_assert_int_eq(chunks(), 0);
    whole();
}
END_TEST

START_TEST(test_erase__personal_ones_or_all)
{
    struct attachment x[] = {case_attach(s, &uuid, false, 1, LARGE),
                             case_attach(s, &uuid, true, 2, 1000)};
    struct attaching *a = NULL;
    struct tombstone t;
    finalise(x, 1, x + 1, 1);
    ok(store_erase(s, &uuid, ERASE_PII, 6000, &t, &e));
    ck_assert(case_attached(s, &uuid, &x[0], 1));
    ck_assert(!case_attached(s, &uuid, &x[1], 2));
    whole();
    ok(store_begin(s, &e));
    ck_assert(!store_attach_begin(&a, s, &uuid, true, 10, x[0].salt, &e));
    ck_assert_ptr_eq(e.kind, &ERR_PART_ERASED);
    err_clear(&e);
    store_rollback(s);
    ok(store_erase(s, &uuid, ERASE_ALL, 7000, &t, &e));
    ck_assert(!case_attached(s, &uuid, &x[0], 1));
    ck_assert_int_eq(chunks(), 0);
    whole();
}
END_TEST

START_TEST(test_erase__a_draft_with_them)
{
    struct tombstone t;
    case_attach(s, &uuid, false, 1, 1000);
    ok(store_erase(s, &uuid, ERASE_PII, 6000, &t, &e));
    ck_assert_int_eq(chunks(), 0);
    whole();
}
END_TEST

START_TEST(test_purge__removes_them)
{
    struct attachment x = case_attach(s, &uuid, false, 1, 1000);
    struct hash32 rev = finalise(&x, 1, NULL, 0);
    bool done;
    ok(store_revision_set_state(s, &rev, REVISION_SAFE, &e));
    ok(store_purge(s, &uuid, &done, &e));
    ck_assert(done);
    ck_assert_int_eq(chunks(), 0);
    whole();
}
END_TEST

/* ---- new keys, copies ---- */

START_TEST(test_rekey__they_open_under_the_new_keys)
{
    struct attachment x = case_attach(s, &uuid, true, 1, LARGE);
    struct secret *other = secret_copy("another passphrase", 18);
    ok(store_rekey(s, other, &e));
    ck_assert(case_attached(s, &uuid, &x, 1));
    store_close(s);
    s = NULL;
    ok(store_open(&s, c.path, other, &e));
    ck_assert(case_attached(s, &uuid, &x, 1));
    whole();
    secret_free(other);
}
END_TEST

START_TEST(test_backup__has_them)
{
    struct attachment x = case_attach(s, &uuid, false, 1, LARGE);
    struct store *copy = NULL;
    char path[128], restored[128];
    snprintf(path, sizeof path, "%s/copy", c.folder);
    snprintf(restored, sizeof restored, "%s/restored", c.folder);
    ok(store_backup(s, path, &e));
    ok(store_restore(&copy, path, restored, c.passphrase, &e));
    ck_assert(case_attached(copy, &uuid, &x, 1));
    store_close(copy);
}
END_TEST

/* ---- at an office ---- */

static void setup_office(void)
{
    start(STORE_OFFICE);
}

static struct revision foreign(struct part *one, const struct attachment *v, size_t n,
                               struct buf *bytes)
{
    struct revision r = {.uuid = {{7}}, .device = {{8}}, .form = form, .outcome = 1};
    buf_init(bytes, 100000);
    case_part(bytes, "<data/>", v, n);
    *one = (struct part){.salt = {1}, .bytes = buf_str(bytes)};
    r.c1 = part_commitment(one->salt, 1, one->bytes);
    r.rev_id = revision_id(&r, &store_identity(s)->survey);
    return r;
}

static bool take_state(void *ctx, const struct revision *r, enum revision_state state)
{
    (void)r;
    *(enum revision_state *)ctx = state;
    return true;
}

static enum revision_state state_of(const struct id16 *of)
{
    enum revision_state state = REVISION_PENDING;
    ok(store_revision_of(s, of, take_state, &state, &e));
    return state;
}

START_TEST(test_office__incomplete_until_the_files_are_there)
{
    struct buf bytes;
    struct part one;
    bool fresh;
    struct attachment x = {.name = STR("1-01.jpg"), .length = 1000};
    uint8_t file[1000] = {0};
    struct hasher h;
    struct attaching *a = NULL;
    attachment_commit_start(&h, x.salt, x.length);
    hasher_add(&h, file, sizeof file);
    x.c = attachment_commit_end(&h);
    struct revision r = foreign(&one, &x, 1, &bytes);
    ok(store_revision_put(s, &r, &one, NULL, REVISION_HELD, STR("one"), &fresh, &e));
    ck_assert(fresh);
    ck_assert_int_eq(state_of(&r.uuid), REVISION_INCOMPLETE);
    ok(store_revision_put(s, &r, &one, NULL, REVISION_HELD, STR("one"), &fresh, &e));
    ck_assert(!fresh);
    whole();
    ok(store_begin(s, &e));
    ok(store_attach_begin(&a, s, &r.uuid, false, x.length, x.salt, &e));
    ok(store_attach_add(a, file, sizeof file, &e));
    ok(store_attach_end(a, &x.c, NULL, &e));
    store_attach_free(a);
    ok(store_revision_put(s, &r, &one, NULL, REVISION_HELD, STR("one"), &fresh, &e));
    ok(store_commit(s, &e));
    ck_assert(fresh);
    ck_assert_int_eq(state_of(&r.uuid), REVISION_HELD);
    whole();
    buf_done(&bytes);
}
END_TEST

START_TEST(test_office__bad_lists_refuse_the_record)
{
    struct attachment good = {.name = STR("1-01.jpg"), .length = 1000}, x;
    for (unsigned i = 0; i < 4; i++) {
        struct buf bytes;
        struct part one;
        bool fresh;
        x = good;
        if (i == 0)
            x.length = 0;
        if (i == 1)
            x.length = ATTACHMENT_MAX + 1;
        struct revision r = foreign(&one, &x, 1, &bytes);
        if (i >= 2) { /* behind the encoder's back: "../x.jpg", "1-01/jpg" */
            char *at = memmem(bytes.p, bytes.n, "1-01.jpg", 8);
            memcpy(at, i == 2 ? "../x.jpg" : "1-01/jpg", 8);
            r.c1 = part_commitment(one.salt, 1, one.bytes);
            r.rev_id = revision_id(&r, &store_identity(s)->survey);
        }
        ck_assert(!store_revision_put(s, &r, &one, NULL, REVISION_HELD, STR(""), &fresh, &e));
        ck_assert_ptr_eq(e.kind, &ERR_REVISION_INVALID);
        err_clear(&e);
        buf_done(&bytes);
    }
}
END_TEST

/* ---- somebody who has only the file ---- */

static void changed(const char *sql)
{
    store_close(s);
    s = NULL;
    case_sql(&c, sql);
    s = case_open(&c);
}

START_TEST(test_tamper__chunks_and_rows)
{
    static const struct {
        const char *sql, *said;
    } cases[] = {
        {"UPDATE chunk SET at = -1 WHERE at = 256; UPDATE chunk SET at = 256 WHERE at = 257; "
         "UPDATE chunk SET at = 257 WHERE at = -1",
         "chunk row 256 does not fit"},
        {"UPDATE chunk SET at = -1 WHERE at = 256; UPDATE chunk SET at = 256 WHERE at = 512; "
         "UPDATE chunk SET at = 512 WHERE at = -1",
         "chunk row 256 does not fit"},
        {"DELETE FROM chunk WHERE at = 258", "some of its chunks are missing"},
        {"DELETE FROM chunk WHERE at = 256", "some of its chunks are missing"},
        {"UPDATE chunk SET sealed = substr(sealed, 1, 1000) WHERE at = 257", "the wrong size"},
        {"UPDATE chunk SET sealed = zeroblob(length(sealed)) WHERE at = 258",
         "chunk row 258 does not fit"},
        {"INSERT INTO chunk SELECT at + 1000000, sealed FROM chunk", "belongs to no attachment"},
        {"UPDATE attachment SET interview = 2 WHERE no = 1", "attachment row 1 does not fit"},
        {"UPDATE attachment SET c = zeroblob(32) WHERE no = 1", "attachment row 1 does not fit"},
        {"UPDATE attachment SET sealed = (SELECT sealed FROM attachment WHERE no = 2)",
         "attachment row 1 does not fit"},
    };
    struct attachment x[] = {case_attach(s, &uuid, false, 1, LARGE),
                             case_attach(s, &uuid, true, 2, ATTACHMENT_CHUNK)};
    struct buf file;
    finalise(x, 1, x + 1, 1);
    whole();
    store_close(s);
    buf_init(&file, (size_t)1 << 24);
    case_file_read(c.path, &file);
    s = case_open(&c);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        changed(cases[i].sql);
        at_fault(cases[i].said);
        store_close(s);
        s = NULL;
        case_file_write(c.path, buf_str(&file));
        s = case_open(&c);
    }
    buf_done(&file);
    store_close(s);
    s = NULL;
    case_sql(&c, "DELETE FROM attachment WHERE no = 2");
    case_refused(&c, &ERR_STORE_DAMAGED);
}
END_TEST

START_TEST(test_tamper__an_office_misses_what_a_record_lists)
{
    struct attachment x = case_attach(s, &uuid, false, 1, 1000);
    finalise(&x, 1, NULL, 0);
    whole();
    changed("DELETE FROM chunk");
    at_fault("a file that it lists is missing");
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("store-attach");
    TCase *t = tcase_create("laptop");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, test_attach__comes_out_as_it_went_in);
    tcase_add_test(t, test_attach__refused_before_anything_is_written);
    tcase_add_test(t, test_attach__a_full_disk_is_seen_first);
    tcase_add_test(t, test_attach__half_of_one_leaves_nothing);
    tcase_add_test(t, test_attach__another_commitment_is_refused);
    tcase_add_test(t, test_read__another_salt_is_seen);
    tcase_add_test(t, test_finalise__keeps_what_the_record_lists);
    tcase_add_test(t, test_correction__keeps_those_of_the_record_before);
    tcase_add_test(t, test_void__removes_them);
    tcase_add_test(t, test_erase__personal_ones_or_all);
    tcase_add_test(t, test_erase__a_draft_with_them);
    tcase_add_test(t, test_purge__removes_them);
    tcase_add_test(t, test_rekey__they_open_under_the_new_keys);
    tcase_add_test(t, test_backup__has_them);
    tcase_add_test(t, test_tamper__chunks_and_rows);
    suite_add_tcase(suite, t);
    t = tcase_create("office");
    tcase_add_checked_fixture(t, setup_office, teardown);
    tcase_add_test(t, test_office__incomplete_until_the_files_are_there);
    tcase_add_test(t, test_office__bad_lists_refuse_the_record);
    tcase_add_test(t, test_tamper__an_office_misses_what_a_record_lists);
    suite_add_tcase(suite, t);
    return suite;
}
