/* The tamper loop: bytes of a small store flipped one at a time. Each time the store is refused at opening,
 * or verify names what does not fit, or all that is in it is what it was. A byte far from any that is not
 * zero lies in the unused middle of a page: of those a part is tried.
 *
 * By default every 211th byte; with FAULT_FULL=1 all that matter. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/support/check_main.h"
#include "tests/support/store_case.h"

static struct store_case c;
static struct err e;
static struct buf file, expected;

static void fill(struct store *s)
{
    bool fresh;
    struct ledger_head head;
    struct hash32 form = case_form(s), id = {{9}};
    struct id16 uuid = case_draft(s, &form, 5);
    struct hash32 rev = case_finalise(s, &uuid);
    struct id16 open = case_draft(s, &form, 7);
    case_attach(s, &open, false, 1, 3000);
    case_attach(s, &open, true, 2, ATTACHMENT_CHUNK + 100);
    case_ok(store_revision_set_state(s, &rev, REVISION_HELD, &e), &e);
    case_ok(store_config_put(s, "title", STR("Tabalong"), &e), &e);
    case_ok(store_config_put(s, "sent", STR("yes"), &e), &e);
    case_ok(store_ledger_append(s, LEDGER_CLOCK, NULL, NULL, STR("moved"), &e), &e);
    case_ok(store_ledger_head(s, &head, &e), &e);
    case_ok(store_head_put(s, &head, &fresh, &e), &e);
    case_ok(store_fact_put(s, FACT_REVIEW, &id, STR("fine"), &fresh, &e), &e);
}

static void setup(void)
{
    err_clear(&e);
    case_setup(&c);
    struct store *s = case_create(&c, STORE_FIELD);
    fill(s);
    buf_init(&expected, 100000);
    case_describe(s, &expected);
    store_close(s);
    buf_init(&file, (size_t)1 << 24);
    case_file_read(c.path, &file);
}

static void teardown(void)
{
    buf_done(&file);
    buf_done(&expected);
    case_teardown(&c);
}

static void count(void *ctx, struct str line)
{
    (void)ctx, (void)line;
}

static void put_file(void)
{
    char wal[128];
    snprintf(wal, sizeof wal, "%s-wal", c.path);
    unlink(wal);
    case_file_write(c.path, buf_str(&file));
}

/* What is there: 'r'efused, 'v'erify found something, 'n'o effect. `at` is for the message. */
static char look(size_t at)
{
    struct buf now;
    struct store *s = NULL;
    uint64_t faults = 0;
    if (!store_open(&s, c.path, c.passphrase, &e)) {
        ck_assert_ptr_nonnull(e.kind);
        err_clear(&e);
        return 'r';
    }
    bool walked = store_verify(s, count, NULL, &faults, &e);
    ck_assert_msg(walked, "byte %zu: verify gave up: %s", at, walked ? "" : e.kind->id);
    if (faults) {
        store_close(s);
        return 'v';
    }
    buf_init(&now, 100000);
    case_describe(s, &now);
    ck_assert_msg(strcmp(now.p, expected.p) == 0, "byte %zu: unseen change:\n%s", at, now.p);
    buf_done(&now);
    store_close(s);
    return 'n';
}

static char outcome(size_t at)
{
    put_file();
    return look(at);
}

static bool matters(size_t at)
{
    size_t from = at > 40 ? at - 40 : 0, to = at + 40 < file.n ? at + 40 : file.n;
    for (size_t i = from; i < to; i++)
        if (file.p[i] != 0)
            return true;
    return at % 997 == 0;
}

START_TEST(test_tamper__every_byte_is_seen_or_without_effect)
{
    size_t stride = getenv("FAULT_FULL") ? 1 : 211, tried = 0, seen = 0;
    for (size_t at = 0; at < file.n; at++) {
        if (!matters(at) || tried++ % stride != 0)
            continue;
        char bit = (char)(1 << (at * 7 % 8));
        file.p[at] = (char)(file.p[at] ^ bit);
        seen += outcome(at) != 'n';
        file.p[at] = (char)(file.p[at] ^ bit);
    }
    ck_assert_uint_gt(seen, 0);
    ck_assert_int_eq(outcome(0), 'n');
}
END_TEST

/* Every row's sealed bytes lie in the file as they are: flipping any of these must be seen. */
START_TEST(test_tamper__sealed_rows)
{
    static const char *const sealed[] = {
        "SELECT sealed FROM head WHERE id = 0",
        "SELECT sealed FROM head WHERE id = 2",
        "SELECT note FROM head WHERE id = 2",
        "SELECT wrap FROM slot",
        "SELECT name FROM slot",
        "SELECT sealed FROM config",
        "SELECT ik FROM wrap WHERE no = 2",
        "SELECT sealed FROM journal LIMIT 1 OFFSET 3",
        "SELECT sealed FROM form",
        "SELECT sealed FROM ledger LIMIT 1 OFFSET 1",
        "SELECT detail FROM ledger WHERE detail NOT NULL",
        "SELECT sealed FROM signed",
        "SELECT sealed FROM revision",
        "SELECT summary FROM revision",
        "SELECT sealed FROM part LIMIT 1 OFFSET 1",
        "SELECT sealed FROM state",
        "SELECT sealed FROM fact",
        "SELECT sealed FROM attachment",
        "SELECT sealed FROM chunk LIMIT 1",
    };
    for (size_t i = 0; i < sizeof sealed / sizeof sealed[0]; i++) {
        struct buf bytes;
        buf_init(&bytes, 100000);
        case_file_write(c.path, buf_str(&file));
        case_bytes(&c, sealed[i], &bytes);
        char *at = memmem(file.p, file.n, bytes.p, bytes.n);
        ck_assert_msg(at != NULL, "%s is not in one piece", sealed[i]);
        for (size_t k = 0; k < bytes.n; k += bytes.n / 3) {
            at[k] = (char)(at[k] ^ 0x10);
            ck_assert_msg(outcome((size_t)(at - file.p) + k) != 'n', "%s: byte %zu", sealed[i], k);
            at[k] = (char)(at[k] ^ 0x10);
        }
        buf_done(&bytes);
    }
}
END_TEST

