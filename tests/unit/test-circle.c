/* Kit, bundle, merge, receipt: the way to the office and back, and the attacks on it. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sync/io/io.h"
#include "sync/bundle/fact.h"
#include "sync/bundle/record.h"
#include "sync/merge/decide.h"
#include "sync/transport/transport.h"
#include "tests/support/check_main.h"
#include "tests/support/circle_case.h"
#include "tests/support/tmpdir.h"

static struct circle_case c;
static struct store *laptop;
static struct err e;

static void setup(void)
{
    err_clear(&e);
    circle_setup(&c);
    laptop = circle_laptop(&c, c.office, "laptop3");
}

static void teardown(void)
{
    store_close(laptop);
    circle_teardown(&c);
}

static bool hash_eq(const struct hash32 *a, const struct hash32 *b)
{
    return hash32_eq(a, b);
}

/* ---- joining ---- */

START_TEST(test_kit__joins_with_forms_config_and_the_same_words)
{
    struct buf office_words, laptop_words, label;
    struct arena a;
    struct config config;
    struct form_files f;
    arena_init(&a);
    buf_init(&office_words, 200);
    buf_init(&laptop_words, 200);
    buf_init(&label, 200);
    circle_ok(kit_survey_words(c.office, WORDS_ID, &office_words, &e), &e);
    circle_ok(kit_survey_words(laptop, WORDS_ID, &laptop_words, &e), &e);
    ck_assert_str_eq(office_words.p, laptop_words.p);
    circle_ok(kit_label(laptop, &label, &e), &e);
    ck_assert_str_eq(label.p, "laptop3");
    circle_ok(kit_config(laptop, &config, &a, &e), &e);
    ck_assert_uint_eq(config.n_forms, 2);
    ck_assert(str_is(config.title, "Dampak Tabalong"));
    ck_assert(str_is(config.forms[0].name, "governance.md"));
    circle_ok(store_form_get(laptop, &config.forms[0].hash, &f, &a, &e), &e);
    ck_assert_int_eq(store_identity(laptop)->kind, STORE_FIELD);
    ck_assert(id16_eq(&store_identity(laptop)->survey, &store_identity(c.office)->survey));
    buf_done(&office_words);
    buf_done(&laptop_words);
    buf_done(&label);
    arena_done(&a);
}
END_TEST

START_TEST(test_kit__recovery_slots_are_those_of_the_signed_config)
{
    static const struct pk32 none;
    struct pk32 office, paper, other = {{9}};
    struct secret *sk = NULL, *seed = secret_random(32);
    enum recovery_is is;
    crypt_box_pair(seed, &other, &sk);
    circle_ok(kit_recovery_check(c.office, &is, &e), &e);
    ck_assert_int_eq(is, RECOVERY_FITS);
    circle_ok(kit_recovery_check(laptop, &is, &e), &e);
    ck_assert_int_eq(is, RECOVERY_FITS);
    circle_ok(store_recovery_get(laptop, &office, &paper, &e), &e);
    ck_assert(!pk32_eq(&office, &none) && !pk32_eq(&paper, &none));
    /* the settings name both, one slot is missing */
    circle_ok(store_recovery_set(laptop, &office, &none, &e), &e);
    circle_ok(store_config_put(laptop, "cacah.recovery.paper",
                               (struct str){(const char *)paper.b, 32}, &e),
              &e);
    circle_ok(kit_recovery_check(laptop, &is, &e), &e);
    ck_assert_int_eq(is, RECOVERY_LACKS_SLOT);
    circle_ok(store_recovery_set(laptop, &other, &paper, &e), &e);
    circle_ok(kit_recovery_check(laptop, &is, &e), &e);
    ck_assert_int_eq(is, RECOVERY_OTHER_KEY);
    /* a slot that nobody is to have */
    circle_ok(store_recovery_check(laptop, &other, &none, &is, &e), &e);
    ck_assert_int_eq(is, RECOVERY_OTHER_KEY);
    secret_free(sk);
    secret_free(seed);
}
END_TEST

START_TEST(test_kit__another_code_does_not_open_it)
{
    struct kit *k = NULL;
    ck_assert(!kit_open(&k, tmpdir_path("laptop3.kit"),
                        STR("abad abdi absen absolut abstrak acara"), &e));
    ck_assert_ptr_eq(e.kind, &ERR_INVITE_WRONG);
}
END_TEST

START_TEST(test_kit__a_bundle_is_not_a_kit)
{
    struct kit *k = NULL;
    circle_bundle(laptop, "a.bundle");
    ck_assert(
        !kit_open(&k, tmpdir_path("a.bundle"), STR("abad abdi absen absolut abstrak acara"), &e));
    ck_assert_ptr_eq(e.kind, &ERR_ENVELOPE_KIND);
}
END_TEST

START_TEST(test_kit__failed_join_leaves_no_store)
{
    struct buf code;
    struct kit *k;
    struct store *s = NULL;
    struct join j = {.passphrase = c.passphrase, .user = STR("Rina")};
    buf_init(&code, 200);
    circle_kit(&c, c.office, "b.kit", "b", &code);
    circle_ok(kit_open(&k, tmpdir_path("b.kit"), buf_str(&code), &e), &e);
    ck_assert(!kit_join(&s, tmpdir_path("laptop3"), k, &j, &e)); /* there is one already */
    ck_assert_ptr_eq(e.kind, &ERR_STORE_EXISTS);
    ck_assert_int_eq(access(tmpdir_path("laptop3"), F_OK), 0);
    kit_close(k);
    buf_done(&code);
}
END_TEST

