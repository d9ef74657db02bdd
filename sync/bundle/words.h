/* Words for people: codes that are spoken over a telephone and typed by hand. Two lists
 * (Indonesian, English) of exactly 2,048 words of 4–8 lower-case letters, each known by its first
 * four; 11 bits a word. Words are always drawn or computed by the program, never chosen. The lists
 * are part of the format: words_id.def and words_en.def never change.
 *
 *   invite code          6 words drawn       survey fingerprint    6 words, 66 bits of a hash
 *   paper key            24 words: 32 bytes and a check
 *   receipt code         4 words, 44 bits     passphrase            5 words drawn, 55 bits */
#ifndef SYNC_BUNDLE_WORDS_H
#define SYNC_BUNDLE_WORDS_H

#include "sync/crypt/crypt.h"

enum words_lang { WORDS_ID, WORDS_EN };

#define WORDS_COUNT       2048u
#define WORDS_INVITE      6u
#define WORDS_FINGERPRINT 6u
#define WORDS_RECEIPT     4u
#define WORDS_PAPER       24u
#define WORDS_PASSPHRASE  5u

/* The i-th word of a list. */
struct str words_at(enum words_lang lang, uint32_t i);
/* The word's number; a word may be cut to its first four letters or more. False: none such. */
bool words_find(enum words_lang lang, struct str word, uint32_t *ret);

/* Appends n words of the first 11·n bits of h, one space between (n ≤ 23). */
bool words_of_hash(enum words_lang lang, const struct hash32 *h, uint32_t n, struct buf *out);
/* Six words drawn: the code in the form that is stretched. Wiped by the caller. */
void words_invite(enum words_lang lang, struct buf *out);
/* Five words drawn, for whoever wants no passphrase of their own making. Wiped by the caller. */
void words_passphrase(enum words_lang lang, struct buf *out);
/* What was typed (any case, blanks or hyphens, words cut to four letters, of either list) in the
 * form that is stretched. ERR_WORDS names the word that is of neither list; ERR_WORDS_COUNT. */
MUST_USE bool words_invite_read(struct str typed, struct buf *out, struct err *e);

/* The paper key: 32 bytes as 24 words (the last eight bits check the others), and back. */
void words_paper(enum words_lang lang, const struct secret *seed, struct buf *out);
MUST_USE bool words_paper_read(struct str typed, struct secret **ret, struct err *e);

#endif
