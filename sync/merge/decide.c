/* An office's decisions; see decide.h. */
#include "sync/merge/decide.h"

#include <stdlib.h>

#include "sync/bundle/keyring.h"
#include "sync/bundle/record.h"
#include "sync/merge/derive_i.h"

/* Signs by this store, keeps, and notes in the ledger. Within a transaction. */
static bool decide(struct store *s, enum fact_kind kind, struct str body, enum ledger_kind row,
                   const struct id16 *subject, struct err *e)
{
    const struct store_identity *id = store_identity(s);
    bool fresh;
    struct fact f = fact_sign(kind, &id->survey, &id->ed_pk, store_signing_key(s), body);
    struct hash32 fid = fact_id(&f, &id->survey);
    return fact_put(s, &f, &fresh, e) &&
           (!fresh || store_ledger_append(s, row, subject, &fid, STR(""), e));
}

static bool decide_alone(struct store *s, enum fact_kind kind, struct str body,
                         enum ledger_kind row, const struct id16 *subject, struct err *e)
{
    return store_begin(s, e) && store_end(s, decide(s, kind, body, row, subject, e), e);
}

static bool revision_must(struct store *s, const struct hash32 *rev_id, struct revision *ret,
                          struct err *e)
{
    bool there;
    if (!store_revision_get(s, rev_id, ret, &there, e))
        return false;
    if (there)
        return true;
    struct buf hex;
    buf_init(&hex, 80);
    hex_add(&hex, rev_id->b, 8);
    err_fail1(e, ERR_REVISION_UNKNOWN, hex.p);
    buf_done(&hex);
    return false;
}

/* ---- reviews ---- */

#define COMMENT_MAX ((size_t)64 << 10)

bool decide_review(struct store *s, const struct hash32 *rev_id, enum verdict verdict,
                   const struct hash32 *to, struct str comment, int64_t now_ms, struct err *e)
{
    struct revision r;
    struct buf body;
    bool back = verdict == VERDICT_RETURN;
    if (comment.n > COMMENT_MAX)
        return err_fail2(e, ERR_LIMIT, "The comment", "64 KiB");
    if (!revision_must(s, rev_id, &r, e))
        return false;
    struct review review = {.rev_id = *rev_id, .verdict = verdict, .made_ms = now_ms};
    review.comment = comment;
    if (back)
        review.device = to ? *to : r.device;
    buf_init(&body, COMMENT_MAX + 128);
    review_encode(&review, &body);
    bool ok = decide_alone(s, FACT_REVIEW, buf_str(&body), back ? LEDGER_RETURN : LEDGER_REVIEW,
                           &r.uuid, e);
    buf_wipe_done(&body);
    return ok;
}

/* ---- resolutions ---- */

struct heads {
    struct derive *d;
    struct hash32 v[REVISION_PARENTS_MAX];
    struct revision *revs;
    size_t n, n_revs, cap_revs;
};

static bool gather(void *ctx, const struct revision *r, enum revision_state state)
{
    struct heads *h = ctx;
    (void)state;
    h->revs = mem_grow(h->revs, h->n_revs, &h->cap_revs, sizeof *h->revs);
    h->revs[h->n_revs++] = *r;
    return true;
}

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct hash32));
}

/* The heads in conflict, ascending. */
static bool find_heads(struct heads *h, struct store *s, const struct id16 *uuid, struct err *e)
{
    if (!store_revision_of(s, uuid, gather, h, e))
        return false;
    for (size_t i = 0; i < h->n_revs; i++) {
        enum standing st;
        if (!derive_standing(h->d, &h->revs[i], &st, e))
            return false;
        if (st != STANDING_CONFLICT)
            continue;
        if (h->n == REVISION_PARENTS_MAX)
            return err_fail2(e, ERR_LIMIT, "The number of versions in conflict", "16");
        h->v[h->n++] = h->revs[i].rev_id;
    }
    qsort(h->v, h->n, sizeof *h->v, by_bytes);
    return true;
}