/* ---- the circle ---- */

static bool die(void *ctx, const struct secret *seed, struct err *why)
{
    (void)ctx, (void)seed, (void)why;
    raise(SIGKILL);
    return false;
}

static bool no_paper(void *ctx, const struct secret *seed, struct err *why)
{
    (void)ctx, (void)seed;
    return err_fail(why, ERR_DISK_FULL);
}

/* No office without its paper key: killed while that is written, it was never there. */
START_TEST(test_kit__an_office_is_made_whole_or_not_at_all)
{
    struct form_files form = {.form = {STR("a.md"), STR("| survey |\n| text | q |\n")}};
    struct office_new n = {.title = STR("Survei"),
                           .user = STR("Dewi"),
                           .passphrase = c.passphrase,
                           .forms = &form,
                           .n_forms = 1,
                           .keep_paper = die};
    struct store *s;
    struct secret *paper;
    struct config config;
    struct arena a;
    int status;
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0)
        _exit(office_create(&s, tmpdir_path("new.cacah"), &n, &paper, &e) ? 0 : 1);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    ck_assert_int_ne(access(tmpdir_path("new.cacah"), F_OK), 0);
    n.keep_paper = no_paper;
    ck_assert(!office_create(&s, tmpdir_path("new.cacah"), &n, &paper, &e));
    ck_assert_ptr_eq(e.kind, &ERR_DISK_FULL);
    err_clear(&e);
    n.keep_paper = NULL;
    circle_ok(office_create(&s, tmpdir_path("new.cacah"), &n, &paper, &e), &e);
    arena_init(&a);
    circle_ok(kit_config(s, &config, &a, &e), &e);
    ck_assert_uint_eq(config.n_forms, 1);
    ck_assert(str_is(config.forms[0].name, "a.md"));
    ck_assert_int_ne(access(tmpdir_path("new.cacah.part"), F_OK), 0);
    arena_done(&a);
    secret_free(paper);
    store_close(s);
}
END_TEST

START_TEST(test_circle__record_arrives_and_the_receipt_comes_back)
{
    struct hash32 rev =
        circle_interview(&c, laptop, "<data><q1>yes</q1></data>", "name\tSiti", NULL);
    struct bundle_written w = circle_bundle(laptop, "1.bundle");
    struct hash32 anchor;
    ck_assert_uint_eq(w.records, 1);
    ck_assert_uint_ge(w.rows, 3); /* config, open, final, sent */
    struct merge_report r = circle_merge(c.office, "1.bundle", NULL, NULL);
    ck_assert_uint_eq(r.merged, 1);
    ck_assert_uint_eq(r.new, 1);
    ck_assert_uint_eq(r.devices_new, 1);
    ck_assert_uint_eq(circle_count(c.office, STANDING_CURRENT, REVISION_HELD), 1);
    struct buf part;
    uint8_t salt[32];
    buf_init(&part, 1000);
    circle_ok(store_revision_part(c.office, &rev, 1, salt, &part, &e), &e);
    ck_assert_str_eq(part.p, "<data><q1>yes</q1></data>");
    buf_clear(&part);
    circle_ok(store_revision_part(c.office, &rev, 2, salt, &part, &e), &e);
    ck_assert_str_eq(part.p, "name\tSiti");
    buf_done(&part);

    struct receipt_written rw = circle_receipt(c.office, laptop, "1.receipt");
    ck_assert_uint_eq(rw.number, 1);
    ck_assert_uint_eq(rw.held, 1);
    struct receipt_applied ra = circle_apply(laptop, "1.receipt");
    ck_assert_uint_eq(ra.held, 1);
    ck_assert_uint_eq(ra.newly, 1);
    ck_assert(hash_eq(&ra.id, &rw.id));
    ck_assert_int_eq(circle_state(laptop, &rev), REVISION_HELD);
    struct store_marks marks;
    store_marks(laptop, &marks);
    ck_assert(hash_eq(&marks.receipt_hash, &rw.id));
    anchor = marks.receipt_hash;
    /* what was acknowledged is not sent again, and later rows name the receipt */
    w = circle_bundle(laptop, "2.bundle");
    ck_assert_uint_eq(w.records, 0);
    ck_assert_uint_eq(w.rows, 2); /* receipt, sent */
    r = circle_merge(c.office, "2.bundle", NULL, NULL);
    ck_assert_uint_eq(r.rows_new, 2);
    ck_assert(!hash32_zero(&anchor));
}
END_TEST

START_TEST(test_circle__summary_is_made_by_the_callback)
{
    struct err none = {0};
    circle_interview(&c, laptop, "<data/>", "", NULL);
    circle_bundle(laptop, "1.bundle");
    circle_merge(c.office, "1.bundle", NULL, NULL);
    struct store_counts counts;
    circle_ok(store_counts(c.office, &counts, &none), &none);
    ck_assert_uint_eq(counts.revisions, 1);
}
END_TEST

