/* The fields of an interview, a file a type. A widget is made from plain data (struct field),
 * takes actions and keys, draws itself into an area, and tells the text of its answer; it knows
 * no interview, and nothing of where answers go.
 *
 *   picker.[ch]  the list under all choices: codes, cursor, narrowing by typing
 *   w_select.c   one of a list          w_multiple.c  several         w_rank.c    an order
 *   w_number.c   integer, decimal       w_range.c     on a scale      w_text.c    a line, several
 *   w_date.c     date, time, both       w_geo.c       places          w_file.c    a file to attach
 *   w_note.c     shown, acknowledged    w_repeat.c    the rows of a repeat */
#ifndef APP_VIEW_WIDGET_H
#define APP_VIEW_WIDGET_H

#include "app/view/edit.h"

enum field_kind {
    FIELD_SELECT,
    FIELD_MULTIPLE,
    FIELD_RANK,
    FIELD_INTEGER,
    FIELD_DECIMAL,
    FIELD_RANGE,
    FIELD_TEXT,
    FIELD_DATE,
    FIELD_TIME,
    FIELD_DATETIME,
    FIELD_GEOPOINT,
    FIELD_GEOPOINTS, /* trace, shape: a point a line */
    FIELD_FILE,
    FIELD_NOTE,
    FIELD_ACKNOWLEDGE,
    FIELD_REPEAT,
};

/* Choices, or the rows of a repeat, asked for when they are shown. */
struct choice_source {
    void *ctx;
    size_t n;
    struct str (*name)(void *ctx, size_t i); /* valid until the next change of the interview */
    void (*label)(void *ctx, size_t i, struct buf *out);
    void (*words)(void *ctx, size_t i, struct buf *out); /* what is searched; NULL: the label */
};

/* The paths that go on from what is typed, a line each. */
struct file_source {
    void *ctx;
    void (*list)(void *ctx, struct str typed, struct buf *out);
};

/* How many choices a list has before typing letters narrows it. */
#define CHOICES_SEARCHED 10
#define MISSING_CODES    3

struct field {
    enum field_kind kind;
    struct str value; /* as stored; "" blank */
    bool readonly;
    struct choice_source choices;
    struct file_source files;
    struct str stored; /* the file that is the answer, in words; lives as long as the widget */
    struct str missing[MISSING_CODES]; /* codes not read out: shown apart, behind the others */
    bool plain;                        /* a list of the program: no codes, only rows to go to */
    bool grows;                        /* more choices come (picker_grown) */
    bool searched;    /* narrow by typing, however few they are (minimal, autocomplete) */
    bool columns_all; /* as many columns as fit (columns, likert) */
    int columns;      /* columns-N; 0: one */
    bool lines;       /* a text of several lines */
    bool masked, digits_only, counter, thousands;
    bool month_only, year_only; /* how much of a date is asked */
    bool may_add;               /* of a repeat */
    double start, end, step;    /* of a range */
    int64_t now_ms;             /* wall clock, local: for "today" */
};

enum did {
    DID_NOTHING, /* not for this widget */
    DID_SOMETHING,
    DID_TYPE,   /* what is typed changed: worth keeping */
    DID_TAKE,   /* the answer is complete: take it and go on */
    DID_REFUSE, /* the key can't be typed here */
    DID_ADD,    /* of a repeat: a new row, */
    DID_OPEN,   /* the one at the cursor opened, */
    DID_REMOVE, /* or removed */
    DID_LOCATE, /* of a place: the receiver is asked */
};

struct widget;

struct widget_ops {
    size_t size; /* of its struct, which begins with a struct widget */
    unsigned contexts;
    bool typing; /* printing characters are text */
    void (*open)(struct widget *w);
    enum did (*input)(struct widget *w, const struct input *in);
    int (*rows)(struct widget *w,
                int cols); /* wanted at this width; at least 1, or 0: shows nothing */
    void (*draw)(struct widget *w, struct area a, bool focus);
    /* The answer as interview_set takes it, appended. False: it is none yet; *ret_why says what
     * to do. */
    bool (*answer)(struct widget *w, struct buf *out, const char **ret_why);
    /* What was typed and is not an answer yet, to be kept with the cursor; NULL: nothing ever. */
    struct str (*typed)(const struct widget *w);
    void (*set_typed)(struct widget *w, struct str typed);
    void (*close)(struct widget *w);
    size_t (*row)(const struct widget *w);       /* see widget_row */
    void (*to)(struct widget *w, size_t choice); /* puts the cursor there */
};

struct widget {
    const struct widget_ops *ops;
    struct field f; /* value: a copy of its own */
    struct buf value;
    bool touched; /* differs from the value it began with */
};

struct widget *widget_new(const struct field *f);
void widget_free(struct widget *w); /* wipes; accepts NULL */
struct situation widget_situation(const struct widget *w);
enum did widget_input(struct widget *w, const struct input *in);
/* "" when nothing is typed that isn't an answer. */
struct str widget_typed(const struct widget *w);

/* For widgets: a key goes into the text of the field. */
enum did widget_edit(struct widget *w, struct edit *ed, const struct input *in);

/* What widgets share that are one edited text: their struct begins with it. */
struct typed_widget {
    struct widget w;
    struct edit ed;
};
struct typed_widget *typed_of(const struct widget *w);
struct str typed_text(const struct widget *w);
void typed_set(struct widget *w, struct str text);
void typed_close(struct widget *w);

extern const struct widget_ops widget_select, widget_multiple, widget_rank, widget_number,
    widget_range, widget_text, widget_date, widget_geo, widget_file, widget_note,
    widget_acknowledge, widget_repeat;

/* The row of a repeat, or the choice, at the cursor; SIZE_MAX: none. */
size_t widget_row(const struct widget *w);

#endif
