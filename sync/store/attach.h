/* Files attached to an interview: sealed in chunks of 256 KiB under its key (or the key of what is personal),
 * taken in and given out in pieces. A record lists its own (sections.h) by their commitments, and by these
 * they are known here: (interview, c) is one file, however many records list it and whatever way it came.
 *
 * One is taken in within one transaction of the caller: it is there whole, with what names it, or not at
 * all. Its numbered row stays when its chunks are removed: because nothing lists it any more, or its key was
 * destroyed. A laptop may have records whose files only the office holds; an office's record is
 * REVISION_INCOMPLETE until what it lists is there. */
#ifndef SYNC_STORE_ATTACH_H
#define SYNC_STORE_ATTACH_H

#include "sync/store/sections.h"
#include "sync/store/store.h"

#define ATTACHMENT_CHUNK ((size_t)256 << 10)

/* ---- taking one in; within store_begin ---- */

struct attaching;

/* ERR_ATTACHMENT_EMPTY, ERR_STORE_LIMIT, ERR_ATTACH_ROOM before anything is written; ERR_PART_ERASED when
 * the key is destroyed. */
MUST_USE bool store_attach_begin(struct attaching **ret, struct store *s, const struct id16 *uuid,
                                 bool pii, uint64_t length, const uint8_t salt[32], struct err *e);
/* The next bytes, not more than were announced. */
MUST_USE bool store_attach_add(struct attaching *a, const void *p, size_t n, struct err *e);
/* All have come. `want` (NULL: any) is the commitment they must have: ERR_ATTACHMENT_WRONG, and nothing is
 * left of them in the transaction. */
MUST_USE bool store_attach_end(struct attaching *a, const struct hash32 *want, struct hash32 *ret_c,
                               struct err *e);
void store_attach_free(struct attaching *a); /* accepts NULL */

/* ---- looking ---- */

MUST_USE bool store_attachment_held(struct store *s, const struct id16 *uuid,
                                    const struct hash32 *c, bool *ret, struct err *e);
/* Whether any was ever attached to that interview. */
MUST_USE bool store_attached(struct store *s, const struct id16 *uuid, bool *ret, struct err *e);
/* Whether the key that it would be sealed under can be had: not destroyed by an erasure. */
MUST_USE bool store_attachable(struct store *s, const struct id16 *uuid, bool pii, bool *ret,
                               struct err *e);
/* The bytes in pieces of a chunk. ERR_PART_ERASED, ERR_ATTACHMENT_MISSING; ERR_ATTACHMENT_WRONG at the end
 * when they are not what the list says: use nothing of them then. `each` returns false with e to stop. */
MUST_USE bool store_attachment_read(struct store *s, const struct id16 *uuid,
                                    const struct attachment *x,
                                    bool (*each)(void *ctx, struct str piece, struct err *e),
                                    void *ctx, struct err *e);
/* What the record's parts list, as far as they are there. Names point into `parts`, which the caller
 * wipes. */
MUST_USE bool store_attachments_of(struct store *s, const struct hash32 *rev_id, struct buf *parts,
                                   struct attachment_list *ret, struct err *e);

/* ---- moving, removing; within store_begin ---- */

/* Under the other key. Nothing to do where its bytes are not. */
MUST_USE bool store_attachment_move(struct store *s, const struct id16 *uuid,
                                    const struct attachment *x, bool pii, struct err *e);

/* Chunks that no record of the interview lists are removed; an open draft's too. */
MUST_USE bool store_attachments_sweep(struct store *s, const struct id16 *uuid, struct err *e);

#endif
