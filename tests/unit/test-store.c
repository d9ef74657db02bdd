/* The store from outside: what goes in comes out, and what was tampered with is refused. */
#include "sync/store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

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

/* ---- life ---- */

START_TEST(test_open__identity_stays)
{
    struct store_identity before = *store_identity(s);
    reopen();
    const struct store_identity *after = store_identity(s);
    ck_assert(id16_eq(&before.survey, &after->survey));
    ck_assert(id16_eq(&before.store, &after->store));
    ck_assert(id16_eq(&before.incarnation, &after->incarnation));
    ck_assert(hash32_eq(&before.device, &after->device));
    ck_assert_int_eq(after->kind, STORE_FIELD);
    ck_assert(!after->practice);
}
END_TEST

START_TEST(test_open__wrong_passphrase_is_named)
{
    struct secret *wrong = secret_copy("another one, quite", 18);
    struct store *other = NULL;
    store_close(s);
    s = NULL;
    ck_assert(!store_open(&other, c.path, wrong, &e));
    ck_assert_ptr_eq(e.kind, &ERR_PASSPHRASE);
    secret_free(wrong);
}
END_TEST

START_TEST(test_open__second_writer_is_told_who)
{
    struct store *other = NULL;
    char pid[32];
    snprintf(pid, sizeof pid, "%ld", (long)getpid());
    ck_assert(!store_open(&other, c.path, c.passphrase, &e));
    ck_assert_ptr_eq(e.kind, &ERR_STORE_BUSY);
    ck_assert_str_eq(e.arg[1], pid);
}
END_TEST

START_TEST(test_open__reader_sees_one_moment_and_writes_nothing)
{
    struct store *reader = NULL;
    struct store_counts n;
    struct hash32 form = case_form(s);
    struct id16 uuid = case_draft(s, &form, 3);
    ok(store_open_read(&reader, c.path, c.passphrase, &e));
    ok(store_draft_append(s, &uuid, false, 1, STR("later"), STR(""), &e));
    ok(store_counts(reader, &n, &e));
    ck_assert_uint_eq(n.drafts, 1);
    ck_assert(!store_config_put(reader, "x", STR("y"), &e));
    ck_assert_ptr_eq(e.kind, &ERR_STORE_READ_ONLY);
    store_close(reader);
}
END_TEST

START_TEST(test_create__refuses_an_existing_file)
{
    struct store *other = NULL;
    struct store_init init = {.kind = STORE_FIELD, .passphrase = c.passphrase};
    ck_assert(!store_create(&other, c.path, &init, &e));
    ck_assert_ptr_eq(e.kind, &ERR_STORE_EXISTS);
}
END_TEST

START_TEST(test_open__what_is_no_store)
{
    store_close(s);
    s = NULL;
    case_file_write(c.path, STR("not a database"));
    case_refused(&c, &ERR_STORE_NOT);
    unlink(c.path);
    case_refused(&c, &ERR_STORE_MISSING);
    case_sql(&c, "CREATE TABLE other (x)");
    case_refused(&c, &ERR_STORE_NOT);
}
END_TEST

START_TEST(test_open__a_version_to_come_or_from_before_the_first)
{
    store_close(s);
    s = NULL;
    case_sql(&c, "PRAGMA user_version=7; PRAGMA wal_checkpoint(TRUNCATE)");
    case_refused(&c, &ERR_STORE_NEWER);
    case_sql(&c, "PRAGMA user_version=0; PRAGMA wal_checkpoint(TRUNCATE)");
    case_refused(&c, &ERR_STORE_BEFORE);
}
END_TEST

START_TEST(test_open__foreign_things_in_the_schema_are_refused_by_name)
{
    static const char *const foreign[] = {
        "CREATE TRIGGER steal BEFORE UPDATE ON wrap BEGIN INSERT INTO state (sealed) VALUES "
        "(old.ik); END",
        "CREATE VIEW steal AS SELECT * FROM wrap",
        "CREATE TABLE steal (x)",
        "CREATE INDEX steal ON wrap (ik)",
    };
    static const char *const undo[] = {"DROP TRIGGER steal", "DROP VIEW steal", "DROP TABLE steal",
                                       "DROP INDEX steal"};
    store_close(s);
    s = NULL;
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++) {
        struct store *other = NULL;
        err_clear(&e);
        case_sql(&c, foreign[i]);
        ck_assert(!store_open(&other, c.path, c.passphrase, &e));
        ck_assert_ptr_eq(e.kind, &ERR_STORE_SCHEMA);
        ck_assert_ptr_nonnull(strstr(e.arg[0], "steal"));
        case_sql(&c, undo[i]);
    }
    s = case_open(&c);
}
END_TEST

