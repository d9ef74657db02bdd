/* cacah interview [FORM]: an interview as plain prompts and lines. */
#include "app/cmd/cmd.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/cmd/keep.h"
#include "app/cmd/prefs.h"
#include "app/flow/assign.h"
#include "app/flow/courier.h"
#include "app/flow/host.h"
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

struct returned {
    uint8_t front[5];
    struct hash32 rev_id;
    struct buf comment;
    bool there;
};

static bool match(void *ctx, const struct revision *r, struct str comment, int64_t returned_ms,
                  struct err *e)
{
    struct returned *x = ctx;
    (void)returned_ms;
    (void)e;
    if (memcmp(r->uuid.b, x->front, sizeof x->front) != 0)
        return true;
    x->there = true;
    x->rev_id = r->rev_id;
    buf_clear(&x->comment);
    buf_add_str(&x->comment, comment);
    return true;
}

/* The correction of what the office returned; its comment comes first. */
static bool correct(struct survey *sv, const char *code, struct session **ret, struct err *e)
{
    struct returned x = {.there = false};
    if (!code_parse(str_of(code), x.front))
        return err_fail1(e, ERR_CODE_BAD, code);
    buf_init(&x.comment, LIMIT_ANSWER_BYTES);
    bool ok = courier_returned(sv, match, &x, e);
    if (ok && !x.there)
        ok = err_fail1(e, ERR_NOT_RETURNED, code);
    if (ok) {
        fputs(_("Returned for correction: "), stdout);
        cmd_put(false, buf_str(&x.comment));
        putchar('\n');
        ok = session_correct(ret, sv, &x.rev_id, e);
    }
    buf_wipe_done(&x.comment);
    return ok;
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
    if (c->given[OPT_correct])
        return correct(sv, c->value[OPT_correct], ret, e);
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

/* As the screens do: Indonesian, unless another was asked for. */
static void speak(const struct call *c)
{
    struct prefs p;
    struct buf warnings;
    struct err ignored = {0};
    buf_init(&warnings, (size_t)1 << 20);
    if (c->given[OPT_lang])
        tr_choose(str_of(c->value[OPT_lang]));
    else
        tr_choose(prefs_read(&p, &warnings, &ignored) && p.language ? str_of(p.language)
                                                                    : STR("id"));
    buf_done(&warnings);
}

int cmd_interview(const struct call *c)
{
    struct err e = {0};
    struct survey *sv = NULL;
    struct session *s = NULL;
    enum linear_end end = LINEAR_PAUSED;
    speak(c);
    bool ok = keep_survey_kind(c, KEEP_FIELD, &sv, &e) && start(sv, c, &s, &e) &&
              linear_run(s, stdin, stdout, &end, &e);
    if (ok && (end == LINEAR_PAUSED || end == LINEAR_ENDED))
        say_paused(s);
    session_close(s);
    survey_close(sv);
    if (!ok && err_is(&e, &ERR_STORE_MISSING) && !c->given[OPT_store])
        cmd_note("%s",
                 _("To practise without a survey: 'cacah practice'; it is interviewed plainly by "
                   "'cacah interview --store FILE FORM', FILE being the practice store."));
    if (!ok)
        return cmd_fail(&e);
    if (end != LINEAR_ENDED || isatty(STDIN_FILENO))
        return cmd_end(0);
    cmd_note("%s", _("the input ended before the interview did; ':quit' ends it on purpose"));
    return cmd_end(ERR_FAULT);
}
