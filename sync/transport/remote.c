/* A connection by libcurl: its URL, one transfer, tries and waits; see remote_i.h. */
#include "sync/transport/remote_i.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "sync/transport/transport_i.h"

#define TRIES         7
#define WAIT_MS       1000
#define WAIT_MAX_MS   60000
#define STALL_MS      90000
#define CONNECT_MS    30000L
#define SHOW_EVERY_MS 200
#define DENIED_MAX    2 /* then it is believed: some servers refuse by hanging up */

int64_t remote_now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- the URL ---- */

/* False: the part is not there, or longer than it may be. */
static bool part(CURLU *u, CURLUPart what, unsigned flags, char *out, size_t size)
{
    char *text = NULL;
    out[0] = '\0';
    if (curl_url_get(u, what, &text, flags) != CURLUE_OK)
        return false;
    size_t n = strlen(text);
    if (n < size)
        memcpy(out, text, n + 1);
    curl_free(text);
    return n < size;
}

static bool is_loopback(const char *host)
{
    return strcmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 ||
           strncmp(host, "127.", 4) == 0;
}

/* The URL again without the user and the slashes at its end. */
static bool keep_url(struct remote *r, CURLU *u, struct err *e)
{
    char path[REMOTE_URL_MAX];
    bool ok = part(u, CURLUPART_PATH, 0, path, sizeof path) &&
              part(u, CURLUPART_PATH, CURLU_URLDECODE, r->path, sizeof r->path);
    for (size_t n = strlen(path); n > 0 && path[n - 1] == '/'; n--)
        path[n - 1] = '\0';
    for (size_t n = strlen(r->path); n > 0 && r->path[n - 1] == '/'; n--)
        r->path[n - 1] = '\0';
    ok = ok && curl_url_set(u, CURLUPART_USER, NULL, 0) == CURLUE_OK &&
         curl_url_set(u, CURLUPART_PATH, path[0] ? path : "/", 0) == CURLUE_OK &&
         part(u, CURLUPART_URL, 0, r->url, sizeof r->url);
    for (size_t n = strlen(r->url); ok && n > 0 && r->url[n - 1] == '/'; n--)
        r->url[n - 1] = '\0';
    return ok || err_fail1(e, ERR_URL, r->url);
}

static bool has_control(const char *s)
{
    for (; *s; s++)
        if ((unsigned char)*s < 0x20 || *s == 0x7f)
            return true;
    return false;
}

static bool read_url(struct remote *r, const char *url, CURLU *u, struct err *e)
{
    char scheme[16], rest[8];
    if (curl_url_set(u, CURLUPART_URL, url, 0) != CURLUE_OK ||
        !part(u, CURLUPART_SCHEME, 0, scheme, sizeof scheme) ||
        !part(u, CURLUPART_HOST, 0, r->host, sizeof r->host - 8))
        return err_fail1(e, ERR_URL, "");
    if (part(u, CURLUPART_PASSWORD, 0, r->path, sizeof r->path) || r->path[0])
        return err_fail(e, ERR_URL_PASSWORD);
    if (part(u, CURLUPART_QUERY, 0, rest, sizeof rest) ||
        part(u, CURLUPART_FRAGMENT, 0, rest, sizeof rest))
        return err_fail1(e, ERR_URL, scheme);
    bool sftp = strcmp(scheme, "sftp") == 0;
    r->tls = strcmp(scheme, "https") == 0;
    r->protocol = sftp ? &sftp_protocol : &webdav_protocol;
    if (!sftp && !r->tls && !r->user.plain_http && !is_loopback(r->host))
        return err_fail(e, ERR_URL_PLAIN);
    part(u, CURLUPART_PORT, CURLU_DEFAULT_PORT, r->port, sizeof r->port);
    if (!part(u, CURLUPART_USER, CURLU_URLDECODE, r->login, sizeof r->login) && sftp)
        return err_fail1(e, ERR_URL_USER, r->host);
    snprintf(r->whom, sizeof r->whom, "%s%s%s", r->login, r->login[0] ? "@" : "", r->host);
    if (!keep_url(r, u, e))
        return false;
    return !has_control(r->path) && !has_control(r->login) ? true : err_fail1(e, ERR_URL, scheme);
}

static bool url_text(struct str url, char ret[REMOTE_URL_MAX], struct err *e)
{
    char arg[ERR_ARG_MAX];
    if (!transport_is_remote(url) || url.n >= REMOTE_URL_MAX || memchr(url.p, '\0', url.n))
        return err_fail1(e, ERR_URL, err_arg(arg, url));
    memcpy(ret, url.p, url.n);
    ret[url.n] = '\0';
    return true;
}

