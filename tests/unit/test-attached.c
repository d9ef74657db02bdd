/* Attached files on the way to the office: each bundle brings them with the record that lists them, and what
 * is missing, wrong or too much keeps the record from counting as held. */
#include <stdio.h>
#include <unistd.h>

#include "sync/bundle/keyring.h"
#include "sync/bundle/record.h"
#include "sync/merge/decide.h"
#include "sync/store/attach.h"
#include "tests/support/check_main.h"
#include "tests/support/circle_case.h"
#include "tests/support/store_case.h"
#include "tests/support/tmpdir.h"

#define SIZE (2 * ATTACHMENT_CHUNK + 777)

static struct circle_case c;
static struct store *laptop, *two;
static struct err e;
static struct id16 uuid;
static struct attachment house, face; /* the face is personal */
static struct hash32 rev;

static void ok(bool done)
{
    circle_ok(done, &e);
}

/* Ends the draft with these files listed. */
static struct hash32 finalise(struct store *s, const struct id16 *of, const struct attachment *open,
                              const struct attachment *personal)
{
    struct buf one, other;
    struct hash32 made;
    buf_init(&one, 100000);
    buf_init(&other, 100000);
    case_part(&one, "<data/>", open, open ? 1 : 0);
    case_part(&other, "/data/face\tx\n", personal, personal ? 1 : 0);
    struct revision_new r = {.part1 = buf_str(&one),
                             .part2 = buf_str(&other),
                             .outcome = 1,
                             .summary = STR("summary"),
                             .now_ms = CIRCLE_NOW};
    ok(store_draft_finalise(s, of, &r, &made, &e));
    buf_done(&one);
    buf_done(&other);
    return made;
}

static void setup(void)
{
    err_clear(&e);
    circle_setup(&c);
    laptop = circle_laptop(&c, c.office, "laptop3");
    two = circle_laptop(&c, c.office, "laptop4");
    ok(store_draft_begin(laptop, &c.form, NULL, NULL, CIRCLE_NOW, STR("start"), STR("n"), &uuid,
                         &e));
    house = case_attach(laptop, &uuid, false, 1, SIZE);
    face = case_attach(laptop, &uuid, true, 2, 5000);
    rev = finalise(laptop, &uuid, &house, &face);
}

static void teardown(void)
{
    store_close(laptop);
    store_close(two);
    circle_teardown(&c);
}

static bool office_has(const struct attachment *x, uint8_t seed)
{
    return case_attached(c.office, &uuid, x, seed);
}

static void say_none(void *ctx, struct str line)
{
    (void)ctx;
    ck_abort_msg("verify: %.*s", STR_FMT(line));
}

static void whole(struct store *s)
{
    uint64_t faults;
    ok(store_verify(s, say_none, NULL, &faults, &e));
}

/* ---- a bundle taken apart and put together again by the laptop that made it ---- */

struct frames {
    struct arena a;
    struct frame {
        enum frame_type type;
        struct str body;
    } v[64];
    size_t n;
    struct envelope_header h;
};

static bool gather(void *ctx, enum frame_type type, struct str body, struct err *why)
{
    struct frames *f = ctx;
    (void)why;
    ck_assert_uint_lt(f->n, 60);
    f->v[f->n++] = (struct frame){type, arena_str(&f->a, body)};
    return true;
}

static void take_apart(const char *file, struct frames *f)
{
    struct envelope_in *in;
    struct keyring k;
    *f = (struct frames){.n = 0};
    arena_init(&f->a);
    ok(keyring_load(&k, c.office, &e));
    ok(envelope_open(&in, tmpdir_path(file), &e));
    ok(envelope_check(in, &e));
    ok(envelope_unlock(in, k.keys, k.n, &e));
    ok(envelope_frames(in, gather, f, &e));
    f->h = *envelope_in_header(in);
    envelope_in_free(in);
    keyring_done(&k);
}

