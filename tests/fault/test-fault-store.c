/* The fault loop of the store: a script of everything that a laptop does, in which the N-th operation on
 * the disk fails, N = 1, 2, … to the end of the script, in each of five ways. Afterwards the store opens,
 * verify finds nothing, and what is in it is what it was after the last step that was acknowledged, or
 * after the one that was being done; never half of one.
 *
 * By default every few operations are tried; with FAULT_FULL=1 all. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sync/store/migrate.h"
#include "sync/store/store_i.h"
#include "tests/fault/vfs_fault.h"
#include "tests/support/check_main.h"
#include "tests/support/store_case.h"

static struct store_case c;
static struct err e;

/* ---- the script ---- */

static struct id16 first, second;
static struct hash32 form, first_rev;
static struct attachment files[2];

static bool append(struct store *s, const struct id16 *uuid, bool pii, const char *event)
{
    return store_draft_append(s, uuid, pii, 2000, str_of(event), str_of(event), &e);
}

static bool begin(struct store *s, struct id16 *uuid)
{
    return store_draft_begin(s, &form, NULL, NULL, 1000, STR("start"), STR("begun"), uuid, &e);
}

static bool finalise_listing(struct store *s, const struct id16 *uuid, const struct attachment *x,
                             struct hash32 *rev)
{
    struct buf one;
    buf_init(&one, 10000);
    case_part(&one, "<data/>", x, x ? 1 : 0);
    struct revision_new r = {.part1 = buf_str(&one),
                             .part2 = STR("/data/name\tSiti"),
                             .outcome = 1,
                             .summary = STR("done"),
                             .now_ms = 3000};
    bool ok = store_draft_finalise(s, uuid, &r, rev, &e);
    buf_done(&one);
    return ok;
}

static bool finalise(struct store *s, const struct id16 *uuid, struct hash32 *rev)
{
    return finalise_listing(s, uuid, NULL, rev);
}

/* A file and the event that names it: both, or neither. */
static bool attach(struct store *s, uint8_t seed)
{
    return store_begin(s, &e) &&
           store_end(s,
                     case_attach_in(s, &second, seed == 1, seed, 3 * ATTACHMENT_CHUNK / 2,
                                    &files[seed], &e) &&
                         append(s, &second, false, seed == 0 ? "attached" : "attached again"),
                     &e);
}

static bool put_form(struct store *s)
{
    static char list[60000]; /* more than a page */
    struct form_file lists[] = {{STR("desa.csv"), {list, sizeof list}}};
    struct form_files f = {{STR("form.md"), STR("| survey |")}, lists, 1};
    memset(list, 'd', sizeof list);
    return store_form_put(s, &f, &form, &e);
}

static bool together(struct store *s)
{
    struct hash32 rev;
    if (!store_begin(s, &e))
        return false;
    if (finalise(s, &second, &rev) && store_config_put(s, "sent", STR("yes"), &e) &&
        store_revision_set_state(s, &first_rev, REVISION_HELD, &e))
        return store_commit(s, &e);
    store_rollback(s);
    return false;
}

static bool correct(struct store *s)
{
    struct id16 again;
    return store_draft_begin(s, &form, &first_rev, &first, 4000, STR("again"), STR("note"), &again,
                             &e);
}

#define STEPS 22

