/* Signed facts: what is known besides ledger rows, heads and revisions. One layout and one
 * signature for all: `u8 kind ‖ signer32 ‖ signature64 ‖ body`, Sig(signer, T(tag of the kind) ‖
 * survey ‖ body). A fact is kept when its signature is right, whoever signed; whether the signer
 * was allowed to is asked when it is used (authority_may), because the certificate that says so may
 * arrive later. So merging facts is a union, and order does not matter. The id is
 * H(T("cacah.fact.1") ‖ survey ‖ kind ‖ signer ‖ body). */
#ifndef SYNC_BUNDLE_FACT_H
#define SYNC_BUNDLE_FACT_H

#include "sync/store/store.h"

#define FACT_BODY_MAX (((size_t)1 << 20) - 97)

enum fact_kind {                     /* fixed for ever; bodies in fact.c and FORMAT.md */
                 FACT_CERT = 1,      /* by root (or, for laptops, an operator): what a key may do */
                 FACT_KIT = 2,       /* by an operator: a kit's enrolment key and label */
                 FACT_CONFIG = 3,    /* by an operator: the config text */
                 FACT_ENROL = 4,     /* by an operator: which claim on a contested kit counts */
                 FACT_REVIEW = 5,    /* by a reviewer: accepted or returned, with a comment */
                 FACT_REVOKE = 6,    /* by an operator: a device's last good row */
                 FACT_TOMBSTONE = 7, /* by the origin device or an eraser */
};

enum capability {
    MAY_INTERVIEW = 1,
    MAY_REVIEW = 2,
    MAY_FORWARD = 4,
    MAY_KIT = 8,
    MAY_PURGE = 16,
    MAY_ERASE = 32,
};

struct fact {
    enum fact_kind kind;
    struct pk32 signer;
    struct sig64 sig;
    struct str body;
};

struct fact fact_sign(enum fact_kind kind, const struct id16 *survey, const struct pk32 *signer,
                      const struct secret *signing_key, struct str body);
bool fact_encode(const struct fact *f, struct buf *out);
/* Points into bytes. ERR_FACT: too short, unknown kind, signature wrong. */
MUST_USE bool fact_decode(struct str bytes, const struct id16 *survey, struct fact *ret,
                          struct err *e);
struct hash32 fact_id(const struct fact *f, const struct id16 *survey);
/* Into the store (idempotent). */
MUST_USE bool fact_put(struct store *s, const struct fact *f, bool *ret_new, struct err *e);

struct cert {
    uint64_t config_seq;
    uint32_t may; /* enum capability */
    struct pk32 ed_pk, x_pk;
    struct hash32 predecessor; /* device_id, or zero */
};
bool cert_encode(const struct cert *c, struct buf *out);
MUST_USE bool cert_decode(struct str body, struct cert *ret, struct err *e);

struct kit_fact {
    struct id16 kit;
    struct pk32 enrol_pk;
    int64_t made_ms;
    struct str label;
};
bool kit_fact_encode(const struct kit_fact *k, struct buf *out);
MUST_USE bool kit_fact_decode(struct str body, struct kit_fact *ret, struct err *e);

/* What a key may do, by the certificates in the store that chain to the root: 0 for a stranger. */
MUST_USE bool authority_may(struct store *s, const struct pk32 *ed_pk, uint32_t *ret_may,
                            struct err *e);

#endif
