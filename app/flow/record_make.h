/* What an interview that can be finalised becomes: the two parts of its revision and the summary that lists
 * show. The same for one held on the screen and a simulated one. */
#ifndef APP_FLOW_RECORD_MAKE_H
#define APP_FLOW_RECORD_MAKE_H

#include "app/flow/audit.h"
#include "app/flow/record.h"
#include "app/flow/survey.h"
#include "sync/store/sections.h"
#include "forms/run/interview.h"

struct record_made {
    struct buf one, two, summary; /* `two` may be empty: nothing personal */
};

void record_made_init(struct record_made *m);
void record_made_wipe(struct record_made *m);
/* `id`: "uuid:…"; `deprecated`: that of the record it replaces, or "". The audit trail has its last row. Files
 * attached to questions that are not personal, and that are (NULL: none at all). */
struct record_files {
    struct attachment_list open, personal;
};
MUST_USE bool record_make(struct interview *iv, const struct audit *audit, struct str id,
                          struct str deprecated, const struct record_files *files,
                          const struct summary *sum, struct record_made *ret, struct err *e);

#endif
