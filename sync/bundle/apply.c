/* Applying a receipt: read whole and judged first, then everything in one transaction; see receipt.h. */
#include <stdlib.h>

#include "sync/bundle/fact.h"
#include "sync/bundle/keyring.h"
#include "sync/bundle/kit_i.h"
#include "sync/bundle/parcel.h"
#include "sync/bundle/receipt.h"
#include "sync/bundle/record.h"

struct applying {
    struct store *s;
    const struct envelope_header *header;
    struct hash32 id;
    struct parcel p;
    struct authority authority;
    uint32_t may; /* of the signer */
    bool has_receipt;
    struct receipt_body receipt;
    struct ack *acks;
    size_t n_acks, cap_acks;
    struct state_body *states; /* ascending by rev_id once sorted */
    size_t n_states, cap_states;
    struct str config_fact, assignments;
    struct receipt_applied r;
    struct change {
        struct hash32 rev_id;
        enum revision_state to;
    } * changes;
    size_t n_changes, cap_changes;
    bool erased;
    bool other_way; /* it acknowledges rows of ours that are none */
};

/* ---- reading ---- */

static bool look_fact(struct applying *x, struct str body, struct err *e)
{
    struct fact f;
    if (!fact_decode(body, &store_identity(x->s)->survey, &f, e))
        return false;
    authority_add(&x->authority, &f);
    if (f.kind == FACT_CONFIG)
        x->config_fact = body;
    return true;
}

static bool look_acks(struct applying *x, struct str body, struct err *e)
{
    struct take t = take_from(body);
    struct ack a;
    while (ack_take(&t, &a)) {
        x->acks = mem_grow(x->acks, x->n_acks, &x->cap_acks, sizeof *x->acks);
        x->acks[x->n_acks++] = a;
    }
    return !t.bad || err_fail1(e, ERR_ENVELOPE_FRAME, "a broken acknowledgement");
}

static bool look_states(struct applying *x, struct str body, struct err *e)
{
    struct take t = take_from(body);
    struct state_body st;
    while (state_take(&t, &st)) {
        x->states = mem_grow(x->states, x->n_states, &x->cap_states, sizeof *x->states);
        x->states[x->n_states++] = st;
    }
    return !t.bad || err_fail1(e, ERR_ENVELOPE_FRAME, "a broken state");
}

static bool look(struct applying *x, const struct parcel_frame *f, struct err *e)
{
    struct tombstone tomb;
    struct record rec;
    switch (f->type) {
    case FRAME_FACT: return look_fact(x, f->body, e);
    case FRAME_RECEIPT:
        if (x->has_receipt)
            return err_fail1(e, ERR_ENVELOPE_FRAME, "two receipts");
        x->has_receipt = true;
        return receipt_body_decode(f->body, &x->receipt, e);
    case FRAME_ACK: return look_acks(x, f->body, e);
    case FRAME_STATE: return look_states(x, f->body, e);
    case FRAME_ASSIGNMENTS: x->assignments = f->body; return true;
    case FRAME_TOMBSTONE: return tombstone_decode(f->body, &tomb, e);
    case FRAME_RECORD:
        return record_decode(f->body, &store_identity(x->s)->survey, &rec, e) &&
               (record_fits(&rec) ||
                err_fail1(e, ERR_ENVELOPE_FRAME, "a returned record is false"));
    case FRAME_FORM:
    case FRAME_JOIN:
    case FRAME_DEVICE:
    case FRAME_ROWS:
    case FRAME_HEAD:
    case FRAME_ATTACHMENT:
    case FRAME_CHUNK: break;
    }
    return true; /* forms are looked at when they are put */
}

static int by_rev(const void *a, const void *b)
{
    const struct state_body *x = a, *y = b;
    return memcmp(x->rev_id.b, y->rev_id.b, sizeof x->rev_id.b);
}

static bool look_all(struct applying *x, struct err *e)
{
    for (size_t i = 0; i < x->p.n; i++)
        if (!look(x, &x->p.v[i], e))
            return false;
    if (x->n_states)
        qsort(x->states, x->n_states, sizeof *x->states, by_rev);
    return x->has_receipt || err_fail1(e, ERR_ENVELOPE_FRAME, "no receipt in it");
}

