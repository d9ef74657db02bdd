/* The bodies of payload records; see record.h. */
#include "sync/bundle/record.h"

#include <assert.h>

static bool layout(struct err *e, const char *what)
{
    return err_fail1(e, ERR_ENVELOPE_FRAME, what);
}

/* ---- DEVICE ---- */

bool device_encode(const struct device *d, struct buf *out)
{
    buf_add(out, d->ed_pk.b, sizeof d->ed_pk.b);
    buf_add(out, d->x_pk.b, sizeof d->x_pk.b);
    buf_add(out, d->kit.b, sizeof d->kit.b);
    return buf_add(out, d->claim.b, sizeof d->claim.b);
}

bool device_decode(struct str body, struct device *ret, struct err *e)
{
    struct take t = take_from(body);
    struct device d = {0};
    take_bytes(&t, d.ed_pk.b, sizeof d.ed_pk.b);
    take_bytes(&t, d.x_pk.b, sizeof d.x_pk.b);
    take_bytes(&t, d.kit.b, sizeof d.kit.b);
    take_bytes(&t, d.claim.b, sizeof d.claim.b);
    if (!take_end(&t))
        return layout(e, "a broken device");
    d.device = device_id(&d.ed_pk, &d.x_pk);
    *ret = d;
    return true;
}

void enrol_message(const struct id16 *survey, const struct id16 *kit, const struct pk32 *ed,
                   const struct pk32 *x, struct buf *out)
{
    msg_tag(out, "cacah.enrol.1");
    buf_add(out, survey->b, sizeof survey->b);
    buf_add(out, kit->b, sizeof kit->b);
    buf_add(out, ed->b, sizeof ed->b);
    buf_add(out, x->b, sizeof x->b);
}

/* ---- HEAD ---- */

bool head_encode(const struct ledger_head *h, struct buf *out)
{
    buf_add(out, h->device.b, sizeof h->device.b);
    buf_add(out, h->incarnation.b, sizeof h->incarnation.b);
    buf_add_le64(out, h->seq);
    buf_add(out, h->row_hash.b, sizeof h->row_hash.b);
    return buf_add(out, h->sig.b, sizeof h->sig.b);
}

bool head_decode(struct str body, struct ledger_head *ret, struct err *e)
{
    struct take t = take_from(body);
    struct ledger_head h;
    take_bytes(&t, h.device.b, sizeof h.device.b);
    take_bytes(&t, h.incarnation.b, sizeof h.incarnation.b);
    h.seq = take_le64(&t);
    take_bytes(&t, h.row_hash.b, sizeof h.row_hash.b);
    take_bytes(&t, h.sig.b, sizeof h.sig.b);
    if (!take_end(&t))
        return layout(e, "a broken head");
    *ret = h;
    return true;
}

/* ---- RECORD ---- */

#define PART_1 1u
#define PART_2 2u

static void part_encode(const struct part *p, struct buf *out)
{
    buf_add(out, p->salt, sizeof p->salt);
    buf_add_le32(out, (uint32_t)p->bytes.n);
    buf_add_str(out, p->bytes);
}

bool record_encode(const struct record *rec, struct buf *out)
{
    const struct revision *r = &rec->r;
    buf_add(out, r->uuid.b, sizeof r->uuid.b);
    buf_add(out, r->device.b, sizeof r->device.b);
    buf_add(out, r->form.b, sizeof r->form.b);
    buf_add_u8(out, r->outcome);
    buf_add_u8(out, r->n_parents);
    for (uint8_t i = 0; i < r->n_parents; i++)
        buf_add(out, r->parents[i].b, sizeof r->parents[i].b);
    buf_add(out, r->c1.b, sizeof r->c1.b);
    buf_add(out, r->c2.b, sizeof r->c2.b);
    buf_add_u8(out, (uint8_t)((rec->has1 ? PART_1 : 0) | (rec->has2 ? PART_2 : 0)));
    if (rec->has1)
        part_encode(&rec->part1, out);
    if (rec->has2)
        part_encode(&rec->part2, out);
    return !out->full;
}

