/* One interview being held: the engine (forms/run) and the draft's journal (sync/store) kept in step. An
 * answer goes into the engine, then as one sealed event to the disk, and only then is it taken: when the
 * disk refuses, the engine is put back and the caller shows why. Cursor moves are buffered and go with
 * the next answer, after two seconds, on session_flush (decisions.md 37). Resuming replays the journal
 * through the same engine on a host that gives back the recorded clock and randomness (decisions.md 1). */
#ifndef APP_FLOW_SESSION_H
#define APP_FLOW_SESSION_H

#include "app/flow/survey.h"
#include "forms/run/interview.h"

struct session;

/* Prefilled values by node name (assignments, visit number). */
struct prefill {
    struct str name, value;
};

MUST_USE bool session_begin(struct session **ret, struct survey *sv, const struct hash32 *form,
                            const struct prefill *prefill, size_t n_prefill, struct err *e);
MUST_USE bool session_resume(struct session **ret, struct survey *sv, const struct id16 *uuid,
                             struct err *e);
/* The same for an assignment of that id (assign.h): lists name it beside the interview. */
MUST_USE bool session_begin_assigned(struct session **ret, struct survey *sv,
                                     const struct hash32 *form, struct str assignment,
                                     const struct prefill *prefill, size_t n_prefill,
                                     struct err *e);
/* A new draft of the same interview that corrects this revision (a returned one): its answers, personal
 * ones too while they are there. */
MUST_USE bool session_correct(struct session **ret, struct survey *sv, const struct hash32 *rev_id,
                              struct err *e);
/* Flushes; frees and wipes. The draft stays. */
void session_close(struct session *s);

struct interview *session_interview(struct session *s);
const struct form *session_form(const struct session *s);
const struct id16 *session_uuid(const struct session *s);
/* "XXXX-XXXX-C" (decisions.md 13) */
void session_code(const struct session *s, struct buf *out);
/* What the form calls it (instance_name), once all that this is made of is answered; else nothing. */
void session_name(const struct session *s, struct buf *out);
int64_t session_saved_ms(const struct session *s);  /* wall clock of the last durable event */
int64_t session_active_ms(const struct session *s); /* time held so far, pauses left out */

/* As the functions of interview.h, durably. */
MUST_USE bool session_set(struct session *s, const struct place *p, struct str text,
                          struct changes *ret, struct err *e);
MUST_USE bool session_clear(struct session *s, const struct place *p, struct changes *ret,
                            struct err *e);
MUST_USE bool session_set_missing(struct session *s, const struct place *p, enum missing kind,
                                  struct changes *ret, struct err *e);
MUST_USE bool session_add(struct session *s, const struct place *p, struct place *ret_at,
                          struct changes *ret, struct err *e);
MUST_USE bool session_remove(struct session *s, const struct place *instance, struct changes *ret,
                             struct err *e);
MUST_USE bool session_confirm(struct session *s, const struct place *p, struct changes *ret,
                              struct err *e);
MUST_USE bool session_undo(struct session *s, struct changes *ret, struct err *e);
MUST_USE bool session_redo(struct session *s, struct changes *ret, struct err *e);
MUST_USE bool session_set_language(struct session *s, uint32_t language, struct changes *ret,
                                   struct err *e);
/* Reads the file, seals it into the store and makes its name there the answer: one transaction. Refused: no
 * regular file, not readable, empty, above 64 MiB, above 256 MiB together, no room. `told` (or NULL) hears how
 * much of the work is done; false ends it: ERR_ATTACH_STOPPED, and nothing has changed. */
MUST_USE bool session_attach(struct session *s, const struct place *p, const char *path,
                             bool (*told)(void *ctx, uint64_t done, uint64_t all), void *ctx,
                             struct changes *ret, struct err *e);
/* The file that is the answer now. False: there is none, or the answer only names one. Valid until the next
 * change. */
struct session_file {
    struct str name, original; /* in the store; as it was called, or "" */
    uint64_t length;
};
bool session_file(struct session *s, const struct place *p, struct session_file *ret);
/* A note on a question (sealed as pii); "" removes it. session_note_of appends the present one. */
MUST_USE bool session_note(struct session *s, const struct place *p, struct str text,
                           struct err *e);
bool session_note_of(const struct session *s, const struct place *p, struct buf *out);
size_t session_notes(const struct session *s);

/* The cursor is at p with that much typed (text of the wrong type is kept as typed text). */
void session_move(struct session *s, const struct place *p, struct str typed);
bool session_cursor(const struct session *s, struct place *ret, struct buf *ret_typed);
/* Writes buffered moves when they are two seconds old, or `now`. */
MUST_USE bool session_flush(struct session *s, bool now, struct err *e);

/* A contact attempt (outcome code, appointment 0 or epoch ms, remark); the interview stays a draft. */
MUST_USE bool session_visit(struct session *s, int outcome, int64_t appointment_ms,
                            struct str remark, struct err *e);
MUST_USE bool session_outcome(struct session *s, int code, struct changes *ret, struct err *e);

/* Validates, and ends the draft as a record. False with ERR_INCOMPLETE and the place when something is
 * missing. The session is at its end afterwards: only close may follow. */
MUST_USE bool session_finalise(struct session *s, struct place *ret_at, struct hash32 *ret_rev,
                               struct err *e);
MUST_USE bool session_void(struct session *s, struct str reason, struct err *e);

#endif