/* ---- judging: chain to the root, own survey and device, a row of our own ledger (§1.8) ---- */

/* Rows that another copy of us wrote, or that went when one was put back, are not ours to go on from. */
static bool check_acks(struct applying *x, struct err *e)
{
    const struct hash32 *self = &store_identity(x->s)->device;
    size_t kept = 0, of_us = 0, ours = 0;
    for (size_t i = 0; i < x->n_acks; i++) {
        uint8_t row[LEDGER_ROW_SIZE];
        struct ack a = x->acks[i];
        bool is_us = hash32_eq(&a.device, self), there = true;
        if (is_us && !store_row_get(x->s, self, &a.row_hash, row, &there, e))
            return false;
        of_us += is_us;
        ours += is_us && there;
        if (is_us && there && a.seq > x->r.acknowledged)
            x->r.acknowledged = a.seq;
        if (there)
            x->acks[kept++] = a;
    }
    x->n_acks = kept;
    x->other_way = of_us > 0 && ours == 0;
    return true;
}

static void counter_name(const struct applying *x, struct buf *out)
{
    buf_init(out, 64);
    buf_add_z(out, "receipt.");
    hex_add(out, x->header->incarnation.b, sizeof x->header->incarnation.b);
}

/* The highest number applied of this office incarnation. */
static bool check_number(struct applying *x, struct err *e)
{
    struct buf name, known;
    uint8_t bytes[8];
    bool there;
    counter_name(x, &name);
    buf_init(&known, 64);
    bool ok = config_get_bytes(x->s, name.p, bytes, sizeof bytes, &there, e) &&
              store_fact_get(x->s, FACT_RECEIPT, &x->id, &known, &x->r.again, e);
    buf_done(&name);
    buf_done(&known);
    if (!ok)
        return false;
    uint64_t highest = there ? le64(bytes) : 0;
    x->r.number = x->receipt.number;
    x->r.older = !x->r.again && x->receipt.number <= highest;
    return true;
}

/* What the office before this one wrote may still lie about; that is no cause for alarm. */
static bool refuse_signer(struct applying *x, struct err *e)
{
    bool there;
    if (!config_get_bytes(x->s, CONFIG_FORMER_ROOT, x->authority.root.b, sizeof x->authority.root.b,
                          &there, e))
        return false;
    if (there && authority_may(&x->authority, &x->header->sender) & MAY_KIT)
        return err_fail(e, ERR_RECEIPT_FORMER);
    return err_fail(e, ERR_RECEIPT_AUTHORITY);
}

static bool judge(struct applying *x, struct err *e)
{
    const struct store_identity *id = store_identity(x->s);
    x->may = authority_may(&x->authority, &x->header->sender);
    if (!(x->may & MAY_KIT))
        return refuse_signer(x, e);
    if (!hash32_eq(&x->receipt.device, &id->device))
        return err_fail(e, ERR_RECEIPT_OTHER);
    return check_acks(x, e) && check_number(x, e);
}

static bool read_receipt(struct applying *x, struct envelope_in *in, struct err *e)
{
    struct keyring k;
    x->header = envelope_in_header(in);
    if (x->header->kind != ENVELOPE_RECEIPT)
        return err_fail2(e, ERR_ENVELOPE_KIND, envelope_kind_name(x->header->kind), "receipt");
    if (!id16_eq(&x->header->survey, &store_identity(x->s)->survey))
        return err_fail(e, ERR_ENVELOPE_SURVEY);
    if (!envelope_check(in, e) || !keyring_load(&k, x->s, e))
        return false;
    bool ok = envelope_unlock(in, k.keys, k.n, e);
    keyring_done(&k);
    if (!ok || !parcel_read(&x->p, in, e))
        return false;
    x->id = x->r.id = envelope_in_id(in);
    return look_all(x, e) && judge(x, e);
}

/* ---- acting ---- */

/* The signer's word on one record: SAFE and ERASED release a local copy, so they need the right to purge
 * (§3, 42); what is safe stays so. */
