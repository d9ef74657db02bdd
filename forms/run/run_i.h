/* What the files of forms/run share: the instance as a tree of frames. A frame is one instance of a
 * repeat (the root is one too) and holds a cell for every definition of the repeat that is not inside a
 * nested repeat; a nested repeat's cell holds its frames in order. So an answer's cell is found by
 * arithmetic, an instance costs one allocation, and nothing is ever looked up by name.
 *
 * All mutation of a cell goes through touch() first, which keeps what was there: the records of a change
 * are at once its list of changes and its undo. Recalculation is a heap of (rank, frame, definition,
 * facet), fed by trigger() from the form's graph; what waits is a bit in the cell, so nothing waits twice. */
#ifndef FORMS_RUN_RUN_I_H
#define FORMS_RUN_RUN_I_H

#include "forms/run/interview.h"

/* ---- cells and frames ---- */

enum {
    CELL_OWN = 1,      /* its own relevance is true */
    CELL_RELEVANT = 2, /* and that of all above */
    CELL_REQUIRED = 4,
    CELL_READONLY = 8,
    CELL_BROKEN = 16, /* there is an answer and it violates its constraint */
    CELL_WARNS = 32,  /* there is an answer and a soft check is true */
    CELL_CONFIRMED = 64,
    CELL_TYPED_OVER = 128, /* a person's answer over a calculation: stays until its inputs change */
    CELL_NUMBER = 256,     /* `kept.number` is the text's number */
    CELL_DATE = 512,       /* `kept.ms` and `offset_min` are the text's date */
    CELL_STATE = CELL_REQUIRED | CELL_READONLY | CELL_BROKEN | CELL_WARNS | CELL_CONFIRMED,
};

#define CELL_INLINE 16

struct frame;

struct frame_list {
    struct frame **v;
    uint32_t n, cap;
};

struct cell {
    uint16_t flags;
    uint16_t waiting; /* a bit for each facet in the heap */
    uint32_t touched; /* its record in the running change, if that record says so too */
    uint32_t n;       /* bytes of text; up to CELL_INLINE of them in place */
    int32_t offset_min;
    union {
        char in[CELL_INLINE];
        char *heap;
        struct frame_list list; /* of a repeat */
    } u;
    union {
        double number;
        int64_t ms;
    } kept;
};

struct frame {
    struct frame *up; /* NULL: the root */
    uint32_t def;     /* the repeat; 0 for the root */
    uint32_t index;   /* among its siblings */
    uint32_t salt;    /* of this instance for good: random orders stand on it */
    uint32_t born;    /* the change that made it */
    bool gone;        /* taken out; only the undo log knows it */
    struct cell cells[];
};

/* What the way of an answer needs of a definition, close together: a form's nodes are large. */
struct plan {
    uint32_t home;  /* the repeat whose frames hold its cell; 0: the root's */
    uint32_t slot;  /* its cell there */
    uint32_t own;   /* the repeat whose instances are the nodes' own: of a repeat, itself */
    uint32_t cells; /* of a repeat and the root: in one of its frames */
    uint16_t has;   /* facets that have something to compute */
    bool repeat, container;
};

/* ---- changes ---- */

enum {                         /* beside CHANGED_* in record.what */
       RECORD_VALUE = 0x100,   /* the text was replaced; `old` owns the former one */
       RECORD_ADDED = 0x200,   /* structural: `frame` came */
       RECORD_REMOVED = 0x400, /* structural: `frame` went */
       RECORD_FIRED = 0x800,   /* its trigger has run in this change */
};

struct record {
    struct frame *frame;
    uint32_t def;
    uint32_t what;
    struct cell old; /* of a repeat: flags only */
};

struct op {
    size_t start;   /* its first record */
    uint32_t epoch; /* the interview's when it was done */
};

struct log {
    struct record *v;
    size_t n, cap;
    size_t text; /* bytes that the records own */
    struct op *ops;
    size_t done, n_ops, ops_cap; /* from `done` on they are undone */
};

struct item {
    uint32_t rank, round, def;
    enum facet facet;
    struct frame *frame;
};

enum mode {
    MODE_LIVE, /* changes are recorded */
    MODE_LOAD, /* a new or read interview settles: nothing is recorded, no trigger fires */
};

struct interview {
    struct tree tree; /* first: a node's tree is its interview */
    const struct form *form;
    struct host host;
    struct frame *root;

    struct plan *plan; /* of each definition */

    enum mode mode;
    bool reading; /* from a record: instances and values come from there */
    struct item *heap;
    size_t heap_n, heap_cap;
    struct item now; /* being computed; no frame: nothing is */
    struct log log;
    size_t change; /* the first record of the running change */
    bool undoable; /* it is */
    struct change *changes;
    size_t n_changes, changes_cap;
    struct frame **graves; /* taken out in a change that cannot be undone */
    size_t n_graves, graves_cap;
    struct frame **fresh; /* new ones whose dynamic defaults are still to come */
    size_t n_fresh, fresh_cap;
    uint32_t serial;   /* of the running change */
    uint32_t computed; /* facets, in the running change */
    uint64_t stirs;    /* counts values and relevances changed */
    uint32_t epoch;    /* counts what happened outside the log */
    uint64_t kept;     /* changes that went into the log as new ones */