bool remote_check(struct str url, struct err *e)
{
    char z[REMOTE_URL_MAX];
    if (!url_text(url, z, e))
        return false;
    struct remote *r = mem_alloc(sizeof *r);
    CURLU *u = curl_url();
    bool ok = read_url(r, z, u, e);
    curl_url_cleanup(u);
    mem_free(r);
    return ok;
}

/* ---- opening ---- */

bool transport_open(struct transport **ret, struct str url, const char *store_path,
                    const struct transport_user *user, struct err *e)
{
    static bool started; /* one thread talks to far sides */
    char z[REMOTE_URL_MAX];
    if (!url_text(url, z, e))
        return false;
    if (!started && curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return err_fail2(e, ERR_REMOTE, "libcurl", "curl_global_init");
    started = true;
    struct remote *r = mem_alloc(sizeof *r);
    size_t n = strlen(store_path) + sizeof ".hosts";
    r->hosts = mem_alloc(n);
    snprintf(r->hosts, n, "%s.hosts", store_path);
    r->user = user ? *user : (struct transport_user){0};
    CURLU *u = curl_url();
    bool ok = read_url(r, z, u, e);
    curl_url_cleanup(u);
    r->curl = curl_easy_init();
    *ret = (struct transport *)r;
    if (!ok) {
        transport_close(*ret);
        *ret = NULL;
    }
    return ok;
}

void transport_close(struct transport *t)
{
    struct remote *r = (struct remote *)t;
    if (!r)
        return;
    curl_easy_cleanup(r->curl);
    secret_free(r->password);
    secret_free(r->passphrase);
    mem_free(r->hosts);
    mem_free(r);
}

/* ---- one transfer ---- */

static void show(struct remote *r, int64_t now)
{
    if (!r->user.progress || now - r->shown_ms < SHOW_EVERY_MS)
        return;
    r->shown_ms = now;
    r->user.progress(r->user.ctx, &(struct transport_progress){.name = r->name,
                                                               .done = r->from + r->moved,
                                                               .total = r->total,
                                                               .ms = now - r->began_ms,
                                                               .tries = r->tries});
}

static bool stops(struct remote *r)
{
    r->stopped = r->stopped || (r->user.stop && r->user.stop(r->user.ctx));
    return r->stopped;
}

/* Called at least once a second in every state of a connection; so stalls are noticed here, where
 * libcurl's own limits would leave out what is neither connecting nor moving a file's bytes. */
static int on_progress(void *ctx, curl_off_t down_total, curl_off_t down, curl_off_t up_total,
                       curl_off_t up)
{
    struct remote *r = ctx;
    int64_t now = remote_now_ms();
    uint64_t moved = (uint64_t)(down + up);
    uint32_t patience = r->user.stall_ms ? r->user.stall_ms : STALL_MS;
    (void)down_total;
    (void)up_total;
    if (moved != r->moved) {
        r->moved = moved;
        r->moved_ms = now;
    }
    if (r->name)
        show(r, now);
    r->stalled = now - r->moved_ms > patience;
    return stops(r) || r->stalled;
}

/* libcurl says "login denied" too when the connection breaks while logging in; the socket knows. */
static int close_socket(void *ctx, curl_socket_t fd)
{
    struct remote *r = ctx;
    char any;
    ssize_t n = recv(fd, &any, 1, MSG_PEEK | MSG_DONTWAIT);
    r->broke = n == 0 || (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK);
    return close(fd);
}

void remote_url(const struct remote *r, const struct place *at, struct buf *out)
{
    buf_add_z(out, r->url);
    if (at->folder[0]) {
        buf_add_c(out, '/');
        buf_add_z(out, at->folder);
    }
    buf_add_c(out, '/');
    if (at->name)
        buf_add_z(out, at->name);
}

void remote_begin(struct remote *r, const struct place *at)
{
    struct buf url;
    CURL *c = r->curl;
    curl_easy_reset(c); /* keeps the connection */
    buf_init(&url, 2 * REMOTE_URL_MAX);
    remote_url(r, at, &url);
    curl_easy_setopt(c, CURLOPT_URL, url.p);
    buf_done(&url);
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "sftp,https,http"); /* which of them: read_url() */
    curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS_STR, "");
    curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(c, CURLOPT_USERAGENT, "cacah/" CACAH_VERSION);
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
    curl_easy_setopt(c, CURLOPT_ERRORBUFFER, r->detail);
    curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(c, CURLOPT_XFERINFODATA, r);
    curl_easy_setopt(c, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
    curl_easy_setopt(c, CURLOPT_CLOSESOCKETDATA, r);
    curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, r->user.pin ? 0L : 1L);
    curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, r->user.pin ? 0L : 2L);
    if (r->user.pin) /* the key itself is known: no authority's word on it is needed */
        curl_easy_setopt(c, CURLOPT_PINNEDPUBLICKEY, r->user.pin);
    curl_easy_setopt(c, CURLOPT_SSH_KNOWNHOSTS, r->hosts);
    curl_easy_setopt(c, CURLOPT_SSH_KEYFUNCTION, hosts_check);
    curl_easy_setopt(c, CURLOPT_SSH_KEYDATA, r);
}