static void part_take(struct take *t, struct part *p)
{
    take_bytes(t, p->salt, sizeof p->salt);
    uint32_t n = take_le32(t);
    if (n > RECORD_PART_MAX)
        t->bad = true;
    p->bytes = take_str(t, n);
}

bool record_decode(struct str body, const struct id16 *survey, struct record *ret, struct err *e)
{
    struct take t = take_from(body);
    struct record rec = {0};
    struct revision *r = &rec.r;
    take_bytes(&t, r->uuid.b, sizeof r->uuid.b);
    take_bytes(&t, r->device.b, sizeof r->device.b);
    take_bytes(&t, r->form.b, sizeof r->form.b);
    r->outcome = take_u8(&t);
    r->n_parents = take_u8(&t);
    if (r->n_parents > REVISION_PARENTS_MAX)
        return layout(e, "a record with too many parents");
    for (uint8_t i = 0; i < r->n_parents; i++) {
        take_bytes(&t, r->parents[i].b, sizeof r->parents[i].b);
        if (i && memcmp(r->parents[i - 1].b, r->parents[i].b, sizeof r->parents[i].b) >= 0)
            return layout(e, "a record whose parents are not in order");
    }
    take_bytes(&t, r->c1.b, sizeof r->c1.b);
    take_bytes(&t, r->c2.b, sizeof r->c2.b);
    uint8_t parts = take_u8(&t);
    rec.has1 = parts & PART_1;
    rec.has2 = (parts & PART_2) != 0;
    if (rec.has1)
        part_take(&t, &rec.part1);
    if (rec.has2)
        part_take(&t, &rec.part2);
    if (!take_end(&t) || parts > (PART_1 | PART_2))
        return layout(e, "a broken record");
    r->rev_id = revision_id(r, survey);
    *ret = rec;
    return true;
}

static bool part_fits(bool there, const struct part *p, uint8_t no, const struct hash32 *c)
{
    if (!there)
        return true;
    struct hash32 made = part_commitment(p->salt, no, p->bytes);
    return hash32_eq(&made, c);
}

bool record_fits(const struct record *r)
{
    return part_fits(r->has1, &r->part1, 1, &r->r.c1) && part_fits(r->has2, &r->part2, 2, &r->r.c2);
}

static bool load_part(struct store *s, const struct revision *r, uint8_t no, bool *has,
                      struct part *p, size_t *at, struct buf *parts, struct err *e)
{
    struct err why = {0};
    *at = parts->n;
    *has = store_revision_part(s, &r->rev_id, no, p->salt, parts, &why);
    p->bytes.n = parts->n - *at;
    if (*has || err_is(&why, &ERR_PART_ERASED) || err_is(&why, &ERR_PART_MISSING))
        return true;
    *e = why;
    return false;
}

bool record_gather(struct store *s, const struct revision *r, struct record *ret, struct buf *parts,
                   struct err *e)
{
    size_t at1 = 0, at2 = 0;
    struct record rec = {.r = *r};
    if (!load_part(s, r, 1, &rec.has1, &rec.part1, &at1, parts, e))
        return false;
    if (!hash32_zero(&r->c2) && !load_part(s, r, 2, &rec.has2, &rec.part2, &at2, parts, e))
        return false;
    /* Only now: the buffer may have moved. */
    rec.part1.bytes = str_sub(str_from(buf_str(parts), at1), 0, rec.part1.bytes.n);
    rec.part2.bytes = str_sub(str_from(buf_str(parts), at2), 0, rec.part2.bytes.n);
    *ret = rec;
    return true;
}

/* ---- TOMBSTONE ---- */

bool tombstone_encode(const struct tombstone *x, struct buf *out)
{
    buf_add(out, x->uuid.b, sizeof x->uuid.b);
    buf_add_u8(out, (uint8_t)x->scope);
    buf_add(out, x->signer.b, sizeof x->signer.b);
    return buf_add(out, x->row.b, sizeof x->row.b);
}

