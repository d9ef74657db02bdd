/* What a constraint's text says of the answers it takes, as far as it is simple: spans of numbers, of
 * text lengths, a regular expression. An approximation from outside: every answer that the constraint
 * takes is within (unless it hangs on other questions), not every answer within is taken. So a simulated
 * person draws from here and looks whether the engine agrees. */
#ifndef APP_FLOW_SIM_LIMITS_H
#define APP_FLOW_SIM_LIMITS_H

#include "forms/base/arena.h"
#include "forms/model/form.h"

#define SPANS_MAX 16

struct span {
    double lo, hi; /* both within */
};

struct spans {
    struct span v[SPANS_MAX]; /* ascending, apart */
    uint32_t n;
};

struct sim_limits {
    struct spans value, length; /* everything: one span, infinite at both ends */
    struct str pattern;         /* of regex(., '…'); n 0: none */
};

/* `step`: how far apart answers are (1 for whole numbers). Texts live in `a`. */
void sim_limits_read(struct str constraint, double step, struct arena *a, struct sim_limits *ret);
bool spans_hold(const struct spans *s, double x);

#endif
