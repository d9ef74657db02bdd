/* What opens a store: users, passphrases, recovery, new keys; copies of it, and older formats. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sync/store/migrate.h"
#include "sync/store/store_i.h"
#include "tests/support/check_main.h"
#include "tests/support/store_case.h"

static struct store_case c;
static struct store *s;
static struct err e;
static struct secret *other;

static void setup(void)
{
    err_clear(&e);
    case_setup(&c);
    s = case_create(&c, STORE_FIELD);
    other = secret_copy("another passphrase", 18);
}

static void teardown(void)
{
    store_close(s);
    secret_free(other);
    case_teardown(&c);
}

static void ok(bool done)
{
    case_ok(done, &e);
}

static void close_store(void)
{
    store_close(s);
    s = NULL;
}

static void open_with(const struct secret *passphrase)
{
    close_store();
    ok(store_open(&s, c.path, passphrase, &e));
}

static void refused(const struct secret *passphrase, const struct err_kind *kind)
{
    struct store *none = NULL;
    close_store();
    ck_assert(!store_open(&none, c.path, passphrase, &e));
    ck_assert_str_eq(e.kind->id, kind->id);
    err_clear(&e);
}

static void say(void *ctx, struct str line)
{
    (void)ctx;
    ck_abort_msg("verify: %.*s", STR_FMT(line));
}

static void verify_finds_nothing(void)
{
    uint64_t faults = 1;
    ok(store_verify(s, say, NULL, &faults, &e));
    ck_assert_uint_eq(faults, 0);
}

/* Something in every table; the text is what must be there afterwards. */
static void fill(struct buf *text)
{
    bool fresh;
    struct tombstone t;
    struct hash32 form = case_form(s), id = {{9}};
    struct id16 uuid = case_draft(s, &form, 5), erased = case_draft(s, &form, 2);
    struct hash32 rev = case_finalise(s, &uuid);
    case_finalise(s, &erased);
    case_draft(s, &form, 7);
    ok(store_revision_set_state(s, &rev, REVISION_HELD, &e));
    ok(store_config_put(s, "title", STR("Tabalong"), &e));
    ok(store_fact_put(s, FACT_REVIEW, &id, STR("fine"), &fresh, &e));
    ok(store_erase(s, &erased, ERASE_PII, 7000, &t, &e));
    buf_init(text, 100000);
    case_describe(s, text);
}

/* All but the first line, which counts the ledger's rows. */
static const char *contents(const struct buf *text)
{
    return strchr(text->p, '\n');
}

static void same_contents(const struct buf *before)
{
    struct buf now;
    buf_init(&now, 100000);
    case_describe(s, &now);
    ck_assert_str_eq(contents(&now), contents(before));
    buf_done(&now);
}

/* ---- users ---- */

struct slots {
    unsigned n, mine;
    uint64_t first, last;
    char names[100];
};

static bool see_slot(void *ctx, const struct slot_info *i)
{
    struct slots *out = ctx;
    size_t at = strlen(out->names);
    snprintf(out->names + at, sizeof out->names - at, "%d:%.*s ", (int)i->kind, STR_FMT(i->name));
    if (!out->n++)
        out->first = i->no;
    out->last = i->no;
    out->mine += i->mine;
    return true;
}

START_TEST(test_slots__second_user_opens_the_same_store)
{
    struct slots slots = {.n = 0};
    struct hash32 device = store_identity(s)->device;
    ok(store_slot_add(s, STR("Siti"), other, &e));
    open_with(other);
    ck_assert(hash32_eq(&device, &store_identity(s)->device));
    ok(store_slot_each(s, see_slot, &slots, &e));
    ck_assert_str_eq(slots.names, "1:Rina 1:Siti ");
    ck_assert_uint_eq(slots.mine, 1);
    ok(store_slot_remove(s, slots.first, &e));
    refused(c.passphrase, &ERR_PASSPHRASE);
    open_with(other);
    ck_assert(!store_slot_remove(s, slots.last, &e));
    ck_assert_ptr_eq(e.kind, &ERR_SLOT_LAST);
    err_clear(&e);
    ck_assert(!store_slot_remove(s, 77, &e));
    ck_assert_ptr_eq(e.kind, &ERR_SLOT_UNKNOWN);
    err_clear(&e);
    verify_finds_nothing();
}
END_TEST

