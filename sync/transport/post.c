/* Sending and fetching over a network. A file goes to NAME.part and gets its name when all of it is there;
 * one that has its name and size there already was sent whole, and only the answer was lost. A bundle waits
 * in STORE.outbox until it has arrived, so that the next call goes on with the same bytes. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sync/transport/remote_i.h"
#include "sync/transport/transport_i.h"

#define IN  "in"
#define OUT "out"

/* ---- one file there ---- */

struct putting {
    struct place at;
    int fd;
    uint64_t size, best; /* best: the most that was there when a try began */
};

/* How much of the .part can be gone on with. */
static enum went begun(struct remote *r, const struct place *part, uint64_t size, uint64_t *ret,
                       struct err *e)
{
    uint64_t there = 0;
    *ret = 0;
    if (!r->protocol->resumes)
        return WENT_WELL;
    enum went went = r->protocol->size(r, part, &there, e);
    if (went == WENT_ABSENT)
        return WENT_WELL;
    if (went == WENT_WELL && there <= size) /* longer: not ours, or torn; from the start */
        *ret = there;
    return went;
}

/* All of the part is there. Or it has its name by now: a server may get round to the request of a connection
 * that broke only after the next one came. Then, too, the next try looks first. */
static enum went give_name(struct remote *r, const struct putting *p, const struct place *part,
                           struct err *e)
{
    uint64_t there = 0;
    enum went went = r->protocol->size(r, part, &there, e);
    if (went == WENT_WELL)
        went = there == p->size ? r->protocol->rename(r, part, p->at.name, e) : WENT_AGAIN;
    return went == WENT_ABSENT ? WENT_AGAIN : went;
}

static enum went put(struct remote *r, void *job, struct err *e)
{
    struct putting *p = job;
    char name[REMOTE_NAME_MAX + sizeof PART];
    struct place part = {p->at.folder, name};
    uint64_t there = 0, from;
    snprintf(name, sizeof name, "%s" PART, p->at.name);
    enum went went = r->protocol->size(r, &p->at, &there, e);
    if (went == WENT_WELL && there == p->size)
        return WENT_WELL;
    if (went == WENT_WELL) /* no file of ours: each has a number of its own */
        went = r->protocol->drop(r, &p->at, e);
    if (went != WENT_WELL && went != WENT_ABSENT)
        return went;
    went = begun(r, &part, p->size, &from, e);
    if (went != WENT_WELL)
        return went;
    r->progressed = from > p->best;
    p->best = from > p->best ? from : p->best;
    r->from = from;
    if (!io_seek(p->fd, from, e)) /* the try before left it anywhere */
        return WENT_WRONG;
    if (from < p->size)
        went = r->protocol->put(r, &part, p->fd, from, p->size, e);
    return went == WENT_WELL ? give_name(r, p, &part, e) : went;
}

/* Tries until the file is through or cannot be; the person looking on is told when that is over. */
static bool move_file(struct remote *r, const char *name, uint64_t size, remote_op op, void *job,
                      struct err *e)
{
    r->name = name;
    r->from = 0;
    r->total = size;
    bool ok = remote_do(r, op, job, NULL, e);
    r->name = NULL;
    if (r->user.progress)
        r->user.progress(r->user.ctx, NULL);
    return ok;
}

static bool put_file(struct remote *r, const char *folder, const char *path, const char *name,
                     struct err *e)
{
    struct putting p = {.at = {folder, name}};
    if (!io_open_read(path, ENVELOPE_MAX, &p.fd, &p.size, e))
        return false;
    bool ok = move_file(r, name, p.size, put, &p, e);
    io_close(p.fd);
    return ok;
}

static enum went make(struct remote *r, void *job, struct err *e)
{
    const struct place *at = job;
    return r->protocol->make(r, at->folder, e);
}

/* ---- one file here ---- */

struct getting {
    struct place at;
    struct incoming in;
};

