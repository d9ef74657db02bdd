/* cacah void CODE: ends a draft that was begun in error. The reason stays in the ledger, sealed. */
#include "app/cmd/cmd.h"

#include <stdio.h>
#include <string.h>

#include "app/cmd/keep.h"
#include "app/cmd/which.h"
#include "app/flow/host.h"
#include "app/tr.h"
#include "forms/base/utf8.h"

static bool find_draft(const struct call *c, struct survey *sv, struct which *w, struct err *e)
{
    if (!which_find(sv, c->args[0], w, e))
        return false;
    if (w->draft)
        return which_say(sv, w, e);
    return w->records ? err_fail1(e, ERR_NOT_DRAFT, w->code)
                      : err_fail1(e, ERR_NO_INTERVIEW, w->code);
}

static bool get_reason(const struct call *c, struct secret **ret, struct err *e)
{
    struct secret *line = NULL;
    struct err none = {0};
    if (c->given[OPT_reason])
        line = secret_copy(c->value[OPT_reason], strlen(c->value[OPT_reason]));
    else if (!keep_ask(_("Why does it end without a record? "), false, &line, &none))
        return err_fail(e, ERR_NO_REASON);
    struct str text = str_trim((struct str){(const char *)secret_view(line), secret_size(line)});
    bool ok = (text.n > 0 && utf8_valid(text, NULL)) || err_fail(e, ERR_NO_REASON);
    if (ok)
        *ret = line;
    else
        secret_free(line);
    return ok;
}

static bool end_draft(const struct call *c, struct survey *sv, bool *ret_done, struct err *e)
{
    struct which w;
    struct secret *reason = NULL;
    bool yes = false;
    fflush(stdout);
    if (!find_draft(c, sv, &w, e) || !get_reason(c, &reason, e))
        return false;
    bool ok =
        keep_confirm(c, _("The draft will end and its answers will not be seen again."), &yes, e);
    if (ok && yes)
        ok = store_draft_void(survey_store(sv), &w.uuid,
                              (struct str){(const char *)secret_view(reason), secret_size(reason)},
                              host_now().ms, e);
    if (ok && yes)
        printf(_("Ended: %s. The ledger says when and why.\n"), w.code);
    secret_free(reason);
    *ret_done = yes;
    return ok;
}

int cmd_void(const struct call *c)
{
    struct err e = {0};
    struct survey *sv = NULL;
    bool done = false;
    bool ok = keep_survey_kind(c, KEEP_FIELD, &sv, &e) && end_draft(c, sv, &done, &e);
    survey_close(sv);
    return ok ? cmd_end_done(done) : cmd_fail(&e);
}
