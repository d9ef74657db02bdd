/* Numbers by id: open addressing, for ids that are hashes or random (uuids, the beginning of a rev_id). */
#ifndef APP_FLOW_IDMAP_H
#define APP_FLOW_IDMAP_H

#include <stdint.h>

#include "sync/crypt/bytes.h"

struct idmap {
    struct idmap_slot *v;
    size_t n, cap;
};

/* The number of the id, until the next call. 0: it is new, and must be given another one. */
uint32_t *idmap_at(struct idmap *m, const struct id16 *id);
void idmap_done(struct idmap *m);

#endif
