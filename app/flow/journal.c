/* A session's events: to the disk as they are taken, and from there through the same engine again. What an
 * event means is in session_apply alone, whether it is taken or replayed. */
#include "app/flow/session_i.h"

#define PENDING_MAX 512
#define JUMP_MS     60000 /* a clock that is off by more than this was set */

/* ---- owned texts ---- */

struct str str_keep(struct str s)
{
    char *p = mem_alloc(s.n + 1);
    if (s.n)
        memcpy(p, s.p, s.n);
    return (struct str){p, s.n};
}

void str_drop(struct str *s)
{
    if (s->p)
        crypt_wipe((char *)(uintptr_t)s->p, s->n);
    mem_free((char *)(uintptr_t)s->p);
    *s = (struct str){NULL, 0};
}

void deed_push(struct deeds *d, struct str path)
{
    d->v = mem_grow(d->v, d->n, &d->cap, sizeof *d->v);
    d->v[d->n++] = str_keep(path);
}

void deeds_clear(struct deeds *d)
{
    while (d->n > 0)
        str_drop(&d->v[--d->n]);
}

static struct str deed_last(const struct deeds *d)
{
    return d->n ? d->v[d->n - 1] : STR("");
}

static void deed_move(struct deeds *from, struct deeds *to)
{
    if (from->n == 0)
        return;
    to->v = mem_grow(to->v, to->n, &to->cap, sizeof *to->v);
    to->v[to->n++] = from->v[--from->n];
}

static struct note *note_find(const struct session *s, struct str path)
{
    for (size_t i = 0; i < s->n_notes; i++)
        if (str_eq(s->notes[i].path, path))
            return &s->notes[i];
    return NULL;
}

struct str note_get(const struct session *s, struct str path)
{
    const struct note *n = note_find(s, path);
    return n ? n->text : STR("");
}

void note_put(struct session *s, struct str path, struct str text)
{
    struct note *n = note_find(s, path);
    struct str kept = str_keep(text);
    if (!n && text.n) {
        s->notes = mem_grow(s->notes, s->n_notes, &s->cap_notes, sizeof *s->notes);
        n = &s->notes[s->n_notes++];
        *n = (struct note){str_keep(path), {NULL, 0}};
    }
    if (!n) {
        str_drop(&kept);
        return;
    }
    str_drop(&n->text);
    n->text = kept;
    if (text.n)
        return;
    str_drop(&n->path);
    str_drop(&n->text);
    *n = s->notes[--s->n_notes];
}

/* ---- clock ---- */

struct instant session_tick(struct session *s)
{
    struct instant now = host_now();
    int64_t steady = host_steady_ms();
    int64_t jump = now.ms - (s->tick_ms + (steady - s->tick_steady));
    s->tick_ms = now.ms;
    s->tick_steady = steady;
    if (jump > JUMP_MS || jump < -JUMP_MS)
        session_wait(s, &(struct pending){.kind = EVENT_CLOCK, .at = now, .number = jump});
    return now;
}

/* Time held between the last event and this one. */
static void account(struct session *s, const struct event *ev)
{
    int64_t passed = ev->at.ms - s->last_ms;
    if (ev->kind == EVENT_CLOCK)
        passed -= ev->number;
    if (s->held && ev->kind != EVENT_RESUME && passed > 0)
        s->active_ms += passed;
    s->held = ev->kind != EVENT_PAUSE;
    s->last_ms = s->run_ms = ev->at.ms;
}

void session_tell(struct session *s, const struct event *ev, const struct audit_node *node)
{
    account(s, ev);
    audit_event(&s->audit, ev, node);
}

/* ---- what waits ---- */

uint64_t session_next(const struct session *s)
{
    return s->events + s->n_pending;
}

static void pending_drop(struct pending *p)
{
    str_drop(&p->path);
    str_drop(&p->value);
}

