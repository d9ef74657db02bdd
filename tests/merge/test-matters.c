/* What the ledgers tell that the records alone do not, and deciding a fork. */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sync/io/io.h"
#include "sync/merge/decide.h"
#include "sync/transport/transport.h"
#include "tests/support/check_main.h"
#include "tests/support/circle_case.h"
#include "tests/support/tmpdir.h"

static struct circle_case c;
static struct err e;
static struct store *laptop;

static void setup(void)
{
    err_clear(&e);
    circle_setup(&c);
    laptop = circle_laptop(&c, c.office, "laptop");
}

static void teardown(void)
{
    store_close(laptop);
    circle_teardown(&c);
}

struct told {
    unsigned n[MATTER_UNSEEN + 1];
    struct matter_row last[MATTER_UNSEEN + 1];
    struct matter_row fork[2];
};

static void tell(void *ctx, const struct matter_row *m)
{
    struct told *t = ctx;
    if (m->matter == MATTER_FORK && t->n[MATTER_FORK] < 2)
        t->fork[t->n[MATTER_FORK]] = *m;
    t->n[m->matter]++;
    t->last[m->matter] = *m;
}

static struct told matters(struct store *s)
{
    struct told t = {.n = {0}};
    struct derive *d;
    circle_ok(derive_open(&d, s, &e), &e);
    circle_ok(derive_matters(d, tell, &t, &e), &e);
    derive_free(d);
    return t;
}

START_TEST(test_matters__an_interview_without_an_end_is_told_until_it_ends)
{
    struct id16 uuid;
    circle_ok(store_draft_begin(laptop, &c.form, NULL, NULL, CIRCLE_NOW, STR("start"), STR(""),
                                &uuid, &e),
              &e);
    circle_bundle(laptop, "1.bundle");
    circle_merge_known(c.office, "1.bundle");
    struct told t = matters(c.office);
    ck_assert_uint_eq(t.n[MATTER_BEGUN], 1);
    ck_assert(id16_eq(&t.last[MATTER_BEGUN].row.subject, &uuid));
    ck_assert_uint_eq(t.n[MATTER_FORK] + t.n[MATTER_GAP] + t.n[MATTER_UNSEEN], 0);
    circle_ok(store_draft_void(laptop, &uuid, STR("by mistake"), CIRCLE_NOW, &e), &e);
    circle_bundle(laptop, "2.bundle");
    circle_merge_known(c.office, "2.bundle");
    ck_assert_uint_eq(matters(c.office).n[MATTER_BEGUN], 0);
}
END_TEST

START_TEST(test_matters__a_record_that_its_ledger_names_and_nobody_brought)
{
    struct hash32 rev = circle_interview(&c, laptop, "<data/>", "", NULL);
    circle_ok(store_revision_set_state(laptop, &rev, REVISION_HELD, &e), &e); /* not sent */
    circle_bundle(laptop, "1.bundle");
    circle_merge_known(c.office, "1.bundle");
    struct told t = matters(c.office);
    ck_assert_uint_eq(t.n[MATTER_UNSEEN], 1);
    ck_assert(hash32_eq(&t.last[MATTER_UNSEEN].row.object, &rev));
    circle_ok(store_revision_set_state(laptop, &rev, REVISION_PENDING, &e), &e);
    circle_bundle(laptop, "2.bundle");
    circle_merge_known(c.office, "2.bundle");
    ck_assert_uint_eq(matters(c.office).n[MATTER_UNSEEN], 0);
}
END_TEST

