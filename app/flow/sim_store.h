/* Simulated interviews as records of a practice store, each with its audit trail, in few transactions and
 * in the order of their time. Never of a real store: a practice survey's id is in every record's name, its
 * bundles say so, and no real store takes either (decisions.md 19). */
#ifndef APP_FLOW_SIM_STORE_H
#define APP_FLOW_SIM_STORE_H

#include "app/flow/simulate.h"
#include "app/flow/survey.h"

struct sim_stored {
    uint32_t records;
    uint32_t outcomes[256]; /* by outcome code */
    uint64_t answers;
    int64_t first_ms, last_ms;
};

/* n interviews of the form that the store keeps under `hash`. They begin on the profile's first day, or
 * the day after the last record. The same seed in a store with the same history gives the same records.
 * ERR_SIM_REAL: the store is no practice laptop's. What was written before a failure stays. */
MUST_USE bool sim_store(struct survey *sv, const struct hash32 *hash, const struct form *f,
                        const struct sim_profile *p, uint32_t n, uint64_t seed,
                        struct sim_stored *ret, struct err *e);

#endif