static bool step(struct store *s, unsigned i)
{
    struct tombstone t;
    switch (i) {
    case 0: return put_form(s);
    case 1: return store_config_put(s, "title", STR("Tabalong"), &e);
    case 2: return begin(s, &first);
    case 3: return append(s, &first, false, "one");
    case 4: return append(s, &first, true, "Siti");
    case 5: return begin(s, &second);
    case 6: return append(s, &second, false, "uno");
    case 7: return append(s, &first, false, "three");
    case 8: return finalise(s, &first, &first_rev);
    case 9: return store_config_put(s, "title", STR("Tabalong 2026"), &e);
    case 10: return append(s, &second, true, "due");
    case 11: return together(s);
    case 12: return correct(s);
    case 13: return append(s, &first, false, "corrected");
    case 14: return store_draft_void(s, &first, STR("mistake"), 5000, &e);
    case 15: return begin(s, &second);
    case 16: return store_draft_migrate(s, &second, &form, 5500, STR("migrate"), STR("moved"), &e);
    case 17: return store_erase(s, &first, ERASE_ALL, 6000, &t, &e);
    case 18: return attach(s, 0);
    case 19: return attach(s, 1);
    case 20: return finalise_listing(s, &second, &files[0], &first_rev);
    case 21: return store_erase(s, &second, ERASE_ALL, 7000, &t, &e);
    default: abort();
    }
}

/* ---- the loop ---- */

static struct buf expected[STEPS + 1];
static struct buf pristine_bytes;

/* The store as text, and of each file whether it is there, and then that it is itself. */
static void describe(struct store *s, struct buf *out)
{
    case_describe(s, out);
    for (uint8_t i = 0; i < 2; i++)
        buf_printf(out, "file %d: %d\n", i,
                   files[i].length && case_attached(s, &second, &files[i], i));
}

static void say_fault(void *ctx, struct str line)
{
    ck_abort_msg("operation %u: verify: %.*s", *(unsigned *)ctx, STR_FMT(line));
}

static void remove_files(void)
{
    static const char *const suffixes[] = {"",      "-wal",          "-shm", "-journal",
                                           ".part", ".part-journal", ".lock"};
    char path[160];
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        snprintf(path, sizeof path, "%s%s", c.path, suffixes[i]);
        unlink(path);
    }
}

static void put_pristine(void)
{
    remove_files();
    case_file_write(c.path, buf_str(&pristine_bytes));
}

/* An empty store to begin with, and what is to be seen after each step of a run without faults. */
static void setup(void)
{
    err_clear(&e);
    case_setup(&c);
    fault_install();
    fault_arm(FAULT_NONE, 0, 0);
    store_close(case_create(&c, STORE_FIELD));
    buf_init(&pristine_bytes, (size_t)1 << 24);
    case_file_read(c.path, &pristine_bytes);
    struct store *s = case_open(&c);
    for (unsigned i = 0; i <= STEPS; i++) {
        buf_init(&expected[i], 100000);
        describe(s, &expected[i]);
        if (i < STEPS)
            case_ok(step(s, i), &e);
    }
    store_close(s);
}

static void teardown(void)
{
    fault_arm(FAULT_NONE, 0, 0);
    for (unsigned i = 0; i <= STEPS; i++)
        buf_done(&expected[i]);
    buf_done(&pristine_bytes);
    case_teardown(&c);
}

static unsigned stride(void)
{
    return getenv("FAULT_FULL") ? 1 : 29;
}

static void check_store(unsigned n, unsigned done, unsigned may_be_done)
{
    struct buf now;
    uint64_t faults;
    struct store *s = case_open(&c);
    case_ok(store_verify(s, say_fault, &n, &faults, &e), &e);
    buf_init(&now, 100000);
    describe(s, &now);
    if (strcmp(now.p, expected[done].p) != 0 && strcmp(now.p, expected[may_be_done].p) != 0)
        ck_abort_msg("operation %u, after %u steps, found:\n%s\nexpected:\n%s\nor:\n%s", n, done,
                     now.p, expected[done].p, expected[may_be_done].p);
    buf_done(&now);
    store_close(s);
}

/* The power goes at operation n. Returns whether it came to that. */
static bool run_cut(enum fault_mode mode, unsigned n)
{
    unsigned done = 0;
    struct store *s = NULL;
    put_pristine();
    fault_arm(mode, n, n);
    if (store_open(&s, c.path, c.passphrase, &e))
        while (done < STEPS && step(s, done))
            done++;
    err_clear(&e);
    store_close(s);
    bool hit = fault_hit();
    fault_restart();
    check_store(n, done, done < STEPS ? done + 1 : done);
    return hit;
}

