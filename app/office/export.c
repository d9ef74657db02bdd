/* Exports of an office; see export.h. */
#include "app/office/export.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "app/flow/host.h"
#include "app/flow/record.h"
#include "forms/base/date.h"
#include "sync/merge/derive.h"

#define DEVICE_BYTES_SHOWN 4 /* as in the names of bundles */

struct exported {
    struct revision r;
    int verdict; /* of reviewers; 0: none yet */
};

/* What goes into one form's files. */
struct batch {
    struct hash32 form;
    struct exported *v;
    size_t n, cap;
};

struct exporting {
    struct survey *survey;
    struct derive *derive; /* while collecting */
    struct batch *batches;
    size_t n, cap;
    struct office_exported *totals;
};

static struct batch *batch_of(struct exporting *x, const struct hash32 *form)
{
    for (size_t i = 0; i < x->n; i++)
        if (hash32_eq(&x->batches[i].form, form))
            return &x->batches[i];
    x->batches = mem_grow(x->batches, x->n, &x->cap, sizeof *x->batches);
    x->batches[x->n] = (struct batch){.form = *form};
    return &x->batches[x->n++];
}

/* Which revisions: read before anything is opened, so that one walk of the store is under way at a time. */
static bool collect(void *ctx, const struct revision *r, enum revision_state state,
                    enum standing standing, struct str summary)
{
    struct exporting *x = ctx;
    (void)state;
    (void)summary;
    if (standing == STANDING_CONFLICT)
        x->totals->conflicts++;
    if (standing != STANDING_CURRENT)
        return true;
    struct batch *b = batch_of(x, &r->form);
    b->v = mem_grow(b->v, b->n, &b->cap, sizeof *b->v);
    b->v[b->n++] = (struct exported){*r, derive_verdict(x->derive, &r->rev_id)};
    return true;
}

static bool wanted(const struct office_export *o, struct str id)
{
    for (size_t i = 0; i < o->n_forms; i++)
        if (str_eq(o->forms[i], id))
            return true;
    return o->n_forms == 0;
}

/* ODK Central's words for it. */
static struct str review_state(int verdict)
{
    switch (verdict) {
    case VERDICT_ACCEPT: return STR("approved");
    case VERDICT_RETURN: return STR("hasIssues");
    default: return STR("");
    }
}

static bool add_record(struct exporting *x, struct csv_export *csv, const struct exported *ex,
                       const struct office_export *o, struct err *e)
{
    const struct revision *r = &ex->r;
    struct record rec;
    struct buf id, device;
    char code[16];
    record_init(&rec);
    buf_init(&id, 128);
    buf_init(&device, 2 * DEVICE_BYTES_SHOWN + 1);
    bool ok = record_load(survey_store(x->survey), r, o->pii, &rec, e);
    if (ok) {
        record_instance_id(&r->uuid, r->parents, r->n_parents, &r->device, &id);
        code_of_uuid(&r->uuid, code);
        ok = hex_add(&device, r->device.b, DEVICE_BYTES_SHOWN);
    }
    if (ok) {
        struct csv_record c = {.xml = buf_str(&rec.xml),
                               .audit = buf_str(&rec.audit),
                               .key = buf_str(&id),
                               .code = str_of(code),
                               .device = buf_str(&device),
                               .review = review_state(ex->verdict),
                               .outcome = r->outcome,
                               .edits = r->n_parents};
        ok = csv_add(csv, &c, e);
    }
    record_wipe(&rec);
    buf_done(&device);
    buf_done(&id);
    return ok;
}

/* The form that new interviews use has its id for a name; records of other versions, whose questions may
 * differ, go beside it: "id-1a2b3c4d", by the form's hash. */
static bool name_files(struct exporting *x, const struct form *form, const struct hash32 *hash,
                       struct buf *out, struct err *e)
{
    struct hash32 current;
    struct err none = {0};
    buf_add_str(out, form->id);
    if (survey_form_named(x->survey, form->id, &current, &none)) {
        if (hash32_eq(&current, hash))
            return true;
    } else if (!err_is(&none, &ERR_NO_FORM) && !err_is(&none, &ERR_NO_FORMS)) {
        *e = none;
        return false;
    }
    buf_add_c(out, '-');
    return hex_add(out, hash->b, 4);
}

static bool export_batch(struct exporting *x, const struct batch *b, const struct form *form,
                         const struct office_export *o, void (*say)(void *, const struct err *),
                         void *ctx, struct err *e)
{
    char made[DATE_TEXT_MAX];
    struct instant now = host_now();
    struct buf name;
    buf_init(&name, LIMIT_CELL_BYTES);
    date_text(&(struct date){now.ms, now.offset_min, DATE_TIME}, made);
    if (!name_files(x, form, &b->form, &name, e)) {
        buf_done(&name);
        return false;
    }
    struct csv_options options = {.folder = o->folder,
                                  .name = buf_str(&name),
                                  .pii = o->pii,
                                  .exact = o->exact,
                                  .form_hash = b->form,
                                  .made = str_of(made)};
    struct csv_export *csv;
    struct csv_totals totals;
    bool begun = csv_begin(&csv, form, &options, e);
    buf_done(&name); /* the export keeps its own */
    if (!begun)
        return false;
    for (size_t i = 0; i < b->n; i++) {
        struct err why = {0};
        if (add_record(x, csv, &b->v[i], o, &why))
            continue;
        bool erased = err_is(&why, &ERR_PART_ERASED);
        bool damaged = err_is(&why, &ERR_RECORD_PART) || err_is(&why, &ERR_STORE_DAMAGED);
        if (erased || damaged)
            csv_skip(csv, erased); /* csv_add counts what it refuses itself */
        else if (!err_is(&why, &ERR_EXPORT_RECORD)) {
            *e = why;
            csv_abandon(csv);
            return false;
        }
        if (!erased)
            say(ctx, &why);
    }
    if (!csv_end(csv, &totals, e))
        return false;
    x->totals->forms++;
    x->totals->records += totals.records;
    x->totals->rows += totals.rows;
    x->totals->guarded += totals.guarded;
    x->totals->refused += totals.refused;
    x->totals->erased += totals.erased;
    return true;
}

bool office_export_csv(struct survey *sv, const struct office_export *o,
                       void (*say)(void *ctx, const struct err *why), void *ctx,
                       struct office_exported *ret, struct err *e)
{
    struct office_exported totals = {0};
    struct exporting x = {.survey = sv, .totals = &totals};
    if (mkdir(o->folder, 0700) != 0 && errno != EEXIST)
        return err_fail_sys(e, ERR_FOLDER, o->folder);
    bool ok = derive_open(&x.derive, survey_store(sv), e) && derive_each(x.derive, collect, &x, e);
    derive_free(x.derive);
    for (size_t i = 0; ok && i < x.n; i++) {
        const struct form *form;
        ok = survey_form(sv, &x.batches[i].form, &form, e) &&
             (!wanted(o, form->id) || export_batch(&x, &x.batches[i], form, o, say, ctx, e));
    }
    for (size_t i = 0; i < x.n; i++)
        mem_free(x.batches[i].v);
    mem_free(x.batches);
    if (ok)
        *ret = totals;
    return ok;
}