START_TEST(test_circle__merged_twice_changes_nothing)
{
    struct hash32 one, two;
    enum merge_outcome outcome;
    circle_interview(&c, laptop, "<data/>", "x\ty", NULL);
    circle_bundle(laptop, "1.bundle");
    circle_merge(c.office, "1.bundle", NULL, NULL);
    circle_hash(c.office, &one);
    struct merge_report r = circle_merge(c.office, "1.bundle", &outcome, NULL);
    ck_assert_int_eq(outcome, MERGE_SAME);
    ck_assert_uint_eq(r.same_files, 1);
    ck_assert_uint_eq(r.records, 0);
    circle_hash(c.office, &two);
    ck_assert(hash_eq(&one, &two));
}
END_TEST

START_TEST(test_circle__a_lost_bundle_is_made_good_by_the_next)
{
    circle_interview(&c, laptop, "<data>1</data>", "", NULL);
    circle_bundle(laptop, "lost.bundle");
    circle_interview(&c, laptop, "<data>2</data>", "", NULL);
    struct bundle_written w = circle_bundle(laptop, "2.bundle");
    ck_assert_uint_eq(w.records, 2);
    struct merge_report r = circle_merge(c.office, "2.bundle", NULL, NULL);
    ck_assert_uint_eq(r.new, 2);
    ck_assert_uint_eq(circle_count(c.office, STANDING_CURRENT, -1), 2);
    /* found again: nothing but the head it was signed with */
    r = circle_merge(c.office, "lost.bundle", NULL, NULL);
    ck_assert_uint_eq(r.same, 1);
    ck_assert_uint_eq(r.rows_new, 0);
    ck_assert_uint_eq(circle_count(c.office, STANDING_CURRENT, -1), 2);
}
END_TEST

/* The same bundles into a copy of the office's store, in another order. */
static struct store *office_copy(const char *name)
{
    struct buf bytes;
    struct store *s;
    buf_init(&bytes, 64u << 20);
    store_close(c.office);
    circle_ok(io_read_file(tmpdir_path("office.cacah"), 64u << 20, &bytes, &e), &e);
    circle_ok(io_write_file(tmpdir_path(name), 0600, buf_str(&bytes), &e), &e);
    buf_done(&bytes);
    circle_ok(store_open(&c.office, tmpdir_path("office.cacah"), c.passphrase, &e), &e);
    circle_ok(store_open(&s, tmpdir_path(name), c.passphrase, &e), &e);
    return s;
}

START_TEST(test_circle__two_bundles_in_both_orders_come_to_the_same)
{
    struct store *second = circle_laptop(&c, c.office, "laptop4");
    struct store *other = office_copy("copy.cacah");
    struct hash32 one, two, rev;
    rev = circle_interview(&c, laptop, "<data>a</data>", "p\tq", NULL);
    circle_interview(&c, second, "<data>b</data>", "", NULL);
    circle_bundle(laptop, "a.bundle");
    circle_bundle(second, "b.bundle");
    circle_correct(&c, laptop, &rev, "<data>a2</data>");
    circle_bundle(laptop, "a2.bundle");
    circle_merge(c.office, "a.bundle", NULL, NULL);
    circle_merge(c.office, "b.bundle", NULL, NULL);
    struct merge_report r = circle_merge(c.office, "a2.bundle", NULL, NULL);
    ck_assert_uint_eq(r.same, 1);
    ck_assert_uint_eq(r.newer, 1);
    circle_merge(other, "a2.bundle", NULL, NULL);
    circle_merge(other, "b.bundle", NULL, NULL);
    circle_merge(other, "a.bundle", NULL, NULL);
    circle_hash(c.office, &one);
    circle_hash(other, &two);
    ck_assert(hash_eq(&one, &two));
    ck_assert_uint_eq(circle_count(other, STANDING_CURRENT, -1), 2);
    ck_assert_uint_eq(circle_count(other, STANDING_OLD, -1), 1);
    store_close(other);
    store_close(second);
}
END_TEST

START_TEST(test_circle__a_correction_after_the_receipt_is_newer)
{
    struct hash32 rev = circle_interview(&c, laptop, "<data>1</data>", "", NULL);
    circle_bundle(laptop, "1.bundle");
    circle_merge(c.office, "1.bundle", NULL, NULL);
    circle_receipt(c.office, laptop, "1.receipt");
    circle_apply(laptop, "1.receipt");
    circle_correct(&c, laptop, &rev, "<data>2</data>");
    struct bundle_written w = circle_bundle(laptop, "2.bundle");
    ck_assert_uint_eq(w.records, 1);
    struct merge_report r = circle_merge(c.office, "2.bundle", NULL, NULL);
    ck_assert_uint_eq(r.newer, 1);
    ck_assert_uint_eq(circle_count(c.office, STANDING_CURRENT, -1), 1);
    ck_assert_uint_eq(circle_count(c.office, STANDING_OLD, -1), 1);
}
END_TEST

/* ---- refused, parked, contested ---- */

START_TEST(test_merge__another_surveys_bundle_is_refused)
{
    struct store *elsewhere = circle_office(&c, "elsewhere.cacah");
    struct store *stranger = circle_laptop(&c, elsewhere, "stranger");
    enum merge_outcome outcome;
    struct err why;
    circle_bundle(stranger, "s.bundle");
    circle_merge(c.office, "s.bundle", &outcome, &why);
    ck_assert_int_eq(outcome, MERGE_REFUSED);
    ck_assert_ptr_eq(why.kind, &ERR_ENVELOPE_SURVEY);
    store_close(stranger);
    store_close(elsewhere);
}
END_TEST