START_TEST(test_slots__changed_passphrase_alone_opens)
{
    struct buf wrap, file;
    char wal[128];
    snprintf(wal, sizeof wal, "%s-wal", c.path);
    buf_init(&wrap, 1000);
    buf_init(&file, (size_t)1 << 26);
    case_bytes(&c, "SELECT wrap FROM slot", &wrap);
    ok(store_passphrase_change(s, other, &e));
    case_file_read(c.path, &file);
    case_file_read(wal, &file);
    ck_assert_ptr_null(memmem(file.p, file.n, wrap.p, wrap.n));
    refused(c.passphrase, &ERR_PASSPHRASE);
    open_with(other);
    buf_done(&wrap);
    buf_done(&file);
}
END_TEST

START_TEST(test_slots__an_old_slot_put_back_is_refused)
{
    char sql[300];
    snprintf(sql, sizeof sql,
             "ATTACH '%s/keep.db' AS k; CREATE TABLE k.keep AS "
             "SELECT * FROM main.slot",
             c.folder);
    case_sql(&c, sql);
    ok(store_passphrase_change(s, other, &e));
    close_store();
    snprintf(sql, sizeof sql,
             "ATTACH '%s/keep.db' AS k; DELETE FROM main.slot; "
             "INSERT INTO main.slot SELECT * FROM k.keep",
             c.folder);
    case_sql(&c, sql);
    refused(c.passphrase, &ERR_STORE_DAMAGED);
}
END_TEST

START_TEST(test_slots__hostile_costs_are_refused_before_use)
{
    close_store();
    case_sql(&c, "UPDATE slot SET mem = 4398046511104");
    refused(c.passphrase, &ERR_KDF_LIMITS);
    case_sql(&c, "UPDATE slot SET mem = 1024");
    refused(c.passphrase, &ERR_KDF_LIMITS);
}
END_TEST

START_TEST(test_slots__a_passphrase_that_opens_it_is_no_new_one)
{
    struct hash32 device = store_identity(s)->device;
    ok(store_slot_add(s, STR("Siti"), other, &e));
    bool (*const change[])(struct store *, const struct secret *,
                           struct err *) = {store_passphrase_change, store_rekey};
    for (size_t i = 0; i < 2; i++) {
        ck_assert(!change[i](s, c.passphrase, &e));
        ck_assert_ptr_eq(e.kind, &ERR_PASSPHRASE_SAME);
        err_clear(&e);
        ck_assert(!change[i](s, other, &e));
        ck_assert_ptr_eq(e.kind, &ERR_PASSPHRASE_TAKEN);
        err_clear(&e);
    }
    ck_assert(hash32_eq(&device, &store_identity(s)->device));
    open_with(other);
    open_with(c.passphrase);
    verify_finds_nothing();
}
END_TEST

/* ---- new keys ---- */

struct first_row {
    struct ledger_row row;
    unsigned n;
};

static bool see_first(void *ctx, const struct hash32 *hash, const uint8_t row[LEDGER_ROW_SIZE])
{
    struct first_row *first = ctx;
    (void)hash;
    if (first->n++ == 0)
        ok(ledger_row_decode(row, &first->row, &e));
    return true;
}

START_TEST(test_rekey__everything_is_there_under_new_keys)
{
    struct buf before;
    struct first_row first = {.n = 0};
    struct ledger_head old_end;
    struct secret *pair_seed = secret_random(32), *sk;
    struct pk32 pk, none = {{0}}, office, paper;
    fill(&before);
    crypt_box_pair(pair_seed, &pk, &sk);
    ok(store_recovery_set(s, &pk, &none, &e));
    ok(store_slot_add(s, STR("Siti"), other, &e));
    ok(store_ledger_head(s, &old_end, &e));
    struct hash32 device = store_identity(s)->device;
    struct secret *fresh = secret_copy("the new passphrase", 18);
    ok(store_rekey(s, fresh, &e));
    same_contents(&before);
    ck_assert(!hash32_eq(&device, &store_identity(s)->device));
    verify_finds_nothing();
    refused(c.passphrase, &ERR_PASSPHRASE);
    refused(other, &ERR_PASSPHRASE);
    open_with(fresh);
    same_contents(&before);
    ok(store_ledger_each(s, &store_identity(s)->device, see_first, &first, &e));
    ck_assert_int_eq(first.row.kind, LEDGER_REKEY);
    ck_assert_uint_eq(first.row.seq, 1);
    ck_assert(hash32_eq(&first.row.object, &old_end.row_hash));
    ok(store_recovery_get(s, &office, &paper, &e));
    ck_assert(pk32_eq(&office, &pk));
    verify_finds_nothing();
    secret_free(fresh);
    secret_free(pair_seed);
    secret_free(sk);
    buf_done(&before);
}
END_TEST

