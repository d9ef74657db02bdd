/* A world that never changes: a clock that stands at 2026-01-01T08:00+08:00 until it is set, that zone,
 * random bytes from a seed, files out of a table, no signatures. */
#ifndef TESTS_SUPPORT_FAKE_HOST_H
#define TESTS_SUPPORT_FAKE_HOST_H

#include "forms/base/host.h"

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

#endif