START_TEST(test_merge__a_receipt_or_kit_is_refused)
{
    enum merge_outcome outcome;
    struct err why;
    circle_merge(c.office, "laptop3.kit", &outcome, &why);
    ck_assert_int_eq(outcome, MERGE_REFUSED);
    ck_assert_ptr_eq(why.kind, &ERR_ENVELOPE_KIND);
}
END_TEST

START_TEST(test_merge__an_unknown_laptop_is_parked_until_its_kit_is_known)
{
    struct store *before = office_copy("before.cacah");
    struct store *late = circle_laptop(&c, c.office, "late");
    enum merge_outcome outcome;
    struct err why;
    circle_interview(&c, late, "<data/>", "", NULL);
    circle_bundle(late, "late.bundle");
    struct merge_report r = circle_merge(before, "late.bundle", &outcome, &why);
    ck_assert_int_eq(outcome, MERGE_PARKED);
    ck_assert_ptr_eq(why.kind, &ERR_SENDER_UNKNOWN);
    ck_assert_uint_eq(r.records, 0);
    ck_assert_uint_eq(circle_count(before, STANDING_CURRENT, -1), 0);
    circle_merge(c.office, "late.bundle", &outcome, NULL);
    ck_assert_int_eq(outcome, MERGE_MERGED);
    store_close(late);
    store_close(before);
}
END_TEST

START_TEST(test_merge__two_laptops_of_one_kit_are_contested_in_any_order)
{
    struct buf code;
    struct derive *d;
    enum enrolment one, two;
    buf_init(&code, 200);
    circle_kit(&c, c.office, "k.kit", "k", &code);
    struct store *a = circle_join(&c, "k.kit", buf_str(&code), "ka");
    struct store *b = circle_join(&c, "k.kit", buf_str(&code), "kb");
    circle_interview(&c, a, "<data>a</data>", "", NULL);
    circle_interview(&c, b, "<data>b</data>", "", NULL);
    circle_bundle(a, "ka.bundle");
    circle_bundle(b, "kb.bundle");
    circle_merge(c.office, "ka.bundle", NULL, NULL);
    circle_ok(derive_open(&d, c.office, &e), &e);
    one = derive_enrolment(d, &store_identity(a)->device);
    ck_assert_int_eq(one, ENROLLED);
    derive_free(d);
    struct merge_report r = circle_merge(c.office, "kb.bundle", NULL, NULL);
    ck_assert_uint_eq(r.contested, 1);
    ck_assert_uint_eq(r.new, 1); /* kept, and marked */
    circle_ok(derive_open(&d, c.office, &e), &e);
    one = derive_enrolment(d, &store_identity(a)->device);
    two = derive_enrolment(d, &store_identity(b)->device);
    ck_assert_int_eq(one, ENROL_CONTESTED);
    ck_assert_int_eq(two, ENROL_CONTESTED);
    derive_free(d);
    buf_done(&code);
    store_close(a);
    store_close(b);
}
END_TEST

START_TEST(test_merge__corrections_on_both_sides_of_a_fork_conflict)
{
    /* the store copied whole: the same laptop twice */
    struct hash32 rev = circle_interview(&c, laptop, "<data>1</data>", "", NULL);
    struct buf bytes;
    struct store *twin;
    store_close(laptop);
    buf_init(&bytes, 64u << 20);
    circle_ok(io_read_file(tmpdir_path("laptop3"), 64u << 20, &bytes, &e), &e);
    circle_ok(io_write_file(tmpdir_path("twin"), 0600, buf_str(&bytes), &e), &e);
    buf_done(&bytes);
    circle_ok(store_open(&laptop, tmpdir_path("laptop3"), c.passphrase, &e), &e);
    circle_ok(store_open(&twin, tmpdir_path("twin"), c.passphrase, &e), &e);
    circle_correct(&c, laptop, &rev, "<data>2</data>");
    circle_correct(&c, twin, &rev, "<data>3</data>");
    circle_bundle(laptop, "1.bundle");
    circle_bundle(twin, "2.bundle");
    struct merge_report r = circle_merge(c.office, "1.bundle", NULL, NULL);
    ck_assert_uint_eq(r.new, 1);
    ck_assert_uint_eq(r.newer, 1);
    r = circle_merge(c.office, "2.bundle", NULL, NULL);
    ck_assert_uint_eq(r.conflict, 1);
    ck_assert_uint_eq(r.same, 1);
    ck_assert_uint_eq(circle_count(c.office, STANDING_CONFLICT, -1), 2);
    ck_assert_uint_eq(circle_count(c.office, STANDING_OLD, -1), 1);
    store_close(twin);
}
END_TEST

