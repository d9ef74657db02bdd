/* What follows from the facts; see derive.h. */
#include "sync/merge/derive_i.h"

#include "sync/bundle/record.h"

/* ---- what is held in memory ---- */

static void note_revocation(struct derive *d, const struct fact *f)
{
    struct err ignored = {0};
    struct revoked x = {.signer = f->signer, .id = fact_id(f, &store_identity(d->s)->survey)};
    if (!revocation_decode(f->body, &x.r, &ignored))
        return;
    x.r.ends = arena_str(&d->labels, x.r.ends);
    d->revoked = mem_grow(d->revoked, d->n_revoked, &d->cap_revoked, sizeof *d->revoked);
    d->revoked[d->n_revoked++] = x;
}

static void note_kit(struct derive *d, const struct fact *f)
{
    struct err ignored = {0};
    struct kit_fact k;
    if (!kit_fact_decode(f->body, &k, &ignored))
        return;
    k.label = arena_str(&d->labels, k.label);
    d->kits = mem_grow(d->kits, d->n_kits, &d->cap_kits, sizeof *d->kits);
    d->kits[d->n_kits++] = k;
}

static void note_review(struct derive *d, const struct fact *f)
{
    struct err ignored = {0};
    struct review r;
    if (!review_decode(f->body, &r, &ignored))
        return;
    d->reviews = mem_grow(d->reviews, d->n_reviews, &d->cap_reviews, sizeof *d->reviews);
    d->reviews[d->n_reviews++] = (struct reviewed){
        r.rev_id, r.device, fact_id(f, &store_identity(d->s)->survey), f->signer, r.verdict};
    by_id_add(&d->reviews_of, r.rev_id.b);
}

static void note_hold(struct derive *d, const struct fact *f)
{
    struct err ignored = {0};
    struct hold h;
    if (!hold_decode(f->body, &h, &ignored))
        return;
    h.reason = arena_str(&d->labels, h.reason);
    d->holds = mem_grow(d->holds, d->n_holds, &d->cap_holds, sizeof *d->holds);
    d->holds[d->n_holds++] = (struct held){h, fact_id(f, &store_identity(d->s)->survey), f->signer};
    by_id_add(&d->holds_of, h.uuid.b);
}

static void note_election(struct derive *d, const struct fact *f)
{
    struct err ignored = {0};
    struct elected x = {.signer = f->signer, .id = fact_id(f, &store_identity(d->s)->survey)};
    if (!election_decode(f->body, &x.x, &ignored))
        return;
    x.x.replaces = arena_str(&d->labels, x.x.replaces);
    d->elected = mem_grow(d->elected, d->n_elected, &d->cap_elected, sizeof *d->elected);
    d->elected[d->n_elected++] = x;
}

void derive_note_fact(struct derive *d, const struct fact *f)
{
    switch (f->kind) {
    case FACT_CERTIFICATE: authority_add(&d->authority, f); break;
    case FACT_REVOCATION: note_revocation(d, f); break;
    case FACT_REVIEW: note_review(d, f); break;
    case FACT_ENROLMENT: note_election(d, f); break;
    case FACT_KIT: note_kit(d, f); break;
    case FACT_HOLD: note_hold(d, f); break;
    case FACT_CONFIG:
    case FACT_TOMBSTONE:
    case FACT_CLAIM:
    case FACT_RETURN:
    case FACT_RECEIPT:
    case FACT_QUARANTINE:
    case FACT_SEEN: break;
    }
}

void derive_note_tombstone(struct derive *d, const struct tombstone *t)
{
    d->tombs = mem_grow(d->tombs, d->n_tombs, &d->cap_tombs, sizeof *d->tombs);
    d->tombs[d->n_tombs++] = *t;
    by_id_add(&d->tombs_of, t->uuid.b);
}

void derive_note_device(struct derive *d, const struct device *dev)
{
    d->devices = mem_grow(d->devices, d->n_devices, &d->cap_devices, sizeof *d->devices);
    d->devices[d->n_devices] = *dev;
    d->devices[d->n_devices++].label = (struct str){"", 0};
}

const struct authority *derive_authority(const struct derive *d)
{
    return &d->authority;
}

static bool load_fact(void *ctx, const struct hash32 *id, struct str bytes)
{
    struct derive *d = ctx;
    struct fact f;
    struct err ignored = {0};
    (void)id;
    if (fact_read(bytes, &f, &ignored))
        derive_note_fact(d, &f);
    return true;
}

static bool load_tombstone(void *ctx, const struct tombstone *t)
{
    derive_note_tombstone(ctx, t);
    return true;
}

