/* Envelopes that no honest program writes, correctly sealed and signed: for what a known sender may try. */
#ifndef TESTS_SUPPORT_FORGE_H
#define TESTS_SUPPORT_FORGE_H

#include "sync/bundle/envelope.h"

/* `packed` in place of the zstd frame, in chunks of `at_most` bytes; h has everything but commit and
 * recipients. out is initialised here. */
void forge_envelope(struct envelope_header *h, const struct secret *signing_key,
                    const struct pk32 *to, struct str packed, size_t at_most, struct buf *out);
/* The same for `n` recipients. */
void forge_envelope_to(struct envelope_header *h, const struct secret *signing_key,
                       const struct pk32 *to, size_t n, struct str packed, size_t at_most,
                       struct buf *out);
/* Two of one header and one file key, and each rightly signed: what its sender, or any reader of the first, may
 * put in the place of the other. */
void forge_twins(struct envelope_header *h, const struct secret *signing_key, const struct pk32 *to,
                 const struct str packed[2], struct buf out[2]);
/* The same as the first for who has the code (in canonical form); h names the cost. */
void forge_invited(struct envelope_header *h, const struct secret *signing_key, struct str code,
                   struct str packed, struct buf *out);
/* Signs bytes anew in their last 64. */
void forge_sign(struct buf *b, const struct secret *signing_key);

#endif
