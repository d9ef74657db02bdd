/* cacah join KIT: the kit and its code, a new passphrase, and this laptop has its store. A kit on a server is
 * fetched first. */
#include "app/cmd/cmd.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "app/cmd/keep.h"
#include "app/cmd/network.h"
#include "app/tr.h"
#include "sync/bundle/kit.h"
#include "sync/io/io.h"

static bool read_code(const struct call *c, struct secret **ret, struct err *e)
{
    if (c->given[OPT_code_file])
        return keep_first_line(c->value[OPT_code_file], ret, e);
    return keep_ask(_("The kit's invite code (six words): "), false, ret, e);
}

static void say_kit(const struct kit_info *info)
{
    struct buf b;
    buf_init(&b, 1 << 16);
    buf_printf(&b, _("survey:   %.*s%s\n"), STR_FMT(info->title),
               info->practice ? _(" (practice)") : "");
    buf_printf(&b, _("laptop:   %.*s\n"), STR_FMT(info->label));
    buf_printf(&b, _("forms:    %zu\n"), info->n_forms);
    buf_add_z(&b, _("words:    "));
    words_of_hash(WORDS_ID, &info->fingerprint, WORDS_FINGERPRINT, &b);
    buf_add_z(&b, _("\n          Compare them with the office's, by voice.\n"));
    cmd_put(false, buf_str(&b));
    buf_done(&b);
}

static bool open_file(const struct call *c, const char *path, struct kit **ret, struct err *e)
{
    struct secret *code = NULL;
    if (!read_code(c, &code, e))
        return false;
    bool ok =
        kit_open(ret, path, (struct str){(const char *)secret_view(code), secret_size(code)}, e);
    secret_free(code);
    return ok;
}

static bool open_kit(const struct call *c, const char *store, struct kit **ret, struct err *e)
{
    struct buf path;
    bool fetched = false;
    buf_init(&path, 1 << 16);
    bool ok = transport_kit(str_of(c->args[0]), store, network_user(c), &path, &fetched, e) &&
              open_file(c, path.p, ret, e);
    if (fetched)
        io_remove(path.p);
    buf_done(&path);
    return ok;
}

/* ---- going over to a new root ---- */

/* The words of the root that the kit names, from the office's mouth: typed, not only looked at. */
static bool confirm(const struct call *c, const struct kit_info *info, struct err *e)
{
    struct secret *typed = NULL;
    struct buf said, known;
    bool there = c->given[OPT_words_file];
    if (there ? !keep_first_line(c->value[OPT_words_file], &typed, e)
              : !keep_ask(_("The survey's six new words, as the office tells them: "), false,
                          &typed, e))
        return false;
    buf_init(&said, 200);
    buf_init(&known, 200);
    words_of_hash(WORDS_ID, &info->fingerprint, WORDS_FINGERPRINT, &known);
    bool ok = words_invite_read((struct str){(const char *)secret_view(typed), secret_size(typed)},
                                &said, e);
    if (ok && !str_eq(buf_str(&said), buf_str(&known)))
        ok = err_fail(e, ERR_SURVEY_WORDS);
    buf_done(&said);
    buf_done(&known);
    secret_free(typed);
    return ok;
}

static int go_over(const struct call *c)
{
    struct err e = {0};
    struct survey *sv = NULL;
    struct kit *kit = NULL;
    bool ok = keep_survey_kind(c, KEEP_FIELD, &sv, &e) &&
              open_kit(c, store_path(survey_store(sv)), &kit, &e) &&
              confirm(c, kit_info(kit), &e) && kit_new_root(survey_store(sv), kit, &e);
    if (ok)
        puts(_("This laptop belongs to the new office now. Everything it still holds waits to be "
               "sent: "
               "cacah send"));
    kit_close(kit);
    survey_close(sv);
    return ok ? cmd_end(0) : cmd_fail(&e);
}

/* ---- joining ---- */

int cmd_join(const struct call *c)
{
    char path[KEEP_PATH_MAX];
    struct err e = {0};
    struct kit *kit = NULL;
    struct store *store = NULL;
    struct secret *passphrase = NULL;
    struct stat st;
    enum keep which = c->given[OPT_supervisor] ? KEEP_OFFICE : KEEP_FIELD;
    if (c->given[OPT_new_root])
        return go_over(c);
    bool ok = keep_path(c, which, true, path, &e);
    if (ok && stat(path, &st) == 0)
        ok = err_fail1(&e, ERR_JOINED, path);
    ok = ok && open_kit(c, path, &kit, &e);
    if (ok) {
        say_kit(kit_info(kit));
        struct join j = {.user = str_of(c->given[OPT_user] ? c->value[OPT_user] : ""),
                         .supervisor = c->given[OPT_supervisor]};
        ok = keep_passphrase_new(c, &passphrase, &e);
        j.passphrase = passphrase;
        ok = ok && kit_join(&store, path, kit, &j, &e);
    }
    enum recovery_is recovery = RECOVERY_FITS;
    ok = ok && kit_recovery_check(store, &recovery, &e);
    if (ok && recovery != RECOVERY_FITS)
        puts(_("The recovery keys are not in order; what to do says: cacah doctor "
               "--passphrase-file FILE"));
    if (ok)
        printf(
            _("The store is ready: %s\nYou may delete the kit; a stick may keep remnants of it.\n"),
            path);
    secret_free(passphrase);
    kit_close(kit);
    store_close(store);
    return ok ? cmd_end(0) : cmd_fail(&e);
}