bool tombstone_decode(struct str body, struct tombstone *ret, struct err *e)
{
    struct take t = take_from(body);
    struct tombstone x;
    take_bytes(&t, x.uuid.b, sizeof x.uuid.b);
    uint8_t scope = take_u8(&t);
    x.scope = (enum erase_scope)scope;
    take_bytes(&t, x.signer.b, sizeof x.signer.b);
    take_bytes(&t, x.row.b, sizeof x.row.b);
    if (!take_end(&t) || scope < ERASE_PII || scope > ERASE_ALL)
        return layout(e, "a broken tombstone");
    *ret = x;
    return true;
}

/* ---- JOIN ---- */

#define SEED_SIZE 32

bool join_encode(const struct join_body *j, struct buf *out)
{
    assert(j->seed.n == SEED_SIZE);
    buf_add(out, j->root.b, sizeof j->root.b);
    buf_add(out, j->kit.b, sizeof j->kit.b);
    buf_add_str(out, j->seed);
    return buf_add_str(out, j->label);
}

bool join_decode(struct str body, struct join_body *ret, struct err *e)
{
    struct take t = take_from(body);
    struct join_body j;
    take_bytes(&t, j.root.b, sizeof j.root.b);
    take_bytes(&t, j.kit.b, sizeof j.kit.b);
    j.seed = take_str(&t, SEED_SIZE);
    j.label = take_str(&t, t.n);
    if (t.bad)
        return layout(e, "a broken enrolment seed");
    *ret = j;
    return true;
}

/* ---- RECEIPT, ACK, STATE ---- */

bool receipt_body_encode(const struct receipt_body *r, struct buf *out)
{
    buf_add_le64(out, r->number);
    buf_add(out, r->previous.b, sizeof r->previous.b);
    return buf_add(out, r->device.b, sizeof r->device.b);
}

bool receipt_body_decode(struct str body, struct receipt_body *ret, struct err *e)
{
    struct take t = take_from(body);
    struct receipt_body r = {.number = take_le64(&t)};
    take_bytes(&t, r.previous.b, sizeof r.previous.b);
    take_bytes(&t, r.device.b, sizeof r.device.b);
    if (!take_end(&t) || r.number == 0)
        return layout(e, "a broken receipt");
    *ret = r;
    return true;
}

bool ack_encode(const struct ack *a, struct buf *out)
{
    buf_add(out, a->device.b, sizeof a->device.b);
    buf_add(out, a->incarnation.b, sizeof a->incarnation.b);
    buf_add_le64(out, a->seq);
    return buf_add(out, a->row_hash.b, sizeof a->row_hash.b);
}

bool ack_take(struct take *t, struct ack *ret)
{
    struct ack a;
    if (t->n == 0)
        return false;
    take_bytes(t, a.device.b, sizeof a.device.b);
    take_bytes(t, a.incarnation.b, sizeof a.incarnation.b);
    a.seq = take_le64(t);
    take_bytes(t, a.row_hash.b, sizeof a.row_hash.b);
    if (!t->bad)
        *ret = a;
    return !t->bad;
}

bool state_encode(const struct state_body *st, struct buf *out)
{
    buf_add(out, st->rev_id.b, sizeof st->rev_id.b);
    buf_add_u8(out, (uint8_t)st->state);
    return buf_add_u8(out, st->reason);
}

bool state_take(struct take *t, struct state_body *ret)
{
    struct state_body st;
    if (t->n == 0)
        return false;
    take_bytes(t, st.rev_id.b, sizeof st.rev_id.b);
    uint8_t state = take_u8(t);
    st.reason = take_u8(t);
    if (state < WIRE_HELD || state > WIRE_QUARANTINED)
        t->bad = true;
    st.state = (enum wire_state)state;
    if (!t->bad)
        *ret = st;
    return !t->bad;
}
