/* From the run into the store; see sim_store.h. */
#include "app/flow/sim_store.h"

#include "app/flow/dice.h"
#include "app/flow/quota.h"
#include "app/flow/record_make.h"
#include "forms/base/date.h"

#define EACH_COMMIT 256 /* interviews in a transaction */
#define ZONE        "Asia/Makassar"
#define OFFSET_MIN  480

/* Held, and not yet finalised in the store: another enumerator's began before it ended. */
struct held {
    struct id16 uuid;
    struct record_made made;
    uint8_t outcome;
    int64_t ended_ms;
};

struct run {
    struct survey *sv;
    struct store *st;
    const struct form *form;
    struct hash32 hash;
    struct dice dice;
    struct audit audit;
    int64_t began_ms;
    struct held *held;
    size_t n_held, cap_held;
    struct sim_stored out;
};

static void random_of(void *ctx, void *p, size_t n)
{
    dice_bytes(ctx, p, n);
}

/* ---- what ended ---- */

static bool end_one(struct run *r, size_t i, struct err *e)
{
    struct held h = r->held[i];
    struct hash32 rev;
    struct revision_new n = {.part1 = buf_str(&h.made.one),
                             .part2 = buf_str(&h.made.two),
                             .outcome = h.outcome,
                             .summary = buf_str(&h.made.summary),
                             .now_ms = h.ended_ms};
    r->held[i] = r->held[--r->n_held];
    bool ok = store_draft_finalise(r->st, &h.uuid, &n, &rev, e);
    record_made_wipe(&h.made);
    r->out.records += ok;
    r->out.outcomes[h.outcome] += ok;
    r->out.last_ms = h.ended_ms;
    return ok;
}

/* In the order in which they ended. */
static bool end_until(struct run *r, int64_t ms, struct err *e)
{
    for (;;) {
        size_t first = r->n_held;
        for (size_t i = 0; i < r->n_held; i++)
            if (r->held[i].ended_ms <= ms &&
                (first == r->n_held || r->held[i].ended_ms < r->held[first].ended_ms))
                first = i;
        if (first == r->n_held)
            return true;
        if (!end_one(r, first, e))
            return false;
    }
}

/* ---- what begins ---- */

/* As a session's start event, so that a draft left over by a failure opens like any other. */
static bool start_event(const struct sim_start *s, struct buf *out)
{
    struct event_pair v[] = {
        {STR("seed"), {(const char *)s->seed, sizeof s->seed}},
        {STR("zone"), STR(ZONE)},
        {STR("property:deviceid"), str_of(s->deviceid)},
        {STR("property:username"), str_of(s->username)},
    };
    struct event_pairs pairs = {v, sizeof v / sizeof *v};
    struct event ev = {.kind = EVENT_START, .at = s->at};
    struct buf value;
    buf_init(&value, 4096);
    bool ok = event_pairs_encode(&pairs, &value);
    ev.value = buf_str(&value);
    ok = ok && event_encode(&ev, out);
    buf_done(&value);
    return ok;
}

static bool begin(void *ctx, const struct sim_start *s, struct id16 *ret_uuid, struct err *e)
{
    struct run *r = ctx;
    struct buf event, note;
    struct summary sum = {.form_id = r->form->id,
                          .title = r->form->title,
                          .name = STR(""),
                          .at = STR(""),
                          .began_ms = s->at.ms,
                          .changed_ms = s->at.ms};
    if (!end_until(r, s->at.ms, e))
        return false;
    buf_init(&event, 8192);
    buf_init(&note, 4096);
    bool ok =
        (start_event(s, &event) && summary_pack(&sum, &note)) || err_fail(e, ERR_SESSION_LARGE);
    ok = ok && store_draft_begin(r->st, &r->hash, NULL, NULL, s->at.ms, buf_str(&event),
                                 buf_str(&note), ret_uuid, e);
    buf_done(&event);
    buf_done(&note);
    audit_wipe(&r->audit);
    audit_init(&r->audit);
    audit_event(&r->audit, &(struct event){.kind = EVENT_START, .at = s->at},
                &(struct audit_node){STR(""), false, STR(""), str_of(s->username)});
    r->began_ms = s->at.ms;
    if (s->number == 0)
        r->out.first_ms = s->at.ms;
    return ok;
}

static void told(void *ctx, const struct event *ev, const struct audit_node *node)
{
    struct run *r = ctx;
    audit_event(&r->audit, ev, node);
}

