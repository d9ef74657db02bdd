/* An interview: the mutable instance of a form. Every change goes through here, is recalculated
 * incrementally, and answers with the list of what changed; the result is always what a recalculation of
 * everything would give (a property test holds it to that). Nothing here opens a file or draws.
 *
 *   interview.h  what others see            instance.[ch]  frames and cells; the tree expressions walk
 *   recalc.[ch]  the heap over ranks         answer.[ch]    text → canonical value of a type
 *   repeat.[ch]  instances come and go       select.[ch]    the choices offered now
 *   nav.[ch]     next and previous askable   text.[ch]      labels with what ${…} stands for
 *   record.[ch]  instance XML, and back      script.[ch]    form scripts (.try)
 *   validate.[ch] required, constraint, soft checks, finalise */
#ifndef FORMS_RUN_INTERVIEW_H
#define FORMS_RUN_INTERVIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "forms/base/arena.h"
#include "forms/base/buf.h"
#include "forms/base/err.h"
#include "forms/base/host.h"
#include "forms/base/limits.h"
#include "forms/model/form.h"

struct interview;

/* Where in an interview: a definition and, from outermost to innermost, the 0-based instance of each
 * repeat at or above it. For a repeat itself: with its own index an instance, with depth one less the
 * repeat as a whole (`whole` true). Stays valid as long as those instances exist. */
struct place {
    uint32_t def;
    uint8_t depth;
    bool whole;
    uint32_t index[LIMIT_REPEAT_DEPTH];
};

#define PLACE_NONE ((struct place){.def = DEF_NONE})
bool place_eq(const struct place *a, const struct place *b);

/* ---- life ---- */

/* A fresh one: first-load defaults, start, counts, calculations. External lists must be loaded
 * (ERR_LIST_MISSING). The form must outlive it; `host` is copied. */
MUST_USE bool interview_new(struct interview **ret, const struct form *f, const struct host *host,
                            struct err *e);
/* From a record's XML (edit, correct, reload): no first-load defaults. Unknown elements are
 * ERR_RECORD_UNKNOWN unless `lenient`, which counts what had no place in *ret_lost (may be NULL). */
MUST_USE bool interview_read(struct interview **ret, const struct form *f, const struct host *host,
                             struct str xml, bool lenient, uint32_t *ret_lost, struct err *e);
/* The same from the XML written with RECORD_NO_PII and the lines of interview_pii(). */
MUST_USE bool interview_read_parts(struct interview **ret, const struct form *f,
                                   const struct host *host, struct str xml, struct str pii,
                                   bool lenient, uint32_t *ret_lost, struct err *e);
void interview_free(struct interview *iv); /* wipes the answers */
const struct form *interview_form(const struct interview *iv);

/* ---- change ---- */

enum {
    CHANGED_VALUE = 1,
    CHANGED_RELEVANT = 2,
    CHANGED_VALID = 4, /* required, readonly, constraint or soft checks */
    CHANGED_CHOICES = 8,
    CHANGED_TEXT = 16,     /* label, hint or message */
    CHANGED_INSTANCES = 32 /* of a repeat: `whole` place */
};

struct change {
    struct place place;
    uint32_t what;
};

/* Valid until the next change of the interview. */
struct changes {
    const struct change *v;
    size_t n;
};

/* Takes an answer as a person would. The text is made canonical for the type ("007" → 7 for an integer);
 * the wrong type, a place that isn't relevant, read-only or not a question: false, nothing changed
 * (ERR_ANSWER_TYPE, ERR_NOT_RELEVANT, ERR_READONLY, ERR_NOT_QUESTION, ERR_NO_CHOICE). A value that breaks its
 * constraint is held, and is not valid (decisions.md 10). Blank clears. */
MUST_USE bool interview_set(struct interview *iv, const struct place *p, struct str text,
                            struct changes *ret, struct err *e);
MUST_USE bool interview_clear(struct interview *iv, const struct place *p, struct changes *ret,
                              struct err *e);
/* The "don't know", "refused", "not applicable" key: sets the code that the form declares;
 * ERR_NO_MISSING when it declares none. */
MUST_USE bool interview_set_missing(struct interview *iv, const struct place *p, enum missing kind,
                                    struct changes *ret, struct err *e);
/* A new last instance of a repeat (p: the repeat as a whole); *ret_at is the new instance. Refused where
 * repeat_count rules (ERR_REPEAT_COUNTED). */
MUST_USE bool interview_add(struct interview *iv, const struct place *p, struct place *ret_at,
                            struct changes *ret, struct err *e);
MUST_USE bool interview_remove(struct interview *iv, const struct place *instance,
                               struct changes *ret, struct err *e);
/* A soft check of this question is confirmed as it stands (until the value changes). */
MUST_USE bool interview_confirm(struct interview *iv, const struct place *p, struct changes *ret,
                                struct err *e);
/* The interview's outcome code when the form has no outcome question; any but 0 and 1 waives required. */
void interview_set_outcome(struct interview *iv, int code);
int interview_outcome(
    const struct interview *iv); /* the question's value, else what was set, else 0 */
MUST_USE bool interview_set_language(struct interview *iv, uint32_t language, struct changes *ret,
                                     struct err *e);
uint32_t interview_language(const struct interview *iv);

/* Takes back the last set, clear, add, remove or confirm, exactly; false with ERR_NOTHING_TO_UNDO. */
MUST_USE bool interview_undo(struct interview *iv, struct changes *ret, struct err *e);
MUST_USE bool interview_redo(struct interview *iv, struct changes *ret, struct err *e);

/* Whether there is anything to take back, or to do again. */
bool interview_can_undo(const struct interview *iv);
bool interview_can_redo(const struct interview *iv);

