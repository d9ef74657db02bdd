/* The cell `type` of a survey row, taken apart. types.def has the words. */
#ifndef FORMS_MODEL_TYPES_H
#define FORMS_MODEL_TYPES_H

#include "forms/base/arena.h"
#include "forms/model/form.h"

enum row_kind { ROW_UNKNOWN, ROW_QUESTION, ROW_INSTANCE, ROW_BEGIN, ROW_END };
enum section { SECTION_GROUP, SECTION_REPEAT, SECTION_LOOP };
enum source { SOURCE_NONE, SOURCE_LIST, SOURCE_FILE, SOURCE_EXTERNAL, SOURCE_QUESTION };

enum {
    FLAG_INSTANCE = 1, /* csv-external, xml-external: `media` is the file's ending */
    FLAG_PHONE = 2,
    FLAG_PERCENTAGE = 4,
    FLAG_DAYS_MONTH = 8,
    FLAG_DAYS_SIX = 16,
    FLAG_DAYS_YEAR = 32,
    FLAG_OLD = 64, /* no device of today knows it */
};

struct type_use {
    enum row_kind kind;
    enum section section;
    enum node_type type;
    enum stored stored;
    const char *extra; /* media, preload, or the file's ending */
    unsigned flags;
    enum source source;
    struct str
        list; /* list, file, or the name in ${…}; loops have one too; "" when it is wanted and missing */
    bool or_other;
    bool legacy; /* a spelling of before 2015 */
};

struct type_use types_read(struct str text);
/* The word that was probably meant; NULL: none. */
const char *types_near(struct str text);
/* The constraint that a legacy type brings with it, or NULL. */
const char *types_constraint(unsigned flags);

#endif