/* Contents under new salts: the resolution is a record of its own. */
static void new_part(struct part *p, uint8_t no, struct hash32 *ret_c)
{
    crypt_random(p->salt, sizeof p->salt);
    *ret_c = part_commitment(p->salt, no, p->bytes);
}

static bool put_resolution(struct merge_ctx *m, const struct revision *chosen,
                           const struct heads *h, struct hash32 *ret, struct err *e)
{
    struct store *s = m->store;
    struct record rec;
    struct buf parts, summary;
    bool fresh;
    buf_init(&parts, 2 * RECORD_PART_MAX);
    buf_init(&summary, 4096);
    bool ok = record_gather(s, chosen, &rec, &parts, e);
    if (ok && (!rec.has1 || rec.has2 == hash32_zero(&chosen->c2)))
        ok = err_fail(e, ERR_PART_ERASED);
    if (ok) {
        rec.r.device = store_identity(s)->device;
        rec.r.n_parents = (uint8_t)h->n;
        memcpy(rec.r.parents, h->v, h->n * sizeof h->v[0]);
        new_part(&rec.part1, 1, &rec.r.c1);
        if (rec.has2)
            new_part(&rec.part2, 2, &rec.r.c2);
        rec.r.rev_id = revision_id(&rec.r, &store_identity(s)->survey);
        if (m->index)
            m->index(m->index_ctx, &rec.r, rec.part1.bytes, rec.has2 ? rec.part2.bytes : STR(""),
                     &summary);
        ok = store_revision_put(s, &rec.r, &rec.part1, rec.has2 ? &rec.part2 : NULL, REVISION_HELD,
                                buf_str(&summary), &fresh, e) &&
             store_ledger_append(s, LEDGER_RESOLVE, &rec.r.uuid, &rec.r.rev_id, STR(""), e);
    }
    buf_wipe_done(&parts);
    buf_wipe_done(&summary);
    if (ok)
        *ret = rec.r.rev_id;
    return ok;
}

bool decide_resolve(struct merge_ctx *m, const struct hash32 *chosen, struct hash32 *ret_rev,
                    struct err *e)
{
    struct revision r;
    struct heads h = {.n = 0};
    if (!revision_must(m->store, chosen, &r, e) || !derive_open(&h.d, m->store, e))
        return false;
    bool ok = find_heads(&h, m->store, &r.uuid, e);
    if (ok && (h.n < 2 || !bsearch(chosen, h.v, h.n, sizeof *h.v, by_bytes)))
        ok = err_fail(e, ERR_NO_CONFLICT);
    ok = ok && store_begin(m->store, e) &&
         store_end(m->store, put_resolution(m, &r, &h, ret_rev, e), e);
    derive_free(h.d);
    mem_free(h.revs);
    return ok;
}

/* ---- laptops ---- */

/* This one of the device, if it counts, will count no longer. */
static void replace(const struct derive *d, const struct revoked *x, const struct hash32 *device,
                    struct buf *ends)
{
    struct last_good old = {.row_hash = x->id};
    if (derive_revoked_by(d, x, device))
        last_good_encode(&old, ends);
}

static bool revoke(struct store *s, const struct hash32 *device, const struct buf *ends,
                   struct err *e)
{
    struct derive *d;
    struct buf body;
    struct revocation r = {*device, buf_str(ends)};
    buf_init(&body, CUTOFF_BYTES + sizeof r.device.b);
    revocation_encode(&r, &body);
    bool ok =
        decide(s, FACT_REVOCATION, buf_str(&body), LEDGER_REVOKE, NULL, e) && derive_open(&d, s, e);
    buf_done(&body);
    if (!ok)
        return false;
    ok = derive_mark_revoked(d, e);
    derive_free(d);
    return ok;
}

/* Within the limit, or nothing was decided. */
static bool revoke_alone(struct store *s, const struct hash32 *device, const struct buf *ends,
                         struct err *e)
{
    if (ends->full)
        return err_fail2(e, ERR_LIMIT, "The ledger's gaps and ways", "18000");
    return store_begin(s, e) && store_end(s, revoke(s, device, ends, e), e);
}