/* Another office machine took the first bundle and acknowledged it; here only the second comes. */
START_TEST(test_matters__rows_without_their_predecessors)
{
    struct store *other = NULL;
    store_close(c.office);
    circle_copy("office.cacah", "other");
    circle_ok(store_open(&c.office, tmpdir_path("office.cacah"), c.passphrase, &e), &e);
    circle_ok(store_open(&other, tmpdir_path("other"), c.passphrase, &e), &e);
    circle_interview(&c, laptop, "<data/>", "", NULL);
    circle_bundle(laptop, "1.bundle");
    circle_merge_known(other, "1.bundle");
    circle_receipt(other, laptop, "1.receipt");
    circle_apply(laptop, "1.receipt");
    circle_interview(&c, laptop, "<data/>", "", NULL);
    circle_bundle(laptop, "2.bundle");
    circle_merge_known(c.office, "2.bundle");
    ck_assert_uint_eq(matters(c.office).n[MATTER_GAP], 1);
    circle_merge_known(c.office, "1.bundle");
    ck_assert_uint_eq(matters(c.office).n[MATTER_GAP], 0);
    store_close(other);
}
END_TEST

static enum standing standing(const struct hash32 *rev)
{
    struct derive *d;
    struct revision r;
    enum standing st;
    bool there;
    circle_ok(derive_open(&d, c.office, &e), &e);
    circle_ok(store_revision_get(c.office, rev, &r, &there, &e), &e);
    ck_assert(there);
    circle_ok(derive_standing(d, &r, &st, &e), &e);
    derive_free(d);
    return st;
}

START_TEST(test_matters__a_fork_is_told_and_one_way_chosen)
{
    struct store *twin = NULL;
    struct hash32 first = circle_interview(&c, laptop, "<data>1</data>", "", NULL);
    store_close(laptop);
    circle_copy("laptop", "twin");
    circle_ok(store_open(&laptop, tmpdir_path("laptop"), c.passphrase, &e), &e);
    circle_ok(store_open(&twin, tmpdir_path("twin"), c.passphrase, &e), &e);
    struct hash32 mine = circle_interview(&c, laptop, "<data>2</data>", "", NULL);
    struct hash32 theirs = circle_interview(&c, twin, "<data>3</data>", "", NULL);
    circle_bundle(laptop, "1.bundle");
    circle_bundle(twin, "2.bundle");
    circle_merge_known(c.office, "1.bundle");
    ck_assert_uint_eq(matters(c.office).n[MATTER_FORK], 0);
    circle_merge_known(c.office, "2.bundle");
    struct told t = matters(c.office);
    ck_assert_uint_eq(t.n[MATTER_FORK], 2);
    ck_assert_uint_eq(t.fork[0].row.seq, t.fork[1].row.seq);
    ck_assert_int_eq(standing(&mine), STANDING_CURRENT);
    ck_assert_int_eq(standing(&theirs), STANDING_CURRENT);
    /* the row of the way on which the first copy's interview began */
    const struct matter_row *way = &t.fork[0];
    struct hash32 nobody = {{1}};
    ck_assert(!decide_branch(c.office, &way->device, &nobody, &e));
    ck_assert(err_is(&e, &ERR_NO_BRANCH));
    err_clear(&e);
    circle_ok(decide_branch(c.office, &way->device, &way->row_hash, &e), &e);
    bool is_mine = standing(&mine) == STANDING_CURRENT;
    ck_assert_int_eq(standing(is_mine ? &theirs : &mine), STANDING_QUARANTINED);
    ck_assert_int_eq(standing(is_mine ? &mine : &theirs), STANDING_CURRENT);
    ck_assert_int_eq(standing(&first), STANDING_CURRENT);
    /* it is decided: off the list, and the other way cannot be chosen as well */
    ck_assert_uint_eq(matters(c.office).n[MATTER_FORK], 0);
    ck_assert(!decide_branch(c.office, &way->device, &t.fork[1].row_hash, &e));
    ck_assert(err_is(&e, &ERR_NO_FORK));
    err_clear(&e);
    ck_assert_int_eq(standing(is_mine ? &mine : &theirs), STANDING_CURRENT);
    store_close(twin);
}
END_TEST

