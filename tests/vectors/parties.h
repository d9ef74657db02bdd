/* Vectors of kits and receipts (those of bundles: bundles.c): what is in them, and who signed it. All keys come from the seeds that
 * sync/FORMAT.md names, so that a receipt can be sealed beforehand to the laptop that reads it:
 *
 *   operator  Ed25519 00 … 1f        stranger  Ed25519 40 … 5f      root      Ed25519 80 … 9f
 *   laptop    signing seed a0 … bf, a practice store                kit       enrolment seed c0 … df
 *   code      abad abdi absen absolut abstrak acara */
#ifndef TESTS_VECTORS_PARTIES_H
#define TESTS_VECTORS_PARTIES_H

#include "sync/bundle/envelope.h"
#include "sync/store/store.h"

/* As `cacah join` and `cacah receive` would read the file; *ret_changed: something was left behind. */
bool parties_read_kit(const char *path, bool *ret_changed, struct err *e);
bool parties_read_receipt(const char *path, const char *ok_kit, bool *ret_changed, struct err *e);
/* Writes them with `put`. */
typedef void (*parties_put)(const char *name, const char *expect, const char *note,
                            struct str bytes);
void parties_make_kits(parties_put put);
void parties_make_receipts(parties_put put);

/* ---- for bundles.c ---- */

/* A store of the laptop's keys that joined with that kit, as a laptop's or, certified by nobody, a supervisor's. */
struct store *parties_join(const char *ok_kit, bool supervisor);
void parties_frame(struct buf *out, enum frame_type type, struct str body);
/* Who signs, and for which survey, where it is not the operator and ours. */
struct parties_from {
    enum envelope_kind kind;
    bool stranger, elsewhere;
};
/* Sealed to the laptop; clears `plain`. */
void parties_to_laptop(parties_put put, const char *name, const char *expect, const char *note,
                       struct parties_from from, uint64_t records, struct buf *plain);
/* rev_id of a revision of our survey. */
struct hash32 parties_revision(const struct revision *r);

#endif
