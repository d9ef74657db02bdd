/* See kits.h. */
#include "app/office/kits.h"

#include "sync/bundle/fact.h"

struct looking {
    struct store *s;
    struct id16 *used; /* kits that laptops have joined with */
    size_t n, cap;
    bool (*each)(void *ctx, struct str label, int64_t made_ms);
    void *ctx;
    struct str label;
    bool found;
};

static bool read_kit(struct str bytes, struct kit_fact *ret)
{
    struct fact f;
    struct err ignored = {0};
    return fact_read(bytes, &f, &ignored) && kit_fact_decode(f.body, ret, &ignored);
}

/* ---- those not used ---- */

static bool note_used(void *ctx, const struct device *d)
{
    struct looking *x = ctx;
    x->used = mem_grow(x->used, x->n, &x->cap, sizeof *x->used);
    x->used[x->n++] = d->kit;
    return true;
}

static bool give_unused(void *ctx, const struct hash32 *id, struct str bytes)
{
    struct looking *x = ctx;
    struct kit_fact k;
    (void)id;
    if (!read_kit(bytes, &k))
        return true;
    for (size_t i = 0; i < x->n; i++)
        if (id16_eq(&x->used[i], &k.kit))
            return true;
    return x->each(x->ctx, k.label, k.made_ms);
}

bool kits_unused(struct store *s, bool (*each)(void *ctx, struct str label, int64_t made_ms),
                 void *ctx, struct err *e)
{
    struct looking x = {.s = s, .each = each, .ctx = ctx};
    bool ok =
        store_device_each(s, note_used, &x, e) && store_fact_each(s, FACT_KIT, give_unused, &x, e);
    mem_free(x.used);
    return ok;
}

/* ---- names ---- */

static bool is_laptop(void *ctx, const struct device *d)
{
    struct looking *x = ctx;
    x->found = x->found || str_eq(d->label, x->label);
    return !x->found;
}

static bool is_kit(void *ctx, const struct hash32 *id, struct str bytes)
{
    struct looking *x = ctx;
    struct kit_fact k;
    (void)id;
    x->found = x->found || (read_kit(bytes, &k) && str_eq(k.label, x->label));
    return !x->found;
}

bool kits_have_label(struct store *s, struct str label, bool *ret, struct err *e)
{
    struct looking x = {.s = s, .label = label};
    if (!store_device_each(s, is_laptop, &x, e) || !store_fact_each(s, FACT_KIT, is_kit, &x, e))
        return false;
    *ret = x.found;
    return true;
}
