/* cacah draft migrate [CODE…]: drafts on the newest version of their form; first what each would lose. */
#include "app/cmd/cmd.h"

#include <stdio.h>

#include "app/cmd/keep.h"
#include "app/cmd/which.h"
#include "app/flow/host.h"
#include "app/flow/migrate.h"
#include "app/tr.h"

struct plan {
    struct step {
        struct id16 uuid;
        struct hash32 to;
    } * v;
    size_t n, cap;
    uint64_t lost; /* answers, of all */
};

static void add_step(struct plan *p, const struct id16 *uuid)
{
    p->v = mem_grow(p->v, p->n, &p->cap, sizeof *p->v);
    p->v[p->n++] = (struct step){.uuid = *uuid};
}

static bool note_draft(void *ctx, const struct draft *d)
{
    add_step(ctx, &d->uuid);
    return true;
}

/* Those named, which must be drafts on an older version; or all that are. */
static bool choose(const struct call *c, struct survey *sv, struct plan *p, struct err *e)
{
    size_t kept = 0;
    for (int i = 0; i < c->n; i++) {
        struct which w;
        if (!which_find(sv, c->args[i], &w, e))
            return false;
        if (!w.draft)
            return w.records ? err_fail1(e, ERR_NOT_DRAFT, w.code)
                             : err_fail1(e, ERR_NO_INTERVIEW, w.code);
        add_step(p, &w.uuid);
    }
    if (c->n == 0 && !store_draft_each(survey_store(sv), note_draft, p, e))
        return false;
    for (size_t i = 0; i < p->n; i++) {
        if (migrate_target(sv, &p->v[i].uuid, &p->v[i].to, e))
            p->v[kept++] = p->v[i];
        else if (c->n || !err_is(e, &ERR_FORM_SAME))
            return false;
        else
            err_clear(e);
    }
    p->n = kept;
    return true;
}

static bool say_fate(void *ctx, enum migrate_fate fate, struct str path, struct str value)
{
    static const char *const words[] = {
        [MIGRATE_GONE] = N_("lost: the question is gone"),
        [MIGRATE_UNFIT] = N_("lost: the question has another type"),
        [MIGRATE_INVALID] = N_("kept, but no longer allowed"),
        [MIGRATE_HIDDEN] = N_("kept, but not asked here any more"),
    };
    struct plan *p = ctx;
    struct buf b;
    buf_init(&b, LIMIT_ANSWER_BYTES * 2);
    p->lost += fate == MIGRATE_GONE || fate == MIGRATE_UNFIT;
    buf_printf(&b, "    %.*s = \"%.*s\": %s\n", STR_FMT(path), STR_FMT(value), _(words[fate]));
    cmd_put(false, buf_str(&b));
    buf_done(&b);
    return true;
}

static bool look(struct survey *sv, struct plan *p, const struct step *step, struct err *e)
{
    struct migrate_look l = {.lost = say_fate, .ctx = p};
    struct which w = {.uuid = step->uuid};
    if (!which_say(sv, &w, e) || !migrate_look(sv, &step->uuid, &step->to, &l, e))
        return false;
    printf(_("    answers: %u, of them staying: %u\n"), (unsigned)l.answered, (unsigned)l.kept);
    return true;
}

static bool migrate(const struct call *c, struct survey *sv, struct plan *p, bool *ret_done,
                    struct err *e)
{
    *ret_done = true;
    if (!choose(c, sv, p, e))
        return false;
    for (size_t i = 0; i < p->n; i++)
        if (!look(sv, p, &p->v[i], e))
            return false;
    if (p->n == 0) {
        puts(_("Every draft is on the newest version of its form."));
        return true;
    }
    fflush(stdout);
    if (c->given[OPT_dry_run])
        return true;
    if (!keep_confirm(c,
                      p->lost ? _("The answers named above would be lost.")
                              : _("No answer would be lost."),
                      ret_done, e))
        return false;
    for (size_t i = 0; *ret_done && i < p->n; i++)
        if (!migrate_draft(sv, &p->v[i].uuid, &p->v[i].to, e))
            return false;
    if (*ret_done)
        printf(tr_n("%llu draft is on the newest version of its form now.\n",
                    "%llu drafts are on the newest version of their form now.\n", p->n),
               (unsigned long long)p->n);
    return true;
}

int cmd_draft_migrate(const struct call *c)
{
    struct err e = {0};
    struct survey *sv = NULL;
    struct plan p = {.n = 0};
    bool done = false;
    bool ok = keep_survey_kind(c, KEEP_FIELD, &sv, &e) && migrate(c, sv, &p, &done, &e);
    mem_free(p.v);
    survey_close(sv);
    return ok ? cmd_end_done(done) : cmd_fail(&e);
}
