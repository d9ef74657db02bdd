/* The practice store (latihan): a laptop's store like any other, made of a throw-away office and its kit,
 * with the survey's forms, a few assignments and, when wanted, simulated interviews. Its survey id begins
 * with eight zero bytes, so no office of a real survey takes anything from it, and the office it was made
 * by is gone. It may be thrown away at any time. */
#ifndef APP_FLOW_PRACTICE_H
#define APP_FLOW_PRACTICE_H

#include "app/flow/sim_store.h"
#include "sync/crypt/crypt.h"

struct practice_new {
    const char *path;
    const struct form_files *forms;
    size_t n_forms;
    const struct secret *passphrase;
    struct str title, user;
    struct str profile;     /* of the simulated interviews (sim_profile.h); n 0: the defaults */
    struct str assignments; /* CSV (assign.h); n 0: a few of each form are made up */
    struct str quotas;      /* CSV (quota.h); n 0: none */
    uint64_t seed;          /* the same seed gives the same device, records, exports */
    uint32_t each;          /* simulated interviews of each form */
};

/* ERR_STORE_EXISTS when there is a file of that name. On failure there is none. */
MUST_USE bool practice_make(const struct practice_new *n, struct err *e);
/* Removes a practice store; ERR_NOT_PRACTICE for any other file. None there: nothing to do. */
MUST_USE bool practice_drop(const char *path, struct err *e);

#endif
