/* What an office decides, supervisors, erasing: facts that come in any order and mean the same. */
#include "sync/merge/decide.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sync/bundle/record.h"
#include "tests/support/check_main.h"
#include "tests/support/circle_case.h"
#include "tests/support/tmpdir.h"

static struct circle_case c;
static struct store *one, *two;
static struct err e;

static void setup(void)
{
    err_clear(&e);
    circle_setup(&c);
    one = circle_laptop(&c, c.office, "laptop1");
    two = circle_laptop(&c, c.office, "laptop2");
}

static void teardown(void)
{
    store_close(one);
    store_close(two);
    circle_teardown(&c);
}

static struct hash32 sent(struct store *s, const char *answer, const char *file)
{
    struct hash32 rev = circle_interview(&c, s, answer, "nama\tSiti", NULL);
    circle_bundle(s, file);
    circle_merge(c.office, file, NULL, NULL);
    return rev;
}

static struct id16 uuid_of(struct store *s, const struct hash32 *rev)
{
    struct revision r;
    bool there;
    circle_ok(store_revision_get(s, rev, &r, &there, &e), &e);
    ck_assert(there);
    return r.uuid;
}

static int verdict(const struct hash32 *rev)
{
    struct derive *d;
    circle_ok(derive_open(&d, c.office, &e), &e);
    int v = derive_verdict(d, rev);
    derive_free(d);
    return v;
}

static enum standing standing(struct store *s, const struct hash32 *rev)
{
    struct derive *d;
    struct revision r;
    enum standing st;
    bool there;
    circle_ok(derive_open(&d, s, &e), &e);
    circle_ok(store_revision_get(s, rev, &r, &there, &e), &e);
    ck_assert(there);
    circle_ok(derive_standing(d, &r, &st, &e), &e);
    derive_free(d);
    return st;
}

/* ---- reviews ---- */

static void take_comment(void *ctx, const struct review *r, const struct pk32 *signer)
{
    struct buf *out = ctx;
    (void)signer;
    buf_add_str(out, r->comment);
}

START_TEST(test_review__a_return_reaches_the_laptop_and_comes_back_corrected)
{
    struct hash32 rev = sent(one, "<data>1</data>", "1.bundle");
    struct buf comment;
    struct derive *d;
    ck_assert_int_eq(verdict(&rev), 0);
    circle_ok(decide_review(c.office, &rev, VERDICT_ACCEPT, NULL, STR(""), CIRCLE_NOW, &e), &e);
    ck_assert_int_eq(verdict(&rev), VERDICT_ACCEPT);
    circle_ok(decide_review(c.office, &rev, VERDICT_RETURN, NULL, STR("umur?"), CIRCLE_NOW, &e),
              &e);
    ck_assert_int_eq(verdict(&rev), VERDICT_RETURN); /* the stricter one shows */
    circle_receipt(c.office, one, "1.receipt");
    circle_apply(one, "1.receipt");
    buf_init(&comment, 100);
    circle_ok(derive_open(&d, one, &e), &e);
    ck_assert_int_eq(derive_verdict(d, &rev), VERDICT_RETURN);
    circle_ok(derive_reviews(d, &rev, take_comment, &comment, &e), &e);
    ck_assert_str_eq(comment.p, "umur?");
    derive_free(d);
    buf_done(&comment);
    struct hash32 next = circle_correct(&c, one, &rev, "<data>2</data>");
    circle_bundle(one, "2.bundle");
    struct merge_report r = circle_merge(c.office, "2.bundle", NULL, NULL);
    ck_assert_uint_eq(r.newer, 1);
    ck_assert_int_eq(standing(c.office, &rev), STANDING_OLD);
    ck_assert_int_eq(standing(c.office, &next), STANDING_CURRENT);
    ck_assert_int_eq(verdict(&next), 0);
}
END_TEST

START_TEST(test_review__a_record_returned_to_another_laptop_brings_its_contents)
{
    struct hash32 rev = sent(one, "<data>1</data>", "1.bundle");
    struct buf part;
    uint8_t salt[32];
    circle_bundle(two, "two.bundle");
    circle_merge(c.office, "two.bundle", NULL, NULL);
    circle_ok(decide_review(c.office, &rev, VERDICT_RETURN, &store_identity(two)->device,
                            STR("tolong"), CIRCLE_NOW, &e),
              &e);
    circle_receipt(c.office, two, "2.receipt");
    circle_apply(two, "2.receipt");
    buf_init(&part, 1000);
    circle_ok(store_revision_part(two, &rev, 2, salt, &part, &e), &e);
    ck_assert_str_eq(part.p, "nama\tSiti");
    buf_done(&part);
    struct hash32 next = circle_correct(&c, two, &rev, "<data>2</data>");
    circle_bundle(two, "two2.bundle");
    struct merge_report r = circle_merge(c.office, "two2.bundle", NULL, NULL);
    ck_assert_uint_eq(r.newer, 1);
    ck_assert_int_eq(standing(c.office, &next), STANDING_CURRENT);
}
END_TEST

