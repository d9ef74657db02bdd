/* cacah office init: the office's store, its keys, the survey's forms. */
#include "app/cmd/cmd.h"

#include <stdio.h>
#include <string.h>

#include "app/cmd/form_file.h"
#include "app/cmd/form_pack.h"
#include "app/cmd/keep.h"
#include "app/cmd/paper.h"
#include "app/tr.h"
#include "sync/bundle/kit.h"

/* Compiles each form first: a survey does not begin with a form that has faults. */
static bool add_forms(const struct call *c, struct store *s, struct err *e)
{
    for (int i = 0; i < c->n_values[OPT_form]; i++)
        if (!form_add_file(s, c->values[OPT_form][i], e))
            return false;
    return true;
}

static bool say_survey(struct store *s, const char *path, struct err *e)
{
    struct buf words;
    buf_init(&words, 1024);
    bool ok = kit_survey_words(s, WORDS_ID, &words, e);
    if (ok)
        printf(_("The office's store is ready: %s\nThe survey's words: %s\n"), path, words.p);
    buf_done(&words);
    return ok;
}

/* A drawn store that could not be finished is removed: init is all or nothing. */
static void undo(struct store *s, const char *path)
{
    char lock[KEEP_PATH_MAX + 8];
    store_close(s);
    remove(path);
    snprintf(lock, sizeof lock, "%s.lock", path);
    remove(lock);
}

int cmd_office_init(const struct call *c)
{
    char path[KEEP_PATH_MAX];
    struct err e = {0};
    struct secret *passphrase = NULL, *paper = NULL;
    struct store *s = NULL;
    struct office_new n = {
        .title = str_of(c->given[OPT_title] ? c->value[OPT_title] : "Survei"),
        .user = str_of(c->given[OPT_user] ? c->value[OPT_user] : "office"),
        .practice = c->given[OPT_practice],
    };
    bool ok = keep_path(c, KEEP_OFFICE, true, path, &e) && paper_can_give(c, &e) &&
              keep_passphrase_new(c, &passphrase, &e);
    n.passphrase = passphrase;
    ok = ok && office_create(&s, path, &n, &paper, &e);
    if (ok) {
        ok = add_forms(c, s, &e) && paper_give(c, paper, &e) && say_survey(s, path, &e);
        if (!ok)
            undo(s, path);
        else
            store_close(s);
    }
    secret_free(passphrase);
    secret_free(paper);
    return ok ? cmd_end(0) : cmd_fail(&e);
}
