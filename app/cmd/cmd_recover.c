/* cacah recover: a forgotten passphrase. Without the paper key it takes two steps: a request for the office,
 * then its answer; in between, the seed that the answer is sealed to lies beside the store. */
#include "app/cmd/cmd.h"

#include <stdio.h>
#include <sys/stat.h>

#include "app/cmd/keep.h"
#include "app/cmd/paper.h"
#include "app/cmd/say.h"
#include "app/tr.h"
#include "sync/bundle/recovery.h"
#include "sync/io/io.h"
#include "sync/merge/decide.h"

#define SEED_BYTES 32

static void seed_path(const char *store, char ret[KEEP_PATH_MAX + 16])
{
    snprintf(ret, KEEP_PATH_MAX + 16, "%s.recover", store);
}

/* ---- the request ---- */

static bool keep_seed(const char *store, const struct secret *seed, struct err *e)
{
    char path[KEEP_PATH_MAX + 16];
    seed_path(store, path);
    return io_write_file(path, 0600, (struct str){(const char *)secret_view(seed), SEED_BYTES}, e);
}

static bool request(const struct call *c, const char *store, struct err *e)
{
    struct buf text, words;
    struct secret *seed = NULL;
    struct stat st;
    const char *to = c->given[OPT_output] ? c->value[OPT_output] : "laptop.recover";
    if (!c->given[OPT_force] && stat(to, &st) == 0)
        return err_fail1(e, ERR_EXISTS, to);
    buf_init(&text, RECOVERY_FILE_MAX);
    buf_init(&words, 1024);
    bool ok = recovery_ask(store, &seed, &text, e) && keep_seed(store, seed, e) &&
              io_write_file(to, 0644, buf_str(&text), e);
    if (ok) {
        recovery_words(buf_str(&text), WORDS_ID, &words);
        printf(
            _("%s: give this file to the office, and when it calls tell these words:\n\n    %s\n\n"
              "Then: cacah recover ANSWER\n"),
            to, words.p);
    }
    secret_free(seed);
    buf_done(&text);
    buf_done(&words);
    return ok;
}

/* ---- MK ---- */

static bool from_answer(const struct call *c, const char *store, struct secret **ret_mk,
                        struct err *e)
{
    char path[KEEP_PATH_MAX + 16];
    struct buf seed, text;
    struct stat st;
    seed_path(store, path);
    if (stat(path, &st) != 0)
        return err_fail(e, ERR_RECOVER_FIRST);
    buf_init(&seed, SEED_BYTES);
    buf_init(&text, RECOVERY_FILE_MAX);
    bool ok = io_read_file(path, SEED_BYTES, &seed, e) &&
              io_read_file(c->args[0], RECOVERY_FILE_MAX, &text, e);
    if (ok && seed.n != SEED_BYTES)
        ok = err_fail(e, ERR_RECOVER_FIRST);
    struct secret *s = ok ? secret_copy(seed.p, seed.n) : NULL;
    ok = ok && recovery_open(buf_str(&text), s, ret_mk, e);
    secret_free(s);
    buf_wipe_done(&seed);
    buf_done(&text);
    return ok;
}

/* ---- a new passphrase ---- */

/* An office signs what laptops obey, so its new key needs the root key's word at once. */
static bool go_on(struct store *s, const struct secret *paper, struct err *e)
{
    if (store_identity(s)->kind == STORE_OFFICE)
        return decide_certify_self(s, paper, e);
    say_successor(s);
    return true;
}

static bool open_again(const struct call *c, const char *path, const struct secret *mk,
                       const struct secret *paper, struct err *e)
{
    struct secret *passphrase = NULL;
    struct store *s = NULL;
    struct buf others;
    char seed[KEEP_PATH_MAX + 16];
    buf_init(&others, 1 << 16);
    bool ok = keep_passphrase_other(c, &passphrase, e) &&
              store_recover(&s, path, mk, str_of(c->given[OPT_user] ? c->value[OPT_user] : ""),
                            passphrase, &others, e);
    if (ok) {
        seed_path(path, seed);
        io_remove(seed);
        printf(_("The store opens with the new passphrase: %s\n"), path);
        say_users_gone(buf_str(&others));
        ok = go_on(s, paper, e);
    }
    buf_done(&others);
    store_close(s);
    secret_free(passphrase);
    return ok;
}

static bool with_key(const struct call *c, const char *path, struct err *e)
{
    struct secret *mk = NULL, *paper = NULL;
    bool ok = paper_given(c) ? paper_take(c, &paper, e) && recovery_open_paper(path, paper, &mk, e)
                             : from_answer(c, path, &mk, e);
    ok = ok && open_again(c, path, mk, paper, e);
    secret_free(mk);
    secret_free(paper);
    return ok;
}

int cmd_recover(const struct call *c)
{
    char path[KEEP_PATH_MAX];
    struct err e = {0};
    struct store_peek p;
    bool ok = keep_path_any(c, path, &e) && store_peek(path, &p, &e);
    if (ok && p.kind == STORE_OFFICE && !paper_given(c))
        ok = err_fail(&e, ERR_NOT_OFFICE_PAPER);
    ok = ok && (c->n == 0 && !paper_given(c) ? request(c, path, &e) : with_key(c, path, &e));
    return ok ? cmd_end(0) : cmd_fail(&e);
}
