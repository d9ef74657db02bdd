/* A folder of bundles, one after the other; see merge.h. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "sync/io/io.h"
#include "sync/merge/merge.h"

#define BUNDLE_END STR(".bundle")

struct inbox {
    struct merge_ctx *m;
    const char *folder, *quarantine;
    bool (*done)(void *ctx, const struct merge_step *step);
    void *ctx;
    struct merge_report *report;
    char **names; /* ascending */
    size_t n, cap;
    bool *parked;
};

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Only plain names: what a server or a stick lists never leads out of the folder (§3, 51). */
static bool is_bundle_name(const char *name)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    struct str s = str_of(name);
    return s.n > BUNDLE_END.n && s.n <= 100 && strspn(name, allowed) == s.n && name[0] != '.' &&
           str_ends(s, BUNDLE_END);
}

static bool list(struct inbox *x, struct err *e)
{
    DIR *dir = opendir(x->folder);
    struct dirent *entry;
    if (!dir)
        return err_fail_sys(e, ERR_FILE_READ, x->folder);
    while ((entry = readdir(dir))) {
        if (!is_bundle_name(entry->d_name))
            continue;
        size_t size = strlen(entry->d_name) + 1;
        x->names = mem_grow(x->names, x->n, &x->cap, sizeof *x->names);
        x->names[x->n] = mem_alloc(size);
        memcpy(x->names[x->n++], entry->d_name, size);
    }
    closedir(dir);
    if (x->n)
        qsort(x->names, x->n, sizeof *x->names, by_name);
    x->parked = mem_calloc(x->n + 1, sizeof *x->parked);
    return true;
}

static void join(const char *folder, const char *name, struct buf *out)
{
    buf_init(out, 1 << 16);
    buf_add_z(out, folder);
    buf_add_c(out, '/');
    buf_add_z(out, name);
}

static bool move_away(const struct inbox *x, const char *path, const char *name, struct err *e)
{
    struct buf to;
    if (!x->quarantine)
        return true;
    if (mkdir(x->quarantine, 0700) != 0 && errno != EEXIST)
        return err_fail_sys(e, ERR_FILE_WRITE, x->quarantine);
    join(x->quarantine, name, &to);
    bool ok = rename(path, to.p) == 0 || err_fail_sys(e, ERR_FILE_WRITE, to.p);
    buf_done(&to);
    return ok;
}

/* One file. `again`: it was parked before; it is told of only now. *ret_go false: stop here. */
static bool one(struct inbox *x, size_t i, bool again, bool *ret_go, struct err *e)
{
    struct buf path;
    struct merge_report before = *x->report;
    struct err why = {0};
    struct merge_step step = {.at = i + 1, .files = x->n};
    join(x->folder, x->names[i], &path);
    step.path = path.p;
    *ret_go = true;
    bool ok = merge_file(x->m, path.p, x->report, &step.outcome, &why, e);
    step.records = x->report->records - before.records;
    step.quarantined = x->report->quarantined - before.quarantined;
    step.why = why.kind ? &why : NULL;
    if (ok && step.outcome == MERGE_PARKED && !again) {
        x->parked[i] = true; /* a later file may make its sender known */
        *x->report = before;
    } else if (ok) {
        if (step.outcome == MERGE_REFUSED || step.quarantined)
            ok = move_away(x, path.p, x->names[i], e);
        *ret_go = !x->done || x->done(x->ctx, &step);
    }
    buf_done(&path);
    return ok;
}

bool merge_inbox(struct merge_ctx *m, const char *folder, const char *quarantine,
                 bool (*done)(void *ctx, const struct merge_step *step), void *ctx,
                 struct merge_report *report, bool *ret_stopped, struct err *e)
{
    struct inbox x = {m, folder, quarantine, done, ctx, report, NULL, 0, 0, NULL};
    bool go = true, ok = list(&x, e);
    for (size_t i = 0; ok && go && i < x.n; i++)
        ok = one(&x, i, false, &go, e);
    for (size_t i = 0; ok && go && i < x.n; i++)
        if (x.parked[i])
            ok = one(&x, i, true, &go, e);
    for (size_t i = 0; i < x.n; i++)
        mem_free(x.names[i]);
    mem_free(x.names);
    mem_free(x.parked);
    *ret_stopped = !go;
    return ok;
}
