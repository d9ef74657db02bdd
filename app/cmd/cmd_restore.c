/* cacah restore BACKUP: a store out of a backup, as a new incarnation. What is in its place is never
 * overwritten: it stays beside it under another name, and when it has newer work nothing is done. */
#include "app/cmd/cmd.h"

#include <stdio.h>
#include <sys/stat.h>

#include "app/cmd/keep.h"
#include "app/flow/watch.h"
#include "app/tr.h"
#include "sync/io/io.h"

/* What is wrong with the backup is not the store's fault, nor mended by restoring. */
static bool of_backup(const char *backup, bool ok, struct err *e)
{
    if (ok || !err_is(e, &ERR_STORE_DAMAGED))
        return ok;
    err_clear(e);
    return err_fail1(e, ERR_RESTORE_DAMAGED, backup);
}

struct there { /* the store that is in the place */
    bool any, opens;
    struct store *s;
    char aside[KEEP_PATH_MAX + 32];
};

static bool name_aside(struct there *t, const char *path, struct err *e)
{
    struct stat st;
    for (int i = 1; i < 1000; i++) {
        snprintf(t->aside, sizeof t->aside, "%s.before-restore-%d", path, i);
        if (stat(t->aside, &st) != 0)
            return true;
    }
    return err_fail1(e, ERR_EXISTS, t->aside);
}

/* Newer: of the same store, and more has been written to it. One that does not open (damaged, or of
 * another passphrase) cannot be asked; it is kept all the same. */
static bool refuse_newer(const char *backup, const char *path, const struct secret *passphrase,
                         struct there *t, struct err *e)
{
    struct store *copy = NULL;
    struct store_state here, there;
    struct err ignored = {0};
    t->opens = store_open(&t->s, path, passphrase, &ignored);
    if (!t->opens)
        return !(err_is(&ignored, &ERR_STORE_BUSY) || err_is(&ignored, &ERR_STORE_LOCKED)) ||
               (*e = ignored, false);
    if (!of_backup(backup, store_open_read(&copy, backup, passphrase, e), e))
        return false;
    store_state(t->s, &here);
    store_state(copy, &there);
    /* What a backup cannot have: its own note that it was made, and an office's that records are safe. */
    uint64_t own = store_identity(copy)->kind == STORE_OFFICE ? 2 : 1;
    bool newer =
        store_state_check(copy, &here) != STATE_FOREIGN && here.commits > there.commits + own;
    store_close(copy);
    return !newer || err_fail1(e, ERR_RESTORE_OLDER, path);
}

struct stones {
    struct tombstone *v;
    size_t n, cap;
};

static bool take_stone(void *ctx, const struct tombstone *t)
{
    struct stones *w = ctx;
    w->v = mem_grow(w->v, w->n, &w->cap, sizeof *w->v);
    w->v[w->n++] = *t;
    return true;
}

/* What was erased after the backup was made is erased in what comes of it, before anybody looks. */
static bool put_stones(struct store *s, const struct stones *w, struct err *e)
{
    bool fresh;
    for (size_t i = 0; i < w->n; i++)
        if (!store_tombstone_put(s, &w->v[i], true, &fresh, e))
            return false;
    return w->n == 0 || store_settle(s, e);
}

/* With its log, which SQLite would else take for the restored file's. */
static bool rename_store(const char *from, const char *to, struct err *e)
{
    char log[2][KEEP_PATH_MAX + 40];
    struct stat st;
    snprintf(log[0], sizeof log[0], "%s-wal", from);
    snprintf(log[1], sizeof log[1], "%s-wal", to);
    if (stat(log[0], &st) == 0 && !io_rename(log[0], log[1], e))
        return false;
    snprintf(log[0], sizeof log[0], "%s-shm", from);
    io_remove(log[0]);
    return io_rename(from, to, e);
}

static bool move_aside(struct there *t, const char *path, struct err *e)
{
    store_close(t->s);
    t->s = NULL;
    return rename_store(path, t->aside, e);
}

static bool ask(const struct call *c, const char *path, struct there *t, bool *ret_yes,
                struct err *e)
{
    if (!c->given[OPT_force])
        return err_fail1(e, ERR_STORE_EXISTS, path);
    printf(_("The store %s will be kept as %s.\n"), path, t->aside);
    fflush(stdout);
    return keep_confirm(c, _("The backup takes its place."), ret_yes, e);
}

static bool restore(const struct call *c, const char *path, struct there *t, bool *ret_done,
                    struct err *e)
{
    struct secret *passphrase = NULL;
    struct stones stones = {.n = 0};
    struct store *s = NULL;
    bool yes = true;
    if (!keep_passphrase(c, &passphrase, e))
        return false;
    bool ok = true;
    if (t->any)
        ok = refuse_newer(c->args[0], path, passphrase, t, e) && ask(c, path, t, &yes, e) &&
             (!t->opens || store_tombstone_each(t->s, take_stone, &stones, e));
    if (ok && yes) {
        bool moved = t->any && move_aside(t, path, e);
        ok = (!t->any || moved) &&
             of_backup(c->args[0], store_restore(&s, c->args[0], path, passphrase, e), e);
        struct err ignored = {0};
        if (!ok && moved && !rename_store(t->aside, path, &ignored))
            cmd_note(_("the store that was there is now %s"), t->aside);
        ok = ok && put_stones(s, &stones, e);
        char folder[KEEP_PATH_MAX];
        if (ok && keep_state_folder(folder) && !store_identity(s)->practice)
            watch_keep(s, folder); /* it is older on purpose */
    }
    store_close(s);
    secret_free(passphrase);
    mem_free(stones.v);
    *ret_done = yes;
    return ok;
}

int cmd_restore(const struct call *c)
{
    char path[KEEP_PATH_MAX];
    struct err e = {0};
    struct stat st;
    struct there t = {.any = false};
    struct store_peek p;
    bool done = false;
    if (stat(c->args[0], &st) != 0) {
        err_fail_sys(&e, ERR_FILE_READ, c->args[0]);
        return cmd_fail(&e);
    }
    bool ok = of_backup(c->args[0], store_peek(c->args[0], &p, &e), &e) &&
              keep_path(c, p.kind == STORE_OFFICE ? KEEP_OFFICE : KEEP_FIELD, true, path, &e);
    if (ok) {
        t.any = stat(path, &st) == 0;
        ok = (!t.any || name_aside(&t, path, &e)) && restore(c, path, &t, &done, &e);
    }
    store_close(t.s);
    if (!ok)
        return cmd_fail(&e);
    if (done)
        printf(
            _("The store is restored: %s\nSend a bundle soon, or take the newest receipt: what was "
              "erased or returned since the backup comes with it.\n"),
            path);
    else
        puts(_("Nothing was changed."));
    return cmd_end(done ? 0 : ERR_FAULT);
}
