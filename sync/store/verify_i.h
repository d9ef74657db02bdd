/* What the files of store_verify share: the walk over one table, and what is remembered between
 * tables to reconcile them. */
#ifndef SYNC_STORE_VERIFY_I_H
#define SYNC_STORE_VERIFY_I_H

#include "sync/store/store_i.h"

/* Beginnings and endings of interviews in this device's ledger: +1, −1 (what is left must be drafts). */
struct begun {
    struct id16 uuid;
    int count;
};

struct own_chain {
    uint64_t author, seq;
    struct hash32 prev;
};

#define INTERVIEW_SHREDDED 1 /* the key of the record is destroyed */
#define INTERVIEW_PERSONAL 2 /* that of its personal part is */
#define INTERVIEW_NEEDED                                                                           \
    4 /* a record of it is not erased; at a laptop not safe at the office either */

struct verify_file { /* an attachment */
    struct attachment_row row;
    uint64_t chunks; /* found */
    bool whole, opened;
};

struct verify {
    struct store *s;
    void (*say)(void *ctx, struct str line);
    void *ctx;
    uint64_t faults;
    uint64_t seen, all; /* rows, for the progress */
    struct err stop;    /* set: the disk, not the store, is at fault */

    /* journal */
    uint64_t draft, event;
    struct hash32 chain;
    /* ledger: this device and those before it (rekey), the newest first */
    struct own_chain *own;
    size_t n_own, cap_own;
    struct begun *begun;
    size_t n_begun, cap_begun;
    struct hash32 *finals;
    size_t n_finals, cap_finals;
    uint8_t *interviews; /* by number: INTERVIEW_* */
    uint64_t own_revisions, pending;
    struct verify_file *files; /* ascending by interview and commitment once all are known */
    size_t n_files, cap_files;
};

void verify_fault(struct verify *v, const char *what);
/* "record 3 (interview UUID): what" */
void verify_of(struct verify *v, const char *thing, uint64_t no, const struct id16 *uuid,
               const char *what);
/* e is said and cleared; an error of the disk ends everything. */
void verify_error(struct verify *v, struct err *e);

typedef void verify_row(struct verify *v, struct stmt *st);
/* Every row of the statement; false when the disk failed. */
MUST_USE bool verify_walk(struct verify *v, const char *sql, verify_row *row);
/* An append-only table: numbers in column 0 without a gap up to what the head says. */
MUST_USE bool verify_numbered(struct verify *v, const char *sql, verify_row *row,
                              enum counted counted, const char *name);

/* The device of an author's number. */
MUST_USE bool verify_author(struct verify *v, uint64_t author, struct hash32 *ret, struct err *e);
MUST_USE bool verify_journal(struct verify *v); /* verify_chain.c */
MUST_USE bool verify_ledger(struct verify *v);
/* verify_files.c: the rows of attachments and the sizes of their chunks; what a part of a record lists against
 * them; those that no record lists. */
MUST_USE bool verify_files(struct verify *v);
void verify_listed(struct verify *v, uint64_t revision, uint64_t interview, struct str part,
                   bool needed);
MUST_USE bool verify_files_rest(struct verify *v);

#endif
