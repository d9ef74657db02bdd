/* See far.h. */
#include "app/cmd/far.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/cmd/network.h"
#include "sync/io/io.h"

#define NAMES_MAX ((size_t)16 << 20)

bool far_open(struct far *ret, const struct call *c, const char *url, const struct store *office,
              struct err *e)
{
    const char *store = store_path(office);
    int in = snprintf(ret->inbox, sizeof ret->inbox, "%s.inbox", store);
    int out = snprintf(ret->out, sizeof ret->out, "%s.out", store);
    if (in < 0 || in >= KEEP_PATH_MAX || out < 0 || out >= KEEP_PATH_MAX)
        return err_fail2(e, ERR_LIMIT, "The store's path", "4096 bytes");
    buf_init(&ret->there, NAMES_MAX);
    return transport_open(&ret->t, str_of(url), store, network_user(c), e);
}

void far_close(struct far *f)
{
    transport_close(f->t);
    f->t = NULL;
    buf_done(&f->there);
}

bool far_collect(struct far *f, bool keeps, struct err *e)
{
    char quarantine[KEEP_PATH_MAX + sizeof "/quarantine"];
    snprintf(quarantine, sizeof quarantine, "%s/quarantine", f->inbox);
    return transport_collect(f->t, f->inbox, keeps ? quarantine : NULL, e);
}

bool far_discard(struct far *f, const char *path, struct err *e)
{
    const char *slash = strrchr(path, '/');
    return transport_discard(f->t, "in", slash ? slash + 1 : path, e);
}

/* ---- receipts ---- */

static void receipts_here(const struct far *f, struct buf *names)
{
    DIR *dir = opendir(f->out);
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
    receipts_here(f, &f->there);
    return desk_receipts(d, f->out, only, say, ret_written, e);
}

bool far_deliver(struct far *f, struct err *e)
{
    struct buf now;
    char path[KEEP_PATH_MAX];
    bool ok = true;
    buf_init(&now, NAMES_MAX);
    receipts_here(f, &now);
    for (size_t at = 0; ok && at < now.n; at += strlen(now.p + at) + 1)
        ok = path_here(f, now.p + at, path, e) && transport_deliver(f->t, "out", path, e);
    for (size_t at = 0; ok && at < f->there.n; at += strlen(f->there.p + at) + 1)
        ok = path_here(f, f->there.p + at, path, e) &&
             (access(path, F_OK) == 0 || transport_discard(f->t, "out", f->there.p + at, e));
    if (ok)
        buf_clear(&f->there);
    buf_done(&now);
    return ok;
}

bool far_trouble(const struct err *e)
{
    static const struct err_kind *const kinds[] = {
        &ERR_NETWORK,     &ERR_REMOTE, &ERR_REMOTE_ABSENT, &ERR_REMOTE_DENIED, &ERR_REMOTE_FULL,
        &ERR_REMOTE_LIST, &ERR_LOGIN,  &ERR_LOGIN_NEEDED,  &ERR_HOST_CHANGED,  &ERR_TLS};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (err_is(e, kinds[i]))
            return true;
    return false;
}

/* ---- kits ---- */

void far_kit_name(const char *label, char ret[FAR_NAME_MAX + 1])
{
    size_t n = 0;
    for (; *label && n < FAR_NAME_MAX - 4; label++) {
        char c = *label;
        bool plain =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
        ret[n++] = plain ? c : '-';
    }
    memcpy(ret + n, ".kit", 5);
}

bool far_kit_open(struct far_kit *ret, const struct call *c, const char *url, const char *label,
                  const struct store *office, struct err *e)
{
    char name[FAR_NAME_MAX + 1];
    struct str place = str_of(url);
    const char *slash = strrchr(url, '/'), *last = slash ? slash + 1 : url;
    bool there;
    far_kit_name(label, name);
    if (str_ends(place, STR(".kit"))) {
        if (strlen(last) > FAR_NAME_MAX)
            return err_fail1(e, ERR_REMOTE_NAME, last);
        memcpy(name, last, strlen(last) + 1);
        place.n -= strlen(last);
    }
    int n = snprintf(ret->path, sizeof ret->path, "%s.out", store_path(office));
    if (n < 0 || (size_t)n + sizeof name + 1 >= sizeof ret->path)
        return err_fail2(e, ERR_LIMIT, "The store's path", "4096 bytes");
    if (mkdir(ret->path, 0700) != 0 && errno != EEXIST)
        return err_fail_sys(e, ERR_FILE_WRITE, ret->path);
    snprintf(ret->path + n, sizeof ret->path - (size_t)n, "/%s", name);
    if (!transport_open(&ret->t, place, store_path(office), network_user(c), e) ||
        !transport_has(ret->t, "", name, &there, e))
        return false;
    return !there || c->given[OPT_force] || err_fail1(e, ERR_EXISTS, url);
}

bool far_kit_send(struct far_kit *k, struct err *e)
{
    if (!transport_deliver(k->t, "", k->path, e))
        return false;
    io_remove(k->path);
    return true;
}

void far_kit_close(struct far_kit *k)
{
    transport_close(k->t);
    k->t = NULL;
}