bool decide_revoke(struct store *s, const struct hash32 *device, const struct cutoff *at,
                   struct err *e)
{
    struct derive *d;
    struct buf ends;
    if (!derive_open(&d, s, e))
        return false;
    buf_init(&ends, CUTOFF_BYTES);
    bool moved = at->row || at->until_ms != INT64_MAX;
    bool ok = moved || !derive_is_revoked(d, device) || err_fail(e, ERR_REVOKED_ALREADY);
    for (size_t i = 0; i < d->n_revoked; i++)
        replace(d, &d->revoked[i], device, &ends);
    ok = ok && cutoff_ends(s, device, at, &ends, e) && revoke_alone(s, device, &ends, e);
    buf_done(&ends);
    derive_free(d);
    return ok;
}

struct forked {
    const struct hash32 *device;
    struct matter_row *v; /* where the ways part */
    size_t n, cap;
    bool disagree;
};

static void note_fork(void *ctx, const struct matter_row *m)
{
    struct forked *f = ctx;
    if ((m->matter != MATTER_FORK && m->matter != MATTER_DISAGREE) ||
        !hash32_eq(&m->device, f->device))
        return;
    f->disagree = f->disagree || m->matter == MATTER_DISAGREE;
    f->v = mem_grow(f->v, f->n, &f->cap, sizeof *f->v);
    f->v[f->n++] = *m;
}

/* It chooses: one of the ways at least is not its own. */
static bool chooses(struct store *s, const struct forked *f, const struct cutoff *at, bool *ret,
                    struct err *e)
{
    *ret = false;
    for (size_t i = 0; i < f->n; i++) {
        bool good;
        if (!cutoff_is_good(s, f->device, at, &f->v[i].row_hash, &good, e))
            return false;
        *ret = *ret || !good;
    }
    return true;
}

/* Decisions that exclude each other are replaced where they exclude the row. */
static bool check_branch(struct derive *d, const struct forked *f, const struct cutoff *at,
                         struct buf *ends, struct err *e)
{
    uint8_t bytes[LEDGER_ROW_SIZE];
    struct ledger_row row;
    bool there, good = true, choice;
    if (!store_row_get(d->s, f->device, at->row, bytes, &there, e))
        return false;
    if (!there)
        return err_fail(e, ERR_NO_BRANCH);
    if (!ledger_row_decode(bytes, &row, e) ||
        !derive_row_good(d, f->device, at->row, row.seq, &good, e))
        return false;
    if (f->n == 0 || (!f->disagree && !good))
        return err_fail(e, ERR_NO_FORK);
    if (!chooses(d->s, f, at, &choice, e))
        return false;
    if (!choice)
        return err_fail(e, ERR_ROW_COMMON);
    for (size_t i = 0; i < d->n_revoked; i++) {
        if (!hash32_eq(&d->revoked[i].r.device, f->device))
            continue;
        if (!derive_good_by(d, &d->revoked[i], at->row, row.seq, &good, e))
            return false;
        if (!good)
            replace(d, &d->revoked[i], f->device, ends);
    }
    return true;
}

bool decide_branch(struct store *s, const struct hash32 *device, const struct hash32 *row,
                   struct err *e)
{
    struct forked f = {.device = device};
    struct cutoff at = {.row = row, .onward = true, .until_ms = INT64_MAX};
    struct derive *d;
    struct buf ends;
    if (!derive_open(&d, s, e))
        return false;
    buf_init(&ends, CUTOFF_BYTES);
    bool ok = derive_matters(d, note_fork, &f, e) && check_branch(d, &f, &at, &ends, e);
    ok = ok && cutoff_ends(s, device, &at, &ends, e) && revoke_alone(s, device, &ends, e);
    buf_done(&ends);
    mem_free(f.v);
    derive_free(d);
    return ok;
}