static bool load_device(void *ctx, const struct device *dev)
{
    derive_note_device(ctx, dev);
    return true;
}

bool derive_open(struct derive **ret, struct store *s, struct err *e)
{
    static const enum fact_kind kinds[] = {FACT_KIT, FACT_REVOCATION, FACT_REVIEW, FACT_ENROLMENT,
                                           FACT_HOLD};
    struct derive *d = mem_alloc(sizeof *d);
    *d = (struct derive){.s = s};
    arena_init(&d->labels);
    bool ok = authority_load(&d->authority, s, e) && store_device_each(s, load_device, d, e) &&
              store_tombstone_each(s, load_tombstone, d, e);
    for (size_t i = 0; ok && i < sizeof kinds / sizeof *kinds; i++)
        ok = store_fact_each(s, kinds[i], load_fact, d, e);
    if (!ok) {
        derive_free(d);
        return false;
    }
    *ret = d;
    return true;
}

void derive_free(struct derive *d)
{
    if (!d)
        return;
    authority_done(&d->authority);
    mem_free(d->devices);
    mem_free(d->tombs);
    by_id_done(&d->tombs_of);
    mem_free(d->revoked);
    mem_free(d->reviews);
    by_id_done(&d->reviews_of);
    mem_free(d->elected);
    mem_free(d->kits);
    mem_free(d->holds);
    by_id_done(&d->holds_of);
    arena_done(&d->labels);
    mem_free(d);
}

const struct device *derive_device(const struct derive *d, const struct hash32 *device)
{
    for (size_t i = 0; i < d->n_devices; i++)
        if (hash32_eq(&d->devices[i].device, device))
            return &d->devices[i];
    return NULL;
}

const struct device *derive_device_by_key(const struct derive *d, const struct pk32 *ed_pk)
{
    for (size_t i = 0; i < d->n_devices; i++)
        if (pk32_eq(&d->devices[i].ed_pk, ed_pk))
            return &d->devices[i];
    return NULL;
}

/* ---- laptops ---- */

static bool claim_valid(const struct derive *d, const struct device *dev, const struct kit_fact *k)
{
    struct buf m;
    buf_init(&m, 256);
    enrol_message(&store_identity(d->s)->survey, &dev->kit, &dev->ed_pk, &dev->x_pk, &m);
    bool ok = crypt_verify(&k->enrol_pk, &dev->claim, buf_str(&m));
    buf_done(&m);
    return ok;
}

static bool names(struct str ids, const struct hash32 *id)
{
    for (size_t at = 0; at + sizeof id->b <= ids.n; at += sizeof id->b)
        if (memcmp(ids.p + at, id->b, sizeof id->b) == 0)
            return true;
    return false;
}

bool derive_elects(const struct derive *d, const struct elected *x, const struct id16 *kit)
{
    if (!id16_eq(&x->x.kit, kit) || !(authority_may(&d->authority, &x->signer) & MAY_KIT))
        return false;
    for (size_t i = 0; i < d->n_elected; i++) {
        const struct elected *by = &d->elected[i];
        if (id16_eq(&by->x.kit, kit) && names(by->x.replaces, &x->id) &&
            authority_may(&d->authority, &by->signer) & MAY_KIT)
            return false;
    }
    return true;
}

/* The operators' choice; several choices count as none, so that order does not matter. */
static const struct hash32 *chosen(const struct derive *d, const struct id16 *kit,
                                   bool *ret_several)
{
    const struct hash32 *found = NULL;
    *ret_several = false;
    for (size_t i = 0; i < d->n_elected; i++) {
        const struct elected *x = &d->elected[i];
        if (!derive_elects(d, x, kit))
            continue;
        *ret_several = found && !hash32_eq(found, &x->x.device);
        if (*ret_several)
            return NULL;
        found = &x->x.device;
    }
    return found;
}

const struct kit_fact *derive_kit(const struct derive *d, const struct id16 *kit)
{
    for (size_t i = 0; i < d->n_kits; i++)
        if (id16_eq(&d->kits[i].kit, kit))
            return &d->kits[i];
    return NULL;
}

static bool succeeds(const struct derive *d, const struct device *new, const struct device *old)
{
    return !hash32_eq(&new->device, &old->device) &&
           authority_succeeds(&d->authority, &new->ed_pk, &old->device);
}

const struct device *derive_predecessor(const struct derive *d, const struct device *dev)
{
    const struct device *found = NULL;
    for (size_t i = 0; i < d->n_devices; i++)
        if (succeeds(d, dev, &d->devices[i]) && (!found || succeeds(d, &d->devices[i], found)))
            found = &d->devices[i];
    return found;
}

