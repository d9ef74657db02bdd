/* A folder of its own and a small store in it, for the tests of sync/store. Programs that use it are
 * built with a weak key derivation (CACAH_WEAK_KDF), or they would take a minute. */
#ifndef TESTS_SUPPORT_STORE_CASE_H
#define TESTS_SUPPORT_STORE_CASE_H

#include "sync/store/attach.h"

#define CASE_PASSPHRASE "lima kata yang dikenal"

struct store_case {
    char folder[64];
    char path[96];
    struct secret *passphrase;
};

void case_setup(struct store_case *c);    /* makes the folder */
void case_teardown(struct store_case *c); /* removes it with what is in it */
/* Fail the test with the error's sentence. */
void case_ok(bool ok, const struct err *e);
struct store *case_create(struct store_case *c, enum store_kind kind);
struct store *case_open(struct store_case *c);
/* The store must be refused: with which error. */
void case_refused(struct store_case *c, const struct err_kind *kind);
/* A form of one file, put into the store. */
struct hash32 case_form(struct store *s);
/* A draft with that many events "event N", every third one pii; its note is "note". */
struct id16 case_draft(struct store *s, const struct hash32 *form, unsigned events);
struct hash32 case_finalise(struct store *s, const struct id16 *uuid);
/* A file of `length` bytes, drawn from `seed`, attached within the open transaction; as a record lists it
 * (the name, "N-SEED.jpg", lives as long as the program). */
MUST_USE bool case_attach_in(struct store *s, const struct id16 *uuid, bool pii, uint8_t seed,
                             size_t length, struct attachment *ret, struct err *e);
/* The same as a transaction of its own. */
struct attachment case_attach(struct store *s, const struct id16 *uuid, bool pii, uint8_t seed,
                              size_t length);
/* Whether it is held; then its bytes must be those. */
bool case_attached(struct store *s, const struct id16 *uuid, const struct attachment *x,
                   uint8_t seed);
/* The i-th byte of it. */
uint8_t case_byte(uint8_t seed, size_t i);
/* A part of a record: a text, and the list of these. */
void case_part(struct buf *out, const char *text, const struct attachment *v, size_t n);
/* What is in the store, as text, without what is random: to compare two states. */
void case_describe(struct store *s, struct buf *out);
/* SQL on the file behind the store's back (the store is closed). */
void case_sql(struct store_case *c, const char *sql);
int case_count(struct store_case *c, const char *sql); /* the number it selects */
void case_bytes(struct store_case *c, const char *sql, struct buf *out);
void case_file_read(const char *path, struct buf *out);
void case_file_write(const char *path, struct str bytes);

#endif
