/* cacah office hold CODE...: what a laptop has erased is not destroyed after 72 hours (it may be a fabrication
 * that is to disappear), or, with --release, it is after all. */
#include "app/cmd/cmd.h"

#include <stdio.h>

#include "app/cmd/desk.h"
#include "app/tr.h"
#include "sync/merge/decide.h"

static bool hold_one(struct desk *d, const struct call *c, const char *code, struct err *e)
{
    struct id16 uuid;
    return find_interview(d->s, str_of(code), &uuid, e) &&
           decide_hold(d->s, &uuid, c->given[OPT_release], str_of(c->value[OPT_reason]),
                       desk_merge(d).now_ms, e);
}

int cmd_office_hold(const struct call *c)
{
    struct err e = {0};
    struct desk d = {.sv = NULL};
    bool ok = (c->given[OPT_reason] && c->value[OPT_reason][0]) || err_fail(&e, ERR_NO_REASON);
    ok = ok && desk_open(c, &d, &e);
    for (int i = 0; ok && i < c->n; i++) {
        ok = hold_one(&d, c, c->args[i], &e);
        if (ok)
            printf(c->given[OPT_release]
                       ? _("%s: released; it is destroyed with the next merge once 72 hours are "
                           "over\n")
                       : _("%s: held; it stays hidden and is not destroyed until you release it\n"),
                   c->args[i]);
    }
    desk_close(&d);
    return ok ? cmd_end(0) : cmd_fail(&e);
}