/* A record of `from` into `to`'s store, as no receipt would bring it. */
static void smuggle(struct store *from, struct store *to, const struct hash32 *rev)
{
    struct revision r;
    struct record rec;
    struct buf parts;
    bool there, fresh;
    buf_init(&parts, 1000);
    circle_ok(store_revision_get(from, rev, &r, &there, &e), &e);
    circle_ok(record_gather(from, &r, &rec, &parts, &e), &e);
    circle_ok(store_revision_put(to, &r, &rec.part1, rec.has2 ? &rec.part2 : NULL, REVISION_HELD,
                                 STR(""), &fresh, &e),
              &e);
    buf_done(&parts);
}

START_TEST(test_merge__a_revision_by_a_laptop_without_business_is_foreign)
{
    struct hash32 rev = sent(one, "<data>1</data>", "1.bundle");
    smuggle(one, two, &rev);
    struct hash32 mine = circle_correct(&c, two, &rev, "<data>not mine</data>");
    circle_bundle(two, "2.bundle");
    struct merge_report r = circle_merge(c.office, "2.bundle", NULL, NULL);
    ck_assert_uint_eq(r.foreign, 1);
    ck_assert_int_eq(standing(c.office, &mine), STANDING_FOREIGN);
    ck_assert_int_eq(standing(c.office, &rev), STANDING_CURRENT); /* untouched by it */
}
END_TEST

START_TEST(test_merge__a_parent_that_has_not_come_leaves_it_detached_until_it_does)
{
    /* the laptop's store has a receipt of another office machine: its first record is not sent again */
    struct hash32 rev = circle_interview(&c, one, "<data>1</data>", "", NULL);
    circle_bundle(one, "1.bundle");
    circle_ok(store_revision_set_state(one, &rev, REVISION_HELD, &e), &e);
    struct hash32 next = circle_correct(&c, one, &rev, "<data>2</data>");
    circle_bundle(one, "2.bundle");
    struct merge_report r = circle_merge(c.office, "2.bundle", NULL, NULL);
    ck_assert_uint_eq(r.detached, 1);
    ck_assert_int_eq(standing(c.office, &next), STANDING_DETACHED);
    r = circle_merge(c.office, "1.bundle", NULL, NULL);
    ck_assert_uint_eq(r.new, 1);
    ck_assert_int_eq(standing(c.office, &next), STANDING_CURRENT);
    ck_assert_int_eq(standing(c.office, &rev), STANDING_OLD);
}
END_TEST

/* ---- conflicts ---- */

static void copy_file(const char *from, const char *to)
{
    struct buf bytes;
    char command[1200];
    buf_init(&bytes, 10);
    snprintf(command, sizeof command, "cp '%s' '%s'", tmpdir_path(from), tmpdir_path(to));
    ck_assert_int_eq(system(command), 0);
    buf_done(&bytes);
}

START_TEST(test_resolve__one_of_the_versions_becomes_current_and_none_is_lost)
{
    struct hash32 rev = circle_interview(&c, one, "<data>1</data>", "a\tb", NULL), chosen, done;
    struct store *twin;
    struct merge_ctx m = {.store = c.office, .now_ms = CIRCLE_NOW};
    store_close(one);
    copy_file("laptop1", "twin");
    circle_ok(store_open(&one, tmpdir_path("laptop1"), c.passphrase, &e), &e);
    circle_ok(store_open(&twin, tmpdir_path("twin"), c.passphrase, &e), &e);
    chosen = circle_correct(&c, one, &rev, "<data>2</data>");
    circle_correct(&c, twin, &rev, "<data>3</data>");
    circle_bundle(one, "1.bundle");
    circle_bundle(twin, "2.bundle");
    circle_merge(c.office, "1.bundle", NULL, NULL);
    ck_assert(!decide_resolve(&m, &chosen, &done, &e));
    ck_assert_ptr_eq(e.kind, &ERR_NO_CONFLICT);
    err_clear(&e);
    circle_merge(c.office, "2.bundle", NULL, NULL);
    ck_assert_uint_eq(circle_count(c.office, STANDING_CONFLICT, -1), 2);
    circle_ok(decide_resolve(&m, &chosen, &done, &e), &e);
    ck_assert_uint_eq(circle_count(c.office, STANDING_CONFLICT, -1), 0);
    ck_assert_uint_eq(circle_count(c.office, STANDING_OLD, -1), 3);
    ck_assert_int_eq(standing(c.office, &done), STANDING_CURRENT);
    struct buf part;
    uint8_t salt[32];
    buf_init(&part, 100);
    circle_ok(store_revision_part(c.office, &done, 1, salt, &part, &e), &e);
    ck_assert_str_eq(part.p, "<data>2</data>");
    buf_done(&part);
    store_close(twin);
}
END_TEST

/* ---- revocation and enrolment ---- */

static const struct cutoff whatever_is_held = {.until_ms = INT64_MAX};