const struct device *derive_successor(const struct derive *d, const struct device *dev)
{
    for (size_t i = 0; i < d->n_devices; i++)
        if (succeeds(d, &d->devices[i], dev))
            return &d->devices[i];
    return NULL;
}

struct str derive_label(const struct derive *d, const struct device *dev)
{
    for (size_t i = 0; dev && i <= d->n_devices; i++) {
        const struct kit_fact *kit = id16_zero(&dev->kit) ? NULL : derive_kit(d, &dev->kit);
        if (kit)
            return kit->label;
        dev = derive_predecessor(d, dev);
    }
    return (struct str){"", 0};
}

static bool replaces(const struct revoked *x, const struct hash32 *id)
{
    struct take t = take_from(x->r.ends);
    struct last_good g;
    while (last_good_take(&t, &g))
        if (g.seq == 0 && hash32_eq(&g.row_hash, id))
            return true;
    return false;
}

bool derive_revoked_by(const struct derive *d, const struct revoked *x, const struct hash32 *device)
{
    if (!hash32_eq(&x->r.device, device) || !(authority_may(&d->authority, &x->signer) & MAY_KIT))
        return false;
    for (size_t i = 0; i < d->n_revoked; i++) {
        const struct revoked *by = &d->revoked[i];
        if (hash32_eq(&by->r.device, device) && replaces(by, &x->id) &&
            authority_may(&d->authority, &by->signer) & MAY_KIT)
            return false;
    }
    return true;
}

bool derive_is_revoked(const struct derive *d, const struct hash32 *device)
{
    for (size_t i = 0; i < d->n_revoked; i++)
        if (derive_revoked_by(d, &d->revoked[i], device))
            return true;
    return false;
}

enum enrolment derive_enrolment(const struct derive *d, const struct hash32 *device)
{
    size_t claims = 0;
    bool several;
    const struct device *dev = derive_device(d, device);
    const struct kit_fact *kit = dev && !id16_zero(&dev->kit) ? derive_kit(d, &dev->kit) : NULL;
    if (!kit || !claim_valid(d, dev, kit))
        return ENROL_NONE;
    const struct hash32 *choice = chosen(d, &dev->kit, &several);
    if (choice)
        return hash32_eq(choice, device) ? ENROLLED : ENROL_REJECTED;
    for (size_t i = 0; i < d->n_devices; i++)
        claims += id16_eq(&d->devices[i].kit, &dev->kit) && claim_valid(d, &d->devices[i], kit);
    return claims == 1 ? ENROLLED : ENROL_CONTESTED;
}

enum enrolment derive_doubt(const struct derive *d, const struct hash32 *device)
{
    size_t joined = 0;
    const struct device *dev = derive_device(d, device);
    for (size_t i = 0; dev && !id16_zero(&dev->kit) && i < d->n_devices; i++)
        joined += id16_eq(&d->devices[i].kit, &dev->kit);
    enum enrolment is = joined > 1 ? derive_enrolment(d, device) : ENROLLED;
    return is == ENROL_NONE ? ENROLLED : is;
}

bool derive_choices_disagree(const struct derive *d, const struct hash32 *device)
{
    bool several = false;
    const struct device *dev = derive_device(d, device);
    if (dev && derive_enrolment(d, device) == ENROL_CONTESTED)
        chosen(d, &dev->kit, &several);
    return several;
}

/* ---- holds ---- */

static bool has_ended(const struct derive *d, const struct hash32 *hold)
{
    for (size_t i = 0; i < d->n_holds; i++)
        if (hash32_eq(&d->holds[i].hold.ends, hold) &&
            authority_may(&d->authority, &d->holds[i].signer) & MAY_KIT)
            return true;
    return false;
}

const struct hold *derive_held(const struct derive *d, const struct id16 *uuid, size_t nth,
                               struct hash32 *ret_id)
{
    const struct by_id *x = &d->holds_of;
    for (size_t i = by_id_first(x, uuid->b); i != BY_ID_NONE; i = by_id_next(x, i)) {
        const struct held *h = &d->holds[i];
        if (!id16_eq(&h->hold.uuid, uuid) || !hash32_zero(&h->hold.ends) ||
            !(authority_may(&d->authority, &h->signer) & MAY_KIT) || has_ended(d, &h->id))
            continue;
        if (nth-- > 0)
            continue;
        if (ret_id)
            *ret_id = h->id;
        return &h->hold;
    }
    return NULL;
}