/* Operation n fails, the step says so in a sentence of its own, room is made, and the step is done. */
static bool run_error(enum fault_mode mode, unsigned n)
{
    struct store *s = NULL;
    put_pristine();
    fault_arm(mode, n, n);
    if (!store_open(&s, c.path, c.passphrase, &e)) {
        ck_assert_ptr_nonnull(e.kind);
        err_clear(&e);
        fault_clear();
        s = case_open(&c);
    }
    for (unsigned i = 0; i < STEPS; i++) {
        if (step(s, i))
            continue;
        ck_assert_msg(e.kind->cls == ERR_COULD, "operation %u: %s", n, e.kind->id);
        if (mode == FAULT_FULL)
            ck_assert_msg(e.kind == &ERR_DISK_FULL, "operation %u: %s", n, e.kind->id);
        err_clear(&e);
        fault_clear();
        bool again = step(s, i);
        ck_assert_msg(again, "operation %u: step %u cannot be done again: %s", n, i,
                      e.kind ? e.kind->id : "?");
    }
    bool hit = fault_hit();
    store_close(s);
    fault_clear();
    check_store(n, STEPS, STEPS);
    return hit;
}

START_TEST(test_fault__every_operation)
{
    enum fault_mode mode = (enum fault_mode)_i;
    unsigned n = 1;
    while (mode >= FAULT_CUT_LOSE ? run_cut(mode, n) : run_error(mode, n))
        n += stride();
    ck_assert_uint_gt(n, 100);
}
END_TEST

/* ---- making a store ---- */

static bool run_create(enum fault_mode mode, unsigned n)
{
    struct store *s = NULL;
    struct store_init init = {.kind = STORE_FIELD, .passphrase = c.passphrase, .user = STR("Rina")};
    remove_files();
    fault_arm(mode, n, n);
    bool made = store_create(&s, c.path, &init, &e);
    ck_assert(made || e.kind->cls == ERR_COULD);
    err_clear(&e);
    store_close(s);
    bool hit = fault_hit();
    if (mode >= FAULT_CUT_LOSE)
        fault_restart();
    else
        fault_clear();
    s = NULL;
    if (store_open(&s, c.path, c.passphrase, &e)) {
        store_close(s);
        return hit;
    }
    ck_assert_msg(!made && e.kind == &ERR_STORE_MISSING, "operation %u: %s", n, e.kind->id);
    err_clear(&e);
    case_ok(store_create(&s, c.path, &init, &e), &e);
    store_close(s);
    return hit;
}

START_TEST(test_fault__create)
{
    unsigned n = 1;
    while (run_create((enum fault_mode)_i, n))
        n += getenv("FAULT_FULL") ? 1 : 5;
    ck_assert_uint_gt(n, 20);
}
END_TEST

/* ---- what changes keys, and copies: one call, whole or not at all ---- */

static struct secret *other;
static char copy[128];
static struct buf filled; /* the store's file after most of the script */

static void fill(void)
{
    put_pristine();
    fault_arm(FAULT_NONE, 0, 0);
    struct store *s = case_open(&c);
    for (unsigned i = 0; i < STEPS - 2; i++)
        case_ok(step(s, i), &e);
    store_close(s);
    buf_init(&filled, (size_t)1 << 24);
    case_file_read(c.path, &filled);
}

static bool change(struct store *s)
{
    return store_passphrase_change(s, other, &e);
}

static bool rekey(struct store *s)
{
    return store_rekey(s, other, &e);
}

static bool backup(struct store *s)
{
    return store_backup(s, copy, &e);
}

static bool erase(struct store *s)
{
    struct tombstone t;
    return store_erase(s, &second, ERASE_ALL, 6000, &t, &e);
}

/* An older format: opening the store is what migrates it. */
static bool step_forward(struct store *s, struct err *err)
{
    return db_exec(s->db,
                   "CREATE TABLE passing (x); INSERT INTO passing VALUES (zeroblob(50000)); "
                   "DROP TABLE passing",
                   err);
}
static const struct migration one_step = {NULL, 0, step_forward};
static const struct migrations newer = {&one_step, 1};

