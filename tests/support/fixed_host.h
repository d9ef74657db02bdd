/* A world that never changes: a clock that stands at 2026-01-01T08:00+08:00 until it is set, that zone,
 * random bytes from a seed, files out of a table, no signatures. */
#ifndef TESTS_SUPPORT_FIXED_HOST_H
#define TESTS_SUPPORT_FIXED_HOST_H

#include "forms/base/host.h"

struct fixed_file {
    const char *name, *text;
};

struct fixed_host {
    struct host host; /* its ctx is this */
    struct instant now;
    uint64_t random;
    const struct fixed_file *files;                   /* ends with a NULL name; may be NULL */
    const struct fixed_file *properties, *last_saved; /* by name, by path */
};

void fixed_host_init(struct fixed_host *h, uint64_t seed);

#endif
