/* A form: the immutable questionnaire, compiled from a workbook's sheets. Everything in it lives in one
 * arena and is freed with it. Nodes are numbered in document order (node 0 is the root element), so a
 * subtree is a range of numbers; `struct scope` of forms/expr calls these numbers definitions.
 *
 *   form.h        the compiled form, and the two functions that make and free one
 *   build.c       the steps, in order (build_i.h lists them); types.def, columns.def and params.def are
 *                 the tables of the language
 *   rule_*.c      the rules that refuse a bad form or warn of it, a file a family
 *   choices.[ch]  choice lists as column tables with their indexes, external lists too
 *   lang.[ch]     languages                  graph.[ch]  what depends on what, cycles (traits.[ch])
 *   show.[ch]     the questionnaire as text (form show) */
#ifndef FORMS_MODEL_FORM_H
#define FORMS_MODEL_FORM_H

#include <stdbool.h>
#include <stdint.h>

#include "forms/base/arena.h"
#include "forms/base/err.h"
#include "forms/base/host.h"
#include "forms/base/str.h"
#include "forms/expr/expr.h"

struct book; /* forms/read/sheet.h */

/* What the node is in the instance. */
enum node_type {
    TYPE_GROUP,
    TYPE_REPEAT,
    TYPE_TEXT,
    TYPE_INTEGER,
    TYPE_DECIMAL,
    TYPE_RANGE, /* int or decimal by its parameters: see `stored` */
    TYPE_SELECT_ONE,
    TYPE_SELECT_MULTIPLE,
    TYPE_RANK,
    TYPE_NOTE,
    TYPE_ACKNOWLEDGE,
    TYPE_DATE,
    TYPE_TIME,
    TYPE_DATETIME,
    TYPE_GEOPOINT,
    TYPE_GEOTRACE,
    TYPE_GEOSHAPE,
    TYPE_BARCODE,
    TYPE_FILE, /* image, audio, video, file: `media` says which */
    TYPE_CALCULATE,
    TYPE_HIDDEN,
    TYPE_META, /* start, end, today, deviceid …: `preload` says which */
};

/* How the value is stored and compared. */
enum stored {
    STORED_NONE,
    STORED_STRING,
    STORED_INT,
    STORED_DECIMAL,
    STORED_DATE,
    STORED_TIME,
    STORED_DATETIME,
    STORED_SELECT_MULTIPLE,
    STORED_GEO,
    STORED_FILE
};

enum report_as { REPORT_DEFAULT, REPORT_FREQUENCY, REPORT_MEAN, REPORT_INDEX, REPORT_NONE };

/* A text with ${…}: runs of literal and reference, in each language. */
struct text_run {
    struct str literal;
    uint32_t ref; /* definition inserted after the literal, or DEF_NONE */
    bool last_saved;
};

struct text {
    const struct text_run *runs;
    uint32_t n;
    bool given; /* false: nothing in this language, though another has some; runs say "-" then */
};

/* One entry per language of the form, in the form's order of languages. NULL: no such text at all. */
typedef const struct text *texts;

/* Where the cell of an expression stands in `form.book`; form_pos() spells it out. A node has a dozen of
 * these, so they are small. */
struct cond {
    const struct expr *expr; /* NULL: none */
    uint32_t row;            /* 0: generated */
    uint16_t sheet, column;  /* numbers in form.book */
};

/* bind::cacah:warn, warn2 …: true means odd. */
struct warn {
    struct cond when;
    texts message; /* per form language, from warn-id / warn-en by language code */
};

#define MISSING_KINDS 3
enum missing { MISSING_DK, MISSING_REFUSED, MISSING_NA, MISSING_NOT };

