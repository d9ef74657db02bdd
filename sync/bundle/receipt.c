/* The office's answer to one device: written in an office, see apply.c for the laptop's side. */
#include "sync/bundle/receipt.h"

#include <stdlib.h>

#include "sync/bundle/fact.h"
#include "sync/bundle/keyring.h"
#include "sync/bundle/kit_i.h"
#include "sync/bundle/parcel.h"
#include "sync/bundle/record.h"

#define FRAME_BYTES     ((size_t)65536)
#define REASON_CONTENTS 1 /* enum quarantine_reason of merge/derive.h, above us */

struct answering {
    struct store *s;
    const struct receipt_new *n;
    struct parcel p;
    struct buf states, acks;
    struct receipt_written w;
    struct device *devices;
    size_t n_devices, cap_devices;
    struct device to;
    bool found;
    struct authority authority;
    bool
        to_office; /* a supervisor or another office machine: about everything, not its own records */
    struct ack ack;       /* of the device at hand */
    struct hash32 *aside; /* rev_ids in quarantine, ascending once sorted */
    size_t n_aside, cap_aside;
    struct err *e; /* of a callback that cannot return one */
    bool failed;
};

/* ---- whom, and what it may be told ---- */

static bool note_device(void *ctx, const struct device *d)
{
    struct answering *a = ctx;
    a->devices = mem_grow(a->devices, a->n_devices, &a->cap_devices, sizeof *a->devices);
    a->devices[a->n_devices] = *d;
    a->devices[a->n_devices++].label = (struct str){"", 0};
    if (hash32_eq(&d->device, &a->n->device)) {
        a->to = a->devices[a->n_devices - 1];
        a->found = true;
    }
    return true;
}

static bool find_receiver(struct answering *a, struct err *e)
{
    if (!store_device_each(a->s, note_device, a, e))
        return false;
    if (!a->found)
        return err_fail(e, ERR_NO_DEVICE);
    if (!authority_load(&a->authority, a->s, e))
        return false;
    a->to_office = (authority_may(&a->authority, &a->to.ed_pk) & ~(uint32_t)MAY_INTERVIEW) != 0;
    return true;
}

/* Its own things, and those from before it got new keys. */
static bool concerns(const struct answering *a, const struct hash32 *device)
{
    return a->to_office || hash32_eq(device, &a->n->device) ||
           authority_succeeds(&a->authority, &a->to.ed_pk, device);
}

/* ---- the newest head held of each incarnation ---- */

static void flush(struct answering *a, struct buf *b, enum frame_type type, size_t more)
{
    if (b->n == 0 || b->n + more <= FRAME_BYTES)
        return;
    parcel_add(&a->p, type, buf_str(b));
    buf_clear(b);
}

static void put_ack(struct answering *a)
{
    if (a->ack.seq == 0)
        return;
    flush(a, &a->acks, FRAME_ACK, ACK_SIZE);
    ack_encode(&a->ack, &a->acks);
    a->ack.seq = 0;
}

static bool note_head(void *ctx, const struct ledger_head *h)
{
    struct answering *a = ctx;
    bool counts = true; /* of a fork, the way that was chosen */
    a->failed =
        !a->to_office && a->n->judge && !a->n->judge->head(a->n->judge->ctx, h, &counts, a->e);
    if (a->failed || !counts)
        return !a->failed;
    if (a->ack.seq && !id16_eq(&a->ack.incarnation, &h->incarnation))
        put_ack(a);
    if (h->seq >= a->ack.seq)
        a->ack = (struct ack){h->device, h->incarnation, h->seq, h->row_hash};
    return true;
}

static bool add_acks(struct answering *a, struct err *e)
{
    a->e = e;
    for (size_t i = 0; i < a->n_devices; i++) {
        const struct hash32 *d = &a->devices[i].device;
        if (!concerns(a, d))
            continue;
        if (!store_head_each(a->s, d, note_head, a, e) || a->failed)
            return false;
        put_ack(a);
    }
    flush(a, &a->acks, FRAME_ACK, FRAME_BYTES);
    return true;
}

/* ---- what is held of its records ---- */

static void put_state(struct answering *a, const struct hash32 *rev_id, enum wire_state state,
                      uint8_t reason)
{
    struct state_body st = {*rev_id, state, reason};
    flush(a, &a->states, FRAME_STATE, STATE_SIZE);
    state_encode(&st, &a->states);
    switch (state) {
    case WIRE_HELD: a->w.held++; break;
    case WIRE_SAFE: a->w.safe++; break;
    case WIRE_ERASED: a->w.erased++; break;
    case WIRE_QUARANTINED: a->w.quarantined++; break;
    }
}

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct hash32));
}

