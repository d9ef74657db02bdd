/* cacah office merge PATH...: bundles in, receipts out, a report whose counts add up. */
#include "app/cmd/cmd.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "app/cmd/keep.h"
#include "app/cmd/tasks.h"
#include "app/flow/host.h"
#include "app/office/index.h"
#include "app/tr.h"
#include "sync/bundle/receipt.h"
#include "sync/merge/merge.h"

struct merging {
    const struct call *call;
    struct merge_ctx ctx;
    struct merge_report report;
    json_t *files;
};

static const char *const outcome_names[] = {[MERGE_MERGED] = N_("merged"),
                                            [MERGE_SAME] = N_("same as before"),
                                            [MERGE_PARKED] = N_("parked"),
                                            [MERGE_REFUSED] = N_("refused")};

static bool say_file(void *ctx, const struct merge_step *step)
{
    struct merging *m = ctx;
    struct buf line;
    buf_init(&line, 8192);
    if (step->why && step->why->kind)
        err_text(step->why, m->call->given[OPT_json] ? NULL : tr, &line);
    if (m->call->given[OPT_json]) {
        json_array_append_new(m->files,
                              json_pack("{s:s, s:s, s:s}", "file", step->path, "outcome",
                                        outcome_names[step->outcome], "why", buf_str(&line).p));
    } else if (!m->call->given[OPT_quiet] || step->outcome > MERGE_SAME) {
        struct buf out;
        buf_init(&out, 16384);
        buf_printf(&out, "%s: %s%s%s\n", step->path, _(outcome_names[step->outcome]),
                   line.n ? ": " : "", buf_str(&line).p);
        cmd_put(false, buf_str(&out));
        buf_done(&out);
    }
    buf_done(&line);
    return true;
}

static bool merge_path(struct merging *m, const char *path, struct err *e)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return err_fail1(e, ERR_FILE_MISSING, path);
    if (S_ISDIR(st.st_mode)) {
        char quarantine[KEEP_PATH_MAX];
        int n = snprintf(quarantine, sizeof quarantine, "%s/quarantine", path);
        if (n < 0 || n >= (int)sizeof quarantine)
            return err_fail2(e, ERR_LIMIT, "The folder's path", "4096 bytes");
        bool stopped;
        return merge_inbox(&m->ctx, path, quarantine, say_file, m, &m->report, &stopped, e);
    }
    struct err why = {0};
    struct merge_step step = {.path = path, .at = 1, .files = 1, .why = &why};
    if (!merge_file(&m->ctx, path, &m->report, &step.outcome, &why, e))
        return false;
    say_file(m, &step);
    return true;
}

/* ---- receipts ---- */

struct receipts {
    struct store *store;
    const char *folder;
    uint64_t written;
    struct err *e;
};

static bool write_one(void *ctx, const struct device *d)
{
    struct receipts *r = ctx;
    struct receipt_written w;
    if (hash32_eq(&d->device, &store_identity(r->store)->device))
        return true;
    struct receipt_new n = {.device = d->device, .now_ms = host_now().ms};
    struct buf tasks;
    buf_init(&tasks, (size_t)16 << 20);
    bool ok = tasks_for(r->store, d->label, &tasks, r->e);
    n.assignments = buf_str(&tasks);
    ok = ok && receipt_write(r->store, r->folder, &n, &w, r->e);
    buf_wipe_done(&tasks);
    r->written += ok;
    return ok;
}

/* --receipts, or out/ beside the (first) inbox. */
static bool receipts_folder(const struct call *c, char ret[KEEP_PATH_MAX], struct err *e)
{
    int n;
    if (c->given[OPT_receipts]) {
        n = snprintf(ret, KEEP_PATH_MAX, "%s", c->value[OPT_receipts]);
    } else {
        struct stat st;
        const char *first = c->args[0];
        bool folder = stat(first, &st) == 0 && S_ISDIR(st.st_mode);
        const char *slash = strrchr(first, '/');
        if (folder)
            n = snprintf(ret, KEEP_PATH_MAX, "%s/../out", first);
        else
            n = snprintf(ret, KEEP_PATH_MAX, "%.*sout", slash ? (int)(slash - first + 1) : 0,
                         first);
    }
    if (n < 0 || n >= KEEP_PATH_MAX)
        return err_fail2(e, ERR_LIMIT, "The folder's path", "4096 bytes");
    if (mkdir(ret, 0755) != 0 && errno != EEXIST)
        return err_fail_sys(e, ERR_FOLDER, ret);
    return true;
}