struct form_node {
    struct str name;
    enum node_type type;
    enum stored stored;
    uint32_t parent; /* DEF_NONE for the root */
    uint32_t end;    /* one past the subtree */
    uint32_t repeat; /* closest repeat at or above (for a repeat: itself), or DEF_NONE */
    uint32_t repeat_depth;
    uint32_t row;         /* in the survey sheet, 0 for generated nodes */
    struct str type_text; /* as the author wrote it: "select_one yn" */
    struct str media;     /* "image" …, for TYPE_FILE */
    struct str preload;   /* "start", "deviceid" …, for TYPE_META */

    texts label, hint, guidance, required_message, constraint_message;
    struct cond relevant, required, readonly, constraint, calculation, repeat_count, choice_filter;
    bool required_always, readonly_always; /* yes in the cell */

    struct str default_literal; /* p == NULL: none */
    struct cond default_dynamic;
    const uint32_t *triggers;
    uint32_t n_triggers;

    uint32_t list;      /* choice list, or DEF_NONE */
    uint32_t list_from; /* select_one ${question}: that definition, or DEF_NONE */
    struct str value_column, label_column; /* of an external list: "name", "label" by default */
    bool or_other, randomize;
    double seed;           /* NaN: none */
    struct cond seed_expr; /* seed=${ref} */

    struct str appearance; /* words as written, blanks collapsed */
    double range_start, range_end, range_step;
    uint32_t rows; /* text box height hint, 0: none */

    const struct warn *warns;
    uint32_t n_warns;
    struct str missing[MISSING_KINDS]; /* code for dk, refused, na; p == NULL: key dead */
    bool missing_declared;             /* by bind::cacah:missing, not only by the list */
    bool pii;                          /* marked, or derived from a pii node */
    bool outcome;
    enum report_as report;
    struct str save_to;
    uint32_t entity; /* that a record declares in this group or repeat, or DEF_NONE */
    /* Attributes kept for export and other tools: "bind::x" → value, as written. */
    const struct attr *attrs;
    uint32_t n_attrs;
    const struct attr *xml_attrs; /* instance::x: of its element in a record */
    uint32_t n_xml_attrs;
};

struct attr {
    struct str name, value;
};

/* ---- choice lists: column tables ---- */

/* ---- entities: what a server keeps of the things that records are about (a row of the sheet) ---- */

enum { VERSION_BASE, VERSION_TRUNK, VERSION_BRANCH, VERSIONS };

struct form_entity {
    struct str dataset;
    uint32_t container;         /* group, repeat or root: each of its instances has one */
    struct cond label;          /* no expr: none */
    struct cond id;             /* which to update; no expr: a new one */
    struct cond create, update; /* when; no expr: always, where it can */
    struct cond was[VERSIONS];  /* of the one to update, out of the list of that name */
    bool pii;                   /* its label or id reads personal data */
};

struct column {
    struct str name;
    const struct str *cells; /* rows of them; what isn't there is blank */
};

struct choice_index; /* built at compile time for columns that filters compare (choices.c) */

struct choice_list {
    struct tree tree; /* first: a list is a tree that expressions walk: /root/item/column */
    struct str id;
    bool external;
    bool loaded; /* an external list that is there */
    struct str file;
    uint32_t rows;
    const struct column *columns;
    uint32_t n_columns;
    uint32_t name_column, label_column;  /* label_column: DEF_NONE when labels are `labels` */
    const struct text *const *labels;    /* per row texts of a sheet list, or NULL */
    struct choice_index *const *indexes; /* per column, NULL where none */
    /* An external XML list that is no plain table: its document, and of each row the element. */
    struct node xml_root;
    const struct node *xml_items;
};

struct node choice_list_root(const struct choice_list *l);
/* The row whose name is `name`, or DEF_NONE; constant time. */
uint32_t choice_find(const struct choice_list *l, struct str name);

/* ---- what depends on what ---- */

/* What of a node has to be computed again. */
enum facet {
    FACET_RELEVANT,
    FACET_CALCULATE,
    FACET_REQUIRED,
    FACET_READONLY,
    FACET_CONSTRAINT,
    FACET_COUNT,
    FACET_CHOICES,
    FACET_LABEL,
    FACET_WARN,
    FACET_TRIGGER,
    FACETS
};

