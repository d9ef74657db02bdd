/* WebDAV (RFC 4918) as Nextcloud, Apache and nginx speak it: PROPFIND, MKCOL, PUT, MOVE, GET, DELETE. A PUT
 * begins anew when it broke off (no server of these takes a range); a GET goes on, by Range and If-Range. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "forms/base/num.h"
#include "sync/transport/remote_i.h"

static const char propfind[] = "<?xml version=\"1.0\" encoding=\"utf-8\"?>"
                               "<propfind xmlns=\"DAV:\"><prop><resourcetype/></prop></propfind>";

/* What a server says beside its status is nobody's to read. */
static size_t drop_bytes(char *p, size_t size, size_t n, void *ctx)
{
    (void)p;
    (void)ctx;
    return size * n;
}

static void begin(struct remote *r, const struct place *at, const char *method)
{
    remote_begin(r, at);
    curl_easy_setopt(r->curl, CURLOPT_CUSTOMREQUEST, method);
    curl_easy_setopt(r->curl, CURLOPT_WRITEFUNCTION, drop_bytes);
}

static enum went run_with(struct remote *r, struct curl_slist *headers, struct err *e)
{
    curl_easy_setopt(r->curl, CURLOPT_HTTPHEADER, headers);
    enum went went = remote_run(r, e);
    curl_slist_free_all(headers);
    return went;
}

/* The body of the last answer alone: one before it asked for the password. */
struct listing {
    struct remote *r;
    struct buf b;
};

static size_t into_listing(char *p, size_t size, size_t n, void *ctx)
{
    struct listing *l = ctx;
    long status = 0;
    curl_easy_getinfo(l->r->curl, CURLINFO_RESPONSE_CODE, &status);
    return status != 207 || buf_add(&l->b, p, size * n) ? size * n : 0;
}

static enum went dav_list(struct remote *r, const char *folder, struct remote_names *out,
                          struct err *e)
{
    struct listing l = {.r = r};
    buf_init(&l.b, REMOTE_LIST_MAX);
    begin(r, &(struct place){folder, NULL}, "PROPFIND");
    curl_easy_setopt(r->curl, CURLOPT_WRITEFUNCTION, into_listing);
    curl_easy_setopt(r->curl, CURLOPT_WRITEDATA, &l);
    curl_easy_setopt(r->curl, CURLOPT_POSTFIELDS, propfind);
    struct curl_slist *h = curl_slist_append(NULL, "Depth: 1");
    h = curl_slist_append(h, "Content-Type: application/xml; charset=utf-8");
    enum went went = run_with(r, h, e);
    out->n = 0;
    if (went == WENT_WELL && !multistatus_names(buf_str(&l.b), out)) {
        err_fail1(e, ERR_REMOTE_LIST, r->whom);
        went = WENT_WRONG;
    }
    buf_done(&l.b);
    return went;
}

static enum went dav_make(struct remote *r, const char *folder, struct err *e)
{
    struct err mine = {0};
    begin(r, &(struct place){folder, NULL}, "MKCOL");
    enum went went = remote_run(r, &mine);
    if (went == WENT_WRONG && (r->status == 405 || r->status == 403))
        return WENT_WELL; /* it is there, or a file that goes into it will show that it is not */
    if (went == WENT_WRONG)
        *e = mine;
    return went;
}

static enum went dav_size(struct remote *r, const struct place *at, uint64_t *ret, struct err *e)
{
    curl_off_t size = -1;
    remote_begin(r, at);
    curl_easy_setopt(r->curl, CURLOPT_NOBODY, 1L);
    enum went went = remote_run(r, e);
    if (went != WENT_WELL)
        return went;
    curl_easy_getinfo(r->curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &size);
    *ret = size > 0 ? (uint64_t)size : 0;
    return WENT_WELL;
}

static enum went dav_put(struct remote *r, const struct place *at, int fd, uint64_t from,
                         uint64_t size, struct err *e)
{
    remote_begin(r, at);
    remote_from_file(r, &fd, from, size);
    curl_easy_setopt(r->curl, CURLOPT_WRITEFUNCTION, drop_bytes);
    return run_with(r, curl_slist_append(NULL, "Content-Type: application/octet-stream"), e);
}

