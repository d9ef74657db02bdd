/* What office.c, kit.c, newroot.c, bundle.c and receipt.c share. */
#ifndef SYNC_BUNDLE_KIT_I_H
#define SYNC_BUNDLE_KIT_I_H

#include "sync/bundle/fact.h"
#include "sync/bundle/kit.h"
#include "sync/bundle/parcel.h"
#include "sync/bundle/record.h"

struct kit {
    struct parcel parcel; /* everything below points into it */
    struct kit_info info;
    struct config config;
    struct authority authority;
    struct join_body join;
    struct str config_fact; /* as signed */
    struct str assignments;
    bool has_join;
};
/* The device's claim on the kit: a signature by the kit's seed over its keys. */
struct sig64 kit_claim(const struct kit *k, const struct store_identity *id);

/* A claim made later than the device's entry, under a new root: device 32 ‖ kit 16 ‖ claim 64. */
#define CONFIG_CLAIM "claim"
#define CLAIM_SIZE   112
/* The root before this one, after going over: 32 bytes. */
#define CONFIG_FORMER_ROOT "root.former"
MUST_USE bool claim_put(struct store *s, const struct kit *k, struct err *e);
/* Into the entry of that device; any other is left as it is. */
MUST_USE bool claim_renew(struct store *s, struct device *d, struct err *e);

/* The signed config as a fact, as it goes into kits and receipts. */
MUST_USE bool kit_config_bytes(struct store *s, struct buf *out, struct err *e);
/* H(T("cacah.fpr.1") ‖ survey_id ‖ root_pk) */
struct hash32 survey_fingerprint(const struct id16 *survey, const struct pk32 *root);
/* Certificates, config, tombstones and the config's forms. */
MUST_USE bool parcel_add_survey(struct parcel *p, struct store *s, struct err *e);
/* One of these (or of any other kind: passed over) into the store; the config is for the caller. */
MUST_USE bool survey_put(struct store *s, const struct parcel_frame *part, struct err *e);

#endif