START_TEST(test_peek__needs_no_key)
{
    struct store_peek p;
    struct hash32 form = case_form(s);
    struct id16 uuid = case_draft(s, &form, 3);
    case_finalise(s, &uuid);
    case_draft(s, &form, 1);
    ok(store_peek(c.path, &p, &e));
    ck_assert(id16_eq(&p.survey, &store_identity(s)->survey));
    ck_assert(id16_eq(&p.store, &store_identity(s)->store));
    ck_assert_int_eq(p.kind, STORE_FIELD);
    ck_assert_uint_eq(p.drafts, 1);
    ck_assert_uint_eq(p.revisions, 1);
    ck_assert_uint_eq(p.ledger_rows, 3);
}
END_TEST

/* ---- config and forms ---- */

START_TEST(test_config__values_by_name)
{
    struct buf out;
    bool there = true;
    buf_init(&out, 1000);
    ok(store_config_get(s, "language", &out, &there, &e));
    ck_assert(!there);
    ok(store_config_put(s, "language", STR("id"), &e));
    ok(store_config_put(s, "title", STR("Tabalong"), &e));
    ok(store_config_put(s, "language", STR("en"), &e));
    reopen();
    ok(store_config_get(s, "language", &out, &there, &e));
    ck_assert(there);
    ck_assert_str_eq(out.p, "en");
    buf_clear(&out);
    ok(store_config_get(s, "title", &out, &there, &e));
    ck_assert_str_eq(out.p, "Tabalong");
    buf_done(&out);
}
END_TEST

START_TEST(test_config__an_older_value_put_back_is_seen)
{
    char sql[300];
    ok(store_config_put(s, "title", STR("old"), &e));
    store_close(s);
    s = NULL;
    snprintf(sql, sizeof sql,
             "ATTACH '%s/keep.db' AS k; CREATE TABLE k.keep AS "
             "SELECT * FROM main.config",
             c.folder);
    case_sql(&c, sql);
    s = case_open(&c);
    ok(store_config_put(s, "title", STR("new"), &e));
    store_close(s);
    s = NULL;
    snprintf(sql, sizeof sql,
             "ATTACH '%s/keep.db' AS k; DELETE FROM main.config; "
             "INSERT INTO main.config SELECT * FROM k.keep",
             c.folder);
    case_sql(&c, sql);
    case_refused(&c, &ERR_STORE_DAMAGED);
}
END_TEST

START_TEST(test_form__files_come_back_by_hash)
{
    struct form_file lists[] = {{STR("desa.csv"), STR("name,label\n")},
                                {STR("wilayah.csv"), STR("")}};
    struct form_files f = {{STR("g.md"), STR("| survey |")}, lists, 2}, back;
    struct hash32 hash, again;
    struct arena a;
    struct store_counts n;
    arena_init(&a);
    ok(store_form_put(s, &f, &hash, &e));
    ok(store_form_put(s, &f, &again, &e));
    ck_assert(hash32_eq(&hash, &again));
    reopen();
    ok(store_counts(s, &n, &e));
    ck_assert_uint_eq(n.forms, 1);
    ok(store_form_get(s, &hash, &back, &a, &e));
    ck_assert(str_is(back.form.name, "g.md"));
    ck_assert(str_is(back.form.bytes, "| survey |"));
    ck_assert_uint_eq(back.n_lists, 2);
    ck_assert(str_is(back.lists[0].name, "desa.csv"));
    ck_assert_uint_eq(back.lists[1].bytes.n, 0);
    again = form_files_hash(&back);
    ck_assert(hash32_eq(&hash, &again));
    hash.b[0] ^= 1;
    ck_assert(!store_form_get(s, &hash, &back, &a, &e));
    ck_assert_ptr_eq(e.kind, &ERR_FORM_UNKNOWN);
    arena_done(&a);
}
END_TEST

START_TEST(test_form__packed_bytes_have_one_form)
{
    struct form_files f = {{STR("g.md"), STR("x")}, NULL, 0}, back;
    struct arena a;
    struct buf b;
    arena_init(&a);
    buf_init(&b, 1000);
    ck_assert(form_files_pack(&f, &b));
    for (size_t n = 0; n < b.n; n++) {
        err_clear(&e);
        ck_assert(!form_files_unpack(&back, (struct str){b.p, n}, &a, &e));
        ck_assert_ptr_eq(e.kind, &ERR_FORM_PACKED);
    }
    err_clear(&e);
    buf_add_c(&b, 'x');
    ck_assert(!form_files_unpack(&back, buf_str(&b), &a, &e));
    buf_done(&b);
    arena_done(&a);
}
END_TEST

