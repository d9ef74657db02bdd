/* cacah office successor BUNDLE: a laptop with new keys goes on for the one it was. */
#include "app/cmd/cmd.h"

#include <stdio.h>

#include "app/cmd/keep.h"
#include "app/tr.h"
#include "sync/bundle/recovery.h"
#include "sync/merge/decide.h"

static void say(const struct succession *x)
{
    struct buf b;
    buf_init(&b, 8192);
    buf_printf(&b, _("The bundle's key goes on for: %.*s\nIts words: "), STR_FMT(x->label));
    words_of_hash(WORDS_ID, &x->links[0].device.device, WORDS_FINGERPRINT, &b);
    buf_add_c(&b, '\n');
    cmd_put(false, buf_str(&b));
    fflush(stdout);
    buf_done(&b);
}

static bool succeed(const struct call *c, struct store *s, bool *ret_done, struct err *e)
{
    struct arena a;
    struct succession x;
    arena_init(&a);
    bool ok = succession_read(s, c->args[0], &x, &a, e);
    if (ok) {
        say(&x);
        ok = keep_confirm(c, _("Does the laptop show the same words?"), ret_done, e);
        for (size_t i = 0; ok && *ret_done && i < x.n; i++)
            ok = decide_succeed(s, &x.links[i].device, &x.links[i].predecessor, e);
    }
    arena_done(&a);
    return ok;
}

int cmd_office_successor(const struct call *c)
{
    struct err e = {0};
    struct survey *sv = NULL;
    bool done = false;
    bool ok = keep_survey_kind(c, KEEP_OFFICE, &sv, &e) && succeed(c, survey_store(sv), &done, &e);
    survey_close(sv);
    if (!ok)
        return cmd_fail(&e);
    puts(done ? _("Certified. Its bundles can be merged now.") : _("Nothing was changed."));
    return cmd_end(done ? 0 : ERR_FAULT);
}
