/* Assignments (tugas): whom the office asks an enumerator to interview, a row of CSV each (decisions.md 17):
 *
 *     id,form_id,to,label,village,appointment,note   and a column for each node to prefill, by its name
 *
 * id and form_id must be there. `to` is a laptop's label; blank: any laptop. An appointment is a date, a
 * date and a time, a time (of any day), or words, shown as they are. The office keeps the list in its store's config under
 * "assignments"; kits and receipts carry a laptop's rows of it, and the laptop keeps them likewise.
 *
 * How far one has come is not written anywhere: the draft and the record begun from it name it in their
 * notes (struct summary), and a correction is known by its uuid. */
#ifndef APP_FLOW_ASSIGN_H
#define APP_FLOW_ASSIGN_H

#include "app/flow/session.h"

enum assignment_state { ASSIGNED_OPEN, ASSIGNED_DRAFT, ASSIGNED_RETURNED, ASSIGNED_FINISHED };

struct assignment {
    struct str id, form_id, to, label, village, note;
    struct str appointment; /* as the office wrote it */
    struct prefill *prefill;
    size_t n_prefill;

    enum assignment_state state;
    struct id16 uuid;     /* of the interview begun from it */
    struct hash32 rev_id; /* finished: its record */
    bool sent;            /* finished: the office has it */
    struct summary sum;   /* of the draft or record; zero when not begun */
    int64_t due_ms;       /* the appointment: of the last visit, else the office's; 0: none known */
};

struct assignments {
    struct arena texts;
    struct assignment *v; /* in the order of the file */
    size_t n;
    struct assignment *corrections; /* how far those have come whose assignment is not yet known */
    size_t n_corrections, cap_corrections;
};

#define ASSIGNMENTS_BYTES_MAX ((size_t)16 << 20)

/* The rows of the CSV; ERR_ASSIGN_COLUMN, ERR_ASSIGN_ROW. Every `ret` must be done, after failures too. */
MUST_USE bool assignments_read(struct assignments *ret, struct str csv, struct err *e);
/* This laptop's, and how far each has come. None brought: n 0. */
MUST_USE bool assignments_load(struct assignments *ret, struct survey *sv, struct err *e);
/* The same in pieces: first by the drafts, then by all records, met the newest first. */
MUST_USE bool assignments_begun(struct assignments *ret, struct survey *sv, struct err *e);
void assignments_meet(struct assignments *a, const struct revision *r, enum revision_state state,
                      const struct summary *s);
void assignments_done(struct assignments *a); /* wipes; accepts zeroed ones */

/* Begins the interview: prefilled, and known as this assignment's. ERR_NO_FORM */
MUST_USE bool assignment_begin(struct session **ret, struct survey *sv, const struct assignment *a,
                               struct err *e);

/* For the office: the rows of one laptop as CSV again, appended; the head alone when there are none, so
 * that what was taken from a laptop goes there too. */
MUST_USE bool assignments_of(struct str csv, struct str label, struct buf *out, struct err *e);

#endif
