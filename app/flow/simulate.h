/* Valid random interviews, made by driving the engine as a person would: question after question as they
 * become relevant, answers that satisfy the constraints, soft checks confirmed or thought over, don't
 * know and refusals, times as long as the labels take to read. For practice, demonstrations, load tests
 * and the tests of exports and reports. The same form, profile and seed give the same interviews.
 *
 *   simulate.[ch]    the run: enumerators, their days, one interview after the other
 *   sim_plan.c       what can be known of a question once      sim_walk.c   through one interview
 *   sim_draw.c       one answer                                sim_select.c one choice
 *   sim_limits.[ch]  what a constraint's text says             sim_regex.[ch] a text for a pattern
 *   sim_profile.[ch] how people are                            dice.[ch]    chance that can be repeated
 *   sim_store.[ch]   records of a practice store */
#ifndef APP_FLOW_SIMULATE_H
#define APP_FLOW_SIMULATE_H

#include "app/flow/audit.h"
#include "app/flow/sim_profile.h"
#include "forms/run/interview.h"
#include "sync/crypt/crypt.h"

struct sim;

enum sim_manner { SIM_CAREFUL, SIM_LAZY, SIM_FABRICATING };

/* How an interview begins, before the engine sees it. */
struct sim_start {
    uint32_t number; /* from 0 */
    uint32_t enumerator;
    enum sim_manner manner;
    struct instant at;
    uint8_t seed[32];
    const char *username, *deviceid;
};

/* Who looks on; members may be NULL. */
struct sim_witness {
    void *ctx;
    /* The interview gets its uuid here; without it the run draws one. */
    bool (*begin)(void *ctx, const struct sim_start *start, struct id16 *ret_uuid, struct err *e);
    /* Everything that is done, after it was done. */
    void (*event)(void *ctx, const struct event *ev, const struct audit_node *node);
};

/* An interview that was held and is complete: interview_finalise() was true. `iv` lives until the next. */
struct sim_held {
    struct sim_start start;
    struct interview *iv;
    struct id16 uuid;
    struct instant ended;
    uint32_t answered;
    int outcome;
};

/* The form and the profile must outlive the run. ERR_PROFILE_LINE: a condition that does not compile. */
MUST_USE bool sim_new(struct sim **ret, const struct form *f, const struct sim_profile *p,
                      uint64_t seed, const struct sim_witness *witness, struct err *e);
void sim_free(struct sim *s); /* accepts NULL */
/* Interviews begin in the order of time; those of several enumerators overlap. ERR_SIM_STUCK names a
 * question that no answer was found for, ERR_INCOMPLETE what the engine misses. */
MUST_USE bool sim_next(struct sim *s, struct sim_held *ret, struct err *e);
/* Names in the profile that are no question of this form: the i-th, or n 0. */
struct str sim_stranger(const struct sim *s, size_t i);

#endif
