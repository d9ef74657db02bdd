/* All versions of one interview in the order they were made, each with where it stands, who made it and
 * what reviewers said of it: what `office review show` and `office resolve` tell. */
#ifndef APP_OFFICE_HISTORY_H
#define APP_OFFICE_HISTORY_H

#include "app/office/find.h"
#include "sync/merge/derive.h"

struct version {
    struct revision r;
    enum revision_state state;
    enum standing standing;
    char number[FIND_DIGITS + 1]; /* of the version, as lists show it */
    struct str laptop;            /* its name, or its number */
    int64_t made_ms;              /* by its ledger; 0: the row has not come */
    bool resolved;                /* a resolution, not an interview's end */
    int verdict;                  /* enum verdict, or 0 */
};

struct history {
    struct id16 uuid;
    struct version *v;
    size_t n;
    struct arena a;
};

MUST_USE bool history_load(struct history *h, struct derive *d, struct store *s,
                           const struct id16 *uuid, struct err *e);
void history_done(struct history *h); /* accepts one that is all zero */
/* The one that counts. ERR_IN_CONFLICT, ERR_NOT_CURRENT. */
MUST_USE bool history_current(const struct history *h, const struct version **ret, struct err *e);
/* By the first digits of its number. ERR_VERSION_UNKNOWN. */
MUST_USE bool history_version(const struct history *h, struct str number,
                              const struct version **ret, struct err *e);
/* "enumerator's laptop": the name of a device, or its number; lives in the arena. */
MUST_USE bool history_device_name(struct store *s, const struct hash32 *device, struct arena *a,
                                  struct str *ret, struct err *e);
/* "current", "in conflict", … untranslated (N_). */
const char *standing_name(enum standing st);

#endif