static enum went get(struct remote *r, void *job, struct err *e)
{
    struct getting *g = job;
    enum went went = r->protocol->get(r, &g->at, &g->in, e);
    r->progressed = g->in.have > g->in.best;
    g->in.best = r->progressed ? g->in.have : g->in.best;
    return went;
}

static bool get_file(struct remote *r, const char *folder, const char *name, const char *path,
                     struct err *e)
{
    struct getting g = {.at = {folder, name}, .in = {.path = path, .max = ENVELOPE_MAX}};
    if (move_file(r, name, 0, get, &g, e))
        return io_finish(&g.in.file, e);
    if (g.in.open)
        io_abandon(&g.in.file);
    return false;
}

struct listing {
    const char *folder;
    struct remote_names names;
};

static enum went list(struct remote *r, void *job, struct err *e)
{
    struct listing *l = job;
    return r->protocol->list(r, l->folder, &l->names, e);
}

/* The names in URL/folder; it may be missing, for nobody has put anything there, but the URL may not. */
static bool list_sub(struct remote *r, struct listing *l, struct err *e)
{
    struct listing top = {.folder = ""};
    bool absent;
    bool ok = remote_do(r, list, l, &absent, e) && (!absent || remote_do(r, list, &top, NULL, e));
    mem_free(top.names.v);
    return ok;
}

/* ---- sending ---- */

static bool outbox_path(const struct store *s, const char *name, struct buf *out, struct err *e)
{
    buf_init(out, 1 << 16);
    buf_printf(out, "%s.outbox%s%s", store_path(s), name ? "/" : "", name ? name : "");
    return name || make_folder(out->p, e);
}

/* What a bundle that was left says of itself, once all its bytes are known to be there. */
static bool describe(const char *path, const struct posted *p, struct bundle_written *ret)
{
    struct envelope_in *in;
    struct err ignored = {0};
    if (!envelope_open(&in, path, &ignored))
        return false;
    bool ok = envelope_check(in, &ignored);
    if (ok) {
        const struct envelope_header *h = envelope_in_header(in);
        *ret = (struct bundle_written){.seq = h->seq,
                                       .records = h->records,
                                       .rows = h->rows,
                                       .bytes = envelope_in_size(in),
                                       .id = envelope_in_id(in)};
        snprintf(ret->name, sizeof ret->name, "%s", p->name);
    }
    envelope_in_free(in);
    return ok;
}

/* Whether nothing was finished or received since the last bundle was written. */
static bool nothing_since(struct store *s, bool *ret, struct err *e)
{
    struct ledger_head head;
    struct ledger_row row;
    uint8_t bytes[LEDGER_ROW_SIZE];
    bool there = false;
    *ret = false;
    if (!store_ledger_head(s, &head, e))
        return false;
    if (head.seq == 0)
        return true;
    if (!store_row_get(s, &head.device, &head.row_hash, bytes, &there, e) ||
        (there && !ledger_row_decode(bytes, &row, e)))
        return false;
    *ret = there && row.kind == LEDGER_SENT;
    return true;
}

static bool send_left(struct remote *r, struct store *s, const struct posted *p,
                      struct bundle_written *ret, bool *ret_sent, struct err *e)
{
    struct buf path;
    bool ok = outbox_path(s, p->name, &path, e);
    *ret_sent = describe(path.p, p, ret);
    if (ok && *ret_sent)
        ok = put_file(r, IN, path.p, p->name, e);
    if (ok)
        io_remove(path.p);
    buf_done(&path);
    return ok;
}

static bool send_new(struct remote *r, struct store *s, bool all, int64_t now_ms,
                     struct bundle_written *ret, struct err *e)
{
    struct buf outbox, path;
    struct bundle_written w;
    bool ok = outbox_path(s, NULL, &outbox, e) && bundle_into(s, all, outbox.p, now_ms, &w, e);
    if (ok && outbox_path(s, w.name, &path, e)) {
        ok = put_file(r, IN, path.p, w.name, e);
        if (ok) {
            io_remove(path.p);
            *ret = w;
        }
        buf_done(&path);
    }
    buf_done(&outbox);
    return ok;
}

