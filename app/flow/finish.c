/* The end of a session: a record, or nothing. */
#include "app/flow/quota.h"
#include "app/flow/record_make.h"
#include "app/flow/session_i.h"

enum { OUTCOME_POSTPONED = 7 };

/* ---- instanceID ---- */

/* The record that a correction replaces has parents of its own, which its instanceID stands on. */
static bool instance_ids(struct session *s, struct buf *id, struct buf *deprecated, struct err *e)
{
    const struct hash32 *device = &store_identity(s->store)->device;
    struct revision parent;
    bool there;
    if (hash32_zero(&s->parent)) {
        record_instance_id(&s->uuid, NULL, 0, device, id);
        return true;
    }
    record_instance_id(&s->uuid, &s->parent, 1, device, id);
    if (!store_revision_get(s->store, &s->parent, &parent, &there, e))
        return false;
    if (there)
        record_instance_id(&s->uuid, parent.parents, parent.n_parents, &parent.device, deprecated);
    return true;
}

static bool make(struct session *s, int64_t now_ms, const struct record_files *files,
                 struct record_made *ret, struct err *e)
{
    struct buf id, deprecated, name, at, quota;
    struct summary sum;
    buf_init(&id, 64);
    buf_init(&deprecated, 64);
    buf_init(&name, LIMIT_ANSWER_BYTES);
    buf_init(&at, LIMIT_ANSWER_BYTES);
    buf_init(&quota, 4096);
    session_summary(s, now_ms, &name, &at, &sum);
    sum.at = STR(""); /* a record has no cursor */
    bool ok = quota_mark(s->sv, &s->form_hash, s->iv, &quota, e);
    sum.quota = buf_str(&quota);
    ok = ok && instance_ids(s, &id, &deprecated, e) &&
         record_make(s->iv, &s->audit, buf_str(&id), buf_str(&deprecated), files, &sum, ret, e);
    buf_done(&id);
    buf_done(&deprecated);
    buf_wipe_done(&name);
    buf_done(&at);
    buf_done(&quota);
    return ok;
}

/* ---- finalise ---- */

static bool to_store(struct session *s, const struct record_made *p,
                     const struct record_files *files, int64_t now_ms, struct hash32 *ret_rev,
                     struct err *e)
{
    struct revision_new r = {.part1 = buf_str(&p->one),
                             .part2 = buf_str(&p->two),
                             .outcome = (uint8_t)interview_outcome(s->iv),
                             .summary = buf_str(&p->summary),
                             .now_ms = now_ms};
    struct hash32 rev;
    if (!store_begin(s->store, e))
        return false;
    if (!session_files_move(s, &files->open, &files->personal, e) ||
        !store_draft_finalise(s->store, &s->uuid, &r, &rev, e) ||
        !saved_remember(s->store, s->form, &rev, e)) {
        store_rollback(s->store);
        return false;
    }
    if (!store_commit(s->store, e))
        return false;
    *ret_rev = rev;
    return true;
}

/* That finishing was tried is an event: the engine computed everything anew for it. */
static void remember_check(struct session *s)
{
    session_wait(s, &(struct pending){.kind = EVENT_CHECK, .at = s->world.at});
}

bool session_finalise(struct session *s, struct place *ret_at, struct hash32 *ret_rev,
                      struct err *e)
{
    struct record_made p;
    struct record_files files = {.open = {.n = 0}};
    if (!session_alive(s, e))
        return false;
    if (interview_outcome(s->iv) == OUTCOME_POSTPONED)
        return err_fail(e, ERR_POSTPONED);
    struct instant now = session_tick(s);
    if (!session_write(s, NULL, false, e))
        return false;
    host_draft_event(&s->world, session_next(s), now);
    if (!interview_finalise(s->iv, ret_at, e)) {
        remember_check(s);
        return false;
    }
    struct audit_mark before = audit_finalise(&s->audit, now.ms);
    record_made_init(&p);
    session_files(s, &files.open, &files.personal);
    s->ended = make(s, now.ms, &files, &p, e) && to_store(s, &p, &files, now.ms, ret_rev, e);
    record_made_wipe(&p);
    attachment_list_done(&files.open);
    attachment_list_done(&files.personal);
    if (!s->ended) {
        audit_go_on(&s->audit, &before);
        remember_check(s);
    }
    return s->ended;
}

bool session_void(struct session *s, struct str reason, struct err *e)
{
    if (!session_alive(s, e))
        return false;
    struct instant now = session_tick(s);
    if (!store_draft_void(s->store, &s->uuid, reason, now.ms, e))
        return false;
    s->ended = true;
    return true;
}