START_TEST(test_revoke__what_came_before_stays_and_what_comes_after_is_set_aside)
{
    struct hash32 before = sent(one, "<data>1</data>", "1.bundle");
    circle_ok(decide_revoke(c.office, &store_identity(one)->device, &whatever_is_held, &e), &e);
    struct hash32 after = circle_interview(&c, one, "<data>2</data>", "", NULL);
    circle_bundle(one, "2.bundle");
    struct merge_report r = circle_merge(c.office, "2.bundle", NULL, NULL);
    ck_assert_uint_eq(r.quarantined, 1);
    ck_assert_uint_eq(r.same, 1);
    ck_assert_int_eq(standing(c.office, &before), STANDING_CURRENT);
    ck_assert_int_eq(standing(c.office, &after), STANDING_QUARANTINED);
    /* the laptop is told */
    struct receipt_written w = circle_receipt(c.office, one, "1.receipt");
    ck_assert_uint_eq(w.quarantined, 1);
    struct receipt_applied a = circle_apply(one, "1.receipt");
    ck_assert_uint_eq(a.quarantined, 1);
    ck_assert_int_eq(circle_state(one, &after), REVISION_QUARANTINED);
}
END_TEST

START_TEST(test_enrolment__an_operator_chooses_between_two_claims)
{
    struct buf code;
    struct derive *d;
    enum enrolment a, b;
    buf_init(&code, 200);
    circle_kit(&c, c.office, "k.kit", "k", &code);
    struct store *right = circle_join(&c, "k.kit", buf_str(&code), "right");
    struct store *wrong = circle_join(&c, "k.kit", buf_str(&code), "wrong");
    circle_bundle(right, "r.bundle");
    circle_bundle(wrong, "w.bundle");
    circle_merge(c.office, "r.bundle", NULL, NULL);
    circle_merge(c.office, "w.bundle", NULL, NULL);
    circle_ok(decide_enrolment(c.office, &store_identity(right)->device, false, &e), &e);
    circle_ok(derive_open(&d, c.office, &e), &e);
    a = derive_enrolment(d, &store_identity(right)->device);
    b = derive_enrolment(d, &store_identity(wrong)->device);
    ck_assert_int_eq(a, ENROLLED);
    ck_assert_int_eq(b, ENROL_REJECTED);
    derive_free(d);
    /* it is decided: once more says so, and the other only instead */
    ck_assert(!decide_enrolment(c.office, &store_identity(right)->device, false, &e));
    ck_assert_ptr_eq(e.kind, &ERR_NOT_CONTESTED);
    err_clear(&e);
    ck_assert(!decide_enrolment(c.office, &store_identity(wrong)->device, false, &e));
    ck_assert_ptr_eq(e.kind, &ERR_KIT_DECIDED);
    err_clear(&e);
    ck_assert(!decide_enrolment(c.office, &store_identity(one)->device, false, &e));
    ck_assert(e.kind == &ERR_NOT_CONTESTED);
    err_clear(&e);
    circle_ok(decide_enrolment(c.office, &store_identity(wrong)->device, true, &e), &e);
    circle_ok(derive_open(&d, c.office, &e), &e);
    ck_assert_int_eq(derive_enrolment(d, &store_identity(right)->device), ENROL_REJECTED);
    ck_assert_int_eq(derive_enrolment(d, &store_identity(wrong)->device), ENROLLED);
    derive_free(d);
    buf_done(&code);
    store_close(right);
    store_close(wrong);
}
END_TEST

/* What another office would have signed, and a bundle brought. */
static void elect(const struct id16 *kit, const struct hash32 *device)
{
    const struct store_identity *id = store_identity(c.office);
    struct election x = {.kit = *kit, .device = *device};
    struct buf body;
    bool fresh;
    buf_init(&body, 100);
    election_encode(&x, &body);
    struct fact f = fact_sign(FACT_ENROLMENT, &id->survey, &id->ed_pk, store_signing_key(c.office),
                              buf_str(&body));
    circle_ok(fact_put(c.office, &f, &fresh, &e), &e);
    buf_done(&body);
}

static bool take_kit(void *ctx, const struct device *dev)
{
    *(struct id16 *)ctx = dev->kit;
    return false;
}

START_TEST(test_enrolment__choices_that_disagree_are_none_until_one_replaces_them)
{
    struct buf code;
    struct id16 kit;
    struct derive *d;
    buf_init(&code, 200);
    circle_kit(&c, c.office, "k.kit", "k", &code);
    struct store *a = circle_join(&c, "k.kit", buf_str(&code), "a");
    struct store *b = circle_join(&c, "k.kit", buf_str(&code), "b");
    circle_bundle(a, "a.bundle");
    circle_bundle(b, "b.bundle");
    circle_merge(c.office, "a.bundle", NULL, NULL);
    circle_merge(c.office, "b.bundle", NULL, NULL);
    circle_ok(store_device_each(a, take_kit, &kit, &e), &e);
    elect(&kit, &store_identity(a)->device);
    elect(&kit, &store_identity(b)->device);
    circle_ok(derive_open(&d, c.office, &e), &e);
    ck_assert_int_eq(derive_enrolment(d, &store_identity(a)->device), ENROL_CONTESTED);
    ck_assert(derive_choices_disagree(d, &store_identity(a)->device));
    derive_free(d);
    circle_ok(decide_enrolment(c.office, &store_identity(b)->device, false, &e), &e);
    circle_ok(derive_open(&d, c.office, &e), &e);
    ck_assert_int_eq(derive_enrolment(d, &store_identity(a)->device), ENROL_REJECTED);
    ck_assert_int_eq(derive_enrolment(d, &store_identity(b)->device), ENROLLED);
    ck_assert(!derive_choices_disagree(d, &store_identity(b)->device));
    derive_free(d);
    buf_done(&code);
    store_close(a);
    store_close(b);
}
END_TEST

