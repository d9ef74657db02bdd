/* cacah receive [URL | RECEIPT...]: what the office says it holds, returns and asks. */
#include "app/cmd/cmd.h"

#include <stdio.h>

#include "app/cmd/keep.h"
#include "app/cmd/network.h"
#include "app/flow/courier.h"
#include "app/tr.h"

int cmd_receive(const struct call *c)
{
    struct err e = {0};
    struct survey *sv = NULL;
    struct buf report;
    unsigned faults = 0;
    buf_init(&report, 1 << 20);
    bool ok = keep_own(c, &sv, &e);
    for (int i = 0; ok && (i < c->n || i == 0); i++) {
        unsigned n = 0;
        ok = courier_receive(sv, str_of(c->n ? c->args[i] : ""), network_user(c), &report, &n, &e);
        faults += n;
    }
    cmd_put(false, buf_str(&report));
    buf_done(&report);
    survey_close(sv);
    return ok ? cmd_end(faults ? ERR_FAULT : 0) : cmd_fail(&e);
}