    struct arena scratch; /* of an evaluation */
    struct arena answers; /* what interview_eval gave */
    uint32_t *rows;       /* interview_choices */
    size_t rows_cap;
    uint32_t language;
    int outcome;
    uint32_t next_salt;
    uint64_t seed; /* of orders without a seed of their own, and of new entities' ids */
    struct entity_id *entity_ids; /* those that came with a record, by instance and entity */
    size_t n_entity_ids, entity_ids_cap;
    struct err fault; /* the first fault of an expression, until asked for */

    void (*watch)(void *ctx, uint32_t def, enum facet facet, uint32_t which, bool truth);
    void *watch_ctx;
};

/* ---- record_entity.c: the meta blocks of entities ---- */

#define UUID_TEXT 36

struct entity_id {
    uint32_t salt, entity; /* of the frame; its number in the form */
    char text[UUID_TEXT];
};

bool entity_due(struct interview *iv, struct frame *f, uint32_t number); /* has one now */
void entity_add(struct interview *iv, struct frame *f, uint32_t number, uint32_t flags,
                struct buf *out);
/* A meta block of a record: keeps the ids of its entities. */
void entity_read(struct interview *iv, struct frame *f, uint32_t container, struct node meta,
                 struct arena *a);
void entity_read_done(struct interview *iv);

/* ---- record.c: XML, out ---- */

void xml_add_text(struct buf *out, struct str s);
void xml_add_attribute(struct buf *out, struct str name, struct str value);

/* ---- instance.c: frames, cells, the tree ---- */

extern const struct tree_ops instance_ops;

void plan_make(struct interview *iv);
struct frame *frame_new(struct interview *iv, struct frame *up, uint32_t def, uint32_t index);
void frame_free(struct interview *iv, struct frame *f); /* and all within; wipes */

static inline struct cell *cell_at(const struct interview *iv, struct frame *f, uint32_t def)
{
    return &f->cells[iv->plan[def].slot];
}
static inline const struct form_node *node_at(const struct interview *iv, uint32_t def)
{
    return &iv->form->nodes[def];
}
static inline struct str cell_text(const struct cell *c)
{
    return (struct str){c->n > CELL_INLINE ? c->u.heap : c->u.in, c->n};
}
/* Whether repeat `r` (0: the root) is at or above `def`. */
static inline bool repeat_above(const struct interview *iv, uint32_t r, uint32_t def)
{
    return r == 0 || (r <= def && def < iv->form->nodes[r].end);
}
/* The cell that holds the relevance of the parent of (f, def). */
struct cell *parent_cell(const struct interview *iv, struct frame *f, uint32_t def);
/* A node handle; for a repeat's own definition within one of its frames: that instance. */
static inline struct node node_of(const struct interview *iv, struct frame *f, uint32_t def)
{
    return (struct node){&iv->tree, f, def, 0};
}
/* The next repeat on the way from frames of `above` down to `home`. */
uint32_t repeat_towards(const struct interview *iv, uint32_t above, uint32_t home);
bool frame_attached(const struct frame *f);

/* ---- place.c ---- */

/* The frame and definition of a place; a repeat instance is (its frame, the repeat), a repeat as a whole
 * (the frame around it, the repeat). False: an instance on the way doesn't exist. */
bool place_find(const struct interview *iv, const struct place *p, struct frame **ret);
struct place place_of(const struct interview *iv, const struct frame *f, uint32_t def);

/* ---- log.c: records, changes, undo ---- */

void op_begin(struct interview *iv, bool undoable);
/* Keeps what the cell was, once a change. NULL while loading and for frames this change has made. */
struct record *touch(struct interview *iv, struct frame *f, uint32_t def, uint32_t what);
void record_structure(struct interview *iv, struct frame *f, uint32_t what);
/* Settles, and ends the change: its list of changes, and into the log when it is undoable. */
void op_end(struct interview *iv, struct changes *ret);
void log_clear(struct interview *iv);
void log_free(struct interview *iv);
void bury(struct interview *iv); /* frees the instances taken out for good */
void list_insert(struct interview *iv, struct frame *f);
void list_take(struct interview *iv, struct frame *f);

/* ---- answer.c: text and value ---- */

struct answer {
    struct str text;
    uint16_t kept; /* CELL_NUMBER, CELL_DATE or 0 */
    double number;
    struct date date;
};

/* A person's text, made canonical for the type; the text lives in `a`. Not for selects' choices. */
MUST_USE bool answer_parse(const struct interview *iv, const struct form_node *n, struct str text,
                           struct arena *a, struct answer *ret, struct err *e);
/* What a calculation yields, converted to the type; blank when it can't be. */
struct answer answer_of(const struct interview *iv, const struct form_node *n,
                        const struct value *v, struct eval *ev);
