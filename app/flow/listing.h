/* What the home screen lists: drafts, what is finished here, returned, sent; the assignments and how far
 * each has come; how many interviews count for the quotas. All of it out of sealed notes: no interview is
 * opened.
 *
 * Drafts are few and read at once. Records may be a hundred thousand: they are read the newest first, a
 * piece at a time (listing_more), each note once, and kept in under a hundred bytes and the name. Until
 * listing_reads says no, the lists of records end too early and the counts are too low. */
#ifndef APP_FLOW_LISTING_H
#define APP_FLOW_LISTING_H

#include "app/flow/assign.h"
#include "app/flow/quota.h"

enum list { LIST_DRAFTS, LIST_FINISHED, LIST_RETURNED, LIST_SENT, LISTS };

struct listed {
    struct id16 uuid;
    struct hash32 rev_id; /* of a finished one, or one returned and not begun again */
    int64_t changed_ms;   /* UTC */
    const char *name;     /* or "" */
    const char *comment;  /* the reviewer's: returned, and no draft of it yet; else NULL */
    uint32_t answered;
    uint16_t form; /* into forms */
    uint8_t outcome;
};

struct listed_form {
    struct str id, title;
    uint64_t done; /* records of it that are listed */
};

struct listing {
    struct survey *sv;
    struct arena texts;
    struct listed_form *forms;
    size_t n_forms, cap_forms;
    struct {
        struct listed *v; /* newest first */
        size_t n, cap;
    } lists[LISTS];
    struct assignments tasks;
    struct quota_tally *quota;
    uint64_t next;    /* the number of the record to be read next; 0: none */
    uint64_t changes; /* of the store, when this began (store_changes) */
};

/* Everything but the records. After a failure what could be read is there, and the rest goes on. A practice
 * survey's returns are left out. Every listing must be done. */
MUST_USE bool listing_begin(struct listing *l, struct survey *sv, struct err *e);
bool listing_reads(const struct listing *l);
/* Records for so many milliseconds, one at least; UINT32_MAX: all. What cannot be read ends it. */
MUST_USE bool listing_more(struct listing *l, uint32_t ms, struct err *e);
void listing_done(struct listing *l); /* wipes; accepts a zeroed one */

#endif
