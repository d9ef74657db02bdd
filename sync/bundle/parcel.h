/* An envelope whose contents fit into memory: kits and receipts. Frames are gathered first, so that the
 * header can say what follows, then written in the order they came. */
#ifndef SYNC_BUNDLE_PARCEL_H
#define SYNC_BUNDLE_PARCEL_H

#include "forms/base/arena.h"
#include "sync/bundle/envelope.h"
#include "sync/store/store.h"

struct parcel {
    struct arena a;
    struct parcel_frame {
        enum frame_type type;
        struct str body;
    } * v;
    size_t n, cap;
    uint64_t plain, records;
};

void parcel_init(struct parcel *p);
void parcel_done(struct parcel *p);                                       /* wipes */
void parcel_add(struct parcel *p, enum frame_type type, struct str body); /* a copy */
/* Every fact of that kind in the store. */
MUST_USE bool parcel_add_facts(struct parcel *p, struct store *s, enum fact_kind kind,
                               struct err *e);
MUST_USE bool parcel_add_tombstones(struct parcel *p, struct store *s, struct err *e);
MUST_USE bool parcel_add_form(struct parcel *p, struct store *s, const struct hash32 *hash,
                              struct err *e);
/* Writes everything but the name: kind, recipients or code, seq and time are set in n; sender, survey,
 * incarnation and counts are filled in here. The caller publishes and frees *ret. */
MUST_USE bool parcel_write(const struct parcel *p, struct store *s, struct envelope_new *n,
                           const char *path, struct envelope_out **ret, struct err *e);

/* The other way: all frames of a checked and unlocked envelope. */
MUST_USE bool parcel_read(struct parcel *p, struct envelope_in *in, struct err *e);

#endif
