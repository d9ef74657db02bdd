/* A laptop that goes over to a new root, because every key of the old one is lost; see kit.h. */
#include "sync/bundle/keyring.h"
#include "sync/bundle/kit_i.h"

/* ---- the claim on the new kit ---- */

bool claim_put(struct store *s, const struct kit *k, struct err *e)
{
    const struct store_identity *id = store_identity(s);
    struct sig64 claim = kit_claim(k, id);
    struct buf b;
    buf_init(&b, CLAIM_SIZE);
    buf_add(&b, id->device.b, sizeof id->device.b);
    buf_add(&b, k->join.kit.b, sizeof k->join.kit.b);
    buf_add(&b, claim.b, sizeof claim.b);
    bool ok = store_config_put(s, CONFIG_CLAIM, buf_str(&b), e);
    buf_done(&b);
    return ok;
}

bool claim_renew(struct store *s, struct device *d, struct err *e)
{
    uint8_t bytes[CLAIM_SIZE];
    bool there;
    if (!config_get_bytes(s, CONFIG_CLAIM, bytes, sizeof bytes, &there, e))
        return false;
    if (!there || memcmp(bytes, d->device.b, sizeof d->device.b) != 0)
        return true;
    memcpy(d->kit.b, bytes + 32, sizeof d->kit.b);
    memcpy(d->claim.b, bytes + 48, sizeof d->claim.b);
    return true;
}

/* ---- what the old office had acknowledged waits again ---- */

struct waiting {
    struct store *s;
    struct hash32 *v;
    size_t n, cap;
    struct err *e;
    bool failed;
};

/* What was erased, or emptied because the old office held it, is not here any more. */
static bool note_held(void *ctx, const struct revision *r, enum revision_state state,
                      struct str summary)
{
    struct waiting *w = ctx;
    uint64_t size[2];
    (void)summary;
    if (state == REVISION_PENDING || state == REVISION_ERASED)
        return true;
    w->failed = !store_revision_size(w->s, &r->rev_id, size, w->e);
    if (w->failed || size[0] == 0)
        return !w->failed;
    w->v = mem_grow(w->v, w->n, &w->cap, sizeof *w->v);
    w->v[w->n++] = r->rev_id;
    return true;
}

static bool wait_again(struct store *s, struct err *e)
{
    struct waiting w = {.s = s, .e = e};
    bool ok = store_revision_each(s, note_held, &w, e) && !w.failed;
    for (size_t i = 0; ok && i < w.n; i++)
        ok = store_revision_set_state(s, &w.v[i], REVISION_PENDING, e);
    mem_free(w.v);
    return ok && store_config_put(s, "acks", STR(""), e);
}

/* ---- going over ---- */

/* With both roots, for people. */
static bool note_in_ledger(struct store *s, const struct kit *k, const struct pk32 *old,
                           struct err *e)
{
    struct fact config;
    struct buf roots;
    if (!fact_decode(k->config_fact, &k->info.survey, &config, e))
        return false;
    struct hash32 id = fact_id(&config, &k->info.survey);
    buf_init(&roots, 200);
    hex_add(&roots, old->b, sizeof old->b);
    buf_add_z(&roots, " to ");
    hex_add(&roots, k->join.root.b, sizeof k->join.root.b);
    bool ok = store_ledger_append(s, LEDGER_NEWROOT, NULL, &id, buf_str(&roots), e);
    buf_done(&roots);
    return ok;
}

static bool put_survey(struct store *s, const struct kit *k, struct err *e)
{
    struct store_marks marks = {.config_seq = k->config.seq};
    bool ok = store_config_put(s, "root", (struct str){(const char *)k->join.root.b, 32}, e) &&
              store_config_put(s, "config", k->config_fact, e) &&
              store_config_put(s, "label", k->join.label, e) &&
              store_config_put(s, "assignments", k->assignments, e) &&
              store_marks_set(s, &marks, e);
    for (size_t i = 0; ok && i < k->parcel.n; i++)
        ok = survey_put(s, &k->parcel.v[i], e);
    return ok;
}

static bool go_over(struct store *s, const struct kit *k, const struct pk32 *old, struct err *e)
{
    return store_config_put(s, CONFIG_FORMER_ROOT, (struct str){(const char *)old->b, 32}, e) &&
           put_survey(s, k, e) &&
           store_recovery_set(s, &k->config.office_recovery, &k->config.paper_recovery, e) &&
           claim_put(s, k, e) && wait_again(s, e) && note_in_ledger(s, k, old, e);
}

bool kit_new_root(struct store *s, const struct kit *k, struct err *e)
{
    struct pk32 old;
    bool there;
    if (!id16_eq(&k->info.survey, &store_identity(s)->survey))
        return err_fail(e, ERR_ENVELOPE_SURVEY);
    if (!config_get_bytes(s, "root", old.b, sizeof old.b, &there, e))
        return false;
    if (!there)
        return err_fail(e, ERR_NO_ROOT);
    if (pk32_eq(&old, &k->join.root))
        return err_fail(e, ERR_ROOT_SAME);
    return store_begin(s, e) && store_end(s, go_over(s, k, &old, e), e) && store_settle(s, e);
}
