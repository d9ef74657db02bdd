/* What the program asks of a person at a terminal, line by line: the paper key shown once and proven by three
 * words, a drawn passphrase taken by Enter, a forgotten one opened by the paper key and by the office's call.
 * The program itself is driven; whatever it needs to be told is read off its screen. */
#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sync/bundle/words.h"
#include "tests/support/check_main.h"
#include "tests/support/term_pty.h"
#include "tests/support/tmpdir.h"

#define WORDS_MAX 600
#define FORM      "forms/tabalong/governance.md"

static struct pty *pty;
static char home[200], office[200], laptop[200], secret[200], other[200];

static void setup(void)
{
    tmpdir_make();
    snprintf(home, sizeof home, "HOME=%s", tmpdir_path("home"));
    snprintf(office, sizeof office, "%s", tmpdir_path("office.cacah"));
    snprintf(laptop, sizeof laptop, "%s", tmpdir_path("laptop.cacah"));
    snprintf(secret, sizeof secret, "%s", tmpdir_path("secret"));
    snprintf(other, sizeof other, "%s", tmpdir_path("other"));
}

static void teardown(void)
{
    if (pty)
        pty_free(pty);
    pty = NULL;
    tmpdir_remove();
}

/* ---- driving ---- */

/* The program with these words, on a terminal of its own. */
static void start(const char *first, ...)
{
    char *argv[24] = {getenv("CACAH")};
    int n = 1;
    va_list more;

    va_start(more, first);
    for (const char *word = first; word && n < 23; word = va_arg(more, const char *))
        argv[n++] = (char *)(uintptr_t)word;
    va_end(more);
    if (pty)
        pty_free(pty);
    pty = pty_start(argv, 40, 120, "xterm-256color", home);
}

static void say_screen(const char *wanted)
{
    struct buf b;

    buf_init(&b, (size_t)1 << 20);
    pty_text(pty, &b);
    ck_abort_msg("expected %s on\n%s", wanted, b.p);
}

/* The prompt it waits at; the whole line. */
static void prompt(const char *begins, const char *ends, char ret[WORDS_MAX])
{
    struct buf line;

    buf_init(&line, 4096);
    if (!pty_await(pty, begins, ends, &line))
        say_screen(begins);
    ck_assert_uint_lt(line.n, WORDS_MAX);
    snprintf(ret, WORDS_MAX, "%.*s", STR_FMT(buf_str(&line)));
    buf_done(&line);
}

static void type_line(const char *line)
{
    char whole[WORDS_MAX];

    snprintf(whole, sizeof whole, "%s\r", line);
    pty_type(pty, whole);
}

static void answer(const char *question, const char *line)
{
    char whole[WORDS_MAX];

    prompt(question, ":", whole);
    type_line(line);
}

static void ends(int code)
{
    int status = pty_end(pty);

    if (!WIFEXITED(status) || WEXITSTATUS(status) != code)
        say_screen("another exit code");
    ck_assert(pty_restored(pty)); /* what is typed is shown again */
}

static void shows(const char *text)
{
    if (!pty_shows(pty, text))
        say_screen(text);
}

static void put_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");

    ck_assert_ptr_nonnull(f);
    fputs(text, f);
    ck_assert_int_eq(fclose(f), 0);
}

/* What the screen shows between two texts, blanks at both ends left out. */
static void between(const char *from, const char *to, char ret[WORDS_MAX])
{
    struct buf b;

    buf_init(&b, (size_t)1 << 20);
    pty_text(pty, &b);
    const char *at = strstr(b.p, from), *end = at ? strstr(at + strlen(from), to) : NULL;
    if (!end)
        say_screen(from);
    struct str found = str_trim((struct str){at + strlen(from), (size_t)(end - at) - strlen(from)});
    ck_assert_uint_lt(found.n, WORDS_MAX);
    snprintf(ret, WORDS_MAX, "%.*s", STR_FMT(found));
    buf_done(&b);
}

/* ---- what a person does ---- */

/* Enter alone takes the passphrase that is offered; then it is typed once, unseen. */
static void take_drawn(char ret[WORDS_MAX])
{
    char line[WORDS_MAX];

    prompt("The new passphrase:", ":", line);
    between("(write it down):", "\nThe new", ret);
    pty_type(pty, "\r");
    answer("The same once more:", ret);
}

/* The words of the paper, read off the screen: "1 word  2 word …". */
static void read_paper(char ret[WORDS_MAX])
{
    char line[WORDS_MAX], table[WORDS_MAX];

    prompt("Press Enter when you have written them down", ":", line);
    between("not shown again.", "Press Enter", table);
    struct str rest = str_of(table), word;
    ret[0] = '\0';
    for (uint32_t n = 0; n < WORDS_PAPER; n++) {
        size_t at = strlen(ret);
        ck_assert(str_word(&rest, &word)); /* its number */
        ck_assert_uint_eq(strtoul(word.p, NULL, 10), n + 1);
        ck_assert(str_word(&rest, &word));
        snprintf(ret + at, WORDS_MAX - at, "%s%.*s", n ? " " : "", STR_FMT(word));
    }
    pty_type(pty, "\r");
}

/* The word that is asked for now. */
static void asked_word(const char *paper, char ret[20])
{
    char line[WORDS_MAX];
    struct str rest = str_of(paper), word = STR("");

    prompt("Word number ", ", from your paper:", line);
    for (unsigned long n = strtoul(line + strlen("Word number "), NULL, 10); n > 0; n--)
        ck_assert(str_word(&rest, &word));
    snprintf(ret, 20, "%.*s", STR_FMT(word));
}