START_TEST(test_certify__needs_the_paper_key_of_this_survey)
{
    struct secret *other = secret_random(32);
    struct device who = {.device = store_identity(one)->device,
                         .ed_pk = store_identity(one)->ed_pk,
                         .x_pk = store_identity(one)->x_pk};
    struct authority a;
    ck_assert(!decide_certify(c.office, other, &who, MAY_REVIEW, NULL, &e));
    ck_assert_ptr_eq(e.kind, &ERR_PAPER_OTHER);
    err_clear(&e);
    circle_ok(decide_certify(c.office, c.paper, &who, MAY_REVIEW, NULL, &e), &e);
    circle_ok(authority_load(&a, c.office, &e), &e);
    ck_assert_uint_eq(authority_may(&a, &who.ed_pk), MAY_REVIEW);
    authority_done(&a);
    secret_free(other);
}
END_TEST

START_TEST(test_facts__of_a_stranger_are_kept_but_mean_nothing)
{
    struct hash32 rev = sent(one, "<data>1</data>", "1.bundle");
    /* a laptop makes a review, and a certificate for itself, and sends both */
    circle_ok(decide_review(two, &rev, VERDICT_RETURN, &rev, STR("x"), CIRCLE_NOW, &e) ||
                  err_is(&e, &ERR_REVISION_UNKNOWN),
              &(struct err){0});
    err_clear(&e);
    const struct store_identity *id = store_identity(two);
    struct cert cert = {.may = MAY_REVIEW | MAY_KIT | MAY_ERASE, .ed_pk = id->ed_pk};
    struct review review = {.rev_id = rev, .verdict = VERDICT_ACCEPT, .comment = STR("fine")};
    struct buf b;
    bool fresh;
    buf_init(&b, 1000);
    cert_encode(&cert, &b);
    struct fact f =
        fact_sign(FACT_CERTIFICATE, &id->survey, &id->ed_pk, store_signing_key(two), buf_str(&b));
    circle_ok(fact_put(two, &f, &fresh, &e), &e);
    buf_clear(&b);
    review_encode(&review, &b);
    f = fact_sign(FACT_REVIEW, &id->survey, &id->ed_pk, store_signing_key(two), buf_str(&b));
    circle_ok(fact_put(two, &f, &fresh, &e), &e);
    buf_done(&b);
    circle_bundle(two, "2.bundle");
    circle_merge(c.office, "2.bundle", NULL, NULL);
    struct authority a;
    circle_ok(authority_load(&a, c.office, &e), &e);
    ck_assert_uint_eq(authority_may(&a, &id->ed_pk), 0);
    authority_done(&a);
    ck_assert_int_eq(verdict(&rev), 0);
}
END_TEST

/* ---- erasing ---- */

static bool readable(struct store *s, const struct hash32 *rev)
{
    struct err why = {0};
    struct buf part;
    uint8_t salt[32];
    buf_init(&part, 1000);
    bool ok = store_revision_part(s, rev, 1, salt, &part, &why);
    buf_done(&part);
    return ok;
}

START_TEST(test_erase__an_old_stick_brings_nobody_back)
{
    struct hash32 rev = circle_interview(&c, one, "<data>1</data>", "nama\tSiti", NULL);
    struct tombstone t;
    circle_bundle(one, "old.bundle");
    circle_bundle(one, "1.bundle");
    circle_merge(c.office, "1.bundle", NULL, NULL);
    struct id16 uuid = uuid_of(c.office, &rev);
    ck_assert(readable(c.office, &rev));
    circle_ok(store_erase(c.office, &uuid, ERASE_ALL, CIRCLE_NOW, &t, &e), &e);
    ck_assert(!readable(c.office, &rev));
    ck_assert_int_eq(standing(c.office, &rev), STANDING_ERASED);
    circle_interview(&c, one, "<data>2</data>", "", NULL);
    circle_bundle(one, "2.bundle");
    struct merge_report r = circle_merge(c.office, "2.bundle", NULL, NULL);
    ck_assert_uint_eq(r.erased, 1);
    ck_assert_uint_eq(r.new, 1);
    circle_merge(c.office, "old.bundle", &(enum merge_outcome){0}, NULL);
    ck_assert(!readable(c.office, &rev));
    /* the laptop learns of it and destroys its own copy */
    ck_assert(readable(one, &rev));
    circle_receipt(c.office, one, "1.receipt");
    circle_apply(one, "1.receipt");
    ck_assert(!readable(one, &rev));
}
END_TEST

