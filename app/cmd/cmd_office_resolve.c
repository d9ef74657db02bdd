/* cacah office resolve: what is to be decided, and deciding it. A version of an interview, a way of a forked
 * laptop, the right one of two laptops that joined with one kit. */
#include "app/cmd/cmd.h"

#include <stdio.h>

#include "app/cmd/desk.h"
#include "app/cmd/say.h"
#include "app/flow/host.h"
#include "app/tr.h"
#include "sync/merge/decide.h"

static bool list(struct desk *d, bool json, struct err *e)
{
    struct matters m;
    if (!matters_load(&m, d->d, d->s, e))
        return false;
    if (json) {
        json_t *j = json_matters(&m);
        json_dumpf(j, stdout, JSON_INDENT(1));
        putchar('\n');
        json_decref(j);
    } else if (matters_undecided(&m)) {
        say_matters(&m, KIND_CONTESTED);
    } else {
        puts(_("Nothing is to be decided."));
    }
    matters_done(&m);
    return true;
}

static bool resolve_interview(struct desk *d, const struct call *c, struct err *e)
{
    struct history h = {.n = 0};
    const struct version *v;
    struct hash32 rev;
    char number[FIND_DIGITS + 1];
    if (c->n < 2)
        return err_fail(e, ERR_NO_VERSION);
    struct merge_ctx m = desk_merge(d);
    bool ok = desk_history(d, c->args[0], &h, e) &&
              history_version(&h, str_of(c->args[1]), &v, e) &&
              decide_resolve(&m, &v->r.rev_id, &rev, e);
    if (ok) {
        find_number(&rev, number);
        printf(_("%s: version %s counts from now on, as version %s. The others stay in its "
                 "history.\n"),
               c->args[0], v->number, number);
    }
    history_done(&h);
    return ok;
}

static bool resolve_fork(struct desk *d, const struct device *dev, const struct call *c,
                         struct err *e)
{
    struct hash32 row;
    if (!find_row(d->s, &dev->device, str_of(c->args[1]), &row, e))
        return false;
    if (!c->given[OPT_yes])
        return err_fail1(e, ERR_NEEDS_YES, c->args[0]);
    if (!decide_branch(d->s, &dev->device, &row, e))
        return false;
    puts(_("That way counts; the other is set aside, and whatever else comes of this laptop. Give "
           "it a new "
           "kit."));
    return true;
}

struct forks {
    const struct hash32 *device;
    bool any;
};

static void note_fork(void *ctx, const struct matter_row *m)
{
    struct forks *f = ctx;
    f->any = f->any || ((m->matter == MATTER_FORK || m->matter == MATTER_DISAGREE) &&
                        hash32_eq(&m->device, f->device));
}

/* Of a forked laptop whose kit is its own, the row was forgotten. */
static bool check_row(struct desk *d, const struct call *c, const struct device *dev, struct err *e)
{
    struct forks f = {&dev->device, false};
    if (derive_enrolment(d->d, &dev->device) != ENROLLED)
        return true;
    return derive_matters(d->d, note_fork, &f, e) &&
           (!f.any || err_fail1(e, ERR_NEEDS_ROW, c->args[0]));
}

static bool resolve_laptop(struct desk *d, const struct call *c, struct err *e)
{
    struct device dev;
    if (!find_device(d->s, str_of(c->args[0]), &dev, &d->a, e))
        return false;
    if (c->n > 1)
        return resolve_fork(d, &dev, c, e);
    if (!check_row(d, c, &dev, e) || !decide_enrolment(d->s, &dev.device, c->given[OPT_yes], e))
        return false;
    printf(_("%s is the right laptop of its kit; the others that joined with it are rejected.\n"),
           c->args[0]);
    return true;
}

int cmd_office_resolve(const struct call *c)
{
    struct err e = {0};
    struct desk d;
    uint8_t front[5];
    bool ok = desk_open(c, &d, &e);
    if (ok && c->n == 0)
        ok = list(&d, c->given[OPT_json], &e);
    else if (ok && code_parse(str_of(c->args[0]), front))
        ok = resolve_interview(&d, c, &e);
    else if (ok)
        ok = resolve_laptop(&d, c, &e);
    desk_close(&d);
    return ok ? cmd_end(0) : cmd_fail(&e);
}