static void put_together(const struct frames *f, const char *file)
{
    struct arena a;
    struct config config;
    struct envelope_out *o;
    const struct store_identity *id = store_identity(laptop);
    arena_init(&a);
    ok(kit_config(laptop, &config, &a, &e));
    struct envelope_new n = {.kind = ENVELOPE_BUNDLE,
                             .survey = id->survey,
                             .incarnation = id->incarnation,
                             .sender = id->ed_pk,
                             .signing_key = store_signing_key(laptop),
                             .seq = 99,
                             .created_ms = CIRCLE_NOW,
                             .records = f->h.records,
                             .rows = f->h.rows,
                             .plain = f->h.plain + 600000,
                             .to = &config.recipients[0].x_pk,
                             .n_to = 1,
                             .has_enrol = f->h.has_enrol,
                             .enrol_kit = f->h.enrol_kit,
                             .enrol = f->h.enrol};
    ok(envelope_begin(&o, tmpdir_path(file), &n, &e));
    for (size_t i = 0; i < f->n; i++)
        ok(envelope_put(o, f->v[i].type, f->v[i].body, &e));
    ok(envelope_end(o, &e));
    ok(envelope_publish(o, &e));
    envelope_out_free(o);
    arena_done(&a);
}

/* Where the first frame of that type is. */
static size_t first(const struct frames *f, enum frame_type type)
{
    size_t i = 0;
    while (f->v[i].type != type)
        ck_assert_uint_lt(++i, f->n);
    return i;
}

static void cut(struct frames *f, size_t at)
{
    memmove(f->v + at, f->v + at + 1, (f->n - at - 1) * sizeof *f->v);
    f->n--;
}

static void insert(struct frames *f, size_t at, struct frame x)
{
    memmove(f->v + at + 1, f->v + at, (f->n - at) * sizeof *f->v);
    f->v[at] = x;
    f->n++;
}

/* ---- there and back ---- */

START_TEST(test_bundle__brings_the_files_with_the_record)
{
    enum merge_outcome how;
    circle_bundle(laptop, "1.bundle");
    struct merge_report r = circle_merge(c.office, "1.bundle", NULL, NULL);
    ck_assert_uint_eq(r.new, 1);
    ck_assert(office_has(&house, 1));
    ck_assert(office_has(&face, 2));
    ck_assert_int_eq(circle_state(c.office, &rev), REVISION_HELD);
    circle_merge(c.office, "1.bundle", &how, NULL);
    ck_assert_int_eq(how, MERGE_SAME);
    circle_receipt(c.office, laptop, "1.receipt");
    circle_apply(laptop, "1.receipt");
    ck_assert_int_eq(circle_state(laptop, &rev), REVISION_HELD);
    whole(c.office);
    whole(laptop);
}
END_TEST

START_TEST(test_bundle__a_correction_does_not_bring_them_again)
{
    struct id16 again;
    circle_bundle(laptop, "1.bundle");
    circle_merge(c.office, "1.bundle", NULL, NULL);
    circle_receipt(c.office, laptop, "1.receipt");
    circle_apply(laptop, "1.receipt");
    ok(store_draft_begin(laptop, &c.form, &rev, &uuid, CIRCLE_NOW, STR("start"), STR("n"), &again,
                         &e));
    struct attachment other = case_attach(laptop, &uuid, true, 3, 6000);
    struct hash32 next = finalise(laptop, &uuid, &house, &other);
    struct bundle_written w = circle_bundle(laptop, "2.bundle");
    ck_assert_uint_lt(w.bytes, 100000); /* the large one was not in it */
    struct merge_report r = circle_merge(c.office, "2.bundle", NULL, NULL);
    ck_assert_uint_eq(r.newer, 1);
    ck_assert(office_has(&other, 3));
    ck_assert_int_eq(circle_state(c.office, &next), REVISION_HELD);
    whole(c.office);
}
END_TEST