static bool run_migrate(enum fault_mode mode, unsigned n)
{
    struct store *s = NULL;
    struct buf before, after;
    uint64_t faults;
    remove_files();
    case_file_write(c.path, buf_str(&filled));
    fault_arm(FAULT_NONE, 0, 0);
    s = case_open(&c);
    buf_init(&before, 100000);
    buf_init(&after, 100000);
    describe(s, &before);
    store_close(s);
    s = NULL;
    migrations_use(&newer);
    fault_arm(mode, n, n);
    bool done = store_open(&s, c.path, c.passphrase, &e);
    ck_assert(done || e.kind->cls == ERR_COULD);
    err_clear(&e);
    store_close(s);
    bool hit = fault_hit();
    if (mode >= FAULT_CUT_LOSE)
        fault_restart();
    else
        fault_clear();
    s = case_open(&c);
    case_ok(store_verify(s, say_fault, &n, &faults, &e), &e);
    describe(s, &after);
    ck_assert_str_eq(strchr(after.p, '\n'), strchr(before.p, '\n'));
    store_close(s);
    migrations_use(NULL);
    buf_done(&before);
    buf_done(&after);
    return hit;
}

START_TEST(test_fault__migrate)
{
    unsigned n = 1;
    fill();
    while (run_migrate((enum fault_mode)_i, n))
        n += getenv("FAULT_FULL") ? 1 : 13;
    ck_assert_uint_gt(n, 20);
    buf_done(&filled);
}
END_TEST

static const struct call {
    bool (*call)(struct store *s);
    bool other_opens; /* once it is done: the other passphrase, and no longer the first */
} calls[] = {{change, true}, {rekey, true}, {backup, false}, {erase, false}};
#define CALLS 4

/* With the passphrase that must open it now, or, where it may have been done, either. */
static struct store *open_after(const struct call *call, bool done, unsigned n)
{
    struct store *s = NULL;
    if (call->other_opens && store_open(&s, c.path, other, &e))
        return s;
    ck_assert_msg(!(call->other_opens && done), "operation %u: the new passphrase does not open",
                  n);
    err_clear(&e);
    ck_assert_msg(store_open(&s, c.path, c.passphrase, &e), "operation %u: %s", n, e.kind->id);
    return s;
}

static void check_copy(unsigned n, bool done)
{
    char part[140];
    struct store *s = NULL;
    uint64_t faults;
    snprintf(part, sizeof part, "%s.part", copy);
    if (access(copy, F_OK) != 0) {
        ck_assert_msg(!done, "operation %u: the backup is not there", n);
        return;
    }
    case_ok(store_open(&s, copy, c.passphrase, &e), &e);
    case_ok(store_verify(s, say_fault, &n, &faults, &e), &e);
    store_close(s);
    unlink(part);
}

static bool run_call(const struct call *call, enum fault_mode mode, unsigned n)
{
    struct store *s;
    struct buf before, after;
    uint64_t faults;
    remove_files();
    unlink(copy);
    case_file_write(c.path, buf_str(&filled));
    fault_arm(FAULT_NONE, 0, 0); /* what the shim knew of these files is no longer so */
    s = case_open(&c);
    buf_init(&before, 100000);
    buf_init(&after, 100000);
    describe(s, &before);
    fault_arm(mode, n, n);
    bool done = call->call(s);
    ck_assert(done || e.kind->cls == ERR_COULD);
    err_clear(&e);
    bool hit = fault_hit();
    if (mode < FAULT_CUT_LOSE) {
        fault_clear();
        if (call->call == erase && !done)
            case_ok(done = erase(s), &e);
    }
    store_close(s);
    if (mode >= FAULT_CUT_LOSE)
        fault_restart();
    s = open_after(call, done, n);
    case_ok(store_verify(s, say_fault, &n, &faults, &e), &e);
    describe(s, &after);
    if (call->call != erase) /* but for the first line, which counts the ledger's rows */
        ck_assert_str_eq(strchr(after.p, '\n'), strchr(before.p, '\n'));
    else if (done)
        ck_assert_str_ne(after.p, before.p);
    store_close(s);
    if (call->call == backup)
        check_copy(n, done);
    buf_done(&before);
    buf_done(&after);
    return hit;
}