struct edge {
    uint32_t def;
    enum facet facet;
    bool wide; /* reads beyond the instance it stands in: other instances of a shared repeat too */
    bool no_blanks; /* reads a set in a way that blank nodes don't matter to (sum, min, max …) */
};

struct form_graph {
    /* For each definition: what reads its value (or structure), in evaluation order (by `rank`). */
    const struct edge *const *readers;
    const uint32_t *n_readers;
    /* Rank of each definition's calculation/relevance in topological order: recalculation is a heap
     * over ranks. rank[def * FACETS + facet]. */
    const uint32_t *rank;
    /* Nodes whose expressions read everything, the clock or the language: few, kept apart. */
    const struct edge *read_all, *read_clock, *read_language;
    uint32_t n_read_all, n_read_clock, n_read_language;
};

struct language {
    struct str name; /* "Bahasa Indonesia (id)", the language's identity; "default" when untagged */
    struct str code; /* "id", or "" */
};

struct form_names; /* hashes of names and of children (names.c) */

struct form {
    struct arena arena;
    struct str file;
    struct str id, title, version, root_name;
    struct cond instance_name;
    bool instance_name_pii;
    const struct language *languages; /* at least one */
    uint32_t n_languages, default_language;
    const struct form_node *nodes;
    uint32_t n_nodes;
    const struct choice_list *const *lists;
    uint32_t n_lists;
    struct form_graph graph;
    const struct attr *settings; /* every setting as written, known or not */
    uint32_t n_settings;
    const struct attr *root_attrs; /* of a record's root element: namespaces, attribute::x */
    uint32_t n_root_attrs;
    bool omit_instance_id;
    struct str public_key; /* "": records need not be encrypted for a server */
    const struct form_entity *entities;
    uint32_t n_entities;
    bool cacah_namespace;        /* the form declares xmlns:cacah="urn:cacah:1" */
    uint32_t outcome;            /* definition of the outcome question, or DEF_NONE */
    uint32_t audit;              /* definition of the audit row, or DEF_NONE */
    const struct str *externals; /* files beside the form, each once, in the order met */
    uint32_t n_externals;
    /* Sheets kept as they were: positions in them, `form diff`. */
    const struct book *book;
    const struct form_names *names;
};

/* Reads and compiles. `bytes` is the file as shipped, `name` its name (its ending says the format: .md,
 * .xlsx). Faults and warnings go to `diags`, all of them. True when an interview can be held (no error
 * among them); false with *e only for what is not the form's fault. On true or false alike *ret is NULL
 * unless the form compiled without an error. `host->file` serves external lists; one that isn't there is
 * a warning and leaves the list not loaded. */
MUST_USE bool form_compile(struct form **ret, struct str bytes, const char *name,
                           const struct host *host, struct diags *diags, struct err *e);
void form_free(struct form *f);
/* Whether an interview can be held with it: its lists are there, and it asks for no encryption that cacah
 * doesn't do. A form that compiles but cannot be used can still be checked, shown, converted. */
MUST_USE bool form_usable(const struct form *f, struct err *e);

/* The names of the external files the form wants: forms/ asks for them, sync/ hashes and ships them. */
size_t form_externals(const struct form *f, const struct str **ret_names);
uint32_t form_child(const struct form *f, uint32_t parent, struct str name);
/* "/data/grp/q" */
void form_path(const struct form *f, uint32_t def, struct buf *out);
/* A bare unique name or an absolute path (indices ignored) → definition; DEF_NONE when none or several. */
uint32_t form_find(const struct form *f, struct str path_or_name);
bool form_has_appearance(const struct form_node *n, const char *word);
void form_pos(const struct form *f, const struct cond *c, struct pos *ret);
/* What names mean in an expression carried by `self`: for expressions of no cell (form eval, quotas). */
void form_scope(const struct form *f, uint32_t self, struct scope *ret);

#endif
