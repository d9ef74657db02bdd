/* cacah office revoke LAPTOP: from now on nothing more of it counts. */
#include "app/cmd/cmd.h"

#include <stdio.h>

#include "app/cmd/desk.h"
#include "app/flow/host.h"
#include "app/tr.h"
#include "forms/base/date.h"
#include "sync/merge/decide.h"

/* A date alone is its whole day. */
static bool until(const struct call *c, struct cutoff *ret, struct err *e)
{
    struct host host;
    struct date d;
    host_real(&host);
    if (!c->given[OPT_until])
        return true;
    if (!date_parse(str_of(c->value[OPT_until]), &host, &d))
        return err_fail1(e, ERR_UNTIL, c->value[OPT_until]);
    ret->until_ms = d.ms + (d.kind == DATE_ONLY ? DAY_MS - 1 : 0);
    return true;
}

static bool up_to(const struct call *c, struct desk *d, const struct device *dev,
                  struct hash32 *row, struct cutoff *ret, struct err *e)
{
    if (c->given[OPT_until] && c->given[OPT_row])
        return err_fail(e, ERR_UNTIL_OR_ROW);
    if (!c->given[OPT_row])
        return until(c, ret, e);
    ret->row = row;
    return find_row(d->s, &dev->device, str_of(c->value[OPT_row]), row, e);
}

int cmd_office_revoke(const struct call *c)
{
    struct err e = {0};
    struct desk d;
    struct device dev;
    struct str name;
    struct hash32 row;
    struct cutoff at = {.until_ms = INT64_MAX};
    bool ok = desk_open(c, &d, &e) && find_device(d.s, str_of(c->args[0]), &dev, &d.a, &e);
    if (ok && hash32_eq(&dev.device, &store_identity(d.s)->device))
        ok = err_fail(&e, ERR_REVOKE_SELF);
    if (ok && !c->given[OPT_yes])
        ok = err_fail1(&e, ERR_NEEDS_YES, c->args[0]);
    ok = ok && up_to(c, &d, &dev, &row, &at, &e) &&
         history_device_name(d.s, &dev.device, &d.a, &name, &e) &&
         decide_revoke(d.s, &dev.device, &at, &e);
    if (ok) {
        struct buf b;
        buf_init(&b, 8192);
        buf_printf(
            &b,
            at.row || at.until_ms != INT64_MAX
                ? _("%.*s is revoked. What is held of it up to that point stays good; all else is "
                    "set aside.\n")
                : _("%.*s is revoked. What is held of it up to now stays good; whatever else comes "
                    "of it is set aside.\n"),
            STR_FMT(name));
        cmd_put(false, buf_str(&b));
        buf_done(&b);
    }
    desk_close(&d);
    return ok ? cmd_end(0) : cmd_fail(&e);
}
