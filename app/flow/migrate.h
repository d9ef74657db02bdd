/* A draft on a newer version of its form. The answers are carried over by their paths; an event in the journal
 * says when that was, so that all that was answered before keeps its trail, and a replay does the same again.
 * Looking first tells what would be lost; nothing is written by it. */
#ifndef APP_FLOW_MIGRATE_H
#define APP_FLOW_MIGRATE_H

#include "app/flow/survey.h"

enum migrate_fate {
    MIGRATE_GONE,    /* the new form has no such question */
    MIGRATE_UNFIT,   /* another type: it is read otherwise, or not at all */
    MIGRATE_INVALID, /* kept, but the new form does not allow it */
    MIGRATE_HIDDEN,  /* kept, but the new form does not ask it here */
};

struct migrate_look {
    uint32_t answered, kept;
    bool (*lost)(void *ctx, enum migrate_fate fate, struct str path, struct str value);
    void *ctx;
};

/* The version that new interviews use of that draft's form; ERR_FORM_SAME when it is on that already. */
MUST_USE bool migrate_target(struct survey *sv, const struct id16 *uuid, struct hash32 *ret,
                             struct err *e);
/* What would become of each answer: the ones that do not stay as they are, one by one. */
MUST_USE bool migrate_look(struct survey *sv, const struct id16 *uuid, const struct hash32 *to,
                           struct migrate_look *look, struct err *e);
MUST_USE bool migrate_draft(struct survey *sv, const struct id16 *uuid, const struct hash32 *to,
                            struct err *e);

#endif
