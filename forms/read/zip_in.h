/* The entries of a zip archive in memory, unpacked as a stream: what an entry may unpack to is limited by
 * what comes out, never by what its header promises. */
#ifndef FORMS_READ_ZIP_IN_H
#define FORMS_READ_ZIP_IN_H

#include <stdbool.h>
#include <stddef.h>

#include "forms/base/err.h"
#include "forms/base/str.h"

struct zip_in;

/* `bytes` must stay as long as the archive is open. */
MUST_USE bool zip_in_open(struct zip_in **ret, struct str bytes, struct err *e);
void zip_in_close(struct zip_in *z);
bool zip_in_has(struct zip_in *z, const char *entry);
/* Feeds `each` with the entry piece by piece; `last` is true once, perhaps with no bytes. */
MUST_USE bool zip_in_read(struct zip_in *z, const char *entry,
                          bool (*each)(void *ctx, const char *p, size_t n, bool last,
                                       struct err *e),
                          void *ctx, struct err *e);

#endif
