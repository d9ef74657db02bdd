/* cacah office erase CODE...: a respondent's right. The keys of the interview are destroyed here, and a signed
 * tombstone tells everybody else: laptops by their receipts, other offices by bundles; what still lies on
 * old sticks is never taken in again. */
#include "app/cmd/cmd.h"

#include <stdio.h>

#include "app/cmd/desk.h"
#include "app/tr.h"
#include "sync/merge/decide.h"

static bool erase_one(struct desk *d, const char *code, enum erase_scope scope, int64_t now_ms,
                      struct err *e)
{
    struct id16 uuid;
    struct tombstone t;
    return find_interview(d->s, str_of(code), &uuid, e) &&
           store_erase(d->s, &uuid, scope, now_ms, &t, e);
}

int cmd_office_erase(const struct call *c)
{
    struct err e = {0};
    struct desk d;
    bool part = c->given[OPT_only_pii];
    bool ok = desk_open(c, &d, &e);
    if (ok && !c->given[OPT_yes])
        ok = err_fail1(&e, ERR_NEEDS_YES, c->args[0]);
    for (int i = 0; ok && i < c->n; i++) {
        ok = erase_one(&d, c->args[i], part ? ERASE_PII : ERASE_ALL, desk_merge(&d).now_ms, &e);
        if (ok)
            printf(part ? _("%s: the personal answers are erased here\n") : _("%s: erased here\n"),
                   c->args[i]);
    }
    if (ok)
        puts(_("Laptops erase it with their next receipt; other offices with your next bundle. "
               "Backups "
               "and sticks from before keep sealed copies: destroy those you can reach."));
    desk_close(&d);
    return ok ? cmd_end(0) : cmd_fail(&e);
}
