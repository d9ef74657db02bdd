/* cacah office assign FILE: whom the laptops are to interview; receipts and kits carry it. */
#include "app/cmd/cmd.h"

#include <stdio.h>

#include "app/cmd/keep.h"
#include "app/cmd/tasks.h"
#include "app/tr.h"

int cmd_office_assign(const struct call *c)
{
    struct err e = {0};
    struct survey *sv = NULL;
    size_t n;
    bool ok = keep_survey_kind(c, KEEP_OFFICE, &sv, &e) && tasks_take(sv, c->args[0], &n, &e);
    if (ok)
        printf(tr_n("%zu assignment; the next receipts carry it.\n",
                    "%zu assignments; the next receipts carry them.\n", n),
               n);
    survey_close(sv);
    return ok ? cmd_end(0) : cmd_fail(&e);
}