static bool note_revision(void *ctx, const struct revision *r, enum revision_state state,
                          struct str summary)
{
    struct answering *a = ctx;
    (void)summary;
    if (!concerns(a, &r->device))
        return true;
    if (a->n_aside && bsearch(&r->rev_id, a->aside, a->n_aside, sizeof *a->aside, by_bytes))
        return true; /* said already */
    switch (state) {
    case REVISION_INCOMPLETE: break; /* holding its name is not holding it (§3, 43) */
    case REVISION_PENDING:
    case REVISION_HELD: put_state(a, &r->rev_id, WIRE_HELD, 0); break;
    case REVISION_SAFE: put_state(a, &r->rev_id, WIRE_SAFE, 0); break;
    case REVISION_ERASED: put_state(a, &r->rev_id, WIRE_ERASED, 0); break;
    case REVISION_QUARANTINED: put_state(a, &r->rev_id, WIRE_QUARANTINED, 0); break;
    }
    return true;
}

static bool not_held(struct answering *a, const struct hash32 *rev_id)
{
    struct revision r;
    bool there = false;
    a->failed = !store_revision_get(a->s, rev_id, &r, &there, a->e);
    return !a->failed && !there;
}

/* What was not taken, or does not count: device ‖ u8 reason under its rev_id. */
static bool note_quarantined(void *ctx, const struct hash32 *rev_id, struct str bytes)
{
    struct answering *a = ctx;
    struct take t = take_from(bytes);
    struct hash32 device;
    take_bytes(&t, device.b, sizeof device.b);
    uint8_t reason = take_u8(&t);
    if (t.bad || !concerns(a, &device))
        return true;
    if (reason == REASON_CONTENTS && !not_held(a, rev_id))
        return !a->failed; /* its true contents came after all */
    bool counts = false;   /* the revocation was replaced by another */
    a->failed = reason != REASON_CONTENTS && a->n->judge &&
                !a->n->judge->record(a->n->judge->ctx, rev_id, &counts, a->e);
    if (a->failed || counts)
        return !a->failed;
    put_state(a, rev_id, WIRE_QUARANTINED, reason);
    a->aside = mem_grow(a->aside, a->n_aside, &a->cap_aside, sizeof *a->aside);
    a->aside[a->n_aside++] = *rev_id;
    return true;
}

static bool add_states(struct answering *a, struct err *e)
{
    a->e = e;
    if (!store_fact_each(a->s, FACT_QUARANTINE, note_quarantined, a, e) || a->failed)
        return false;
    if (a->n_aside)
        qsort(a->aside, a->n_aside, sizeof *a->aside, by_bytes);
    if (!store_revision_each(a->s, note_revision, a, e))
        return false;
    flush(a, &a->states, FRAME_STATE, FRAME_BYTES);
    return true;
}

/* ---- returns: the review, and the record's contents, so that it opens there (decisions.md 7) ---- */

struct returns {
    struct answering *a;
    struct err *e;
    bool failed;
};

static bool add_contents(struct answering *a, const struct hash32 *rev_id, struct err *e)
{
    struct revision r;
    struct record rec;
    struct buf parts, body;
    bool there;
    if (!store_revision_get(a->s, rev_id, &r, &there, e))
        return false;
    if (!there)
        return true;
    buf_init(&parts, 2 * RECORD_PART_MAX);
    buf_init(&body, (size_t)33 << 20);
    bool ok = record_gather(a->s, &r, &rec, &parts, e);
    if (ok) {
        record_encode(&rec, &body);
        parcel_add(&a->p, FRAME_RECORD, buf_str(&body));
    }
    buf_wipe_done(&parts);
    buf_wipe_done(&body);
    return ok;
}

static bool note_review(void *ctx, const struct hash32 *id, struct str bytes)
{
    struct returns *x = ctx;
    struct fact f;
    struct review r;
    struct err ignored = {0};
    (void)id;
    if (!fact_read(bytes, &f, &ignored) || !review_decode(f.body, &r, &ignored) ||
        !concerns(x->a, &r.device))
        return true;
    parcel_add(&x->a->p, FRAME_FACT, bytes);
    x->failed = r.verdict == VERDICT_RETURN && !add_contents(x->a, &r.rev_id, x->e);
    return !x->failed;
}