static bool keep(struct run *r, const struct sim_held *s, struct err *e)
{
    struct buf name, id, quota;
    buf_init(&name, LIMIT_ANSWER_BYTES);
    buf_init(&id, 64);
    buf_init(&quota, 4096);
    if (!r->form->instance_name_pii)
        interview_name(s->iv, &name);
    record_instance_id(&s->uuid, NULL, 0, &store_identity(r->st)->device, &id);
    struct summary sum = {.form_id = r->form->id,
                          .title = r->form->title,
                          .name = buf_str(&name),
                          .at = STR(""),
                          .outcome = (uint8_t)s->outcome,
                          .began_ms = r->began_ms,
                          .changed_ms = s->ended.ms,
                          .answered = s->answered};
    r->held = mem_grow(r->held, r->n_held, &r->cap_held, sizeof *r->held);
    struct held *h = &r->held[r->n_held++];
    *h = (struct held){.uuid = s->uuid, .outcome = (uint8_t)s->outcome, .ended_ms = s->ended.ms};
    record_made_init(&h->made);
    audit_finalise(&r->audit, s->ended.ms);
    bool ok = quota_mark(r->sv, &r->hash, s->iv, &quota, e);
    sum.quota = buf_str(&quota);
    ok = ok && record_make(s->iv, &r->audit, buf_str(&id), STR(""), NULL, &sum, &h->made, e);
    r->out.answers += s->answered;
    buf_done(&name);
    buf_done(&id);
    buf_done(&quota);
    return ok;
}

/* ---- the run ---- */

/* At most `count` more, in one transaction. */
static bool hold_some(struct run *r, struct sim *s, uint32_t count, bool last, struct err *e)
{
    struct sim_held h;
    if (!store_begin(r->st, e))
        return false;
    bool ok = true;
    for (uint32_t i = 0; ok && i < count; i++)
        ok = sim_next(s, &h, e) && keep(r, &h, e);
    if (ok && last)
        ok = end_until(r, INT64_MAX, e);
    if (ok)
        return store_commit(r->st, e);
    store_rollback(r->st);
    return false;
}

static bool hold_all(struct run *r, const struct sim_profile *p, uint32_t n, uint64_t seed,
                     struct err *e)
{
    struct sim *s;
    struct sim_witness w = {.ctx = r, .begin = begin, .event = told};
    if (!sim_new(&s, r->form, p, seed, &w, e))
        return false;
    bool ok = true;
    while (ok && n > 0) {
        uint32_t count = n < EACH_COMMIT ? n : EACH_COMMIT;
        n -= count;
        ok = hold_some(r, s, count, n == 0, e);
    }
    sim_free(s);
    return ok;
}

struct newest {
    uint64_t n;
    int64_t day;
};

static bool look(void *ctx, const struct revision *rev, enum revision_state state,
                 struct str summary)
{
    struct newest *at = ctx;
    struct summary sum;
    struct err e = {0};
    (void)rev;
    (void)state;
    at->n++;
    if (summary_unpack(summary, &sum, &e)) {
        int64_t day = (sum.changed_ms + OFFSET_MIN * 60000) / DAY_MS;
        at->day = day > at->day ? day : at->day;
    }
    return true;
}

bool sim_store(struct survey *sv, const struct hash32 *hash, const struct form *f,
               const struct sim_profile *p, uint32_t n, uint64_t seed, struct sim_stored *ret,
               struct err *e)
{
    struct store *st = survey_store(sv);
    struct run r = {.sv = sv, .st = st, .form = f, .hash = *hash};
    struct sim_profile later = *p;
    struct newest newest = {0};
    const struct store_identity *id = store_identity(st);
    if (!id->practice || id->kind != STORE_FIELD)
        return err_fail1(e, ERR_SIM_REAL, store_path(st));
    if (!store_revision_each(st, look, &newest, e))
        return false;
    if (newest.n && newest.day >= later.start_day)
        later.start_day = newest.day + 1;
    /* No nonce twice: the same seed again in this store goes on with other numbers. */
    dice_seed(&r.dice, seed, 4, newest.n);
    store_practice_random(st, random_of, &r.dice);
    audit_init(&r.audit);
    bool ok = hold_all(&r, &later, n, seed, e);
    store_practice_random(st, NULL, NULL);
    audit_wipe(&r.audit);
    while (r.n_held > 0)
        record_made_wipe(&r.held[--r.n_held].made);
    mem_free(r.held);
    if (ok)
        *ret = r.out;
    return ok;
}
