/* What the files of the CSV export share. A table is a file: the form's or a repeat's. While a record is
 * read its rows are put into the tables' buffers; when it turns out not to fit, they are cut off again. */
#ifndef APP_EXPORT_CSV_I_H
#define APP_EXPORT_CSV_I_H

#include <expat.h>

#include "app/export/csv.h"
#include "forms/base/limits.h"
#include "sync/crypt/crypt.h"
#include "sync/io/io.h"

#define CELL_NONE UINT32_MAX

/* Which texts get an apostrophe when a spreadsheet would take them for a formula. */
enum guard {
    GUARD_NONE,
    GUARD_TEXT,    /* any */
    GUARD_NUMBERS, /* not what is all numbers: -98 as a code, a place on the map */
};

struct cell {
    size_t at, n; /* in the record's text */
    bool there;
};

struct csv_column {
    struct str header;
    uint32_t cell;
    uint32_t choice; /* of a 0/1 column: the row of the list; else DEF_NONE */
    enum guard guard;
};

/* A file being written: buffered, hashed. */
struct out_file {
    struct io_new file;
    bool open;
    struct str name;
    struct hasher hash;
    struct buf buf;
    size_t mark; /* of buf, where the record began */
    uint64_t rows, rows_mark, guarded, guarded_mark, bytes;
};

struct table {
    uint32_t def;    /* the repeat, or 0 */
    uint32_t parent; /* its table */
    struct csv_column *columns;
    size_t n_columns, cap_columns;
    struct cell *cells;
    uint32_t n_cells;
    uint32_t *cell_def; /* the definition of each cell */
    uint32_t nth;       /* of the instance being read */
    struct buf key;
    struct out_file out;
};

/* Where a definition's value goes. */
struct slot {
    uint32_t table, cell;
};

struct level {
    uint32_t def;
    uint32_t last;    /* the child met last, or DEF_NONE */
    bool meta;        /* the block that is no definition of the form */
    struct str qname; /* as the scan read it */
};

struct csv_file {
    struct str record, name;
    uint64_t bytes;
    uint8_t hash[32];
};

struct csv_export {
    const struct form *form;
    struct csv_options options;
    struct arena arena;
    struct table *tables;
    uint32_t n_tables;
    struct slot *slots;                  /* per definition */
    uint32_t instance_id, instance_name; /* cells of the form's table, or CELL_NONE */
    struct out_file audit;
    bool *picked; /* scratch: choices of a select_multiple */
    size_t picked_max;
    struct csv_totals totals;
    struct csv_file *files; /* attached, their texts in the arena */
    size_t n_files, cap_files;
    struct csv_doubt {
        struct str key;
        bool rejected;
    } * doubts; /* records of laptops about which there is doubt */
    size_t n_doubts, cap_doubts;
    struct buf line; /* "\n" or "\r\n" */

    /* the record being read */
    XML_Parser parser;
    const struct csv_record *record;
    struct level levels[LIMIT_XML_DEPTH];
    uint32_t depth;
    struct cell *cell; /* of the element being read, or NULL */
    struct buf text;
    const char *why;  /* it does not fit: the reason */
    struct buf where; /* and the element */
};

/* csv.c */
void csv_field(struct csv_export *x, struct out_file *f, struct str s, enum guard how);
void csv_line_end(struct csv_export *x, struct out_file *f);
/* Takes off what the record being read has put into the files. */
void csv_cut_off(struct csv_export *x);
MUST_USE bool csv_flush(struct out_file *f, size_t above, struct err *e);

/* csv_record.c */
void csv_parser_make(struct csv_export *x);
/* False with ERR_EXPORT_RECORD. */
MUST_USE bool csv_read_record(struct csv_export *x, const struct csv_record *r, struct err *e);

/* csv_audit.c */
MUST_USE bool csv_read_audit(struct csv_export *x, const struct csv_record *r, struct err *e);

/* manifest.c */
MUST_USE bool csv_manifest(struct csv_export *x, struct err *e);

#endif