/* ---- drafts ---- */

struct seen {
    unsigned n;
};

static bool see_event(void *ctx, uint64_t n, bool pii, struct str event, struct err *err)
{
    struct seen *seen = ctx;
    char text[40];
    (void)err;
    seen->n++;
    ck_assert_uint_eq(n, seen->n);
    snprintf(text, sizeof text, "event %u", seen->n);
    ck_assert(str_is(event, text));
    ck_assert(pii == (n > 1 && n % 3 == 0));
    return true;
}

static bool see_draft(void *ctx, const struct draft *d)
{
    struct draft *out = ctx;
    ck_assert(str_is(d->note, "note"));
    *out = *d;
    return true;
}

START_TEST(test_draft__events_come_back_in_order)
{
    struct seen seen = {0};
    struct draft d = {0};
    struct hash32 form = case_form(s);
    struct id16 uuid = case_draft(s, &form, 50);
    reopen();
    ok(store_draft_events(s, &uuid, see_event, &seen, &e));
    ck_assert_uint_eq(seen.n, 50);
    ok(store_draft_each(s, see_draft, &d, &e));
    ck_assert(id16_eq(&d.uuid, &uuid));
    ck_assert(hash32_eq(&d.form, &form));
    ck_assert_uint_eq(d.events, 50);
    ck_assert_int_eq(d.began_ms, 1000);
    ck_assert_int_eq(d.changed_ms, 1050);
}
END_TEST

START_TEST(test_draft__several_side_by_side)
{
    struct hash32 form = case_form(s);
    struct id16 a = case_draft(s, &form, 2), b = case_draft(s, &form, 5);
    struct seen seen = {0};
    ok(store_draft_append(s, &a, true, 9, STR("event 3"), STR("note"), &e));
    ok(store_draft_events(s, &a, see_event, &seen, &e));
    ck_assert_uint_eq(seen.n, 3);
    seen.n = 0;
    ok(store_draft_events(s, &b, see_event, &seen, &e));
    ck_assert_uint_eq(seen.n, 5);
    case_finalise(s, &a);
    reopen();
    seen.n = 0;
    ok(store_draft_events(s, &b, see_event, &seen, &e));
    ck_assert_uint_eq(seen.n, 5);
    ck_assert(!store_draft_events(s, &a, see_event, &seen, &e));
    ck_assert_ptr_eq(e.kind, &ERR_DRAFT_UNKNOWN);
}
END_TEST

START_TEST(test_draft__uuid_is_derived_from_the_device)
{
    struct hash32 form = case_form(s);
    struct id16 uuid = case_draft(s, &form, 1);
    ck_assert_uint_eq(uuid.b[6] >> 4, 4);
    ck_assert_uint_eq(uuid.b[8] >> 6, 2);
}
END_TEST

START_TEST(test_draft__code_can_be_said)
{
    struct hash32 form = case_form(s);
    for (int i = 0; i < 100; i++) { /* by chance alone one in nine would not be */
        struct id16 uuid = case_draft(s, &form, 1);
        uint64_t n = 0;
        for (int k = 0; k < 5; k++)
            n = n << 8 | uuid.b[k];
        ck_assert(n % 37 < 32 || n % 37 == 36);
    }
}
END_TEST

START_TEST(test_draft__void_leaves_the_ledger_and_no_keys)
{
    struct hash32 form = case_form(s);
    struct id16 uuid = case_draft(s, &form, 4);
    struct store_counts n;
    ok(store_draft_void(s, &uuid, STR("begun by mistake"), 7000, &e));
    reopen();
    ok(store_counts(s, &n, &e));
    ck_assert_uint_eq(n.drafts, 0);
    ck_assert_uint_eq(n.revisions, 0);
    ck_assert_uint_eq(n.ledger_rows, 2);
    store_close(s);
    s = NULL;
    ck_assert_int_eq(case_count(&c, "SELECT count(*) FROM wrap"), 1);
    ck_assert_int_eq(case_count(&c, "SELECT count(*) FROM wrap WHERE ik <> zeroblob(72) OR "
                                    "pk <> zeroblob(72)"),
                     0);
    ck_assert_int_eq(case_count(&c, "SELECT count(*) FROM journal"), 0);
}
END_TEST

