/* The audit trail: ODK's audit.csv (event,node,start,end,old-value,new-value; epoch milliseconds),
 * fed with the journal's events one by one, live as they are taken and again in a replay, so that
 * it cannot differ from the answers. Events of our own are named cacah.*. Old and new values of pii
 * questions, notes and remarks are left out of the rows and kept apart by the row's number
 * (record.h). */
#ifndef APP_FLOW_AUDIT_H
#define APP_FLOW_AUDIT_H

#include "app/flow/event.h"

/* The question the cursor is on. */
struct audit_visit {
    bool open, pii, told; /* told: a row says what was answered so far */
    int64_t start_ms;
    struct buf path, old, now;
};

struct audit {
    struct buf rows, values;
    uint64_t n; /* rows so far, the header not counted */
    struct audit_visit visit;
};

void audit_init(struct audit *a);
void audit_wipe(struct audit *a);

/* `node`: the path the event is about, "" for none (of an undo: what came back; of the start event: now is
 * the user); `pii`: whether old and new are personal. */
struct audit_node {
    struct str path;
    bool pii;
    struct str old, now;
};
void audit_event(struct audit *a, const struct event *ev, const struct audit_node *node);
/* The last row, "form finalize"; and taken off again when the disk refused the record. */
struct audit_mark {
    size_t rows, values;
    uint64_t n;
    bool open;
};
struct audit_mark audit_finalise(struct audit *a, int64_t ms);
void audit_go_on(struct audit *a, const struct audit_mark *before);

#endif