void session_wait(struct session *s, const struct pending *p)
{
    if (s->n_pending == 0)
        s->pending_since = host_steady_ms();
    /* More than the typed text of one question is lost only when the disk has refused for long. */
    if (s->n_pending == PENDING_MAX) {
        pending_drop(&s->pending[0]);
        memmove(s->pending, s->pending + 1, (PENDING_MAX - 1) * sizeof *s->pending);
        s->n_pending--;
    }
    s->pending = mem_grow(s->pending, s->n_pending, &s->cap_pending, sizeof *s->pending);
    struct pending *to = &s->pending[s->n_pending++];
    *to = *p;
    to->path = str_keep(p->path);
    to->value = str_keep(p->value);
}

static struct event pending_event(const struct pending *p)
{
    return (struct event){
        .kind = p->kind, .at = p->at, .path = p->path, .value = p->value, .number = p->number};
}

void session_forget_pending(struct session *s)
{
    for (size_t i = 0; i < s->n_pending; i++)
        pending_drop(&s->pending[i]);
    s->n_pending = 0;
}

/* ---- writing ---- */

static bool append(struct session *s, const struct event *ev, bool pii, struct str note,
                   struct err *e)
{
    buf_clear(&s->bytes);
    if (!event_encode(ev, &s->bytes))
        return err_fail(e, ERR_SESSION_LARGE);
    return store_draft_append(s->store, &s->uuid, pii, ev->at.ms, buf_str(&s->bytes), note, e);
}

static bool append_all(struct session *s, const struct event *ev, bool pii, struct err *e)
{
    const struct str same = {NULL, 0};
    for (size_t i = 0; i < s->n_pending; i++) {
        struct event waiting = pending_event(&s->pending[i]);
        bool last = !ev && i + 1 == s->n_pending;
        if (!append(s, &waiting, s->pending[i].pii, last ? buf_str(&s->note) : same, e))
            return false;
    }
    return !ev || append(s, ev, pii, buf_str(&s->note), e);
}

/* One event alone is a transaction of the store's own. */
static bool to_disk(struct session *s, const struct event *ev, bool pii, struct err *e)
{
    bool file = ev && ev->kind == EVENT_ATTACH;
    if (s->n_pending + (ev != NULL) < 2 && !file)
        return append_all(s, ev, pii, e);
    if (!store_begin(s->store, e))
        return false;
    if ((!file || session_attach_write(s, e)) && append_all(s, ev, pii, e))
        return store_commit(s->store, e);
    store_rollback(s->store);
    return false;
}

static const struct audit_node no_node = {{"", 0}, false, {"", 0}, {"", 0}};

bool session_write(struct session *s, const struct event *ev, bool pii, struct err *e)
{
    if (!ev && s->n_pending == 0)
        return true;
    int64_t now_ms = ev ? ev->at.ms : s->pending[s->n_pending - 1].at.ms;
    session_note_pack(s, now_ms, ev);
    if (!to_disk(s, ev, pii, e))
        return false;
    s->saved_ms = now_ms;
    s->events += s->n_pending + (ev != NULL);
    for (size_t i = 0; i < s->n_pending; i++) {
        struct event waited = pending_event(&s->pending[i]);
        struct audit_node where = no_node;
        where.path = waited.path;
        where.pii = s->pending[i].pii;
        session_tell(s, &waited, &where);
    }
    session_forget_pending(s);
    return true;
}

/* ---- the list's line ---- */

void session_count(struct session *s)
{
    struct place p = PLACE_NONE;
    s->answered = 0;
    while (interview_next(s->iv, &p, 0))
        s->answered += interview_state(s->iv, &p).answered;
}

/* All that it is made of; what stands in a repeat has no one answer. */
static bool name_is_whole(const struct session *s)
{
    const struct cond *c = &s->form->instance_name;
    const uint32_t *defs;
    size_t n = c->expr ? expr_deps(c->expr, &defs) : 0;
    for (size_t i = 0; i < n; i++) {
        struct place p = {.def = defs[i]};
        enum node_type type = s->form->nodes[p.def].type;
        if (s->form->nodes[p.def].repeat == DEF_NONE && type != TYPE_REPEAT && type != TYPE_GROUP &&
            interview_value(s->iv, &p).n == 0)
            return false;
    }
    return n > 0;
}