START_TEST(test_bundle__before_a_receipt_each_bundle_brings_them_once)
{
    struct id16 again;
    struct frames f;
    unsigned files = 0;
    ok(store_draft_begin(laptop, &c.form, &rev, &uuid, CIRCLE_NOW, STR("start"), STR("n"), &again,
                         &e));
    finalise(laptop, &uuid, &house, &face);
    for (unsigned i = 0; i < 2; i++) {
        circle_bundle(laptop, i ? "2.bundle" : "1.bundle");
        take_apart(i ? "2.bundle" : "1.bundle", &f);
        for (size_t k = 0; k < f.n; k++)
            files += f.v[k].type == FRAME_ATTACHMENT;
        arena_done(&f.a);
    }
    ck_assert_uint_eq(files, 4);
    circle_merge(c.office, "2.bundle", NULL, NULL);
    ck_assert_uint_eq(circle_count(c.office, STANDING_CURRENT, REVISION_HELD), 1);
    ck_assert_uint_eq(circle_count(c.office, STANDING_OLD, REVISION_HELD), 1);
}
END_TEST

START_TEST(test_bundle__all_means_the_files_too)
{
    struct bundle_written w;
    circle_bundle(laptop, "1.bundle");
    circle_merge(c.office, "1.bundle", NULL, NULL);
    circle_receipt(c.office, laptop, "1.receipt");
    circle_apply(laptop, "1.receipt");
    ok(bundle_write_all(laptop, tmpdir_path("all.bundle"), CIRCLE_NOW, &w, &e));
    ck_assert_uint_gt(w.bytes, SIZE / 2);
}
END_TEST

START_TEST(test_return__another_laptop_corrects_it_without_the_bytes)
{
    struct id16 again;
    circle_bundle(two, "0.bundle");
    circle_merge(c.office, "0.bundle", NULL, NULL);
    circle_bundle(laptop, "1.bundle");
    circle_merge(c.office, "1.bundle", NULL, NULL);
    ok(decide_review(c.office, &rev, VERDICT_RETURN, &store_identity(two)->device, STR("again"),
                     CIRCLE_NOW, &e));
    circle_receipt(c.office, two, "2.receipt");
    circle_apply(two, "2.receipt");
    ok(store_draft_begin(two, &c.form, &rev, &uuid, CIRCLE_NOW, STR("start"), STR("n"), &again,
                         &e));
    struct hash32 next = finalise(two, &uuid, &house, &face);
    whole(two);
    struct bundle_written w = circle_bundle(two, "2.bundle");
    ck_assert_uint_lt(w.bytes, 100000);
    circle_merge(c.office, "2.bundle", NULL, NULL);
    ck_assert_int_eq(circle_state(c.office, &next), REVISION_HELD);
    circle_receipt(c.office, two, "3.receipt");
    circle_apply(two, "3.receipt");
    ck_assert_int_eq(circle_state(two, &next), REVISION_HELD);
    whole(c.office);
}
END_TEST

START_TEST(test_upward__a_supervisor_passes_them_on)
{
    struct id16 theirs;
    struct store *boss = circle_supervisor(&c, "boss", MAY_REVIEW | MAY_FORWARD | MAY_KIT);
    circle_receipt(c.office, boss, "boss.receipt");
    circle_apply(boss, "boss.receipt");
    circle_bundle(two, "0.bundle");
    circle_merge(c.office, "0.bundle", NULL, NULL);
    circle_receipt(c.office, two, "0.receipt"); /* the laptop learns of its second recipient */
    circle_apply(two, "0.receipt");
    ok(store_draft_begin(two, &c.form, NULL, NULL, CIRCLE_NOW, STR("start"), STR("n"), &theirs,
                         &e));
    struct attachment x = case_attach(two, &theirs, false, 4, SIZE),
                      y = case_attach(two, &theirs, true, 5, 5000);
    struct hash32 of = finalise(two, &theirs, &x, &y);
    circle_bundle(two, "1.bundle");
    circle_merge(boss, "1.bundle", NULL, NULL);
    ck_assert(case_attached(boss, &theirs, &x, 4));
    circle_bundle(boss, "up.bundle");
    circle_merge(c.office, "up.bundle", NULL, NULL);
    ck_assert(case_attached(c.office, &theirs, &x, 4));
    ck_assert(case_attached(c.office, &theirs, &y, 5));
    ck_assert_int_eq(circle_state(c.office, &of), REVISION_HELD);
    whole(boss);
    whole(c.office);
    store_close(boss);
}
END_TEST

/* ---- missing, wrong, too much ---- */