START_TEST(test_erase__a_tombstone_that_came_first_keeps_the_record_out)
{
    /* a second office machine's store, where the erasure is known before the record */
    struct hash32 rev = circle_interview(&c, one, "<data>1</data>", "", NULL);
    struct id16 uuid = uuid_of(one, &rev);
    struct tombstone t;
    circle_ok(store_erase(c.office, &uuid, ERASE_ALL, CIRCLE_NOW, &t, &e), &e);
    circle_bundle(one, "1.bundle");
    struct merge_report r = circle_merge(c.office, "1.bundle", NULL, NULL);
    ck_assert_uint_eq(r.erased, 1);
    ck_assert(!readable(c.office, &rev));
}
END_TEST

START_TEST(test_erase__a_laptops_own_word_hides_and_shreds_after_72_hours)
{
    struct hash32 rev = sent(one, "<data>1</data>", "1.bundle");
    struct id16 uuid = uuid_of(one, &rev);
    struct tombstone t;
    uint64_t n;
    circle_ok(store_erase(one, &uuid, ERASE_ALL, CIRCLE_NOW, &t, &e), &e);
    circle_bundle(one, "2.bundle");
    circle_merge(c.office, "2.bundle", NULL, NULL);
    ck_assert_int_eq(standing(c.office, &rev), STANDING_ERASED); /* hidden */
    ck_assert(readable(c.office, &rev));                         /* not yet gone */
    circle_ok(decide_shred_due(c.office, CIRCLE_NOW + DECIDE_SHRED_AFTER_MS - 1, &n, &e), &e);
    ck_assert_uint_eq(n, 0);
    circle_ok(decide_shred_due(c.office, CIRCLE_NOW + DECIDE_SHRED_AFTER_MS, &n, &e), &e);
    ck_assert_uint_eq(n, 1);
    ck_assert(!readable(c.office, &rev));
    circle_ok(decide_shred_due(c.office, CIRCLE_NOW + DECIDE_SHRED_AFTER_MS, &n, &e), &e);
    ck_assert_uint_eq(n, 0);
}
END_TEST

static void hold(const struct id16 *uuid, bool release)
{
    circle_ok(decide_hold(c.office, uuid, release, STR("ragu"), CIRCLE_NOW, &e), &e);
}

static uint64_t shred_later(struct store *s)
{
    uint64_t n;
    circle_ok(decide_shred_due(s, CIRCLE_NOW + 2 * DECIDE_SHRED_AFTER_MS, &n, &e), &e);
    return n;
}

START_TEST(test_erase__a_hold_keeps_what_a_laptop_erased_until_it_is_released)
{
    struct hash32 rev = sent(one, "<data>1</data>", "1.bundle");
    struct id16 uuid = uuid_of(one, &rev);
    struct tombstone t;
    struct derive *d;
    ck_assert(!decide_hold(c.office, &uuid, false, STR("ragu"), CIRCLE_NOW, &e));
    ck_assert_ptr_eq(e.kind, &ERR_NOT_ERASING);
    err_clear(&e);
    circle_ok(store_erase(one, &uuid, ERASE_ALL, CIRCLE_NOW, &t, &e), &e);
    circle_bundle(one, "2.bundle");
    circle_merge(c.office, "2.bundle", NULL, NULL);
    ck_assert(!decide_hold(c.office, &uuid, false, STR(""), CIRCLE_NOW, &e)); /* without a reason */
    err_clear(&e);
    hold(&uuid, false);
    ck_assert_uint_eq(shred_later(c.office), 0);
    ck_assert(readable(c.office, &rev));
    ck_assert_int_eq(standing(c.office, &rev), STANDING_ERASED); /* hidden all the same */
    circle_ok(derive_open(&d, c.office, &e), &e);
    const struct hold *h = derive_held(d, &uuid, 0, NULL);
    ck_assert(h && str_is(h->reason, "ragu"));
    derive_free(d);
    hold(&uuid, true);
    ck_assert(!decide_hold(c.office, &uuid, true, STR("ragu"), CIRCLE_NOW, &e));
    ck_assert_ptr_eq(e.kind, &ERR_NOT_HELD);
    err_clear(&e);
    ck_assert_uint_eq(shred_later(c.office), 1);
    ck_assert(!readable(c.office, &rev));
}
END_TEST

START_TEST(test_erase__a_hold_is_no_shield_against_one_who_may_erase)
{
    struct hash32 rev = sent(one, "<data>1</data>", "1.bundle");
    struct id16 uuid = uuid_of(one, &rev);
    struct tombstone t;
    circle_ok(store_erase(one, &uuid, ERASE_ALL, CIRCLE_NOW, &t, &e), &e);
    circle_bundle(one, "2.bundle");
    circle_merge(c.office, "2.bundle", NULL, NULL);
    hold(&uuid, false);
    circle_ok(store_erase(c.office, &uuid, ERASE_ALL, CIRCLE_NOW, &t, &e), &e);
    ck_assert(!readable(c.office, &rev));
}
END_TEST

