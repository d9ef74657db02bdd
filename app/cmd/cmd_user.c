/* cacah user add|list|remove: several people with one laptop, each with a passphrase of their own. They share
 * its store and its signing key; whose passphrase opened it is a claim that the interview carries. */
#include "app/cmd/cmd.h"

#include <jansson.h>
#include <stdio.h>

#include "app/cmd/keep.h"
#include "app/tr.h"
#include "forms/base/num.h"

/* ---- list ---- */

struct listed {
    struct buf text;
    json_t *users;
    bool office, paper;
};

static bool list_slot(void *ctx, const struct slot_info *i)
{
    struct listed *l = ctx;
    l->office |= i->kind == SLOT_OFFICE;
    l->paper |= i->kind == SLOT_PAPER;
    if (i->kind != SLOT_USER)
        return true;
    buf_printf(&l->text, "%4llu  %.*s%s\n", (unsigned long long)i->no,
               STR_FMT(i->name.n ? i->name : str_of(_("(no name)"))),
               i->mine ? _(" (opened it now)") : "");
    json_array_append_new(l->users,
                          json_pack("{s:I, s:s%, s:b}", "no", (json_int_t)i->no, "name",
                                    i->name.n ? i->name.p : "", i->name.n, "opened", (int)i->mine));
    return true;
}

static void say_list(const struct call *c, struct listed *l)
{
    if (c->given[OPT_json]) {
        json_t *j = json_pack("{s:O, s:b, s:b}", "users", l->users, "office", (int)l->office,
                              "paper", (int)l->paper);
        json_dumpf(j, stdout, JSON_INDENT(1));
        putchar('\n');
        json_decref(j);
        return;
    }
    if (l->office || l->paper)
        buf_printf(&l->text, _("A forgotten passphrase: %s can help ('cacah recover').\n"),
                   l->office && l->paper ? _("the office or the paper key")
                   : l->office           ? _("the office")
                                         : _("the paper key"));
    cmd_put(false, buf_str(&l->text));
}

int cmd_user_list(const struct call *c)
{
    struct err e = {0};
    struct survey *sv = NULL;
    struct listed l = {.users = json_array()};
    buf_init(&l.text, 1 << 16);
    bool ok = keep_look_any(c, &sv, &e) && store_slot_each(survey_store(sv), list_slot, &l, &e);
    if (ok)
        say_list(c, &l);
    json_decref(l.users);
    buf_done(&l.text);
    survey_close(sv);
    return ok ? cmd_end(0) : cmd_fail(&e);
}

/* ---- add ---- */

static void say_added(struct str name)
{
    struct buf b;
    buf_init(&b, 1024);
    buf_printf(&b, _("%.*s opens the store with that passphrase from now on.\n"), STR_FMT(name));
    cmd_put(false, buf_str(&b));
    buf_done(&b);
}

int cmd_user_add(const struct call *c)
{
    struct err e = {0};
    struct survey *sv = NULL;
    struct secret *passphrase = NULL;
    struct str name = str_trim(str_of(c->args[0]));
    bool ok = keep_survey_any(c, &sv, &e) && keep_passphrase_other(c, &passphrase, &e) &&
              store_slot_add(survey_store(sv), name, passphrase, &e);
    if (ok)
        say_added(name);
    secret_free(passphrase);
    survey_close(sv);
    return ok ? cmd_end(0) : cmd_fail(&e);
}

/* ---- remove ---- */

struct wanted {
    struct str word;
    uint64_t no, as_number;
};

static bool is_wanted(void *ctx, const struct slot_info *i)
{
    struct wanted *w = ctx;
    if (i->kind != SLOT_USER)
        return true;
    if (str_eq_nocase(i->name, w->word))
        w->no = i->no;
    else if (!w->no && i->no == w->as_number)
        w->no = i->no;
    return true;
}

static bool find_user(struct store *s, struct str word, uint64_t *ret, struct err *e)
{
    struct wanted w = {.word = word};
    char arg[ERR_ARG_MAX];
    if (!num_parse_uint(word, &w.as_number))
        w.as_number = 0;
    if (word.n && !store_slot_each(s, is_wanted, &w, e))
        return false;
    *ret = w.no;
    return w.no || err_fail1(e, ERR_NO_USER, err_arg(arg, word));
}

static bool remove_user(const struct call *c, struct store *s, bool *ret_done, struct err *e)
{
    uint64_t no;
    struct str word = str_trim(str_of(c->args[0]));
    if (!find_user(s, word, &no, e) ||
        !keep_confirm(c, _("This user's passphrase will open the store no longer."), ret_done, e))
        return false;
    if (!*ret_done)
        return true;
    if (!store_slot_remove(s, no, e))
        return false;
    puts(_("Removed. Backups made before still open with that passphrase."));
    return true;
}

int cmd_user_remove(const struct call *c)
{
    struct err e = {0};
    struct survey *sv = NULL;
    bool done = false;
    bool ok = keep_survey_any(c, &sv, &e) && remove_user(c, survey_store(sv), &done, &e);
    survey_close(sv);
    return ok ? cmd_end_done(done) : cmd_fail(&e);
}
