/* What a store keeps in its sealed config for kits, bundles and receipts, by name, and the keys that open
 * envelopes sent to it.
 *
 *   root      the survey's root key        config      the signed config in force
 *   label     the laptop's name            kit         kit_id ‖ enrolment seed (laptop)
 *   epochs    seeds of the bundle keys, newest last (office)      recovery   seed (office)
 *   count.X   the number last given to a kit, bundle or receipt   acks       heads held above us */
#ifndef SYNC_BUNDLE_KEYRING_H
#define SYNC_BUNDLE_KEYRING_H

#include "sync/bundle/envelope.h"
#include "sync/store/store.h"

#define SEED_SIZE   32
#define EPOCHS_MAX  32
#define KEYRING_MAX (EPOCHS_MAX + 1)

/* The store's own box key and, in an office, the bundle key of each epoch, newest first. */
struct keyring {
    struct envelope_key keys[KEYRING_MAX];
    struct secret *owned[KEYRING_MAX];
    size_t n, n_owned;
};
MUST_USE bool keyring_load(struct keyring *k, struct store *s, struct err *e);
void keyring_done(struct keyring *k);

/* The next number of a counter, kept with whatever transaction is open. */
MUST_USE bool counter_next(struct store *s, const char *name, uint64_t *ret, struct err *e);
/* A value of exactly n bytes; *ret_there false when there is none. */
MUST_USE bool config_get_bytes(struct store *s, const char *name, void *ret, size_t n,
                               bool *ret_there, struct err *e);
/* S8-D8-NUMBER.KIND (decisions.md 14); name has 64 bytes. */
void envelope_name(const struct id16 *survey, const struct hash32 *device, uint64_t number,
                   const char *kind, char name[64]);
/* `path`, or when that is a folder `path/name`. */
void path_in(const char *path, const char *name, struct buf *out);

#endif
