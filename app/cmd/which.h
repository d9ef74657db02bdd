/* The interview that a person means: by the respondent's code or the id, of a draft or of records. */
#ifndef APP_CMD_WHICH_H
#define APP_CMD_WHICH_H

#include "app/flow/survey.h"

struct which {
    struct id16 uuid;
    char code[16];
    bool draft;       /* open here */
    unsigned records; /* of it here, corrections counted one by one */
    bool whole;       /* named by its id, so that it need not be here */
};

/* ERR_NO_INTERVIEW when none here, and none that was begun here, has that code; an id that is not here is found with nothing of it. */
MUST_USE bool which_find(struct survey *sv, const char *typed, struct which *ret, struct err *e);
/* What there is of it, a line each, on standard output. */
MUST_USE bool which_say(struct survey *sv, const struct which *w, struct err *e);

#endif
