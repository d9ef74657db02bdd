/* The end of a session: a record, or nothing. */
#include "app/flow/record.h"
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

/* ---- the parts ---- */

struct parts {
    struct buf xml, values, line, one, two, id, deprecated, name, at, summary;
};

static void parts_init(struct parts *p)
{
    buf_init(&p->xml, LIMIT_RECORD_BYTES);
    buf_init(&p->values, LIMIT_RECORD_BYTES);
    buf_init(&p->line, LIMIT_ANSWER_BYTES);
    buf_init(&p->one, LIMIT_RECORD_BYTES);
    buf_init(&p->two, LIMIT_RECORD_BYTES);
    buf_init(&p->id, 64);
    buf_init(&p->deprecated, 64);
    buf_init(&p->name, LIMIT_ANSWER_BYTES);
    buf_init(&p->at, LIMIT_ANSWER_BYTES);
    buf_init(&p->summary, 4096);
}

static void parts_wipe(struct parts *p)
{
    buf_wipe_done(&p->xml);
    buf_wipe_done(&p->values);
    buf_wipe_done(&p->line);
    buf_wipe_done(&p->one);
    buf_wipe_done(&p->two);
    buf_wipe_done(&p->id);
    buf_wipe_done(&p->deprecated);
    buf_wipe_done(&p->name);
    buf_wipe_done(&p->at);
    buf_wipe_done(&p->summary);
}

/* The name of the record as a line of values, when it is personal. */
static bool name_line(struct session *s, struct parts *p)
{
    if (!s->form->instance_name_pii || !interview_name(s->iv, &p->name) || p->name.n == 0)
        return true;
    buf_add_c(&p->line, '/');
    buf_add_str(&p->line, s->form->root_name);
    buf_add_z(&p->line, "/meta/instanceName\t");
    record_escape(buf_str(&p->name), &p->line);
    buf_clear(&p->name);
    return buf_add_c(&p->line, '\n');
}

static bool make_parts(struct session *s, int64_t now_ms, struct parts *p, struct err *e)
{
    struct summary sum;
    struct str none = {NULL, 0};
    if (!instance_ids(s, &p->id, &p->deprecated, e))
        return false;
    struct str deprecated = p->deprecated.n ? buf_str(&p->deprecated) : none;
    bool ok = interview_xml(s->iv, RECORD_NO_PII, buf_str(&p->id), deprecated, &p->xml) &&
              interview_pii(s->iv, &p->values) && name_line(s, p) && !s->audit.rows.full &&
              !s->audit.values.full;
    struct record_part1 one = {buf_str(&p->xml), buf_str(&s->audit.rows)};
    struct record_part2 two = {buf_str(&p->values), buf_str(&p->line), buf_str(&s->audit.values)};
    ok = ok && record_pack1(&one, &p->one);
    if (ok && (two.values.n || two.name.n || two.audit_values.n))
        ok = record_pack2(&two, &p->two);
    session_summary(s, now_ms, &p->name, &p->at, &sum);
    sum.at = STR(""); /* a record has no cursor */
    ok = ok && summary_pack(&sum, &p->summary);
    return ok || err_fail2(e, ERR_LIMIT, "The record", "16 MiB");
}

/* ---- finalise ---- */

static bool to_store(struct session *s, const struct parts *p, int64_t now_ms,
                     struct hash32 *ret_rev, struct err *e)
{
    struct revision_new r = {.part1 = buf_str(&p->one),
                             .part2 = buf_str(&p->two),
                             .outcome = (uint8_t)interview_outcome(s->iv),
                             .summary = buf_str(&p->summary),
                             .now_ms = now_ms};
    struct hash32 rev;
    if (!store_begin(s->store, e))
        return false;
    if (!store_draft_finalise(s->store, &s->uuid, &r, &rev, e) ||
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
    struct parts p;
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
    parts_init(&p);
    s->ended = make_parts(s, now.ms, &p, e) && to_store(s, &p, now.ms, ret_rev, e);
    parts_wipe(&p);
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
