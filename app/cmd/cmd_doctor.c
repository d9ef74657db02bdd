/* cacah doctor: where the data is, how many of each, what is wrong, what to do. Needs no passphrase. */
#include "app/cmd/cmd.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>

#include "app/cmd/keep.h"
#include "app/cmd/say.h"
#include "app/flow/watch.h"
#include "app/cmd/prefs.h"
#include "app/tr.h"
#include "sync/bundle/kit.h"
#include "sync/io/io.h"

#define LOW_SPACE ((uint64_t)100 << 20)

struct exam {
    struct buf text;
    json_t *stores, *findings;
    int problems;
    uint64_t faults;
    bool advice; /* the disk is not encrypted: said, but no fault of the store's */
};

static void found(struct exam *x, const char *what, const char *remedy)
{
    x->problems++;
    buf_printf(&x->text, "! %s\n  %s\n", _(what), _(remedy));
    json_array_append_new(x->findings, json_pack("{s:s, s:s}", "what", what, "do", remedy));
}

/* What an interrupted step may have left beside the store. */
static void examine_remnant(struct exam *x, const char *path, const char *end, const char *what,
                            const char *todo)
{
    char other[KEEP_PATH_MAX + 32];
    struct stat st;
    snprintf(other, sizeof other, "%s%s", path, end);
    if (stat(other, &st) == 0)
        found(x, what, todo);
}

static void examine_remnants(struct exam *x, const char *path)
{
    examine_remnant(x, path, ".recover", N_("A request for recovery waits for its answer."),
                    N_("Go on with: cacah recover ANSWER; or delete the file STORE.recover."));
    examine_remnant(x, path, ".before-restore-1",
                    N_("The store from before a restore is still there."),
                    N_("Once nothing of it is missed, delete STORE.before-restore-N."));
}

/* Of an office whose making was broken off, there need not be a store. */
static void examine_unfinished(struct exam *x, const char *path)
{
    examine_remnant(x, path, ".part",
                    N_("The making of a store was broken off: its file STORE.part is still there."),
                    N_("It is of no use: delete it, and STORE.part-journal."));
}

/* Without the key: whether there is a slot, not whether it is the right one. */
static void examine_recovery(struct exam *x, const char *path, enum store_kind kind)
{
    bool paper = false, office = true;
    struct id16 store;
    struct buf slot;
    struct err ignored = {0};
    buf_init(&slot, 1024);
    if (!store_recovery_slot(path, SLOT_PAPER, &store, &slot, &paper, &ignored) ||
        (kind == STORE_FIELD &&
         !store_recovery_slot(path, SLOT_OFFICE, &store, &slot, &office, &ignored)))
        paper = office = true; /* it cannot be read: said already */
    if (!paper && !office)
        found(x, N_("Nobody but you can open the store: a lost passphrase is the end of it."),
              N_("Make backups, and join with a kit of the office."));
    buf_done(&slot);
}

static json_t *store_json(const char *path, const struct store_peek *p)
{
    return json_pack("{s:s, s:s, s:I, s:I, s:I, s:I}", "path", path, "kind",
                     p->kind == STORE_OFFICE ? "office" : "field", "drafts", (json_int_t)p->drafts,
                     "records", (json_int_t)p->revisions, "ledger_rows", (json_int_t)p->ledger_rows,
                     "bytes", (json_int_t)p->bytes);
}

static void say_unreadable(struct exam *x, const char *path, const struct err *e)
{
    struct buf why;
    buf_init(&why, 8192);
    err_text(e, tr, &why);
    buf_printf(&x->text, "%s: %s\n", path, buf_str(&why).p);
    buf_done(&why);
    found(x, N_("A store cannot be read."),
          e->kind->cls != ERR_FAULT && e->kind->hint
              ? e->kind->hint
              : N_("Restore a backup of it, or ask the office."));
}

static void examine_store(struct exam *x, const char *path)
{
    struct store_peek p;
    struct err e = {0};
    struct stat st;
    examine_unfinished(x, path);
    if (stat(path, &st) != 0) {
        buf_printf(&x->text, _("%s: not there\n"), path);
        return;
    }
    if (!store_peek(path, &p, &e)) {
        say_unreadable(x, path, &e);
        return;
    }
    buf_printf(&x->text, _("%s: %s, %llu drafts, %llu records, %llu ledger rows, %llu bytes\n"),
               path, p.kind == STORE_OFFICE ? _("office") : _("laptop"),
               (unsigned long long)p.drafts, (unsigned long long)p.revisions,
               (unsigned long long)p.ledger_rows, (unsigned long long)p.bytes);
    json_array_append_new(x->stores, store_json(path, &p));
    if (st.st_mode & 077)
        found(x, N_("Other users of this computer can read a store's file."),
              N_("Run: chmod 600 on it."));
    if (io_is_network(path))
        found(x, N_("A store is on a network folder, where it is not safe."),
              N_("Copy it to this computer's own disk."));
    examine_recovery(x, path, p.kind);
    examine_remnants(x, path);
}

/* ---- with the passphrase ---- */

struct last_backup {
    int64_t ms;
};

static bool note_backup(void *ctx, const struct hash32 *row_hash,
                        const uint8_t bytes[LEDGER_ROW_SIZE])
{
    struct last_backup *b = ctx;
    struct ledger_row row;
    struct err ignored = {0};
    (void)row_hash;
    if (ledger_row_decode(bytes, &row, &ignored) && row.kind == LEDGER_BACKUP)
        b->ms = row.wall_ms;
    return true;
}