static size_t into_buf(char *p, size_t size, size_t n, void *ctx)
{
    return buf_add(ctx, p, size * n) ? size * n : 0;
}

void remote_into_buf(struct remote *r, struct buf *out)
{
    curl_easy_setopt(r->curl, CURLOPT_WRITEFUNCTION, into_buf);
    curl_easy_setopt(r->curl, CURLOPT_WRITEDATA, out);
}

static size_t from_file(char *p, size_t size, size_t n, void *ctx)
{
    int *fd = ctx;
    size_t got = 0;
    struct err ignored = {0};
    return io_read_some(*fd, p, size * n, &got, &ignored) ? got : CURL_READFUNC_ABORT;
}

static int seek_file(void *ctx, curl_off_t at, int whence)
{
    int *fd = ctx;
    struct err ignored = {0};
    return whence == SEEK_SET && io_seek(*fd, (uint64_t)at, &ignored) ? CURL_SEEKFUNC_OK
                                                                      : CURL_SEEKFUNC_FAIL;
}

void remote_from_file(struct remote *r, int *fd, uint64_t from, uint64_t size)
{
    curl_easy_setopt(r->curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(r->curl, CURLOPT_READFUNCTION, from_file);
    curl_easy_setopt(r->curl, CURLOPT_READDATA, fd);
    curl_easy_setopt(r->curl, CURLOPT_SEEKFUNCTION, seek_file);
    curl_easy_setopt(r->curl, CURLOPT_SEEKDATA, fd);
    curl_easy_setopt(r->curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)size);
    curl_easy_setopt(r->curl, CURLOPT_RESUME_FROM_LARGE, (curl_off_t)from);
}

/* ---- how it went ---- */

static enum went wrong(bool failed)
{
    (void)failed;
    return WENT_WRONG;
}

static enum went http_went(struct remote *r, struct err *e)
{
    char n[ERR_ARG_MAX];
    long s = r->status;
    if (s < 300)
        return WENT_WELL;
    snprintf(r->detail, sizeof r->detail, "HTTP %ld", s);
    if (s == 404 || s == 409 || s == 410)
        return WENT_ABSENT;
    if (s == 403)
        return wrong(err_fail2(e, ERR_REMOTE_DENIED, r->whom, r->detail));
    if (s == 507)
        return wrong(err_fail1(e, ERR_REMOTE_FULL, r->whom));
    if (s == 408 || s == 423 || s == 425 || s == 429 || (s >= 500 && s != 501 && s != 505))
        return WENT_AGAIN;
    snprintf(n, sizeof n, "HTTP %ld", s);
    return wrong(err_fail2(e, ERR_REMOTE, r->whom, n));
}

/* A quote command of SFTP that was refused: libcurl tells why only in words. */
static enum went quote_went(struct remote *r, struct err *e)
{
    if (strstr(r->detail, "ermission denied"))
        return wrong(err_fail2(e, ERR_REMOTE_DENIED, r->whom, r->detail));
    return strstr(r->detail, "No such file") ? WENT_ABSENT : WENT_AGAIN;
}

static enum went how(struct remote *r, CURLcode code, struct err *e)
{
    if (e->kind)
        return WENT_WRONG; /* a callback's */
    if (r->stopped)
        return wrong(err_fail(e, ERR_STOPPED));
    if (r->detail[0] == '\0')
        snprintf(r->detail, sizeof r->detail, "%s", curl_easy_strerror(code));
    switch ((int)code) {
    case CURLE_OK: return r->protocol == &webdav_protocol ? http_went(r, e) : WENT_WELL;
    case CURLE_REMOTE_FILE_NOT_FOUND: return WENT_ABSENT;
    case CURLE_REMOTE_ACCESS_DENIED:
        return wrong(err_fail2(e, ERR_REMOTE_DENIED, r->whom, r->detail));
    case CURLE_REMOTE_DISK_FULL: return wrong(err_fail1(e, ERR_REMOTE_FULL, r->whom));
    case CURLE_QUOTE_ERROR: return quote_went(r, e);
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
    case CURLE_SSL_INVALIDCERTSTATUS: return wrong(err_fail2(e, ERR_TLS, r->whom, r->detail));
    case CURLE_WRITE_ERROR: /* the listing's buffer is full; a file's error is the callback's */
        return wrong(err_fail1(e, ERR_REMOTE_LIST, r->whom));
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
    case CURLE_BAD_FUNCTION_ARGUMENT:
    case CURLE_UNKNOWN_OPTION:
    case CURLE_NOT_BUILT_IN: return wrong(err_fail2(e, ERR_REMOTE, r->whom, r->detail));
    default: return WENT_AGAIN; /* the network has more ways to fail than a list can name */
    }
}