static enum went dav_rename(struct remote *r, const struct place *at, const char *to, struct err *e)
{
    struct buf b;
    buf_init(&b, 2 * REMOTE_URL_MAX);
    begin(r, at, "MOVE");
    buf_add_z(&b, "Destination: ");
    remote_url(r, &(struct place){at->folder, to}, &b);
    struct curl_slist *h = curl_slist_append(NULL, b.p);
    buf_done(&b);
    return run_with(r, curl_slist_append(h, "Overwrite: T"), e);
}

/* ---- fetching ---- */

struct fetching {
    struct remote *r;
    struct incoming *in;
    bool decided; /* what the status means for the bytes we have */
    char tag[128];
};

static size_t note_header(char *p, size_t size, size_t n, void *ctx)
{
    struct fetching *f = ctx;
    struct str line = {p, size * n}, name;
    if (str_starts(line, STR("HTTP/"))) { /* of this answer, not of one that asked to log in */
        f->tag[0] = '\0';
        f->decided = false;
    } else if (str_split(&line, ':', &name) && str_eq_nocase(name, STR("ETag"))) {
        struct str tag = str_trim(line);
        bool weak = str_starts(tag, STR("W/")); /* says nothing about bytes */
        if (!weak && tag.n < sizeof f->tag)
            snprintf(f->tag, sizeof f->tag, "%.*s", STR_FMT(tag));
    }
    return size * n;
}

static size_t into_file(char *p, size_t size, size_t n, void *ctx)
{
    struct fetching *f = ctx;
    long status = 0;
    curl_off_t length = -1;
    curl_easy_getinfo(f->r->curl, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200 && status != 206)
        return size * n;
    if (!f->decided) {
        f->decided = true;
        if (status == 200 && !incoming_start(f->in, f->r->why)) /* the whole of it, again */
            return 0;
        curl_easy_getinfo(f->r->curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
        snprintf(f->in->tag, sizeof f->in->tag, "%s", f->tag);
        f->r->from = f->in->have;
        f->r->total = length > 0 ? f->in->have + (uint64_t)length : 0;
    }
    return incoming_add(f->in, p, size * n, f->r->why) ? size * n : 0;
}

static enum went dav_get(struct remote *r, const struct place *at, struct incoming *in,
                         struct err *e)
{
    char range[64];
    struct buf b;
    struct curl_slist *h = NULL;
    struct fetching f = {.r = r, .in = in};
    if (!in->open && !incoming_start(in, e))
        return WENT_WRONG;
    remote_begin(r, at);
    curl_easy_setopt(r->curl, CURLOPT_WRITEFUNCTION, into_file);
    curl_easy_setopt(r->curl, CURLOPT_WRITEDATA, &f);
    curl_easy_setopt(r->curl, CURLOPT_HEADERFUNCTION, note_header);
    curl_easy_setopt(r->curl, CURLOPT_HEADERDATA, &f);
    if (in->have && in->tag[0]) { /* without a tag nobody knows whether the rest belongs to it */
        snprintf(range, sizeof range, "%llu-", (unsigned long long)in->have);
        curl_easy_setopt(r->curl, CURLOPT_RANGE, range);
        buf_init(&b, 1024);
        buf_printf(&b, "If-Range: %s", in->tag);
        h = curl_slist_append(h, b.p);
        buf_done(&b);
    }
    enum went went = run_with(r, h, e);
    if (went == WENT_WRONG && r->status == 416 && err_is(e, &ERR_REMOTE)) {
        err_clear(e); /* it became shorter: from the start */
        return incoming_start(in, e) ? WENT_AGAIN : WENT_WRONG;
    }
    if (went == WENT_WELL && r->total && in->have != r->total)
        return WENT_AGAIN;
    return went;
}

static enum went dav_drop(struct remote *r, const struct place *at, struct err *e)
{
    begin(r, at, "DELETE");
    return remote_run(r, e);
}

const struct protocol webdav_protocol = {
    .resumes = false,
    .list = dav_list,
    .make = dav_make,
    .size = dav_size,
    .put = dav_put,
    .rename = dav_rename,
    .get = dav_get,
    .drop = dav_drop,
};
