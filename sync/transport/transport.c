/* Which way a URL goes; names of what is on the way. See transport.h. */
#include "sync/transport/transport.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "forms/base/num.h"
#include "sync/bundle/keyring.h"
#include "sync/io/io.h"
#include "sync/transport/transport_i.h"

bool transport_is_remote(struct str url)
{
    return str_starts(url, STR("sftp://")) || str_starts(url, STR("https://")) ||
           str_starts(url, STR("http://"));
}

bool transport_check(struct str url, struct err *e)
{
    struct buf path;
    if (transport_is_remote(url))
        return remote_check(url, e);
    buf_init(&path, 1 << 16);
    bool ok = transport_folder(url, &path, e);
    buf_done(&path);
    return ok;
}

bool transport_send(struct store *s, struct str url, bool all, const struct transport_user *user,
                    int64_t now_ms, struct bundle_written *ret, struct err *e)
{
    return transport_is_remote(url) ? remote_send(s, url, all, user, now_ms, ret, e)
                                    : folder_send(s, url, all, now_ms, ret, e);
}

bool transport_receive(struct store *s, struct str url, const struct transport_user *user,
                       transport_each each, void *ctx, struct buf *assignments, struct err *e)
{
    return transport_is_remote(url) ? remote_receive(s, url, user, each, ctx, assignments, e)
                                    : folder_receive(s, url, each, ctx, assignments, e);
}

bool transport_kit(struct str url, const char *store_path, const struct transport_user *user,
                   struct buf *ret_path, bool *ret_fetched, struct err *e)
{
    *ret_fetched = transport_is_remote(url);
    return *ret_fetched ? remote_kit(url, store_path, user, ret_path, e)
                        : folder_kit(url, ret_path, e);
}

/* ---- names on the way ---- */

void kits_init(struct kits *k)
{
    k->n = 0;
    buf_init(&k->all, 1 << 16);
}

void kits_add(struct kits *k, const char *name)
{
    if (!str_ends(str_of(name), STR(".kit")) || name[0] == '.')
        return;
    k->n++;
    snprintf(k->name, sizeof k->name, "%s", name);
    buf_printf(&k->all, "%s ", name);
}

bool kits_one(struct kits *k, struct str where, struct buf *ret_name, struct err *e)
{
    char a[ERR_ARG_MAX], b[ERR_ARG_MAX];
    bool ok = k->n == 1;
    if (ok)
        buf_add_z(ret_name, k->name);
    else if (k->n == 0)
        err_fail1(e, ERR_KIT_NONE, err_arg(a, where));
    else
        err_fail2(e, ERR_KITS, err_arg(a, where), err_arg(b, str_trim(buf_str(&k->all))));
    buf_done(&k->all);
    return ok;
}

static int by_number(const void *a, const void *b)
{
    const struct posted *x = a, *y = b;
    return x->number < y->number ? -1 : x->number > y->number;
}

void posts_add(struct posts *p, const struct store *s, const char *kind, const char *name)
{
    char front[64];
    struct posted one;
    struct str n = str_of(name), end = str_of(kind);
    envelope_name(&store_identity(s)->survey, &store_identity(s)->device, 0, "", front);
    struct str want = str_sub(str_of(front), 0, 18); /* "S8-D8-" */
    if (n.n >= sizeof one.name || !str_starts(n, want) || n.n < want.n + end.n + 2 ||
        !str_ends(n, end) || n.p[n.n - end.n - 1] != '.')
        return;
    struct str number = str_sub(str_from(n, want.n), 0, n.n - want.n - end.n - 1);
    if (!num_parse_uint(number, &one.number))
        return;
    memcpy(one.name, n.p, n.n + 1);
    p->v = mem_grow(p->v, p->n, &p->cap, sizeof *p->v);
    p->v[p->n++] = one;
}

void posts_sort(struct posts *p)
{
    if (p->n)
        qsort(p->v, p->n, sizeof *p->v, by_number);
}

bool posts_find(struct posts *p, const struct store *s, const char *kind, const char *folder,
                struct err *e)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    if (!dir)
        return err_fail_sys(e, ERR_FILE_READ, folder);
    while ((entry = readdir(dir)))
        posts_add(p, s, kind, entry->d_name);
    closedir(dir);
    posts_sort(p);
    return true;
}

/* ---- folders of this machine ---- */

bool make_folder(const char *path, struct err *e)
{
    return mkdir(path, 0700) == 0 || errno == EEXIST || err_fail_sys(e, ERR_FILE_WRITE, path);
}

bool bundle_into(struct store *s, bool all, const char *folder, int64_t now_ms,
                 struct bundle_written *ret, struct err *e)
{
    uint64_t need, room;
    char n[ERR_ARG_MAX];
    if (!bundle_bound(s, all, &need, e) || !io_room(folder, &room, e))
        return false;
    if (need > room)
        return err_fail2(e, ERR_NO_ROOM, folder, err_num(n, (int64_t)((need >> 20) + 1)));
    return all ? bundle_write_all(s, folder, now_ms, ret, e)
               : bundle_write(s, folder, now_ms, ret, e);
}
