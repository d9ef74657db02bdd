/* The office's signed answer to one device: what it holds of what that device (or, to a supervisor,
 * anyone) has sent, the head it acknowledges, the config, forms, certificates and facts in force. A
 * laptop takes one only when its signer chains to the survey's root and the acknowledged row is in
 * its own ledger. */
#ifndef SYNC_BUNDLE_RECEIPT_H
#define SYNC_BUNDLE_RECEIPT_H

#include "sync/bundle/envelope.h"
#include "sync/bundle/words.h"
#include "sync/store/store.h"

/* A name's number is the receipt's times this, and who signs. */
#define RECEIPT_WRITERS UINT64_C(10000000000)

struct receipt_written {
    char name[64]; /* S8-D8-NUMBER.receipt */
    uint64_t number, held, safe, erased, quarantined;
    uint64_t bytes;
    struct hash32 id; /* words_of_hash(lang, …, WORDS_RECEIPT): the code for the telephone */
};
/* What counts of a laptop's, as the facts say: for merge/derive.h, above us, to tell. */
struct receipt_judge {
    bool (*head)(void *ctx, const struct ledger_head *h, bool *ret, struct err *e);
    bool (*record)(void *ctx, const struct hash32 *rev_id, bool *ret, struct err *e);
    void *ctx;
};
struct receipt_new {
    struct hash32 device;
    const struct receipt_judge *judge; /* NULL: all heads, and no record that was set aside */
    struct str assignments;            /* n 0: none */
    int64_t now_ms;
};
/* To `path`, or into the folder `path` under its own name. ERR_NO_DEVICE. */
MUST_USE bool receipt_write(struct store *office, const char *path, const struct receipt_new *n,
                            struct receipt_written *ret, struct err *e);

struct receipt_applied {
    uint64_t number, held, safe, erased, quarantined; /* revisions of ours it speaks of */
    uint64_t newly;                                   /* of these, pending until now */
    uint64_t lost;         /* this signer held them and no longer does: they are pending again */
    uint64_t acknowledged; /* ledger rows up to here */
    bool again;            /* this very receipt was applied before: nothing changed */
    bool older;            /* a lower number: its facts were taken, its config was not */
    bool new_config;
    uint64_t new_forms;
    struct hash32 id;
};
/* `assignments` (may be NULL) receives their bytes. ERR_RECEIPT_… name what is wrong; nothing is
 * changed. But ERR_RECEIPT_HEAD: it speaks of another way of our ledger, and of all it says its tombstones alone
 * were taken, for whoever is erased is erased on every copy. */
MUST_USE bool receipt_apply(struct store *s, const char *path, struct buf *assignments,
                            struct receipt_applied *ret, struct err *e);

#endif
