/* A progress line; see progress.h. */
#include "app/cmd/progress.h"

#include <stdio.h>
#include <unistd.h>

#include "app/flow/host.h"
#include "app/tr.h"

#define EACH_MS 100

static void tell(void *ctx, bool checking, uint64_t done, uint64_t all)
{
    struct progress *p = ctx;
    int64_t now = host_steady_ms();
    if (p->shown && now - p->last_ms < EACH_MS)
        return;
    p->last_ms = now;
    p->shown = true;
    fprintf(stderr, "\r%s %3u %%", checking ? _("checking") : _("copying "),
            (unsigned)(all ? done * 100 / all : 100));
    fflush(stderr);
}

void progress_of(struct progress *p, const struct call *c, struct store *s)
{
    *p = (struct progress){.shown = false};
    if (!c->given[OPT_quiet] && isatty(STDERR_FILENO))
        store_on_progress(s, tell, p);
}

void progress_end(struct progress *p)
{
    if (p->shown)
        fputs("\r\033[K", stderr);
}
