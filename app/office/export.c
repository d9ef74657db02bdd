/* Exports of an office; see export.h. */
#include "app/office/export.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "app/flow/host.h"
#include "app/flow/record.h"
#include "forms/base/date.h"
#include "sync/io/io.h"
#include "sync/merge/derive.h"
#include "sync/store/attach.h"

#define DEVICE_BYTES_SHOWN 4 /* as in the names of bundles */

struct exported {
    struct revision r;
    int verdict;          /* of reviewers; 0: none yet */
    enum enrolment doubt; /* about its laptop; ENROLLED: none */
    bool no_pii;          /* its laptop has erased that; it is hidden until it is destroyed */
};

/* What goes into one form's files. */
struct batch {
    struct hash32 form;
    struct exported *v;
    size_t n, cap;
    uint64_t erased, conflicts; /* left out */
};

struct exporting {
    struct survey *survey;
    struct derive *derive; /* while collecting */
    struct batch *batches;
    size_t n, cap;
    struct office_exported *totals;
    void (*say)(void *ctx, const struct err *why);
    void *say_ctx;
    struct err *e; /* of a callback that cannot return one */
    bool failed;
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
        batch_of(x, &r->form)->conflicts++;
    if (standing == STANDING_ERASED)
        batch_of(x, &r->form)->erased++;
    if (standing != STANDING_CURRENT)
        return true;
    struct erased erased;
    x->failed = !derive_erased(x->derive, &r->uuid, &erased, x->e);
    if (x->failed)
        return false;
    struct batch *b = batch_of(x, &r->form);
    b->v = mem_grow(b->v, b->n, &b->cap, sizeof *b->v);
    b->v[b->n++] =
        (struct exported){*r, derive_verdict(x->derive, &r->rev_id),
                          derive_doubt(x->derive, &r->device), erased.hidden >= ERASE_PII};
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

/* ---- attached files ---- */

struct copy {
    struct io_new out;
    struct hasher hash;
};

static bool copy_piece(void *ctx, struct str piece, struct err *e)
{
    struct copy *c = ctx;
    hasher_add(&c->hash, piece.p, piece.n);
    return io_write(&c->out, piece.p, piece.n, e);
}

/* Named when all of it is there and is what the record lists. */
static bool copy_file(struct exporting *x, const struct id16 *uuid, const struct attachment *f,
                      const char *path, uint8_t ret_hash[32], struct err *e)
{
    struct copy c;
    if (!io_create(&c.out, path, 0600, e))
        return false;
    hasher_start(&c.hash, 32);
    bool ok = store_attachment_read(survey_store(x->survey), uuid, f, copy_piece, &c, e);
    if (!ok) {
        io_abandon(&c.out);
        return false;
    }
    hasher_end(&c.hash, ret_hash, 32);
    return io_finish(&c.out, e);
}

static bool is_damage(const struct err *e)
{
    return err_is(e, &ERR_ATTACHMENT_MISSING) || err_is(e, &ERR_ATTACHMENT_WRONG) ||
           err_is(e, &ERR_STORE_DAMAGED) || err_is(e, &ERR_PART_ERASED);
}

/* One that is not there is told, counted, and does not stop the rest. */
static bool add_file(struct exporting *x, struct csv_export *csv, const struct id16 *uuid,
                     struct str record, const struct attachment *f, const struct buf *folder,
                     struct err *e)
{
    struct err why = {0};
    struct buf path;
    uint8_t hash[32];
    buf_init(&path, 8192);
    buf_printf(&path, "%s/%.*s", folder->p, STR_FMT(f->name));
    bool ok = copy_file(x, uuid, f, path.p, hash, &why);
    buf_done(&path);
    if (ok)
        csv_file(csv, record, f->name, f->length, hash);
    else if (is_damage(&why)) {
        csv_file(csv, record, f->name, f->length, NULL);
        x->say(x->say_ctx, &why);
    } else {
        *e = why;
        return false;
    }
    return true;
}

static bool make_folder(const char *path, struct err *e)
{
    return mkdir(path, 0700) == 0 || errno == EEXIST || err_fail_sys(e, ERR_FOLDER, path);
}

static bool part_files(struct exporting *x, const struct revision *r, uint8_t part,
                       struct buf *bytes, struct attachment_list *l, struct err *e)
{
    uint8_t salt[32];
    struct err why = {0};
    buf_init(bytes, LIMIT_RECORD_BYTES);
    bool ok = store_revision_part(survey_store(x->survey), &r->rev_id, part, salt, bytes, &why);
    crypt_wipe(salt, sizeof salt);
    if (ok)
        return attachment_list_read(l, buf_str(bytes), e);
    if (err_is(&why, &ERR_PART_ERASED) || err_is(&why, &ERR_PART_MISSING))
        return true;
    *e = why;
    return false;
}

/* `id`: "uuid:…", whose second half names the record's folder. */
static bool add_files(struct exporting *x, struct csv_export *csv, const struct revision *r,
                      struct str id, bool pii, const struct office_export *o, struct err *e)
{
    struct attachment_list l = {0};
    struct buf one, two, folder;
    bool any;
    struct str record = str_from(id, 5);
    if (!store_attached(survey_store(x->survey), &r->uuid, &any, e))
        return false;
    if (!any)
        return true;
    buf_init(&two, 0);
    buf_init(&folder, 8192);
    bool ok = part_files(x, r, 1, &one, &l, e) &&
              (!pii || hash32_zero(&r->c2) || part_files(x, r, 2, &two, &l, e));
    if (ok && l.n) {
        buf_printf(&folder, "%s/media", o->folder);
        ok = make_folder(folder.p, e);
        buf_printf(&folder, "/%.*s", STR_FMT(record));
        ok = ok && make_folder(folder.p, e);
    }
    for (size_t i = 0; ok && i < l.n; i++)
        ok = add_file(x, csv, &r->uuid, record, &l.v[i], &folder, e);
    attachment_list_done(&l);
    buf_wipe_done(&one);
    buf_wipe_done(&two);
    buf_done(&folder);
    return ok;
}

/* ---- records ---- */

static bool add_record(struct exporting *x, struct csv_export *csv, const struct exported *ex,
                       const struct office_export *o, struct err *e)
{
    const struct revision *r = &ex->r;
    struct record rec;
    struct buf id, device;
    char code[16];
    bool pii = o->pii && !ex->no_pii;
    record_init(&rec);
    buf_init(&id, 128);
    buf_init(&device, 2 * DEVICE_BYTES_SHOWN + 1);
    bool ok = record_load(survey_store(x->survey), r, pii, &rec, e);
    if ((!ok && err_is(e, &ERR_PART_ERASED)) || (ok && rec.pii_erased)) {
        /* what is erased never comes this far: here a key was destroyed by somebody else */
        code_of_uuid(&r->uuid, code);
        err_clear(e);
        ok = err_fail1(e, ERR_RECORD_KEY, code);
    }
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
        if (ok && ex->doubt != ENROLLED) {
            csv_doubt(csv, buf_str(&id), ex->doubt == ENROL_REJECTED);
            x->totals->doubted++;
        }
        ok = ok && add_files(x, csv, r, buf_str(&id), pii, o, e);
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
        if (err_is(&why, &ERR_RECORD_PART) || err_is(&why, &ERR_STORE_DAMAGED) ||
            err_is(&why, &ERR_RECORD_KEY))
            csv_skip(csv); /* csv_add counts what it refuses itself */
        else if (!err_is(&why, &ERR_EXPORT_RECORD)) {
            *e = why;
            csv_abandon(csv);
            return false;
        }
        say(ctx, &why);
    }
    csv_left_out(csv, b->erased, b->conflicts);
    if (!csv_end(csv, &totals, e))
        return false;
    x->totals->forms++;
    x->totals->records += totals.records;
    x->totals->rows += totals.rows;
    x->totals->guarded += totals.guarded;
    x->totals->refused += totals.refused;
    x->totals->erased += totals.erased;
    x->totals->conflicts += totals.conflicts;
    x->totals->files += totals.files;
    x->totals->files_missing += totals.files_missing;
    return true;
}

bool office_export_csv(struct survey *sv, const struct office_export *o,
                       void (*say)(void *ctx, const struct err *why), void *ctx,
                       struct office_exported *ret, struct err *e)
{
    struct office_exported totals = {0};
    struct exporting x = {.survey = sv, .totals = &totals, .say = say, .say_ctx = ctx, .e = e};
    if (mkdir(o->folder, 0700) != 0 && errno != EEXIST)
        return err_fail_sys(e, ERR_FOLDER, o->folder);
    bool ok = derive_open(&x.derive, survey_store(sv), e) &&
              derive_each(x.derive, collect, &x, e) && !x.failed;
    derive_free(x.derive);
    for (size_t i = 0; ok && i < x.n; i++) {
        const struct form *form;
        if (x.batches[i].n + x.batches[i].conflicts == 0)
            continue; /* all erased: its form may never have come */
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