static bool check_election(const struct derive *d, const struct hash32 *device, bool instead,
                           struct err *e)
{
    switch (derive_enrolment(d, device)) {
    case ENROL_NONE:
    case ENROLLED: return err_fail(e, ERR_NOT_CONTESTED);
    case ENROL_CONTESTED: return true;
    case ENROL_REJECTED: return instead || err_fail(e, ERR_KIT_DECIDED);
    }
    return false;
}

bool decide_enrolment(struct store *s, const struct hash32 *device, bool instead, struct err *e)
{
    struct derive *d;
    struct buf body, old;
    if (!derive_open(&d, s, e))
        return false;
    buf_init(&body, STORE_FACT_MAX / 2);
    buf_init(&old, STORE_FACT_MAX / 4);
    bool ok = check_election(d, device, instead, e);
    if (ok) {
        struct election x = {.kit = derive_device(d, device)->kit, .device = *device};
        for (size_t i = 0; i < d->n_elected; i++)
            if (derive_elects(d, &d->elected[i], &x.kit))
                buf_add(&old, d->elected[i].id.b, sizeof d->elected[i].id.b);
        x.replaces = buf_str(&old);
        election_encode(&x, &body);
        ok = decide_alone(s, FACT_ENROLMENT, buf_str(&body), LEDGER_CONFIG, NULL, e);
    }
    buf_done(&old);
    buf_done(&body);
    derive_free(d);
    return ok;
}

/* ---- certificates ---- */

static bool put_certificate(struct store *s, const struct fact *f, struct err *e)
{
    bool fresh;
    struct hash32 id = fact_id(f, &store_identity(s)->survey);
    return fact_put(s, f, &fresh, e) &&
           (!fresh || store_ledger_append(s, LEDGER_CONFIG, NULL, &id, STR(""), e));
}

bool decide_certify(struct store *s, const struct secret *paper, const struct device *who,
                    uint32_t may, const struct hash32 *predecessor, struct err *e)
{
    struct secret *seed = crypt_kdf(paper, 1, "cacahrot"), *sk;
    struct pk32 root, known;
    struct buf body;
    struct store_marks marks;
    bool there;
    crypt_sign_pair(seed, &root, &sk);
    secret_free(seed);
    bool ok = config_get_bytes(s, "root", known.b, sizeof known.b, &there, e);
    if (ok && (!there || !pk32_eq(&root, &known)))
        ok = err_fail(e, ERR_PAPER_OTHER);
    store_marks(s, &marks);
    struct cert c = {
        .config_seq = marks.config_seq, .may = may, .ed_pk = who->ed_pk, .x_pk = who->x_pk};
    if (predecessor)
        c.predecessor = *predecessor;
    buf_init(&body, 256);
    cert_encode(&c, &body);
    if (ok) {
        struct fact f =
            fact_sign(FACT_CERTIFICATE, &store_identity(s)->survey, &root, sk, buf_str(&body));
        ok = store_begin(s, e) && store_end(s, put_certificate(s, &f, e), e);
    }
    buf_done(&body);
    secret_free(sk);
    return ok;
}

/* The device before: whose ledger ends in what our `rekey` row names. */
struct before {
    struct store *s;
    struct hash32 last, device;
    struct err *e;
    bool failed;
};

static bool note_rekey(void *ctx, const struct hash32 *row_hash,
                       const uint8_t bytes[LEDGER_ROW_SIZE])
{
    struct before *b = ctx;
    struct ledger_row row;
    struct err ignored = {0};
    (void)row_hash;
    if (ledger_row_decode(bytes, &row, &ignored) && row.kind == LEDGER_REKEY)
        b->last = row.object;
    return false; /* the first row alone */
}

static bool has_last(void *ctx, const struct device *d)
{
    struct before *b = ctx;
    uint8_t row[LEDGER_ROW_SIZE];
    bool there = false;
    b->failed = !store_row_get(b->s, &d->device, &b->last, row, &there, b->e);
    if (there)
        b->device = d->device;
    return !b->failed && !there;
}

