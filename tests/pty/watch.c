/* Plays a script of keys on the terminal app, each slowly enough to be watched: watch APP SCRIPT. On a
 * terminal the program is seen there as it is, the captions below it; otherwise every step is printed
 * as its caption and the screen it led to, which is a recording to be read. `--check` is quick and
 * prints TAP. A script is lines of
 *
 *     form PATH            puts a form into the store (first)
 *     # a caption          keys Enter "text"          see TEXT   it must be on the screen now */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "sync/crypt/crypt.h"
#include "tests/support/term_pty.h"
#include "tests/support/ui_case.h"

#define ROWS       24
#define COLS       80
#define KEY_MS     180
#define CAPTION_MS 1600

static const struct {
    const char *name, *bytes;
} named[] = {
    {"Enter", "\r"},     {"Tab", "\t"},       {"Esc", "\033"},       {"Space", " "},
    {"Up", "\033OA"},    {"Down", "\033OB"},  {"Right", "\033OC"},   {"Left", "\033OD"},
    {"PgUp", "\033[5~"}, {"PgDn", "\033[6~"}, {"Insert", "\033[2~"}, {"Delete", "\033[3~"},
    {"F1", "\033OP"},    {"F2", "\033OQ"},    {"F3", "\033OR"},      {"F4", "\033OS"},
    {"F5", "\033[15~"},  {"F6", "\033[17~"},  {"F7", "\033[18~"},    {"F8", "\033[19~"},
    {"F9", "\033[20~"},  {"F10", "\033[21~"}, {"F12", "\033[24~"},   {"Backspace", "\177"},
    {"Ctrl-J", "\n"},    {"Ctrl-W", "\027"},  {"Ctrl-G", "\007"},
};

struct play {
    struct ui_case place;
    struct pty *pty;
    bool check, watched;
    int steps, failures;
    char caption[256];
};

static void rest(const struct play *p, long ms)
{
    struct timespec t = {ms / 1000, ms % 1000 * 1000000};

    if (p->watched)
        nanosleep(&t, NULL);
}

static void show_caption(const struct play *p)
{
    if (p->watched) {
        printf("\0337\033[%d;1H\033[2K\033[7m %s \033[0m\0338", ROWS + 2, p->caption);
        fflush(stdout);
    }
}

static void print_screen(struct play *p)
{
    struct buf text;

    buf_init(&text, (size_t)1 << 20);
    pty_text(p->pty, &text);
    printf("\n== %s\n%s", p->caption, text.p);
    buf_done(&text);
}

static bool press(struct play *p, const char *bytes)
{
    bool ok = pty_send(p->pty, bytes);

    show_caption(p);
    rest(p, KEY_MS);
    return ok;
}

static bool press_named(struct play *p, struct str name)
{
    for (size_t i = 0; i < sizeof named / sizeof *named; i++)
        if (str_is(name, named[i].name))
            return press(p, named[i].bytes);
    return name.n == 1 && press(p, (char[]){name.p[0], '\0'});
}

static bool press_keys(struct play *p, struct str keys)
{
    struct str word;
    bool ok = true;

    while (ok) {
        keys = str_trim(keys);
        if (keys.n && keys.p[0] == '"') {
            size_t end = str_find(keys, '"', 1);

            for (size_t i = 1; ok && i < end; i++)
                ok = press(p, (char[]){keys.p[i], '\0'});
            keys = str_from(keys, end + 1);
        } else if (str_word(&keys, &word)) {
            ok = press_named(p, word);
        } else {
            break;
        }
    }
    if (!p->watched && !p->check)
        print_screen(p);
    return ok;
}

static bool begin(struct play *p, const char *app)
{
    char *argv[] = {(char *)(uintptr_t)app, p->place.path, NULL};

    p->pty = pty_start(argv, ROWS, COLS, "xterm-256color", NULL);
    if (p->watched)
        pty_tee(p->pty, STDOUT_FILENO);
    return pty_settle(p->pty) && press_keys(p, STR("\"lima kata yang dikenal\" Enter"));
}

static bool see(struct play *p, struct str text)
{
    char wanted[512];

    snprintf(wanted, sizeof wanted, "%.*s", STR_FMT(text));
    return pty_shows(p->pty, wanted);
}

static bool step(struct play *p, struct str line, const char *app, struct err *e)
{
    struct str rest_of = line, word;
    char path[512];

    if (!str_word(&rest_of, &word))
        return true;
    rest_of = str_trim(rest_of);
    if (str_is(word, "#")) {
        snprintf(p->caption, sizeof p->caption, "%.*s", STR_FMT(rest_of));
        show_caption(p);
        rest(p, CAPTION_MS);
        return true;
    }
    if (str_is(word, "form")) {
        snprintf(path, sizeof path, "%.*s", STR_FMT(rest_of));
        return ui_case_form(&p->place, path, e) && begin(p, app);
    }
    if (str_is(word, "see"))
        return see(p, rest_of);
    return str_is(word, "keys") && press_keys(p, rest_of);
}

static void play(struct play *p, FILE *script, const char *app)
{
    char line[1024];
    struct err e = {0};

    for (int n = 1; fgets(line, sizeof line, script); n++) {
        bool ok = step(p, str_trim(str_of(line)), app, &e);

        p->steps++;
        p->failures += !ok;
        if (p->check || !ok)
            printf("%s %d - line %d: %s", ok ? "ok" : "not ok", p->steps, n, line);
        if (!ok && p->pty)
            print_screen(p);
        if (!ok)
            return;
    }
}

int main(int argc, char **argv)
{
    struct play p = {.check = argc > 3 && strcmp(argv[3], "--check") == 0};
    struct err e = {0};
    FILE *script = argc > 2 ? fopen(argv[2], "r") : NULL;

    if (!script || !crypt_start(&e)) {
        fprintf(stderr, "watch APP SCRIPT [--check]\n");
        return 2;
    }
    p.watched = !p.check && isatty(STDOUT_FILENO);
    ui_case_setup(&p.place);
    play(&p, script, argv[1]);
    fclose(script);
    rest(&p, CAPTION_MS);
    if (p.pty && p.failures == 0) {
        pty_signal(p.pty, SIGTERM);
        (void)pty_end(p.pty);
    }
    if (p.pty)
        pty_free(p.pty);
    ui_case_teardown(&p.place);
    if (p.check)
        printf("1..%d\n", p.steps);
    return p.failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