START_TEST(test_draft__limits)
{
    struct hash32 form = case_form(s);
    struct id16 uuid = case_draft(s, &form, 1);
    char *big = calloc(1, ((size_t)1 << 20) + 1);
    ck_assert(!store_draft_append(s, &uuid, false, 1, (struct str){big, ((size_t)1 << 20) + 1},
                                  STR(""), &e));
    ck_assert_ptr_eq(e.kind, &ERR_STORE_LIMIT);
    err_clear(&e);
    ck_assert(!store_draft_append(s, &uuid, false, 1, STR("x"), (struct str){big, 4097}, &e));
    ck_assert_ptr_eq(e.kind, &ERR_STORE_LIMIT);
    err_clear(&e);
    ok(store_draft_append(s, &uuid, false, 1, (struct str){big, (size_t)1 << 20},
                          (struct str){big, 4096}, &e));
    free(big);
}
END_TEST

/* ---- journals tampered with ---- */

static void tampered_journal(const char *sql, const struct err_kind *kind)
{
    struct hash32 form = case_form(s);
    case_draft(s, &form, 9);
    store_close(s);
    s = NULL;
    case_sql(&c, sql);
    case_refused(&c, kind);
}

static void ignore_fault(void *ctx, struct str line)
{
    (void)ctx, (void)line;
}

/* The store opens, a record beside it can be read; the draft gives its error and takes nothing, but it can be
 * ended. */
static void broken_journal(const char *sql)
{
    struct seen seen = {0};
    struct buf part;
    struct revision_new r = {.part1 = STR("<data/>"), .outcome = 1};
    uint8_t salt[32];
    uint64_t faults = 0;
    struct hash32 form = case_form(s), rev;
    struct id16 done = case_draft(s, &form, 3);
    struct hash32 record = case_finalise(s, &done);
    struct id16 uuid = case_draft(s, &form, 9);
    store_close(s);
    s = NULL;
    case_sql(&c, sql);
    s = case_open(&c);
    buf_init(&part, 1000);
    ok(store_revision_part(s, &record, 1, salt, &part, &e));
    buf_done(&part);
    ck_assert(!store_draft_events(s, &uuid, see_event, &seen, &e));
    ck_assert_ptr_eq(e.kind, &ERR_JOURNAL_BROKEN);
    err_clear(&e);
    ck_assert(!store_draft_append(s, &uuid, false, 1, STR("x"), STR(""), &e));
    ck_assert_ptr_eq(e.kind, &ERR_JOURNAL_BROKEN);
    err_clear(&e);
    ck_assert(!store_draft_finalise(s, &uuid, &r, &rev, &e));
    ck_assert_ptr_eq(e.kind, &ERR_JOURNAL_BROKEN);
    err_clear(&e);
    ok(store_verify(s, ignore_fault, NULL, &faults, &e));
    ck_assert_uint_gt(faults, 0);
    ok(store_draft_void(s, &uuid, STR("it was damaged"), 1, &e));
    ok(store_verify(s, ignore_fault, NULL, &faults, &e));
    ck_assert_uint_eq(faults, 0);
}

START_TEST(test_journal__cut_tail_costs_that_draft_alone)
{
    broken_journal("DELETE FROM journal WHERE at = (SELECT max(at) FROM journal)");
}
END_TEST

START_TEST(test_journal__added_tail_costs_that_draft_alone)
{
    broken_journal("INSERT INTO journal SELECT at + 1, pii, sealed FROM journal "
                   "ORDER BY at DESC LIMIT 1");
}
END_TEST

START_TEST(test_journal__draft_removed_whole_is_seen)
{
    tampered_journal("DELETE FROM journal; DELETE FROM head WHERE id > 0", &ERR_STORE_DAMAGED);
}
END_TEST

START_TEST(test_journal__swapped_events_are_named)
{
    struct seen seen = {0};
    struct hash32 form = case_form(s);
    struct id16 uuid = case_draft(s, &form, 9);
    store_close(s);
    s = NULL;
    case_sql(&c, "UPDATE journal SET at = at + 100 WHERE at % 16777216 IN (4, 5);"
                 "UPDATE journal SET at = at - 99 WHERE at % 16777216 = 104;"
                 "UPDATE journal SET at = at - 101 WHERE at % 16777216 = 105");
    s = case_open(&c);
    ck_assert(!store_draft_events(s, &uuid, see_event, &seen, &e));
    ck_assert_ptr_eq(e.kind, &ERR_JOURNAL_BROKEN);
    ck_assert_str_eq(e.arg[0], "4");
    ck_assert_uint_eq(seen.n, 3);
}
END_TEST

