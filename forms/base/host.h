/* What forms/ asks of the world, injected by the program: the clock, the zone, randomness, files beside
 * the form, signatures, properties. forms/ itself reads no clock, opens no file, and knows no locale.
 * Every function gets `ctx`; none may be NULL unless it says so (decisions.md 24). Tests give a fixed
 * host; a replay gives back what the journal recorded (decisions.md 1). */
#ifndef FORMS_BASE_HOST_H
#define FORMS_BASE_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "forms/base/buf.h"
#include "forms/base/err.h"
#include "forms/base/str.h"

struct instant {
    int64_t ms;         /* since 1970-01-01T00:00Z */
    int32_t offset_min; /* minutes east of UTC that the clock shows */
};

struct host {
    void *ctx;
    struct instant (*now)(void *ctx);
    /* Minutes east of UTC in the form's zone at a UTC instant; `local`: ms counts local wall time. */
    int32_t (*offset)(void *ctx, int64_t ms, bool local);
    void (*random)(void *ctx, void *out, size_t n);
    /* A file beside the form (an external list), whole, by its bare name; false and ERR_FILE_MISSING
     * when there is none. May be NULL: no files. */
    bool (*file)(void *ctx, struct str name, struct buf *out, struct err *e);
    /* Ed25519 for extract-signed(); may be NULL: never valid. */
    bool (*verify_ed25519)(void *ctx, const uint8_t sig[64], struct str message,
                           const uint8_t key[32]);
    /* property('name') and last-saved values by path; false: blank. May be NULL. */
    bool (*property)(void *ctx, struct str name, struct buf *out);
    bool (*last_saved)(void *ctx, struct str path, struct buf *out);
};

#endif
