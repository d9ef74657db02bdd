/* The paper key and people; see paper.h. */
#include "app/cmd/paper.h"

#include <stdio.h>
#include <unistd.h>

#include "app/cmd/keep.h"
#include "app/tr.h"
#include "sync/bundle/words.h"
#include "sync/io/io.h"

#define PROVEN 3 /* words */
#define TRIES  3

bool paper_can_give(const struct call *c, struct err *e)
{
    if (c->given[OPT_paper_to])
        return access(c->value[OPT_paper_to], F_OK) != 0 ||
               err_fail1(e, ERR_EXISTS, c->value[OPT_paper_to]);
    FILE *tty = fopen("/dev/tty", "r+e");
    if (!tty)
        return err_fail(e, ERR_NO_TERMINAL_PAPER);
    fclose(tty);
    return true;
}

/* The n-th word, counted from 1. */
static struct str word_at(struct str words, uint32_t n)
{
    struct str word = STR("");
    while (n-- > 0 && str_word(&words, &word))
        continue;
    return word;
}

/* Typed whole or as its first four letters. */
static bool is_word(const struct secret *typed, struct str word)
{
    uint32_t a, b;
    struct str said = str_trim((struct str){(const char *)secret_view(typed), secret_size(typed)});
    return words_find(WORDS_ID, said, &a) && words_find(WORDS_ID, word, &b) && a == b;
}

static bool prove_word(struct str words, uint32_t n, struct err *e)
{
    char prompt[200];
    snprintf(prompt, sizeof prompt, _("Word number %u, from your paper: "), (unsigned)n);
    for (int i = 0; i < TRIES; i++) {
        struct secret *typed = NULL;
        if (!keep_ask(prompt, false, &typed, e))
            return false;
        bool right = is_word(typed, word_at(words, n));
        secret_free(typed);
        if (right)
            return true;
        cmd_note(_("that is not word number %u"), (unsigned)n);
    }
    return err_fail(e, ERR_PAPER_PROOF);
}

/* Three different ones, drawn. */
static bool prove(struct str words, struct err *e)
{
    uint32_t asked[PROVEN];
    for (int i = 0; i < PROVEN; i++) {
        bool again = true;
        while (again) {
            asked[i] = 1 + crypt_uniform(WORDS_PAPER);
            again = false;
            for (int k = 0; k < i; k++)
                again |= asked[k] == asked[i];
        }
        if (!prove_word(words, asked[i], e))
            return false;
    }
    return true;
}

/* Numbered, six in a row, as they are copied; wiped from the screen once they are written down. */
static bool show(struct str words, struct err *e)
{
    FILE *tty = fopen("/dev/tty", "r+e");
    struct str rest = words, word;
    struct secret *enter = NULL;
    if (!tty)
        return err_fail(e, ERR_NO_TERMINAL_PAPER);
    fprintf(tty, "%s\n\n",
            _("The paper key opens everything when all else is lost. Write these 24 words down\n"
              "and lock them away; they are not shown again."));
    for (uint32_t i = 1; str_word(&rest, &word); i++)
        fprintf(tty, "%2u %-9.*s%s", (unsigned)i, STR_FMT(word), i % 6 ? " " : "\n");
    fputc('\n', tty);
    fflush(tty);
    bool ok = keep_ask(_("Press Enter when you have written them down: "), false, &enter, e);
    secret_free(enter);
    fputs("\033[H\033[2J\033[3J", tty); /* the scrollback, too */
    fclose(tty);
    return ok && prove(words, e);
}

bool paper_give(const struct call *c, const struct secret *seed, struct err *e)
{
    struct buf words;
    buf_init(&words, 1024);
    words_paper(WORDS_ID, seed, &words);
    bool ok;
    if (c->given[OPT_paper_to]) {
        buf_add_c(&words, '\n');
        ok = io_write_file(c->value[OPT_paper_to], 0600, buf_str(&words), e);
        if (ok)
            printf(_("The paper key is in %s: print it, lock it away, and delete the file.\n"),
                   c->value[OPT_paper_to]);
    } else {
        ok = show(buf_str(&words), e);
        for (int i = 1; !ok && err_is(e, &ERR_PAPER_PROOF) && i < TRIES; i++) {
            cmd_note("%s", _("the paper may be wrong: here are its words again"));
            err_clear(e);
            ok = show(buf_str(&words), e);
        }
    }
    buf_wipe_done(&words);
    return ok;
}

bool paper_given(const struct call *c)
{
    return c->given[OPT_paper] || c->given[OPT_paper_file];
}

bool paper_take(const struct call *c, struct secret **ret_seed, struct err *e)
{
    struct secret *typed = NULL;
    bool ok = c->given[OPT_paper_file]
                  ? keep_first_line(c->value[OPT_paper_file], &typed, e)
                  : keep_ask(_("The paper key's 24 words: "), false, &typed, e);
    ok = ok && words_paper_read((struct str){(const char *)secret_view(typed), secret_size(typed)},
                                ret_seed, e);
    secret_free(typed);
    return ok;
}
