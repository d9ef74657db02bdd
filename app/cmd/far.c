/* See far.h. */
#include "app/cmd/far.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/cmd/network.h"

#define NAMES_MAX ((size_t)16 << 20)

bool far_open(struct far *ret, const struct call *c, const char *url, const struct store *office,
              struct err *e)
{
    const char *store = store_path(office);
    int in = snprintf(ret->inbox, sizeof ret->inbox, "%s.inbox", store);
    int out = snprintf(ret->out, sizeof ret->out, "%s.out", store);
    if (in < 0 || in >= KEEP_PATH_MAX || out < 0 || out >= KEEP_PATH_MAX)
        return err_fail2(e, ERR_LIMIT, "The store's path", "4096 bytes");
    return transport_open(&ret->t, str_of(url), store, network_user(c), e);
}

void far_close(struct far *f)
{
    transport_close(f->t);
    f->t = NULL;
}

bool far_collect(struct far *f, struct err *e)
{
    return transport_collect(f->t, f->inbox, e);
}

bool far_discard(struct far *f, const char *path, struct err *e)
{
    const char *slash = strrchr(path, '/');
    return transport_discard(f->t, "in", slash ? slash + 1 : path, e);
}

/* ---- receipts ---- */

/* Their names, a NUL behind each. */
static void receipts_here(const struct far *f, struct buf *names)
{
    DIR *dir = opendir(f->out);
    buf_init(names, NAMES_MAX);
    for (struct dirent *entry; dir && (entry = readdir(dir));)
        if (str_ends(str_of(entry->d_name), STR(".receipt")))
            buf_add(names, entry->d_name, strlen(entry->d_name) + 1);
    if (dir)
        closedir(dir);
}

static bool path_here(const struct far *f, const char *name, char ret[KEEP_PATH_MAX], struct err *e)
{
    int n = snprintf(ret, KEEP_PATH_MAX, "%s/%s", f->out, name);
    return n >= 0 && n < KEEP_PATH_MAX ? true
                                       : err_fail2(e, ERR_LIMIT, "The store's path", "4096 bytes");
}

bool far_receipts(struct far *f, struct desk *d, const struct hash32 *only, bool say,
                  uint64_t *ret_written, struct err *e)
{
    struct buf before, now;
    char path[KEEP_PATH_MAX];
    receipts_here(f, &before);
    bool ok = desk_receipts(d, f->out, only, say, ret_written, e);
    receipts_here(f, &now);
    for (size_t at = 0; ok && at < now.n; at += strlen(now.p + at) + 1)
        ok = path_here(f, now.p + at, path, e) && transport_deliver(f->t, path, e);
    for (size_t at = 0; ok && at < before.n; at += strlen(before.p + at) + 1)
        ok = path_here(f, before.p + at, path, e) &&
             (access(path, F_OK) == 0 || transport_discard(f->t, "out", before.p + at, e));
    buf_done(&before);
    buf_done(&now);
    return ok;
}
