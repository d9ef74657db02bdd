/* cacah erase CODE: a respondent's right. */
#include "app/cmd/cmd.h"

#include <stdio.h>

#include "app/cmd/keep.h"
#include "app/cmd/which.h"
#include "app/flow/host.h"
#include "app/tr.h"

static bool ask(const struct call *c, const struct which *w, bool *ret_yes, struct err *e)
{
    if (!w->draft && !w->records)
        printf(_("There is nothing of %s here; a mark will keep out what may come.\n"), w->code);
    fflush(stdout);
    return keep_confirm(c,
                        c->given[OPT_only_pii]
                            ? _("What identifies this person will be destroyed for ever.")
                            : _("This interview will be destroyed for ever."),
                        ret_yes, e);
}

/* What had been destroyed before is said to be; the rest is done again all the same, should it have broken off. */
struct before {
    const struct id16 *uuid;
    enum erase_scope scope;
    bool done;
};

static bool look_before(void *ctx, const struct tombstone *t)
{
    struct before *b = ctx;
    b->done |= id16_eq(&t->uuid, b->uuid) && t->scope >= b->scope;
    return true;
}

static void say_done(const struct which *w, bool part, bool office)
{
    printf(part
               ? _("The personal answers of %s are erased; the others stay. What was copied before "
                   "is not reached: backups, and bundles on sticks.\n")
               : _("Erased: %s. What was copied before is not reached: backups, and bundles on "
                   "sticks.\n"),
           w->code);
    puts(office ? _("The laptops learn of it with their next receipts.")
                : _("The office learns of it with the next bundle."));
}

static bool erase(const struct call *c, struct survey *sv, bool *ret_done, struct err *e)
{
    struct which w;
    struct tombstone t;
    bool yes;
    struct store *s = survey_store(sv);
    enum erase_scope scope = c->given[OPT_only_pii] ? ERASE_PII : ERASE_ALL;
    if (!which_find(sv, c->args[0], &w, e) || !which_say(sv, &w, e))
        return false;
    if (w.draft && scope == ERASE_PII)
        return err_fail1(e, ERR_ERASE_DRAFT, w.code);
    struct before before = {.uuid = &w.uuid, .scope = scope};
    if (!store_tombstone_each(s, look_before, &before, e) || !ask(c, &w, &yes, e))
        return false;
    *ret_done = yes;
    if (!yes)
        return true;
    if (!store_erase(s, &w.uuid, scope, host_now().ms, &t, e))
        return false;
    if (before.done)
        printf(_("%s was erased before; there was nothing left of it.\n"), w.code);
    else
        say_done(&w, scope == ERASE_PII, store_identity(s)->kind == STORE_OFFICE);
    return true;
}

static int run(const struct call *c, struct survey *sv, struct err *e)
{
    bool done = false, ok = sv && erase(c, sv, &done, e);
    survey_close(sv);
    return ok ? cmd_end_done(done) : cmd_fail(e);
}

int cmd_erase(const struct call *c)
{
    struct err e = {0};
    struct survey *sv = NULL;
    bool ok = keep_survey_any(c, &sv, &e);
    return run(c, ok ? sv : NULL, &e);
}
