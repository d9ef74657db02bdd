/* The text header of an envelope: printable ASCII lines in one fixed order, so that each header has
 * exactly one byte form. Parsing writes it again and refuses anything that differs by a byte: no
 * second spelling, no ambiguity, and `head -12 FILE` is safe on any terminal. */
#ifndef SYNC_BUNDLE_HEADER_H
#define SYNC_BUNDLE_HEADER_H

#include "sync/crypt/crypt.h"

#define ENVELOPE_FIRST          1 /* 0 was before the first release, and promised nothing */
#define ENVELOPE_VERSION        1
#define ENVELOPE_HEADER_MAX     ((size_t)64 << 10)
#define ENVELOPE_LINE_MAX       ((size_t)1 << 10)
#define ENVELOPE_RECIPIENTS_MAX 16
#define ENVELOPE_MAX            ((uint64_t)8 << 30)  /* bytes of a file */
#define ENVELOPE_PLAIN_MAX      ((uint64_t)32 << 30) /* bytes unpacked */
#define ENVELOPE_RECORDS_MAX    ((uint64_t)2000000)
#define ENVELOPE_ROWS_MAX       ((uint64_t)20000000)

enum envelope_kind { ENVELOPE_KIT, ENVELOPE_BUNDLE, ENVELOPE_RECEIPT, ENVELOPE_RECOVERY };

struct envelope_header {
    uint32_t version;
    enum envelope_kind kind;
    struct id16 survey;
    struct pk32 sender;
    struct id16 incarnation;
    uint64_t seq;
    int64_t created_ms;
    uint64_t records, rows, plain;
    struct hash32 commit;
    struct pk32 to[ENVELOPE_RECIPIENTS_MAX];
    uint8_t sealed[ENVELOPE_RECIPIENTS_MAX][80];
    uint32_t n_to;
    bool has_invite;
    uint8_t invite_salt[16];
    struct kdf_cost invite_cost;
    uint8_t invite_wrap[72];
    bool has_enrol;
    struct id16 enrol_kit;
    struct sig64 enrol;
};

const char *envelope_kind_name(enum envelope_kind k);
/* With its empty line. */
bool envelope_header_write(const struct envelope_header *h, struct buf *out);
/* `bytes` begins with the header; *ret_n is its size with the empty line. ERR_ENVELOPE_NOT (not one
 * of ours), ERR_ENVELOPE_NEWER, ERR_ENVELOPE_HEADER (what), ERR_LIMIT. */
MUST_USE bool envelope_header_parse(struct str bytes, struct envelope_header *ret, size_t *ret_n,
                                    struct err *e);
/* RFC 3339 in UTC, whole seconds, and back. */
bool rfc3339_add(int64_t ms, struct buf *out);
MUST_USE bool rfc3339_get(struct str text, int64_t *ret_ms);

#endif
