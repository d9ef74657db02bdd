/* Signed facts, certificates and what they allow; see fact.h. */
#include "sync/bundle/fact.h"

#include <assert.h>

#define FACT_FRONT (1 + 32 + 64) /* kind ‖ signer ‖ signature */

/* The tag binds a signature to its kind. NULL: no signed kind. */
static const char *tag_of(enum fact_kind kind)
{
    switch (kind) {
    case FACT_CERTIFICATE: return "cacah.cert.1";
    case FACT_KIT: return "cacah.kit.1";
    case FACT_CONFIG: return "cacah.config.1";
    case FACT_ENROLMENT: return "cacah.elect.1";
    case FACT_REVIEW: return "cacah.review.1";
    case FACT_REVOCATION: return "cacah.revoke.1";
    case FACT_HOLD: return "cacah.hold.1";
    case FACT_TOMBSTONE:
    case FACT_CLAIM:
    case FACT_RETURN:
    case FACT_RECEIPT:
    case FACT_QUARANTINE:
    case FACT_SEEN: break;
    }
    return NULL;
}

static void fact_message(enum fact_kind kind, const struct id16 *survey, struct str body,
                         struct buf *out)
{
    buf_init(out, FACT_BODY_MAX + 32);
    msg_tag(out, tag_of(kind));
    buf_add(out, survey->b, sizeof survey->b);
    buf_add_str(out, body);
}

struct fact fact_sign(enum fact_kind kind, const struct id16 *survey, const struct pk32 *signer,
                      const struct secret *signing_key, struct str body)
{
    struct buf m;
    struct fact f = {.kind = kind, .signer = *signer, .body = body};
    assert(body.n <= FACT_BODY_MAX);
    fact_message(kind, survey, body, &m);
    f.sig = crypt_sign(signing_key, buf_str(&m));
    buf_done(&m);
    return f;
}

bool fact_encode(const struct fact *f, struct buf *out)
{
    buf_add_u8(out, (uint8_t)f->kind);
    buf_add(out, f->signer.b, sizeof f->signer.b);
    buf_add(out, f->sig.b, sizeof f->sig.b);
    return buf_add_str(out, f->body);
}

bool fact_read(struct str bytes, struct fact *ret, struct err *e)
{
    struct take t = take_from(bytes);
    struct fact f = {.kind = (enum fact_kind)take_u8(&t)};
    take_bytes(&t, f.signer.b, sizeof f.signer.b);
    take_bytes(&t, f.sig.b, sizeof f.sig.b);
    f.body = take_str(&t, t.n);
    if (t.bad || !tag_of(f.kind) || f.body.n > FACT_BODY_MAX)
        return err_fail1(e, ERR_FACT, "layout");
    *ret = f;
    return true;
}

bool fact_decode(struct str bytes, const struct id16 *survey, struct fact *ret, struct err *e)
{
    struct fact f;
    struct buf m;
    if (!fact_read(bytes, &f, e))
        return false;
    fact_message(f.kind, survey, f.body, &m);
    bool ok = crypt_verify(&f.signer, &f.sig, buf_str(&m));
    buf_done(&m);
    if (!ok)
        return err_fail1(e, ERR_FACT, "signature");
    *ret = f;
    return true;
}

struct hash32 fact_id(const struct fact *f, const struct id16 *survey)
{
    struct hasher h;
    struct hash32 id;
    struct buf front;
    buf_init(&front, 128);
    msg_tag(&front, "cacah.fact.1");
    buf_add(&front, survey->b, sizeof survey->b);
    buf_add_u8(&front, (uint8_t)f->kind);
    buf_add(&front, f->signer.b, sizeof f->signer.b);
    hasher_start(&h, sizeof id.b);
    hasher_add(&h, front.p, front.n);
    hasher_add(&h, f->body.p, f->body.n);
    hasher_end(&h, id.b, sizeof id.b);
    buf_done(&front);
    return id;
}

bool fact_put(struct store *s, const struct fact *f, bool *ret_new, struct err *e)
{
    struct buf bytes;
    buf_init(&bytes, STORE_FACT_MAX);
    fact_encode(f, &bytes);
    struct hash32 id = fact_id(f, &store_identity(s)->survey);
    bool ok = store_fact_put(s, f->kind, &id, buf_str(&bytes), ret_new, e);
    buf_done(&bytes);
    return ok;
}

/* ---- bodies ---- */

/* le64 config_seq ‖ le32 capabilities ‖ ed_pk ‖ x_pk ‖ predecessor */
bool cert_encode(const struct cert *c, struct buf *out)
{
    buf_add_le64(out, c->config_seq);
    buf_add_le32(out, c->may);
    buf_add(out, c->ed_pk.b, sizeof c->ed_pk.b);
    buf_add(out, c->x_pk.b, sizeof c->x_pk.b);
    return buf_add(out, c->predecessor.b, sizeof c->predecessor.b);
}

