/* The meta block of an entity: what a server is to create or update when the record comes in. An id is drawn
 * once for each instance of its group and kept with the record, so that writing it again, or correcting
 * it, never makes a second entity. One that is neither created nor updated is not written. */
#include "forms/run/run_i.h"

#include <stdlib.h>

/* ---- ids ---- */

static uint64_t mix(uint64_t h)
{
    h ^= h >> 33;
    h *= UINT64_C(0xFF51AFD7ED558CCD);
    h ^= h >> 33;
    h *= UINT64_C(0xC4CEB9FE1A85EC53);
    return h ^ (h >> 33);
}

/* A version 4 UUID out of the interview's seed: a replayed interview gives the same. */
static void draw(const struct interview *iv, uint32_t salt, uint32_t number, char out[UUID_TEXT])
{
    static const char hex[] = "0123456789abcdef";
    uint64_t high = mix(iv->seed ^ mix(((uint64_t)salt << 32 | number) + 1)), low = mix(~high);
    high = (high & ~UINT64_C(0xF000)) | UINT64_C(0x4000);
    low = (low & ~(UINT64_C(3) << 62)) | (UINT64_C(1) << 63);
    size_t k = 0;
    for (unsigned i = 0; i < 32; i++) {
        if (i == 8 || i == 12 || i == 16 || i == 20)
            out[k++] = '-';
        out[k++] = hex[(i < 16 ? high >> (60 - 4 * i) : low >> (124 - 4 * i)) & 15];
    }
}

static int by_key(const void *a, const void *b)
{
    const struct entity_id *x = a, *y = b;
    if (x->salt != y->salt)
        return x->salt < y->salt ? -1 : 1;
    return (x->entity > y->entity) - (x->entity < y->entity);
}

static struct str id_of(struct interview *iv, const struct frame *f, uint32_t number,
                        char tmp[UUID_TEXT])
{
    struct entity_id key = {.salt = f->salt, .entity = number};
    const struct entity_id *hit =
        iv->n_entity_ids ? bsearch(&key, iv->entity_ids, iv->n_entity_ids, sizeof key, by_key)
                         : NULL;
    if (hit)
        return (struct str){hit->text, UUID_TEXT};
    draw(iv, f->salt, number, tmp);
    return (struct str){tmp, UUID_TEXT};
}

/* ---- out ---- */

static struct str value_of(struct interview *iv, struct frame *f, uint32_t def,
                           const struct cond *c)
{
    struct eval ev;
    struct value v;
    eval_init(iv, &ev, f, def);
    return c->expr && eval_run(iv, c->expr, &ev, &v) ? value_string(&v, &ev) : STR("");
}

static bool truth_of(struct interview *iv, struct frame *f, uint32_t def, const struct cond *c)
{
    struct eval ev;
    eval_init(iv, &ev, f, def);
    return !c->expr || eval_truth(iv, c->expr, &ev, false);
}

static void add_versions(struct interview *iv, struct frame *f, const struct form_entity *n,
                         struct buf *out)
{
    static const struct str names[VERSIONS] = {[VERSION_BASE] = {"baseVersion", 11},
                                               [VERSION_TRUNK] = {"trunkVersion", 12},
                                               [VERSION_BRANCH] = {"branchId", 8}};
    for (int i = 0; i < VERSIONS; i++)
        xml_add_attribute(out, names[i], value_of(iv, f, n->container, &n->was[i]));
}

static bool is_created(struct interview *iv, struct frame *f, const struct form_entity *n)
{
    return (!n->id.expr || n->create.expr) && truth_of(iv, f, n->container, &n->create);
}

static bool is_updated(struct interview *iv, struct frame *f, const struct form_entity *n)
{
    return n->id.expr && truth_of(iv, f, n->container, &n->update);
}

bool entity_due(struct interview *iv, struct frame *f, uint32_t number)
{
    const struct form_entity *n = &iv->form->entities[number];
    return is_created(iv, f, n) || is_updated(iv, f, n);
}

void entity_add(struct interview *iv, struct frame *f, uint32_t number, uint32_t flags,
                struct buf *out)
{
    const struct form_entity *n = &iv->form->entities[number];
    bool hidden = flags & RECORD_NO_PII && n->pii;
    bool create = is_created(iv, f, n), update = is_updated(iv, f, n);
    if (!create && !update)
        return;
    struct arena_mark m = arena_mark(&iv->scratch);
    char tmp[UUID_TEXT];
    struct str id = hidden ? STR("") : value_of(iv, f, n->container, &n->id);
    if (create && (!n->id.expr || id.n == 0) && !(hidden && n->id.expr))
        id = id_of(iv, f, number, tmp);
    buf_add_z(out, "<entity");
    xml_add_attribute(out, STR("dataset"), n->dataset);
    xml_add_attribute(out, STR("id"), id);
    if (create)
        xml_add_attribute(out, STR("create"), STR("1"));
    if (update) {
        xml_add_attribute(out, STR("update"), STR("1"));
        if (!hidden)
            add_versions(iv, f, n, out);
    }
    buf_add_c(out, '>');
    if (n->label.expr) {
        buf_add_z(out, "<label>");
        if (!hidden)
            xml_add_text(out, value_of(iv, f, n->container, &n->label));
        buf_add_z(out, "</label>");
    }
    buf_add_z(out, "</entity>");
    arena_release(&iv->scratch, m);
}

/* ---- in ---- */

static struct str attribute(struct node n, const char *name, struct arena *a)
{
    const struct tree_ops *ops = n.tree->ops;
    struct node at;
    for (uint32_t i = 0; ops->attribute && (at = ops->attribute(n, i)).tree; i++)
        if (str_is(ops->name(at), name))
            return ops->string(at, a);
    return STR("");
}

void entity_read(struct interview *iv, struct frame *f, uint32_t container, struct node meta,
                 struct arena *a)
{
    const struct tree_ops *ops = meta.tree->ops;
    uint32_t number = node_at(iv, container)->entity;
    for (struct node c = ops->first(meta); number != DEF_NONE && c.tree; c = ops->next(c)) {
        if (ops->kind(c) != NODE_ELEMENT || !str_is(ops->name(c), "entity") ||
            !str_eq(attribute(c, "dataset", a), iv->form->entities[number].dataset))
            continue;
        struct str id = attribute(c, "id", a);
        if (id.n != UUID_TEXT)
            continue;
        iv->entity_ids =
            mem_grow(iv->entity_ids, iv->n_entity_ids, &iv->entity_ids_cap, sizeof *iv->entity_ids);
        struct entity_id *kept = &iv->entity_ids[iv->n_entity_ids++];
        *kept = (struct entity_id){.salt = f->salt, .entity = number};
        memcpy(kept->text, id.p, UUID_TEXT);
    }
}

void entity_read_done(struct interview *iv)
{
    if (iv->n_entity_ids > 1)
        qsort(iv->entity_ids, iv->n_entity_ids, sizeof *iv->entity_ids, by_key);
}
