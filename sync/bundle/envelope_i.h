/* What writing and reading an envelope share: the messages that are hashed, sealed and signed
 * (security specification §1.5), and the table of frames. */
#ifndef SYNC_BUNDLE_ENVELOPE_I_H
#define SYNC_BUNDLE_ENVELOPE_I_H

#include "sync/bundle/envelope.h"

#define SIGNATURE_SIZE 64
#define SEALED_CHUNK   (STREAM_CHUNK + STREAM_OVERHEAD)

/* HH = H(T("cacah.hdr.1") ‖ header with its empty line) */
struct hash32 envelope_header_hash(struct str header);
/* commit = MAC(FK, T("cacah.commit.1")) */
struct hash32 envelope_commit(const struct secret *fk);
/* MAC(FK, T("cacah.stream.1") ‖ HH) */
struct secret *envelope_stream_key(const struct secret *fk, const struct hash32 *hh);
/* T("cacah.invite.1") ‖ survey_id ‖ sender ‖ le64 ops ‖ le64 mem ‖ salt */
void envelope_invite_ad(const struct envelope_header *h, struct buf *out);
/* T("cacah.env.1") ‖ BLAKE2b-512 of all bytes before the signature */
void envelope_sign_message(const uint8_t hash[64], struct buf *out);
/* H(T("cacah.envid.1") ‖ the same hash) */
struct hash32 envelope_id(const uint8_t hash[64]);

/* Ledger rows in a ROWS frame of n bytes; false: not a whole number of them, or none. */
bool frame_rows(size_t n, uint64_t *ret);
/* Largest body, 0: no such type. *ret_allowed: whether it may stand in that kind of envelope. */
uint32_t frame_max(uint8_t type, enum envelope_kind kind, bool *ret_allowed);

#endif