/* Stores; true when the text differs. Knows nothing of what depends on it. */
bool cell_put(struct interview *iv, struct frame *f, uint32_t def, const struct answer *a);
bool cell_value(const struct interview *iv, const struct cell *c, uint32_t def, struct value *ret);
enum missing answer_missing(const struct form_node *n, struct str text);

/* ---- recalc.c ---- */

void recalc_push(struct interview *iv, struct frame *f, uint32_t def, enum facet facet);
void recalc_push_frame(struct interview *iv, struct frame *f, uint32_t facets);
/* The reader's frames, seen from a change in `f`. */
void recalc_push_reader(struct interview *iv, struct frame *f, const struct edge *e);
#define RECALC_EVERYTHING ((1u << FACETS) - 1 - (1u << FACET_LABEL) - (1u << FACET_TRIGGER))
void recalc_settle(struct interview *iv); /* until nothing waits */
void recalc_drain(struct interview *iv);  /* and the defaults of new instances */
void recalc_push_edges(struct interview *iv, const struct edge *e, uint32_t n);
void recalc_all(struct interview *iv);
/* Everything anew; a change of its own, outside the log. */
void recalculate(struct interview *iv, struct changes *ret);
/* The value or relevance of (f, def) changed: everything that reads it waits. */
void trigger(struct interview *iv, struct frame *f, uint32_t def);
void value_changed(struct interview *iv, struct frame *f, uint32_t def);
/* Relevance of (f, def) from its own and the one above, and on down. */
void relevance_settle(struct interview *iv, struct frame *f, uint32_t def);
void eval_init(struct interview *iv, struct eval *ev, struct frame *f, uint32_t def);
/* A fault of an expression is kept in iv->fault for interview_fault(); a condition then yields
 * `otherwise`, which is what lets the interview go on. */
bool eval_run(struct interview *iv, const struct expr *x, struct eval *ev, struct value *ret);
bool eval_truth(struct interview *iv, const struct expr *x, struct eval *ev, bool otherwise);
bool eval_check(struct interview *iv, const struct expr *x, struct frame *f, uint32_t def,
                bool otherwise);

/* ---- repeat.c ---- */

/* A new last instance, and within it one of each uncounted repeat unless a record is being read. */
struct frame *repeat_grow(struct interview *iv, struct frame *around, uint32_t def);
void repeat_shrink(struct interview *iv, struct frame *f);
void repeat_settle_count(struct interview *iv, struct frame *around, uint32_t def);
/* First instances of the uncounted repeats of a new frame. */
void repeat_seed(struct interview *iv, struct frame *f);
/* Evaluates them in document order, each settled before the next. */
void dynamic_defaults(struct interview *iv, struct frame *f);

/* ---- interview.c ---- */

/* What the machine knows: start, end, today, deviceid … */
void preload_put(struct interview *iv, struct frame *f, uint32_t def);
/* Made but empty: no frame yet. */
MUST_USE bool interview_alloc(struct interview **ret, const struct form *f, const struct host *host,
                              struct err *e);
/* Everything settles for the first time. */
void interview_settle(struct interview *iv);

/* ---- select.c ---- */

bool is_select(const struct form_node *n);
/* The rows offered, into iv->rows. */
void select_rows(struct interview *iv, struct frame *f, uint32_t def, struct choices *ret);
bool select_offers(struct interview *iv, struct frame *f, uint32_t def, struct str name);
/* Canonical text of chosen names: known, offered, in list order, none twice. */
MUST_USE bool select_parse(struct interview *iv, struct frame *f, uint32_t def, struct str text,
                           struct arena *a, struct answer *ret, struct err *e);
/* Drops what is no longer offered; true when the value changed. */
bool select_prune(struct interview *iv, struct frame *f, uint32_t def);
/* The label of a name in the active language, false: no such choice. */
bool select_label(struct interview *iv, struct frame *f, uint32_t def, struct str name,
                  struct buf *out);

/* ---- text.c ---- */

bool text_fill(struct interview *iv, texts t, struct frame *f, uint32_t def, struct buf *out);

/* ---- nav.c ---- */

struct cursor {
    struct frame *frame;
    uint32_t def;
    bool whole; /* a repeat's end, where instances are added */
};

/* Every node of the instance in document order, a repeat as a whole after its instances. `into`: also
 * below the cursor's node. False: the end. */
bool cursor_next(const struct interview *iv, struct cursor *c, bool into);
bool cursor_prev(const struct interview *iv, struct cursor *c);

struct node_state state_at(const struct interview *iv, struct frame *f, uint32_t def);
bool readonly_at(const struct interview *iv, const struct frame *f, uint32_t def);

/* What a script's coverage listens to: every condition evaluated and what it came to, every other
 * expression with `truth` true. `which` is the number of a soft check. */
void interview_watch(struct interview *iv,
                     void (*watch)(void *ctx, uint32_t def, enum facet facet, uint32_t which,
                                   bool truth),
                     void *ctx);

#endif
