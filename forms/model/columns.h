/* What the headers of a sheet mean: for each column its place in the language, its translation, and what
 * is left of the header (a bind attribute's name, a choice's own column). columns.def has the words. */
#ifndef FORMS_MODEL_COLUMNS_H
#define FORMS_MODEL_COLUMNS_H

#include "forms/base/arena.h"
#include "forms/model/lang.h"
#include "forms/read/sheet.h"

enum column_id {
    COL_NONE, /* no word of ours */
    COL_TYPE,
    COL_NAME,
    COL_LABEL,
    COL_HINT,
    COL_GUIDANCE,
    COL_REQUIRED,
    COL_REQUIRED_MESSAGE,
    COL_RELEVANT,
    COL_CONSTRAINT,
    COL_CONSTRAINT_MESSAGE,
    COL_CALCULATION,
    COL_READONLY,
    COL_DEFAULT,
    COL_TRIGGER,
    COL_CHOICE_FILTER,
    COL_PARAMETERS,
    COL_APPEARANCE,
    COL_REPEAT_COUNT,
    COL_SAVE_TO,
    COL_ROWS,
    COL_DISABLED,
    COL_LIST_NAME,
    COL_KEPT,
    COL_BIND_TYPE,
    COL_BIND, /* another bind attribute: `sub` is its name */
    COL_BODY, /* another body attribute */
    COL_INSTANCE,
    COL_MEDIA,        /* `sub` is its kind */
    COL_WARN,         /* bind::cacah:warn; `number` 1 … */
    COL_WARN_MESSAGE, /* `sub` is the language code */
    COL_MISSING,
    COL_OUTCOME,
    COL_PII,
    COL_REPORT,
    COL_IDS
};

struct column_use {
    enum column_id id;
    struct str language; /* p == NULL: none given */
    struct str sub;
    uint32_t number;
    uint32_t lang; /* the language's number; set by lang_collect() */
};

/* One a header. `cacah` is the prefix that stands for urn:cacah:1. */
struct column_use *columns_read(const struct sheet *s, struct str cacah, struct arena *a);
/* A word of ours that is nearly `header`, for a hint; NULL: none. */
const char *columns_near(struct str header);
/* Lower case, runs of blanks as one underscore. */
struct str columns_fold(struct str header, struct arena *a);

#endif