/* The newest bundle left is finished; the others, and all of them when everything is asked for, go: what
 * they hold is in the next one too. */
static bool clear_outbox(const struct store *s, struct posts *left, bool all)
{
    struct err ignored = {0};
    size_t keep = all || left->n == 0 ? left->n : left->n - 1;
    for (size_t i = 0; i < keep; i++) {
        struct buf path;
        if (outbox_path(s, left->v[i].name, &path, &ignored))
            io_remove(path.p);
        buf_done(&path);
    }
    return !all && left->n > 0;
}

bool remote_send(struct store *s, struct str url, bool all, const struct transport_user *user,
                 int64_t now_ms, struct bundle_written *ret, struct err *e)
{
    struct transport *t = NULL;
    struct posts left = {0};
    struct buf outbox;
    struct place in = {IN, NULL};
    bool sent = false, enough = false;
    bool ok = outbox_path(s, NULL, &outbox, e) && transport_open(&t, url, store_path(s), user, e);
    struct remote *r = (struct remote *)t;
    /* Before a bundle is made of it: somebody answers there and lets us in. */
    ok = ok && remote_do(r, make, &in, NULL, e) && posts_find(&left, s, "bundle", outbox.p, e);
    if (ok && clear_outbox(s, &left, all)) {
        ok = nothing_since(s, &enough, e) && send_left(r, s, &left.v[left.n - 1], ret, &sent, e);
    }
    if (ok && !(sent && enough))
        ok = send_new(r, s, all, now_ms, ret, e);
    transport_close(t);
    mem_free(left.v);
    buf_done(&outbox);
    return ok;
}

/* ---- receiving ---- */

static bool receive_one(struct remote *r, struct store *s, const struct posted *p,
                        transport_each each, void *ctx, struct buf *assignments, struct err *e)
{
    struct buf path, shown;
    struct receipt_applied applied;
    struct err why = {0};
    buf_init(&path, 1 << 16);
    buf_init(&shown, 1 << 16);
    buf_printf(&path, "%s.inbox", store_path(s));
    bool ok = make_folder(path.p, e);
    buf_printf(&path, "/%s", p->name);
    ok = ok && get_file(r, OUT, p->name, path.p, e);
    if (ok) {
        remote_url(r, &(struct place){OUT, p->name}, &shown);
        bool done = receipt_apply(s, path.p, assignments, &applied, &why);
        each(ctx, shown.p, done ? &applied : NULL, done ? NULL : &why);
        io_remove(path.p);
    }
    buf_done(&path);
    buf_done(&shown);
    return ok;
}

bool remote_receive(struct store *s, struct str url, const struct transport_user *user,
                    transport_each each, void *ctx, struct buf *assignments, struct err *e)
{
    struct transport *t = NULL;
    struct listing l = {.folder = OUT};
    struct posts found = {0};
    bool ok = transport_open(&t, url, store_path(s), user, e);
    struct remote *r = (struct remote *)t;
    ok = ok && list_sub(r, &l, e);
    for (size_t i = 0; ok && i < l.names.n; i++)
        posts_add(&found, s, "receipt", l.names.v[i]);
    posts_sort(&found);
    for (size_t i = 0; ok && i < found.n; i++)
        ok = receive_one(r, s, &found.v[i], each, ctx, assignments, e);
    transport_close(t);
    mem_free(l.names.v);
    mem_free(found.v);
    return ok;
}

/* ---- a kit ---- */

/* The name behind the URL's last slash, when it is a kit's; then the URL is the folder before it. */
static bool kit_name(struct str *io_url, struct buf *name)
{
    size_t at = io_url->n;
    while (at > 0 && io_url->p[at - 1] != '/')
        at--;
    struct str last = str_from(*io_url, at);
    if (!str_ends(last, STR(".kit")))
        return false;
    buf_add_str(name, last);
    *io_url = str_sub(*io_url, 0, at);
    return true;
}