/* A store that holds a laptop's config but claims the kit with a signature of its own making. */
static struct store *impostor(const struct device *real)
{
    struct store *s = NULL;
    struct buf config, root;
    struct device self = {.kit = real->kit};
    bool there, fresh;
    struct store_init init = {.kind = STORE_FIELD,
                              .survey = store_identity(c.office)->survey,
                              .passphrase = c.passphrase,
                              .user = STR("X")};
    buf_init(&config, 1u << 20);
    buf_init(&root, 64);
    circle_ok(store_config_get(laptop, "config", &config, &there, &e), &e);
    circle_ok(store_config_get(laptop, "root", &root, &there, &e), &e);
    circle_ok(store_create(&s, tmpdir_path("impostor"), &init, &e), &e);
    circle_ok(store_config_put(s, "config", buf_str(&config), &e), &e);
    circle_ok(store_config_put(s, "root", buf_str(&root), &e), &e);
    self.device = store_identity(s)->device;
    self.ed_pk = store_identity(s)->ed_pk;
    self.x_pk = store_identity(s)->x_pk;
    self.claim = real->claim; /* of the real laptop, over other keys */
    circle_ok(store_device_put(s, &self, &fresh, &e), &e);
    buf_done(&config);
    buf_done(&root);
    return s;
}

static bool take_device(void *ctx, const struct device *d)
{
    *(struct device *)ctx = *d;
    return false;
}

START_TEST(test_merge__a_claim_copied_from_another_laptop_is_refused)
{
    struct device real;
    enum merge_outcome outcome;
    struct err why;
    circle_ok(store_device_each(laptop, take_device, &real, &e), &e);
    struct store *s = impostor(&real);
    circle_interview(&c, laptop, "<data/>", "", NULL);
    circle_bundle(s, "i.bundle");
    circle_merge(c.office, "i.bundle", &outcome, &why);
    ck_assert_int_eq(outcome, MERGE_REFUSED);
    ck_assert_ptr_eq(why.kind, &ERR_ENROL_CLAIM);
    store_close(s);
}
END_TEST

START_TEST(test_merge__a_receipt_it_never_wrote_is_noticed)
{
    circle_interview(&c, laptop, "<data/>", "", NULL);
    circle_bundle(laptop, "1.bundle");
    circle_merge(c.office, "1.bundle", NULL, NULL);
    struct store *backup = office_copy("backup.cacah"); /* before the receipt */
    circle_receipt(c.office, laptop, "1.receipt");
    circle_apply(laptop, "1.receipt");
    circle_bundle(laptop, "2.bundle");
    struct merge_report r = circle_merge(c.office, "2.bundle", NULL, NULL);
    ck_assert_uint_eq(r.receipts_unknown, 0);
    r = circle_merge(backup, "2.bundle", NULL, NULL);
    ck_assert_uint_eq(r.receipts_unknown, 1);
    store_close(backup);
}
END_TEST

/* The disk died, or somebody copied an old file over the store: what came in between is at the laptops alone.
 * Nobody has to notice for it to come again. */
static void put_back(struct store *old)
{
    struct hash32 first = circle_interview(&c, laptop, "<data>2</data>", "", NULL), second;
    circle_bundle(laptop, "1.bundle");
    circle_merge(c.office, "1.bundle", NULL, NULL);
    circle_receipt(c.office, laptop, "1.receipt");
    second = circle_interview(&c, laptop, "<data>3</data>", "", NULL);
    circle_bundle(laptop, "2.bundle");
    circle_merge(c.office, "2.bundle", NULL, NULL);
    circle_receipt(c.office, laptop, "2.receipt");
    circle_ok(store_revision_set_state(laptop, &second, REVISION_SAFE, &e), &e);
    ck_assert_uint_eq(circle_apply(laptop, "2.receipt").lost, 0);
    ck_assert_uint_eq(circle_apply(laptop, "1.receipt").lost, 0); /* late, no more than that */
    ck_assert_int_eq(circle_state(laptop, &first), REVISION_HELD);

    ck_assert_uint_eq(circle_bundle(laptop, "3.bundle").records, 0);
    ck_assert_uint_ge(circle_merge(old, "3.bundle", NULL, NULL).receipts_unknown, 1);
    circle_receipt(old, laptop, "3.receipt");
    struct receipt_applied r = circle_apply(laptop, "3.receipt");
    ck_assert(!r.older);
    ck_assert_uint_eq(r.lost, 2);
    ck_assert_int_eq(circle_state(laptop, &first), REVISION_PENDING);
    ck_assert_int_eq(circle_state(laptop, &second),
                     REVISION_PENDING); /* it was promised: it was lost */
    ck_assert_uint_eq(circle_bundle(laptop, "4.bundle").records, 2);
    ck_assert_uint_eq(circle_merge(old, "4.bundle", NULL, NULL).new, 2);
    ck_assert_uint_eq(circle_count(old, STANDING_CURRENT, -1), 3);
    circle_receipt(old, laptop, "4.receipt");
    r = circle_apply(laptop, "4.receipt");
    ck_assert_uint_eq(r.lost, 0);
    ck_assert_uint_eq(r.newly, 2);
    ck_assert_uint_eq(circle_bundle(laptop, "5.bundle").records, 0);
    store_close(old);
}

static void before_it_is_put_back(void)
{
    circle_interview(&c, laptop, "<data>1</data>", "", NULL);
    circle_bundle(laptop, "0.bundle");
    circle_merge(c.office, "0.bundle", NULL, NULL);
}

START_TEST(test_receipt__of_an_office_that_was_copied_back_asks_again)
{
    before_it_is_put_back();
    put_back(office_copy("copied.cacah")); /* its numbers are given twice */
}
END_TEST