/* ---- revisions ---- */

struct one_revision {
    struct revision r;
    enum revision_state state;
    unsigned n;
};

static bool see_revision(void *ctx, const struct revision *r, enum revision_state state,
                         struct str summary)
{
    struct one_revision *out = ctx;
    out->r = *r;
    out->state = state;
    out->n++;
    ck_assert(str_is(summary, "the summary"));
    return true;
}

struct few_revisions {
    struct hash32 id[8];
    size_t n, most;
};

static bool see_few(void *ctx, const struct revision *r, enum revision_state state,
                    struct str summary)
{
    struct few_revisions *out = ctx;
    ck_assert_int_eq(state, REVISION_PENDING);
    ck_assert(str_is(summary, "the summary"));
    out->id[out->n++] = r->rev_id;
    return out->n % out->most != 0;
}

START_TEST(test_revision__newest_first_in_pieces)
{
    struct hash32 form = case_form(s), rev[5];
    struct few_revisions all = {.most = 2};
    struct store_counts counts;
    struct buf note;
    for (int i = 0; i < 5; i++) {
        struct id16 uuid = case_draft(s, &form, 1);
        rev[i] = case_finalise(s, &uuid);
    }
    uint64_t changes = store_changes(s);
    ok(store_counts(s, &counts, &e));
    uint64_t no = counts.revisions;
    static const uint64_t after[] = {3, 1, 0};
    for (size_t i = 0; i < 3; i++) {
        ok(store_revision_back(s, &no, see_few, &all, &e));
        ck_assert_uint_eq(no, after[i]);
    }
    ck_assert_uint_eq(all.n, 5);
    for (size_t i = 0; i < 5; i++)
        ck_assert(hash32_eq(&all.id[i], &rev[4 - i]));
    ok(store_revision_back(s, &no, see_few, &all, &e)); /* behind the end */
    ck_assert_uint_eq(all.n, 5);

    buf_init(&note, 100);
    ok(store_revision_summary(s, &rev[2], &note, &e));
    ck_assert_str_eq(note.p, "the summary");
    buf_clear(&note);
    ok(store_revision_summary(s, &(struct hash32){{1}}, &note, &e));
    ck_assert_uint_eq(note.n, 0);
    buf_done(&note);
    ck_assert_uint_eq(store_changes(s), changes); /* it was only read */
    case_draft(s, &form, 1);
    ck_assert_uint_gt(store_changes(s), changes);
}
END_TEST

START_TEST(test_revision__finalised_draft_is_there_whole)
{
    struct one_revision one = {.n = 0};
    struct buf part;
    uint8_t salt[32];
    bool there = false;
    struct hash32 form = case_form(s);
    struct id16 uuid = case_draft(s, &form, 4);
    struct hash32 rev = case_finalise(s, &uuid);
    reopen();
    ok(store_revision_each(s, see_revision, &one, &e));
    ck_assert_uint_eq(one.n, 1);
    ck_assert(hash32_eq(&one.r.rev_id, &rev));
    ck_assert(id16_eq(&one.r.uuid, &uuid));
    ck_assert_int_eq(one.state, REVISION_PENDING);
    struct hash32 id = revision_id(&one.r, &store_identity(s)->survey);
    ck_assert(hash32_eq(&id, &rev));
    buf_init(&part, 1 << 20);
    ok(store_revision_part(s, &rev, 1, salt, &part, &e));
    ck_assert_str_eq(part.p, "<data>the first part</data>");
    struct hash32 c1 = part_commitment(salt, 1, buf_str(&part));
    ck_assert(hash32_eq(&c1, &one.r.c1));
    buf_clear(&part);
    ok(store_revision_part(s, &rev, 2, salt, &part, &e));
    ck_assert_str_eq(part.p, "/data/name\tSiti Rahmah\n");
    ok(store_revision_get(s, &rev, &one.r, &there, &e));
    ck_assert(there);
    rev.b[5] ^= 1;
    ok(store_revision_get(s, &rev, &one.r, &there, &e));
    ck_assert(!there);
    buf_done(&part);
}
END_TEST