START_TEST(test_merge__without_its_files_a_record_is_not_held)
{
    struct frames f;
    circle_bundle(laptop, "1.bundle");
    take_apart("1.bundle", &f);
    size_t at = first(&f, FRAME_ATTACHMENT);
    while (at < f.n && (f.v[at].type == FRAME_ATTACHMENT || f.v[at].type == FRAME_CHUNK))
        cut(&f, at);
    put_together(&f, "less.bundle");
    struct merge_report r = circle_merge(c.office, "less.bundle", NULL, NULL);
    ck_assert_uint_eq(r.detached, 1);
    ck_assert_int_eq(circle_state(c.office, &rev), REVISION_INCOMPLETE);
    struct receipt_written w = circle_receipt(c.office, laptop, "1.receipt");
    ck_assert_uint_eq(w.held + w.safe, 0);
    circle_apply(laptop, "1.receipt");
    ck_assert_int_eq(circle_state(laptop, &rev), REVISION_PENDING);
    whole(c.office);
    r = circle_merge(c.office, "1.bundle", NULL, NULL);
    ck_assert_uint_eq(r.new, 1);
    ck_assert_int_eq(circle_state(c.office, &rev), REVISION_HELD);
    ck_assert(office_has(&house, 1) && office_has(&face, 2));
    whole(c.office);
    arena_done(&f.a);
}
END_TEST

START_TEST(test_merge__a_wrong_file_sets_the_record_aside)
{
    struct frames f;
    char bytes[ATTACHMENT_CHUNK];
    circle_bundle(laptop, "1.bundle");
    for (unsigned i = 0; i < 2; i++) {
        take_apart("1.bundle", &f);
        size_t at = first(&f, FRAME_CHUNK);
        if (i == 0) { /* one byte */
            memcpy(bytes, f.v[at].body.p, sizeof bytes);
            bytes[5] ^= 1;
            f.v[at].body.p = bytes;
        } else { /* two chunks change places */
            struct str x = f.v[at].body;
            f.v[at].body = f.v[at + 1].body;
            f.v[at + 1].body = x;
        }
        put_together(&f, "bad.bundle");
        arena_done(&f.a);
        struct merge_report r = circle_merge(c.office, "bad.bundle", NULL, NULL);
        ck_assert_uint_eq(r.quarantined, 1);
        ck_assert(!office_has(&house, 1) && !office_has(&face, 2));
        ck_assert_uint_eq(circle_count(c.office, STANDING_CURRENT, -1), i);
        whole(c.office);
        if (i == 0) { /* something new, or the file as a whole would be nothing */
            circle_interview(&c, laptop, "<data>2</data>", "", NULL);
            circle_bundle(laptop, "1.bundle");
        }
    }
    circle_merge(c.office, "1.bundle", NULL, NULL);
    ck_assert(office_has(&house, 1) && office_has(&face, 2));
    whole(c.office);
}
END_TEST

static struct frames bad;

static void before_its_record(void)
{
    size_t at = first(&bad, FRAME_ATTACHMENT);
    struct frame x = bad.v[at];
    cut(&bad, at);
    insert(&bad, first(&bad, FRAME_RECORD), x);
}

static void another_commitment(void)
{
    static const char other[32] = "not a commitment of any file...";
    bad.v[first(&bad, FRAME_ATTACHMENT)].body = (struct str){other, 32};
}

static void a_short_head(void)
{
    bad.v[first(&bad, FRAME_ATTACHMENT)].body.n = 31;
}

static void twice(void)
{
    size_t at = first(&bad, FRAME_ATTACHMENT), n = 1;
    while (bad.v[at + n].type == FRAME_CHUNK)
        n++;
    for (size_t i = 0; i < n; i++)
        insert(&bad, at + n + i, bad.v[at + i]);
}

static void a_chunk_too_many(void)
{
    size_t at = first(&bad, FRAME_CHUNK);
    while (bad.v[at].type == FRAME_CHUNK)
        at++;
    insert(&bad, at, bad.v[at - 1]);
}

static void a_chunk_too_few(void)
{
    cut(&bad, first(&bad, FRAME_CHUNK));
}