START_TEST(test_erase__a_hold_by_one_without_the_right_does_not_count)
{
    struct hash32 rev = sent(one, "<data>1</data>", "1.bundle");
    struct id16 uuid = uuid_of(one, &rev);
    struct tombstone t;
    struct hold h = {.uuid = uuid, .made_ms = 1, .reason = STR("jangan")};
    struct buf body;
    bool fresh;
    circle_ok(store_erase(one, &uuid, ERASE_ALL, CIRCLE_NOW, &t, &e), &e);
    ck_assert(!decide_hold(one, &uuid, false, STR("jangan"), CIRCLE_NOW, &e));
    ck_assert_ptr_eq(e.kind, &ERR_NOT_OPERATOR);
    err_clear(&e);
    buf_init(&body, 200);
    hold_encode(&h, &body);
    struct fact f = fact_sign(FACT_HOLD, &store_identity(one)->survey, &store_identity(one)->ed_pk,
                              store_signing_key(one), buf_str(&body));
    circle_ok(fact_put(one, &f, &fresh, &e), &e);
    buf_done(&body);
    circle_bundle(one, "2.bundle");
    circle_merge(c.office, "2.bundle", NULL, NULL);
    ck_assert_uint_eq(shred_later(c.office), 1);
    ck_assert(!readable(c.office, &rev));
}
END_TEST

START_TEST(test_erase__another_laptops_word_means_nothing)
{
    struct hash32 rev = sent(one, "<data>1</data>", "1.bundle");
    struct id16 uuid = uuid_of(one, &rev);
    struct tombstone t;
    uint64_t n;
    circle_ok(store_erase(two, &uuid, ERASE_ALL, CIRCLE_NOW, &t, &e), &e);
    circle_bundle(two, "2.bundle");
    circle_merge(c.office, "2.bundle", NULL, NULL);
    ck_assert_int_eq(standing(c.office, &rev), STANDING_CURRENT);
    circle_ok(decide_shred_due(c.office, CIRCLE_NOW + 2 * DECIDE_SHRED_AFTER_MS, &n, &e), &e);
    ck_assert_uint_eq(n, 0);
    ck_assert(readable(c.office, &rev));
}
END_TEST

START_TEST(test_erase__personal_answers_can_go_alone)
{
    struct hash32 rev = sent(one, "<data>1</data>", "1.bundle");
    struct id16 uuid = uuid_of(one, &rev);
    struct tombstone t;
    struct err why = {0};
    struct buf part;
    uint8_t salt[32];
    circle_ok(store_erase(c.office, &uuid, ERASE_PII, CIRCLE_NOW, &t, &e), &e);
    ck_assert(readable(c.office, &rev));
    buf_init(&part, 1000);
    ck_assert(!store_revision_part(c.office, &rev, 2, salt, &part, &why));
    ck_assert_ptr_eq(why.kind, &ERR_PART_ERASED);
    buf_done(&part);
    ck_assert_int_eq(standing(c.office, &rev), STANDING_CURRENT);
}
END_TEST

static void expect_pii_hidden(const struct id16 *uuid)
{
    struct derive *d;
    struct erased erased;
    circle_ok(derive_open(&d, c.office, &e), &e);
    circle_ok(derive_erased(d, uuid, &erased, &e), &e);
    derive_free(d);
    ck_assert_int_eq(erased.hidden, ERASE_PII);
    ck_assert_int_eq(erased.confirmed, 0);
}

START_TEST(test_erase__what_a_laptop_erased_before_sending_is_not_waited_for)
{
    struct id16 uuid;
    struct tombstone t;
    struct hash32 rev = circle_interview(&c, one, "<data>1</data>", "nama\tSiti", &uuid);
    circle_ok(store_erase(one, &uuid, ERASE_PII, CIRCLE_NOW, &t, &e), &e);
    circle_bundle(one, "1.bundle");
    struct merge_report r = circle_merge(c.office, "1.bundle", NULL, NULL);
    ck_assert_uint_eq(r.new, 1);
    ck_assert_int_eq(standing(c.office, &rev), STANDING_CURRENT);
    ck_assert_int_eq(circle_state(c.office, &rev), REVISION_HELD);
    expect_pii_hidden(&uuid);
    ck_assert_uint_eq(circle_receipt(c.office, one, "1.receipt").held, 1);
    circle_apply(one, "1.receipt");
    ck_assert_int_eq(circle_state(one, &rev), REVISION_HELD);
}
END_TEST

START_TEST(test_erase__a_stripped_record_counts_once_the_laptops_word_comes)
{
    struct id16 uuid;
    struct tombstone t;
    struct revision x;
    struct record rec;
    struct buf parts;
    bool there, fresh;
    struct hash32 rev = circle_interview(&c, one, "<data>1</data>", "nama\tSiti", &uuid);
    circle_ok(store_revision_get(one, &rev, &x, &there, &e), &e);
    buf_init(&parts, 1000);
    circle_ok(record_gather(one, &x, &rec, &parts, &e), &e);
    circle_ok(
        store_revision_put(c.office, &x, &rec.part1, NULL, REVISION_HELD, STR(""), &fresh, &e), &e);
    buf_done(&parts);
    ck_assert_int_eq(circle_state(c.office, &rev), REVISION_INCOMPLETE);
    circle_ok(store_erase(one, &uuid, ERASE_PII, CIRCLE_NOW, &t, &e), &e);
    circle_bundle(one, "1.bundle");
    circle_merge(c.office, "1.bundle", NULL, NULL);
    ck_assert_int_eq(circle_state(c.office, &rev), REVISION_HELD);
    ck_assert_int_eq(standing(c.office, &rev), STANDING_CURRENT);
}
END_TEST

