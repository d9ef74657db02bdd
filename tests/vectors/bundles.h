/* Vectors of bundles: a record and the file attached to it, as an inbox would take them in. The keys are those of
 * parties.h: the operator sends, and the reader is a supervisor's store of the laptop's keys, joined with kit/ok.vec.
 * The file is 2 × 256 KiB + 777 bytes, byte i being i mod 251, its salt 32 × 0x5a. */
#ifndef TESTS_VECTORS_BUNDLES_H
#define TESTS_VECTORS_BUNDLES_H

#include "tests/vectors/parties.h"

/* What became of it: "ok", "incomplete" (the record waits for its files), "set-aside" (it is kept as not fitting), or
 * the error that refused it; *ret_left: something was left behind that should not be. */
const char *bundles_read(const char *path, const char *ok_kit, bool *ret_left);
void bundles_make(parties_put put);

#endif
