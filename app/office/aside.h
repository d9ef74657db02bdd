/* What lies beside the records: bundles in the inbox whose sender is not known yet, and those in its quarantine
 * with their reason. For the inbox that was merged last. */
#ifndef APP_OFFICE_ASIDE_H
#define APP_OFFICE_ASIDE_H

#include "sync/merge/derive.h"

#define ASIDE_INBOX "inbox" /* the setting that names it */

struct aside_file {
    struct str name, reason; /* the reason of one in quarantine */
};
struct aside {
    struct str inbox; /* n 0: none was merged yet, or it is not there now */
    struct aside_file *parked, *quarantined;
    size_t n_parked, cap_parked, n_quarantined, cap_quarantined;
    struct arena a;
};

MUST_USE bool aside_load(struct aside *x, struct derive *d, struct store *s, struct err *e);
void aside_done(struct aside *x);
/* The folder of this merge, unless it is the one of the last. */
MUST_USE bool aside_note_inbox(struct store *s, const char *folder, struct err *e);

#endif
