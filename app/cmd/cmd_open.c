/* cacah and cacah practice: the terminal app. */
#include "app/cmd/cmd.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/cmd/app_start.h"
#include "app/flow/practice.h"
#include "app/tr.h"
#include "app/ui/loop.h"

int cmd_open(const struct call *c)
{
    struct err e = {0};
    struct app_start *a = mem_alloc(sizeof *a);
    bool ok = app_start_fill(a, c, &e) && ui_run(&a->ui, &e);
    mem_free(a);
    return ok ? 0 : cmd_fail(&e);
}

int cmd_practice(const struct call *c)
{
    struct err e = {0};
    struct app_start *a = mem_alloc(sizeof *a);
    struct stat st;
    bool ok = app_start_fill(a, c, &e);
    if (ok && c->given[OPT_store])
        snprintf(a->practice_path, sizeof a->practice_path, "%s", a->store_path);
    ok = ok && (!c->given[OPT_force] || practice_drop(a->practice_path, &e));
    if (ok && stat(a->practice_path, &st) != 0)
        cmd_note(_("making the practice survey (once; a few seconds)"));
    ok = ok && app_practise(a, &e);
    if (ok && !isatty(STDIN_FILENO)) {
        printf(_("The practice survey is ready: %s\n"), a->practice_path);
    } else if (ok) {
        snprintf(a->store_path, sizeof a->store_path, "%s", a->practice_path);
        a->ui.practice = true;
        ok = ui_run(&a->ui, &e);
    }
    mem_free(a);
    return ok ? cmd_end(0) : cmd_fail(&e);
}
