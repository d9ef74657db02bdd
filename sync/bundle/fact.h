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

/* The signed kinds of enum fact_kind (sync/store/store.h), whose bodies are below:
 *   CERTIFICATE  by root (or, for laptops, an operator): what a key may do
 *   KIT          by an operator: a kit's enrolment key and label
 *   CONFIG       by an operator: the config text; travels, but is not kept among the facts
 *   ENROLMENT    by an operator: which claim on a contested kit counts
 *   REVIEW       by a reviewer: accepted or returned, with a comment
 *   REVOCATION   by an operator: a device's last good row
 *   HOLD         by an operator: a laptop's erasure is not carried out, or is again */
#define FACT_SIGNED_KINDS                                                                          \
    {                                                                                              \
        FACT_CERTIFICATE, FACT_KIT, FACT_ENROLMENT, FACT_REVIEW, FACT_REVOCATION, FACT_HOLD        \
    }
#define FACT_SIGNED_COUNT 6

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
/* As it lies in the store: its signature was verified when it came, and the store's seal kept it. */
MUST_USE bool fact_read(struct str bytes, struct fact *ret, struct err *e);
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

/* A review: accepted, or returned to a device for correction with a comment. */
enum verdict { VERDICT_ACCEPT = 1, VERDICT_RETURN = 2 };
struct review {
    struct hash32 rev_id;
    enum verdict verdict;
    struct hash32 device; /* returned to; zero when accepted */
    int64_t made_ms;
    struct str comment;
};
bool review_encode(const struct review *r, struct buf *out);
MUST_USE bool review_decode(struct str body, struct review *ret, struct err *e);

/* A revocation: what is at or before one of these rows of the device stays good, all else of it does not. There
 * are several where its ledger has gaps or goes two ways. */
struct last_good {
    struct id16 incarnation;
    uint64_t seq;           /* 0: no row, but a revocation of the device that this one replaces */
    struct hash32 row_hash; /* or that one's fact id */
};
#define LAST_GOOD_SIZE ((size_t)56)
bool last_good_encode(const struct last_good *x, struct buf *out);
bool last_good_take(struct take *t, struct last_good *ret); /* false: none left */
struct revocation {
    struct hash32 device;
    struct str ends; /* any number of last_good */
};
bool revocation_encode(const struct revocation *r, struct buf *out);
MUST_USE bool revocation_decode(struct str body, struct revocation *ret, struct err *e);

/* By an operator: what a laptop erased is not shredded after 72 hours; or, with the id of a hold, that one's
 * end. Either has its reason. */
#define HOLD_REASON_MAX ((size_t)1024)
struct hold {
    struct id16 uuid;
    struct hash32 ends; /* a hold's fact id; zero: this is one */
    int64_t made_ms;
    struct str reason;
};
bool hold_encode(const struct hold *h, struct buf *out);
MUST_USE bool hold_decode(struct str body, struct hold *ret, struct err *e);

/* Which device's claim on a contested kit counts. */
struct election {
    struct id16 kit;
    struct hash32 device;
    struct str
        replaces; /* fact ids of decisions about the kit that this one replaces, 32 bytes each */
};
bool election_encode(const struct election *x, struct buf *out);
MUST_USE bool election_decode(struct str body, struct election *ret, struct err *e);

#define KIT_LABEL_MAX ((size_t)200)

/* What keys may do: the certificates that chain to the survey's root. */
struct authority {
    struct pk32 root;
    struct authority_cert {
        struct pk32 signer;
        struct cert cert;
    } * v;
    size_t n, cap;
};
void authority_init(struct authority *a, const struct pk32 *root);
void authority_done(struct authority *a);
/* A certificate is noted; any other fact, or one that does not decode, is passed over. */
void authority_add(struct authority *a, const struct fact *f);
/* By the certificates and the root key in the store. */
MUST_USE bool authority_load(struct authority *a, struct store *s, struct err *e);
/* enum capability; 0 for a stranger. Root may give anything; an operator may certify laptops. */
uint32_t authority_may(const struct authority *a, const struct pk32 *ed_pk);
/* Whether the key was certified as the successor of `predecessor` (a laptop recovered), or of a successor. */
bool authority_succeeds(const struct authority *a, const struct pk32 *ed_pk,
                        const struct hash32 *predecessor);

#endif