/* The laptop's store twice; each makes an interview, and both come to the office. */
static struct store *fork_laptop(struct hash32 *ret_mine, struct hash32 *ret_theirs)
{
    struct store *twin = NULL;
    store_close(laptop);
    circle_copy("laptop", "twin");
    circle_ok(store_open(&laptop, tmpdir_path("laptop"), c.passphrase, &e), &e);
    circle_ok(store_open(&twin, tmpdir_path("twin"), c.passphrase, &e), &e);
    *ret_mine = circle_interview(&c, laptop, "<data>2</data>", "", NULL);
    *ret_theirs = circle_interview(&c, twin, "<data>3</data>", "", NULL);
    circle_interview(&c, twin, "<data>4</data>", "", NULL); /* the copy's way is the longer */
    circle_bundle(laptop, "1.bundle");
    circle_bundle(twin, "2.bundle");
    circle_merge_known(c.office, "1.bundle");
    circle_merge_known(c.office, "2.bundle");
    return twin;
}

static const struct matter_row *way_of(struct store *s, const struct told *t)
{
    for (int i = 0; i < 2; i++) {
        uint8_t row[LEDGER_ROW_SIZE];
        bool there;
        circle_ok(store_row_get(s, &t->fork[i].device, &t->fork[i].row_hash, row, &there, &e), &e);
        if (there)
            return &t->fork[i];
    }
    ck_abort_msg("neither way is this laptop's");
    return NULL;
}

static bool hand_on(void *ctx, const struct hash32 *id, struct str bytes)
{
    struct fact f;
    bool fresh;
    (void)ctx, (void)id;
    circle_ok(fact_read(bytes, &f, &e) && fact_put(c.office, &f, &fresh, &e), &e);
    ck_assert(fresh);
    return true;
}

START_TEST(test_fork__two_offices_disagree_until_one_decides_for_both)
{
    struct hash32 mine, theirs, device;
    struct store *twin = fork_laptop(&mine, &theirs), *other = NULL;
    struct told t = matters(c.office);
    const struct matter_row *honest = way_of(laptop, &t), *copy = way_of(twin, &t);
    device = honest->device;
    store_close(c.office);
    circle_copy("office.cacah", "other");
    circle_ok(store_open(&c.office, tmpdir_path("office.cacah"), c.passphrase, &e), &e);
    circle_ok(store_open(&other, tmpdir_path("other"), c.passphrase, &e), &e);
    circle_ok(decide_branch(c.office, &device, &honest->row_hash, &e), &e);
    circle_ok(decide_branch(other, &device, &copy->row_hash, &e), &e);
    circle_ok(store_fact_each(other, FACT_REVOCATION, hand_on, NULL, &e), &e);
    ck_assert_uint_eq(matters(c.office).n[MATTER_FORK], 0);
    ck_assert_uint_eq(matters(c.office).n[MATTER_DISAGREE], 2);
    ck_assert_int_eq(standing(&mine), STANDING_QUARANTINED);
    ck_assert_int_eq(standing(&theirs), STANDING_QUARANTINED);
    circle_ok(decide_branch(c.office, &device, &honest->row_hash, &e), &e);
    ck_assert_uint_eq(matters(c.office).n[MATTER_DISAGREE], 0);
    ck_assert_int_eq(standing(&mine), STANDING_CURRENT);
    ck_assert_int_eq(standing(&theirs), STANDING_QUARANTINED);
    /* the laptop is told that its record counts after all */
    ck_assert_uint_eq(circle_receipt(c.office, laptop, "1.receipt").held, 1);
    ck_assert_uint_eq(circle_apply(laptop, "1.receipt").quarantined, 0);
    store_close(twin);
    store_close(other);
}
END_TEST

