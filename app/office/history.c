/* One interview's versions; see history.h. */
#include "app/office/history.h"

#include <stdlib.h>

#include "app/flow/host.h"
#include "app/tr.h"
#include "sync/bundle/fact.h"

const char *standing_name(enum standing st)
{
    switch (st) {
    case STANDING_CURRENT: return N_("current");
    case STANDING_OLD: return N_("replaced by a later one");
    case STANDING_CONFLICT: return N_("in conflict");
    case STANDING_DETACHED: return N_("incomplete: something it builds on has not come");
    case STANDING_FOREIGN: return N_("foreign: by a laptop it was not returned to");
    case STANDING_ERASED: return N_("erased");
    case STANDING_QUARANTINED: return N_("set aside: its laptop was revoked before it");
    }
    return "";
}

struct named {
    const struct hash32 *device;
    struct arena *a;
    struct str name;
};

static bool find_name(void *ctx, const struct device *d)
{
    struct named *n = ctx;
    if (!hash32_eq(&d->device, n->device))
        return true;
    n->name = arena_str(n->a, d->label);
    return false;
}

bool history_device_name(struct store *s, const struct hash32 *device, struct arena *a,
                         struct str *ret, struct err *e)
{
    struct named n = {device, a, {"", 0}};
    if (hash32_eq(device, &store_identity(s)->device)) {
        *ret = str_of(_("this office"));
        return true;
    }
    if (!store_device_each(s, find_name, &n, e))
        return false;
    if (n.name.n == 0) {
        char number[FIND_DIGITS + 1];
        find_number(device, number);
        n.name = arena_str(a, str_of(number));
    }
    *ret = n.name;
    return true;
}

struct loading {
    struct history *h;
    size_t cap;
};

static bool add(void *ctx, const struct revision *r, enum revision_state state)
{
    struct loading *l = ctx;
    struct history *h = l->h;
    h->v = mem_grow(h->v, h->n, &l->cap, sizeof *h->v);
    h->v[h->n] = (struct version){.r = *r, .state = state};
    find_number(&r->rev_id, h->v[h->n++].number);
    return true;
}

static bool date(void *ctx, const struct hash32 *device, const struct hash32 *row_hash,
                 const uint8_t bytes[LEDGER_ROW_SIZE])
{
    struct history *h = ctx;
    struct ledger_row row;
    struct err ignored = {0};
    (void)row_hash;
    if (!ledger_row_decode(bytes, &row, &ignored) ||
        (row.kind != LEDGER_FINAL && row.kind != LEDGER_RESOLVE))
        return true;
    for (size_t i = 0; i < h->n; i++) {
        struct version *v = &h->v[i];
        if (!hash32_eq(&v->r.rev_id, &row.object) || !hash32_eq(&v->r.device, device))
            continue;
        v->made_ms = row.wall_ms;
        v->resolved = row.kind == LEDGER_RESOLVE;
    }
    return true;
}

static int by_time(const void *a, const void *b)
{
    const struct version *x = a, *y = b;
    if (x->made_ms != y->made_ms)
        return x->made_ms < y->made_ms ? -1 : 1;
    return memcmp(x->r.rev_id.b, y->r.rev_id.b, sizeof x->r.rev_id.b);
}

bool history_load(struct history *h, struct derive *d, struct store *s, const struct id16 *uuid,
                  struct err *e)
{
    struct loading l = {h, 0};
    *h = (struct history){.uuid = *uuid};
    arena_init(&h->a);
    bool ok = store_revision_of(s, uuid, add, &l, e) && store_ledger_of(s, uuid, date, h, e);
    for (size_t i = 0; ok && i < h->n; i++) {
        struct version *v = &h->v[i];
        ok = derive_standing(d, &v->r, &v->standing, e) &&
             history_device_name(s, &v->r.device, &h->a, &v->laptop, e);
        v->verdict = derive_verdict(d, &v->r.rev_id);
    }
    if (ok && h->n)
        qsort(h->v, h->n, sizeof *h->v, by_time);
    if (!ok)
        history_done(h);
    return ok;
}

void history_done(struct history *h)
{
    mem_free(h->v);
    arena_done(&h->a);
    *h = (struct history){.n = 0};
}

bool history_current(const struct history *h, const struct version **ret, struct err *e)
{
    char code[16];
    code_of_uuid(&h->uuid, code);
    for (size_t i = 0; i < h->n; i++) {
        if (h->v[i].standing == STANDING_CONFLICT)
            return err_fail1(e, ERR_IN_CONFLICT, code);
        if (h->v[i].standing != STANDING_CURRENT)
            continue;
        *ret = &h->v[i];
        return true;
    }
    return err_fail1(e, ERR_NOT_CURRENT, code);
}

bool history_version(const struct history *h, struct str number, const struct version **ret,
                     struct err *e)
{
    char arg[ERR_ARG_MAX];
    const struct version *found = NULL;
    unsigned n = 0;
    for (size_t i = 0; i < h->n; i++)
        if (find_is_number(number, &h->v[i].r.rev_id)) {
            found = &h->v[i];
            n++;
        }
    if (n != 1)
        return err_fail1(e, ERR_VERSION_UNKNOWN, err_arg(arg, number));
    *ret = found;
    return true;
}