START_TEST(test_receipt__of_an_office_that_was_restored_asks_again)
{
    struct store *old;
    before_it_is_put_back();
    circle_ok(store_backup(c.office, tmpdir_path("office.backup"), &e), &e);
    circle_ok(store_restore(&old, tmpdir_path("office.backup"), tmpdir_path("restored"),
                            c.passphrase, &e),
              &e);
    put_back(old);
}
END_TEST

/* Emptied when it is returned, or only later: the answers are there to be corrected. */
START_TEST(test_receipt__a_return_brings_the_answers_of_what_was_emptied)
{
    bool done;
    uint8_t salt[32];
    struct buf out;
    struct id16 uuid;
    struct hash32 rev = circle_interview(&c, laptop, "<data>1</data>", "name", &uuid);
    circle_bundle(laptop, "1.bundle");
    circle_merge(c.office, "1.bundle", NULL, NULL);
    circle_ok(store_revision_set_state(laptop, &rev, REVISION_SAFE, &e), &e);
    circle_ok(store_purge(laptop, &uuid, &done, &e), &e);
    ck_assert(done);
    circle_ok(decide_review(c.office, &rev, VERDICT_RETURN, NULL, STR("which street?"), 1, &e), &e);
    circle_receipt(c.office, laptop, "1.receipt");
    circle_apply(laptop, "1.receipt");
    buf_init(&out, 1000);
    for (uint8_t part = 1; part <= 2; part++)
        circle_ok(store_revision_part(laptop, &rev, part, salt, &out, &e), &e);
    ck_assert_ptr_nonnull(strstr(out.p, "<data>1</data>"));
    ck_assert_ptr_nonnull(strstr(out.p, "name"));

    /* corrected, safe and emptied again: the next receipt still names the return, and nothing comes of it */
    struct hash32 second = circle_correct(&c, laptop, &rev, "<data>2</data>");
    circle_ok(store_revision_set_state(laptop, &second, REVISION_SAFE, &e), &e);
    circle_ok(store_purge(laptop, &uuid, &done, &e), &e);
    ck_assert(done);
    circle_receipt(c.office, laptop, "2.receipt");
    circle_apply(laptop, "2.receipt");
    ck_assert(!store_revision_part(laptop, &rev, 1, salt, &out, &e));
    ck_assert_ptr_eq(e.kind, &ERR_PART_ERASED);
    err_clear(&e);
    buf_done(&out);
}
END_TEST

START_TEST(test_bundle__all_of_it_again_when_the_holder_has_lost_it)
{
    struct bundle_written w;
    struct store *fresh = office_copy("fresh.cacah"); /* before anything came */
    circle_interview(&c, laptop, "<data>1</data>", "", NULL);
    circle_bundle(laptop, "1.bundle");
    circle_merge(c.office, "1.bundle", NULL, NULL);
    circle_receipt(c.office, laptop, "1.receipt");
    circle_apply(laptop, "1.receipt");
    w = circle_bundle(laptop, "2.bundle");
    ck_assert_uint_eq(w.records, 0);
    circle_ok(bundle_write_all(laptop, tmpdir_path("all.bundle"), CIRCLE_NOW, &w, &e), &e);
    ck_assert_uint_eq(w.records, 1);
    struct merge_report r = circle_merge(fresh, "all.bundle", NULL, NULL);
    ck_assert_uint_eq(r.new, 1);
    ck_assert_uint_eq(circle_count(fresh, STANDING_CURRENT, -1), 1);
    store_close(fresh);
}
END_TEST

/* ---- receipts ---- */

START_TEST(test_receipt__applied_again_or_older_changes_nothing_back)
{
    struct hash32 rev = circle_interview(&c, laptop, "<data/>", "", NULL);
    circle_bundle(laptop, "1.bundle");
    circle_merge(c.office, "1.bundle", NULL, NULL);
    circle_receipt(c.office, laptop, "1.receipt");
    struct form_files more = {.form = {STR("third.md"), STR("| survey |\n")}};
    struct hash32 form;
    circle_ok(office_form_add(c.office, &more, &form, &e), &e);
    circle_receipt(c.office, laptop, "2.receipt");
    struct receipt_applied r = circle_apply(laptop, "2.receipt");
    ck_assert(r.new_config);
    ck_assert_uint_eq(r.new_forms, 1);
    ck_assert_int_eq(circle_state(laptop, &rev), REVISION_HELD);
    r = circle_apply(laptop, "1.receipt");
    ck_assert(r.older);
    ck_assert(!r.new_config);
    r = circle_apply(laptop, "1.receipt");
    ck_assert(r.again);
    r = circle_apply(laptop, "2.receipt");
    ck_assert(r.again);
    struct arena a;
    struct config config;
    arena_init(&a);
    circle_ok(kit_config(laptop, &config, &a, &e), &e);
    ck_assert_uint_eq(config.n_forms, 3);
    arena_done(&a);
}
END_TEST