START_TEST(test_fork__the_receipt_goes_the_chosen_way_and_erases_on_both)
{
    struct id16 uuid;
    struct tombstone tomb;
    struct receipt_applied r;
    struct revision erased;
    struct hash32 first = circle_interview(&c, laptop, "<data>1</data>", "nama\tSiti", &uuid);
    struct hash32 mine, theirs;
    struct store *twin = fork_laptop(&mine, &theirs);
    bool there;
    struct told t = matters(c.office);
    circle_ok(store_erase(c.office, &uuid, ERASE_ALL, CIRCLE_NOW, &tomb, &e), &e);
    circle_receipt(c.office, laptop, "1.receipt"); /* acknowledges the longer way */
    ck_assert(!receipt_apply(laptop, tmpdir_path("1.receipt"), NULL, &r, &e));
    ck_assert(err_is(&e, &ERR_RECEIPT_HEAD));
    err_clear(&e);
    ck_assert_int_eq(circle_state(laptop, &first), REVISION_ERASED);
    ck_assert_int_eq(circle_state(laptop, &mine), REVISION_PENDING);
    circle_ok(decide_branch(c.office, &t.fork[0].device, &way_of(laptop, &t)->row_hash, &e), &e);
    circle_receipt(c.office, laptop, "2.receipt");
    circle_apply(laptop, "2.receipt");
    ck_assert_int_eq(circle_state(laptop, &mine), REVISION_HELD);
    ck_assert(!receipt_apply(twin, tmpdir_path("2.receipt"), NULL, &r, &e));
    ck_assert(err_is(&e, &ERR_RECEIPT_HEAD));
    err_clear(&e);
    ck_assert_int_eq(circle_state(twin, &first), REVISION_ERASED);
    circle_ok(store_revision_get(twin, &first, &erased, &there, &e), &e);
    ck_assert_int_eq(circle_state(twin, &theirs), REVISION_PENDING);
    store_close(twin);
}
END_TEST

static const struct cutoff whatever_is_held = {.until_ms = INT64_MAX};

START_TEST(test_revoke__on_either_side_of_a_gap_what_is_held_stays)
{
    struct store *other = NULL;
    const struct hash32 *device = &store_identity(laptop)->device;
    store_close(c.office);
    circle_copy("office.cacah", "other");
    circle_ok(store_open(&c.office, tmpdir_path("office.cacah"), c.passphrase, &e), &e);
    circle_ok(store_open(&other, tmpdir_path("other"), c.passphrase, &e), &e);
    struct hash32 first = circle_interview(&c, laptop, "<data>1</data>", "", NULL);
    circle_bundle(laptop, "1.bundle");
    circle_merge_known(c.office, "1.bundle");
    circle_merge_known(other, "1.bundle");
    circle_receipt(other, laptop, "1.receipt");
    circle_apply(laptop, "1.receipt");
    struct hash32 lost = circle_interview(&c, laptop, "<data>2</data>", "", NULL);
    circle_bundle(laptop, "2.bundle");
    circle_merge_known(other, "2.bundle");
    circle_receipt(other, laptop, "2.receipt");
    circle_apply(laptop, "2.receipt");
    struct hash32 last = circle_interview(&c, laptop, "<data>3</data>", "", NULL);
    circle_bundle(laptop, "3.bundle");
    circle_merge_known(c.office, "3.bundle");
    ck_assert_uint_eq(matters(c.office).n[MATTER_GAP], 1);
    circle_ok(decide_revoke(c.office, device, &whatever_is_held, &e), &e);
    ck_assert_int_eq(standing(&first), STANDING_CURRENT);
    ck_assert_int_eq(standing(&last), STANDING_CURRENT);
    ck_assert_uint_eq(circle_count(c.office, STANDING_QUARANTINED, -1), 0);
    circle_merge_known(c.office, "2.bundle"); /* what fills the gap was made before */
    ck_assert_int_eq(standing(&lost), STANDING_CURRENT);
    struct hash32 after = circle_interview(&c, laptop, "<data>4</data>", "", NULL);
    circle_bundle(laptop, "4.bundle");
    circle_merge_known(c.office, "4.bundle");
    ck_assert_int_eq(standing(&after), STANDING_QUARANTINED);
    store_close(other);
}
END_TEST

static bool count(void *ctx, const struct revision *r, const struct review *review, struct err *err)
{
    (void)r, (void)err;
    ck_assert(str_is(review->comment, "umur?"));
    ++*(unsigned *)ctx;
    return true;
}

