/* An office's inbox; see inbox.h. */
#include "app/flow/inbox.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "app/flow/host.h"
#include "sync/bundle/config.h"
#include "sync/io/io.h"
#include "sync/merge/decide.h"
#include "sync/merge/derive.h"

#define CONFIG_INBOX   "inbox"
#define BUNDLE_END     STR(".bundle")
#define INBOX_PATH_MAX ((size_t)4096)

/* ---- the folder ---- */

static char *copy_z(struct str s)
{
    char *p = mem_alloc(s.n + 1);
    memcpy(p, s.p, s.n);
    return p;
}

static void path_in(const char *folder, struct str name, struct buf *out)
{
    buf_init(out, INBOX_PATH_MAX + NAME_MAX);
    buf_printf(out, "%s/%.*s", folder, STR_FMT(name));
}

static bool is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* The one used last, else PLACE/in of the config where that is a folder here. */
static bool known_folder(struct inbox *x, struct err *e)
{
    struct buf path;
    bool there;
    buf_init(&path, INBOX_PATH_MAX);
    bool ok = store_config_get(survey_store(x->sv), CONFIG_INBOX, &path, &there, e);
    struct str place = config_setting(survey_config(x->sv), "place");
    if (ok && !there && place.n && str_find(place, ':', 0) == place.n)
        buf_printf(&path, "%.*s/in", STR_FMT(place));
    if (ok && path.n && is_folder(path.p))
        x->folder = copy_z(buf_str(&path));
    buf_done(&path);
    return ok;
}

static bool may_release(struct survey *sv, bool *ret, struct err *e)
{
    struct derive *d;
    struct store *s = survey_store(sv);
    if (!derive_open(&d, s, e))
        return false;
    *ret = (authority_may(derive_authority(d), &store_identity(s)->ed_pk) & MAY_PURGE) != 0;
    derive_free(d);
    return true;
}

bool inbox_open(struct inbox *x, struct survey *sv, merge_index index, struct err *e)
{
    bool releases = false;
    *x = (struct inbox){.sv = sv};
    arena_init(&x->a);
    x->ctx = (struct merge_ctx){.store = survey_store(sv), .index = index, .index_ctx = sv};
    uint64_t indexed;
    if (!merge_index_again(&x->ctx, &indexed, e) || !known_folder(x, e) ||
        !may_release(sv, &releases, e) || (x->folder && !inbox_look(x, e)))
        return false;
    x->keeps = !releases;
    return true;
}

static void forget_files(struct inbox *x)
{
    derive_free(x->d);
    x->d = NULL;
    mem_free(x->v);
    x->v = NULL;
    x->n = x->cap = x->looked = 0;
    arena_reset(&x->a);
}

void inbox_close(struct inbox *x)
{
    if (!x->sv)
        return;
    merge_pieces_close(x->pieces);
    forget_files(x);
    arena_done(&x->a);
    mem_free(x->folder);
    mem_free(x->quarantine);
    *x = (struct inbox){.sv = NULL};
}

bool inbox_folder(struct inbox *x, struct str folder, struct err *e)
{
    struct inbox next = *x;
    while (folder.n > 1 && folder.p[folder.n - 1] == '/')
        folder.n--;
    if (folder.n >= INBOX_PATH_MAX)
        return err_fail2(e, ERR_LIMIT, "The folder's path", "4096 bytes");
    next.folder = copy_z(folder);
    next.v = NULL;
    next.d = NULL;
    next.n = next.cap = next.looked = 0;
    arena_init(&next.a);
    if (!inbox_look(&next, e) || !store_config_put(survey_store(x->sv), CONFIG_INBOX, folder, e)) {
        forget_files(&next);
        arena_done(&next.a);
        mem_free(next.folder);
        return false;
    }
    forget_files(x);
    arena_done(&x->a);
    mem_free(x->folder);
    *x = next;
    return true;
}

/* ---- what lies there ---- */

static void add_file(struct inbox *x, const char *name)
{
    struct buf path;
    struct stat st;
    path_in(x->folder, str_of(name), &path);
    bool there = lstat(path.p, &st) == 0;
    buf_done(&path);
    if (!there)
        return;
    x->v = mem_grow(x->v, x->n, &x->cap, sizeof *x->v);
    x->v[x->n++] =
        (struct inbox_file){.name = arena_str(&x->a, str_of(name)), .size = (uint64_t)st.st_size};
    x->size += (uint64_t)st.st_size;
}

static int by_name(const void *a, const void *b)
{
    return str_cmp(((const struct inbox_file *)a)->name, ((const struct inbox_file *)b)->name);
}

bool inbox_look(struct inbox *x, struct err *e)
{
    DIR *dir = opendir(x->folder);
    struct dirent *entry;
    if (!dir)
        return err_fail_sys(e, ERR_FILE_READ, x->folder);
    forget_files(x);
    x->size = x->read = 0;
    while ((entry = readdir(dir)))
        if (entry->d_name[0] != '.' && str_ends(str_of(entry->d_name), BUNDLE_END))
            add_file(x, entry->d_name);
    closedir(dir);
    if (x->n)
        qsort(x->v, x->n, sizeof *x->v, by_name);
    return derive_open(&x->d, survey_store(x->sv), e);
}

