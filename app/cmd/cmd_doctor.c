/* cacah doctor: where the data is, how many of each, what is wrong, what to do. Needs no passphrase. */
#include "app/cmd/cmd.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "app/cmd/keep.h"
#include "app/cmd/prefs.h"
#include "app/tr.h"

#define LOW_SPACE ((uint64_t)100 << 20)

struct exam {
    struct buf text;
    json_t *stores, *findings;
    int problems;
};

static void found(struct exam *x, const char *what, const char *remedy)
{
    x->problems++;
    buf_printf(&x->text, "! %s\n  %s\n", _(what), _(remedy));
    json_array_append_new(x->findings, json_pack("{s:s, s:s}", "what", what, "do", remedy));
}

static void examine_store(struct exam *x, const char *path)
{
    struct store_peek p;
    struct err e = {0};
    struct stat st;
    struct buf why;
    if (stat(path, &st) != 0) {
        buf_printf(&x->text, _("%s: not there\n"), path);
        return;
    }
    buf_init(&why, 8192);
    if (!store_peek(path, &p, &e)) {
        err_text(&e, tr, &why);
        buf_printf(&x->text, "%s: %s\n", path, buf_str(&why).p);
        found(x, N_("A store cannot be read."), N_("Restore a backup of it, or ask the office."));
    } else {
        buf_printf(&x->text, _("%s: %s, %llu drafts, %llu records, %llu ledger rows, %llu bytes\n"),
                   path, p.kind == STORE_OFFICE ? _("office") : _("laptop"),
                   (unsigned long long)p.drafts, (unsigned long long)p.revisions,
                   (unsigned long long)p.ledger_rows, (unsigned long long)p.bytes);
        json_array_append_new(x->stores,
                              json_pack("{s:s, s:s, s:I, s:I, s:I, s:I}", "path", path, "kind",
                                        p.kind == STORE_OFFICE ? "office" : "field", "drafts",
                                        (json_int_t)p.drafts, "records", (json_int_t)p.revisions,
                                        "ledger_rows", (json_int_t)p.ledger_rows, "bytes",
                                        (json_int_t)p.bytes));
        if (st.st_mode & 077)
            found(x, N_("Other users of this computer can read a store's file."),
                  N_("Run: chmod 600 on it."));
    }
    buf_done(&why);
}

static void examine_disk(struct exam *x, const char *path)
{
    struct statvfs v;
    char folder[KEEP_PATH_MAX];
    snprintf(folder, sizeof folder, "%s", path);
    char *slash = strrchr(folder, '/');
    if (slash)
        *slash = '\0';
    else
        snprintf(folder, sizeof folder, ".");
    if (statvfs(folder, &v) != 0)
        return; /* the folder is not there yet: nothing to say */
    uint64_t room = (uint64_t)v.f_bavail * v.f_frsize;
    buf_printf(&x->text, _("free space in %s: %llu MiB\n"), folder,
               (unsigned long long)(room >> 20));
    if (room < LOW_SPACE)
        found(x, N_("The disk is nearly full."), N_("Make room: delete what is not needed."));
    if (v.f_flag & ST_RDONLY)
        found(x, N_("The disk is read-only."), N_("Remount it, or copy the store to another."));
}

/* Any line of /proc/swaps beyond its heading is swap; whether it is encrypted cannot be told for sure, a
 * device-mapper name is a sign. */
static void examine_memory(struct exam *x)
{
    char line[512];
    FILE *f = fopen("/proc/swaps", "re");
    bool clear_swap = false;
    if (!f)
        return;
    for (int n = 0; fgets(line, sizeof line, f); n++)
        if (n > 0 && strncmp(line, "/dev/dm-", 8) != 0 && strncmp(line, "/dev/zram", 9) != 0)
            clear_swap = true;
    fclose(f);
    struct secret *probe = secret_new(32);
    secret_free(probe);
    if (clear_swap)
        found(x, N_("Memory may be swapped to an unencrypted disk."),
              N_("Encrypt the disk, or turn swap off: swapoff -a."));
    if (!secret_locked())
        found(x, N_("The system does not let keys be locked in memory."),
              N_("Raise the limit 'memlock' for this user."));
}

static void examine_prefs(struct exam *x)
{
    struct prefs p;
    struct buf warnings;
    struct err e = {0};
    buf_init(&warnings, (size_t)1 << 20);
    if (!prefs_read(&p, &warnings, &e))
        err_text(&e, tr, &warnings);
    if (warnings.n) {
        buf_add_str(&x->text, buf_str(&warnings));
        found(x, N_("The preferences have mistakes."), N_("Mend the lines named, or remove them."));
    }
    buf_done(&warnings);
}

int cmd_doctor(const struct call *c)
{
    struct exam x = {.stores = json_array(), .findings = json_array()};
    char path[KEEP_PATH_MAX];
    struct err e = {0};
    buf_init(&x.text, 1 << 20);
    for (int k = KEEP_FIELD; k <= KEEP_PRACTICE && !e.kind; k++) {
        if (!keep_path(c, (enum keep)k, false, path, &e))
            break;
        examine_store(&x, path);
        if (k == KEEP_FIELD)
            examine_disk(&x, path);
        if (c->given[OPT_store])
            break;
    }
    examine_memory(&x);
    examine_prefs(&x);
    if (!x.problems)
        buf_add_z(&x.text, _("nothing is wrong\n"));
    if (e.kind) {
        cmd_fail(&e);
    } else if (c->given[OPT_json]) {
        json_t *j = json_pack("{s:O, s:O}", "stores", x.stores, "findings", x.findings);
        json_dumpf(j, stdout, JSON_INDENT(1));
        putchar('\n');
        json_decref(j);
    } else {
        cmd_put(false, buf_str(&x.text));
    }
    json_decref(x.stores);
    json_decref(x.findings);
    buf_done(&x.text);
    return e.kind ? ERR_COULD : cmd_end(x.problems ? ERR_FAULT : 0);
}