/* An office made at the terminal; its paper key. */
static void make_office(char ret_paper[WORDS_MAX])
{
    char passphrase[WORDS_MAX], word[20];

    start("office", "init", "--store", office, "--form", FORM, NULL);
    take_drawn(passphrase);
    put_file(secret, passphrase);
    read_paper(ret_paper);
    asked_word(ret_paper, word);
    ck_assert(!pty_shows(pty, word)); /* the paper must be read, not the screen */
    type_line(word);
    asked_word(ret_paper, word);
    type_line("salah"); /* a slip: the same word is asked for again */
    asked_word(ret_paper, word);
    type_line(word);
    asked_word(ret_paper, word);
    word[4] = '\0'; /* four letters tell a word */
    type_line(word);
    ends(0);
    shows("The office's store is ready");
}

/* Neither the drawn passphrase nor the paper key stays on the screen. */
static void forgotten(const char *words)
{
    ck_assert_msg(!pty_shows(pty, words), "\"%s\" is still there", words);
}

/* ---- the tests ---- */

START_TEST(test_prompts__paper_key_proven_and_used)
{
    char paper[WORDS_MAX], wrong[WORDS_MAX], passphrase[WORDS_MAX];

    make_office(paper);
    start("user", "list", "--store", office, "--passphrase-file", secret, NULL);
    ends(0);
    shows("office (opened it now)");

    /* two words changed places: the paper's own check says so */
    snprintf(wrong, sizeof wrong, "%s %s", strchr(paper, ' ') + 1, "abad");
    start("recover", "--paper", "--store", office, NULL);
    answer("The paper key's 24 words", wrong);
    ends(1);

    start("recover", "--paper", "--store", office, NULL);
    answer("The paper key's 24 words", paper);
    take_drawn(passphrase);
    ends(0);
    shows("opens with the new passphrase");
    start("user", "list", "--store", office, "--passphrase-file", secret, NULL);
    ends(3); /* the forgotten one is gone */
    put_file(secret, passphrase);
    start("verify", office, "--passphrase-file", secret, NULL);
    ends(0);
}
END_TEST

START_TEST(test_prompts__paper_key_not_written_down)
{
    char paper[WORDS_MAX], line[WORDS_MAX], word[20];

    start("office", "init", "--store", office, "--form", FORM, NULL);
    take_drawn(line);
    for (int shown = 0; shown < 3; shown++) {
        read_paper(paper);
        for (int i = 0; i < 3; i++) {
            asked_word(paper, word);
            type_line("tidak dicatat");
        }
    }
    ends(1);
    ck_assert(access(office, F_OK) != 0); /* no survey without its paper key */
}
END_TEST

START_TEST(test_prompts__forgotten_passphrase_told_by_voice)
{
    char paper[WORDS_MAX], code[WORDS_MAX], words[WORDS_MAX], passphrase[WORDS_MAX];
    char kit[200], request[200], reply[200];

    snprintf(kit, sizeof kit, "%s", tmpdir_path("laptop.kit"));
    snprintf(request, sizeof request, "%s", tmpdir_path("request"));
    snprintf(reply, sizeof reply, "%s", tmpdir_path("reply"));
    make_office(paper);
    start("office", "kit", "--store", office, "--passphrase-file", secret, "--label", "Laptop 3",
          "-o", kit, "--code-to", other, NULL);
    ends(0);
    FILE *f = fopen(other, "r");
    ck_assert(f && fgets(code, sizeof code, f));
    fclose(f);
    code[strcspn(code, "\n")] = '\0';
    start("join", kit, "--store", laptop, "--user", "Rina", NULL);
    answer("The kit's invite code", code);
    take_drawn(passphrase);
    ends(0);
    forgotten(passphrase);

    /* forgotten: the request's words are read out on the telephone */
    start("recover", "--store", laptop, "-o", request, NULL);
    ends(0);
    between("tell these words:", "Then: cacah recover", words);
    start("office", "recover", request, "--store", office, "--passphrase-file", secret, "-o", reply,
          NULL);
    answer("Call the enumerator", "abad abadi abah abang abdi abjad"); /* somebody else's request */
    ends(1);
    ck_assert(access(reply, F_OK) != 0);
    start("office", "recover", request, "--store", office, "--passphrase-file", secret, "-o", reply,
          NULL);
    answer("Call the enumerator", words);
    ends(0);

    start("recover", reply, "--store", laptop, "--user", "Rina", NULL);
    take_drawn(passphrase);
    ends(0);
    start("status", "--store", laptop, NULL);
    answer("Passphrase", "bukan ini frasanya");
    ends(3);
    start("status", "--store", laptop, NULL);
    answer("Passphrase", passphrase);
    ends(0);
    ck_assert(!pty_shows(pty, passphrase)); /* typed unseen */
    shows("Laptop 3, Rina");

    /* one more enumerator, with a passphrase that is not typed alike the first time */
    start("user", "add", "Budi", "--store", laptop, NULL);
    answer("Passphrase", passphrase);
    answer("The new passphrase:", "frasa milik budi sendiri");
    answer("The same once more:", "frasa milik budi sendirj");
    answer("The new passphrase:", "frasa milik budi sendiri");
    answer("The same once more:", "frasa milik budi sendiri");
    ends(0);
    shows("The two passphrases differ.");
    start("status", "--store", laptop, NULL);
    answer("Passphrase", "frasa milik budi sendiri");
    ends(0);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("prompts");
    TCase *t = tcase_create("prompts");

    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 240);
    tcase_add_test(t, test_prompts__paper_key_proven_and_used);
    tcase_add_test(t, test_prompts__paper_key_not_written_down);
    tcase_add_test(t, test_prompts__forgotten_passphrase_told_by_voice);
    suite_add_tcase(suite, t);
    return suite;
}
