/* The one envelope of kit, bundle and receipt (security specification §1.5): a header a person can
 * read, a secretstream over zstd, a signature over all of it. Written once through, read in two
 * passes: whole and genuine first, then opened chunk by chunk in constant memory, while it is
 * hashed again.
 *
 *   header.[ch]    the text header, one byte form     envelope.h, write.c, read.c   the envelope
 *   frames.def     payload records: u8 type ‖ le32 length ‖ bytes      config.[ch]  the signed
 * config fact.[ch]      signed facts; who may sign what    kit.[ch]      office keys, kits, joining
 *   bundle.[ch]    what a store sends                 receipt.[ch]  the answer, and applying it
 *   record.[ch]    the bodies of the frames           words.[ch]    words for people
 *   newroot.c  recovery.[ch]  succession.c   when keys are lost
 *   sync/FORMAT.md has it to the byte. */
#ifndef SYNC_BUNDLE_ENVELOPE_H
#define SYNC_BUNDLE_ENVELOPE_H

#include "sync/bundle/header.h"
#include "sync/errors.h"

enum frame_type {
#define FRAME(id, number, max, kinds) FRAME_##id = (number),
#include "sync/bundle/frames.def"
#undef FRAME
};

#define FRAME_PREFIX 5 /* u8 type ‖ le32 length */

/* ---- writing, once through, in constant memory ---- */

struct envelope_new {
    enum envelope_kind kind;
    struct id16 survey, incarnation;
    struct pk32 sender;
    const struct secret *signing_key; /* the sender's */
    uint64_t seq;
    int64_t created_ms;
    uint64_t records, rows; /* exactly as many will follow */
    uint64_t plain; /* at most so many payload bytes (not below what follows, not far above) */
    const struct pk32 *to;
    uint32_t n_to;
    struct str invite; /* n 0: none; else the code in its canonical form */
    struct kdf_cost invite_cost;
    bool has_enrol;
    struct id16 enrol_kit;
    struct sig64 enrol;
};

struct envelope_out;

MUST_USE bool envelope_begin(struct envelope_out **ret, const char *path,
                             const struct envelope_new *n, struct err *e);
MUST_USE bool envelope_put(struct envelope_out *o, enum frame_type type, struct str body,
                           struct err *e);
/* Last chunk and signature; asserts the counts promised. The file has all its bytes but not its
 * name. */
MUST_USE bool envelope_end(struct envelope_out *o, struct err *e);
/* Syncs and gives the name. After a commit of what the envelope says was sent. */
MUST_USE bool envelope_publish(struct envelope_out *o, struct err *e);
struct hash32 envelope_out_id(const struct envelope_out *o); /* after envelope_end */
uint64_t envelope_out_size(const struct envelope_out *o);
void envelope_out_free(struct envelope_out *o); /* removes what was not published; accepts NULL */

/* ---- reading ---- */

struct envelope_in;

/* Opens the file and reads its header: byte form, limits. Nothing else is known to be true yet. */
MUST_USE bool envelope_open(struct envelope_in **ret, const char *path, struct err *e);
const struct envelope_header *envelope_in_header(const struct envelope_in *in);
uint64_t envelope_in_size(const struct envelope_in *in);
/* Pass 1: framing by size, signature by the sender the header names. Decrypts nothing. */
MUST_USE bool envelope_check(struct envelope_in *in, struct err *e);
/* What names this envelope among all: a hash over every byte the signature covers. After the check.
 */
struct hash32 envelope_in_id(const struct envelope_in *in);

struct envelope_key {
    struct pk32 pk;
    const struct secret *sk;
};
/* Finds the file key by one of the reader's keys, or by an invite code in canonical form. */
MUST_USE bool envelope_unlock(struct envelope_in *in, const struct envelope_key *keys, size_t n,
                              struct err *e); /* ERR_ENVELOPE_NOT_FOR_US */
MUST_USE bool envelope_unlock_invite(struct envelope_in *in, struct str code,
                                     struct err *e); /* ERR_INVITE_WRONG */

/* Pass 2: opens, decompresses, hands each frame to the sink (false with e: stop), hashes again.
 * Only when it has returned true was everything as in pass 1 and complete: act then, not before. */
typedef bool (*envelope_sink)(void *ctx, enum frame_type type, struct str body, struct err *e);
MUST_USE bool envelope_frames(struct envelope_in *in, envelope_sink sink, void *ctx, struct err *e);
void envelope_in_free(struct envelope_in *in); /* wipes; accepts NULL */

/* Both steps that need no key: what `cacah verify FILE` and an inbox can say. */
MUST_USE bool envelope_verify(const char *path, struct envelope_header *ret, uint64_t *ret_size,
                              struct err *e);

#endif
