/* Lines that several commands say alike. */
#ifndef APP_CMD_SAY_H
#define APP_CMD_SAY_H

#include <jansson.h>

#include "app/flow/survey.h"
#include "app/office/matters.h"

/* One interview of a list: code, form, name, state, outcome; into `json` (an array) or as a line. `state` is
 * untranslated (N_). changed_ms 0: the summary's. */
void say_interview(json_t *json, const struct id16 *uuid, struct str summary, const char *state,
                   int64_t changed_ms);
/* The same of a record. One that is erased or purged has no summary left: its form and the ledger's time of it
 * stand in. */
void say_record(json_t *json, struct survey *sv, const struct revision *r, struct str summary,
                const char *state);
/* What a laptop with a new key has to do: six words of it, for the office. */
void say_successor(struct store *s);
/* Users whose slots went with the old keys, a line each; none: says nothing. */
void say_users_gone(struct str names);
/* What people call it; untranslated (N_). */
const char *say_state(enum revision_state state);
/* "2026-11-24 10:42" in this machine's zone. */
void say_time(int64_t ms, char ret[32]);
/* Those up to the kind `last`, under headings that say what each means and what to do. */
void say_matters(const struct matters *m, enum matter_kind last);
json_t *json_matters(const struct matters *m);

#endif