START_TEST(test_revision__states_and_pending_count)
{
    struct one_revision one = {.n = 0};
    struct store_counts n;
    struct hash32 form = case_form(s);
    struct id16 uuid = case_draft(s, &form, 1);
    struct hash32 rev = case_finalise(s, &uuid);
    ok(store_counts(s, &n, &e));
    ck_assert_uint_eq(n.pending, 1);
    ok(store_revision_set_state(s, &rev, REVISION_HELD, &e));
    ok(store_revision_set_state(s, &rev, REVISION_SAFE, &e));
    ok(store_revision_set_state(s, &rev, REVISION_SAFE, &e));
    reopen();
    ok(store_counts(s, &n, &e));
    ck_assert_uint_eq(n.pending, 0);
    ok(store_revision_each(s, see_revision, &one, &e));
    ck_assert_int_eq(one.state, REVISION_SAFE);
}
END_TEST

START_TEST(test_revision__correction_keeps_uuid_and_names_its_parent)
{
    struct one_revision one = {.n = 0};
    struct id16 again;
    struct hash32 form = case_form(s);
    struct id16 uuid = case_draft(s, &form, 1);
    struct hash32 rev = case_finalise(s, &uuid);
    ok(store_draft_begin(s, &form, &rev, &uuid, 8000, STR("event 1"), STR("note"), &again, &e));
    ck_assert(id16_eq(&uuid, &again));
    ck_assert(!store_draft_begin(s, &form, &rev, &uuid, 8000, STR("x"), STR(""), &again, &e));
    ck_assert_ptr_eq(e.kind, &ERR_DRAFT_OPEN);
    err_clear(&e);
    struct hash32 second = case_finalise(s, &uuid);
    ck_assert(!hash32_eq(&rev, &second));
    ok(store_revision_each(s, see_revision, &one, &e));
    ck_assert_uint_eq(one.n, 2);
    ck_assert_uint_eq(one.r.n_parents, 1);
    ck_assert(hash32_eq(&one.r.parents[0], &rev));
}
END_TEST

/* ---- ledger ---- */

struct chain {
    unsigned n;
    struct hash32 prev;
    enum ledger_kind kinds[16];
};

static bool see_row(void *ctx, const struct hash32 *hash, const uint8_t row[LEDGER_ROW_SIZE])
{
    struct chain *ch = ctx;
    struct ledger_row r;
    uint8_t again[LEDGER_ROW_SIZE];
    ok(ledger_row_decode(row, &r, &e));
    ledger_row_encode(&r, again);
    ck_assert_mem_eq(row, again, LEDGER_ROW_SIZE);
    struct hash32 h = ledger_row_hash(&store_identity(s)->survey, &store_identity(s)->device, row);
    ck_assert(hash32_eq(&h, hash));
    ck_assert(hash32_eq(&r.prev, &ch->prev));
    ck_assert_uint_eq(r.seq, ch->n + 1);
    ch->kinds[ch->n++] = r.kind;
    ch->prev = h;
    return true;
}

START_TEST(test_ledger__chain_and_signed_head)
{
    struct chain ch = {0};
    struct ledger_head head;
    struct hash32 form = case_form(s);
    struct id16 uuid = case_draft(s, &form, 2);
    case_finalise(s, &uuid);
    ok(store_ledger_append(s, LEDGER_CLOCK, NULL, NULL, STR("clock moved back"), &e));
    reopen();
    ok(store_ledger_each(s, &store_identity(s)->device, see_row, &ch, &e));
    ck_assert_uint_eq(ch.n, 3);
    ck_assert_int_eq(ch.kinds[0], LEDGER_OPEN);
    ck_assert_int_eq(ch.kinds[1], LEDGER_FINAL);
    ck_assert_int_eq(ch.kinds[2], LEDGER_CLOCK);
    ok(store_ledger_head(s, &head, &e));
    ck_assert_uint_eq(head.seq, 3);
    ck_assert(hash32_eq(&head.row_hash, &ch.prev));
    ck_assert(ledger_head_verify(&head, &store_identity(s)->survey, &store_identity(s)->ed_pk));
    head.seq++;
    ck_assert(!ledger_head_verify(&head, &store_identity(s)->survey, &store_identity(s)->ed_pk));
}
END_TEST

START_TEST(test_ledger__cut_tail_is_seen_at_opening)
{
    struct hash32 form = case_form(s);
    case_draft(s, &form, 2);
    store_close(s);
    s = NULL;
    case_sql(&c, "DELETE FROM ledger");
    case_refused(&c, &ERR_STORE_DAMAGED);
}
END_TEST

