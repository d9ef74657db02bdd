<<<<<<< HEAD
/* A host for tests: a clock that stands still, a zone by name, pseudo-random bytes from a seed. */
=======
/* A world that never changes: a clock that stands at 2026-01-01T08:00+08:00 until it is set, that zone,
 * random bytes from a seed, files out of a table, no signatures. */
>>>>>>> run
#ifndef TESTS_SUPPORT_FAKE_HOST_H
#define TESTS_SUPPORT_FAKE_HOST_H

#include "forms/base/host.h"

<<<<<<< HEAD
struct fake_host {
    struct host host;
    int64_t now_ms;
    uint64_t seed;
    struct str signature_message; /* verify_ed25519 accepts this message alone */
};

/* 2026-01-31T02:00:00Z, zone UTC, seed 1. */
void fake_host_init(struct fake_host *f);
/* Any name of the system's zone database; for the whole process. */
void fake_host_zone(struct fake_host *f, const char *zone);
=======
struct fake_file {
    const char *name, *text;
};

struct fake_host {
    struct host host; /* its ctx is this */
    struct instant now;
    uint64_t random;
    const struct fake_file *files; /* ends with a NULL name; may be NULL */
    const struct fake_file *properties, *last_saved; /* by name, by path */
};

void fake_host_init(struct fake_host *h, uint64_t seed);
>>>>>>> run

#endif
