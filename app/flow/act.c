/* What a person does, durably: into the engine, then onto the disk; when the disk refuses, the engine is
 * put back to what the disk has. What the engine could only put back by computing everything anew (at
 * another time of the clock) goes to the disk first; it cannot fail afterwards. */
#include "app/flow/session_i.h"

/* ---- one event, live ---- */

static bool is_written_first(enum event_kind kind)
{
    return kind == EVENT_UNDO || kind == EVENT_REDO || kind == EVENT_LANGUAGE ||
           kind == EVENT_VISIT || kind == EVENT_NOTE;
}

static bool may_be_written(const struct session *s, const struct event *ev, struct err *e)
{
    if (ev->kind == EVENT_UNDO && !interview_can_undo(s->iv))
        return err_fail(e, ERR_NOTHING_TO_UNDO);
    if (ev->kind == EVENT_REDO && !interview_can_redo(s->iv))
        return err_fail(e, ERR_NOTHING_TO_REDO);
    if (ev->kind == EVENT_VISIT && (ev->number < 0 || ev->number > 255))
        return err_fail(e, ERR_OUTCOME);
    return true;
}

static bool put_back(struct session *s, const struct event *ev, const struct told *t)
{
    struct changes changes;
    struct err e = {0};
    if (ev->kind == EVENT_OUTCOME)
        interview_set_outcome(s->iv, t->outcome);
    /* What changed nothing is not in the engine's log either. */
    return interview_kept(s->iv) == t->kept || interview_take_back(s->iv, &changes, &e);
}

/* Questions answered: one answer more or less is known without a walk, if that is all that changed. */
static void count(struct session *s, const struct place *p, bool before, const struct changes *c)
{
    bool walk = false;
    for (size_t i = 0; i < c->n && !walk; i++) {
        const struct form_node *n = &s->form->nodes[c->v[i].place.def];
        bool asked = n->type != TYPE_CALCULATE && n->type != TYPE_HIDDEN && n->type != TYPE_META;
        bool value = c->v[i].what & CHANGED_VALUE && asked && !place_eq(&c->v[i].place, p);
        walk = value || c->v[i].what & (CHANGED_RELEVANT | CHANGED_INSTANCES);
    }
    if (walk) {
        session_count(s);
    } else if (p->def != DEF_NONE) {
        s->answered += interview_state(s->iv, p).answered;
        s->answered -= before;
    }
}

static bool disk_first(struct session *s, const struct event *ev, const struct place *p,
                       struct place *ret_at, struct changes *ret, struct err *e)
{
    if (!may_be_written(s, ev, e) || !session_write(s, ev, session_pii(s, ev, p), e))
        return false;
    s->broken = !session_apply(s, ev, p, ret_at, ret, e);
    return !s->broken;
}

static bool engine_first(struct session *s, const struct event *ev, const struct place *p,
                         struct place *ret_at, struct changes *ret, const struct told *t,
                         struct err *e)
{
    uint32_t answered = s->answered;
    bool before = p->def != DEF_NONE && interview_state(s->iv, p).answered;
    if (!session_apply(s, ev, p, ret_at, ret, e))
        return false;
    count(s, p, before, ret); /* the list's line, written along, says it */
    if (session_write(s, ev, session_pii(s, ev, p), e))
        return true;
    s->broken = !put_back(s, ev, t);
    s->answered = answered;
    return false;
}

static bool act(struct session *s, struct event *ev, const struct place *p, struct place *ret_at,
                struct changes *ret, struct err *e)
{
    struct told t;
    if (!session_alive(s, e))
        return false;
    ev->at = session_tick(s);
    host_draft_event(&s->world, session_next(s), ev->at);
    told_init(&t);
    told_before(s, ev, p, &t);
    bool first = is_written_first(ev->kind);
    bool ok =
        first ? disk_first(s, ev, p, ret_at, ret, e) : engine_first(s, ev, p, ret_at, ret, &t, e);
    if (ok) {
        told_after(s, ev, ret_at, &t);
        told_deed(s, ev, &t);
        session_tell(s, ev, &t.node);
        if (first)
            count(s, p, interview_state(s->iv, p).answered, ret);
    }
    told_done(&t);
    return ok;
}

/* The same for an event about a place. */
static bool act_at(struct session *s, enum event_kind kind, const struct place *p, struct str value,
                   int64_t number, struct place *ret_at, struct changes *ret, struct err *e)
{
    struct event ev = {.kind = kind, .value = value, .number = number};
    struct place at = PLACE_NONE;
    struct changes changes;
    struct buf path;
    if (value.n > LIMIT_ANSWER_BYTES)
        return err_fail(e, ERR_SESSION_LARGE);
    buf_init(&path, LIMIT_ANSWER_BYTES);
    if (p->def != DEF_NONE)
        place_text(s->form, p, &path);
    ev.path = buf_str(&path);
    bool ok = act(s, &ev, p, &at, &changes, e);
    if (ok && ret_at)
        *ret_at = at;
    if (ok && ret)
        *ret = changes;
    buf_done(&path);
    return ok;
}

bool session_act_file(struct session *s, const struct place *p, const struct kept_file *f,
                      struct changes *ret, struct err *e)
{
    struct buf value;
    buf_init(&value, LIMIT_ANSWER_BYTES);
    session_file_encode(f, &value);
    bool ok = act_at(s, EVENT_ATTACH, p, buf_str(&value), (int64_t)f->x.length, NULL, ret, e);
    buf_wipe_done(&value);
    return ok;
}

static const struct place nowhere = {.def = DEF_NONE};
static const struct str nothing = {"", 0};

