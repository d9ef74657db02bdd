/* The one envelope of kit, bundle and receipt (security specification §1.5): a header a person can read,
 * a secretstream over zstd, a signature over all of it. Written once through, read in two passes: whole
 * and genuine first, then opened chunk by chunk in constant memory.
 *
 *   header.[ch]    the text header, one byte form        envelope.h, write.c, read.c   the envelope
 *   frame.[ch]     payload records: u8 type ‖ le32 length ‖ bytes (types in frames.def)
 *   kit.[ch]       office keys, certificates, kits, joining   bundle.[ch]  a laptop's bundle
 *   receipt.[ch]   the office's answer, and applying it       words.[ch]   words for people
 *   FORMAT.md (in sync/) has it to the byte. */
#ifndef SYNC_BUNDLE_ENVELOPE_H
#define SYNC_BUNDLE_ENVELOPE_H

#include "forms/base/arena.h"
#include "sync/crypt/crypt.h"
#include "sync/errors.h"

#define ENVELOPE_VERSION        0 /* until the issues on store and sync are resolved (decisions.md 16) */
#define ENVELOPE_RECIPIENTS_MAX 16

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

/* What `cacah verify FILE` and an inbox can say without any key. ERR_ENVELOPE_* name what is wrong: header,
 * version, cut short, trailing bytes, signature. */
MUST_USE bool envelope_verify(const char *path, struct envelope_header *ret, uint64_t *ret_size,
                              struct err *e);
const char *envelope_kind_name(enum envelope_kind k);

#endif
