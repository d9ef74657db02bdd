/* What a build without libcurl says of URLs that go over a network. */
#include "sync/errors.h"
#include "sync/transport/transport_i.h"

static bool unbuilt(struct str url, struct err *e)
{
    char arg[ERR_ARG_MAX];
    return err_fail1(e, ERR_NOT_BUILT, err_arg(arg, str_sub(url, 0, str_find(url, ':', 0))));
}

/* Others may be able to send there. */
bool remote_check(struct str url, struct err *e)
{
    (void)url;
    (void)e;
    return true;
}

bool remote_send(struct store *s, struct str url, bool all, const struct transport_user *user,
                 int64_t now_ms, struct bundle_written *ret, struct err *e)
{
    (void)s;
    (void)all;
    (void)user;
    (void)now_ms;
    (void)ret;
    return unbuilt(url, e);
}

bool remote_receive(struct store *s, struct str url, const struct transport_user *user,
                    transport_each each, void *ctx, struct buf *assignments, struct err *e)
{
    (void)s;
    (void)user;
    (void)each;
    (void)ctx;
    (void)assignments;
    return unbuilt(url, e);
}

bool transport_open(struct transport **ret, struct str url, const char *store_path,
                    const struct transport_user *user, struct err *e)
{
    (void)ret;
    (void)store_path;
    (void)user;
    return unbuilt(url, e);
}

/* Never reached: none was opened. */
void transport_close(struct transport *t)
{
    (void)t;
}

bool transport_collect(struct transport *t, const char *folder, const char *seen, struct err *e)
{
    (void)t;
    (void)folder;
    (void)seen;
    return unbuilt(STR(""), e);
}

bool transport_deliver(struct transport *t, const char *folder, const char *path, struct err *e)
{
    (void)t;
    (void)folder;
    (void)path;
    return unbuilt(STR(""), e);
}

bool transport_has(struct transport *t, const char *folder, const char *name, bool *ret,
                   struct err *e)
{
    (void)t;
    (void)folder;
    (void)name;
    (void)ret;
    return unbuilt(STR(""), e);
}

bool remote_kit(struct str url, const char *store_path, const struct transport_user *user,
                struct buf *ret_path, struct err *e)
{
    (void)store_path;
    (void)user;
    (void)ret_path;
    return unbuilt(url, e);
}

bool transport_discard(struct transport *t, const char *folder, const char *name, struct err *e)
{
    (void)t;
    (void)folder;
    (void)name;
    return unbuilt(STR(""), e);
}
