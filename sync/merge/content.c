/* The content hash; see derive.h. */
#include <stdlib.h>

#include "sync/merge/derive.h"

struct ids {
    struct hash32 *v;
    size_t n, cap;
    const struct id16 *survey;
    struct authority authority;
    struct hash32 *field; /* devices that are laptops */
    size_t n_field, cap_field;
};

static void add_id(struct ids *ids, const struct hash32 *id)
{
    ids->v = mem_grow(ids->v, ids->n, &ids->cap, sizeof *ids->v);
    ids->v[ids->n++] = *id;
}

/* An id of its own for what has none: H(T(tag) ‖ survey ‖ a ‖ b) */
static void add_made(struct ids *ids, const char *tag, struct str a, struct str b)
{
    struct buf m;
    buf_init(&m, 256);
    msg_tag(&m, tag);
    buf_add(&m, ids->survey->b, sizeof ids->survey->b);
    buf_add_str(&m, a);
    buf_add_str(&m, b);
    struct hash32 id = crypt_hash(buf_str(&m));
    add_id(ids, &id);
    buf_done(&m);
}

static bool each_device(void *ctx, const struct device *d)
{
    struct ids *ids = ctx;
    if (id16_zero(&d->kit) || authority_may(&ids->authority, &d->ed_pk) & ~(uint32_t)MAY_INTERVIEW)
        return true; /* an office machine or a supervisor's */
    add_made(ids, "cacah.claim.1", (struct str){(const char *)d->device.b, 32},
             (struct str){(const char *)d->kit.b, 16});
    ids->field = mem_grow(ids->field, ids->n_field, &ids->cap_field, sizeof *ids->field);
    ids->field[ids->n_field++] = d->device;
    return true;
}

static bool each_row(void *ctx, const struct hash32 *row_hash, const uint8_t row[LEDGER_ROW_SIZE])
{
    (void)row;
    add_id(ctx, row_hash);
    return true;
}

static bool each_head(void *ctx, const struct ledger_head *h)
{
    add_made(ctx, "cacah.headid.1", (struct str){(const char *)h->device.b, 32},
             (struct str){(const char *)h->row_hash.b, 32});
    return true;
}

static bool each_revision(void *ctx, const struct revision *r, enum revision_state state,
                          struct str summary)
{
    (void)state;
    (void)summary;
    add_id(ctx, &r->rev_id);
    return true;
}

static bool each_fact(void *ctx, const struct hash32 *id, struct str bytes)
{
    (void)bytes;
    add_id(ctx, id);
    return true;
}

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct hash32));
}

static bool gather(struct ids *ids, struct store *s, struct err *e)
{
    static const enum fact_kind kinds[] = FACT_SIGNED_KINDS;
    if (!store_device_each(s, each_device, ids, e) ||
        !store_revision_each(s, each_revision, ids, e))
        return false;
    for (size_t i = 0; i < ids->n_field; i++)
        if (!store_ledger_each(s, &ids->field[i], each_row, ids, e) ||
            !store_head_each(s, &ids->field[i], each_head, ids, e))
            return false;
    for (size_t i = 0; i < FACT_SIGNED_COUNT; i++)
        if (!store_fact_each(s, kinds[i], each_fact, ids, e))
            return false;
    return store_fact_each(s, FACT_TOMBSTONE, each_fact, ids, e);
}

bool derive_content_hash(struct store *s, struct hash32 *ret, struct err *e)
{
    static const uint8_t tag[16] = "cacah.content.1";
    struct ids ids = {.survey = &store_identity(s)->survey};
    if (!authority_load(&ids.authority, s, e))
        return false;
    bool ok = gather(&ids, s, e);
    authority_done(&ids.authority);
    if (ok) {
        struct hasher h;
        if (ids.n)
            qsort(ids.v, ids.n, sizeof *ids.v, by_bytes);
        hasher_start(&h, sizeof ret->b);
        hasher_add(&h, tag, sizeof tag);
        for (size_t i = 0; i < ids.n; i++)
            hasher_add(&h, ids.v[i].b, sizeof ids.v[i].b);
        hasher_end(&h, ret->b, sizeof ret->b);
    }
    mem_free(ids.v);
    mem_free(ids.field);
    return ok;
}