static bool wants_login(struct remote *r, CURLcode code)
{
    return code == CURLE_LOGIN_DENIED || (code == CURLE_OK && r->status == 401);
}

enum went remote_run(struct remote *r, struct err *e)
{
    for (;;) {
        r->why = e;
        r->status = 0;
        r->detail[0] = '\0';
        r->stalled = false;
        r->moved = 0;
        r->moved_ms = remote_now_ms();
        r->broke = false;
        login_options(r);
        CURLcode code = curl_easy_perform(r->curl);
        curl_easy_getinfo(r->curl, CURLINFO_RESPONSE_CODE, &r->status);
        if (!wants_login(r, code) || e->kind) {
            r->denied = 0;
            return how(r, code, e);
        }
        if (code == CURLE_LOGIN_DENIED && r->broke && !stops(r) && r->denied++ < DENIED_MAX)
            return WENT_AGAIN;
        r->denied = 0;
        if (!login_next(r, e))
            return WENT_WRONG;
    }
}

/* ---- tries and waits ---- */

static void pause_ms(struct remote *r, uint32_t ms)
{
    int64_t until = remote_now_ms() + ms;
    while (!stops(r) && remote_now_ms() < until) {
        struct timespec t = {0, 20 * 1000000};
        nanosleep(&t, NULL);
    }
}

static bool unreachable(struct remote *r, struct err *e)
{
    char name[sizeof r->host + 16];
    /* libcurl asks for the kind of key that is pinned; a server without it ends like this */
    if (strstr(r->detail, "exchange encryption keys") && hosts_pinned(r)) {
        snprintf(name, sizeof name, "%s:%s", r->host, r->port);
        return err_fail2(e, ERR_HOST_CHANGED, name, "of another kind");
    }
    return err_fail2(e, ERR_NETWORK, r->whom, r->stalled ? "no answer" : r->detail);
}

bool remote_do(struct remote *r, remote_op op, void *job, bool *ret_absent, struct err *e)
{
    uint32_t first = r->user.wait_ms ? r->user.wait_ms : WAIT_MS, wait = first;
    unsigned most = r->user.tries ? r->user.tries : TRIES;
    r->began_ms = remote_now_ms();
    if (ret_absent)
        *ret_absent = false;
    for (r->tries = 0; r->tries < most; r->tries++) {
        r->progressed = false;
        enum went went = op(r, job, e);
        if (went == WENT_WELL)
            return true;
        if (went == WENT_WRONG)
            return false;
        if (went == WENT_ABSENT && ret_absent)
            return *ret_absent = true;
        if (went == WENT_ABSENT)
            return err_fail2(e, ERR_REMOTE_ABSENT, r->whom, r->name ? r->name : r->path);
        if (r->progressed) { /* more of it is there than ever: patience begins anew */
            r->tries = 0;
            wait = first;
        }
        if (r->tries + 1 < most) /* else there is nothing to wait for */
            pause_ms(r, wait);
        if (r->stopped)
            return err_fail(e, ERR_STOPPED);
        wait = wait * 2 < WAIT_MAX_MS ? wait * 2 : WAIT_MAX_MS;
    }
    return unreachable(r, e);
}

/* ---- a file that comes ---- */

bool incoming_start(struct incoming *in, struct err *e)
{
    if (in->open)
        io_abandon(&in->file);
    in->have = 0;
    in->tag[0] = '\0';
    return in->open = io_create(&in->file, in->path, 0600, e);
}

bool incoming_add(struct incoming *in, const void *p, size_t n, struct err *e)
{
    char max[ERR_ARG_MAX];
    if (n > in->max - in->have)
        return err_fail2(e, ERR_FILE_TOO_LARGE, in->path, err_num(max, (int64_t)in->max));
    in->have += n;
    return io_write(&in->file, p, n, e);
}

/* ---- names ---- */

bool name_is_ours(struct str name)
{
    if (name.n == 0 || name.n > REMOTE_NAME_MAX || name.p[0] == '.')
        return false;
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '.' || c == '_' || c == '-'))
            return false;
    }
    return true;
}

bool names_add(struct remote_names *names, struct str name)
{
    if (!name_is_ours(name))
        return true;
    if (names->n == REMOTE_NAMES_MAX)
        return false;
    names->v = mem_grow(names->v, names->n, &names->cap, sizeof *names->v);
    memcpy(names->v[names->n], name.p, name.n);
    names->v[names->n++][name.n] = '\0';
    return true;
}
