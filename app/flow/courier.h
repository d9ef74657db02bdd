/* The way to the office and back, for the screen and the commands alike: where to, sending, receiving, what
 * was returned, what may go from this laptop. What happened is also kept as a line of STORE.log, a text
 * file without anything of a respondent, so that "did it arrive?" has an answer. */
#ifndef APP_FLOW_COURIER_H
#define APP_FLOW_COURIER_H

#include "app/flow/survey.h"
#include "sync/bundle/bundle.h"
#include "sync/transport/transport.h"

/* Where to send when nobody says: what the office's settings name ("place"), else the last place used,
 * else the one stick that is plugged in (its folder cacah). ERR_NO_PLACE, ERR_STICKS names them. */
MUST_USE bool courier_place(struct survey *sv, struct buf *ret, struct err *e);
/* Whether the office may name it as the place of all laptops: ERR_PLACE, ERR_URL and its like. One that they may
 * not use is passed over, and the report says so. */
MUST_USE bool courier_place_check(struct str place, struct err *e);
/* Sticks by the table of mounts (NULL: this machine's): what lies under /media or /run/media. Appends each
 * with a newline; counts. */
size_t courier_sticks(const char *mounts, struct buf *out);
/* Kits on these sticks, at their top or in the folder cacah: paths, each with a newline; counts. */
size_t courier_kits(const char *mounts, struct buf *out);

/* What can be chosen from: the office's place, the last one while it can be reached, the sticks. */
enum courier_way { WAY_OFFICE, WAY_LAST, WAY_STICK };
struct courier_target {
    enum courier_way way;
    struct str place;
};
MUST_USE bool courier_targets(struct survey *sv, const char *mounts, struct arena *a,
                              struct courier_target **ret, size_t *ret_n, struct err *e);

/* Everything that waits, to the place ("": courier_place). `all`: what is held but not safe, too. The report
 * says in a sentence or two what happened and what to do next; *ret_faults counts the records that could not
 * go. */
MUST_USE bool courier_send(struct survey *sv, struct str place, bool all,
                           const struct transport_user *user, struct buf *report,
                           unsigned *ret_faults, struct err *e);
/* Those of a bundle that was written, by name. */
void courier_say_hollow(const struct bundle_written *w, struct buf *report);
/* Applies a receipt's file, or all of a place ("": the last place used while it can be reached, else
 * courier_place); then lets go of what is safe and old enough. *ret_faults
 * counts receipts that were refused: the report says why. */
MUST_USE bool courier_receive(struct survey *sv, struct str place,
                              const struct transport_user *user, struct buf *report,
                              unsigned *ret_faults, struct err *e);

/* What was returned to this laptop and waits for a correction (no draft of it is open). */
MUST_USE bool courier_returned(struct survey *sv,
                               bool (*each)(void *ctx, const struct revision *r, struct str comment,
                                            int64_t returned_ms, struct err *e),
                               void *ctx, struct err *e);
/* What a laptop is told whose records the office has set aside; untranslated (N_). */
const char *courier_quarantined(void);

#endif
