/* The office's inbox and outbox on a server. Bundles come to STORE.inbox first and are merged there as from
 * any folder; receipts are written to STORE.out and copied from there. So the office's store never waits for
 * a network, and what was fetched is fetched once. */
#ifndef APP_CMD_FAR_H
#define APP_CMD_FAR_H

#include "app/cmd/desk.h"
#include "app/cmd/keep.h"
#include "sync/transport/transport.h"

struct far {
    struct transport *t;
    char inbox[KEEP_PATH_MAX], out[KEEP_PATH_MAX];
    struct buf there; /* receipts that may lie there: names, a NUL behind each */
};

MUST_USE bool far_open(struct far *ret, const struct call *c, const char *url,
                       const struct store *office, struct err *e);
void far_close(struct far *f); /* accepts one not opened */
/* Bundles there → inbox. `keeps`: nothing goes from there, so what was refused is not fetched again. */
MUST_USE bool far_collect(struct far *f, bool keeps, struct err *e);
/* Takes a bundle away there: it was merged, or is kept here as refused. `path` is the inbox's. */
MUST_USE bool far_discard(struct far *f, const char *path, struct err *e);
/* Receipts as of desk_receipts(), to be delivered there; may be written anew before they are. */
MUST_USE bool far_receipts(struct far *f, struct desk *d, const struct hash32 *only, bool say,
                           uint64_t *ret_written, struct err *e);
/* They go there, and those replaced go from there; when it fails, to be done again. */
MUST_USE bool far_deliver(struct far *f, struct err *e);
/* Whether it is the far side's or the network's trouble, which may pass, and not one of this machine. */
bool far_trouble(const struct err *e);

/* ---- a kit, to URL/NAME.kit, or into the folder URL under the laptop's name ---- */

#define FAR_NAME_MAX 100 /* what a server takes */
/* "Laptop 3" → Laptop-3.kit */
void far_kit_name(const char *label, char ret[FAR_NAME_MAX + 1]);

struct far_kit {
    struct transport *t;
    char path[KEEP_PATH_MAX]; /* where it is made: in STORE.out */
};
/* Logs in and looks whether such a file is there already (ERR_EXISTS, unless --force). */
MUST_USE bool far_kit_open(struct far_kit *ret, const struct call *c, const char *url,
                           const char *label, const struct store *office, struct err *e);
/* Sends what lies at the path, and removes it here once it has arrived. */
MUST_USE bool far_kit_send(struct far_kit *k, struct err *e);
void far_kit_close(struct far_kit *k); /* accepts one not opened */

#endif