/* For a caller that writes down what was done: how many changes went into the log so far (what changed
 * nothing doesn't), and to take back the last one for good, so that it cannot be redone either. */
uint64_t interview_kept(const struct interview *iv);
MUST_USE bool interview_take_back(struct interview *iv, struct changes *ret, struct err *e);

/* A value known beforehand (an assignment's), also for hidden, read-only and not relevant nodes; not a
 * change that a person could undo. */
MUST_USE bool interview_prefill(struct interview *iv, const struct place *p, struct str text,
                                struct changes *ret, struct err *e);

/* Everything computed anew, whatever changed: for tests, and when the clock has moved on. */
MUST_USE bool interview_recalculate(struct interview *iv, struct changes *ret, struct err *e);

/* An expression that could not be run (step limit, a function's own fault) yields blank, or what lets the
 * interview go on; the first such fault since last asked. False, with the fault in *e: there was one. */
MUST_USE bool interview_fault(struct interview *iv, struct err *e);

/* ---- look ---- */

struct node_state {
    bool exists;   /* the instances on the way exist */
    bool relevant; /* itself and all above */
    bool required; /* now; false when an outcome waives it */
    bool readonly;
    bool answered; /* not blank */
    bool valid;    /* type and constraint; blank is valid here */
    bool complete; /* valid, and not (required and blank) */
    bool warns;    /* a soft check is true */
    bool confirmed;
    enum missing missing; /* the value is one of the declared codes; MISSING_NOT: no */
    uint32_t instances;   /* of a repeat as a whole */
};

struct node_state interview_state(const struct interview *iv, const struct place *p);
/* The stored text; "" when blank. Valid until the next change. A non-relevant node's kept value too. */
struct str interview_value(const struct interview *iv, const struct place *p);
uint32_t interview_instances(const struct interview *iv, const struct place *repeat_whole);

enum text_kind {
    TEXT_LABEL,
    TEXT_HINT,
    TEXT_GUIDANCE,
    TEXT_REQUIRED_MESSAGE,
    TEXT_CONSTRAINT_MESSAGE
};
/* In the active language, ${…} filled in, Markdown as written; false: no such text. */
bool interview_text(struct interview *iv, const struct place *p, enum text_kind kind,
                    struct buf *out);
/* What it violates now: the required or constraint message, or the default sentence's key. False: nothing. */
bool interview_message(struct interview *iv, const struct place *p, struct buf *out);
/* The messages of the soft checks that are true now, i = 0 …; false: no i-th. */
bool interview_warning(struct interview *iv, const struct place *p, uint32_t i, struct buf *out);

/* The choices offered now, in their order on the screen. */
struct choices {
    const uint32_t *rows; /* of the list (or instances of the repeat, for select_one ${question}) */
    size_t n;
};
MUST_USE bool interview_choices(struct interview *iv, const struct place *p, struct choices *ret,
                                struct err *e);
struct str interview_choice_name(const struct interview *iv, const struct place *p, uint32_t row);
bool interview_choice_label(struct interview *iv, const struct place *p, uint32_t row,
                            struct buf *out);
/* The value as a person reads it: choice labels, or the text. */
bool interview_value_text(struct interview *iv, const struct place *p, struct buf *out);

/* An expression of no form's cell (form eval, quota conditions), in the context of a node. */
MUST_USE bool interview_eval(struct interview *iv, const struct expr *x,
                             const struct place *context, struct value *ret, struct str *ret_text,
                             struct err *e);
/* Compiles one against the form; the program lives in `a`. */
MUST_USE bool form_expr(struct expr **ret, const struct form *f, struct str text, uint32_t context,
                        struct arena *a, struct err *e);

/* ---- ways ---- */

/* Steps over everything that a person is asked or shown (questions, notes, acknowledges; a repeat as a
 * whole where instances may be added; no groups unless `groups`), in order, relevant ones only. From
 * PLACE_NONE: the first, the last. False: no further one. */
enum { NAV_GROUPS = 1 };
bool interview_next(const struct interview *iv, struct place *p, uint32_t flags);
bool interview_prev(const struct interview *iv, struct place *p, uint32_t flags);
/* The first place at or after `from` (PLACE_NONE: the beginning) that is not complete or has an
 * unconfirmed soft check when `soft`; false: none. */
bool interview_first_open(const struct interview *iv, const struct place *from, bool soft,
                          struct place *ret);
/* "/data/hh[2]/age" (1-based indices on every repeat) and back. Parsing also takes a bare unique name,
 * without an index the first instance; false: no such place in the form (or index beyond LIMIT). */
void place_text(const struct form *f, const struct place *p, struct buf *out);
bool place_parse(const struct form *f, struct str text, struct place *ret);

/* ---- the record ---- */

enum {
    RECORD_DRAFT = 1,  /* with the values of non-relevant nodes: nothing is lost */
    RECORD_NO_PII = 2, /* pii nodes empty */
};
/* The instance as an ODK server accepts it. instance_id: "uuid:…"; deprecated: NULL or the one it replaces. */
bool interview_xml(struct interview *iv, uint32_t flags, struct str instance_id,
                   struct str deprecated_id, struct buf *out);
/* pii values: "path TAB escaped value LF" in document order. */
bool interview_pii(struct interview *iv, struct buf *out);
/* The record's display name; "" when the form has none. */
bool interview_name(struct interview *iv, struct buf *out);
/* Recomputes and validates all; false with the first offender at *ret_at and the reason in *e
 * (ERR_INCOMPLETE). Sets `end`. Does not write anything. */
MUST_USE bool interview_finalise(struct interview *iv, struct place *ret_at, struct err *e);

#endif