static bool next_state(const struct applying *x, enum wire_state said, enum revision_state now,
                       enum revision_state *ret)
{
    bool purge = x->may & MAY_PURGE;
    switch (said) {
    case WIRE_HELD: *ret = REVISION_HELD; break;
    case WIRE_SAFE: *ret = purge ? REVISION_SAFE : REVISION_HELD; break;
    case WIRE_ERASED: *ret = purge ? REVISION_ERASED : REVISION_HELD; break;
    case WIRE_QUARANTINED: *ret = REVISION_QUARANTINED; break;
    }
    /* Above a supervisor "held" is a second copy in other hands: safe, as far as he is concerned. */
    if (*ret == REVISION_HELD && now == REVISION_HELD && purge &&
        store_identity(x->s)->kind == STORE_OFFICE)
        *ret = REVISION_SAFE;
    if (now == REVISION_SAFE || now == REVISION_ERASED)
        return *ret == REVISION_ERASED && now == REVISION_SAFE;
    return *ret != now;
}

static bool note_change(void *ctx, const struct revision *r, enum revision_state state,
                        struct str summary)
{
    struct applying *x = ctx;
    struct state_body key = {.rev_id = r->rev_id};
    enum revision_state to = state;
    const struct state_body *st =
        x->n_states ? bsearch(&key, x->states, x->n_states, sizeof key, by_rev) : NULL;
    (void)summary;
    if (!st)
        return true;
    switch (st->state) {
    case WIRE_HELD: x->r.held++; break;
    case WIRE_SAFE: x->r.safe++; break;
    case WIRE_ERASED: x->r.erased++; break;
    case WIRE_QUARANTINED: x->r.quarantined++; break;
    }
    if (!next_state(x, st->state, state, &to))
        return true;
    x->r.newly += state == REVISION_PENDING;
    x->changes = mem_grow(x->changes, x->n_changes, &x->cap_changes, sizeof *x->changes);
    x->changes[x->n_changes++] = (struct change){r->rev_id, to};
    return true;
}

static bool put_states(struct applying *x, struct err *e)
{
    if (!store_revision_each(x->s, note_change, x, e))
        return false;
    for (size_t i = 0; i < x->n_changes; i++)
        if (!store_revision_set_state(x->s, &x->changes[i].rev_id, x->changes[i].to, e))
            return false;
    return true;
}

/* Of each device and incarnation the highest row that is held above us. */
static bool put_acks(struct applying *x, struct err *e)
{
    struct buf old, new;
    bool there;
    buf_init(&old, (size_t)16 << 20);
    buf_init(&new, (size_t)16 << 20);
    bool ok = store_config_get(x->s, "acks", &old, &there, e);
    struct take t = take_from(buf_str(&old));
    struct ack a;
    while (ok && ack_take(&t, &a)) {
        bool higher = false;
        for (size_t i = 0; i < x->n_acks && !higher; i++)
            higher = hash32_eq(&x->acks[i].device, &a.device) &&
                     id16_eq(&x->acks[i].incarnation, &a.incarnation) && x->acks[i].seq >= a.seq;
        if (!higher)
            ack_encode(&a, &new);
    }
    for (size_t i = 0; ok && i < x->n_acks; i++)
        ack_encode(&x->acks[i], &new);
    ok = ok && (new.n == 0 || store_config_put(x->s, "acks", buf_str(&new), e));
    buf_done(&old);
    buf_done(&new);
    return ok;
}

/* A config counts when its own signer may, its number is higher, and survey and root are ours. */
static bool put_config(struct applying *x, struct store_marks *marks, struct err *e)
{
    struct arena a;
    struct config c;
    struct fact f;
    const struct id16 *survey = &store_identity(x->s)->survey;
    if (!x->config_fact.n || x->r.older)
        return true;
    if (!fact_decode(x->config_fact, survey, &f, e))
        return false;
    arena_init(&a);
    bool ok = config_parse(f.body, &c, &a, e);
    if (ok && (!pk32_eq(&c.root, &x->authority.root) || !id16_eq(&c.survey, survey) ||
               !(authority_may(&x->authority, &f.signer) & MAY_KIT)))
        ok = err_fail(e, ERR_RECEIPT_AUTHORITY);
    if (ok && c.seq > marks->config_seq) {
        struct hash32 id = fact_id(&f, survey);
        marks->config_seq = c.seq;
        x->r.new_config = true;
        ok = store_config_put(x->s, "config", x->config_fact, e) &&
             store_ledger_append(x->s, LEDGER_CONFIG, NULL, &id, STR(""), e);
    }
    arena_done(&a);
    return ok;
}

