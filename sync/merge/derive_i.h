/* The facts that concern many interviews, as derive.c holds them and standing.c asks for them. */
#ifndef SYNC_MERGE_DERIVE_I_H
#define SYNC_MERGE_DERIVE_I_H

#include "sync/merge/by_id.h"
#include "sync/merge/derive.h"

struct reviewed {
    struct hash32 rev_id, device, id; /* id: the fact's */
    struct pk32 signer;
    enum verdict verdict;
};

struct derive {
    struct store *s;
    struct authority authority;
    struct device *devices;
    size_t n_devices, cap_devices;
    struct tombstone *tombs;
    size_t n_tombs, cap_tombs;
    struct by_id tombs_of; /* an interview */
    struct revoked {
        struct revocation r;
        struct hash32 id; /* the fact's */
        struct pk32 signer;
    } * revoked;
    size_t n_revoked, cap_revoked;
    struct reviewed *reviews;
    size_t n_reviews, cap_reviews;
    struct by_id reviews_of; /* a record */
    struct arena labels;     /* of kits; the reasons of holds */
    struct held {
        struct hold hold;
        struct hash32 id;
        struct pk32 signer;
    } * holds; /* and what ends them */
    size_t n_holds, cap_holds;
    struct by_id holds_of; /* an interview */
    struct kit_fact *kits;
    size_t n_kits, cap_kits;
    struct elected {
        struct election x;
        struct hash32 id; /* the fact's */
        struct pk32 signer;
    } * elected;
    size_t n_elected, cap_elected;
};

/* NULL: not known. */
const struct device *derive_device(const struct derive *d, const struct hash32 *device);
/* Whether this decision counts and is about that kit: by one entitled, and replaced by none of such. */
bool derive_elects(const struct derive *d, const struct elected *x, const struct id16 *kit);
/* Whether this one counts and is of that device: by one entitled, and replaced by none of such. */
bool derive_revoked_by(const struct derive *d, const struct revoked *x,
                       const struct hash32 *device);
/* Whether this one leaves that row of its device good. */
MUST_USE bool derive_good_by(struct derive *d, const struct revoked *x,
                             const struct hash32 *row_hash, uint64_t seq, bool *ret, struct err *e);
/* Whether the revocations that count leave this row of the device good. */
MUST_USE bool derive_row_good(struct derive *d, const struct hash32 *device,
                              const struct hash32 *row_hash, uint64_t seq, bool *ret,
                              struct err *e);

#endif
