/* What the office's commands share; see desk.h. */
#include "app/cmd/desk.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "app/cmd/tasks.h"
#include "app/flow/host.h"
#include "app/office/index.h"
#include "app/tr.h"
#include "forms/base/num.h"
#include "sync/bundle/keyring.h"
#include "sync/bundle/receipt.h"
#include "sync/io/io.h"

bool desk_open(const struct call *c, struct desk *ret, struct err *e)
{
    *ret = (struct desk){.sv = NULL};
    arena_init(&ret->a);
    if (!keep_survey_kind(c, KEEP_OFFICE, &ret->sv, e))
        return false;
    ret->s = survey_store(ret->sv);
    struct merge_ctx m = desk_merge(ret);
    uint64_t indexed;
    return merge_index_again(&m, &indexed, e) && derive_open(&ret->d, ret->s, e);
}

void desk_close(struct desk *d)
{
    derive_free(d->d);
    arena_done(&d->a);
    survey_close(d->sv);
}

struct merge_ctx desk_merge(struct desk *d)
{
    return (struct merge_ctx){
        .store = d->s, .index = index_record, .index_ctx = d->sv, .now_ms = host_now().ms};
}

bool desk_history(struct desk *d, const char *code, struct history *ret, struct err *e)
{
    struct id16 uuid;
    return find_interview(d->s, str_of(code), &uuid, e) && history_load(ret, d->d, d->s, &uuid, e);
}

/* ---- receipts ---- */

bool desk_out_beside(const char *inbox, char ret[KEEP_PATH_MAX], struct err *e)
{
    size_t end = strlen(inbox);
    struct stat st;
    int n;
    while (end > 1 && inbox[end - 1] == '/')
        end--;
    size_t slash = end;
    while (slash > 0 && inbox[slash - 1] != '/')
        slash--;
    bool folder = stat(inbox, &st) == 0 && S_ISDIR(st.st_mode);
    if (folder &&
        inbox[end - 1] == '.') /* "." and "..": what is beside them has no name of its own */
        n = snprintf(ret, KEEP_PATH_MAX, "%.*s/../out", (int)end, inbox);
    else
        n = snprintf(ret, KEEP_PATH_MAX, "%.*sout", (int)slash, inbox);
    return (n >= 0 && n < KEEP_PATH_MAX) ||
           err_fail2(e, ERR_LIMIT, "The folder's path", "4096 bytes");
}

struct receipts {
    struct desk *desk;
    const char *folder;
    const struct hash32 *only;
    bool say;
    struct receipt_judge judge;
    bool failed;
    uint64_t written;
    struct err *e;
};

/* A receipt says all that the ones before it said, so those are in the way. Only our own go: a supervisor
 * may write into the same folder. */
static void remove_older(const struct receipts *r, const struct hash32 *device, const char *newest)
{
    char front[64];
    const struct store_identity *id = store_identity(r->desk->s);
    envelope_name(&id->survey, device, 0, "", front);
    struct str want = str_sub(str_of(front), 0, 18); /* "S8-D8-" */
    DIR *dir = opendir(r->folder);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        struct envelope_in *in;
        struct err ignored = {0};
        char path[KEEP_PATH_MAX + NAME_MAX + 2];
        struct str name = str_of(entry->d_name);
        if (!str_starts(name, want) || !str_ends(name, STR(".receipt")) || str_is(name, newest))
            continue;
        snprintf(path, sizeof path, "%s/%s", r->folder, entry->d_name);
        if (!envelope_open(&in, path, &ignored))
            continue;
        bool ours = pk32_eq(&envelope_in_header(in)->sender, &id->ed_pk);
        envelope_in_free(in);
        if (ours)
            io_remove(path);
    }
    if (dir)
        closedir(dir);
}

static void say_receipt(const struct receipts *r, struct str label, const struct receipt_written *w)
{
    struct buf b;
    buf_init(&b, 8192);
    buf_printf(&b,
               _("%s/%s\n  for %.*s: %llu held, %llu safe, %llu erased, %llu quarantined; code for "
                 "the telephone: "),
               r->folder, w->name, STR_FMT(label), (unsigned long long)w->held,
               (unsigned long long)w->safe, (unsigned long long)w->erased,
               (unsigned long long)w->quarantined);
    words_of_hash(WORDS_ID, &w->id, WORDS_RECEIPT, &b);
    buf_add_c(&b, '\n');
    cmd_put(false, buf_str(&b));
    buf_done(&b);
}

static bool write_one(void *ctx, const struct device *d)
{
    struct receipts *r = ctx;
    struct receipt_written w;
    struct str label;
    if (hash32_eq(&d->device, &store_identity(r->desk->s)->device) ||
        (r->only ? !hash32_eq(&d->device, r->only)
                 : derive_successor(r->desk->d, d) != NULL)) /* its keys are no more */
        return true;
    struct receipt_new n = {.device = d->device, .judge = &r->judge, .now_ms = host_now().ms};
    struct buf tasks;
    buf_init(&tasks, (size_t)16 << 20);
    r->failed = !tasks_for(r->desk->s, d->label, &tasks, r->e);
    n.assignments = buf_str(&tasks);
    r->failed = r->failed || !receipt_write(r->desk->s, r->folder, &n, &w, r->e) ||
                !history_device_name(r->desk->s, &d->device, &r->desk->a, &label, r->e);
    buf_wipe_done(&tasks);
    if (r->failed)
        return false;
    remove_older(r, &d->device, w.name);
    if (r->say)
        say_receipt(r, label, &w);
    r->written++;
    return true;
}

bool desk_receipts(struct desk *d, const char *folder, const struct hash32 *only, bool say,
                   uint64_t *ret_written, struct err *e)
{
    struct derive *facts;
    if (mkdir(folder, 0755) != 0 && errno != EEXIST)
        return err_fail_sys(e, ERR_FOLDER, folder);
    if (!derive_open(&facts, d->s, e))
        return false;
    struct receipts r = {d, folder, only, say, derive_judge(facts), false, 0, e};
    bool ok = store_device_each(d->s, write_one, &r, e) && !r.failed;
    derive_free(facts);
    if (ok)
        *ret_written = r.written;
    return ok;
}