/* ---- two levels ---- */

/* A supervisor's store: joined with a kit, certified with the paper key, told of by a receipt. */
static struct store *supervisor(const char *name)
{
    struct buf code;
    struct kit *k;
    struct store *s = NULL;
    struct arena a;
    struct config config;
    struct join j = {.passphrase = c.passphrase, .user = STR("Budi"), .supervisor = true};
    buf_init(&code, 200);
    circle_kit(&c, c.office, "s.kit", name, &code);
    circle_ok(kit_open(&k, tmpdir_path("s.kit"), buf_str(&code), &e), &e);
    circle_ok(kit_join(&s, tmpdir_path(name), k, &j, &e), &e);
    kit_close(k);
    circle_bundle(s, "s0.bundle");
    circle_merge(c.office, "s0.bundle", NULL, NULL);
    const struct store_identity *id = store_identity(s);
    struct device who = {.device = id->device, .ed_pk = id->ed_pk, .x_pk = id->x_pk};
    circle_ok(decide_certify(c.office, c.paper, &who, MAY_REVIEW | MAY_FORWARD | MAY_KIT, NULL, &e),
              &e);
    arena_init(&a);
    circle_ok(kit_config(c.office, &config, &a, &e), &e);
    struct config_recipient both[2] = {config.recipients[0], {id->x_pk, str_of(name)}};
    config.recipients = both;
    config.n_recipients = 2;
    circle_ok(office_config_set(c.office, &config, &e), &e);
    arena_done(&a);
    circle_receipt(c.office, s, "s0.receipt");
    circle_apply(s, "s0.receipt");
    buf_done(&code);
    return s;
}

START_TEST(test_upward__the_same_whether_direct_or_through_a_supervisor)
{
    struct store *boss = supervisor("boss"), *direct;
    struct hash32 rev = circle_interview(&c, one, "<data>1</data>", "a\tb", NULL), h1, h2;
    /* the laptop learns of its second recipient */
    circle_bundle(one, "0.bundle");
    store_close(c.office);
    copy_file("office.cacah", "direct");
    circle_ok(store_open(&c.office, tmpdir_path("office.cacah"), c.passphrase, &e), &e);
    circle_ok(store_open(&direct, tmpdir_path("direct"), c.passphrase, &e), &e);
    circle_merge(direct, "0.bundle", NULL, NULL);
    circle_receipt(direct, one, "0.receipt");
    circle_apply(one, "0.receipt");
    circle_ok(store_revision_set_state(one, &rev, REVISION_PENDING, &e), &e);
    circle_interview(&c, one, "<data>2</data>", "", NULL);
    circle_bundle(one, "1.bundle");
    circle_merge(direct, "1.bundle", NULL, NULL);
    struct merge_report r = circle_merge(boss, "1.bundle", NULL, NULL);
    ck_assert_uint_eq(r.new + r.detached, 2);
    circle_bundle(boss, "up.bundle");
    circle_merge(c.office, "0.bundle", NULL, NULL);
    circle_merge(c.office, "up.bundle", NULL, NULL);
    circle_hash(c.office, &h1);
    circle_hash(direct, &h2);
    ck_assert(hash32_eq(&h1, &h2));
    ck_assert_uint_eq(circle_count(c.office, STANDING_CURRENT, -1), 2);
    /* what is held above is safe for the supervisor, who does not send it again */
    circle_receipt(c.office, boss, "up.receipt");
    struct receipt_applied a = circle_apply(boss, "up.receipt");
    ck_assert_uint_eq(a.held, 2);
    ck_assert_int_eq(circle_state(boss, &rev), REVISION_SAFE);
    struct bundle_written w = circle_bundle(boss, "up2.bundle");
    ck_assert_uint_eq(w.records, 0);
    store_close(boss);
    store_close(direct);
}
END_TEST

START_TEST(test_upward__supervisor_and_office_may_share_a_folder_of_receipts)
{
    struct store *boss = supervisor("boss");
    struct receipt_new n = {.device = store_identity(one)->device, .now_ms = CIRCLE_NOW};
    struct receipt_written w[2];
    circle_bundle(one, "0.bundle");
    circle_merge(c.office, "0.bundle", NULL, NULL);
    circle_receipt(c.office, one, "0.receipt"); /* names the supervisor as a recipient */
    circle_apply(one, "0.receipt");
    circle_bundle(one, "1.bundle");
    circle_merge(boss, "1.bundle", NULL, NULL);
    ck_assert_int_eq(mkdir(tmpdir_path("out"), 0700), 0);
    do /* until each has written as many */
        circle_ok(receipt_write(boss, tmpdir_path("out"), &n, &w[0], &e), &e);
    while (w[0].number < 3);
    do
        circle_ok(receipt_write(c.office, tmpdir_path("out"), &n, &w[1], &e), &e);
    while (w[1].number < 3);
    ck_assert_uint_eq(w[0].number, w[1].number);
    ck_assert_str_ne(w[0].name, w[1].name);
    for (int i = 0; i < 2; i++) {
        char name[100];
        snprintf(name, sizeof name, "out/%s", w[i].name);
        ck_assert_int_eq(access(tmpdir_path(name), F_OK), 0);
    }
    store_close(boss);
}
END_TEST