static bool put_record(struct applying *x, struct str body, struct err *e)
{
    struct record rec;
    bool fresh;
    return record_decode(body, &store_identity(x->s)->survey, &rec, e) &&
           store_revision_put(x->s, &rec.r, rec.has1 ? &rec.part1 : NULL,
                              rec.has2 ? &rec.part2 : NULL, REVISION_HELD, STR(""), &fresh, e);
}

static bool put_tombstones(struct applying *x, struct err *e)
{
    for (size_t i = 0; i < x->p.n && x->may & MAY_ERASE; i++) {
        if (x->p.v[i].type != FRAME_TOMBSTONE)
            continue;
        x->erased = true;
        if (!survey_put(x->s, &x->p.v[i], e))
            return false;
    }
    return true;
}

static bool put_contents(struct applying *x, struct err *e)
{
    struct store_counts before, after;
    if (!store_counts(x->s, &before, e))
        return false;
    for (size_t i = 0; i < x->p.n; i++) {
        const struct parcel_frame *f = &x->p.v[i];
        if (f->type == FRAME_TOMBSTONE && !(x->may & MAY_ERASE))
            continue;
        x->erased = x->erased || f->type == FRAME_TOMBSTONE;
        if (f->type == FRAME_RECORD ? !put_record(x, f->body, e) : !survey_put(x->s, f, e))
            return false;
    }
    if (!store_counts(x->s, &after, e))
        return false;
    x->r.new_forms = after.forms - before.forms;
    return true;
}

static bool put_number(struct applying *x, struct store_marks *marks, struct err *e)
{
    struct buf name;
    uint8_t bytes[8];
    if (x->r.older)
        return store_marks_set(x->s, marks, e);
    marks->receipt = x->receipt.number;
    marks->receipt_hash = x->id;
    put_le64(bytes, x->receipt.number);
    counter_name(x, &name);
    bool ok = store_config_put(x->s, name.p, (struct str){(const char *)bytes, sizeof bytes}, e) &&
              store_marks_set(x->s, marks, e);
    buf_done(&name);
    return ok;
}

static bool act(struct applying *x, struct err *e)
{
    struct store_marks marks;
    bool fresh;
    store_marks(x->s, &marks);
    if (!put_contents(x, e) || !put_config(x, &marks, e) || !put_states(x, e) || !put_acks(x, e))
        return false;
    if (x->assignments.n && !x->r.older &&
        !store_config_put(x->s, "assignments", x->assignments, e))
        return false;
    return put_number(x, &marks, e) &&
           store_fact_put(x->s, FACT_RECEIPT, &x->id, STR(""), &fresh, e) &&
           store_ledger_append(x->s, LEDGER_RECEIPT, NULL, &x->id, STR(""), e);
}

static bool apply(struct applying *x, struct err *e)
{
    if (x->r.again)
        return true;
    if (x->other_way)
        return store_begin(x->s, e) && store_end(x->s, put_tombstones(x, e), e) &&
               (!x->erased || store_settle(x->s, e)) && err_fail(e, ERR_RECEIPT_HEAD);
    return store_begin(x->s, e) && store_end(x->s, act(x, e), e) &&
           (!x->erased || store_settle(x->s, e));
}

bool receipt_apply(struct store *s, const char *path, struct buf *assignments,
                   struct receipt_applied *ret, struct err *e)
{
    struct envelope_in *in;
    struct applying x = {.s = s};
    if (!envelope_open(&in, path, e))
        return false;
    parcel_init(&x.p);
    bool ok = authority_load(&x.authority, s, e) && read_receipt(&x, in, e) && apply(&x, e);
    if (ok) {
        *ret = x.r;
        if (assignments && !x.r.older)
            buf_add_str(assignments, x.assignments);
    }
    envelope_in_free(in);
    parcel_done(&x.p);
    authority_done(&x.authority);
    mem_free(x.acks);
    mem_free(x.states);
    mem_free(x.changes);
    return ok;
}
