/* The two ways, a folder and a network, and what they have in common; see transport.h. */
#ifndef SYNC_TRANSPORT_TRANSPORT_I_H
#define SYNC_TRANSPORT_TRANSPORT_I_H

#include <limits.h>

#include "sync/transport/transport.h"

struct posted {
    uint64_t number;
    char name[64];
};
/* An array of names S8-D8-NUMBER.KIND of this survey and device, by number. */
struct posts {
    struct posted *v;
    size_t n, cap;
};
/* Takes the name in if it is such a one. */
void posts_add(struct posts *p, const struct store *s, const char *kind, const char *name);
void posts_sort(struct posts *p);
/* Those of a folder of this machine. */
MUST_USE bool posts_find(struct posts *p, const struct store *s, const char *kind,
                         const char *folder, struct err *e);

/* Of the names of a folder, the one kit; `where` is for people. */
struct kits {
    char name[NAME_MAX + 1];
    struct buf all; /* the names, a blank behind each */
    size_t n;
};
void kits_init(struct kits *k);
void kits_add(struct kits *k, const char *name); /* which may be anything */
/* Done with it as well. */
MUST_USE bool kits_one(struct kits *k, struct str where, struct buf *ret_name, struct err *e);

MUST_USE bool make_folder(const char *path, struct err *e);
/* A bundle into a folder of this machine, when there is room for it. */
MUST_USE bool bundle_into(struct store *s, bool all, const char *folder, int64_t now_ms,
                          struct bundle_written *ret, struct err *e);

MUST_USE bool folder_send(struct store *s, struct str url, bool all, int64_t now_ms,
                          struct bundle_written *ret, struct err *e);
MUST_USE bool folder_receive(struct store *s, struct str url, transport_each each, void *ctx,
                             struct buf *assignments, struct err *e);
/* Whether the URL reads as one. */
MUST_USE bool remote_check(struct str url, struct err *e);
MUST_USE bool remote_send(struct store *s, struct str url, bool all,
                          const struct transport_user *user, int64_t now_ms,
                          struct bundle_written *ret, struct err *e);
MUST_USE bool folder_kit(struct str url, struct buf *ret_path, struct err *e);
MUST_USE bool remote_kit(struct str url, const char *store_path, const struct transport_user *user,
                         struct buf *ret_path, struct err *e);
MUST_USE bool remote_receive(struct store *s, struct str url, const struct transport_user *user,
                             transport_each each, void *ctx, struct buf *assignments,
                             struct err *e);

#endif
