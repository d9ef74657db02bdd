/* Weeks of field work on bad roads: twenty laptops, two supervisors, an office, and sticks that are lost,
 * copied, late, out of order, found again in a drawer. In the end the office has every record exactly once,
 * with its contents; every laptop knows so; nobody erased comes back anywhere.
 * LOSS_SEEDS, LOSS_DAYS, LOSS_LAPTOPS in the environment make it longer. */
#include <stdio.h>
#include <stdlib.h>

#include "sync/bundle/record.h"
#include "sync/merge/decide.h"
#include "tests/support/check_main.h"
#include "tests/support/circle_case.h"
#include "tests/support/tmpdir.h"

#define LAPTOPS_MAX 20
#define BOSSES      2
#define RECORDS_MAX 8192
#define DAY         ((int64_t)86400000)

enum where {
    TO_OFFICE = -1
}; /* else a supervisor's number; a receipt's: laptops, then supervisors */

struct letter {
    char file[32];
    bool receipt;
    int to;
    int due; /* the day it arrives */
};

struct made {
    struct hash32 rev_id;
    struct id16 uuid;
    int laptop;
};

struct world {
    struct circle_case c;
    struct store *laptop[LAPTOPS_MAX], *boss[BOSSES];
    int n_laptops, day;
    struct letter *post;
    size_t n_post, cap_post;
    struct made made[RECORDS_MAX];
    size_t n_made;
    struct id16 *erased;
    size_t n_erased, cap_erased;
    unsigned files;
    bool fair; /* at the end nothing is lost any more */
    struct err e;
};

static uint64_t state;
static int draw(int below)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (int)((state >> 33) % (unsigned)below);
}

static int64_t now(const struct world *w)
{
    return CIRCLE_NOW + w->day * DAY;
}

/* ---- the post ---- */

static void put_letter(struct world *w, const char *file, bool receipt, int to, int due)
{
    w->post = mem_grow(w->post, w->n_post, &w->cap_post, sizeof *w->post);
    struct letter *l = &w->post[w->n_post++];
    *l = (struct letter){.receipt = receipt, .to = to, .due = due};
    snprintf(l->file, sizeof l->file, "%s", file);
}

/* Lost, doubled, late, or put into a drawer until the end. */
static void post(struct world *w, const char *file, bool receipt, int to)
{
    int luck = draw(100);
    if (w->fair) {
        put_letter(w, file, receipt, to, w->day);
        return;
    }
    if (luck < 25)
        return;
    if (luck < 32) {
        put_letter(w, file, receipt, to, INT32_MAX);
        return;
    }
    put_letter(w, file, receipt, to, w->day + draw(luck < 60 ? 1 : 12));
    if (luck >= 90)
        put_letter(w, file, receipt, to, w->day + draw(20));
}

static void send(struct world *w, struct store *s, int to)
{
    char name[32];
    snprintf(name, sizeof name, "%u.bundle", w->files++);
    circle_bundle(s, name);
    post(w, name, false, to);
}

/* To laptop or supervisor number `to` (supervisors behind the laptops). */
static void answer(struct world *w, struct store *from, int to)
{
    char name[32];
    struct receipt_written written;
    struct store *s = to < w->n_laptops ? w->laptop[to] : w->boss[to - w->n_laptops];
    struct receipt_new n = {.device = store_identity(s)->device, .now_ms = now(w)};
    snprintf(name, sizeof name, "%u.receipt", w->files++);
    if (receipt_write(from, tmpdir_path(name), &n, &written, &w->e))
        post(w, name, true, to);
    else
        ck_assert(err_is(&w->e, &ERR_NO_DEVICE)); /* nothing of it has come yet */
    err_clear(&w->e);
}

static void deliver_one(struct world *w, const struct letter *l)
{
    struct receipt_applied applied;
    if (!l->receipt) {
        circle_merge_known(l->to == TO_OFFICE ? w->c.office : w->boss[l->to], l->file);
        return;
    }
    struct store *s = l->to < w->n_laptops ? w->laptop[l->to] : w->boss[l->to - w->n_laptops];
    circle_ok(receipt_apply(s, tmpdir_path(l->file), NULL, &applied, &w->e), &w->e);
}

