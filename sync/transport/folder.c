/* A folder or a mounted stick as the way; see transport.h. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "forms/base/num.h"
#include "sync/bundle/keyring.h"
#include "sync/io/io.h"
#include "sync/transport/transport.h"

#define FILE_SCHEME STR("file://")

bool transport_folder(struct str url, struct buf *ret_path, struct err *e)
{
    char arg[ERR_ARG_MAX];
    if (str_starts(url, FILE_SCHEME)) {
        url = str_from(url, FILE_SCHEME.n);
    } else {
        size_t colon = str_find(url, ':', 0);
        if (str_starts(str_from(url, colon), STR("://")))
            return err_fail1(e, ERR_URL, err_arg(arg, str_sub(url, 0, colon)));
    }
    while (url.n > 1 && url.p[url.n - 1] == '/')
        url.n--;
    if (url.n == 0 || memchr(url.p, '\0', url.n))
        return err_fail1(e, ERR_URL, "");
    buf_add_str(ret_path, url);
    return true;
}

static bool sub_folder(struct str url, const char *name, struct buf *out, struct err *e)
{
    if (!transport_folder(url, out, e))
        return false;
    buf_add_c(out, '/');
    buf_add_z(out, name);
    return true;
}

static bool make_folder(const char *path, struct err *e)
{
    return mkdir(path, 0700) == 0 || errno == EEXIST || err_fail_sys(e, ERR_FILE_WRITE, path);
}

/* URL and URL/in; no more, or a stick that is not there would be made up. */
static bool make_inbox(struct str url, struct buf *ret_in, struct err *e)
{
    struct buf top;
    buf_init(&top, 1 << 16);
    buf_init(ret_in, 1 << 16);
    bool ok = transport_folder(url, &top, e) && sub_folder(url, "in", ret_in, e) &&
              make_folder(top.p, e) && make_folder(ret_in->p, e);
    buf_done(&top);
    return ok;
}

static bool check_room(struct store *s, bool all, const char *folder, struct err *e)
{
    uint64_t need, room;
    char n[ERR_ARG_MAX];
    if (!bundle_bound(s, all, &need, e) || !io_room(folder, &room, e))
        return false;
    return need <= room ||
           err_fail2(e, ERR_NO_ROOM, folder, err_num(n, (int64_t)((need >> 20) + 1)));
}

bool transport_send(struct store *s, struct str url, bool all, int64_t now_ms,
                    struct bundle_written *ret, struct err *e)
{
    struct buf in;
    bool ok =
        make_inbox(url, &in, e) && check_room(s, all, in.p, e) &&
        (all ? bundle_write_all(s, in.p, now_ms, ret, e) : bundle_write(s, in.p, now_ms, ret, e));
    buf_done(&in);
    return ok;
}

/* ---- receipts ---- */

struct found {
    uint64_t number;
    char name[64];
};

static int by_number(const void *a, const void *b)
{
    const struct found *x = a, *y = b;
    return x->number < y->number ? -1 : x->number > y->number;
}

/* S8-D8-NUMBER.receipt of this survey and device */
static bool is_ours(const struct store *s, const char *name, uint64_t *ret_number)
{
    char front[64];
    struct str n = str_of(name);
    envelope_name(&store_identity(s)->survey, &store_identity(s)->device, 0, "", front);
    struct str want = str_sub(str_of(front), 0, 18); /* "S8-D8-" */
    if (!str_starts(n, want) || !str_ends(n, STR(".receipt")) || n.n >= 64)
        return false;
    struct str number = str_sub(str_from(n, want.n), 0, n.n - want.n - STR(".receipt").n);
    return num_parse_uint(number, ret_number);
}

static bool find(const struct store *s, const char *folder, struct found **ret, size_t *ret_n,
                 struct err *e)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    struct found *v = NULL;
    size_t n = 0, cap = 0;
    if (!dir)
        return err_fail_sys(e, ERR_FILE_READ, folder);
    while ((entry = readdir(dir))) {
        uint64_t number;
        if (!is_ours(s, entry->d_name, &number))
            continue;
        v = mem_grow(v, n, &cap, sizeof *v);
        v[n].number = number;
        snprintf(v[n++].name, sizeof v->name, "%.63s", entry->d_name);
    }
    closedir(dir);
    if (n)
        qsort(v, n, sizeof *v, by_number);
    *ret = v;
    *ret_n = n;
    return true;
}

bool transport_receive(struct store *s, struct str url,
                       void (*each)(void *ctx, const char *path,
                                    const struct receipt_applied *applied, const struct err *why),
                       void *ctx, struct buf *assignments, struct err *e)
{
    struct buf folder, path;
    struct found *v = NULL;
    size_t n = 0;
    struct stat st;
    buf_init(&folder, 1 << 16);
    buf_init(&path, 1 << 16);
    bool ok = sub_folder(url, "out", &folder, e);
    if (ok && stat(folder.p, &st) != 0) {
        buf_clear(&folder);
        ok = transport_folder(url, &folder, e);
    }
    ok = ok && find(s, folder.p, &v, &n, e);
    for (size_t i = 0; ok && i < n; i++) {
        struct receipt_applied applied;
        struct err why = {0};
        buf_clear(&path);
        buf_add_str(&path, buf_str(&folder));
        buf_add_c(&path, '/');
        buf_add_z(&path, v[i].name);
        bool done = receipt_apply(s, path.p, assignments, &applied, &why);
        each(ctx, path.p, done ? &applied : NULL, done ? NULL : &why);
    }
    mem_free(v);
    buf_done(&path);
    buf_done(&folder);
    return ok;
}
