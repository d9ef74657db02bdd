/* cacah office receipt [LAPTOP]: receipts written again, without a merge. */
#include "app/cmd/cmd.h"

#include <stdio.h>

#include "app/cmd/desk.h"
#include "app/tr.h"

int cmd_office_receipt(const struct call *c)
{
    struct err e = {0};
    struct desk d;
    struct device dev;
    uint64_t written = 0;
    const char *folder = c->given[OPT_receipts] ? c->value[OPT_receipts] : "out";
    bool ok =
        desk_open(c, &d, &e) &&
        (c->n == 0 || find_device(d.s, str_of(c->args[0]), &dev, &d.a, &e)) &&
        desk_receipts(&d, folder, c->n ? &dev.device : NULL, !c->given[OPT_quiet], &written, &e);
    desk_close(&d);
    if (ok && written == 0)
        cmd_note("%s", _("no laptop has sent anything yet, so there is nobody to answer"));
    return ok ? cmd_end(0) : cmd_fail(&e);
}