START_TEST(test_ledger__rows_of_others_are_new_once_and_ordered)
{
    uint8_t rows[3][LEDGER_ROW_SIZE], back[LEDGER_ROW_SIZE];
    struct hash32 device = {{7}}, hash[3];
    bool fresh, there;
    for (unsigned i = 0; i < 3; i++) {
        struct ledger_row r = {.kind = LEDGER_OPEN, .seq = i + 1};
        if (i)
            r.prev = hash[i - 1];
        ledger_row_encode(&r, rows[i]);
        hash[i] = ledger_row_hash(&store_identity(s)->survey, &device, rows[i]);
    }
    for (int i = 2; i >= 0; i--) {
        ok(store_row_put(s, &device, rows[i], &fresh, &e));
        ck_assert(fresh);
        ok(store_row_put(s, &device, rows[i], &fresh, &e));
        ck_assert(!fresh);
    }
    ok(store_row_get(s, &device, &hash[1], back, &there, &e));
    ck_assert(there);
    ck_assert_mem_eq(back, rows[1], LEDGER_ROW_SIZE);
    ok(store_row_get(s, &store_identity(s)->device, &hash[1], back, &there, &e));
    ck_assert(!there);
    rows[0][0] = 2;
    ck_assert(!store_row_put(s, &device, rows[0], &fresh, &e));
    ck_assert_ptr_eq(e.kind, &ERR_LEDGER_ROW);
}
END_TEST

/* ---- facts ---- */

START_TEST(test_device__by_id_and_key)
{
    struct device d = {.label = STR("Laptop 3")}, back;
    struct secret *seed = secret_random(32), *sk;
    struct arena a;
    bool fresh, there;
    arena_init(&a);
    crypt_sign_pair(seed, &d.ed_pk, &sk);
    secret_free(sk);
    crypt_box_pair(seed, &d.x_pk, &sk);
    secret_free(sk);
    secret_free(seed);
    ck_assert(!store_device_put(s, &d, &fresh, &e));
    ck_assert_ptr_eq(e.kind, &ERR_DEVICE_ID);
    err_clear(&e);
    d.device = device_id(&d.ed_pk, &d.x_pk);
    ok(store_device_put(s, &d, &fresh, &e));
    ck_assert(fresh);
    ok(store_device_put(s, &d, &fresh, &e));
    ck_assert(!fresh);
    reopen();
    ok(store_device_by_key(s, &d.ed_pk, &back, &a, &there, &e));
    ck_assert(there);
    ck_assert(str_is(back.label, "Laptop 3"));
    ck_assert(hash32_eq(&back.device, &d.device));
    ok(store_device_by_key(s, &d.x_pk, &back, &a, &there, &e));
    ck_assert(!there);
    arena_done(&a);
}
END_TEST

static bool count_head(void *ctx, const struct ledger_head *h)
{
    (void)h;
    ++*(unsigned *)ctx;
    return true;
}

START_TEST(test_head__is_new_once)
{
    struct ledger_head h;
    unsigned n = 0;
    bool fresh;
    ok(store_ledger_append(s, LEDGER_CLOCK, NULL, NULL, STR(""), &e));
    ok(store_ledger_head(s, &h, &e));
    ok(store_head_put(s, &h, &fresh, &e));
    ck_assert(fresh);
    ok(store_head_put(s, &h, &fresh, &e));
    ck_assert(!fresh);
    reopen();
    ok(store_head_each(s, &store_identity(s)->device, count_head, &n, &e));
    ck_assert_uint_eq(n, 1);
}
END_TEST

START_TEST(test_revision_put__checks_what_came_from_elsewhere)
{
    struct revision r = {.uuid = {{1}}, .device = {{2}}, .form = {{3}}, .outcome = 1};
    struct part p1 = {.salt = {4}, .bytes = STR("<data/>")};
    bool fresh;
    r.c1 = part_commitment(p1.salt, 1, p1.bytes);
    r.rev_id = revision_id(&r, &store_identity(s)->survey);
    ok(store_revision_put(s, &r, &p1, NULL, REVISION_HELD, STR("the summary"), &fresh, &e));
    ck_assert(fresh);
    ok(store_revision_put(s, &r, &p1, NULL, REVISION_HELD, STR("the summary"), &fresh, &e));
    ck_assert(!fresh);
    p1.bytes = STR("<date/>");
    ck_assert(!store_revision_put(s, &r, &p1, NULL, REVISION_HELD, STR(""), &fresh, &e));
    ck_assert_ptr_eq(e.kind, &ERR_REVISION_INVALID);
    err_clear(&e);
    r.outcome = 2;
    ck_assert(!store_revision_put(s, &r, NULL, NULL, REVISION_HELD, STR(""), &fresh, &e));
    ck_assert_ptr_eq(e.kind, &ERR_REVISION_INVALID);
}
END_TEST

