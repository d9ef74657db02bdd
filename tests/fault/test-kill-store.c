/* The kill loop: a child holds interviews and says over a pipe which answers are taken; it is killed at a
 * random moment. The store opens at once, verify finds nothing, and every answer said to be taken is there.
 *
 * By default 25 kills; with FAULT_FULL=1 a thousand. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/support/check_main.h"
#include "tests/support/store_case.h"

static struct store_case c;
static struct err e;
static struct hash32 form;

/* What the child says: an answer taken, or an interview ended. */
struct said {
    struct id16 uuid;
    uint64_t events; /* 0: it is a record now */
};

static void setup(void)
{
    err_clear(&e);
    case_setup(&c);
    struct store *s = case_create(&c, STORE_FIELD);
    form = case_form(s);
    store_close(s);
}

static void teardown(void)
{
    case_teardown(&c);
}

static void say(int to, const struct said *said)
{
    if (write(to, said, sizeof *said) != (ssize_t)sizeof *said)
        _exit(2);
}

static void hold_interviews(int to)
{
    struct store *s = NULL;
    if (!store_open(&s, c.path, c.passphrase, &e))
        _exit(3);
    for (;;) {
        struct said said = {.events = 1};
        struct hash32 rev;
        struct revision_new r = {.part1 = STR("<data/>"), .part2 = STR("pii"), .outcome = 1};
        if (!store_draft_begin(s, &form, NULL, NULL, 1, STR("start"), STR("note"), &said.uuid, &e))
            _exit(4);
        say(to, &said);
        for (said.events = 2; said.events < 12; said.events++) {
            if (!store_draft_append(s, &said.uuid, said.events % 3 == 0, 2, STR("an answer"),
                                    STR("note"), &e))
                _exit(5);
            say(to, &said);
        }
        if (!store_draft_finalise(s, &said.uuid, &r, &rev, &e))
            _exit(6);
        said.events = 0;
        say(to, &said);
    }
}

static bool find_draft(void *ctx, const struct draft *d)
{
    struct draft *out = ctx;
    if (!id16_eq(&out->uuid, &d->uuid))
        return true;
    out->events = d->events;
    return false;
}

struct found {
    struct id16 uuid;
    bool there;
};

static bool find_record(void *ctx, const struct revision *r, enum revision_state state,
                        struct str summary)
{
    struct found *found = ctx;
    (void)state, (void)summary;
    found->there = id16_eq(&found->uuid, &r->uuid);
    return !found->there;
}

static void say_fault(void *ctx, struct str line)
{
    (void)ctx;
    ck_abort_msg("verify: %.*s", STR_FMT(line));
}

/* The last thing said; what came just before it was overtaken by it. */
static void check(const struct said *last, uint64_t said)
{
    uint64_t faults;
    struct store_counts n;
    struct store *s = case_open(&c);
    case_ok(store_verify(s, say_fault, NULL, &faults, &e), &e);
    case_ok(store_counts(s, &n, &e), &e);
    ck_assert_uint_ge(n.revisions, said);
    ck_assert_uint_le(n.revisions, said + 1);
    struct draft d = {.uuid = last->uuid};
    struct found found = {.uuid = last->uuid};
    case_ok(store_draft_each(s, find_draft, &d, &e), &e);
    case_ok(store_revision_each(s, find_record, &found, &e), &e);
    if (last->events && !found.there) {
        ck_assert_uint_ge(d.events, last->events);
        ck_assert_uint_le(d.events, last->events + 1);
    } else {
        ck_assert(found.there);
    }
    /* What was left open ends here, so that each round begins alike. */
    if (d.events)
        case_ok(store_draft_void(s, &d.uuid, STR("killed"), 3, &e), &e);
    store_close(s);
}

static uint64_t records_now(void)
{
    struct store_peek p;
    case_ok(store_peek(c.path, &p, &e), &e);
    return p.revisions;
}

static void one_kill(unsigned round)
{
    int pipes[2];
    struct said said, last = {.events = 0};
    uint64_t records = records_now();
    bool any = false;
    ck_assert_int_eq(pipe(pipes), 0);
    pid_t child = fork();
    if (child == 0) {
        close(pipes[0]);
        hold_interviews(pipes[1]);
    }
    close(pipes[1]);
    /* Some answers first, then a moment that is not one of the child's own making. */
    for (unsigned n = 0; n < 1 + round * 7 % 23; n++) {
        ck_assert_int_eq(read(pipes[0], &said, sizeof said), (ssize_t)sizeof said);
        last = said;
        any = true;
        records += said.events == 0;
    }
    nanosleep(&(struct timespec){.tv_nsec = (long)(round * 7919 % 3000) * 1000}, NULL);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    while (read(pipes[0], &said, sizeof said) == (ssize_t)sizeof said) {
        last = said;
        any = true;
        records += said.events == 0;
    }
    close(pipes[0]);
    ck_assert(any);
    check(&last, records);
}

START_TEST(test_kill__every_answer_taken_is_there)
{
    unsigned rounds = getenv("FAULT_FULL") ? 1000 : 25;
    for (unsigned round = 0; round < rounds; round++)
        one_kill(round);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("kill-store");
    TCase *t = tcase_create("kill");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 7200);
    tcase_add_test(t, test_kill__every_answer_taken_is_there);
    suite_add_tcase(suite, t);
    return suite;
}
