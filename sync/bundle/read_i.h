/* What the two passes of reading an envelope share: read.c has the file, its signature and the frames,
 * unpack.c opens the chunks between them. */
#ifndef SYNC_BUNDLE_READ_I_H
#define SYNC_BUNDLE_READ_I_H

#include "forms/base/buf.h"
#include "sync/bundle/envelope_i.h"

struct envelope_in {
    int fd;
    uint64_t size;
    struct envelope_header header;
    struct buf text; /* the header's bytes */
    bool checked;
    uint8_t hash[64]; /* of all bytes before the signature */
    struct witness witness;
    uint8_t seen[16]; /* by the witness, of the same bytes, in pass 1 */
    struct secret *fk;
    uint8_t sealed[SEALED_CHUNK];
    /* pass 2 */
    uint64_t records, rows; /* seen */
    struct buf body;        /* a frame that is not whole yet */
};

/* One pass 2. What is read, witnessed and opened may be so by a thread of its own; the frames, and all
 * that is in envelope_in but fd, witness and sealed, are the caller's. */
struct opening {
    struct envelope_in *in;
    envelope_sink sink;
    void *ctx;
    struct stream *stream;
    struct hash32 hh;
};

/* Bytes between stream header and signature: the sealed chunks. */
uint64_t envelope_chunks_size(const struct envelope_in *in);
/* All chunks, from where the file stands: read, hashed, opened, unpacked and fed on, in order. */
MUST_USE bool envelope_unpack(struct opening *o, struct err *e);
/* Unpacked bytes: each frame that is whole goes to the sink. */
MUST_USE bool envelope_feed(struct opening *o, const uint8_t *p, size_t n, struct err *e);

#endif