void session_name(const struct session *s, struct buf *out)
{
    if (name_is_whole(s))
        interview_name(s->iv, out);
}

void session_summary(struct session *s, int64_t now_ms, struct buf *name, struct buf *at,
                     struct summary *ret)
{
    session_name(s, name); /* may be personal: the store seals notes and summaries as such */
    place_text(s->form, &s->cursor, at);
    *ret = (struct summary){.form_id = s->form->id,
                            .title = s->form->title,
                            .name = buf_str(name),
                            .at = buf_str(at),
                            .outcome = (uint8_t)interview_outcome(s->iv),
                            .began_ms = s->began_ms,
                            .changed_ms = now_ms,
                            .answered = s->answered,
                            .visits = (uint8_t)(s->world.visits < 255 ? s->world.visits : 255),
                            .appointment_ms = s->appointment_ms,
                            .assignment = s->assignment};
}

void session_note_pack(struct session *s, int64_t now_ms, const struct event *ev)
{
    struct buf name, at;
    struct summary sum;
    buf_init(&name, LIMIT_ANSWER_BYTES);
    buf_init(&at, LIMIT_ANSWER_BYTES);
    session_summary(s, now_ms, &name, &at, &sum);
    if (ev && ev->kind == EVENT_VISIT) { /* written before the engine is told */
        sum.visits = (uint8_t)(sum.visits < 255 ? sum.visits + 1 : 255);
        sum.appointment_ms = ev->time;
    }
    buf_clear(&s->note);
    summary_pack(&sum, &s->note);
    buf_wipe_done(&name);
    buf_done(&at);
}

/* ---- the engine ---- */

bool session_pii(const struct session *s, const struct event *ev, const struct place *p)
{
    switch ((int)ev->kind) {
    case EVENT_NOTE: return true;
    case EVENT_VISIT: return ev->value.n > 0;
    default: return p->def != DEF_NONE && s->form->nodes[p->def].pii;
    }
}

static bool language_named(const struct form *f, struct str name, uint32_t *ret)
{
    for (uint32_t i = 0; i < f->n_languages; i++)
        if (str_eq(f->languages[i].name, name)) {
            *ret = i;
            return true;
        }
    return false;
}

static bool apply_number(struct session *s, const struct event *ev, const struct place *p,
                         struct changes *ret, struct err *e)
{
    char arg[ERR_ARG_MAX];
    struct err fault = {0};
    bool fits = ev->number >= 0 && ev->number <= 255;
    if (ev->kind == EVENT_MISSING && fits && ev->number < MISSING_KINDS)
        return interview_set_missing(s->iv, p, (enum missing)ev->number, ret, e);
    if (ev->kind == EVENT_MISSING || !fits)
        return err_fail1(e, ERR_EVENT_BAD, err_num(arg, (int64_t)s->world.event + 1));
    if (ev->kind == EVENT_OUTCOME) {
        interview_set_outcome(s->iv, (int)ev->number); /* no value depends on it */
        return true;
    }
    s->world.visits++; /* property('cacah:visit') */
    s->appointment_ms = ev->time;
    /* what a form cannot compute stays blank: no reason to lose the visit, and its draft */
    bool computed = interview_recalculate(s->iv, ret, &fault);
    (void)computed;
    return true;
}

static bool apply_attach(struct session *s, const struct event *ev, const struct place *p,
                         struct changes *ret, struct err *e)
{
    struct str name;
    return session_file_event(s, ev, &name, e) && interview_set(s->iv, p, name, ret, e);
}

static bool apply_language(struct session *s, const struct event *ev, struct changes *ret,
                           struct err *e)
{
    uint32_t language;
    char arg[ERR_ARG_MAX];
    if (!language_named(s->form, ev->value, &language))
        return err_fail1(e, ERR_EVENT_BAD, err_num(arg, (int64_t)s->world.event + 1));
    return interview_set_language(s->iv, language, ret, e);
}

