/* The kits that an office has given out, by the facts it keeps of them. */
#ifndef APP_OFFICE_KITS_H
#define APP_OFFICE_KITS_H

#include "sync/store/store.h"

/* Those that no laptop has joined with, as far as is known here, in the order of their ids. False from `each`
 * ends it. */
MUST_USE bool kits_unused(struct store *s,
                          bool (*each)(void *ctx, struct str label, int64_t made_ms), void *ctx,
                          struct err *e);
/* Whether a kit or a laptop is called so. */
MUST_USE bool kits_have_label(struct store *s, struct str label, bool *ret, struct err *e);

#endif
