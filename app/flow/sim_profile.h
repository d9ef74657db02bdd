/* What simulated interviews are like: how many enumerators and of what manner, how often respondents
 * refuse or do not know, how answers are distributed. A text of `key = value` lines, `#` comments:
 *
 *     enumerators = 6              the numbers of sim_keys.def
 *     start = 2026-03-02           the first working day
 *     answer.umur = normal 41 13   how the question of that name is answered, the first line that
 *     answer.hasil = 4 if ${setuju} = '2'      fits rules; "if" takes any expression of the form
 *
 * Answers: `CODE[:WEIGHT] …` (of select_multiple: the chance of each in per cent), among them the words
 * blank, dk, refused, na; `uniform A B`; `normal MEAN DEVIATION`; `text "…" …`; `enumerator [VALUE …]`:
 * one value for each enumerator, drawn when none are given. */
#ifndef APP_FLOW_SIM_PROFILE_H
#define APP_FLOW_SIM_PROFILE_H

#include "app/errors.h"
#include "forms/base/arena.h"

enum sim_key {
#define KEY(name, standard, least, most, says) SIM_##name,
#include "app/flow/sim_keys.def"
#undef KEY
    SIM_KEYS
};

enum sim_how { SIM_WEIGHTS, SIM_UNIFORM, SIM_NORMAL, SIM_TEXT, SIM_ENUMERATOR };

struct sim_choice {
    struct str code;
    double weight;
};

struct sim_answer {
    struct str name; /* of the question */
    struct str when; /* an expression; n 0: always */
    uint32_t line;
    enum sim_how how;
    double a, b;                /* uniform: from, to; normal: mean, deviation */
    struct sim_choice *choices; /* codes, texts, the enumerators' values */
    size_t n;
};

struct sim_profile {
    struct arena arena;
    double number[SIM_KEYS];
    int64_t start_day; /* days since 1970-01-01 */
    struct sim_answer *answers;
    size_t n_answers;
};

/* The profile of no file: every key at its default. */
void sim_profile_init(struct sim_profile *p);
void sim_profile_done(struct sim_profile *p);
/* Reads a text over it. ERR_PROFILE_LINE names the line; what was read before it stays. */
MUST_USE bool sim_profile_read(struct sim_profile *p, struct str text, struct err *e);

#endif