START_TEST(test_rekey__interviews_go_on_and_old_drafts_end)
{
    struct buf before;
    struct hash32 form = case_form(s);
    struct id16 uuid = case_draft(s, &form, 5);
    buf_init(&before, 1000);
    ok(store_rekey(s, other, &e));
    ok(store_draft_append(s, &uuid, true, 9, STR("event 6"), STR("note"), &e));
    case_finalise(s, &uuid);
    struct id16 later = case_draft(s, &form, 3);
    case_finalise(s, &later);
    open_with(other);
    verify_finds_nothing();
    ok(store_rekey(s, c.passphrase, &e));
    verify_finds_nothing();
    buf_done(&before);
}
END_TEST

/* ---- recovery ---- */

START_TEST(test_recovery__opens_but_does_not_sign_as_before)
{
    struct buf before, wrap;
    struct id16 store;
    bool there = false;
    struct secret *seed = secret_random(32), *sk, *wrong_sk, *mk = NULL;
    struct pk32 pk, wrong_pk, none = {{0}};
    crypt_box_pair(seed, &pk, &sk);
    secret_bytes(seed)[0] ^= 1;
    crypt_box_pair(seed, &wrong_pk, &wrong_sk);
    fill(&before);
    ok(store_recovery_set(s, &none, &pk, &e));
    struct store_identity old = *store_identity(s);
    close_store();
    buf_init(&wrap, 1000);
    ok(store_recovery_slot(c.path, SLOT_OFFICE, &store, &wrap, &there, &e));
    ck_assert(!there);
    ok(store_recovery_slot(c.path, SLOT_PAPER, &store, &wrap, &there, &e));
    ck_assert(there);
    ck_assert(id16_eq(&store, &old.store));
    ck_assert(!recovery_slot_open(&wrong_pk, wrong_sk, buf_str(&wrap), &store, &mk, &e));
    ck_assert_ptr_eq(e.kind, &ERR_RECOVERY_KEY);
    err_clear(&e);
    store.b[0] ^= 1;
    ck_assert(!recovery_slot_open(&pk, sk, buf_str(&wrap), &store, &mk, &e));
    err_clear(&e);
    store.b[0] ^= 1;
    ok(recovery_slot_open(&pk, sk, buf_str(&wrap), &store, &mk, &e));
    ok(store_recover(&s, c.path, mk, STR("Rina"), other, NULL, &e));
    same_contents(&before);
    ck_assert(!pk32_eq(&old.ed_pk, &store_identity(s)->ed_pk));
    ck_assert(pk32_eq(&old.x_pk, &store_identity(s)->x_pk));
    verify_finds_nothing();
    refused(c.passphrase, &ERR_PASSPHRASE);
    open_with(other);
    verify_finds_nothing();
    close_store();
    secret_bytes(mk)[5] ^= 1;
    ck_assert(!store_recover(&s, c.path, mk, STR("Rina"), other, NULL, &e));
    ck_assert_ptr_eq(e.kind, &ERR_RECOVERY_KEY);
    err_clear(&e);
    s = NULL;
    secret_free(seed);
    secret_free(sk);
    secret_free(wrong_sk);
    secret_free(mk);
    buf_done(&before);
    buf_done(&wrap);
}
END_TEST

/* ---- copies ---- */

START_TEST(test_backup__restored_it_is_another_incarnation)
{
    char backup[128], again[128];
    struct buf before;
    struct store *restored = NULL;
    struct store_identity was = *store_identity(s);
    struct ledger_head head, later;
    snprintf(backup, sizeof backup, "%s/stick.cacah", c.folder);
    snprintf(again, sizeof again, "%s/again.cacah", c.folder);
    fill(&before);
    ok(store_ledger_head(s, &head, &e));
    ok(store_backup(s, backup, &e));
    ck_assert(!store_backup(s, backup, &e));
    ck_assert_ptr_eq(e.kind, &ERR_STORE_EXISTS);
    err_clear(&e);
    ck_assert(!store_restore(&restored, backup, c.path, c.passphrase, &e));
    ck_assert_ptr_eq(e.kind, &ERR_STORE_EXISTS);
    err_clear(&e);
    ck_assert(!store_restore(&restored, c.path, again, c.passphrase, &e));
    ck_assert_ptr_eq(e.kind, &ERR_BACKUP_LIVE);
    err_clear(&e);
    ck_assert(!store_restore(&restored, backup, again, other, &e));
    ck_assert_ptr_eq(e.kind, &ERR_PASSPHRASE);
    err_clear(&e);
    ck_assert_int_ne(access(again, F_OK), 0);
    ok(store_restore(&restored, backup, again, c.passphrase, &e));
    close_store();
    s = restored;
    same_contents(&before);
    verify_finds_nothing();
    ck_assert(id16_eq(&was.store, &store_identity(s)->store));
    ck_assert(hash32_eq(&was.device, &store_identity(s)->device));
    ck_assert(!id16_eq(&was.incarnation, &store_identity(s)->incarnation));
    ok(store_ledger_head(s, &later, &e));
    ck_assert_uint_eq(later.seq, head.seq + 1);
    close_store();
    ok(store_open(&s, again, c.passphrase, &e));
    verify_finds_nothing();
    buf_done(&before);
}
END_TEST