/* What is due, in any order. */
static void deliver(struct world *w)
{
    for (size_t i = w->n_post; i > 1; i--) {
        size_t j = (size_t)draw((int)i);
        struct letter t = w->post[i - 1];
        w->post[i - 1] = w->post[j];
        w->post[j] = t;
    }
    size_t kept = 0, n = w->n_post;
    for (size_t i = 0; i < n; i++) {
        struct letter l = w->post[i];
        if (l.due > w->day)
            w->post[kept++] = l;
        else
            deliver_one(w, &l);
    }
    w->n_post = kept;
}

/* ---- a day ---- */

static bool is_erased(const struct world *w, const struct id16 *uuid)
{
    for (size_t i = 0; i < w->n_erased; i++)
        if (id16_eq(&w->erased[i], uuid))
            return true;
    return false;
}

static void note_made(struct world *w, struct hash32 rev, struct id16 uuid, int laptop)
{
    ck_assert_uint_lt(w->n_made, RECORDS_MAX);
    w->made[w->n_made++] = (struct made){rev, uuid, laptop};
}

static void interview(struct world *w, int laptop)
{
    char answer[64];
    struct id16 uuid;
    snprintf(answer, sizeof answer, "<data>%zu</data>", w->n_made);
    struct hash32 rev =
        circle_interview(&w->c, w->laptop[laptop], answer, draw(2) ? "/nama\tAna" : "", &uuid);
    note_made(w, rev, uuid, laptop);
}

static void note_erased(struct world *w, const struct id16 *uuid)
{
    w->erased = mem_grow(w->erased, w->n_erased, &w->cap_erased, sizeof *w->erased);
    w->erased[w->n_erased++] = *uuid;
}

static void erase(struct world *w, struct store *s, const struct id16 *uuid)
{
    struct tombstone t;
    circle_ok(store_erase(s, uuid, ERASE_ALL, now(w), &t, &w->e), &w->e);
    note_erased(w, uuid);
}

struct one_return {
    struct world *w;
    struct hash32 rev;
    bool there;
};

static bool first_return(void *ctx, const struct revision *r, const struct review *review,
                         struct err *e)
{
    struct one_return *x = ctx;
    (void)review;
    (void)e;
    if (!x->there && !is_erased(x->w, &r->uuid)) {
        x->rev = r->rev_id;
        x->there = true;
    }
    return true;
}

/* Corrects one of those returned, if any. */
static void correct(struct world *w, int laptop)
{
    struct derive *d;
    struct store *s = w->laptop[laptop];
    struct one_return x = {.w = w};
    struct revision r;
    bool there;
    circle_ok(derive_open(&d, s, &w->e), &w->e);
    circle_ok(derive_returned(d, &store_identity(s)->device, first_return, &x, &w->e), &w->e);
    derive_free(d);
    if (!x.there)
        return;
    circle_ok(store_revision_get(s, &x.rev, &r, &there, &w->e), &w->e);
    note_made(w, circle_correct(&w->c, s, &x.rev, "<data>corrected</data>"), r.uuid, laptop);
}

static void laptop_day(struct world *w, int i)
{
    if (draw(3))
        interview(w, i);
    correct(w, i);
    if (draw(60) == 0 && w->n_made) {
        const struct made *m = &w->made[(size_t)draw((int)w->n_made)];
        if (m->laptop == i && !is_erased(w, &m->uuid))
            erase(w, w->laptop[i], &m->uuid);
    }
    if (draw(5) < 2)
        send(w, w->laptop[i], draw(3) ? i % BOSSES : TO_OFFICE);
}

struct wanted {
    const struct world *w;
    struct revision r;
    int skip;
    bool there;
};

static bool pick(void *ctx, const struct revision *r, enum revision_state st,
                 enum standing standing, struct str summary)
{
    struct wanted *x = ctx;
    (void)st;
    (void)summary;
    if (standing != STANDING_CURRENT || is_erased(x->w, &r->uuid) || x->skip-- > 0)
        return true;
    x->r = *r;
    x->there = true;
    return false;
}

