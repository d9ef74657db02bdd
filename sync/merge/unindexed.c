/* Records that came before their form: a setting holds the hashes of the forms that are missing, so that what
 * waits is known without looking at every record; see merge_index_again. */
#include "sync/bundle/record.h"
#include "sync/merge/merge_i.h"

#define CONFIG_UNINDEXED "merge.unindexed"
#define FORMS_MAX        ((size_t)1000) /* further ones stay without: no survey has so many */
#define SUMMARY_BYTES    ((size_t)4096)

struct form_wanted {
    const struct hash32 *hash;
    bool there;
};

static bool is_wanted(void *ctx, const struct hash32 *hash)
{
    struct form_wanted *w = ctx;
    w->there = hash32_eq(hash, w->hash);
    return !w->there;
}

static bool form_there(struct store *s, const struct hash32 *hash, bool *ret, struct err *e)
{
    struct form_wanted w = {hash, false};
    if (!store_form_each(s, is_wanted, &w, e))
        return false;
    *ret = w.there;
    return true;
}

static bool load(struct store *s, struct buf *out, struct err *e)
{
    bool there;
    buf_init(out, FORMS_MAX * sizeof(struct hash32));
    return store_config_get(s, CONFIG_UNINDEXED, out, &there, e);
}

bool unindexed_note(struct store *s, const struct hash32 *form, struct err *e)
{
    struct buf b;
    bool there = true;
    if (!form_there(s, form, &there, e))
        return false;
    if (there) /* its summary is empty for another reason */
        return true;
    bool ok = load(s, &b, e), known = false;
    for (size_t i = 0; ok && i < b.n; i += sizeof form->b)
        known = known || memcmp(b.p + i, form->b, sizeof form->b) == 0;
    if (ok && !known && buf_add(&b, form->b, sizeof form->b))
        ok = store_config_put(s, CONFIG_UNINDEXED, buf_str(&b), e);
    buf_done(&b);
    return ok;
}

/* ---- once it is there ---- */

struct filling {
    struct merge_ctx *m;
    const struct hash32 *form;
    uint64_t n;
    struct err *e;
    bool failed;
};

static bool fill_summary(struct filling *f, const struct revision *r)
{
    struct record rec;
    struct buf parts, summary;
    struct store *s = f->m->store;
    buf_init(&parts, 2 * RECORD_PART_MAX);
    buf_init(&summary, SUMMARY_BYTES);
    bool ok = record_gather(s, r, &rec, &parts, f->e);
    if (ok && rec.has1 && rec.has2 == !hash32_zero(&r->c2))
        f->m->index(f->m->index_ctx, r, rec.part1.bytes, rec.has2 ? rec.part2.bytes : STR(""),
                    &summary);
    if (ok && summary.n) {
        ok = store_revision_summary_put(s, &r->rev_id, buf_str(&summary), f->e);
        f->n++;
    }
    buf_wipe_done(&parts);
    buf_wipe_done(&summary);
    return ok;
}

static bool each(void *ctx, const struct revision *r, enum revision_state state, struct str summary)
{
    struct filling *f = ctx;
    if (summary.n || state == REVISION_ERASED || !hash32_eq(&r->form, f->form))
        return true;
    f->failed = !fill_summary(f, r);
    return !f->failed;
}

static bool fill_all(struct merge_ctx *m, const struct buf *forms, uint64_t *ret, struct err *e)
{
    struct buf left; /* whose form has not come */
    bool ok = true;
    buf_init(&left, forms->max);
    for (size_t i = 0; ok && i < forms->n; i += sizeof(struct hash32)) {
        struct hash32 form;
        bool there;
        memcpy(form.b, forms->p + i, sizeof form.b);
        struct filling f = {.m = m, .form = &form, .e = e};
        ok = form_there(m->store, &form, &there, e) &&
             (!there || (store_revision_each(m->store, each, &f, e) && !f.failed));
        if (ok && !there)
            buf_add(&left, form.b, sizeof form.b);
        *ret += f.n;
    }
    if (ok && left.n != forms->n)
        ok = store_config_put(m->store, CONFIG_UNINDEXED, buf_str(&left), e);
    buf_done(&left);
    return ok;
}

bool merge_index_again(struct merge_ctx *m, uint64_t *ret, struct err *e)
{
    struct buf forms;
    uint64_t n = 0;
    bool ok = load(m->store, &forms, e);
    if (ok && forms.n && m->index)
        ok = store_begin(m->store, e) && store_end(m->store, fill_all(m, &forms, &n, e), e);
    buf_done(&forms);
    if (ok)
        *ret = n;
    return ok;
}
