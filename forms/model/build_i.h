/* What the files of this folder share while a form is being made. The way of a form:
 *
 *   settings.c   the settings sheet                 columns.c  what the headers mean
 *   lang.c       the languages                      choices_sheet.c, externals.c  the lists
 *   rows.c       survey rows → drafts (names, types, nesting, loops, what is generated)
 *   nodes.c      drafts → nodes: every cell read, texts split, expressions compiled
 *   cells.c, params.c, search.c    what nodes.c reads cells with
 *   entities.c, rule_*.c           what a good form must also hold
 *   graph.c                        what depends on what */
#ifndef FORMS_MODEL_BUILD_I_H
#define FORMS_MODEL_BUILD_I_H

#include "forms/base/limits.h"
#include "forms/base/mem.h"
#include "forms/model/choices.h"
#include "forms/model/columns.h"
#include "forms/model/form.h"
#include "forms/model/lang.h"
#include "forms/model/names.h"
#include "forms/model/types.h"
#include "forms/read/clean.h"
#include "forms/read/sheet.h"

struct form_names {
    struct names by_name;  /* name → definition */
    struct names children; /* parent, name → definition */
    struct names repeated; /* names that several definitions have */
    struct names lists;    /* id → number */
};

/* A cell in the sources, for a diagnostic. */
struct spot {
    const struct sheet *sheet;
    uint32_t row;
    uint32_t column; /* NO_COLUMN: none */
};

#define NO_COLUMN DEF_NONE

static inline struct spot spot_at(const struct sheet *sheet, uint32_t row, uint32_t column)
{
    return (struct spot){sheet, row, column};
}

/* A choice list to be. */
struct list_draft {
    struct choice_list *l;
    struct spot at;            /* what first names it */
    bool used, other;          /* other: or_other adds a choice */
    const struct sheet *sheet; /* NULL: a file */
    const struct column_use *use;
    const struct sheet_row **rows;
    bool *wanted; /* columns that filters compare */
};

/* Why a draft is there. */
enum origin {
    FROM_ROW,
    FROM_COUNT,       /* <repeat>_count, of `of` */
    FROM_OTHER,       /* <select>_other, of `of` */
    FROM_LOOP_CHOICE, /* the group of one choice of a loop */
};

/* A node to be: what rows.c knows of it. */
struct draft {
    struct str name;
    uint32_t parent, end;
    enum origin origin;
    const struct sheet_row *row; /* NULL: generated */
    uint32_t of;                 /* draft that this one was generated for */
    struct type_use type;
    uint32_t loop_list, loop_row; /* of FROM_LOOP_CHOICE */
    bool table_list;              /* inside a group with that appearance */
};

/* Rows whose text lacks one language though it has another. */
struct gap {
    struct spot first;
    uint32_t n;
};

struct build {
    struct form *f;
    struct arena *a;      /* the form's */
    struct arena scratch; /* ends with the build */
    const struct host *host;
    struct diags *diags;
    const struct book *book;
    const struct sheet *survey, *choices, *settings, *external, *entities;
    struct column_use *survey_use, *choices_use, *external_use;
    struct str cacah; /* prefix of urn:cacah:1, or "cacah" when a header has it undeclared */
    struct str default_language;
    bool collapse; /* clean_text_values */
    bool duplicates_ok;

    struct draft *drafts;
    size_t n_drafts, cap_drafts;
    struct form_node *nodes; /* f->nodes while it may be written */
    struct form_names *names;
    struct names prefixes;  /* of attributes in a record */
    struct names types;     /* text → number in type_uses */
    struct names instances; /* rows of type xml-external and csv-external */
    struct type_use *type_uses;
    size_t n_type_uses, cap_type_uses;

    struct list_draft *lists;
    size_t n_lists, cap_lists;
    struct external_file **files; /* externals, each once */
    size_t n_files, cap_files, n_itemsets;
    uint64_t table_places;             /* of all lists that stand in sheets */
    struct form_entity *entities_made; /* f->entities while they may be written */
    struct gap *gaps;                  /* by sheet (survey, choices), column and language */
    bool stop;                         /* a limit was passed: no use going on */
};

/* ---- diagnostics (build.c) ---- */

void build_say(struct build *b, enum severity severity, const struct err_kind *kind, struct spot at,
               const struct str args[ERR_ARGS]);
