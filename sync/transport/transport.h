/* Where envelopes lie on the way (decisions.md 14): URL/in/S8-D8-SEQ.bundle,
 * URL/out/S8-D8-NUMBER.receipt, URL/NAME.kit; S8 and D8 are the first eight hex digits of survey
 * and device. Written as .part, synced, renamed: no partial file is ever taken for one. A folder is
 * an absolute or relative path or file:// URL. */
#ifndef SYNC_TRANSPORT_TRANSPORT_H
#define SYNC_TRANSPORT_TRANSPORT_H

#include "sync/bundle/bundle.h"
#include "sync/bundle/receipt.h"

/* The folder a URL names, without a trailing slash; ERR_URL for a scheme that is not built in. */
MUST_USE bool transport_folder(struct str url, struct buf *ret_path, struct err *e);
/* A laptop's bundle into URL/in (both made when missing); `all`: as bundle_write_all. The room it may need is
 * looked for first: ERR_NO_ROOM. */
MUST_USE bool transport_send(struct store *s, struct str url, bool all, int64_t now_ms,
                             struct bundle_written *ret, struct err *e);
/* Every receipt for this laptop in URL/out (in URL itself, when it has no out), by number; `each` is told of each, with why one was
 * refused (then `applied` is NULL). */
MUST_USE bool transport_receive(struct store *s, struct str url,
                                void (*each)(void *ctx, const char *path,
                                             const struct receipt_applied *applied,
                                             const struct err *why),
                                void *ctx, struct buf *assignments, struct err *e);

#endif
