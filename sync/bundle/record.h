/* The bodies of an envelope's payload records, to bytes and back (sync/FORMAT.md "Payload"). Decoding
 * checks the layout only; what is decoded points into the bytes. Whether it is true (signatures,
 * commitments, chains) is for who acts on it. */
#ifndef SYNC_BUNDLE_RECORD_H
#define SYNC_BUNDLE_RECORD_H

#include "sync/store/store.h"

/* ---- DEVICE: ed_pk ‖ x_pk ‖ kit_id ‖ claim ---- */

#define DEVICE_SIZE 144
bool device_encode(const struct device *d, struct buf *out);
/* Computes device_id; no label. */
MUST_USE bool device_decode(struct str body, struct device *ret, struct err *e);
/* T("cacah.enrol.1") ‖ survey ‖ kit_id ‖ ed_pk ‖ x_pk, which the kit's seed signs. */
void enrol_message(const struct id16 *survey, const struct id16 *kit, const struct pk32 *ed,
                   const struct pk32 *x, struct buf *out);

/* ---- HEAD: device ‖ incarnation ‖ le64 seq ‖ row_hash ‖ signature ---- */

#define HEAD_SIZE 152
bool head_encode(const struct ledger_head *h, struct buf *out);
MUST_USE bool head_decode(struct str body, struct ledger_head *ret, struct err *e);

/* ---- RECORD: uuid ‖ device ‖ form ‖ u8 outcome ‖ u8 n ‖ n parents ‖ c1 ‖ c2 ‖ u8 parts ‖ for each
 *      part that is there: salt ‖ le32 length ‖ bytes ---- */

struct record {
    struct revision r; /* with its rev_id, computed */
    bool has1, has2;
    struct part part1, part2;
};
#define RECORD_FIXED_MAX (16 + 32 + 32 + 1 + 1 + REVISION_PARENTS_MAX * 32 + 32 + 32 + 1 + 2 * 36)
#define RECORD_PART_MAX  ((size_t)16 << 20)
bool record_encode(const struct record *r, struct buf *out);
MUST_USE bool record_decode(struct str body, const struct id16 *survey, struct record *ret,
                            struct err *e);
/* Whether each part that is there fits its commitment, and none is there that should not be. */
bool record_fits(const struct record *r);
/* Out of a store, with those parts that are not erased; their bytes go into `parts`, which the caller
 * wipes (and clears before the next one). */
MUST_USE bool record_gather(struct store *s, const struct revision *r, struct record *ret,
                            struct buf *parts, struct err *e);

/* ---- TOMBSTONE: uuid ‖ u8 scope ‖ signer device ‖ hash of its `erase` row ---- */

#define TOMBSTONE_SIZE 81
bool tombstone_encode(const struct tombstone *t, struct buf *out);
MUST_USE bool tombstone_decode(struct str body, struct tombstone *ret, struct err *e);

/* ---- JOIN: root_pk ‖ kit_id ‖ enrolment seed ‖ label ---- */

struct join_body {
    struct pk32 root;
    struct id16 kit;
    struct str seed; /* 32 bytes; wiped with the envelope */
    struct str label;
};
bool join_encode(const struct join_body *j, struct buf *out);
MUST_USE bool join_decode(struct str body, struct join_body *ret, struct err *e);

/* ---- RECEIPT: le64 number ‖ previous receipt ‖ device ---- */

struct receipt_body {
    uint64_t number;
    struct hash32 previous; /* of this office's receipts; zero: the first */
    struct hash32 device;   /* whom it answers */
};
bool receipt_body_encode(const struct receipt_body *r, struct buf *out);
MUST_USE bool receipt_body_decode(struct str body, struct receipt_body *ret, struct err *e);

/* ---- ACK: the newest head held of each device: device ‖ incarnation ‖ le64 seq ‖ row_hash, repeated */

struct ack {
    struct hash32 device;
    struct id16 incarnation;
    uint64_t seq;
    struct hash32 row_hash;
};
#define ACK_SIZE 88
bool ack_encode(const struct ack *a, struct buf *out);
bool ack_take(struct take *t, struct ack *ret); /* false: none left, or t->bad */

/* ---- STATE: rev_id ‖ u8 state ‖ u8 reason, repeated ---- */

enum wire_state { WIRE_HELD = 1, WIRE_SAFE = 2, WIRE_ERASED = 3, WIRE_QUARANTINED = 4 };

struct state_body {
    struct hash32 rev_id;
    enum wire_state state;
    uint8_t reason; /* enum quarantine_reason, or 0 */
};
#define STATE_SIZE 34
bool state_encode(const struct state_body *st, struct buf *out);
bool state_take(struct take *t, struct state_body *ret);

#endif