#define ARGS(...)                     ((const struct str[ERR_ARGS]){__VA_ARGS__})
#define build_error(b, kind, at, ...) build_say((b), SEV_ERROR, &(kind), (at), ARGS(__VA_ARGS__))
#define build_warn(b, kind, at, ...)  build_say((b), SEV_WARNING, &(kind), (at), ARGS(__VA_ARGS__))
/* An error of a lower layer: gets the position when it has none; offsets are mapped back to the cell. */
void build_take(struct build *b, struct err *e, struct spot at, struct str raw);
void build_pos(const struct build *b, struct spot at, struct pos *ret);

/* ---- cells (build.c) ---- */

/* The cells of one row, by column. Untranslated columns only; of those with languages any one. */
struct fields {
    const struct cell *v[COL_IDS];
};
void fields_read(const struct build *b, const struct sheet_row *row, struct fields *ret);
/* Cleaned; p == NULL when there is no such cell. */
struct str field(struct build *b, const struct fields *f, enum column_id id);
struct str field_raw(const struct fields *f, enum column_id id);
struct spot field_spot(const struct build *b, const struct sheet_row *row, const struct fields *f,
                       enum column_id id);
struct spot row_spot(const struct build *b, const struct sheet_row *row);
/* yes/no spellings: 1, 0, or -1 for anything else. */
int yes_no(struct str s);

/* ---- the steps ---- */

void settings_read(struct build *b);
void settings_instance_name(struct build *b);
/* What a prefix is declared to stand for under namespaces. */
bool settings_namespace(const struct form *f, struct str prefix, struct str *ret_uri);
/* A letter or _, then letters, digits, _ - . (letters of any script). */
bool name_is_valid(struct str s);
void rows_read(struct build *b);
/* Names and nesting first, so that texts may refer to questions; then everything else. */
void nodes_begin(struct build *b);
void nodes_make(struct build *b);
void nodes_finish(struct build *b); /* what needs the indexes of the lists */
/* Which lists there are, and their rows; then, when the questions are known, tables and labels; then,
 * when the expressions are known, indexes. */
void choices_read(struct build *b);
void choices_tables(struct build *b);
void choices_indexes(struct build *b);
struct list_draft *choices_add(struct build *b, struct str id, struct spot at, bool *ret_new);
/* A cell of a list out of a sheet, before there are tables: what %(name)s in a loop stands for. */
struct str choices_cell(struct build *b, uint32_t list, uint32_t row, struct str column,
                        struct str language);
/* Marks the columns of the list that occur in the text of an expression. */
void choices_want(struct build *b, uint32_t list, struct str text);
/* The number of the external list in `file`, declared if it is new; DEF_NONE after a diagnostic. */
uint32_t external_declare(struct build *b, struct str id, struct str file, struct spot at);
/* A list of itemsets.csv. */
uint32_t external_itemset(struct build *b, struct str list, struct spot at);
void externals_finish(struct build *b);
/* A select with the appearance search(…): moves it to the list in the file; false when it has none. */
bool search_apply(struct build *b, uint32_t def, struct str appearance, struct spot at,
                  struct str *ret_filter);

/* Compiles into c->expr; what is wrong becomes a diagnostic. */
void cell_expr(struct build *b, uint32_t def, struct str raw, struct spot at, bool in_item,
               struct cond *c);
/* Made by this folder out of a cell: a fault in it has the cell's position, but no character. */
void cell_made(struct build *b, uint32_t def, struct str text, struct spot at, bool in_item,
               struct cond *c);
void cell_expr_z(struct build *b, uint32_t def, const char *text, struct cond *c);
/* Splits at ${…}. */
void cell_text(struct build *b, uint32_t def, struct str raw, struct spot at, struct text *ret);
texts cell_texts(struct build *b, uint32_t def, const struct sheet_row *row,
                 const struct sheet *sheet, const struct column_use *use, enum column_id id);

void cells_report_gaps(struct build *b);

/* What a record's elements carry beside their values: instance::x, attribute::x, namespaces. */
void attributes_row(struct build *b, uint32_t def, const struct draft *d);
void attributes_root(struct build *b);

void rule_row_names(struct build *b);
void rule_labels(struct build *b);
void rule_choices(struct build *b);
void rule_more_warnings(struct build *b);
void rule_never(struct build *b);
void rule_refs(struct build *b);
void rule_scalar(struct build *b);
void rule_width(struct build *b);
void entities_check(struct build *b);
void params_read(struct build *b, uint32_t def, const struct draft *d, const struct fields *f);

#endif
