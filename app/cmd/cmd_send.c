/* cacah send [URL]: everything that waits, to the office. */
#include "app/cmd/cmd.h"

#include <stdio.h>
#include <unistd.h>

#include "app/cmd/keep.h"
#include "app/cmd/network.h"
#include "app/flow/courier.h"
#include "app/tr.h"

/* A place nobody named is shown first; at a terminal another may be typed instead. */
static bool confirm(struct survey *sv, struct buf *place, struct err *e)
{
    struct secret *typed = NULL;
    struct buf prompt;
    if (!courier_place(sv, place, e))
        return false;
    if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
        return true;
    buf_init(&prompt, 1 << 16);
    buf_printf(&prompt, _("Send to %.*s? Enter, or another place: "), STR_FMT(buf_str(place)));
    bool ok = keep_ask(prompt.p, false, &typed, e);
    if (ok && secret_size(typed)) {
        buf_clear(place);
        buf_add(place, secret_view(typed), secret_size(typed));
    }
    secret_free(typed);
    buf_done(&prompt);
    return ok;
}

int cmd_send(const struct call *c)
{
    struct err e = {0};
    struct survey *sv = NULL;
    struct buf place, report;
    unsigned faults = 0;
    buf_init(&place, 1 << 16);
    buf_init(&report, 1 << 20);
    if (c->n)
        buf_add_z(&place, c->args[0]);
    bool ok =
        keep_own(c, &sv, &e) && (c->n || confirm(sv, &place, &e)) &&
        courier_send(sv, buf_str(&place), c->given[OPT_all], network_user(c), &report, &faults, &e);
    if (ok)
        cmd_put(false, buf_str(&report));
    buf_done(&place);
    buf_done(&report);
    survey_close(sv);
    return ok ? cmd_end(faults ? ERR_FAULT : 0) : cmd_fail(&e);
}
