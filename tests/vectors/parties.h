/* Vectors of kits and receipts: what is in them, and who signed it. All keys come from the seeds that
 * sync/FORMAT.md names, so that a receipt can be sealed beforehand to the laptop that reads it:
 *
 *   operator  Ed25519 00 … 1f        stranger  Ed25519 40 … 5f      root      Ed25519 80 … 9f
 *   laptop    signing seed a0 … bf, a practice store                kit       enrolment seed c0 … df
 *   code      abad abdi absen absolut abstrak acara */
#ifndef TESTS_VECTORS_PARTIES_H
#define TESTS_VECTORS_PARTIES_H

#include "sync/bundle/envelope.h"

/* As `cacah join` and `cacah receive` would read the file; *ret_changed: something was left behind. */
bool parties_read_kit(const char *path, bool *ret_changed, struct err *e);
bool parties_read_receipt(const char *path, const char *ok_kit, bool *ret_changed, struct err *e);
/* Writes them with `put`. */
typedef void (*parties_put)(const char *name, const char *expect, const char *note,
                            struct str bytes);
void parties_make_kits(parties_put put);
void parties_make_receipts(parties_put put);

#endif
