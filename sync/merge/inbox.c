/* A folder of bundles, one after the other; see merge.h. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>

#include "sync/io/io.h"
#include "sync/merge/merge_i.h"

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

/* Small files are merged in one run, which is committed, and then told of, once there are so many of them,
 * or so large, or when it has taken so long that somebody might wonder. The first run is of one file, each
 * further one of twice as many: the first news comes at once. */
#define RUN_FILES 64
#define RUN_BYTES ((uint64_t)4 << 20)
#define RUN_FILE  ((uint64_t)1 << 20) /* larger ones are alone */
#define RUN_MS    100

struct dealt_with {
    const struct entry *file;
    struct merge_step step;
    struct err why;
};

struct merge_pieces {
    struct merge_inbox how;
    struct merge_report *report;
    struct merge_run run;
    enum { ROUND_FIRST, ROUND_PARKED, ROUND_OVER } round;
    size_t next; /* entry of the round */
    bool stopped;
    struct merge_report committed; /* the report without this run */
    struct dealt_with *v;          /* in this run, not told of yet */
    size_t n, most;                /* files in it, and how many it may have */
    uint64_t bytes;
    int64_t since_ms;
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

/* Meant as one, by the look of it: passed over, but not in silence. */
static bool ends_like_bundle(const char *name)
{
    size_t n = strlen(name), end = sizeof ".bundle" - 1;
    return name[0] != '.' && n >= end && strcasecmp(name + n - end, ".bundle") == 0;
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

/* `in` and `report` are NULL when nobody is to be told. */
static bool list(struct listing *l, const char *folder, const struct merge_inbox *in,
                 struct merge_report *report, struct err *e)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    if (!dir)
        return err_fail_sys(e, ERR_FILE_READ, folder);
    while ((entry = readdir(dir)))
        if (is_bundle_name(entry->d_name)) {
            add_entry(l, folder, entry->d_name);
        } else if (in && ends_like_bundle(entry->d_name)) {
            report->passed_over++;
            if (in->passed_over)
                in->passed_over(in->ctx, entry->d_name);
        }
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
    bool ok = list(&l, folder, NULL, NULL, e);
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

static bool move_away(const struct merge_pieces *x, const char *path, const char *name,
                      struct err *e)
{
    struct buf to;
    if (!x->how.quarantine)
        return true;
    if (mkdir(x->how.quarantine, 0700) != 0 && errno != EEXIST)
        return err_fail_sys(e, ERR_FILE_WRITE, x->how.quarantine);
    join(x->how.quarantine, name, &to);
    bool ok = io_rename(path, to.p, e);
    buf_done(&to);
    return ok;
}

/* Tells of a file that is dealt with. */
static bool tell(struct merge_pieces *x, const struct entry *f, struct merge_step *step,
                 const struct err *why, struct err *e)
{
    struct buf path;
    bool ok = true;
    join(x->how.folder, f->name, &path);
    x->read += f->size;
    step->path = path.p;
    step->at = ++x->at;
    step->files = x->files.n;
    step->read = x->read;
    step->size = x->size;
    step->why = why->kind ? why : NULL;
    if (step->outcome == MERGE_REFUSED || step->quarantined)
        ok = move_away(x, path.p, f->name, e);
    if (ok && x->how.done && !x->how.done(x->how.ctx, step))
        x->stopped = true;
    buf_done(&path);
    return ok;
}

/* What was merged is on the disk, then it is told. Of a run that could not be committed nothing is. */
static bool commit(struct merge_pieces *x, struct err *e)
{
    if (!merge_run_commit(&x->run, e)) {
        *x->report = x->committed;
        return false;
    }
    bool ok = true;
    for (size_t i = 0; ok && i < x->n; i++)
        ok = tell(x, x->v[i].file, &x->v[i].step, &x->v[i].why, e);
    if (x->n)
        x->most = x->most * 2 < RUN_FILES ? x->most * 2 : RUN_FILES;
    x->n = 0;
    x->bytes = 0;
    x->committed = *x->report;
    return ok;
}

static bool merge_entry(struct merge_pieces *x, struct entry *f, struct err *e)
{
    struct buf path;
    struct merge_report before = *x->report;
    struct dealt_with *d = &x->v[x->n];
    *d = (struct dealt_with){.file = f};
    if (x->n == 0)
        x->since_ms = merge_clock_ms();
    join(x->how.folder, f->name, &path);
    x->run.before = (struct merge_step){.path = path.p,
                                        .at = x->at + x->n + 1,
                                        .files = x->files.n,
                                        .read = x->read + x->bytes,
                                        .size = x->size};
    bool ok = merge_one(&x->run, path.p, x->report, &d->step.outcome, &d->why, e);
    buf_done(&path);
    if (!ok) {
        *x->report = x->committed;
        return false;
    }
    f->parked = d->step.outcome == MERGE_PARKED;
    if (f->parked) { /* a later file may make its sender known: counted and told of at the end */
        *x->report = before;
        return true;
    }
    d->step.records = x->report->records - before.records;
    d->step.quarantined = x->report->quarantined - before.quarantined;
    x->n++;
    x->bytes += f->size;
    return true;
}

/* *ret_ended: the run is committed. */
static bool one(struct merge_pieces *x, struct entry *f, bool *ret_ended, struct err *e)
{
    x->run.alone = f->size > RUN_FILE;
    if (!merge_entry(x, f, e))
        return false;
    *ret_ended = x->run.alone || x->n == x->most || x->bytes > RUN_BYTES ||
                 (x->n && merge_clock_ms() - x->since_ms >= RUN_MS);
    return !*ret_ended || commit(x, e);
}

/* One run, at most, of the files that are parked, or are not. */
static bool run_of_round(struct merge_pieces *x, struct err *e)
{
    bool ended = false, parked = x->round == ROUND_PARKED;
    for (; !ended && x->next < x->files.n; x->next++) {
        struct entry *f = &x->files.v[x->next];
        if (f->parked != parked)
            continue;
        if (x->n && f->size > RUN_FILE) /* it goes alone: first those before it */
            return commit(x, e);
        if (!one(x, f, &ended, e))
            return false;
    }
    if (x->next < x->files.n)
        return true;
    x->next = 0;
    x->round++;
    return commit(x, e);
}

/* ---- what stays parked ---- */

static int newest_first(const void *a, const void *b)
{
    const struct entry *x = *(struct entry *const *)a, *y = *(struct entry *const *)b;
    if (x->written.tv_sec != y->written.tv_sec)
        return x->written.tv_sec > y->written.tv_sec ? -1 : 1;
    return strcmp(x->name, y->name);
}

static bool settle_parked(struct merge_pieces *x, struct err *e)
{
    struct entry **v = mem_calloc(x->files.n + 1, sizeof *v);
    size_t n = 0;
    uint64_t bytes = 0;
    bool ok = true;
    for (size_t i = 0; i < x->files.n; i++)
        if (x->files.v[i].parked)
            v[n++] = &x->files.v[i];
    qsort(v, n, sizeof(struct entry *), newest_first);
    for (size_t i = 0; ok && !x->stopped && i < n; i++) {
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
        ok = tell(x, v[i], &step, &why, e);
    }
    mem_free(v);
    return ok;
}

/* Those that are still being written to are left out. */
static void keep_settled(struct merge_pieces *x)
{
    struct listing *l = &x->files;
    size_t n = 0;
    for (size_t i = 0; i < l->n; i++) {
        struct entry f = l->v[i];
        if (x->how.settled && !is_settled(&f)) {
            mem_free(f.name);
            continue;
        }
        x->size += f.size;
        l->v[n++] = f;
    }
    l->n = n;
}

bool merge_pieces_open(struct merge_pieces **ret, struct merge_ctx *m, const struct merge_inbox *in,
                       struct merge_report *report, struct err *e)
{
    struct merge_pieces *x = mem_alloc(sizeof *x);
    *x = (struct merge_pieces){
        .how = *in, .report = report, .run.m = m, .committed = *report, .most = 1};
    x->v = mem_calloc(RUN_FILES, sizeof *x->v);
    if (!list(&x->files, in->folder, in, report, e)) {
        merge_pieces_close(x);
        return false;
    }
    keep_settled(x);
    *ret = x;
    return true;
}

bool merge_pieces_step(struct merge_pieces *x, bool *ret_more, struct err *e)
{
    bool ok = x->round == ROUND_OVER || run_of_round(x, e);
    if (ok && x->round == ROUND_OVER)
        ok = settle_parked(x, e);
    *ret_more = ok && x->round != ROUND_OVER && !x->stopped;
    return ok;
}

void merge_pieces_close(struct merge_pieces *x)
{
    if (!x)
        return;
    merge_run_done(&x->run);
    listing_done(&x->files);
    mem_free(x->v);
    mem_free(x);
}

bool merge_inbox(struct merge_ctx *m, const struct merge_inbox *in, struct merge_report *report,
                 bool *ret_stopped, struct err *e)
{
    struct merge_pieces *x = NULL;
    bool more = true, ok = merge_pieces_open(&x, m, in, report, e);
    while (ok && more)
        ok = merge_pieces_step(x, &more, e);
    if (ok)
        *ret_stopped = x->stopped;
    merge_pieces_close(x);
    return ok;
}
