/* cacah passwd: another passphrase; --compromised: other keys as well. */
#include "app/cmd/cmd.h"

#include <stdio.h>

#include "app/cmd/keep.h"
#include "app/cmd/paper.h"
#include "app/cmd/say.h"
#include "app/tr.h"
#include "sync/bundle/recovery.h"
#include "sync/merge/decide.h"

static bool change(struct store *s, const struct secret *passphrase, struct err *e)
{
    if (!store_passphrase_change(s, passphrase, e))
        return false;
    puts(_("The passphrase is changed. Backups made before still open with the old one."));
    return true;
}

/* The office's certificate names its key, so that a new one needs the root key's word. */
static bool rekey_office(const struct call *c, struct store *s, const struct secret *passphrase,
                         struct err *e)
{
    struct secret *paper = NULL;
    if (!paper_given(c))
        return err_fail(e, ERR_NOT_OFFICE_PAPER);
    bool ok = paper_take(c, &paper, e) && recovery_check_paper(s, paper, e) &&
              store_rekey(s, passphrase, e) && decide_certify_self(s, paper, e);
    secret_free(paper);
    return ok;
}

static bool note_other(void *ctx, const struct slot_info *i)
{
    struct buf *others = ctx;
    if (i->kind == SLOT_USER && !i->mine && i->name.n) {
        buf_add_str(others, i->name);
        buf_add_c(others, '\n');
    }
    return true;
}

static bool renew(const struct call *c, struct store *s, const struct secret *passphrase,
                  struct err *e)
{
    bool office = store_identity(s)->kind == STORE_OFFICE;
    struct buf others;
    buf_init(&others, 1 << 16);
    if (!store_slot_each(s, note_other, &others, e) ||
        (office ? !rekey_office(c, s, passphrase, e) : !store_rekey(s, passphrase, e))) {
        buf_done(&others);
        return false;
    }
    puts(_("New keys, and everything sealed anew. Backups made before still open with the old "
           "passphrase: destroy them."));
    say_users_gone(buf_str(&others));
    buf_done(&others);
    if (!office)
        say_successor(s);
    return true;
}

static bool passwd(const struct call *c, struct store *s, bool *ret_done, struct err *e)
{
    struct secret *passphrase = NULL;
    bool yes = true;
    if (c->given[OPT_compromised] &&
        !keep_confirm(c, _("New keys will be made for this store."), &yes, e))
        return false;
    *ret_done = yes;
    if (!yes)
        return true;
    bool ok = keep_passphrase_other(c, &passphrase, e) &&
              (c->given[OPT_compromised] ? renew(c, s, passphrase, e) : change(s, passphrase, e));
    secret_free(passphrase);
    return ok;
}

int cmd_passwd(const struct call *c)
{
    struct err e = {0};
    struct survey *sv = NULL;
    bool done = false;
    bool ok = keep_survey_any(c, &sv, &e) && passwd(c, survey_store(sv), &done, &e);
    survey_close(sv);
    return ok ? cmd_end_done(done) : cmd_fail(&e);
}
