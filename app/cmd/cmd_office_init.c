/* cacah office init: the office's store, its keys, the survey's forms. */
#include "app/cmd/cmd.h"

#include <stdio.h>
#include <string.h>

#include "app/cmd/form_pack.h"
#include "app/cmd/keep.h"
#include "app/cmd/paper.h"
#include "app/tr.h"
#include "sync/bundle/kit.h"

/* Compiles each form first: a survey does not begin with a form that has faults. */
static bool read_forms(const struct call *c, struct arena *a, struct office_new *n, struct err *e)
{
    size_t count = (size_t)c->n_values[OPT_form];
    struct form_files *v = ARENA_ARRAY(a, struct form_files, count);
    for (size_t i = 0; i < count; i++)
        if (!form_pack_file(c->values[OPT_form][i], a, &v[i], NULL, e))
            return false;
    n->forms = v;
    n->n_forms = count;
    return true;
}

static bool give_paper(void *ctx, const struct secret *seed, struct err *e)
{
    return paper_give(ctx, seed, e);
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

/* A survey's id, as envelopes name it; its first half tells practice from a real one. */
static bool read_survey(const struct call *c, struct office_new *n, struct id16 *id, struct err *e)
{
    if (!c->given[OPT_survey])
        return true;
    if (!hex_get(str_of(c->value[OPT_survey]), id->b, sizeof id->b) ||
        office_is_practice(id) != n->practice)
        return err_fail1(e, ERR_SURVEY_ID, c->value[OPT_survey]);
    n->survey = id;
    return true;
}

int cmd_office_init(const struct call *c)
{
    char path[KEEP_PATH_MAX];
    struct err e = {0};
    struct secret *passphrase = NULL, *paper = NULL;
    struct store *s = NULL;
    struct call call = *c;
    struct id16 survey;
    struct arena a;
    struct office_new n = {
        .title = str_of(c->given[OPT_title] ? c->value[OPT_title] : "Survei"),
        .user = str_of(c->given[OPT_user] ? c->value[OPT_user] : "office"),
        .practice = c->given[OPT_practice],
        .keep_paper = give_paper,
        .ctx = &call,
    };
    arena_init(&a);
    bool ok = read_survey(c, &n, &survey, &e) && read_forms(c, &a, &n, &e) &&
              keep_path(c, KEEP_OFFICE, true, path, &e) && paper_can_give(c, &e) &&
              keep_passphrase_new(c, &passphrase, &e);
    n.passphrase = passphrase;
    ok = ok && office_create(&s, path, &n, &paper, &e) && say_survey(s, path, &e);
    store_close(s);
    arena_done(&a);
    secret_free(passphrase);
    secret_free(paper);
    return ok ? cmd_end(0) : cmd_fail(&e);
}
