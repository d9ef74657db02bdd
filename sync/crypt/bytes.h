/* Fixed byte strings as types of their own, so that a survey's id cannot be passed for a key, and their
 * text forms. Messages that are hashed, sealed or signed are put together in a struct buf, beginning with
 * a tag (security specification: T("x"), 16 bytes, zero-padded). */
#ifndef SYNC_CRYPT_BYTES_H
#define SYNC_CRYPT_BYTES_H

#include <stdbool.h>
#include <stdint.h>

#include "forms/base/buf.h"
#include "forms/base/str.h"

struct id16 { /* survey, store, incarnation, interview (uuid), kit */
    uint8_t b[16];
};
struct hash32 { /* BLAKE2b-256, commitments, device ids, revision ids */
    uint8_t b[32];
};
struct pk32 { /* an Ed25519 or X25519 public key */
    uint8_t b[32];
};
struct sig64 {
    uint8_t b[64];
};

/* Appends T(tag); or puts it there. */
void msg_tag(struct buf *m, const char *tag);
void put_tag(uint8_t p[16], const char *tag);

bool id16_eq(const struct id16 *a, const struct id16 *b);
bool id16_zero(const struct id16 *a);
bool hash32_eq(const struct hash32 *a, const struct hash32 *b);
bool hash32_zero(const struct hash32 *a);
bool pk32_eq(const struct pk32 *a, const struct pk32 *b);

/* Lower-case hex; decoding refuses anything else and any other length. */
bool hex_add(struct buf *out, const void *p, size_t n);
bool hex_get(struct str hex, void *ret, size_t n);
/* 8-4-4-4-12 */
bool uuid_add(struct buf *out, const struct id16 *uuid);
bool uuid_get(struct str text, struct id16 *ret);
/* Loads of little-endian integers from unaligned bytes. */
uint16_t le16(const uint8_t *p);
uint32_t le32(const uint8_t *p);
uint64_t le64(const uint8_t *p);
/* And their stores. */
void put_le32(uint8_t *p, uint32_t v);
void put_le64(uint8_t *p, uint64_t v);

/* Taking fixed pieces off received bytes, in order. Once too few are left everything reads as zero and
 * `bad` stays, so that a decoder looks once, at its end (take_end: nothing left and nothing bad). */
struct take {
    const uint8_t *p;
    size_t n;
    bool bad;
};
struct take take_from(struct str bytes);
uint8_t take_u8(struct take *t);
uint16_t take_le16(struct take *t);
uint32_t take_le32(struct take *t);
uint64_t take_le64(struct take *t);
void take_bytes(struct take *t, void *ret, size_t n);
struct str take_str(struct take *t, size_t n); /* points into the bytes; empty when bad */
bool take_end(const struct take *t);

#endif