/* ---- transactions ---- */

START_TEST(test_tx__rolled_back_whole)
{
    struct store_counts n;
    bool there;
    struct buf out;
    struct hash32 form = case_form(s);
    struct id16 kept = case_draft(s, &form, 2);
    struct seen seen = {0};
    buf_init(&out, 100);
    ok(store_begin(s, &e));
    ok(store_config_put(s, "a", STR("1"), &e));
    case_draft(s, &form, 3);
    ok(store_draft_append(s, &kept, true, 1, STR("event 3"), STR(""), &e));
    store_rollback(s);
    ok(store_counts(s, &n, &e));
    ck_assert_uint_eq(n.drafts, 1);
    ck_assert_uint_eq(n.ledger_rows, 1);
    ok(store_config_get(s, "a", &out, &there, &e));
    ck_assert(!there);
    ok(store_draft_append(s, &kept, true, 1, STR("event 3"), STR("note"), &e));
    reopen();
    ok(store_draft_events(s, &kept, see_event, &seen, &e));
    ck_assert_uint_eq(seen.n, 3);
}
END_TEST

START_TEST(test_tx__commits_together)
{
    struct store_counts n;
    struct hash32 form = case_form(s);
    ok(store_begin(s, &e));
    for (unsigned i = 0; i < 20; i++) {
        struct id16 uuid = case_draft(s, &form, 1);
        case_finalise(s, &uuid);
    }
    ok(store_commit(s, &e));
    reopen();
    ok(store_counts(s, &n, &e));
    ck_assert_uint_eq(n.revisions, 20);
    ck_assert_uint_eq(n.pending, 20);
    ck_assert_uint_eq(n.drafts, 0);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("store");
    TCase *t = tcase_create("store");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, test_open__identity_stays);
    tcase_add_test(t, test_open__wrong_passphrase_is_named);
    tcase_add_test(t, test_open__second_writer_is_told_who);
    tcase_add_test(t, test_open__reader_sees_one_moment_and_writes_nothing);
    tcase_add_test(t, test_create__refuses_an_existing_file);
    tcase_add_test(t, test_open__what_is_no_store);
    tcase_add_test(t, test_open__a_version_to_come_or_from_before_the_first);
    tcase_add_test(t, test_open__foreign_things_in_the_schema_are_refused_by_name);
    tcase_add_test(t, test_peek__needs_no_key);
    tcase_add_test(t, test_config__values_by_name);
    tcase_add_test(t, test_config__an_older_value_put_back_is_seen);
    tcase_add_test(t, test_form__files_come_back_by_hash);
    tcase_add_test(t, test_form__packed_bytes_have_one_form);
    tcase_add_test(t, test_draft__events_come_back_in_order);
    tcase_add_test(t, test_draft__several_side_by_side);
    tcase_add_test(t, test_draft__uuid_is_derived_from_the_device);
    tcase_add_test(t, test_draft__code_can_be_said);
    tcase_add_test(t, test_draft__void_leaves_the_ledger_and_no_keys);
    tcase_add_test(t, test_draft__limits);
    tcase_add_test(t, test_journal__cut_tail_costs_that_draft_alone);
    tcase_add_test(t, test_journal__added_tail_costs_that_draft_alone);
    tcase_add_test(t, test_journal__draft_removed_whole_is_seen);
    tcase_add_test(t, test_journal__swapped_events_are_named);
    tcase_add_test(t, test_revision__newest_first_in_pieces);
    tcase_add_test(t, test_revision__finalised_draft_is_there_whole);
    tcase_add_test(t, test_revision__states_and_pending_count);
    tcase_add_test(t, test_revision__correction_keeps_uuid_and_names_its_parent);
    tcase_add_test(t, test_ledger__chain_and_signed_head);
    tcase_add_test(t, test_ledger__cut_tail_is_seen_at_opening);
    tcase_add_test(t, test_ledger__rows_of_others_are_new_once_and_ordered);
    tcase_add_test(t, test_device__by_id_and_key);
    tcase_add_test(t, test_head__is_new_once);
    tcase_add_test(t, test_revision_put__checks_what_came_from_elsewhere);
    tcase_add_test(t, test_tx__rolled_back_whole);
    tcase_add_test(t, test_tx__commits_together);
    suite_add_tcase(suite, t);
    return suite;
}