static unsigned returned(void)
{
    struct derive *d;
    unsigned n = 0;
    circle_ok(derive_open(&d, laptop, &e), &e);
    circle_ok(derive_returned(d, &store_identity(laptop)->device, count, &n, &e), &e);
    derive_free(d);
    return n;
}

START_TEST(test_returned__until_its_correction_is_made)
{
    struct hash32 rev = circle_interview(&c, laptop, "<data>1</data>", "", NULL);
    circle_bundle(laptop, "1.bundle");
    circle_merge_known(c.office, "1.bundle");
    circle_ok(decide_review(c.office, &rev, VERDICT_RETURN, NULL, STR("umur?"), CIRCLE_NOW, &e),
              &e);
    ck_assert_uint_eq(returned(), 0);
    circle_receipt(c.office, laptop, "1.receipt");
    circle_apply(laptop, "1.receipt");
    ck_assert_uint_eq(returned(), 1);
    circle_correct(&c, laptop, &rev, "<data>2</data>");
    ck_assert_uint_eq(returned(), 0);
}
END_TEST

/* ---- a form that comes later ---- */

/* As an index that knows forms does: nothing for a record whose form is not in the store. */
static bool is_form(void *ctx, const struct hash32 *hash)
{
    bool *there = ctx;
    *there = *there || hash32_eq(hash, &c.form_two);
    return true;
}

static void index_known(void *ctx, const struct revision *r, struct str part1, struct str part2,
                        struct buf *out)
{
    bool there = false;
    (void)part2;
    circle_ok(store_form_each(ctx, is_form, &there, &e), &e);
    if (there && hash32_eq(&r->form, &c.form_two))
        buf_add_str(out, str_sub(part1, 0, 4));
}

static struct buf summary_of(struct store *s, const struct hash32 *rev)
{
    struct buf b;
    buf_init(&b, 5000);
    circle_ok(store_revision_summary(s, rev, &b, &e), &e);
    return b;
}

START_TEST(test_index__a_summary_comes_with_the_form)
{
    struct form_files two = {.form = {STR("two.md"), STR("| survey | later |")}};
    struct merge_report r = {0};
    struct merge_ctx m = {
        .store = c.office, .index = index_known, .index_ctx = c.office, .now_ms = CIRCLE_NOW};
    enum merge_outcome outcome;
    struct err why = {0};
    uint64_t n = 9;
    struct hash32 one = c.form;
    circle_ok(store_form_put(laptop, &two, &c.form_two, &e), &e);
    c.form = c.form_two;
    struct hash32 rev = circle_interview(&c, laptop, "<data>2</data>", "a\tb", NULL);
    c.form = one;
    circle_bundle(laptop, "1.bundle");
    circle_ok(merge_file(&m, tmpdir_path("1.bundle"), &r, &outcome, &why, &e), &e);
    ck_assert_int_eq(outcome, MERGE_MERGED);
    ck_assert_uint_eq(r.new, 1); /* kept whole, whatever its form */
    struct buf s = summary_of(c.office, &rev);
    ck_assert_uint_eq(s.n, 0);
    buf_done(&s);
    circle_ok(merge_index_again(&m, &n, &e), &e);
    ck_assert_uint_eq(n, 0); /* still waits */
    circle_ok(store_form_put(c.office, &two, &c.form_two, &e), &e);
    circle_ok(merge_index_again(&m, &n, &e), &e);
    ck_assert_uint_eq(n, 1);
    s = summary_of(c.office, &rev);
    ck_assert(str_is(buf_str(&s), "<dat"));
    buf_done(&s);
    circle_ok(merge_index_again(&m, &n, &e), &e);
    ck_assert_uint_eq(n, 0);
}
END_TEST

/* ---- a folder ---- */

static bool stop_at_first(void *ctx, const struct merge_step *step)
{
    ck_assert_uint_eq(step->at, 1);
    ck_assert_uint_gt(step->size, step->read);
    ++*(unsigned *)ctx;
    return false;
}