static bool some_record(struct world *w, struct store *s, struct revision *ret)
{
    struct derive *d;
    struct wanted x = {.w = w, .skip = draw(40)};
    circle_ok(derive_open(&d, s, &w->e), &w->e);
    bool ok = derive_each(d, pick, &x, &w->e);
    circle_ok(ok || !w->e.kind, &w->e);
    derive_free(d);
    *ret = x.r;
    return x.there;
}

static void boss_day(struct world *w, int b)
{
    struct revision r;
    if (draw(2) && some_record(w, w->boss[b], &r))
        circle_ok(decide_review(w->boss[b], &r.rev_id, draw(2) ? VERDICT_ACCEPT : VERDICT_RETURN,
                                NULL, STR("?"), now(w), &w->e),
                  &w->e);
    if (draw(2))
        send(w, w->boss[b], TO_OFFICE);
    for (int i = b; i < w->n_laptops; i += BOSSES)
        if (draw(4) == 0)
            answer(w, w->boss[b], i);
}

static void office_day(struct world *w)
{
    uint64_t n;
    struct revision r;
    circle_ok(decide_shred_due(w->c.office, now(w), &n, &w->e), &w->e);
    if (draw(10) == 0 && some_record(w, w->c.office, &r))
        erase(w, w->c.office, &r.uuid);
    for (int i = 0; i < w->n_laptops + BOSSES; i++)
        if (draw(3) == 0)
            answer(w, w->c.office, i);
}

static void a_day(struct world *w)
{
    deliver(w);
    for (int i = 0; i < w->n_laptops; i++)
        laptop_day(w, i);
    for (int b = 0; b < BOSSES; b++)
        boss_day(w, b);
    office_day(w);
    w->day++;
}

/* The campaign is over: everybody comes to the office, twice, and the drawers are opened. */
static void the_end(struct world *w)
{
    w->fair = true;
    for (int again = 0; again < 3; again++) {
        uint64_t n;
        w->day += 4;
        for (size_t i = 0; i < w->n_post; i++)
            w->post[i].due = w->day;
        for (int i = 0; i < w->n_laptops; i++)
            send(w, w->laptop[i], TO_OFFICE);
        for (int b = 0; b < BOSSES; b++)
            send(w, w->boss[b], TO_OFFICE);
        deliver(w);
        circle_ok(decide_shred_due(w->c.office, now(w), &n, &w->e), &w->e);
        for (int i = 0; i < w->n_laptops + BOSSES; i++)
            answer(w, w->c.office, i);
        deliver(w);
    }
}

/* ---- what must hold ---- */

static bool nothing_of(struct world *w, struct store *s, const struct hash32 *rev_id)
{
    struct revision r;
    uint8_t salt[32];
    struct buf b;
    bool there;
    circle_ok(store_revision_get(s, rev_id, &r, &there, &w->e), &w->e);
    if (!there)
        return true;
    buf_init(&b, 4096);
    bool gone = !store_revision_part(s, rev_id, 1, salt, &b, &w->e);
    gone = gone && err_is(&w->e, &ERR_PART_ERASED);
    err_clear(&w->e);
    buf_done(&b);
    return gone;
}

