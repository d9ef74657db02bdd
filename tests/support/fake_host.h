/* A host for tests: a clock that stands still, a zone by name, pseudo-random bytes from a seed. */
#ifndef TESTS_SUPPORT_FAKE_HOST_H
#define TESTS_SUPPORT_FAKE_HOST_H

#include "forms/base/host.h"

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

#endif