bool decide_certify_self(struct store *s, const struct secret *paper, struct err *e)
{
    const struct store_identity *id = store_identity(s);
    struct device self = {.device = id->device, .ed_pk = id->ed_pk};
    struct before b = {.s = s, .e = e};
    struct keyring k;
    if (!store_ledger_each(s, &id->device, note_rekey, &b, e) ||
        !store_device_each(s, has_last, &b, e) || b.failed || !keyring_load(&k, s, e))
        return false;
    self.x_pk = k.keys[0].pk; /* the newest bundle key stays */
    keyring_done(&k);
    return decide_certify(s, paper, &self,
                          MAY_REVIEW | MAY_FORWARD | MAY_KIT | MAY_PURGE | MAY_ERASE,
                          hash32_zero(&b.device) ? NULL : &b.device, e);
}

bool decide_succeed(struct store *s, const struct device *who, const struct hash32 *predecessor,
                    struct err *e)
{
    const struct store_identity *id = store_identity(s);
    struct buf body;
    struct store_marks marks;
    store_marks(s, &marks);
    struct cert c = {.config_seq = marks.config_seq,
                     .may = MAY_INTERVIEW,
                     .ed_pk = who->ed_pk,
                     .x_pk = who->x_pk,
                     .predecessor = *predecessor};
    buf_init(&body, 256);
    cert_encode(&c, &body);
    struct fact f =
        fact_sign(FACT_CERTIFICATE, &id->survey, &id->ed_pk, store_signing_key(s), buf_str(&body));
    bool ok = store_begin(s, e) && store_end(s, put_certificate(s, &f, e), e);
    buf_done(&body);
    return ok;
}

/* ---- holds ---- */

static bool put_hold(struct store *s, const struct id16 *uuid, const struct hash32 *ends,
                     struct str reason, int64_t now_ms, struct err *e)
{
    struct buf body;
    struct hold h = {.uuid = *uuid, .ends = *ends, .made_ms = now_ms, .reason = reason};
    buf_init(&body, HOLD_REASON_MAX + 64);
    hold_encode(&h, &body);
    bool ok = decide(s, FACT_HOLD, buf_str(&body), LEDGER_CONFIG, uuid, e);
    buf_done(&body);
    return ok;
}

static bool put_ends(struct store *s, const struct derive *d, const struct id16 *uuid,
                     struct str reason, int64_t now_ms, struct err *e)
{
    struct hash32 id;
    for (size_t i = 0; derive_held(d, uuid, i, &id); i++)
        if (!put_hold(s, uuid, &id, reason, now_ms, e))
            return false;
    return true;
}

/* What was found before the transaction stands: there is one writer. */
static bool check_hold(struct derive *d, const struct id16 *uuid, bool release, struct err *e)
{
    struct erased erased;
    const struct pk32 *self = &store_identity(d->s)->ed_pk;
    if (!(authority_may(&d->authority, self) & MAY_KIT))
        return err_fail(e, ERR_NOT_OPERATOR);
    if (release)
        return derive_held(d, uuid, 0, NULL) || err_fail(e, ERR_NOT_HELD);
    if (!derive_erased(d, uuid, &erased, e))
        return false;
    return erased.hidden > erased.confirmed || err_fail(e, ERR_NOT_ERASING);
}

bool decide_hold(struct store *s, const struct id16 *uuid, bool release, struct str reason,
                 int64_t now_ms, struct err *e)
{
    static const struct hash32 none;
    struct derive *d;
    if (reason.n == 0 || reason.n > HOLD_REASON_MAX)
        return err_fail2(e, ERR_LIMIT, "The reason", "1 to 1024 bytes");
    if (!derive_open(&d, s, e))
        return false;
    bool ok = check_hold(d, uuid, release, e) && store_begin(s, e) &&
              store_end(s,
                        release ? put_ends(s, d, uuid, reason, now_ms, e)
                                : put_hold(s, uuid, &none, reason, now_ms, e),
                        e);
    derive_free(d);
    return ok;
}