START_TEST(test_state__a_whole_older_file_is_noticed)
{
    struct store_state state, foreign;
    struct buf file;
    struct hash32 form = case_form(s);
    buf_init(&file, (size_t)1 << 26);
    close_store();
    case_file_read(c.path, &file);
    open_with(c.passphrase);
    case_draft(s, &form, 5);
    store_state(s, &state);
    ck_assert_int_eq(store_state_check(s, &state), STATE_FITS);
    foreign = state;
    foreign.commits -= 3;
    ck_assert_int_eq(store_state_check(s, &foreign), STATE_FOREIGN);
    close_store();
    case_file_write(c.path, buf_str(&file));
    open_with(c.passphrase);
    verify_finds_nothing();
    ck_assert_int_eq(store_state_check(s, &state), STATE_ROLLED_BACK);
    buf_done(&file);
}
END_TEST

/* ---- an older format ---- */

#define OLD_MAX 64
static struct schema_object old_schema[OLD_MAX];
static size_t old_n;

static void old_object(const char *name, const char *sql)
{
    ck_assert_uint_lt(old_n, OLD_MAX);
    old_schema[old_n++] = (struct schema_object){name, sql};
}

/* Version 0 had one table more than the present schema, which step 0 takes away. */
static bool drop_old(struct store *store, struct err *err)
{
    return db_exec(store->db, "DROP TABLE old", err);
}

static bool fail_second(struct store *store, struct err *err)
{
    (void)store;
    return err_fail(err, ERR_DISK_FULL);
}

static void make_old(void)
{
    struct buf names;
    char sql[200];
    close_store();
    int n = case_count(&c, "SELECT count(*) FROM sqlite_schema");
    for (int i = 0; i < n; i++) {
        char *text[2];
        for (int k = 0; k < 2; k++) {
            snprintf(sql, sizeof sql, "SELECT %s FROM sqlite_schema LIMIT 1 OFFSET %d",
                     k ? "sql" : "name", i);
            buf_init(&names, 2000);
            case_bytes(&c, sql, &names);
            text[k] = strndup(names.p, names.n);
            buf_done(&names);
        }
        old_object(text[0], text[1]);
    }
    case_sql(&c, "CREATE TABLE old (x)");
    old_object("old", "CREATE TABLE old (x)");
}

static void forget_old(void)
{
    for (size_t i = 0; i + 1 < old_n; i++) {
        free((void *)(uintptr_t)old_schema[i].name);
        free((void *)(uintptr_t)old_schema[i].sql);
    }
    old_n = 0;
    migrations_use(NULL);
}

START_TEST(test_migrate__is_whole_kept_beside_and_noted)
{
    struct buf before;
    char kept[128];
    struct store *reader = NULL;
    struct store_counts n, later;
    struct tombstone t;
    fill(&before);
    ok(store_counts(s, &n, &e));
    snprintf(kept, sizeof kept, "%s.before-1", c.path);
    make_old();
    refused(c.passphrase, &ERR_STORE_SCHEMA);
    struct migration steps[] = {{old_schema, old_n, drop_old}, {NULL, 0, fail_second}};
    struct migrations broken = {steps, 2}, good = {steps, 1};
    migrations_use(&broken);
    refused(c.passphrase, &ERR_DISK_FULL);
    migrations_use(&good);
    ck_assert(!store_open_read(&reader, c.path, c.passphrase, &e));
    ck_assert_ptr_eq(e.kind, &ERR_STORE_OLDER);
    err_clear(&e);
    refused(other, &ERR_PASSPHRASE);
    open_with(c.passphrase);
    same_contents(&before);
    verify_finds_nothing();
    ok(store_counts(s, &later, &e));
    ck_assert_uint_eq(later.ledger_rows, n.ledger_rows + 1);
    ck_assert_int_eq(access(kept, F_OK), 0);
    open_with(c.passphrase);
    ok(store_counts(s, &later, &e));
    ck_assert_uint_eq(later.ledger_rows, n.ledger_rows + 1);
    ck_assert_int_eq(access(kept, F_OK), 0);
    struct id16 anyone = {{7}};
    ok(store_erase(s, &anyone, ERASE_ALL, 1, &t, &e));
    ck_assert_int_ne(access(kept, F_OK), 0);
    forget_old();
    buf_done(&before);
}
END_TEST

