/* A folder of bundles, one after the other; see merge.h. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "sync/io/io.h"
#include "sync/merge/merge.h"

#define BUNDLE_END STR(".bundle")
#define SETTLED_S  2

struct entry {
    char *name;
    uint64_t size;
    struct timespec written;
    bool parked;
};

struct listing {
    struct entry *v; /* ascending by name */
    size_t n, cap;
};

struct inbox {
    struct merge_ctx *m;
    const struct merge_inbox *how;
    struct merge_report *report;
    struct listing files;
    uint64_t at, read, size;
};

/* ---- what is there ---- */

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
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

static void join(const char *folder, const char *name, struct buf *out)
{
    buf_init(out, 1 << 16);
    buf_add_z(out, folder);
    buf_add_c(out, '/');
    buf_add_z(out, name);
}

static void add_entry(struct listing *l, const char *folder, const char *name)
{
    struct buf path;
    struct stat st;
    join(folder, name, &path);
    bool there = lstat(path.p, &st) == 0;
    buf_done(&path);
    if (!there)
        return; /* gone since */
    size_t n = strlen(name) + 1;
    l->v = mem_grow(l->v, l->n, &l->cap, sizeof *l->v);
    struct entry *x = &l->v[l->n++];
    *x = (struct entry){mem_alloc(n), (uint64_t)st.st_size, st.st_mtim, false};
    memcpy(x->name, name, n);
}

static bool list(struct listing *l, const char *folder, struct err *e)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    if (!dir)
        return err_fail_sys(e, ERR_FILE_READ, folder);
    while ((entry = readdir(dir)))
        if (is_bundle_name(entry->d_name))
            add_entry(l, folder, entry->d_name);
    closedir(dir);
    if (l->n)
        qsort(l->v, l->n, sizeof *l->v, by_name);
    return true;
}

static void listing_done(struct listing *l)
{
    for (size_t i = 0; i < l->n; i++)
        mem_free(l->v[i].name);
    mem_free(l->v);
}

static bool is_settled(const struct entry *x)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec - x->written.tv_sec > SETTLED_S || now.tv_sec < x->written.tv_sec;
}

bool merge_inbox_state(const char *folder, struct hash32 *ret, bool *ret_settled, struct err *e)
{
    struct listing l = {.n = 0};
    struct buf b;
    buf_init(&b, (size_t)16 << 20);
    bool ok = list(&l, folder, e);
    *ret_settled = true;
    for (size_t i = 0; ok && i < l.n; i++) {
        buf_printf(&b, "%s %llu %lld %ld\n", l.v[i].name, (unsigned long long)l.v[i].size,
                   (long long)l.v[i].written.tv_sec, l.v[i].written.tv_nsec);
        *ret_settled = *ret_settled && is_settled(&l.v[i]);
    }
    *ret = crypt_hash(buf_str(&b));
    buf_done(&b);
    listing_done(&l);
    return ok;
}

/* ---- one file ---- */

static bool move_away(const struct inbox *x, const char *path, const char *name, struct err *e)
{
    struct buf to;
    if (!x->how->quarantine)
        return true;
    if (mkdir(x->how->quarantine, 0700) != 0 && errno != EEXIST)
        return err_fail_sys(e, ERR_FILE_WRITE, x->how->quarantine);
    join(x->how->quarantine, name, &to);
    bool ok = rename(path, to.p) == 0 || err_fail_sys(e, ERR_FILE_WRITE, to.p);
    buf_done(&to);
    return ok;
}

/* Tells of a file that is dealt with. *ret_go false: stop here. */
static bool tell(struct inbox *x, const struct entry *f, struct merge_step *step,
                 const struct err *why, bool *ret_go, struct err *e)
{
    struct buf path;
    bool ok = true;
    join(x->how->folder, f->name, &path);
    x->read += f->size;
    step->path = path.p;
    step->at = ++x->at;
    step->files = x->files.n;
    step->read = x->read;
    step->size = x->size;
    step->why = why->kind ? why : NULL;
    if (step->outcome == MERGE_REFUSED || step->quarantined)
        ok = move_away(x, path.p, f->name, e);
    if (ok)
        *ret_go = !x->how->done || x->how->done(x->how->ctx, step);
    buf_done(&path);
    return ok;
}

static bool one(struct inbox *x, struct entry *f, bool *ret_go, struct err *e)
{
    struct buf path;
    struct merge_report before = *x->report;
    struct err why = {0};
    struct merge_step step = {.at = 0};
    join(x->how->folder, f->name, &path);
    bool ok = merge_file(x->m, path.p, x->report, &step.outcome, &why, e);
    buf_done(&path);
    if (!ok)
        return false;
    f->parked = step.outcome == MERGE_PARKED;
    if (f->parked) { /* a later file may make its sender known: counted and told of at the end */
        *x->report = before;
        return true;
    }
    step.records = x->report->records - before.records;
    step.quarantined = x->report->quarantined - before.quarantined;
    return tell(x, f, &step, &why, ret_go, e);
}

/* ---- what stays parked ---- */

static int newest_first(const void *a, const void *b)
{
    const struct entry *x = *(struct entry *const *)a, *y = *(struct entry *const *)b;
    if (x->written.tv_sec != y->written.tv_sec)
        return x->written.tv_sec > y->written.tv_sec ? -1 : 1;
    return strcmp(x->name, y->name);
}

static bool settle_parked(struct inbox *x, bool *ret_go, struct err *e)
{
    struct entry **v = mem_calloc(x->files.n + 1, sizeof *v);
    size_t n = 0;
    uint64_t bytes = 0;
    bool ok = true;
    for (size_t i = 0; i < x->files.n; i++)
        if (x->files.v[i].parked)
            v[n++] = &x->files.v[i];
    qsort(v, n, sizeof(struct entry *), newest_first);
    for (size_t i = 0; ok && *ret_go && i < n; i++) {
        struct err why = {0};
        struct merge_step step = {.outcome = MERGE_PARKED};
        bytes += v[i]->size;
        if (i >= MERGE_PARKED_FILES || bytes > MERGE_PARKED_BYTES)
            step.outcome = MERGE_REFUSED;
        if (step.outcome == MERGE_PARKED)
            err_fail(&why, ERR_SENDER_UNKNOWN);
        else
            err_fail(&why, ERR_PARKED_FULL);
        x->report->files++;
        x->report->parked += step.outcome == MERGE_PARKED;
        x->report->refused += step.outcome == MERGE_REFUSED;
        ok = tell(x, v[i], &step, &why, ret_go, e);
    }
    mem_free(v);
    return ok;
}

bool merge_inbox(struct merge_ctx *m, const struct merge_inbox *in, struct merge_report *report,
                 bool *ret_stopped, struct err *e)
{
    struct inbox x = {.m = m, .how = in, .report = report};
    struct listing *l = &x.files;
    bool go = true, ok = list(l, in->folder, e);
    size_t n = 0;
    for (size_t i = 0; i < l->n; i++) {
        struct entry f = l->v[i];
        if (in->settled && !is_settled(&f)) {
            mem_free(f.name);
            continue;
        }
        x.size += f.size;
        l->v[n++] = f;
    }
    l->n = n;
    for (size_t i = 0; ok && go && i < l->n; i++)
        ok = one(&x, &l->v[i], &go, e);
    for (size_t i = 0; ok && go && i < l->n; i++)
        if (l->v[i].parked)
            ok = one(&x, &l->v[i], &go, e);
    ok = ok && settle_parked(&x, &go, e);
    listing_done(l);
    *ret_stopped = !go;
    return ok;
}