START_TEST(test_receipt__of_another_laptop_or_survey_is_refused)
{
    struct store *second = circle_laptop(&c, c.office, "laptop4");
    struct store *elsewhere = circle_office(&c, "elsewhere.cacah");
    struct store *stranger = circle_laptop(&c, elsewhere, "stranger");
    struct receipt_applied r;
    circle_bundle(second, "b.bundle");
    circle_merge(c.office, "b.bundle", NULL, NULL);
    circle_receipt(c.office, second, "b.receipt");
    ck_assert(!receipt_apply(laptop, tmpdir_path("b.receipt"), NULL, &r, &e));
    ck_assert_ptr_eq(e.kind, &ERR_ENVELOPE_NOT_FOR_US);
    err_clear(&e);
    ck_assert(!receipt_apply(stranger, tmpdir_path("b.receipt"), NULL, &r, &e));
    ck_assert_ptr_eq(e.kind, &ERR_ENVELOPE_SURVEY);
    store_close(stranger);
    store_close(second);
    store_close(elsewhere);
}
END_TEST

START_TEST(test_receipt__names_a_row_this_laptop_never_wrote)
{
    /* the store is put back to before its last bundle: the office knows more than it does */
    struct buf bytes;
    struct receipt_applied r;
    struct store *old;
    store_close(laptop);
    buf_init(&bytes, 64u << 20);
    circle_ok(io_read_file(tmpdir_path("laptop3"), 64u << 20, &bytes, &e), &e);
    circle_ok(io_write_file(tmpdir_path("old"), 0600, buf_str(&bytes), &e), &e);
    buf_done(&bytes);
    circle_ok(store_open(&laptop, tmpdir_path("laptop3"), c.passphrase, &e), &e);
    circle_interview(&c, laptop, "<data/>", "", NULL);
    circle_bundle(laptop, "1.bundle");
    circle_merge(c.office, "1.bundle", NULL, NULL);
    circle_receipt(c.office, laptop, "1.receipt");
    circle_ok(store_open(&old, tmpdir_path("old"), c.passphrase, &e), &e);
    ck_assert(!receipt_apply(old, tmpdir_path("1.receipt"), NULL, &r, &e));
    ck_assert_ptr_eq(e.kind, &ERR_RECEIPT_HEAD);
    store_close(old);
}
END_TEST

/* ---- inbox and transport ---- */

struct told {
    unsigned n, merged, refused, parked;
};

static bool tell(void *ctx, const struct merge_step *step)
{
    struct told *t = ctx;
    t->n++;
    t->merged += step->outcome == MERGE_MERGED;
    t->refused += step->outcome == MERGE_REFUSED;
    t->parked += step->outcome == MERGE_PARKED;
    return true;
}

START_TEST(test_inbox__one_bad_bundle_stops_nothing)
{
    struct bundle_written w;
    struct merge_report r = {0};
    struct told t = {0};
    struct merge_ctx m = {.store = c.office, .now_ms = CIRCLE_NOW};
    bool stopped;
    struct buf folder;
    buf_init(&folder, 1000);
    buf_add_z(&folder, tmpdir_path("in"));
    for (int i = 0; i < 3; i++) {
        circle_interview(&c, laptop, "<data/>", "", NULL);
        circle_ok(transport_send(laptop, str_of(tmpdir_path(".")), false, NULL, CIRCLE_NOW, &w, &e),
                  &e);
        ck_assert_uint_eq(w.records, (unsigned)i + 1);
    }
    circle_ok(io_write_file(tmpdir_path("in/aaaa.bundle"), 0600, STR("not one"), &e), &e);
    circle_ok(io_write_file(tmpdir_path("in/aaaa.bundle.part"), 0600, STR("partial"), &e), &e);
    struct merge_inbox in = {
        .folder = folder.p, .quarantine = tmpdir_path("bad"), .done = tell, .ctx = &t};
    circle_ok(merge_inbox(&m, &in, &r, &stopped, &e), &e);
    ck_assert(!stopped);
    ck_assert_uint_eq(t.n, 4);
    ck_assert_uint_eq(t.merged, 3);
    ck_assert_uint_eq(t.refused, 1);
    ck_assert_uint_eq(r.files, 4);
    ck_assert_uint_eq(r.records, 6);
    ck_assert_uint_eq(r.new, 3);
    ck_assert_uint_eq(r.same, 3);
    ck_assert(merge_report_adds_up(&r));
    ck_assert_int_eq(access(tmpdir_path("bad/aaaa.bundle"), F_OK), 0);
    ck_assert_int_eq(access(tmpdir_path("bad/aaaa.bundle.reason.txt"), F_OK), 0);
    ck_assert_int_eq(access(tmpdir_path("in/aaaa.bundle"), F_OK), -1);

    /* another survey's is not bad: the office it is for looks for it here */
    struct store *elsewhere = circle_office(&c, "elsewhere.cacah");
    struct store *stranger = circle_laptop(&c, elsewhere, "stranger");
    circle_bundle(stranger, "in/bbbb.bundle");
    r = (struct merge_report){0};
    circle_ok(merge_inbox(&m, &in, &r, &stopped, &e), &e);
    ck_assert_uint_eq(r.refused, 1);
    ck_assert_int_eq(access(tmpdir_path("in/bbbb.bundle"), F_OK), 0);
    store_close(stranger);
    store_close(elsewhere);
    buf_done(&folder);
}
END_TEST

static void applied(void *ctx, const char *path, const struct receipt_applied *a,
                    const struct err *why)
{
    unsigned *n = ctx;
    (void)path;
    ck_assert_ptr_null(why);
    ck_assert(!a->older);
    *n += !a->again;
}

