/* What office.c, kit.c, bundle.c and receipt.c share. */
#ifndef SYNC_BUNDLE_KIT_I_H
#define SYNC_BUNDLE_KIT_I_H

#include "sync/bundle/kit.h"
#include "sync/bundle/parcel.h"

/* The signed config as a fact, as it goes into kits and receipts. */
MUST_USE bool kit_config_bytes(struct store *s, struct buf *out, struct err *e);
/* H(T("cacah.fpr.1") ‖ survey_id ‖ root_pk) */
struct hash32 survey_fingerprint(const struct id16 *survey, const struct pk32 *root);
/* Certificates, config, tombstones and the config's forms. */
MUST_USE bool parcel_add_survey(struct parcel *p, struct store *s, struct err *e);
/* One of these (or of any other kind: passed over) into the store; the config is for the caller. */
MUST_USE bool survey_put(struct store *s, const struct parcel_frame *part, struct err *e);
bool survey_is_practice(const struct id16 *survey);

#endif
