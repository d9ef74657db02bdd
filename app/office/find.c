/* Laptops, interviews and versions by what people call them; see find.h. */
#include "app/office/find.h"

#include "app/flow/host.h"
#include "sync/bundle/fact.h"

void find_number(const struct hash32 *number, char ret[FIND_DIGITS + 1])
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < FIND_DIGITS; i++)
        ret[i] = digits[number->b[i / 2] >> (i % 2 ? 0 : 4) & 15];
    ret[FIND_DIGITS] = '\0';
}

bool find_is_number(struct str text, const struct hash32 *number)
{
    static const char digits[] = "0123456789abcdef";
    if (text.n < 4 || text.n > 2 * sizeof number->b)
        return false;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i] >= 'A' && text.p[i] <= 'F' ? (char)(text.p[i] + 32) : text.p[i];
        if (c != digits[number->b[i / 2] >> (i % 2 ? 0 : 4) & 15])
            return false;
    }
    return true;
}

struct looking {
    struct str text;
    struct device *found;
    struct arena *a;
    const struct authority *authority;
    bool by_name;
    unsigned n;
};

/* A laptop with new keys has the name of the one it was: the newest is meant. */
static bool is_older(const struct looking *l, const struct device *d)
{
    return l->n == 1 && authority_succeeds(l->authority, &l->found->ed_pk, &d->device);
}

static bool is_newer(const struct looking *l, const struct device *d)
{
    return l->n == 1 && authority_succeeds(l->authority, &d->ed_pk, &l->found->device);
}

static bool look(void *ctx, const struct device *d)
{
    struct looking *l = ctx;
    if (l->by_name ? !str_eq(d->label, l->text) : !find_is_number(l->text, &d->device))
        return true;
    if (l->by_name && is_older(l, d))
        return true;
    bool newer = l->by_name && is_newer(l, d);
    *l->found = *d;
    l->found->label = arena_str(l->a, d->label);
    l->n += !newer;
    return true;
}

bool find_device(struct store *s, struct str text, struct device *ret, struct arena *a,
                 struct err *e)
{
    char arg[ERR_ARG_MAX];
    struct device found;
    struct authority authority;
    if (!authority_load(&authority, s, e))
        return false;
    struct looking l = {str_trim(text), &found, a, &authority, true, 0};
    bool ok = store_device_each(s, look, &l, e);
    l.by_name = false;
    ok = ok && (l.n > 0 || store_device_each(s, look, &l, e));
    authority_done(&authority);
    if (!ok)
        return false;
    if (l.n == 0)
        return err_fail1(e, ERR_LAPTOP_UNKNOWN, err_arg(arg, text));
    if (l.n > 1)
        return err_fail1(e, ERR_LAPTOP_SEVERAL, err_arg(arg, text));
    *ret = found;
    return true;
}

struct numbered {
    struct str text;
    struct hash32 row;
    unsigned n;
};

static bool match_row(void *ctx, const struct hash32 *row_hash, const uint8_t row[LEDGER_ROW_SIZE])
{
    struct numbered *x = ctx;
    (void)row;
    if (find_is_number(x->text, row_hash)) {
        x->row = *row_hash;
        x->n++;
    }
    return true;
}

bool find_row(struct store *s, const struct hash32 *device, struct str text, struct hash32 *ret,
              struct err *e)
{
    char arg[ERR_ARG_MAX];
    struct numbered x = {.text = text};
    if (!store_ledger_each(s, device, match_row, &x, e))
        return false;
    if (x.n != 1)
        return err_fail1(e, ERR_ROW_UNKNOWN, err_arg(arg, text));
    *ret = x.row;
    return true;
}

struct wanted {
    uint8_t front[5];
    struct id16 uuid;
    bool there;
};

static bool match(void *ctx, const struct revision *r, enum revision_state state,
                  struct str summary)
{
    struct wanted *w = ctx;
    (void)state;
    (void)summary;
    if (memcmp(r->uuid.b, w->front, sizeof w->front) != 0)
        return true;
    w->uuid = r->uuid;
    w->there = true;
    return false;
}

bool find_interview(struct store *s, struct str code, struct id16 *ret, struct err *e)
{
    char arg[ERR_ARG_MAX];
    struct wanted w = {.there = false};
    if (!code_parse(code, w.front))
        return err_fail1(e, ERR_CODE_BAD, err_arg(arg, code));
    if (!store_revision_each(s, match, &w, e))
        return false;
    if (!w.there)
        return err_fail1(e, ERR_CODE_UNKNOWN, err_arg(arg, code));
    *ret = w.uuid;
    return true;
}