START_TEST(test_transport__receipts_come_back_by_number)
{
    struct bundle_written w;
    struct receipt_written rw;
    struct receipt_new n = {.device = store_identity(laptop)->device, .now_ms = CIRCLE_NOW};
    unsigned taken = 0;
    struct buf url, in;
    buf_init(&url, 1000);
    buf_init(&in, 1000);
    buf_printf(&url, "file://%s/", tmpdir_path("stick"));
    ck_assert_int_eq(mkdir(tmpdir_path("stick"), 0700), 0);
    circle_ok(transport_receive(laptop, buf_str(&url), NULL, applied, &taken, NULL, &e), &e);
    ck_assert_uint_eq(taken, 0); /* nothing there yet */
    circle_ok(transport_send(laptop, buf_str(&url), false, NULL, CIRCLE_NOW, &w, &e), &e);
    buf_printf(&in, "stick/in/%s", w.name);
    circle_merge(c.office, in.p, NULL, NULL);
    ck_assert_int_eq(mkdir(tmpdir_path("stick/out"), 0700), 0);
    for (int i = 0; i < 11; i++) /* so that names in order are not numbers in order */
        circle_ok(receipt_write(c.office, tmpdir_path("stick/out"), &n, &rw, &e), &e);
    circle_ok(transport_receive(laptop, buf_str(&url), NULL, applied, &taken, NULL, &e), &e);
    ck_assert_uint_eq(taken, 11); /* none of them was older than one before */
    circle_ok(transport_receive(laptop, buf_str(&url), NULL, applied, &taken, NULL, &e), &e);
    ck_assert_uint_eq(taken, 11);
    buf_done(&url);
    buf_done(&in);
}
END_TEST

START_TEST(test_transport__urls)
{
    static const struct {
        const char *url, *path;
    } good[] = {{"/media/stick", "/media/stick"},
                {"/media/stick/", "/media/stick"},
                {"file:///media/stick//", "/media/stick"},
                {"folder", "folder"},
                {"/", "/"}};
    static const char *const bad[] = {"sftp://host/x", "https://host/x", "", "file://"};
    struct buf b;
    buf_init(&b, 1000);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        buf_clear(&b);
        circle_ok(transport_folder(str_of(good[i].url), &b, &e), &e);
        ck_assert_str_eq(b.p, good[i].path);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        err_clear(&e);
        ck_assert(!transport_folder(str_of(bad[i]), &b, &e));
        ck_assert_ptr_eq(e.kind, &ERR_URL);
    }
    buf_done(&b);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("circle");
    TCase *t = tcase_create("circle");
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, test_kit__joins_with_forms_config_and_the_same_words);
    tcase_add_test(t, test_kit__recovery_slots_are_those_of_the_signed_config);
    tcase_add_test(t, test_kit__another_code_does_not_open_it);
    tcase_add_test(t, test_kit__a_bundle_is_not_a_kit);
    tcase_add_test(t, test_kit__failed_join_leaves_no_store);
    tcase_add_test(t, test_kit__an_office_is_made_whole_or_not_at_all);
    tcase_add_test(t, test_circle__record_arrives_and_the_receipt_comes_back);
    tcase_add_test(t, test_circle__summary_is_made_by_the_callback);
    tcase_add_test(t, test_circle__merged_twice_changes_nothing);
    tcase_add_test(t, test_circle__a_lost_bundle_is_made_good_by_the_next);
    tcase_add_test(t, test_circle__two_bundles_in_both_orders_come_to_the_same);
    tcase_add_test(t, test_circle__a_correction_after_the_receipt_is_newer);
    tcase_add_test(t, test_merge__another_surveys_bundle_is_refused);
    tcase_add_test(t, test_merge__a_receipt_or_kit_is_refused);
    tcase_add_test(t, test_merge__an_unknown_laptop_is_parked_until_its_kit_is_known);
    tcase_add_test(t, test_merge__two_laptops_of_one_kit_are_contested_in_any_order);
    tcase_add_test(t, test_merge__corrections_on_both_sides_of_a_fork_conflict);
    tcase_add_test(t, test_merge__a_claim_copied_from_another_laptop_is_refused);
    tcase_add_test(t, test_merge__a_receipt_it_never_wrote_is_noticed);
    tcase_add_test(t, test_receipt__of_an_office_that_was_copied_back_asks_again);
    tcase_add_test(t, test_receipt__of_an_office_that_was_restored_asks_again);
    tcase_add_test(t, test_receipt__a_return_brings_the_answers_of_what_was_emptied);
    tcase_add_test(t, test_bundle__all_of_it_again_when_the_holder_has_lost_it);
    tcase_add_test(t, test_receipt__applied_again_or_older_changes_nothing_back);
    tcase_add_test(t, test_receipt__of_another_laptop_or_survey_is_refused);
    tcase_add_test(t, test_receipt__names_a_row_this_laptop_never_wrote);
    tcase_add_test(t, test_inbox__one_bad_bundle_stops_nothing);
    tcase_add_test(t, test_transport__receipts_come_back_by_number);
    tcase_add_test(t, test_transport__urls);
    suite_add_tcase(s, t);
    return s;
}
