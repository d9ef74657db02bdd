/* What the files of a simulation share. */
#ifndef APP_FLOW_SIM_I_H
#define APP_FLOW_SIM_I_H

#include "app/flow/dice.h"
#include "app/flow/sim_limits.h"
#include "app/flow/simulate.h"

/* A line of the profile about a question. */
struct sim_rule {
    const struct sim_answer *answer;
    const struct expr *when; /* NULL: always */
};

/* Choices by name: those that people usually take, and the rare ones (codes 90 to 99: other, none). */
struct sim_names {
    const struct str *usual, *rare;
    uint32_t n_usual, n_rare;
    bool scale; /* the usual ones are steps of a scale */
};

/* What can be known of a question once. */
struct sim_question {
    const struct sim_limits *limits; /* NULL: no constraint */
    const struct sim_rule *rules;
    uint32_t n_rules;
    struct sim_names names; /* of a select whose choices never change; usual NULL: ask the engine */
    int32_t read_ms;        /* how long the label takes, read aloud */
};

struct sim_who {
    enum sim_manner manner;
    struct dice dice; /* for when his days begin */
    int64_t free_ms;  /* when he can begin the next */
    int64_t day;      /* since 1970 */
    uint32_t today;   /* interviews begun on it */
    uint64_t seed;    /* of what he always answers alike */
    double pace;
    char name[32];
};

#define SIM_OFFSET_MIN  480 /* Tabalong's zone, WITA */
#define SIM_WHOLE_TRIES 50  /* chances tried out for a whole interview */

enum { OUTCOME_COMPLETE = 1, OUTCOME_POSTPONED = 7 };

struct sim {
    const struct form *form;
    const struct sim_profile *profile;
    const struct sim_witness *witness;
    struct arena arena;
    uint64_t seed;
    struct sim_question *questions; /* by definition */
    uint32_t n_asked;               /* questions a person answers, repeats once */
    struct str *strangers;
    size_t n_strangers;
    struct sim_who *who;
    uint32_t n_who, held;
    char deviceid[40];
    struct host host;
    struct buf text, path, before, after;

    /* The interview under way. */
    struct interview *iv;
    struct sim_who *by;
    uint32_t number;
    char code[16];
    struct instant now;
    struct dice dice, host_dice;
    bool tries_out;     /* until the interview is whole */
    uint64_t rule_seed; /* then of what the profile's rules say */
    double mood;        /* this respondent's, beside the profile's */
    uint32_t answered;
    uint32_t stop_after; /* answers until the respondent leaves */
    int stop_outcome;    /* and how that is called */
    uint32_t last_step;  /* where on the last scale the answer was, from 0; UINT32_MAX: none */
};

/* One answer as drawn: text, or one of the keys, or nothing. */
struct sim_drawn {
    struct str text; /* in s->text, or the form's */
    enum missing missing;
    bool blank;
};

/* ---- sim_plan.c ---- */

MUST_USE bool sim_plan(struct sim *s, struct err *e);
/* Sorts the offered choices; names live in `a`. */
void sim_names_sort(const struct form_node *n, const struct str *names, uint32_t count,
                    struct arena *a, struct sim_names *ret);

/* ---- sim_draw.c, sim_select.c ---- */

#define SIM_TRIES 40

/* try: 0 first; from SIM_TRIES on whatever could help, one after the other; false: nothing is left. */
bool sim_draw(struct sim *s, const struct place *p, uint32_t try, struct sim_drawn *ret);
bool sim_draw_select(struct sim *s, struct dice *d, const struct place *p, uint32_t try,
                     struct sim_drawn *ret);
bool sim_draw_rule(struct sim *s, struct dice *d, const struct place *p, const struct sim_answer *a,
                   struct sim_drawn *ret);

/* ---- sim_walk.c ---- */

/* From the first question to the last; the interview can be finalised then. */
MUST_USE bool sim_walk(struct sim *s, struct err *e);

#endif
