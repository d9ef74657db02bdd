/* All cryptography of cacah, in libsodium's own words. This folder alone includes sodium.h.
 *
 *   bytes.[ch]   fixed byte strings, tags, hex, uuid     (no cryptography)
 *   crypt.h      what others call                        secret.c  locked memory
 *   hash.c       H, MAC, KDF                             seal.c    AEAD, sealed boxes
 *   sign.c       Ed25519                                 kdf.c     passphrases, Argon2id policy
 *   stream.c     secretstream of an envelope's body      words.[ch] the two lists of 2,048 words
 *
 * Secrets live in `struct secret` (sodium_malloc: guarded, locked, wiped); nothing here prints, logs or
 * writes a file. Notation follows the security specification §1 (H, MAC, KDF, AEAD, Sig). */
#ifndef SYNC_CRYPT_CRYPT_H
#define SYNC_CRYPT_CRYPT_H

#include "forms/base/err.h"
#include "sync/crypt/bytes.h"

/* Must be called once before anything else. */
MUST_USE bool crypt_start(struct err *e);

/* ---- secrets: locked memory ---- */

/* Bytes in guarded, locked memory; freed means wiped. NULL is allowed where "none" makes sense. */
struct secret;

struct secret *secret_new(size_t n);                 /* zeroed */
struct secret *secret_copy(const void *p, size_t n); /* the caller wipes p */
struct secret *secret_random(size_t n);
void secret_free(struct secret *s); /* accepts NULL */
uint8_t *secret_bytes(struct secret *s);
const uint8_t *secret_view(const struct secret *s);
size_t secret_size(const struct secret *s);
bool secret_eq(const struct secret *a, const struct secret *b); /* constant time */
/* False when the operating system refused to lock memory: `doctor` warns. */
bool secret_locked(void);
void crypt_wipe(void *p, size_t n);
void crypt_random(void *p, size_t n);
uint32_t crypt_uniform(uint32_t below);

/* ---- H, MAC, KDF ---- */

struct hash32 crypt_hash(struct str m);
/* BLAKE2b-512, for signatures over a file. */
void crypt_hash64(struct str m, uint8_t ret[64]);
struct hash32 crypt_mac(const uint8_t key[32], struct str m);
bool crypt_mac_eq(const struct hash32 *a, const struct hash32 *b); /* constant time */
/* crypto_kdf_derive_from_key: a 32-byte sub-key; `context` has exactly 8 characters. */
struct secret *crypt_kdf(const struct secret *key, uint64_t id, const char *context);

/* SHA-256, where others' formats want it: fingerprints of SSH keys. */
void crypt_sha256(struct str m, uint8_t ret[32]);
/* Base64 with the standard alphabet; `pad`: with '=' at the end. False: the buffer is full. */
bool crypt_base64(struct buf *out, const void *p, size_t n, bool pad);

/* A hash over pieces: a ledger, a file. Kept small, on the stack. */
struct hasher {
    uint8_t opaque[400] __attribute__((aligned(64)));
};
void hasher_start(struct hasher *h, size_t out_size /* 32 or 64 */);
void hasher_start_mac(struct hasher *h, const uint8_t key[32]); /* 32 bytes, as crypt_mac */
void hasher_add(struct hasher *h, const void *p, size_t n);
void hasher_end(struct hasher *h, uint8_t *ret, size_t out_size);

/* Whether what is read a second time is what was read the first time: Poly1305 under a key that is drawn here
 * and that nobody else ever sees, so that whoever may change the bytes in between cannot aim; seven times as
 * fast as hashing them again. */
struct witness {
    uint8_t key[32];
    uint8_t opaque[256] __attribute__((aligned(16)));
};
void witness_draw(struct witness *w);  /* once, before the first reading */
void witness_start(struct witness *w); /* each reading */
void witness_add(struct witness *w, const void *p, size_t n);
void witness_end(struct witness *w, uint8_t ret[16]);

