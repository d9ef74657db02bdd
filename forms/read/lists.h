/* External lists as tables: CSV (first row = headers), XML of the shape root/item/leaf, GeoJSON features.
 * A cell that isn't there is blank. Everything lives in the arena given. */
#ifndef FORMS_READ_LISTS_H
#define FORMS_READ_LISTS_H

#include <stdbool.h>
#include <stdint.h>

#include "forms/base/arena.h"
#include "forms/base/err.h"
#include "forms/base/str.h"

struct table {
    const struct str *names;
    const struct str *const *cells; /* by column, then by row */
    uint32_t columns, rows;
};

/* Commas, or semicolons or tabs where the header row has no comma; a byte order mark is skipped. */
MUST_USE bool lists_csv(struct table *ret, struct str bytes, struct arena *a, struct err *e);
/* *ret_table false: well-formed, but no table; whoever wants it reads it as a tree. */
MUST_USE bool lists_xml(struct table *ret, bool *ret_table, struct str bytes, struct arena *a,
                        struct err *e);
/* Properties become columns, `id` one too, the geometry text as ODK writes it. */
MUST_USE bool lists_geojson(struct table *ret, struct str bytes, struct arena *a, struct err *e);

#endif