static bool apply_check(struct session *s, struct place *ret_at, struct err *e)
{
    struct place at;
    struct err open = {0};
    if (interview_finalise(s->iv, &at, &open))
        return true;
    if (ret_at)
        *ret_at = at;
    (void)e;
    return true;
}

/* `resumed`: the zone, and behind a newline whose passphrase it was. */
static void set_zone(struct session *s, struct str resumed)
{
    struct str zone = str_sub(resumed, 0, str_find(resumed, '\n', 0));
    size_t n = zone.n < ZONE_MAX ? zone.n : 0;
    memcpy(s->world.zone, zone.p, n);
    s->world.zone[n] = '\0';
}

static void set_cursor(struct session *s, const struct place *p, struct str typed)
{
    s->cursor = *p;
    buf_clear(&s->typed);
    buf_add_str(&s->typed, typed);
}

bool session_apply(struct session *s, const struct event *ev, const struct place *p,
                   struct place *ret_at, struct changes *ret, struct err *e)
{
    char arg[ERR_ARG_MAX];
    *ret = (struct changes){NULL, 0};
    switch (ev->kind) {
    case EVENT_PREFILL: return interview_prefill(s->iv, p, ev->value, ret, e);
    case EVENT_SET: return interview_set(s->iv, p, ev->value, ret, e);
    case EVENT_CLEAR: return interview_clear(s->iv, p, ret, e);
    case EVENT_ADD: return interview_add(s->iv, p, ret_at, ret, e);
    case EVENT_REMOVE: return interview_remove(s->iv, p, ret, e);
    case EVENT_CONFIRM: return interview_confirm(s->iv, p, ret, e);
    case EVENT_UNDO: return interview_undo(s->iv, ret, e);
    case EVENT_REDO: return interview_redo(s->iv, ret, e);
    case EVENT_ATTACH: return apply_attach(s, ev, p, ret, e);
    case EVENT_LANGUAGE: return apply_language(s, ev, ret, e);
    case EVENT_MISSING:
    case EVENT_OUTCOME:
    case EVENT_VISIT: return apply_number(s, ev, p, ret, e);
    case EVENT_CHECK: return apply_check(s, ret_at, e);
    case EVENT_NOTE: note_put(s, ev->path, ev->value); return true;
    case EVENT_MOVE: set_cursor(s, p, ev->value); return true;
    case EVENT_RESUME: set_zone(s, ev->value); return true;
    case EVENT_MIGRATE: return session_switch(s, ev, e);
    case EVENT_CLOCK:
    case EVENT_PAUSE: return true;
    case EVENT_NONE:
    case EVENT_START:
    case EVENT_BASE:
    case EVENT_BASE_FILE:
    case EVENT_BASE_PII: break;
    }
    return err_fail1(e, ERR_EVENT_BAD, err_num(arg, (int64_t)s->world.event + 1));
}

/* ---- what the audit trail is told ---- */

void told_init(struct told *t)
{
    buf_init(&t->path, LIMIT_ANSWER_BYTES);
    buf_init(&t->old, LIMIT_ANSWER_BYTES);
    buf_init(&t->now, LIMIT_ANSWER_BYTES);
    t->at = PLACE_NONE;
}

void told_done(struct told *t)
{
    buf_wipe_done(&t->path);
    buf_wipe_done(&t->old);
    buf_wipe_done(&t->now);
}

static bool is_deed(enum event_kind kind)
{
    return kind == EVENT_SET || kind == EVENT_CLEAR || kind == EVENT_MISSING || kind == EVENT_ADD ||
           kind == EVENT_REMOVE || kind == EVENT_CONFIRM || kind == EVENT_ATTACH;
}

void told_before(struct session *s, const struct event *ev, const struct place *p, struct told *t)
{
    t->at = *p;
    t->kept = interview_kept(s->iv);
    if (ev->kind == EVENT_UNDO || ev->kind == EVENT_REDO) {
        buf_add_str(&t->path, deed_last(ev->kind == EVENT_UNDO ? &s->done : &s->undone));
        if (!place_parse(s->form, buf_str(&t->path), &t->at))
            t->at = PLACE_NONE;
    } else {
        buf_add_str(&t->path, ev->path);
    }
    if (ev->kind == EVENT_NOTE)
        buf_add_str(&t->old, note_get(s, ev->path));
    else if (ev->kind == EVENT_LANGUAGE)
        buf_add_str(&t->old, s->form->languages[interview_language(s->iv)].name);
    else if (t->at.def != DEF_NONE)
        buf_add_str(&t->old, interview_value(s->iv, &t->at));
    t->outcome = interview_outcome(s->iv);
}