/* ---- answers ---- */

bool session_set(struct session *s, const struct place *p, struct str text, struct changes *ret,
                 struct err *e)
{
    return act_at(s, EVENT_SET, p, text, 0, NULL, ret, e);
}

bool session_clear(struct session *s, const struct place *p, struct changes *ret, struct err *e)
{
    return act_at(s, EVENT_CLEAR, p, nothing, 0, NULL, ret, e);
}

bool session_set_missing(struct session *s, const struct place *p, enum missing kind,
                         struct changes *ret, struct err *e)
{
    return act_at(s, EVENT_MISSING, p, nothing, (int64_t)kind, NULL, ret, e);
}

bool session_add(struct session *s, const struct place *p, struct place *ret_at,
                 struct changes *ret, struct err *e)
{
    return act_at(s, EVENT_ADD, p, nothing, 0, ret_at, ret, e);
}

bool session_remove(struct session *s, const struct place *instance, struct changes *ret,
                    struct err *e)
{
    return act_at(s, EVENT_REMOVE, instance, nothing, 0, NULL, ret, e);
}

bool session_confirm(struct session *s, const struct place *p, struct changes *ret, struct err *e)
{
    return act_at(s, EVENT_CONFIRM, p, nothing, 0, NULL, ret, e);
}

bool session_undo(struct session *s, struct changes *ret, struct err *e)
{
    return act_at(s, EVENT_UNDO, &nowhere, nothing, 0, NULL, ret, e);
}

bool session_redo(struct session *s, struct changes *ret, struct err *e)
{
    return act_at(s, EVENT_REDO, &nowhere, nothing, 0, NULL, ret, e);
}

bool session_set_language(struct session *s, uint32_t language, struct changes *ret, struct err *e)
{
    if (language >= s->form->n_languages)
        return err_fail(e, ERR_NO_LANGUAGE);
    return act_at(s, EVENT_LANGUAGE, &nowhere, s->form->languages[language].name, 0, NULL, ret, e);
}

/* ---- notes ---- */

bool session_note(struct session *s, const struct place *p, struct str text, struct err *e)
{
    return act_at(s, EVENT_NOTE, p, text, 0, NULL, NULL, e);
}

bool session_note_of(const struct session *s, const struct place *p, struct buf *out)
{
    struct buf path;
    buf_init(&path, LIMIT_ANSWER_BYTES);
    place_text(s->form, p, &path);
    struct str text = note_get(s, buf_str(&path));
    buf_done(&path);
    return text.n > 0 && buf_add_str(out, text);
}

size_t session_notes(const struct session *s)
{
    return s->n_notes;
}

/* ---- the cursor ---- */

static bool is_here(const struct session *s, const struct place *p, struct str typed)
{
    return place_eq(&s->cursor, p) && str_eq(buf_str(&s->typed), typed);
}

void session_move(struct session *s, const struct place *p, struct str typed)
{
    if (s->ended || s->broken || is_here(s, p, typed) || typed.n > LIMIT_ANSWER_BYTES)
        return;
    struct pending *last = s->n_pending ? &s->pending[s->n_pending - 1] : NULL;
    if (last && last->kind == EVENT_MOVE && place_eq(&s->cursor, p)) {
        str_drop(&last->value); /* more typed in the same place: one event will do */
        last->value = str_keep(typed);
    } else {
        struct event ev = {.kind = EVENT_MOVE};
        struct buf path;
        buf_init(&path, LIMIT_ANSWER_BYTES);
        place_text(s->form, p, &path);
        struct instant now = session_tick(s);
        session_wait(s, &(struct pending){.kind = EVENT_MOVE,
                                          .at = now,
                                          .pii = session_pii(s, &ev, p),
                                          .path = buf_str(&path),
                                          .value = typed});
        buf_done(&path);
    }
    s->cursor = *p;
    buf_clear(&s->typed);
    buf_add_str(&s->typed, typed);
}

bool session_cursor(const struct session *s, struct place *ret, struct buf *ret_typed)
{
    if (s->cursor.def == DEF_NONE || !interview_state(s->iv, &s->cursor).exists)
        return false;
    *ret = s->cursor;
    if (ret_typed)
        buf_add_str(ret_typed, buf_str(&s->typed));
    return true;
}

bool session_flush(struct session *s, bool now, struct err *e)
{
    if (s->ended || s->broken || s->n_pending == 0)
        return true;
    if (!now && host_steady_ms() - s->pending_since < 2000)
        return true;
    return session_write(s, NULL, false, e);
}

/* ---- visits and outcome ---- */

bool session_visit(struct session *s, int outcome, int64_t appointment_ms, struct str remark,
                   struct err *e)
{
    struct event ev = {
        .kind = EVENT_VISIT, .value = remark, .number = outcome, .time = appointment_ms};
    struct place at = PLACE_NONE;
    struct changes changes;
    if (remark.n > LIMIT_ANSWER_BYTES)
        return err_fail(e, ERR_SESSION_LARGE);
    return act(s, &ev, &nowhere, &at, &changes, e);
}

/* A form with an outcome question gets it answered; else the interview keeps the code. */
bool session_outcome(struct session *s, int code, struct changes *ret, struct err *e)
{
    if (code < 0 || code > 255)
        return err_fail(e, ERR_OUTCOME);
    if (s->form->outcome == DEF_NONE)
        return act_at(s, EVENT_OUTCOME, &nowhere, nothing, code, NULL, ret, e);
    struct place p = {.def = s->form->outcome};
    char text[ERR_ARG_MAX];
    return session_set(s, &p, str_of(err_num(text, code)), ret, e);
}
