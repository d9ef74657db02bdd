/* Where envelopes lie on the way (decisions.md 14): URL/in/S8-D8-SEQ.bundle,
 * URL/out/S8-D8-NUMBER.receipt, URL/NAME.kit; S8 and D8 are the first eight hex digits of survey
 * and device. Written as .part, synced, renamed: no partial file is ever taken for one. A URL is a
 * folder (an absolute or relative path, or file://), sftp://USER@HOST[:PORT]/PATH or
 * https://[USER@]HOST[:PORT]/PATH (WebDAV). The far side is never trusted: what comes from it has
 * one of our names, meets a limit, and counts only once the envelope code has verified it.
 *
 *   transport.c   which way a URL goes         folder.c       a folder or a mounted stick
 *   post.c        sending and fetching over a network: the spool beside the store, whole or not at all
 *   remote.c      one connection: libcurl, log in, tries and waits, errors     login.c  keys and passwords
 *   sftp.c  webdav.c   the few operations of each     hosts.c  pinned host keys
 *   unbuilt.c     instead of the last five in a build without libcurl */
#ifndef SYNC_TRANSPORT_TRANSPORT_H
#define SYNC_TRANSPORT_TRANSPORT_H

#include "sync/bundle/bundle.h"
#include "sync/bundle/receipt.h"

enum transport_asks {
    ASK_PASSWORD,   /* `whom` is USER@HOST */
    ASK_PASSPHRASE, /* `whom` is the file of the key */
};
struct transport_progress {
    const char *name;     /* of the file under way */
    uint64_t done, total; /* bytes; total 0: not known */
    int64_t ms;           /* since its first byte was asked for */
    unsigned tries;       /* in vain since the last byte that moved */
};

/* The person at this end and what they chose. A folder needs nobody; over a network everything may be
 * left out as well: then nothing is asked, and what would need an answer is an error. */
struct transport_user {
    void *ctx;
    /* False: no answer. The secret is the transport's. */
    bool (*ask)(void *ctx, enum transport_asks what, const char *whom, struct secret **ret);
    /* A host seen for the first time, its key as "SHA256:…": true pins it in STORE.hosts. NULL: pinned. */
    bool (*trust)(void *ctx, const char *host, const char *fingerprint);
    /* Some times a second; NULL when the file is through, or given up. */
    void (*progress)(void *ctx, const struct transport_progress *p);
    bool (*stop)(void *ctx); /* true: end now, at whatever byte */
    const char *key;   /* an SSH key's file; NULL: the agent, then ~/.ssh/id_ed25519, id_ecdsa */
    const char *pin;   /* "sha256//BASE64": the TLS key to be met, instead of an authority's word */
    bool plain_http;   /* http:// also to other machines than this one */
    uint32_t wait_ms;  /* before the second try, then doubled; 0: a second */
    uint32_t stall_ms; /* without a byte: a try in vain; 0: 90 seconds */
    unsigned tries;    /* in vain, one after the other, before it is given up; 0: seven */
};

/* sftp://, https:// and http:// go over a network. */
bool transport_is_remote(struct str url);
/* Whether something could be sent there, by the address alone: ERR_URL and its like say what is wrong. */
MUST_USE bool transport_check(struct str url, struct err *e);
/* The folder a URL names, without a trailing slash; ERR_URL when it names none. */
MUST_USE bool transport_folder(struct str url, struct buf *ret_path, struct err *e);
/* A laptop's bundle into URL/in (made when missing; a folder URL must be there: ERR_FOLDER_ABSENT); `all`: as bundle_write_all. The room it may
 * need here is looked for first: ERR_NO_ROOM. Over a network it is written to STORE.outbox and stays there
 * until the far side has it whole: one that an earlier call left is finished first. */
MUST_USE bool transport_send(struct store *s, struct str url, bool all,
                             const struct transport_user *user, int64_t now_ms,
                             struct bundle_written *ret, struct err *e);
/* Every receipt for this laptop in URL/out (in URL itself, when it is a folder without out), by number; over
 * a network those not applied before. `each` is told of each, with why one was refused (then `applied` is
 * NULL). */
typedef void (*transport_each)(void *ctx, const char *path, const struct receipt_applied *applied,
                               const struct err *why);
MUST_USE bool transport_receive(struct store *s, struct str url, const struct transport_user *user,
                                transport_each each, void *ctx, struct buf *assignments,
                                struct err *e);

/* A kit: `url` is its file, or a folder, here or far, where one kit lies alone (ERR_KIT_NONE, ERR_KITS name
 * them). *ret_path is a file of this machine: where it lies, or STORE.kit, to which it was fetched
 * (*ret_fetched: the caller removes it). */
MUST_USE bool transport_kit(struct str url, const char *store_path,
                            const struct transport_user *user, struct buf *ret_path,
                            bool *ret_fetched, struct err *e);

/* ---- the office's end of a network; `store_path` is where STORE.hosts lies ---- */

struct transport;
MUST_USE bool transport_open(struct transport **ret, struct str url, const char *store_path,
                             const struct transport_user *user, struct err *e);
void transport_close(struct transport *t); /* accepts NULL */
/* Every bundle in URL/in into the folder (made when missing) but those that lie there already, or in the
 * folder `seen` (NULL: none). */
MUST_USE bool transport_collect(struct transport *t, const char *folder, const char *seen,
                                struct err *e);
/* A file into URL/out, or into URL itself (folder ""), under its own name: [A-Za-z0-9._-], at most 100. */
MUST_USE bool transport_deliver(struct transport *t, const char *folder, const char *path,
                                struct err *e);
MUST_USE bool transport_has(struct transport *t, const char *folder, const char *name, bool *ret,
                            struct err *e);
/* A file out of URL/in or URL/out; one that is not there is no error. */
MUST_USE bool transport_discard(struct transport *t, const char *folder, const char *name,
                                struct err *e);

#endif