START_TEST(test_migrate__nothing_is_erased_while_a_copy_stays)
{
    char kept[128];
    struct buf before;
    struct tombstone t;
    struct id16 anyone = {{7}};
    fill(&before);
    snprintf(kept, sizeof kept, "%s.before-1", c.path);
    make_old();
    struct migration step = {old_schema, old_n, drop_old};
    struct migrations good = {&step, 1};
    migrations_use(&good);
    open_with(c.passphrase);
    ck_assert_int_eq(unlink(kept), 0);
    ck_assert_int_eq(mkdir(kept, 0700), 0); /* in its place what unlink refuses to everybody */
    ck_assert(!store_erase(s, &anyone, ERASE_ALL, 1, &t, &e));
    ck_assert_ptr_eq(e.kind, &ERR_FILE_REMOVE);
    err_clear(&e);
    same_contents(&before);
    verify_finds_nothing();
    ck_assert_int_eq(rmdir(kept), 0);
    ok(store_erase(s, &anyone, ERASE_ALL, 1, &t, &e));
    forget_old();
    buf_done(&before);
}
END_TEST

START_TEST(test_migrate__copy_goes_after_seven_days)
{
    char kept[128], sql[200];
    snprintf(kept, sizeof kept, "%s.before-1", c.path);
    make_old();
    struct migration step = {old_schema, old_n, drop_old};
    struct migrations good = {&step, 1};
    migrations_use(&good);
    open_with(c.passphrase);
    ck_assert_int_eq(access(kept, F_OK), 0);
    snprintf(sql, sizeof sql, "touch -d '8 days ago' %s", kept);
    ck_assert_int_eq(system(sql), 0);
    open_with(c.passphrase);
    ck_assert_int_ne(access(kept, F_OK), 0);
    forget_old();
}
END_TEST

START_TEST(test_practice__equal_seeds_give_equal_devices)
{
    struct store *a = NULL, *b = NULL;
    char one[128], two[128];
    struct secret *seed = secret_copy("practice seed of 32 bytes, fixed", 32);
    struct store_init init = {.kind = STORE_FIELD, .passphrase = other, .signing_seed = seed};
    memcpy(init.survey.b + 8, "practice", 8);
    snprintf(one, sizeof one, "%s/one", c.folder);
    snprintf(two, sizeof two, "%s/two", c.folder);
    ok(store_create(&a, one, &init, &e));
    ok(store_create(&b, two, &init, &e));
    ck_assert(store_identity(a)->practice);
    ck_assert(hash32_eq(&store_identity(a)->device, &store_identity(b)->device));
    ck_assert(!id16_eq(&store_identity(a)->store, &store_identity(b)->store));
    store_close(a);
    store_close(b);
    secret_free(seed);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("store-keys");
    TCase *t = tcase_create("keys");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, test_slots__second_user_opens_the_same_store);
    tcase_add_test(t, test_slots__changed_passphrase_alone_opens);
    tcase_add_test(t, test_slots__an_old_slot_put_back_is_refused);
    tcase_add_test(t, test_slots__hostile_costs_are_refused_before_use);
    tcase_add_test(t, test_slots__a_passphrase_that_opens_it_is_no_new_one);
    tcase_add_test(t, test_rekey__everything_is_there_under_new_keys);
    tcase_add_test(t, test_rekey__interviews_go_on_and_old_drafts_end);
    tcase_add_test(t, test_recovery__opens_but_does_not_sign_as_before);
    tcase_add_test(t, test_backup__restored_it_is_another_incarnation);
    tcase_add_test(t, test_state__a_whole_older_file_is_noticed);
    tcase_add_test(t, test_migrate__is_whole_kept_beside_and_noted);
    tcase_add_test(t, test_migrate__copy_goes_after_seven_days);
    tcase_add_test(t, test_migrate__nothing_is_erased_while_a_copy_stays);
    tcase_add_test(t, test_practice__equal_seeds_give_equal_devices);
    suite_add_tcase(suite, t);
    return suite;
}
