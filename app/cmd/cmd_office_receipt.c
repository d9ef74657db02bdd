/* cacah office receipt [LAPTOP]: receipts written again, without a merge. */
#include "app/cmd/cmd.h"

#include <stdio.h>

#include "app/cmd/far.h"
#include "app/tr.h"

static bool write_receipts(const struct call *c, struct desk *d, const struct hash32 *only,
                           uint64_t *ret_written, struct err *e)
{
    const char *place = c->given[OPT_receipts] ? c->value[OPT_receipts] : "out";
    bool say = !c->given[OPT_quiet];
    struct far far = {0};
    if (!transport_is_remote(str_of(place)))
        return desk_receipts(d, place, only, say, ret_written, e);
    bool ok = far_open(&far, c, place, d->s, e) &&
              far_receipts(&far, d, only, say, ret_written, e) && far_deliver(&far, e);
    far_close(&far);
    return ok;
}

int cmd_office_receipt(const struct call *c)
{
    struct err e = {0};
    struct desk d;
    struct device dev;
    uint64_t written = 0;
    bool ok = desk_open(c, &d, &e) &&
              (c->n == 0 || find_device(d.s, str_of(c->args[0]), &dev, &d.a, &e)) &&
              write_receipts(c, &d, c->n ? &dev.device : NULL, &written, &e);
    desk_close(&d);
    if (ok && written == 0)
        cmd_note("%s", _("no laptop has sent anything yet, so there is nobody to answer"));
    return ok ? cmd_end(0) : cmd_fail(&e);
}
