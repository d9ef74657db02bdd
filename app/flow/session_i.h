/* What the files of a session share.
 *
 *   session.c  life: begin, resume, close      journal.c  events to the disk and back through the engine
 *   act.c      what a person does              finish.c   finalise, void
 *   files.c    files attached */
#ifndef APP_FLOW_SESSION_I_H
#define APP_FLOW_SESSION_I_H

#include "app/flow/audit.h"
#include "app/flow/host.h"
#include "app/flow/session.h"
#include "sync/store/attach.h"

struct note {
    struct str path, text; /* both owned */
};

/* A file that was attached, its texts owned. It stays known when its answer is undone. */
struct kept_file {
    struct attachment x;
    bool pii; /* sealed as personal */
    struct str original;
};

/* One that is being attached. */
struct session_attaching {
    int fd;
    struct kept_file file;
    uint64_t done;
    bool (*told)(void *ctx, uint64_t done, uint64_t all);
    void *ctx;
};

/* An event that waits to be written with the next one. */
struct pending {
    enum event_kind kind;
    struct instant at;
    bool pii;
    struct str path, value; /* both owned */
    int64_t number;
};

/* The paths of what was done, and undone: which question an undo is about. */
struct deeds {
    struct str *v; /* owned */
    size_t n, cap;
};

struct session {
    struct survey *sv;
    struct store *store;
    const struct form *form;
    struct hash32 form_hash, parent;
    struct id16 uuid;
    struct arena arena; /* what the start event holds */
    struct host_draft world;
    struct host host;
    struct interview *iv;
    bool ended, broken;

    uint64_t events; /* on the disk */
    struct pending *pending;
    size_t n_pending, cap_pending;
    int64_t pending_since; /* steady clock */

    struct place cursor;
    struct buf typed;
    struct note *notes;
    size_t n_notes, cap_notes;
    struct kept_file *files;
    size_t n_files, cap_files;
    struct session_attaching *attaching; /* into the store with the event that is written */
    struct deeds done, undone;
    struct audit audit;
    uint32_t answered;
    struct str assignment;  /* the id of the one it was begun from, or "" */
    int64_t appointment_ms; /* of the last visit */

    int64_t began_ms, saved_ms;
    int64_t last_ms;              /* wall clock of the last event on the disk */
    int64_t tick_ms, tick_steady; /* both clocks when they were last looked at */
    int64_t active_ms, run_ms;    /* time held up to run_ms */
    bool held;                    /* between start or resume and pause: time counts */

    struct buf bytes, note; /* scratch */

    struct buf base, base_pii; /* the record corrected, while its pieces come in */
};

/* What an event changed, for the audit trail: looked at before and after. */
struct told {
    struct place at;
    struct buf path, old, now;
    uint64_t kept;
    int outcome;
    struct audit_node node; /* points into the buffers */
};

/* ---- migrate.c ---- */

/* The event that puts the draft on another form. */
MUST_USE bool session_switch(struct session *s, const struct event *ev, struct err *e);
/* Looks at event n for the form that the journal began with; *ret_found stays. */
MUST_USE bool session_first_form(struct str bytes, uint64_t n, struct hash32 *ret, bool *ret_found,
                                 struct err *e);

/* ---- session.c ---- */

/* The draft as its journal has it, nothing waiting to be written. */
MUST_USE bool session_load(struct session **ret, struct survey *sv, const struct id16 *uuid,
                           struct err *e);

/* Wipes and frees, and writes nothing: what a kill leaves. */
void session_free(struct session *s);

/* From the START event: the world as it was then, and the clocks. */
MUST_USE bool session_replay_start(struct session *s, const struct event *ev, struct err *e);
MUST_USE bool session_replay_base(struct session *s, const struct event *ev, struct err *e);
/* The engine begins, on a fresh instance or on the record that is corrected. */
MUST_USE bool session_open_interview(struct session *s, struct err *e);
/* Refused after its end, or when a failure could not be put back. */
MUST_USE bool session_alive(const struct session *s, struct err *e);

/* ---- journal.c ---- */

/* Now, for an event; a jump of the clock since the last look waits before it. */
struct instant session_tick(struct session *s);
/* Copies path and value. */
void session_wait(struct session *s, const struct pending *p);
void session_forget_pending(struct session *s);
/* The number that the next event will have. */
uint64_t session_next(const struct session *s);
/* Writes what waits and then ev (NULL: only what waits) in one transaction. */
MUST_USE bool session_write(struct session *s, const struct event *ev, bool pii, struct err *e);
/* Behind an event that is on the disk: the times, and the audit trail. */
void session_tell(struct session *s, const struct event *ev, const struct audit_node *node);
/* One event through the engine; p is the place of its path (PLACE_NONE: none). */
MUST_USE bool session_apply(struct session *s, const struct event *ev, const struct place *p,
                            struct place *ret_at, struct changes *ret, struct err *e);
/* Reads the journal and makes the session what it was. */
MUST_USE bool session_replay(struct session *s, struct err *e);
bool session_pii(const struct session *s, const struct event *ev, const struct place *p);
void session_count(struct session *s); /* `answered`, anew */
/* What lists show; name and at are the caller's. */
void session_summary(struct session *s, int64_t now_ms, struct buf *name, struct buf *at,
                     struct summary *ret);
/* Into s->note, as it is behind ev, which is about to be written (NULL: as it is). */
void session_note_pack(struct session *s, int64_t now_ms, const struct event *ev);

void told_init(struct told *t);
void told_done(struct told *t);
void told_before(struct session *s, const struct event *ev, const struct place *p, struct told *t);
void told_after(struct session *s, const struct event *ev, const struct place *added,
                struct told *t);
/* Keeps the stacks of deeds in step with the engine's log. */
void told_deed(struct session *s, const struct event *ev, const struct told *t);

void deed_push(struct deeds *d, struct str path);
void deeds_clear(struct deeds *d);
void note_put(struct session *s, struct str path, struct str text);
struct str note_get(const struct session *s, struct str path);
struct str str_keep(struct str s); /* a copy on the heap, NUL behind */
void str_drop(struct str *s);      /* wiped and freed */

/* ---- act.c ---- */

/* The answer is this file's name. */
MUST_USE bool session_act_file(struct session *s, const struct place *p, const struct kept_file *f,
                               struct changes *ret, struct err *e);

/* ---- files.c ---- */

void session_file_encode(const struct kept_file *f, struct buf *out); /* the event's value */
/* Remembers the file; *ret_name points into the event. */
MUST_USE bool session_file_event(struct session *s, const struct event *ev, struct str *ret_name,
                                 struct err *e);
MUST_USE bool session_attach_write(struct session *s, struct err *e);
void session_forget_files(struct session *s);
/* Those that are answers now, by whether the question is personal; names point into the session. */
void session_files(struct session *s, struct attachment_list *open,
                   struct attachment_list *personal);
/* Within a transaction. */
MUST_USE bool session_files_move(struct session *s, const struct attachment_list *open,
                                 const struct attachment_list *personal, struct err *e);

/* ---- saved.c ---- */

#define SAVED_MAX 4096
/* Adds "saved:PATH" for each last-saved value that the form reads, out of the last record of that form:
 * personal ones never, so that erasing a person's record leaves none in the next. */
MUST_USE bool saved_pairs(struct survey *sv, const struct form *f, struct arena *a,
                          struct event_pairs *pairs, struct err *e);
/* Remembers, in the running transaction, that this revision is the last of its form. */
MUST_USE bool saved_remember(struct store *s, const struct form *f, const struct hash32 *rev,
                             struct err *e);

#endif
