/* cacah office revoke LAPTOP: from now on nothing more of it counts. */
#include "app/cmd/cmd.h"

#include <stdio.h>

#include "app/cmd/desk.h"
#include "app/tr.h"
#include "sync/merge/decide.h"

int cmd_office_revoke(const struct call *c)
{
    struct err e = {0};
    struct desk d;
    struct device dev;
    struct str name;
    struct cutoff at = {.until_ms = INT64_MAX};
    bool ok = desk_open(c, &d, &e) && find_device(d.s, str_of(c->args[0]), &dev, &d.a, &e);
    if (ok && hash32_eq(&dev.device, &store_identity(d.s)->device))
        ok = err_fail(&e, ERR_REVOKE_SELF);
    if (ok && !c->given[OPT_yes])
        ok = err_fail1(&e, ERR_NEEDS_YES, c->args[0]);
    ok = ok && history_device_name(d.s, &dev.device, &d.a, &name, &e) &&
         decide_revoke(d.s, &dev.device, &at, &e);
    if (ok) {
        struct buf b;
        buf_init(&b, 8192);
        buf_printf(
            &b,
            _("%.*s is revoked. What is held of it up to now stays good; whatever else comes of "
              "it is set aside.\n"),
            STR_FMT(name));
        cmd_put(false, buf_str(&b));
        buf_done(&b);
    }
    desk_close(&d);
    return ok ? cmd_end(0) : cmd_fail(&e);
}