/* One that has not been merged yet is known by the kit that it joined with. */
static struct str laptop_of(struct inbox *x, const struct envelope_header *h)
{
    const struct device *dev = derive_device_by_key(x->d, &h->sender);
    const struct id16 *kit = dev ? &dev->kit : h->has_enrol ? &h->enrol_kit : NULL;
    const struct kit_fact *k = kit ? derive_kit(x->d, kit) : NULL;
    return k ? arena_str(&x->a, k->label) : STR("");
}

static bool check(struct inbox *x, struct inbox_file *f, struct err *e)
{
    struct envelope_header h;
    struct buf path;
    uint64_t size;
    path_in(x->folder, f->name, &path);
    bool ok = envelope_verify(path.p, &h, &size, e);
    buf_done(&path);
    if (!ok)
        return false;
    if (h.kind != ENVELOPE_BUNDLE)
        return err_fail2(e, ERR_ENVELOPE_KIND, envelope_kind_name(h.kind), "bundle");
    if (!id16_eq(&h.survey, &store_identity(survey_store(x->sv))->survey))
        return err_fail(e, ERR_ENVELOPE_SURVEY);
    f->checked = true;
    f->seq = h.seq;
    f->records = h.records;
    f->created_ms = h.created_ms;
    f->laptop = laptop_of(x, &h);
    f->state = INBOX_CHECKED;
    return true;
}

bool inbox_check(struct inbox *x)
{
    while (x->looked < x->n && x->v[x->looked].state != INBOX_FOUND)
        x->looked++;
    if (x->looked == x->n)
        return false;
    struct inbox_file *f = &x->v[x->looked++];
    if (!check(x, f, &f->why))
        f->state = INBOX_REFUSED;
    return true;
}

/* ---- merging ---- */

static struct inbox_file *file_at(struct inbox *x, const char *path)
{
    const char *slash = strrchr(path, '/');
    struct inbox_file want = {.name = str_of(slash ? slash + 1 : path)};
    return x->n ? bsearch(&want, x->v, x->n, sizeof *x->v, by_name) : NULL;
}

#define BREATH_MS 100

static void within(void *ctx, const struct merge_step *so_far)
{
    struct inbox *x = ctx;
    x->read = so_far->read;
    x->size = so_far->size;
    x->within = so_far->records;
    if (x->breathe)
        x->breathe(x->breathe_ctx);
}

static bool done(void *ctx, const struct merge_step *step)
{
    static const enum inbox_state states[] = {[MERGE_MERGED] = INBOX_MERGED,
                                              [MERGE_SAME] = INBOX_SAME,
                                              [MERGE_PARKED] = INBOX_PARKED,
                                              [MERGE_REFUSED] = INBOX_REFUSED};
    struct inbox *x = ctx;
    struct inbox_file *f = file_at(x, step->path);
    x->read = step->read;
    x->size = step->size;
    x->within = 0;
    if (!f) { /* it has come since the last look */
        add_file(x, strrchr(step->path, '/') + 1);
        qsort(x->v, x->n, sizeof *x->v, by_name);
        f = file_at(x, step->path);
    }
    if (!f) /* and is in the quarantine already */
        return !x->stop;
    f->state = states[step->outcome];
    if (step->outcome == MERGE_MERGED)
        f->records = step->records;
    f->quarantined = step->quarantined;
    f->why = step->why ? *step->why : (struct err){0};
    return !x->stop;
}

bool inbox_merge_begin(struct inbox *x, int64_t now_ms, struct err *e)
{
    struct buf path;
    uint64_t shredded;
    x->ctx.now_ms = x->began_ms = now_ms;
    x->ctx.within = within;
    x->ctx.within_ctx = x;
    x->ctx.within_ms = BREATH_MS;
    x->stop = false;
    x->within = 0;
    x->report = (struct merge_report){0};
    path_in(x->folder, STR("quarantine"), &path);
    mem_free(x->quarantine);
    x->quarantine = copy_z(buf_str(&path));
    buf_done(&path);
    x->how = (struct merge_inbox){
        .folder = x->folder, .quarantine = x->quarantine, .done = done, .ctx = x};
    return (x->n || inbox_look(x, e)) && decide_shred_due(x->ctx.store, now_ms, &shredded, e) &&
           merge_pieces_open(&x->pieces, &x->ctx, &x->how, &x->report, e);
}

bool inbox_merge_step(struct inbox *x, bool *ret_more, struct err *e)
{
    return merge_pieces_step(x->pieces, ret_more, e);
}

void inbox_merge_end(struct inbox *x)
{
    merge_pieces_close(x->pieces);
    x->pieces = NULL;
}

void inbox_empty(struct inbox *x, uint64_t *ret)
{
    struct buf path;
    *ret = 0;
    for (size_t i = 0; i < x->n && !x->keeps; i++) {
        const struct inbox_file *f = &x->v[i];
        if ((f->state != INBOX_MERGED && f->state != INBOX_SAME) || f->quarantined)
            continue;
        path_in(x->folder, f->name, &path);
        io_remove(path.p);
        buf_done(&path);
        ++*ret;
    }
}