START_TEST(test_inbox__stops_between_two_and_leaves_what_is_still_coming)
{
    struct merge_ctx m = {.store = c.office, .now_ms = CIRCLE_NOW};
    struct merge_report r = {0};
    struct hash32 before, after;
    unsigned told = 0;
    bool stopped, settled;
    circle_bundle(laptop, "1.bundle");
    circle_bundle(laptop, "2.bundle");
    struct merge_inbox in = {
        .folder = tmpdir_path("."), .settled = true, .done = stop_at_first, .ctx = &told};
    circle_ok(merge_inbox_state(tmpdir_path("."), &before, &settled, &e), &e);
    ck_assert(!settled);
    circle_ok(merge_inbox(&m, &in, &r, &stopped, &e), &e);
    ck_assert_uint_eq(r.files, 0); /* both were written just now */
    in.settled = false;
    circle_ok(merge_inbox(&m, &in, &r, &stopped, &e), &e);
    ck_assert(stopped);
    ck_assert_uint_eq(told, 1);
    ck_assert_uint_eq(r.files, 1);
    circle_ok(merge_inbox_state(tmpdir_path("."), &after, &settled, &e), &e);
    ck_assert(hash32_eq(&before, &after));
    circle_bundle(laptop, "3.bundle");
    circle_ok(merge_inbox_state(tmpdir_path("."), &after, &settled, &e), &e);
    ck_assert(!hash32_eq(&before, &after));
}
END_TEST

/* ---- within one bundle ---- */

struct heard {
    unsigned n;
    struct merge_step last;
};

static void note_within(void *ctx, const struct merge_step *so_far)
{
    struct heard *t = ctx;
    ck_assert_uint_ge(so_far->read, t->last.read);
    ck_assert_uint_ge(so_far->records, t->last.records);
    ck_assert_uint_le(so_far->read, so_far->size);
    t->n++;
    t->last = *so_far;
}

START_TEST(test_merge__tells_how_far_it_has_come_within_a_bundle)
{
    struct heard file = {0}, folder = {0};
    struct merge_report r = {0};
    struct err why = {0};
    enum merge_outcome outcome;
    bool stopped;
    struct store *many = circle_laptop(&c, c.office, "many");
    for (int i = 0; i < 150; i++)
        circle_interview(&c, many, "a", "b", NULL);
    struct bundle_written w = circle_bundle(many, "many.bundle");
    struct merge_ctx m = {
        .store = c.office, .now_ms = CIRCLE_NOW, .within = note_within, .within_ctx = &file};
    circle_ok(merge_file(&m, tmpdir_path("many.bundle"), &r, &outcome, &why, &e), &e);
    ck_assert_int_eq(outcome, MERGE_MERGED);
    ck_assert_uint_ge(file.n, 2);
    ck_assert_uint_eq(file.last.files, 1);
    ck_assert_uint_eq(file.last.size, w.bytes);
    ck_assert_uint_ge(file.last.records, 64);
    ck_assert_uint_gt(file.last.read, w.bytes / 3);

    m.within_ctx = &folder;
    struct merge_inbox in = {.folder = tmpdir_path(".")};
    circle_ok(merge_inbox(&m, &in, &r, &stopped, &e), &e);
    ck_assert_uint_ge(folder.n, 2);
    ck_assert_uint_eq(folder.last.at, 1);
    ck_assert_uint_eq(folder.last.size, w.bytes);
    store_close(many);
}
END_TEST

