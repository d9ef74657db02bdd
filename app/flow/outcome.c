#include "app/flow/outcome.h"

#include <stddef.h>

#include "app/tr.h"

const char *outcome_name(int code)
{
    static const char *const names[OUTCOMES] = {
        N_("Complete"),
        N_("Partly complete"),
        N_("Nobody who can answer was at home"),
        N_("Refused"),
        N_("Moved away"),
        N_("Not eligible"),
        N_("Postponed to a date"),
        N_("Ill or unable to answer"),
    };
    return code >= 1 && code <= OUTCOMES ? names[code - 1] : NULL;
}