START_TEST(test_fault__calls)
{
    const struct call *call = &calls[_i % CALLS];
    enum fault_mode mode = (enum fault_mode)(FAULT_ERROR + _i / CALLS);
    unsigned n = 1;
    other = secret_copy("another passphrase", 18);
    snprintf(copy, sizeof copy, "%s/copy.cacah", c.folder);
    fill();
    while (run_call(call, mode, n))
        n += getenv("FAULT_FULL") ? 1 : 17;
    ck_assert_uint_gt(n, 1);
    secret_free(other);
    buf_done(&filled);
}
END_TEST

/* ---- restoring: another file, whole or not there ---- */

static char restored[140];

static bool restore_again(unsigned n, struct id16 *ret_incarnation)
{
    struct store *s = NULL;
    uint64_t faults;
    bool there = access(restored, F_OK) == 0;
    if (there)
        case_ok(store_open(&s, restored, c.passphrase, &e), &e);
    else
        case_ok(store_restore(&s, copy, restored, c.passphrase, &e), &e);
    case_ok(store_verify(s, say_fault, &n, &faults, &e), &e);
    *ret_incarnation = store_identity(s)->incarnation;
    store_close(s);
    return there;
}

static bool run_restore(enum fault_mode mode, unsigned n, const struct id16 *incarnation)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", ".lock", ".part", ".part-wal"};
    char path[160];
    struct store *s = NULL;
    struct id16 now;
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        snprintf(path, sizeof path, "%s%s", restored, suffixes[i]);
        unlink(path);
    }
    fault_arm(mode, n, n);
    bool done = store_restore(&s, copy, restored, c.passphrase, &e);
    ck_assert(done || e.kind->cls == ERR_COULD);
    err_clear(&e);
    store_close(s);
    bool hit = fault_hit();
    if (mode >= FAULT_CUT_LOSE)
        fault_restart();
    else
        fault_clear();
    bool there = restore_again(n, &now);
    ck_assert_msg(there || !done, "operation %u: the restored store is not there", n);
    ck_assert(!id16_eq(&now, incarnation)); /* never a second one of the same */
    return hit;
}

START_TEST(test_fault__restore)
{
    struct id16 incarnation;
    unsigned n = 1;
    snprintf(copy, sizeof copy, "%s/copy.cacah", c.folder);
    snprintf(restored, sizeof restored, "%s/restored.cacah", c.folder);
    fill();
    struct store *s = case_open(&c);
    incarnation = store_identity(s)->incarnation;
    case_ok(store_backup(s, copy, &e), &e);
    store_close(s);
    while (run_restore((enum fault_mode)_i, n, &incarnation))
        n += getenv("FAULT_FULL") ? 1 : 7;
    ck_assert_uint_gt(n, 20);
    buf_done(&filled);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("fault-store");
    TCase *t = tcase_create("fault");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 1800);
    tcase_add_loop_test(t, test_fault__every_operation, FAULT_ERROR, FAULT_MODES);
    tcase_add_loop_test(t, test_fault__create, FAULT_ERROR, FAULT_MODES);
    tcase_add_loop_test(t, test_fault__migrate, FAULT_ERROR, FAULT_MODES);
    tcase_add_loop_test(t, test_fault__restore, FAULT_ERROR, FAULT_MODES);
    tcase_add_loop_test(t, test_fault__calls, 0, CALLS * (FAULT_MODES - FAULT_ERROR));
    suite_add_tcase(suite, t);
    return suite;
}
