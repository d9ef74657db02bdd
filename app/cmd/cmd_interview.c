/* cacah interview [FORM]: an interview as plain prompts and lines. */
#include "app/cmd/cmd.h"

#include <stdio.h>

#include "app/cmd/keep.h"
#include "app/flow/assign.h"
#include "app/tr.h"
#include "app/ui/linear.h"

struct newest {
    struct id16 uuid;
    int64_t changed_ms;
    bool any;
};

static bool keep_newest(void *ctx, const struct draft *d)
{
    struct newest *n = ctx;
    if (!n->any || d->changed_ms > n->changed_ms)
        *n = (struct newest){d->uuid, d->changed_ms, true};
    return true;
}

/* An assignment's interview, where the word is the id of one: begun, or gone on with. */
static bool start_assigned(struct survey *sv, struct str id, struct session **ret, bool *ret_is,
                           struct err *e)
{
    struct assignments all;
    bool ok = assignments_load(&all, sv, e);
    *ret_is = false;
    for (size_t i = 0; ok && i < all.n && !*ret_is; i++) {
        const struct assignment *a = &all.v[i];
        if (!str_eq(a->id, id) || a->state == ASSIGNED_FINISHED)
            continue;
        *ret_is = true;
        ok = a->state == ASSIGNED_OPEN ? assignment_begin(ret, sv, a, e)
                                       : session_resume(ret, sv, &a->uuid, e);
    }
    assignments_done(&all);
    return ok;
}

/* With a form a new interview; without one the draft that was touched last. */
static bool start(struct survey *sv, const struct call *c, struct session **ret, struct err *e)
{
    struct newest n = {.any = false};
    struct hash32 form;
    bool assigned = false;
    if (c->n > 0 && (!start_assigned(sv, str_of(c->args[0]), ret, &assigned, e) || assigned))
        return !e->kind;
    if (c->n > 0)
        return survey_form_named(sv, str_of(c->args[0]), &form, e) &&
               session_begin(ret, sv, &form, NULL, 0, e);
    if (!store_draft_each(survey_store(sv), keep_newest, &n, e))
        return false;
    return n.any ? session_resume(ret, sv, &n.uuid, e) : err_fail(e, ERR_NO_DRAFT);
}

static void say_paused(const struct session *s)
{
    struct buf code;
    buf_init(&code, 64);
    session_code(s, &code);
    printf(
        _("The interview is kept as a draft: 'cacah interview' goes on. Respondent's code: %s\n"),
        buf_str(&code).p);
    buf_done(&code);
}

int cmd_interview(const struct call *c)
{
    struct err e = {0};
    struct survey *sv = NULL;
    struct session *s = NULL;
    enum linear_end end = LINEAR_PAUSED;
    if (c->given[OPT_lang])
        tr_choose(str_of(c->value[OPT_lang]));
    bool ok = keep_survey_kind(c, KEEP_FIELD, &sv, &e) && start(sv, c, &s, &e) &&
              linear_run(s, stdin, stdout, &end, &e);
    if (ok && end == LINEAR_PAUSED)
        say_paused(s);
    session_close(s);
    survey_close(sv);
    return ok ? cmd_end(0) : cmd_fail(&e);
}
