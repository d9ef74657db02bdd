/* What form scripts have touched of a form: every question that can be answered, every condition both
 * true and false, every calculation, every choice of the sheet's lists offered (an external list counts
 * as one). Fed by script.c and by the interview's evaluations. */
#ifndef FORMS_RUN_COVERAGE_H
#define FORMS_RUN_COVERAGE_H

#include "forms/run/interview.h"

struct coverage;

void coverage_question(struct coverage *c, uint32_t def);
void coverage_choices(struct coverage *c, uint32_t def, const struct choices *offered);
/* The interview's evaluations from now on. */
void coverage_watch(struct coverage *c, struct interview *iv);

#endif
