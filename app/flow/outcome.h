/* What became of a visit: the codes that every survey of ours knows (decisions.md 2; after AAPOR's standard
 * definitions). A form may name its own beyond them. */
#ifndef APP_FLOW_OUTCOME_H
#define APP_FLOW_OUTCOME_H

#define OUTCOMES 8

/* Its English words, for gettext; NULL for a code that is none of 1 to OUTCOMES. */
const char *outcome_name(int code);

#endif
