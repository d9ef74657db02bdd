/* What a person does, durably: into the engine, then onto the disk; when the disk refuses, the engine is
 * put back to what the disk has. */
#include "app/flow/session_i.h"

/* ---- one event, live ---- */

static bool put_back(struct session *s, const struct event *ev, const struct told *t)
{
    struct changes changes;
    struct err e = {0};
    switch ((int)ev->kind) {
    case EVENT_SET:
    case EVENT_CLEAR:
    case EVENT_MISSING:
    case EVENT_ADD:
    case EVENT_REMOVE:
    case EVENT_CONFIRM:
        /* What changed nothing is not in the engine's log either. */
        return interview_kept(s->iv) == t->kept || interview_take_back(s->iv, &changes, &e);
    case EVENT_UNDO: return interview_redo(s->iv, &changes, &e);
    case EVENT_REDO: return interview_undo(s->iv, &changes, &e);
    case EVENT_LANGUAGE: return interview_set_language(s->iv, t->language, &changes, &e);
    case EVENT_NOTE: note_put(s, ev->path, buf_str(&t->old)); return true;
    case EVENT_OUTCOME:
        interview_set_outcome(s->iv, t->outcome);
        return interview_recalculate(s->iv, &changes, &e);
    case EVENT_VISIT: s->world.visits--; return interview_recalculate(s->iv, &changes, &e);
    default: return true;
    }
}

/* Questions answered: one answer more or less is known without a walk. */
static void count(struct session *s, const struct event *ev, const struct place *p, bool before)
{
    if (ev->kind == EVENT_SET || ev->kind == EVENT_CLEAR || ev->kind == EVENT_MISSING) {
        bool after = interview_state(s->iv, p).answered;
        s->answered += after;
        s->answered -= before;
    } else if (ev->kind == EVENT_ADD || ev->kind == EVENT_REMOVE || ev->kind == EVENT_UNDO ||
               ev->kind == EVENT_REDO) {
        session_count(s);
    }
}

static bool act(struct session *s, struct event *ev, const struct place *p, struct place *ret_at,
                struct changes *ret, struct err *e)
{
    struct told t;
    uint32_t answered = s->answered;
    if (!session_alive(s, e))
        return false;
    ev->at = session_tick(s);
    host_draft_event(&s->world, session_next(s), ev->at);
    told_init(&t);
    told_before(s, ev, p, &t);
    bool before = p->def != DEF_NONE && interview_state(s->iv, p).answered;
    bool ok = session_apply(s, ev, p, ret_at, ret, e);
    if (ok) {
        told_after(s, ev, ret_at, &t);
        count(s, ev, p, before);
        ok = session_write(s, ev, session_pii(s, ev, p), &t.node, e);
        if (ok)
            told_deed(s, ev, &t);
        else if (!put_back(s, ev, &t))
            s->broken = true;
        if (!ok)
            s->answered = answered;
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
    return session_write(s, NULL, false, NULL, e);
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
    if (s->form->outcome == DEF_NONE)
        return act_at(s, EVENT_OUTCOME, &nowhere, nothing, code, NULL, ret, e);
    struct place p = {.def = s->form->outcome};
    char text[ERR_ARG_MAX];
    return session_set(s, &p, str_of(err_num(text, code)), ret, e);
}