static void check_record(struct world *w, struct derive *d, const struct made *m,
                         uint64_t *ret_there)
{
    struct revision r;
    struct record rec;
    struct buf parts;
    enum standing st;
    bool there;
    circle_ok(store_revision_get(w->c.office, &m->rev_id, &r, &there, &w->e), &w->e);
    if (!there) { /* erased before it ever left its laptop */
        ck_assert_msg(is_erased(w, &m->uuid), "a record was lost");
        ck_assert(nothing_of(w, w->laptop[m->laptop], &m->rev_id));
        return;
    }
    ++*ret_there;
    circle_ok(derive_standing(d, &r, &st, &w->e), &w->e);
    if (is_erased(w, &m->uuid)) {
        ck_assert_int_eq(st, STANDING_ERASED);
        ck_assert_msg(nothing_of(w, w->c.office, &m->rev_id), "the office still has an erased one");
        for (int b = 0; b < BOSSES; b++)
            ck_assert_msg(nothing_of(w, w->boss[b], &m->rev_id), "a supervisor has an erased one");
        for (int i = 0; i < w->n_laptops; i++)
            ck_assert_msg(nothing_of(w, w->laptop[i], &m->rev_id), "a laptop has an erased one");
        return;
    }
    ck_assert(st == STANDING_CURRENT || st == STANDING_OLD || st == STANDING_CONFLICT);
    buf_init(&parts, 65536);
    circle_ok(record_gather(w->c.office, &r, &rec, &parts, &w->e), &w->e);
    ck_assert(rec.has1 && record_fits(&rec));
    buf_done(&parts);
    enum revision_state known = circle_state(w->laptop[m->laptop], &m->rev_id);
    ck_assert_msg(known == REVISION_HELD || known == REVISION_SAFE,
                  "a laptop does not know that the office has its record");
}

static void check(struct world *w)
{
    struct derive *d;
    struct store_counts n;
    uint64_t pending, faults = 1, there = 0;
    circle_ok(derive_open(&d, w->c.office, &w->e), &w->e);
    for (size_t i = 0; i < w->n_made; i++)
        check_record(w, d, &w->made[i], &there);
    derive_free(d);
    circle_ok(store_counts(w->c.office, &n, &w->e), &w->e);
    ck_assert_uint_eq(n.revisions, there);
    for (int i = 0; i < w->n_laptops; i++) {
        circle_ok(bundle_pending(w->laptop[i], &pending, &w->e), &w->e);
        ck_assert_uint_eq(pending, 0);
    }
    circle_ok(store_verify(w->c.office, NULL, NULL, &faults, &w->e), &w->e);
    ck_assert_uint_eq(faults, 0);
}

static void world_begin(struct world *w, int laptops)
{
    circle_setup(&w->c);
    w->n_laptops = laptops;
    for (int b = 0; b < BOSSES; b++) {
        char name[16];
        snprintf(name, sizeof name, "boss%d", b);
        w->boss[b] = circle_supervisor(&w->c, name, MAY_REVIEW | MAY_FORWARD | MAY_KIT);
    }
    for (int i = 0; i < laptops; i++) {
        char name[24];
        snprintf(name, sizeof name, "laptop%d", i);
        w->laptop[i] = circle_laptop(&w->c, w->c.office, name);
    }
    w->fair = true; /* what makes a supervisor one arrives */
    for (int b = 0; b < BOSSES; b++)
        answer(w, w->c.office, laptops + b);
    deliver(w);
    w->fair = false;
}

static void world_end(struct world *w)
{
    for (int i = 0; i < w->n_laptops; i++)
        store_close(w->laptop[i]);
    for (int b = 0; b < BOSSES; b++)
        store_close(w->boss[b]);
    mem_free(w->post);
    mem_free(w->erased);
    circle_teardown(&w->c);
}

static int setting(const char *name, int otherwise)
{
    const char *v = getenv(name);
    return v ? (int)strtol(v, NULL, 10) : otherwise;
}

START_TEST(test_loss__every_record_arrives_once_and_nobody_comes_back)
{
    int seeds = setting("LOSS_SEEDS", 1), days = setting("LOSS_DAYS", 14);
    for (int seed = 1; seed <= seeds; seed++) {
        struct world *w = mem_calloc(1, sizeof *w);
        state = (uint64_t)seed;
        world_begin(w, setting("LOSS_LAPTOPS", LAPTOPS_MAX));
        for (int day = 0; day < days; day++)
            a_day(w);
        the_end(w);
        check(w);
        fprintf(stderr, "# seed %d: %zu records, %zu erased, %u files\n", seed, w->n_made,
                w->n_erased, w->files);
        world_end(w);
        mem_free(w);
    }
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("loss");
    TCase *t = tcase_create("loss");
    tcase_set_timeout(t, 0);
    tcase_add_test(t, test_loss__every_record_arrives_once_and_nobody_comes_back);
    suite_add_tcase(s, t);
    return s;
}
