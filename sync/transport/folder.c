/* A folder or a mounted stick as the way; see transport.h. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "forms/base/num.h"
#include "sync/bundle/keyring.h"
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
    buf_init(out, 1 << 16);
    if (!transport_folder(url, out, e))
        return false;
    buf_add_c(out, '/');
    buf_add_z(out, name);
    return true;
}

bool transport_send(struct store *s, struct str url, int64_t now_ms, struct bundle_written *ret,
                    struct err *e)
{
    struct buf folder;
    bool ok = sub_folder(url, "in", &folder, e);
    if (ok && mkdir(folder.p, 0700) != 0 && errno != EEXIST)
        ok = err_fail_sys(e, ERR_FILE_WRITE, folder.p);
    ok = ok && bundle_write(s, folder.p, now_ms, ret, e);
    buf_done(&folder);
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
    if (!dir && errno != ENOENT)
        return err_fail_sys(e, ERR_FILE_READ, folder);
    while (dir && (entry = readdir(dir))) {
        uint64_t number;
        if (!is_ours(s, entry->d_name, &number))
            continue;
        v = mem_grow(v, n, &cap, sizeof *v);
        v[n].number = number;
        snprintf(v[n++].name, sizeof v->name, "%.63s", entry->d_name);
    }
    if (dir)
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
    bool ok = sub_folder(url, "out", &folder, e) && find(s, folder.p, &v, &n, e);
    buf_init(&path, 1 << 16);
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
