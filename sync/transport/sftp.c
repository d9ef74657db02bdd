/* SFTP. The files of a folder are named by its listing; .part goes on where it broke off; what has no URL
 * of its own (mkdir, rename, rm) are quote commands of a transfer that moves nothing. */
#include <stdio.h>

#include "sync/transport/remote_i.h"

/* The file's path as a quote command takes it: in quotes, with backslashes before what would end them.
 * "/~/" is the home folder, which is where relative paths begin. */
static void quoted(const struct remote *r, const struct place *at, struct buf *out)
{
    struct buf path;
    const char *top = r->path;
    buf_init(&path, 2 * REMOTE_URL_MAX);
    if (strcmp(top, "/~") == 0)
        top = ".";
    else if (strncmp(top, "/~/", 3) == 0)
        top += 3;
    buf_add_z(&path, top);
    if (at->folder[0])
        buf_printf(&path, "/%s", at->folder);
    if (at->name)
        buf_printf(&path, "/%s", at->name);
    buf_add_z(out, " \"");
    for (size_t i = 0; i < path.n; i++) {
        if (path.p[i] == '"' || path.p[i] == '\\')
            buf_add_c(out, '\\');
        buf_add_c(out, path.p[i]);
    }
    buf_add_c(out, '"');
    buf_done(&path);
}

/* `to` may be NULL. The transfer is of the URL itself: a folder that is there if anything is. */
static enum went quote(struct remote *r, const char *command, const struct place *at,
                       const struct place *to, struct err *e)
{
    struct buf b;
    buf_init(&b, 8 * REMOTE_URL_MAX);
    remote_begin(r, &(struct place){"", NULL});
    buf_add_z(&b, command);
    quoted(r, at, &b);
    if (to)
        quoted(r, to, &b);
    struct curl_slist *list = curl_slist_append(NULL, b.p);
    curl_easy_setopt(r->curl, CURLOPT_QUOTE, list);
    curl_easy_setopt(r->curl, CURLOPT_NOBODY, 1L);
    enum went went = remote_run(r, e);
    curl_slist_free_all(list);
    buf_done(&b);
    return went;
}

static enum went sftp_list(struct remote *r, const char *folder, struct remote_names *out,
                           struct err *e)
{
    struct buf b;
    struct str line;
    buf_init(&b, REMOTE_LIST_MAX);
    remote_begin(r, &(struct place){folder, NULL});
    curl_easy_setopt(r->curl, CURLOPT_DIRLISTONLY, 1L);
    remote_into_buf(r, &b);
    enum went went = remote_run(r, e);
    struct str rest = buf_str(&b);
    out->n = 0;
    while (went == WENT_WELL && str_split(&rest, '\n', &line))
        if (!names_add(out, line)) {
            err_fail1(e, ERR_REMOTE_LIST, r->whom);
            went = WENT_WRONG;
        }
    buf_done(&b);
    return went;
}

/* "*": one that is there already is no error, and what else may be wrong shows when a file goes into it. */
static enum went sftp_make(struct remote *r, const char *folder, struct err *e)
{
    return quote(r, "*mkdir", &(struct place){folder, NULL}, NULL, e);
}

/* libcurl takes a file whose size it could not ask for (the connection broke just there) for one without
 * a size, as it does an empty one: a second look, over a connection that holds, tells them apart. */
static enum went sftp_size(struct remote *r, const struct place *at, uint64_t *ret, struct err *e)
{
    curl_off_t size = -1;
    for (int look = 0; look < 2 && size <= 0; look++) {
        remote_begin(r, at);
        curl_easy_setopt(r->curl, CURLOPT_NOBODY, 1L);
        enum went went = remote_run(r, e);
        if (went != WENT_WELL)
            return went;
        curl_easy_getinfo(r->curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &size);
    }
    *ret = size > 0 ? (uint64_t)size : 0;
    return WENT_WELL;
}

static enum went sftp_put(struct remote *r, const struct place *at, int fd, uint64_t from,
                          uint64_t size, struct err *e)
{
    remote_begin(r, at);
    remote_from_file(r, &fd, from, size);
    curl_easy_setopt(r->curl, CURLOPT_NEW_FILE_PERMS, 0640L);
    return remote_run(r, e);
}

static enum went sftp_rename(struct remote *r, const struct place *at, const char *to,
                             struct err *e)
{
    return quote(r, "rename", at, &(struct place){at->folder, to}, e);
}

struct writing {
    struct remote *r;
    struct incoming *in;
};

static size_t into_file(char *p, size_t size, size_t n, void *ctx)
{
    struct writing *w = ctx;
    return incoming_add(w->in, p, size * n, w->r->why) ? size * n : 0;
}

static enum went sftp_get(struct remote *r, const struct place *at, struct incoming *in,
                          struct err *e)
{
    uint64_t size = 0;
    struct writing w = {r, in};
    enum went went = sftp_size(r, at, &size, e);
    if (went != WENT_WELL)
        return went;
    if ((!in->open || in->have > size) && !incoming_start(in, e))
        return WENT_WRONG;
    r->from = in->have;
    r->total = size;
    if (in->have == size)
        return WENT_WELL;
    remote_begin(r, at);
    curl_easy_setopt(r->curl, CURLOPT_WRITEFUNCTION, into_file);
    curl_easy_setopt(r->curl, CURLOPT_WRITEDATA, &w);
    curl_easy_setopt(r->curl, CURLOPT_RESUME_FROM_LARGE, (curl_off_t)in->have);
    went = remote_run(r, e);
    return went == WENT_WELL && in->have != size ? WENT_AGAIN : went;
}

static enum went sftp_drop(struct remote *r, const struct place *at, struct err *e)
{
    return quote(r, "rm", at, NULL, e);
}

const struct protocol sftp_protocol = {
    .resumes = true,
    .list = sftp_list,
    .make = sftp_make,
    .size = sftp_size,
    .put = sftp_put,
    .rename = sftp_rename,
    .get = sftp_get,
    .drop = sftp_drop,
};