bool cert_decode(struct str body, struct cert *ret, struct err *e)
{
    struct take t = take_from(body);
    struct cert c = {.config_seq = take_le64(&t), .may = take_le32(&t)};
    take_bytes(&t, c.ed_pk.b, sizeof c.ed_pk.b);
    take_bytes(&t, c.x_pk.b, sizeof c.x_pk.b);
    take_bytes(&t, c.predecessor.b, sizeof c.predecessor.b);
    if (!take_end(&t))
        return err_fail1(e, ERR_FACT, "certificate");
    *ret = c;
    return true;
}

/* kit_id ‖ enrolment key ‖ le64 when made ‖ label */
bool kit_fact_encode(const struct kit_fact *k, struct buf *out)
{
    buf_add(out, k->kit.b, sizeof k->kit.b);
    buf_add(out, k->enrol_pk.b, sizeof k->enrol_pk.b);
    buf_add_le64(out, (uint64_t)k->made_ms);
    return buf_add_str(out, k->label);
}

bool kit_fact_decode(struct str body, struct kit_fact *ret, struct err *e)
{
    struct take t = take_from(body);
    struct kit_fact k;
    take_bytes(&t, k.kit.b, sizeof k.kit.b);
    take_bytes(&t, k.enrol_pk.b, sizeof k.enrol_pk.b);
    k.made_ms = (int64_t)take_le64(&t);
    k.label = take_str(&t, t.n);
    if (t.bad || k.label.n > KIT_LABEL_MAX)
        return err_fail1(e, ERR_FACT, "kit");
    *ret = k;
    return true;
}

/* rev_id ‖ u8 verdict ‖ device ‖ le64 when made ‖ comment */
bool review_encode(const struct review *r, struct buf *out)
{
    buf_add(out, r->rev_id.b, sizeof r->rev_id.b);
    buf_add_u8(out, (uint8_t)r->verdict);
    buf_add(out, r->device.b, sizeof r->device.b);
    buf_add_le64(out, (uint64_t)r->made_ms);
    return buf_add_str(out, r->comment);
}

bool review_decode(struct str body, struct review *ret, struct err *e)
{
    struct take t = take_from(body);
    struct review r;
    take_bytes(&t, r.rev_id.b, sizeof r.rev_id.b);
    uint8_t verdict = take_u8(&t);
    r.verdict = (enum verdict)verdict;
    take_bytes(&t, r.device.b, sizeof r.device.b);
    r.made_ms = (int64_t)take_le64(&t);
    r.comment = take_str(&t, t.n);
    if (t.bad || verdict < VERDICT_ACCEPT || verdict > VERDICT_RETURN)
        return err_fail1(e, ERR_FACT, "review");
    *ret = r;
    return true;
}

/* incarnation ‖ le64 seq ‖ row_hash */
bool last_good_encode(const struct last_good *x, struct buf *out)
{
    buf_add(out, x->incarnation.b, sizeof x->incarnation.b);
    buf_add_le64(out, x->seq);
    return buf_add(out, x->row_hash.b, sizeof x->row_hash.b);
}

bool last_good_take(struct take *t, struct last_good *ret)
{
    if (t->bad || t->n == 0)
        return false;
    take_bytes(t, ret->incarnation.b, sizeof ret->incarnation.b);
    ret->seq = take_le64(t);
    take_bytes(t, ret->row_hash.b, sizeof ret->row_hash.b);
    return !t->bad;
}

/* device ‖ its last good rows */
bool revocation_encode(const struct revocation *r, struct buf *out)
{
    buf_add(out, r->device.b, sizeof r->device.b);
    return buf_add_str(out, r->ends);
}

bool revocation_decode(struct str body, struct revocation *ret, struct err *e)
{
    struct take t = take_from(body);
    struct revocation r;
    take_bytes(&t, r.device.b, sizeof r.device.b);
    r.ends = take_str(&t, t.n - t.n % LAST_GOOD_SIZE);
    if (!take_end(&t))
        return err_fail1(e, ERR_FACT, "revocation");
    *ret = r;
    return true;
}

/* uuid ‖ the hold that ends, or zero ‖ le64 ms ‖ reason */
bool hold_encode(const struct hold *h, struct buf *out)
{
    buf_add(out, h->uuid.b, sizeof h->uuid.b);
    buf_add(out, h->ends.b, sizeof h->ends.b);
    buf_add_le64(out, (uint64_t)h->made_ms);
    return buf_add_str(out, h->reason);
}