START_TEST(test_upward__a_supervisors_receipt_holds_but_never_releases)
{
    struct store *boss = supervisor("boss");
    struct hash32 rev;
    circle_bundle(one, "0.bundle");
    circle_merge(c.office, "0.bundle", NULL, NULL);
    circle_receipt(c.office, one, "0.receipt");
    circle_apply(one, "0.receipt");
    rev = circle_interview(&c, one, "<data>1</data>", "", NULL);
    circle_bundle(one, "1.bundle");
    circle_merge(boss, "1.bundle", NULL, NULL);
    circle_ok(store_revision_set_state(boss, &rev, REVISION_SAFE, &e), &e);
    struct receipt_written w = circle_receipt(boss, one, "b.receipt");
    ck_assert_uint_eq(w.safe, 1);
    circle_apply(one, "b.receipt");
    ck_assert_int_eq(circle_state(one, &rev), REVISION_HELD);
    store_close(boss);
}
END_TEST

START_TEST(test_upward__a_record_stripped_on_the_way_is_not_held_until_its_contents_come)
{
    struct store *boss = supervisor("boss");
    struct hash32 rev = circle_interview(&c, one, "<data>1</data>", "a\tb", NULL);
    struct revision r;
    bool there, fresh;
    circle_bundle(one, "1.bundle");
    circle_ok(store_revision_get(one, &rev, &r, &there, &e), &e);
    circle_ok(store_revision_put(boss, &r, NULL, NULL, REVISION_HELD, STR(""), &fresh, &e), &e);
    circle_bundle(boss, "up.bundle");
    struct merge_report m = circle_merge(c.office, "up.bundle", NULL, NULL);
    ck_assert_uint_eq(m.detached, 1);
    ck_assert_int_eq(circle_state(c.office, &rev), REVISION_INCOMPLETE);
    circle_bundle(two, "two.bundle");
    circle_merge(c.office, "two.bundle", NULL, NULL);
    m = circle_merge(c.office, "1.bundle", NULL, NULL);
    ck_assert_uint_eq(m.new, 1);
    ck_assert_int_eq(circle_state(c.office, &rev), REVISION_HELD);
    ck_assert_int_eq(standing(c.office, &rev), STANDING_CURRENT);
    ck_assert(readable(c.office, &rev));
    store_close(boss);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("decide");
    TCase *t = tcase_create("decide");
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, test_review__a_return_reaches_the_laptop_and_comes_back_corrected);
    tcase_add_test(t, test_review__a_record_returned_to_another_laptop_brings_its_contents);
    tcase_add_test(t, test_merge__a_revision_by_a_laptop_without_business_is_foreign);
    tcase_add_test(t, test_merge__a_parent_that_has_not_come_leaves_it_detached_until_it_does);
    tcase_add_test(t, test_resolve__one_of_the_versions_becomes_current_and_none_is_lost);
    tcase_add_test(t, test_revoke__what_came_before_stays_and_what_comes_after_is_set_aside);
    tcase_add_test(t, test_enrolment__an_operator_chooses_between_two_claims);
    tcase_add_test(t, test_enrolment__choices_that_disagree_are_none_until_one_replaces_them);
    tcase_add_test(t, test_certify__needs_the_paper_key_of_this_survey);
    tcase_add_test(t, test_facts__of_a_stranger_are_kept_but_mean_nothing);
    tcase_add_test(t, test_erase__an_old_stick_brings_nobody_back);
    tcase_add_test(t, test_erase__a_tombstone_that_came_first_keeps_the_record_out);
    tcase_add_test(t, test_erase__a_laptops_own_word_hides_and_shreds_after_72_hours);
    tcase_add_test(t, test_erase__a_hold_keeps_what_a_laptop_erased_until_it_is_released);
    tcase_add_test(t, test_erase__a_hold_is_no_shield_against_one_who_may_erase);
    tcase_add_test(t, test_erase__a_hold_by_one_without_the_right_does_not_count);
    tcase_add_test(t, test_erase__another_laptops_word_means_nothing);
    tcase_add_test(t, test_erase__personal_answers_can_go_alone);
    tcase_add_test(t, test_erase__what_a_laptop_erased_before_sending_is_not_waited_for);
    tcase_add_test(t, test_erase__a_stripped_record_counts_once_the_laptops_word_comes);
    tcase_add_test(t, test_upward__the_same_whether_direct_or_through_a_supervisor);
    tcase_add_test(t, test_upward__supervisor_and_office_may_share_a_folder_of_receipts);
    tcase_add_test(t, test_upward__a_supervisors_receipt_holds_but_never_releases);
    tcase_add_test(t,
                   test_upward__a_record_stripped_on_the_way_is_not_held_until_its_contents_come);
    suite_add_tcase(s, t);
    return s;
}