static bool add_facts(struct answering *a, struct err *e)
{
    static const enum fact_kind kinds[] = {FACT_KIT, FACT_ENROLMENT, FACT_REVIEW, FACT_REVOCATION,
                                           FACT_HOLD};
    struct returns x = {a, e, false};
    if (!a->to_office)
        return store_fact_each(a->s, FACT_REVIEW, note_review, &x, e) && !x.failed;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (!parcel_add_facts(&a->p, a->s, kinds[i], e))
            return false;
    return true;
}

/* ---- the envelope ---- */

static bool add_front(struct answering *a, uint64_t number, struct err *e)
{
    struct receipt_body r = {.number = number, .device = a->n->device};
    struct buf b;
    bool there;
    if (!config_get_bytes(a->s, "receipt.last", r.previous.b, sizeof r.previous.b, &there, e))
        return false;
    buf_init(&b, 128);
    receipt_body_encode(&r, &b);
    parcel_add(&a->p, FRAME_RECEIPT, buf_str(&b));
    buf_done(&b);
    return true;
}

/* This store's memory of having written it: by it a rolled-back office is known. */
static bool remember(struct answering *a, const struct hash32 *id, uint64_t number, struct err *e)
{
    struct buf b;
    bool fresh;
    buf_init(&b, 64);
    buf_add_le64(&b, number);
    buf_add(&b, a->n->device.b, sizeof a->n->device.b);
    bool ok = store_fact_put(a->s, FACT_RECEIPT, id, buf_str(&b), &fresh, e) &&
              store_config_put(a->s, "receipt.last",
                               (struct str){(const char *)id->b, sizeof id->b}, e) &&
              store_ledger_append(a->s, LEDGER_SENT, NULL, id, STR("receipt"), e);
    buf_done(&b);
    return ok;
}

static bool write_file(struct answering *a, const char *path, struct envelope_new *n,
                       struct envelope_out **ret, struct err *e)
{
    struct buf full;
    const struct store_identity *id = store_identity(a->s);
    /* Supervisor and office may write into one folder, each with a number 3 of its own for the same laptop:
     * ten digits of who writes, behind. In the order of these numbers each one's own still rise. */
    uint64_t writer = le32(id->ed_pk.b);
    envelope_name(&id->survey, &a->n->device, n->seq * RECEIPT_WRITERS + writer, "receipt",
                  a->w.name);
    buf_init(&full, 1 << 16);
    path_in(path, a->w.name, &full);
    bool ok = parcel_write(&a->p, a->s, n, full.p, ret, e);
    buf_done(&full);
    return ok;
}

/* Within a transaction. */
static bool make(struct answering *a, const char *path, struct envelope_out **ret, struct err *e)
{
    struct envelope_new n = {.kind = ENVELOPE_RECEIPT, .created_ms = a->n->now_ms};
    if (!find_receiver(a, e) || !counter_next(a->s, "count.receipt", &n.seq, e) ||
        !add_front(a, n.seq, e) || !parcel_add_survey(&a->p, a->s, e) || !add_facts(a, e) ||
        !add_acks(a, e) || !add_states(a, e))
        return false;
    if (a->n->assignments.n)
        parcel_add(&a->p, FRAME_ASSIGNMENTS, a->n->assignments);
    n.to = &a->to.x_pk;
    n.n_to = 1;
    a->w.number = n.seq;
    if (!write_file(a, path, &n, ret, e))
        return false;
    a->w.id = envelope_out_id(*ret);
    a->w.bytes = envelope_out_size(*ret);
    return remember(a, &a->w.id, n.seq, e);
}

bool receipt_write(struct store *s, const char *path, const struct receipt_new *n,
                   struct receipt_written *ret, struct err *e)
{
    struct answering a = {.s = s, .n = n};
    struct envelope_out *o = NULL;
    parcel_init(&a.p);
    buf_init(&a.states, FRAME_BYTES);
    buf_init(&a.acks, FRAME_BYTES);
    bool ok = store_begin(s, e) && store_end(s, make(&a, path, &o, e), e) && envelope_publish(o, e);
    envelope_out_free(o);
    parcel_done(&a.p);
    authority_done(&a.authority);
    buf_done(&a.states);
    buf_done(&a.acks);
    mem_free(a.devices);
    mem_free(a.aside);
    if (ok)
        *ret = a.w;
    return ok;
}
