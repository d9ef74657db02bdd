/* Host keys, pinned when first met, in STORE.hosts: lines as in OpenSSH's known_hosts,
 * "[HOST]:PORT TYPE BASE64", which libcurl compares and ssh-keygen -F reads. Another key under the same name
 * is never taken: either the server changed, and somebody says so and removes the line, or it is another. */
#include <stdio.h>

#include "sync/transport/remote_i.h"

#define HOSTS_MAX ((uint64_t)1 << 20)

static void fingerprint(struct str key, char ret[64])
{
    struct buf b;
    uint8_t hash[32];
    crypt_sha256(key, hash);
    buf_init(&b, 64);
    buf_add_z(&b, "SHA256:");
    crypt_base64(&b, hash, sizeof hash, false);
    snprintf(ret, 64, "%s", b.p);
    buf_done(&b);
}

/* A key begins with the name of its type: be32 length, bytes. */
static struct str type_of(struct str key)
{
    const uint8_t *p = (const uint8_t *)key.p;
    if (key.n < 4 || p[0] || p[1] || p[2] || p[3] > 64)
        return STR("");
    return str_sub(str_from(key, 4), 0, p[3]);
}

/* "[HOST]:PORT ", as its lines begin. */
static void name_add(const struct remote *r, struct buf *out)
{
    bool bare = r->host[0] != '['; /* an IPv6 address has its brackets already */
    buf_printf(out, "%s%s%s:%s ", bare ? "[" : "", r->host, bare ? "]" : "", r->port);
}

bool hosts_pinned(const struct remote *r)
{
    struct buf all, name;
    struct str line;
    struct err ignored = {0};
    bool found = false;
    buf_init(&all, HOSTS_MAX);
    buf_init(&name, sizeof r->host + 32);
    name_add(r, &name);
    if (io_read_file(r->hosts, HOSTS_MAX, &all, &ignored)) {
        struct str rest = buf_str(&all);
        while (!found && str_split(&rest, '\n', &line))
            found = str_starts(line, buf_str(&name));
    }
    buf_done(&all);
    buf_done(&name);
    return found;
}

static bool pin(struct remote *r, struct str key, struct err *e)
{
    struct buf b;
    struct err absent = {0};
    buf_init(&b, 2 * HOSTS_MAX);
    bool ok = io_read_file(r->hosts, HOSTS_MAX, &b, &absent);
    if (!ok && !err_is(&absent, &ERR_FILE_ABSENT)) {
        *e = absent;
    } else {
        if (b.n && b.p[b.n - 1] != '\n')
            buf_add_c(&b, '\n');
        name_add(r, &b);
        buf_add_str(&b, type_of(key));
        buf_add_c(&b, ' ');
        crypt_base64(&b, key.p, key.n, true);
        buf_add_c(&b, '\n');
        ok = io_write_file(r->hosts, 0600, buf_str(&b), e);
    }
    buf_done(&b);
    return ok;
}

int hosts_check(CURL *curl, const struct curl_khkey *known, const struct curl_khkey *found,
                enum curl_khmatch match, void *ctx)
{
    struct remote *r = ctx;
    char shown[64], name[sizeof r->host + 16];
    struct str key = {found->key, found->len};
    (void)curl;
    (void)known;
    if (match == CURLKHMATCH_OK)
        return CURLKHSTAT_FINE;
    fingerprint(key, shown);
    snprintf(name, sizeof name, "%s:%s", r->host, r->port);
    /* "missing" is also said of a host that is pinned with a key of another kind */
    if (match != CURLKHMATCH_MISSING || !key.n || hosts_pinned(r)) {
        err_fail3(r->why, ERR_HOST_CHANGED, name, shown, r->hosts);
        return CURLKHSTAT_REJECT;
    }
    if (r->user.trust && !r->user.trust(r->user.ctx, name, shown)) {
        err_fail2(r->why, ERR_HOST_REFUSED, name, shown);
        return CURLKHSTAT_REJECT;
    }
    return pin(r, key, r->why) ? CURLKHSTAT_FINE : CURLKHSTAT_REJECT;
}
