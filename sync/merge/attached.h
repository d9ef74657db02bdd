/* The files that follow a record in a bundle: the record waits until they have come, so that it is taken
 * with them or, when one is not what it lists, not at all. Their bytes go into the store as they come, a
 * chunk at a time. What is held already, or may not be kept, is passed over. */
#ifndef SYNC_MERGE_ATTACHED_H
#define SYNC_MERGE_ATTACHED_H

#include "sync/bundle/record.h"
#include "sync/merge/derive.h"
#include "sync/store/attach.h"

struct waiting {
    bool there;
    struct record rec; /* points into body */
    struct buf body;
    struct erased erased;
    struct attachment_list open, personal; /* what it lists, of either part */
    bool unsure; /* its parts or its list do not fit: nothing that follows can be checked */
    bool wrong;  /* a file was not what the list says */
    bool any;    /* something was added to the store */
    bool seen[ATTACHMENTS_LISTED];
    /* the file whose chunks are coming */
    bool in_file;
    uint64_t left;
    const struct attachment *x; /* NULL: unsure */
    struct attaching *a;        /* NULL: passed over */
};

/* A record that lists files (or whose list cannot be trusted) waits from here on: *ret_waits. It owns a copy
 * of the body. */
MUST_USE bool attached_wait(struct waiting *w, struct str body, const struct record *rec,
                            const struct erased *erased, const struct id16 *survey, bool *ret_waits,
                            struct err *e);
/* The frames. ERR_ENVELOPE_FRAME: no record listed it, twice, chunks of a wrong size. *ret_stored false: the
 * store failed, not the file. */
MUST_USE bool attached_head(struct waiting *w, struct store *s, struct str body, bool *ret_stored,
                            struct err *e);
MUST_USE bool attached_chunk(struct waiting *w, struct str body, bool *ret_stored, struct err *e);
/* Nothing more comes with it: ERR_ENVELOPE_FRAME when a file is cut short. */
MUST_USE bool attached_end(struct waiting *w, struct err *e);
void attached_forget(struct waiting *w);

#endif
