/* A folder or a mounted stick as the way; see transport.h. */
#include "sync/transport/transport_i.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#include "sync/errors.h"

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

/* The folder is there, or a stick that is not plugged in would be made up on this disk. */
static bool is_there(const struct buf *folder, struct err *e)
{
    struct stat st;
    return (stat(folder->p, &st) == 0 && S_ISDIR(st.st_mode)) ||
           err_fail1(e, ERR_FOLDER_ABSENT, folder->p);
}

/* URL/in, in a folder that is there. */
static bool make_inbox(struct str url, struct buf *ret_in, struct err *e)
{
    struct buf top;
    buf_init(&top, 1 << 16);
    buf_init(ret_in, 1 << 16);
    bool ok = transport_folder(url, &top, e) && sub_folder(url, "in", ret_in, e) &&
              is_there(&top, e) && make_folder(ret_in->p, e);
    buf_done(&top);
    return ok;
}

bool folder_send(struct store *s, struct str url, bool all, int64_t now_ms,
                 struct bundle_written *ret, struct err *e)
{
    struct buf in;
    bool ok = make_inbox(url, &in, e) && bundle_into(s, all, in.p, now_ms, ret, e);
    buf_done(&in);
    return ok;
}

bool folder_receive(struct store *s, struct str url, transport_each each, void *ctx,
                    struct buf *assignments, struct err *e)
{
    struct buf folder, path;
    struct posts found = {0};
    struct stat st;
    buf_init(&folder, 1 << 16);
    buf_init(&path, 1 << 16);
    bool ok = sub_folder(url, "out", &folder, e);
    if (ok && stat(folder.p, &st) != 0) {
        buf_clear(&folder);
        ok = transport_folder(url, &folder, e) && is_there(&folder, e);
    }
    ok = ok && posts_find(&found, s, "receipt", folder.p, e);
    for (size_t i = 0; ok && i < found.n; i++) {
        struct receipt_applied applied;
        struct err why = {0};
        buf_clear(&path);
        buf_add_str(&path, buf_str(&folder));
        buf_add_c(&path, '/');
        buf_add_z(&path, found.v[i].name);
        bool done = receipt_apply(s, path.p, assignments, &applied, &why);
        each(ctx, path.p, done ? &applied : NULL, done ? NULL : &why);
    }
    mem_free(found.v);
    buf_done(&path);
    buf_done(&folder);
    return ok;
}

bool folder_kit(struct str url, struct buf *ret_path, struct err *e)
{
    struct kits found;
    struct stat st;
    if (!transport_folder(url, ret_path, e))
        return false;
    if (stat(ret_path->p, &st) != 0)
        return err_fail_sys(e, ERR_FILE_READ, ret_path->p);
    if (!S_ISDIR(st.st_mode))
        return true;
    DIR *dir = opendir(ret_path->p);
    if (!dir)
        return err_fail_sys(e, ERR_FILE_READ, ret_path->p);
    kits_init(&found);
    for (struct dirent *entry; (entry = readdir(dir));)
        kits_add(&found, entry->d_name);
    closedir(dir);
    buf_add_c(ret_path, '/');
    return kits_one(&found, url, ret_path, e);
}