/* ---- whole rows: moved, cut off, or an older self put back by somebody who has only the file ---- */

static char old_path[140];

/* The store as it is becomes the old one; then a little of everything happens, and that is `file`. */
static void grow(void)
{
    snprintf(old_path, sizeof old_path, "%s/old", c.folder);
    case_file_write(old_path, buf_str(&file));
    struct store *s = case_open(&c);
    fill(s);
    case_ok(store_config_put(s, "title", STR("Tabalong 2026"), &e), &e);
    buf_clear(&expected);
    case_describe(s, &expected);
    store_close(s);
    buf_clear(&file);
    case_file_read(c.path, &file);
}

static char after_sql(const char *sql)
{
    char all[1500];
    put_file();
    snprintf(all, sizeof all, "ATTACH '%s' AS old; %s", old_path, sql);
    case_sql(&c, all);
    return look(0);
}

START_TEST(test_tamper__rows_moved_cut_off_and_put_back)
{
    static const char *const changes[] = {
        /* two rows change places */
        "UPDATE ledger SET no = -1 WHERE no = 2; UPDATE ledger SET no = 2 WHERE no = 3; "
        "UPDATE ledger SET no = 3 WHERE no = -1",
        "UPDATE journal SET at = -1 WHERE at = (2 << 24) + 2; "
        "UPDATE journal SET at = (2 << 24) + 2 WHERE at = (2 << 24) + 3; "
        "UPDATE journal SET at = (2 << 24) + 3 WHERE at = -1",
        "UPDATE part SET no = -1 WHERE no = 2; UPDATE part SET no = 2 WHERE no = 4; "
        "UPDATE part SET no = 4 WHERE no = -1",
        "UPDATE wrap SET ik = (SELECT ik FROM wrap WHERE no = 1) WHERE no = 2",
        /* the end cut off */
        "DELETE FROM ledger WHERE no = (SELECT max(no) FROM ledger)",
        "DELETE FROM journal WHERE at = (SELECT max(at) FROM journal)",
        "DELETE FROM state WHERE no = (SELECT max(no) FROM state)",
        "DELETE FROM fact",
        "DELETE FROM attachment WHERE no = (SELECT max(no) FROM attachment)",
        "DELETE FROM chunk WHERE at & 255 = 1",
        "DELETE FROM signed WHERE no = (SELECT max(no) FROM signed)",
        "DELETE FROM part WHERE no > 3; DELETE FROM revision WHERE no = 2",
        /* a draft as if it had never been */
        "DELETE FROM journal WHERE at >> 24 = 2; DELETE FROM head WHERE id = 2",
        /* older selves put back */
        "UPDATE head SET (version, sealed, note) = (SELECT version, sealed, note FROM old.head o "
        "WHERE o.id = head.id) WHERE id = 0",
        "UPDATE config SET (version, sealed) = (SELECT version, sealed FROM old.config o "
        "WHERE o.name = config.name)",
        "DELETE FROM main.ledger; INSERT INTO main.ledger SELECT * FROM old.ledger; "
        "DELETE FROM main.head; INSERT INTO main.head SELECT * FROM old.head",
        "DELETE FROM main.state; INSERT INTO main.state SELECT * FROM old.state",
        /* a slot of one's own */
        "INSERT INTO slot SELECT no + 10, 2, ops, mem, salt, wrap, name FROM main.slot",
    };
    grow();
    ck_assert_int_eq(outcome(0), 'n');
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++)
        ck_assert_msg(after_sql(changes[i]) != 'n', "%s", changes[i]);
}
END_TEST

START_TEST(test_tamper__an_old_passphrase_put_back_is_refused)
{
    struct store *s = NULL;
    struct secret *other = secret_copy("another passphrase", 18);
    snprintf(old_path, sizeof old_path, "%s/old", c.folder);
    case_file_write(old_path, buf_str(&file));
    s = case_open(&c);
    case_ok(store_passphrase_change(s, other, &e), &e);
    store_close(s);
    buf_clear(&file);
    case_file_read(c.path, &file);
    ck_assert_int_eq(after_sql("DELETE FROM main.slot; "
                               "INSERT INTO main.slot SELECT * FROM old.slot"),
                     'r');
    secret_free(other);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("tamper-store");
    TCase *t = tcase_create("tamper");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 7200);
    tcase_add_test(t, test_tamper__every_byte_is_seen_or_without_effect);
    tcase_add_test(t, test_tamper__sealed_rows);
    tcase_add_test(t, test_tamper__rows_moved_cut_off_and_put_back);
    tcase_add_test(t, test_tamper__an_old_passphrase_put_back_is_refused);
    suite_add_tcase(suite, t);
    return suite;
}