static bool only_kit(struct remote *r, struct buf *ret_name, struct err *e)
{
    struct listing l = {.folder = ""};
    struct kits found;
    bool ok = remote_do(r, list, &l, NULL, e);
    if (ok) {
        kits_init(&found);
        for (size_t i = 0; i < l.names.n; i++)
            kits_add(&found, l.names.v[i]);
        ok = kits_one(&found, str_of(r->whom), ret_name, e);
    }
    mem_free(l.names.v);
    return ok;
}

bool remote_kit(struct str url, const char *store_path, const struct transport_user *user,
                struct buf *ret_path, struct err *e)
{
    struct transport *t = NULL;
    struct buf name;
    buf_init(&name, REMOTE_URL_MAX);
    bool named = kit_name(&url, &name);
    bool ok = transport_open(&t, url, store_path, user, e);
    struct remote *r = (struct remote *)t;
    if (ok && named)
        ok = name_is_ours(buf_str(&name)) || err_fail1(e, ERR_REMOTE_NAME, name.p);
    else if (ok)
        ok = only_kit(r, &name, e);
    buf_printf(ret_path, "%s.kit", store_path);
    ok = ok && get_file(r, "", name.p, ret_path->p, e);
    transport_close(t);
    buf_done(&name);
    return ok;
}

/* ---- the office's end ---- */

static bool lies_in(const char *folder, const char *name)
{
    struct buf path;
    buf_init(&path, 1 << 16);
    buf_printf(&path, "%s/%s", folder, name);
    bool there = access(path.p, F_OK) == 0;
    buf_done(&path);
    return there;
}

bool transport_collect(struct transport *t, const char *folder, const char *seen, struct err *e)
{
    struct remote *r = (struct remote *)t;
    struct listing l = {.folder = IN};
    struct buf path;
    buf_init(&path, 1 << 16);
    bool ok = make_folder(folder, e) && list_sub(r, &l, e);
    for (size_t i = 0; ok && i < l.names.n; i++) {
        const char *name = l.names.v[i];
        if (!str_ends(str_of(name), STR(".bundle")) || lies_in(folder, name) ||
            (seen && lies_in(seen, name)))
            continue;
        buf_clear(&path);
        buf_printf(&path, "%s/%s", folder, name);
        ok = get_file(r, IN, name, path.p, e);
    }
    mem_free(l.names.v);
    buf_done(&path);
    return ok;
}

bool transport_deliver(struct transport *t, const char *folder, const char *path, struct err *e)
{
    struct remote *r = (struct remote *)t;
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    struct place at = {folder, NULL};
    if (!name_is_ours(str_of(name)))
        return err_fail1(e, ERR_REMOTE_NAME, name);
    return (!folder[0] || remote_do(r, make, &at, NULL, e)) && put_file(r, folder, path, name, e);
}

struct sizing {
    struct place at;
    uint64_t size;
};

static enum went size(struct remote *r, void *job, struct err *e)
{
    struct sizing *z = job;
    return r->protocol->size(r, &z->at, &z->size, e);
}

bool transport_has(struct transport *t, const char *folder, const char *name, bool *ret,
                   struct err *e)
{
    struct sizing z = {.at = {folder, name}};
    bool absent;
    if (!name_is_ours(str_of(name)))
        return err_fail1(e, ERR_REMOTE_NAME, name);
    if (!remote_do((struct remote *)t, size, &z, &absent, e))
        return false;
    *ret = !absent;
    return true;
}

static enum went drop(struct remote *r, void *job, struct err *e)
{
    return r->protocol->drop(r, job, e);
}

bool transport_discard(struct transport *t, const char *folder, const char *name, struct err *e)
{
    struct place at = {folder, name};
    bool absent;
    return remote_do((struct remote *)t, drop, &at, &absent, e);
}