static bool write_receipts(struct merging *m, struct err *e)
{
    char folder[KEEP_PATH_MAX];
    struct receipts r = {.store = m->ctx.store, .folder = folder, .e = e};
    if (!receipts_folder(m->call, folder, e) ||
        !store_device_each(m->ctx.store, write_one, &r, e) || e->kind)
        return false;
    if (!m->call->given[OPT_json] && !m->call->given[OPT_quiet])
        printf(tr_n("%llu receipt in %s\n", "%llu receipts in %s\n", r.written),
               (unsigned long long)r.written, folder);
    return true;
}

/* ---- the report ---- */

#define N(x) ((unsigned long long)(x))

static void say_report(const struct merge_report *r)
{
    printf(_("files: %llu = merged %llu + same %llu + parked %llu + refused %llu\n"), N(r->files),
           N(r->merged), N(r->same_files), N(r->parked), N(r->refused));
    printf(_("records: %llu = new %llu + same %llu + newer %llu + conflict %llu + detached %llu + "
             "foreign %llu + erased %llu + quarantined %llu\n"),
           N(r->records), N(r->new), N(r->same), N(r->newer), N(r->conflict), N(r->detached),
           N(r->foreign), N(r->erased), N(r->quarantined));
    printf(_("ledger rows: %llu, new %llu; laptops enrolled: %llu\n"), N(r->rows), N(r->rows_new),
           N(r->devices_new));
}

static void json_report(const struct merging *m)
{
    const struct merge_report *r = &m->report;
    json_t *j = json_pack(
        "{s:{s:I,s:I,s:I,s:I,s:I}, s:{s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I}, s:I, s:I, s:O}",
        "files", "all", (json_int_t)r->files, "merged", (json_int_t)r->merged, "same",
        (json_int_t)r->same_files, "parked", (json_int_t)r->parked, "refused",
        (json_int_t)r->refused, "records", "all", (json_int_t)r->records, "new", (json_int_t)r->new,
        "same", (json_int_t)r->same, "newer", (json_int_t)r->newer, "conflict",
        (json_int_t)r->conflict, "detached", (json_int_t)r->detached, "foreign",
        (json_int_t)r->foreign, "erased", (json_int_t)r->erased, "quarantined",
        (json_int_t)r->quarantined, "rows", (json_int_t)r->rows, "laptops_enrolled",
        (json_int_t)r->devices_new, "list", m->files);
    json_dumpf(j, stdout, JSON_INDENT(1));
    putchar('\n');
    json_decref(j);
}

int cmd_office_merge(const struct call *c)
{
    struct err e = {0};
    struct survey *sv = NULL;
    struct merging m = {.call = c};
    if (!keep_survey_kind(c, KEEP_OFFICE, &sv, &e))
        return cmd_fail(&e);
    m.ctx = (struct merge_ctx){
        .store = survey_store(sv), .index = index_record, .index_ctx = sv, .now_ms = host_now().ms};
    m.files = json_array();
    bool ok = true;
    for (int i = 0; i < c->n && ok; i++)
        ok = merge_path(&m, c->args[i], &e);
    ok = ok && write_receipts(&m, &e);
    if (c->given[OPT_json])
        json_report(&m);
    else
        say_report(&m.report);
    json_decref(m.files);
    survey_close(sv);
    if (!ok)
        return cmd_fail(&e);
    return cmd_end(m.report.refused || m.report.parked ? ERR_FAULT : 0);
}