bool hold_decode(struct str body, struct hold *ret, struct err *e)
{
    struct take t = take_from(body);
    struct hold h;
    take_bytes(&t, h.uuid.b, sizeof h.uuid.b);
    take_bytes(&t, h.ends.b, sizeof h.ends.b);
    h.made_ms = (int64_t)take_le64(&t);
    h.reason = take_str(&t, t.n);
    if (!take_end(&t) || h.reason.n == 0 || h.reason.n > HOLD_REASON_MAX)
        return err_fail1(e, ERR_FACT, "hold");
    *ret = h;
    return true;
}

/* kit_id ‖ device ‖ ids of what it replaces */
bool election_encode(const struct election *x, struct buf *out)
{
    buf_add(out, x->kit.b, sizeof x->kit.b);
    buf_add(out, x->device.b, sizeof x->device.b);
    return buf_add_str(out, x->replaces);
}

bool election_decode(struct str body, struct election *ret, struct err *e)
{
    struct take t = take_from(body);
    struct election x;
    take_bytes(&t, x.kit.b, sizeof x.kit.b);
    take_bytes(&t, x.device.b, sizeof x.device.b);
    x.replaces = take_str(&t, t.n - t.n % sizeof x.device.b);
    if (!take_end(&t))
        return err_fail1(e, ERR_FACT, "enrolment decision");
    *ret = x;
    return true;
}

/* ---- who may ---- */

void authority_init(struct authority *a, const struct pk32 *root)
{
    *a = (struct authority){.root = *root};
}

void authority_done(struct authority *a)
{
    mem_free(a->v);
    *a = (struct authority){.n = 0};
}

void authority_add(struct authority *a, const struct fact *f)
{
    struct cert c;
    struct err ignored = {0};
    if (f->kind != FACT_CERTIFICATE || !cert_decode(f->body, &c, &ignored))
        return;
    a->v = mem_grow(a->v, a->n, &a->cap, sizeof *a->v);
    a->v[a->n++] = (struct authority_cert){f->signer, c};
}

static uint32_t by_root(const struct authority *a, const struct pk32 *ed_pk)
{
    uint32_t may = 0;
    for (size_t i = 0; i < a->n; i++)
        if (pk32_eq(&a->v[i].cert.ed_pk, ed_pk) && pk32_eq(&a->v[i].signer, &a->root))
            may |= a->v[i].cert.may;
    return may;
}

uint32_t authority_may(const struct authority *a, const struct pk32 *ed_pk)
{
    uint32_t may = by_root(a, ed_pk);
    for (size_t i = 0; i < a->n; i++) {
        const struct authority_cert *c = &a->v[i];
        if (pk32_eq(&c->cert.ed_pk, ed_pk) && by_root(a, &c->signer) & MAY_KIT)
            may |= c->cert.may & MAY_INTERVIEW;
    }
    return may;
}

/* How often one laptop may get new keys; a bound against certificates that go round in circles. */
#define SUCCESSIONS_MAX 64

static bool goes_on_for(const struct authority *a, const struct pk32 *ed_pk,
                        const struct hash32 *predecessor, unsigned left)
{
    for (size_t i = 0; left > 0 && i < a->n; i++) {
        const struct authority_cert *c = &a->v[i];
        if (!pk32_eq(&c->cert.ed_pk, ed_pk) || hash32_zero(&c->cert.predecessor) ||
            !(pk32_eq(&c->signer, &a->root) || by_root(a, &c->signer) & MAY_KIT))
            continue;
        if (hash32_eq(&c->cert.predecessor, predecessor))
            return true;
        for (size_t k = 0; k < a->n; k++) {
            struct hash32 between = device_id(&a->v[k].cert.ed_pk, &a->v[k].cert.x_pk);
            if (hash32_eq(&between, &c->cert.predecessor) &&
                goes_on_for(a, &a->v[k].cert.ed_pk, predecessor, left - 1))
                return true;
        }
    }
    return false;
}

bool authority_succeeds(const struct authority *a, const struct pk32 *ed_pk,
                        const struct hash32 *predecessor)
{
    return goes_on_for(a, ed_pk, predecessor, SUCCESSIONS_MAX);
}

static bool load_cert(void *ctx, const struct hash32 *id, struct str bytes)
{
    struct fact f;
    struct err ignored = {0};
    (void)id;
    if (fact_read(bytes, &f, &ignored))
        authority_add(ctx, &f);
    return true;
}

bool authority_load(struct authority *a, struct store *s, struct err *e)
{
    struct buf root;
    bool there;
    struct pk32 pk = {{0}};
    buf_init(&root, sizeof pk.b);
    bool ok = store_config_get(s, "root", &root, &there, e);
    if (ok && (!there || root.n != sizeof pk.b))
        ok = err_fail(e, ERR_NO_ROOT);
    if (ok)
        memcpy(pk.b, root.p, sizeof pk.b);
    buf_done(&root);
    if (!ok)
        return false;
    authority_init(a, &pk);
    if (store_fact_each(s, FACT_CERTIFICATE, load_cert, a, e))
        return true;
    authority_done(a);
    return false;
}