void told_after(struct session *s, const struct event *ev, const struct place *added,
                struct told *t)
{
    if (ev->kind == EVENT_ADD) {
        buf_clear(&t->path);
        place_text(s->form, added, &t->path);
    }
    if (ev->kind == EVENT_NOTE || ev->kind == EVENT_LANGUAGE)
        buf_add_str(&t->now, ev->value);
    else if (t->at.def != DEF_NONE)
        buf_add_str(&t->now, interview_value(s->iv, &t->at));
    bool pii = ev->kind == EVENT_NOTE || (t->at.def != DEF_NONE && s->form->nodes[t->at.def].pii);
    t->node = (struct audit_node){buf_str(&t->path), pii, buf_str(&t->old), buf_str(&t->now)};
}

void told_deed(struct session *s, const struct event *ev, const struct told *t)
{
    if (ev->kind == EVENT_UNDO)
        deed_move(&s->done, &s->undone);
    else if (ev->kind == EVENT_REDO)
        deed_move(&s->undone, &s->done);
    else if (is_deed(ev->kind) && interview_kept(s->iv) != t->kept) {
        deed_push(&s->done, t->node.path);
        deeds_clear(&s->undone);
    }
}

/* ---- replay ---- */

static bool replay_fail(const struct event *ev, uint64_t n, struct err *e)
{
    char which[ERR_ARG_MAX], why[ERR_ARG_MAX];
    struct buf text;
    buf_init(&text, 4096);
    err_text(e, NULL, &text);
    err_arg(why, buf_str(&text));
    buf_done(&text);
    err_clear(e);
    return err_fail3(e, ERR_EVENT_REPLAY, err_num(which, (int64_t)n + 1),
                     event_audit_name(ev->kind), why);
}

static bool replay_one(struct session *s, const struct event *ev, struct err *e)
{
    struct place p = PLACE_NONE, at = PLACE_NONE;
    struct changes changes;
    struct told t;
    if (ev->path.n && !place_parse(s->form, ev->path, &p))
        return err_fail(e, ERR_NOT_RELEVANT);
    told_init(&t);
    told_before(s, ev, &p, &t);
    bool ok = session_apply(s, ev, &p, &at, &changes, e);
    if (ok) {
        told_after(s, ev, &at, &t);
        told_deed(s, ev, &t);
        session_tell(s, ev, &t.node);
    }
    told_done(&t);
    return ok;
}

/* The interview begins when all that it stands on is there: with the start event, or after the pieces of
 * the record it corrects. */
static bool replay_event(void *ctx, uint64_t n, bool pii, struct str bytes, struct err *e)
{
    struct session *s = ctx;
    struct event ev;
    uint64_t before = n - 1; /* the store counts from 1 */
    (void)pii;
    if (!event_decode(bytes, before, &ev, e))
        return false;
    s->events = n;
    if (before == 0)
        return session_replay_start(s, &ev, e);
    if (ev.kind == EVENT_BASE || ev.kind == EVENT_BASE_PII || ev.kind == EVENT_BASE_FILE)
        return session_replay_base(s, &ev, e);
    if (!s->iv && !session_open_interview(s, e))
        return false;
    host_draft_event(&s->world, before, ev.at);
    return replay_one(s, &ev, e) || replay_fail(&ev, before, e);
}

bool session_replay(struct session *s, struct err *e)
{
    if (!store_draft_events(s->store, &s->uuid, replay_event, s, e))
        return false;
    if (!s->iv && !session_open_interview(s, e))
        return false;
    session_count(s);
    s->saved_ms = s->last_ms;
    return true;
}
