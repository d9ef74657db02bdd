/* A text that a regular expression matches, drawn by chance: literals, classes, groups, alternatives and
 * counts, which is what constraints of forms are made of. */
#ifndef APP_FLOW_SIM_REGEX_H
#define APP_FLOW_SIM_REGEX_H

#include "app/flow/dice.h"
#include "forms/base/buf.h"

/* Appends such a text. False when the pattern holds something else (looking ahead, back references …);
 * what was appended then means nothing. */
bool sim_regex_draw(struct str pattern, struct dice *d, struct buf *out);

#endif
