/* cacah backup DEST: a sealed copy of the store, verified before it has its name. */
#include "app/cmd/cmd.h"

#include <stdio.h>
#include <sys/stat.h>

#include "app/cmd/keep.h"
#include "app/cmd/progress.h"
#include "app/tr.h"
#include "sync/bundle/keyring.h"
#include "sync/io/io.h"

/* In a folder by survey, device and how much had happened: names sort by age. */
static void name_copy(struct store *s, const char *to, struct buf *out)
{
    char name[64];
    struct store_state state;
    const struct store_identity *id = store_identity(s);
    store_state(s, &state);
    envelope_name(&id->survey, &id->device, state.commits, "backup", name);
    path_in(to, name, out);
}

/* Only what is on another disk outlives this one (security specification §3, 41). */
static bool mark(struct store *s, const char *copy, struct err *e)
{
    uint64_t n = 0;
    if (store_identity(s)->kind != STORE_OFFICE)
        return true;
    if (io_same_disk(store_path(s), copy)) {
        puts(_(
            "It is on the same disk as the store: laptops keep their records until a backup is on "
            "another."));
        return true;
    }
    if (io_is_memory(copy)) {
        puts(_("It lies in the machine's memory (tmpfs) and is gone when that is switched off: "
               "laptops "
               "keep their records until a backup is on another disk."));
        return true;
    }
    if (!store_mark_safe(s, &n, e))
        return false;
    printf(tr_n("%llu record is safe now: the next receipts tell the laptops.\n",
                "%llu records are safe now: the next receipts tell the laptops.\n", n),
           (unsigned long long)n);
    return true;
}

static bool backup(const struct call *c, struct store *s, struct err *e)
{
    struct progress p;
    struct stat st;
    struct buf copy;
    buf_init(&copy, KEEP_PATH_MAX + 100);
    name_copy(s, c->args[0], &copy);
    progress_of(&p, c, s);
    bool ok = store_backup(s, copy.p, e);
    progress_end(&p);
    if (ok && !c->given[OPT_quiet]) {
        unsigned long long size = stat(copy.p, &st) == 0 ? (unsigned long long)st.st_size : 0;
        printf(_("%s: written and verified, %llu bytes. It opens with the present passphrase.\n"),
               copy.p, size);
    }
    ok = ok && mark(s, copy.p, e);
    buf_done(&copy);
    return ok;
}

int cmd_backup(const struct call *c)
{
    struct err e = {0};
    struct survey *sv = NULL;
    bool ok = keep_survey_any(c, &sv, &e) && backup(c, survey_store(sv), &e);
    survey_close(sv);
    return ok ? cmd_end(0) : cmd_fail(&e);
}