static void say_fault(void *ctx, struct str line)
{
    struct exam *x = ctx;
    if (x->faults++ == 0)
        buf_printf(&x->text, _("  the first thing that does not fit: %.*s\n"), STR_FMT(line));
}

/* Against the signed config, which an altered store cannot have brought into line. */
static bool examine_keys(struct exam *x, struct store *s, struct err *e)
{
    enum recovery_is is;
    if (!kit_recovery_check(s, &is, e))
        return false;
    if (is == RECOVERY_LACKS_SLOT)
        found(x, N_("A recovery key of the survey has no slot in the store."),
              N_("Run: cacah passwd --compromised, which seals it anew."));
    if (is == RECOVERY_OTHER_KEY)
        found(x, N_("The store's recovery keys are not those of the survey's configuration."),
              N_("Send everything (cacah send), tell the office, and join again with a new kit."));
    return true;
}

static bool examine_rows(struct exam *x, struct store *s, struct err *e)
{
    struct store_counts n;
    struct last_backup last = {0};
    uint64_t faults;
    char when[32], folder[KEEP_PATH_MAX];
    if (!store_counts(s, &n, e) || !store_verify(s, say_fault, x, &faults, e) ||
        !store_ledger_each(s, &store_identity(s)->device, note_backup, &last, e))
        return false;
    buf_printf(&x->text, _("  every row looked at: %llu faults; %llu records wait for a receipt\n"),
               (unsigned long long)faults, (unsigned long long)n.pending);
    if (faults)
        found(x, N_("Rows of the store do not fit."),
              N_("Keep the file as it is, restore a backup, and tell the office."));
    if (last.ms) {
        say_time(last.ms, when);
        buf_printf(&x->text, _("  last backup: %s\n"), when);
    } else if (!store_identity(s)->practice) {
        found(x, N_("No backup was ever made of the store."), N_("Run: cacah backup FOLDER"));
    }
    if (keep_state_folder(folder) && watch_check(s, folder) == STATE_ROLLED_BACK)
        found(x, N_("The store is older than when it was last closed here."),
              N_("Somebody put an older copy in its place: tell the office."));
    return true;
}

static void open_store(struct exam *x, const struct call *c, struct err *e)
{
    char path[KEEP_PATH_MAX];
    struct secret *passphrase = NULL;
    struct store *s = NULL;
    struct err why = {0};
    if (!keep_path_any(c, path, e) || !keep_passphrase(c, &passphrase, e))
        return;
    buf_printf(&x->text, _("%s, opened:\n"), path);
    if (!store_open_check(&s, path, passphrase, &why) || !examine_keys(x, s, &why) ||
        !examine_rows(x, s, &why)) {
        if (err_is(&why, &ERR_PASSPHRASE))
            *e = why;
        else
            say_unreadable(x, path, &why);
    }
    store_close(s);
    secret_free(passphrase);
}

/* ---- the machine ---- */

/* A whole disk behind dm-crypt says so of itself. Of what has no device of its own (a network, a memory
 * disk, a container) nothing can be told. */
static void examine_encryption(struct exam *x, const char *folder)
{
    struct stat st;
    char path[128], uuid[64] = "";
    if (stat(folder, &st) != 0 || major(st.st_dev) == 0)
        return;
    snprintf(path, sizeof path, "/sys/dev/block/%u:%u/dm/uuid", major(st.st_dev), minor(st.st_dev));
    FILE *f = fopen(path, "re");
    if (f && !fgets(uuid, sizeof uuid, f))
        uuid[0] = '\0';
    if (f)
        fclose(f);
    if (strncmp(uuid, "CRYPT-", 6) != 0)
        x->advice = true;
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
    examine_encryption(x, folder);
}

/* Whether the machine may write its memory to the swap and stop: the kernel offers it, and is told where to
 * look for it when it starts. */
static bool hibernates(void)
{
    char line[4096];
    bool offers = false;
    FILE *f = fopen("/sys/power/state", "re");
    if (f) {
        offers = fgets(line, sizeof line, f) && strstr(line, "disk");
        fclose(f);
    }
    if (!offers || !(f = fopen("/proc/cmdline", "re")))
        return offers;
    bool off =
        fgets(line, sizeof line, f) && (strstr(line, "noresume") || strstr(line, "nohibernate"));
    fclose(f);
    return !off;
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
    if (clear_swap && hibernates())
        found(x, N_("Hibernation would write all memory to an unencrypted disk."),
              N_("Encrypt the disk, or run: systemctl mask hibernate.target"));
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
    if (!e.kind && c->given[OPT_passphrase_file])
        open_store(&x, c, &e);
    examine_memory(&x);
    if (x.advice)
        buf_add_z(&x.text,
                  _("The disk is not encrypted: stores are, but swap, other files and this "
                    "computer's history are not.\n"));
    examine_prefs(&x);
    if (!x.problems)
        buf_add_z(&x.text,
                  c->given[OPT_passphrase_file]
                      ? _("nothing is wrong\n")
                      : _("What can be seen without the passphrase is in order; every row is "
                          "looked at with --passphrase-file.\n"));
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
