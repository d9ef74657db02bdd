/* cacah office certify LAPTOP: with the paper key, what a further office machine or a supervisor may do; or
 * that a laptop is the successor of another. Office machines and supervisors become recipients of all
 * bundles: laptops learn so from their next receipt. */
#include "app/cmd/cmd.h"

#include <stdio.h>
#include <string.h>

#include "app/cmd/desk.h"
#include "app/tr.h"
#include "sync/bundle/kit.h"
#include "sync/merge/decide.h"

#define MAY_OF_SUPERVISOR ((uint32_t)MAY_REVIEW | MAY_FORWARD | MAY_KIT)
#define MAY_OF_OFFICE     (MAY_OF_SUPERVISOR | (uint32_t)MAY_PURGE | MAY_ERASE)

static bool read_paper(const struct call *c, struct secret **ret, struct err *e)
{
    struct secret *typed = NULL;
    bool ok = c->given[OPT_paper_file]
                  ? keep_first_line(c->value[OPT_paper_file], &typed, e)
                  : keep_ask(_("The paper key, all 24 words: "), true, &typed, e);
    if (!ok)
        return false;
    ok = words_paper_read((struct str){(const char *)secret_view(typed), secret_size(typed)}, ret,
                          e);
    secret_free(typed);
    return ok;
}

static bool rights(const struct call *c, uint32_t *ret, struct err *e)
{
    if (c->given[OPT_successor_of] && c->given[OPT_as])
        return err_fail1(e, ERR_ROLE, "--as --successor-of");
    if (c->given[OPT_successor_of])
        *ret = MAY_INTERVIEW;
    else if (!c->given[OPT_as] || strcmp(c->value[OPT_as], "supervisor") == 0)
        *ret = MAY_OF_SUPERVISOR;
    else if (strcmp(c->value[OPT_as], "office") == 0)
        *ret = MAY_OF_OFFICE;
    else
        return err_fail1(e, ERR_ROLE, c->value[OPT_as]);
    return true;
}

/* One more of those to whom laptops seal their bundles. */
static bool add_recipient(struct desk *d, const struct device *dev, struct err *e)
{
    struct config c;
    if (!kit_config(d->s, &c, &d->a, e))
        return false;
    struct config_recipient *v = ARENA_ARRAY(&d->a, struct config_recipient, c.n_recipients + 1);
    for (size_t i = 0; i < c.n_recipients; i++) {
        if (pk32_eq(&c.recipients[i].x_pk, &dev->x_pk))
            return true;
        v[i] = c.recipients[i];
    }
    v[c.n_recipients++] = (struct config_recipient){dev->x_pk, dev->label};
    c.recipients = v;
    return office_config_set(d->s, &c, e);
}

static bool certify(struct desk *d, const struct call *c, uint32_t may, struct err *e)
{
    struct device dev, old;
    struct secret *paper = NULL;
    const struct hash32 *predecessor = NULL;
    if (!find_device(d->s, str_of(c->args[0]), &dev, &d->a, e))
        return false;
    if (c->given[OPT_successor_of]) {
        if (!find_device(d->s, str_of(c->value[OPT_successor_of]), &old, &d->a, e))
            return false;
        predecessor = &old.device;
    }
    if (!read_paper(c, &paper, e))
        return false;
    bool ok = decide_certify(d->s, paper, &dev, may, predecessor, e) &&
              (predecessor || add_recipient(d, &dev, e));
    secret_free(paper);
    return ok;
}

int cmd_office_certify(const struct call *c)
{
    struct err e = {0};
    struct desk d = {.sv = NULL};
    uint32_t may = 0;
    if (!rights(c, &may, &e))
        return cmd_fail(&e);
    bool ok = desk_open(c, &d, &e) && certify(&d, c, may, &e);
    desk_close(&d);
    if (!ok)
        return cmd_fail(&e);
    printf(
        may == MAY_INTERVIEW
            ? _("%s continues the other laptop's interviews from now on.\n")
            : _("%s is certified. It learns so from its next receipt, and so do the laptops, which "
                "seal their bundles to it too: office receipt\n"),
        c->args[0]);
    return cmd_end(0);
}