/* ---- AEAD: nonce24 ‖ ciphertext ‖ tag16 ---- */

#define SEAL_OVERHEAD 40

/* Appends to out. */
void crypt_seal(const struct secret *key, struct str plain, struct str ad, struct buf *out);
/* ERR_OPEN_FAILED when it was altered or sealed otherwise. Appends to out, which the caller wipes. */
MUST_USE bool crypt_open(const struct secret *key, struct str sealed, struct str ad,
                         struct buf *out, struct err *e);
MUST_USE bool crypt_open_secret(const struct secret *key, struct str sealed, struct str ad,
                                struct secret **ret, struct err *e);
/* As crypt_open_secret, into a secret of exactly that size: no locked page is made for each key. */
MUST_USE bool crypt_open_into(const struct secret *key, struct str sealed, struct str ad,
                              struct secret *into, struct err *e);
/* sodium_pad to a multiple of block, in place; and back. */
void crypt_pad(struct buf *b, size_t block);
MUST_USE bool crypt_unpad(struct str padded, size_t block, struct str *ret, struct err *e);

/* ---- sealed boxes: to a public key ---- */

#define BOX_OVERHEAD 48

/* An X25519 pair from a 32-byte seed. */
void crypt_box_pair(const struct secret *seed, struct pk32 *ret_pk, struct secret **ret_sk);
MUST_USE bool crypt_box_seal(const struct pk32 *to, struct str plain, struct buf *out,
                             struct err *e);
MUST_USE bool crypt_box_open(const struct pk32 *pk, const struct secret *sk, struct str sealed,
                             struct secret **ret, struct err *e);

/* ---- signatures ---- */

/* An Ed25519 pair from a 32-byte seed; sk is libsodium's 64 bytes. */
void crypt_sign_pair(const struct secret *seed, struct pk32 *ret_pk, struct secret **ret_sk);
struct sig64 crypt_sign(const struct secret *sk, struct str m);
bool crypt_verify(const struct pk32 *pk, const struct sig64 *sig, struct str m);

/* ---- passphrases ---- */

struct kdf_cost {
    uint64_t ops;
    uint64_t mem; /* bytes */
};

/* §1.10: what is tried for a new user slot on this machine (about a second), and the fixed invite cost. */
struct kdf_cost kdf_cost_calibrated(void);
struct kdf_cost kdf_cost_invite(bool weak_laptops);
/* Twelve characters or more: what a new passphrase must have. */
#define PASSPHRASE_MIN 12
bool crypt_passphrase_long(struct str passphrase);
/* NFC of the UTF-8 passphrase → 32 bytes, ARGON2ID13. Costs outside the policy: ERR_KDF_LIMITS before any
 * memory is taken. The work memory is unmapped afterwards. */
MUST_USE bool crypt_passphrase(const struct secret *passphrase, const uint8_t salt[16],
                               struct kdf_cost cost, struct secret **ret, struct err *e);

/* ---- the body of an envelope: crypto_secretstream over chunks ---- */

#define STREAM_HEADER   24
#define STREAM_CHUNK    ((size_t)65536)
#define STREAM_OVERHEAD 17

struct stream; /* push or pull state in locked memory */

struct stream *stream_push(const struct secret *key, uint8_t ret_header[STREAM_HEADER]);
struct stream *stream_pull(const struct secret *key, const uint8_t header[STREAM_HEADER],
                           struct err *e); /* NULL: the header isn't one */
void stream_free(struct stream *s);
/* out has room for n + STREAM_OVERHEAD. */
void stream_seal(struct stream *s, const uint8_t *plain, size_t n, struct str ad, bool final,
                 uint8_t *out);
/* n is the size with overhead; *ret_final as tagged; any tag but MESSAGE and FINAL is refused. */
MUST_USE bool stream_open(struct stream *s, const uint8_t *sealed, size_t n, struct str ad,
                          uint8_t *out, bool *ret_final, struct err *e);

#endif