START_TEST(test_inbox__parked_files_have_a_limit)
{
    struct merge_report r = {0};
    struct buf bytes;
    bool stopped;
    struct store *office2 = NULL;
    /* a kit of a copy of this office, which this one does not know */
    store_close(c.office);
    circle_copy("office.cacah", "copy");
    circle_ok(store_open(&office2, tmpdir_path("copy"), c.passphrase, &e), &e);
    circle_ok(store_open(&c.office, tmpdir_path("office.cacah"), c.passphrase, &e), &e);
    struct store *stranger = circle_laptop(&c, office2, "stranger");
    circle_bundle(stranger, "s.bundle");
    buf_init(&bytes, 1u << 20);
    circle_ok(io_read_file(tmpdir_path("s.bundle"), 1u << 20, &bytes, &e), &e);
    for (int i = 0; i < MERGE_PARKED_FILES; i++) {
        char name[32];
        snprintf(name, sizeof name, "t%04d.bundle", i);
        FILE *f = fopen(tmpdir_path(name), "w");
        ck_assert_uint_eq(fwrite(bytes.p, 1, bytes.n, f), bytes.n);
        fclose(f);
    }
    struct merge_ctx m = {.store = c.office, .now_ms = CIRCLE_NOW};
    struct merge_inbox in = {.folder = tmpdir_path("."), .quarantine = tmpdir_path("bad")};
    circle_ok(merge_inbox(&m, &in, &r, &stopped, &e), &e);
    ck_assert_uint_eq(r.files, MERGE_PARKED_FILES + 1);
    ck_assert_uint_eq(r.parked, MERGE_PARKED_FILES);
    ck_assert_uint_eq(r.refused, 1);
    ck_assert(merge_report_adds_up(&r));
    buf_done(&bytes);
    store_close(stranger);
    store_close(office2);
}
END_TEST

/* ---- a stick ---- */

static int no_room(const char *path, struct statvfs *ret)
{
    (void)path;
    *ret = (struct statvfs){.f_frsize = 4096, .f_bavail = 1};
    return 0;
}

START_TEST(test_send__room_is_looked_for_first)
{
    struct bundle_written w;
    struct io_ops full = *io_use(NULL);
    io_use(NULL);
    circle_interview(&c, laptop, "<data/>", "", NULL);
    ck_assert_int_eq(mkdir(tmpdir_path("stick"), 0700), 0);
    full.room = no_room;
    io_use(&full);
    ck_assert(
        !transport_send(laptop, str_of(tmpdir_path("stick")), false, NULL, CIRCLE_NOW, &w, &e));
    io_use(NULL);
    ck_assert(err_is(&e, &ERR_NO_ROOM));
    err_clear(&e);
    circle_ok(transport_send(laptop, str_of(tmpdir_path("stick")), false, NULL, CIRCLE_NOW, &w, &e),
              &e);
    ck_assert_uint_eq(w.records, 1);
    ck_assert_uint_eq(w.seq, 1); /* nothing was counted as sent before */
    /* but a stick that is not there is not made up */
    ck_assert(
        !transport_send(laptop, str_of(tmpdir_path("no/stick")), false, NULL, CIRCLE_NOW, &w, &e));
    err_clear(&e);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("matters");
    TCase *t = tcase_create("matters");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 300);
    tcase_add_test(t, test_matters__an_interview_without_an_end_is_told_until_it_ends);
    tcase_add_test(t, test_matters__a_record_that_its_ledger_names_and_nobody_brought);
    tcase_add_test(t, test_matters__rows_without_their_predecessors);
    tcase_add_test(t, test_matters__a_fork_is_told_and_one_way_chosen);
    tcase_add_test(t, test_fork__two_offices_disagree_until_one_decides_for_both);
    tcase_add_test(t, test_fork__the_receipt_goes_the_chosen_way_and_erases_on_both);
    tcase_add_test(t, test_revoke__on_either_side_of_a_gap_what_is_held_stays);
    tcase_add_test(t, test_returned__until_its_correction_is_made);
    tcase_add_test(t, test_index__a_summary_comes_with_the_form);
    tcase_add_test(t, test_inbox__stops_between_two_and_leaves_what_is_still_coming);
    tcase_add_test(t, test_merge__tells_how_far_it_has_come_within_a_bundle);
    tcase_add_test(t, test_inbox__parked_files_have_a_limit);
    tcase_add_test(t, test_send__room_is_looked_for_first);
    suite_add_tcase(s, t);
    return s;
}
