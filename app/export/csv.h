/* Records as CSV files in the shape of ODK Central's exports: one file for the form and one for each
 * repeat (PARENT_KEY, KEY), columns in the form's order named group-sub-name, a select_multiple as its
 * text and as one 0/1 column a choice (q/choice); audit.csv of all records in one; and a manifest that
 * counts and hashes what was written. UTF-8, RFC 4180.
 *
 * Streaming: a record is read once, in constant memory, and never turned into a tree. Files get their
 * names only when everything is in them (csv_end). A record that does not fit the form is refused whole,
 * counted, and does not stop the others; nothing is ever left out in silence. Personal columns are left
 * out unless asked for. A text that a spreadsheet would take for a formula gets an apostrophe, which the
 * manifest counts; `exact` leaves texts as they are.
 *
 *   csv.[ch]   files, tables, columns        csv_record.c  a record's XML → rows
 *   csv_audit.c  the audit trails            manifest.c    what was written, as JSON */
#ifndef APP_EXPORT_CSV_H
#define APP_EXPORT_CSV_H

#include "app/errors.h"
#include "forms/model/form.h"
#include "sync/crypt/bytes.h"

struct csv_options {
    const char *folder; /* there already */
    struct str name;    /* of the files; n 0: the form's id */
    bool pii, exact, crlf;
    struct hash32 form_hash; /* for the manifest */
    struct str made;         /* when, in text */
};

/* What the caller knows of a record beside its parts. */
struct csv_record {
    struct str xml;   /* with the pii values in it when they are asked for */
    struct str audit; /* audit.csv; n 0: none */
    struct str key;   /* instanceID: "uuid:…" */
    struct str code;  /* the respondent's code */
    struct str device, review;
    uint8_t outcome;
    uint32_t edits; /* revisions before this one */
};

struct csv_totals {
    uint64_t records, rows, refused, erased, conflicts, guarded, files, files_missing;
};

struct csv_export;

MUST_USE bool csv_begin(struct csv_export **ret, const struct form *f, const struct csv_options *o,
                        struct err *e);
/* False with ERR_EXPORT_RECORD: this record was refused and counted, go on with the next. With another
 * error the export has failed. */
MUST_USE bool csv_add(struct csv_export *x, const struct csv_record *r, struct err *e);
/* A damaged record, which could not even be handed over; and how many were left out because they are erased, or
 * are versions in conflict: so that the manifest adds up. */
void csv_skip(struct csv_export *x);
void csv_left_out(struct csv_export *x, uint64_t erased, uint64_t conflicts);
/* The record that was added last is of a laptop about which there is doubt: its KEY is marked in the manifest. */
void csv_doubt(struct csv_export *x, struct str key, bool rejected);
/* A file of the record that was added last, written beside them by the caller; or (hash NULL) one that is not
 * there, or not itself. For the manifest. */
void csv_file(struct csv_export *x, struct str record, struct str name, uint64_t bytes,
              const uint8_t hash[32]);
/* Gives the files their names, the manifest last. *ret may be NULL. Frees. */
MUST_USE bool csv_end(struct csv_export *x, struct csv_totals *ret, struct err *e);
void csv_abandon(struct csv_export *x); /* leaves no file; accepts NULL */

#endif
