/* Whose ledger a laptop's new key goes on: the first row of its own names the end of the one before. See
 * recovery.h. */
#include "sync/bundle/keyring.h"
#include "sync/bundle/kit_i.h"
#include "sync/bundle/record.h"
#include "sync/bundle/recovery.h"

struct lineage {
    struct store *s;
    const struct parcel *p;
    struct hash32 device; /* at which the walk is */
    struct hash32 last;   /* what its `rekey` row names; zero: none met */
    struct hash32 predecessor;
    struct str label; /* of the predecessor, when it is known here */
    struct arena *a;
    bool found, known;
    struct err *e;
};

/* Of the bundle's devices, by id or (id NULL) by key. */
static bool device_in(const struct lineage *l, const struct hash32 *id, const struct pk32 *ed_pk,
                      struct device *ret)
{
    struct err ignored = {0};
    for (size_t i = 0; i < l->p->n; i++)
        if (l->p->v[i].type == FRAME_DEVICE && device_decode(l->p->v[i].body, ret, &ignored) &&
            (id ? hash32_eq(&ret->device, id) : pk32_eq(&ret->ed_pk, ed_pk)))
            return true;
    return false;
}

/* Each row of the bundle; a body is device ‖ rows. */
static void each_row(struct lineage *l, void (*each)(struct lineage *l, const struct hash32 *device,
                                                     const uint8_t row[LEDGER_ROW_SIZE]))
{
    for (size_t i = 0; i < l->p->n; i++) {
        struct take t = take_from(l->p->v[i].body);
        struct hash32 device;
        if (l->p->v[i].type != FRAME_ROWS)
            continue;
        take_bytes(&t, device.b, sizeof device.b);
        while (t.n >= LEDGER_ROW_SIZE)
            each(l, &device, (const uint8_t *)take_str(&t, LEDGER_ROW_SIZE).p);
    }
}

static void look_rekey(struct lineage *l, const struct hash32 *device,
                       const uint8_t row[LEDGER_ROW_SIZE])
{
    struct ledger_row r;
    struct err ignored = {0};
    if (hash32_eq(device, &l->device) && ledger_row_decode(row, &r, &ignored) && r.seq == 1 &&
        r.kind == LEDGER_REKEY)
        l->last = r.object;
}

static void look_last(struct lineage *l, const struct hash32 *device,
                      const uint8_t row[LEDGER_ROW_SIZE])
{
    struct hash32 hash = ledger_row_hash(&store_identity(l->s)->survey, device, row);
    if (!hash32_eq(&hash, &l->last))
        return;
    l->predecessor = *device;
    l->found = true;
}

/* Rows that the office has already are not sent again. */
static bool look_held(void *ctx, const struct device *d)
{
    struct lineage *l = ctx;
    uint8_t row[LEDGER_ROW_SIZE];
    bool there = false;
    if (!store_row_get(l->s, &d->device, &l->last, row, &there, l->e))
        return false;
    if (there)
        l->predecessor = d->device;
    l->found = there;
    return !there;
}

static bool look_known(void *ctx, const struct device *d)
{
    struct lineage *l = ctx;
    l->known = hash32_eq(&d->device, &l->predecessor);
    if (l->known)
        l->label = arena_str(l->a, d->label);
    return !l->known;
}

static bool step_back(struct lineage *l, struct err *e)
{
    l->last = (struct hash32){{0}};
    l->found = false;
    each_row(l, look_rekey);
    if (hash32_zero(&l->last))
        return err_fail(e, ERR_NO_SUCCESSOR);
    each_row(l, look_last);
    if (!l->found && (!store_device_each(l->s, look_held, l, e) || e->kind))
        return false;
    return l->found ? store_device_each(l->s, look_known, l, e) : err_fail(e, ERR_NO_SUCCESSOR);
}

static bool walk_back(struct lineage *l, const struct pk32 *sender, struct succession *ret,
                      struct err *e)
{
    struct device d;
    bool there = device_in(l, NULL, sender, &d);
    while (there && ret->n < SUCCESSION_MAX) {
        l->device = d.device;
        if (!step_back(l, e))
            return false;
        ret->links[ret->n++] = (struct succession_link){d, l->predecessor};
        if (l->known) {
            ret->label = l->label;
            return true;
        }
        there = device_in(l, &l->predecessor, NULL, &d);
    }
    return err_fail(e, ERR_NO_SUCCESSOR);
}

static bool read_bundle(struct store *office, const char *path, struct envelope_in **in,
                        struct parcel *p, struct err *e)
{
    struct keyring k;
    if (!envelope_open(in, path, e))
        return false;
    const struct envelope_header *h = envelope_in_header(*in);
    if (h->kind != ENVELOPE_BUNDLE)
        return err_fail2(e, ERR_ENVELOPE_KIND, envelope_kind_name(h->kind), "bundle");
    if (!id16_eq(&h->survey, &store_identity(office)->survey))
        return err_fail(e, ERR_ENVELOPE_SURVEY);
    if (!envelope_check(*in, e) || !keyring_load(&k, office, e))
        return false;
    bool ok = envelope_unlock(*in, k.keys, k.n, e) && parcel_read(p, *in, e);
    keyring_done(&k);
    return ok;
}

bool succession_read(struct store *office, const char *bundle, struct succession *ret,
                     struct arena *a, struct err *e)
{
    struct envelope_in *in = NULL;
    struct parcel p;
    parcel_init(&p);
    *ret = (struct succession){.label = STR("")};
    bool ok = read_bundle(office, bundle, &in, &p, e);
    if (ok) {
        struct lineage l = {.s = office, .p = &p, .a = a, .label = STR(""), .e = e};
        ok = walk_back(&l, &envelope_in_header(in)->sender, ret, e);
    }
    parcel_done(&p);
    envelope_in_free(in);
    return ok;
}
