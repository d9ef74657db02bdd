/* Envelopes whose contents fit into memory; see parcel.h. */
#include "sync/bundle/parcel.h"

#include "sync/bundle/record.h"

void parcel_init(struct parcel *p)
{
    *p = (struct parcel){.n = 0};
    arena_init(&p->a);
}

void parcel_done(struct parcel *p)
{
    arena_wipe(&p->a);
    arena_done(&p->a);
    mem_free(p->v);
    *p = (struct parcel){.n = 0};
}

void parcel_add(struct parcel *p, enum frame_type type, struct str body)
{
    p->v = mem_grow(p->v, p->n, &p->cap, sizeof *p->v);
    p->v[p->n++] = (struct parcel_frame){type, arena_str(&p->a, body)};
    p->plain += body.n + FRAME_PREFIX;
    p->records += type == FRAME_RECORD;
}

static bool add_fact(void *ctx, const struct hash32 *id, struct str bytes)
{
    (void)id;
    parcel_add(ctx, FRAME_FACT, bytes);
    return true;
}

bool parcel_add_facts(struct parcel *p, struct store *s, enum fact_kind kind, struct err *e)
{
    return store_fact_each(s, kind, add_fact, p, e);
}

static bool add_tombstone(void *ctx, const struct tombstone *t)
{
    struct buf b;
    buf_init(&b, TOMBSTONE_SIZE);
    tombstone_encode(t, &b);
    parcel_add(ctx, FRAME_TOMBSTONE, buf_str(&b));
    buf_done(&b);
    return true;
}

bool parcel_add_tombstones(struct parcel *p, struct store *s, struct err *e)
{
    return store_tombstone_each(s, add_tombstone, p, e);
}

bool parcel_add_form(struct parcel *p, struct store *s, const struct hash32 *hash, struct err *e)
{
    struct form_files files;
    struct buf packed;
    struct arena a;
    arena_init(&a);
    buf_init(&packed, (size_t)320 << 20);
    bool ok = store_form_get(s, hash, &files, &a, e);
    if (ok) {
        form_files_pack(&files, &packed);
        parcel_add(p, FRAME_FORM, buf_str(&packed));
    }
    buf_done(&packed);
    arena_done(&a);
    return ok;
}

bool parcel_write(const struct parcel *p, struct store *s, struct envelope_new *n, const char *path,
                  struct envelope_out **ret, struct err *e)
{
    const struct store_identity *id = store_identity(s);
    struct envelope_out *o;
    n->survey = id->survey;
    n->incarnation = id->incarnation;
    n->sender = id->ed_pk;
    n->signing_key = store_signing_key(s);
    n->records = p->records;
    n->plain = p->plain;
    if (!envelope_begin(&o, path, n, e))
        return false;
    bool ok = true;
    for (size_t i = 0; ok && i < p->n; i++)
        ok = envelope_put(o, p->v[i].type, p->v[i].body, e);
    ok = ok && envelope_end(o, e);
    if (!ok) {
        envelope_out_free(o);
        return false;
    }
    *ret = o;
    return true;
}

#define PARCEL_MAX ((uint64_t)1 << 30)

static bool gather(void *ctx, enum frame_type type, struct str body, struct err *e)
{
    (void)e;
    parcel_add(ctx, type, body);
    return true;
}

bool parcel_read(struct parcel *p, struct envelope_in *in, struct err *e)
{
    if (envelope_in_header(in)->plain > PARCEL_MAX)
        return err_fail2(e, ERR_LIMIT, "The contents of a kit or receipt", "1 GiB");
    return envelope_frames(in, gather, p, e);
}