static void the_last_one_missing(void)
{
    size_t at = first(&bad, FRAME_CHUNK);
    while (bad.v[at].type == FRAME_CHUNK)
        at++;
    cut(&bad, at - 1);
}

static void a_chunk_too_small(void)
{
    bad.v[first(&bad, FRAME_CHUNK)].body.n--;
}

static void a_chunk_alone(void)
{
    cut(&bad, first(&bad, FRAME_ATTACHMENT));
}

START_TEST(test_merge__a_bad_frame_refuses_the_file)
{
    static void (*const changes[])(void) = {
        before_its_record, another_commitment,   a_short_head,      twice,        a_chunk_too_many,
        a_chunk_too_few,   the_last_one_missing, a_chunk_too_small, a_chunk_alone};
    struct hash32 before, after;
    circle_bundle(laptop, "1.bundle");
    circle_hash(c.office, &before);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        enum merge_outcome how;
        struct err why;
        take_apart("1.bundle", &bad);
        changes[i]();
        put_together(&bad, "bad.bundle");
        arena_done(&bad.a);
        circle_merge(c.office, "bad.bundle", &how, &why);
        ck_assert_msg(how == MERGE_REFUSED && why.kind == &ERR_ENVELOPE_FRAME, "change %zu", i);
        circle_hash(c.office, &after);
        ck_assert(hash32_eq(&before, &after));
        ck_assert(!office_has(&house, 1));
    }
    whole(c.office);
}
END_TEST

/* ---- erased ---- */

START_TEST(test_erase__no_bundle_brings_a_file_back)
{
    struct tombstone t;
    enum merge_outcome how;
    circle_bundle(laptop, "1.bundle");
    circle_merge(c.office, "1.bundle", NULL, NULL);
    ok(store_erase(c.office, &uuid, ERASE_PII, CIRCLE_NOW, &t, &e));
    ck_assert(office_has(&house, 1) && !office_has(&face, 2));
    circle_merge(c.office, "1.bundle", &how, NULL);
    ck_assert(office_has(&house, 1) && !office_has(&face, 2));
    ok(store_erase(c.office, &uuid, ERASE_ALL, CIRCLE_NOW, &t, &e));
    circle_merge(c.office, "1.bundle", &how, NULL);
    ck_assert(!office_has(&house, 1) && !office_has(&face, 2));
    whole(c.office);
    /* The laptop learns it with the next receipt. */
    circle_receipt(c.office, laptop, "1.receipt");
    circle_apply(laptop, "1.receipt");
    ck_assert(!case_attached(laptop, &uuid, &house, 1));
    whole(laptop);
}
END_TEST

START_TEST(test_erase__a_tombstone_that_came_first_keeps_the_files_out)
{
    struct tombstone t;
    ok(store_erase(c.office, &uuid, ERASE_ALL, CIRCLE_NOW, &t, &e));
    circle_bundle(laptop, "1.bundle");
    struct merge_report r = circle_merge(c.office, "1.bundle", NULL, NULL);
    ck_assert_uint_eq(r.erased, 1);
    ck_assert(!office_has(&house, 1) && !office_has(&face, 2));
    whole(c.office);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("attached");
    TCase *t = tcase_create("attached");
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, test_bundle__brings_the_files_with_the_record);
    tcase_add_test(t, test_bundle__a_correction_does_not_bring_them_again);
    tcase_add_test(t, test_bundle__before_a_receipt_each_bundle_brings_them_once);
    tcase_add_test(t, test_bundle__all_means_the_files_too);
    tcase_add_test(t, test_return__another_laptop_corrects_it_without_the_bytes);
    tcase_add_test(t, test_upward__a_supervisor_passes_them_on);
    tcase_add_test(t, test_merge__without_its_files_a_record_is_not_held);
    tcase_add_test(t, test_merge__a_wrong_file_sets_the_record_aside);
    tcase_add_test(t, test_merge__a_bad_frame_refuses_the_file);
    tcase_add_test(t, test_erase__no_bundle_brings_a_file_back);
    tcase_add_test(t, test_erase__a_tombstone_that_came_first_keeps_the_files_out);
    suite_add_tcase(s, t);
    return s;
}
