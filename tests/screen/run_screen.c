/* Runs screen tests: run_screen FILE.scr… prints TAP, a line a step that shows a screen; with
 * --bless it rewrites the screens in the files instead. A file is lines of
 *
 *     # a comment                         form PATH      puts a form into the store (before open)
 *     tasks PATH  quotas PATH  out of CSV
 *     open 80x24 id                       keys F2 "text" Enter
 *     start 80x24 id  (still locked)      screen         what follows, each line behind a |, is shown
 *     resize 40x12                        idle           nobody has pressed a key for minutes
 *     practice  (it is the practice store)
 *
 * Blank lines at the end of a screen are left out. */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

#include "app/tr.h"
#include "forms/base/num.h"
#include "sync/crypt/crypt.h"
#include "tests/support/ui_case.h"

struct run {
    struct ui_case c;
    const char *file;
    bool bless;
    struct buf out; /* the file rewritten */
    int line;
};

static int test_number, failures;

static void result(const struct run *r, bool ok, const char *why)
{
    printf("%s %d - %s:%d%s%s\n", ok ? "ok" : "not ok", ++test_number, r->file, r->line,
           why[0] ? ": " : "", why);
    failures += !ok;
}

/* "80x24" */
static bool parse_size(struct str s, int *rows, int *cols)
{
    struct str rest = s, part;
    int64_t v;

    if (!str_split(&rest, 'x', &part) || !num_parse_int(part, &v))
        return false;
    *cols = (int)v;
    if (!num_parse_int(rest, &v))
        return false;
    *rows = (int)v;
    return true;
}

static bool step(struct run *r, struct str line, struct err *e)
{
    struct str rest = line, word, arg = {0};
    char text[4096];
    int rows, cols;

    if (!str_word(&rest, &word) || word.p[0] == '#')
        return true;
    if (str_is(word, "keys"))
        return ui_case_keys(&r->c, rest);
    if (str_is(word, "idle")) {
        r->c.ui.last_key_ms -= UI_CASE_LOCK_MINUTES * 60000LL;
        ui_tick(&r->c.ui);
        ui_draw(&r->c.ui);
        return true;
    }
    if (str_is(word, "practice")) {
        r->c.ui.practice = true;
        return true;
    }
    if (!str_word(&rest, &arg) || arg.n >= sizeof text)
        return false;
    memcpy(text, arg.p, arg.n);
    text[arg.n] = '\0';
    if (str_is(word, "form"))
        return ui_case_form(&r->c, text, e);
    if (str_is(word, "tasks"))
        return ui_case_tasks(&r->c, text, e);
    if (str_is(word, "quotas"))
        return ui_case_quotas(&r->c, text, e);
    if (!parse_size(arg, &rows, &cols))
        return false;
    if (str_is(word, "resize")) {
        ui_resize(&r->c.ui, rows, cols);
        ui_draw(&r->c.ui);
        return true;
    }
    if (!str_word(&rest, &arg))
        return false;
    if (str_is(word, "open"))
        ui_case_open(&r->c, rows, cols, str_is(arg, "en") ? "en" : "id");
    else if (str_is(word, "start"))
        ui_case_start(&r->c, rows, cols, str_is(arg, "en") ? "en" : "id");
    else
        return false;
    return true;
}

/* The lines behind | that follow; *rest is left behind them. */
static void expected_of(struct run *r, struct str *rest, struct buf *out)
{
    while (rest->n && rest->p[0] == '|') {
        size_t end = str_find(*rest, '\n', 0);

        buf_add_str(out, str_sub(*rest, 1, end - 1));
        buf_add_c(out, '\n');
        *rest = str_from(*rest, end + 1);
        r->line++;
    }
}

static void without_blank_end(struct buf *b)
{
    while (b->n > 1 && b->p[b->n - 1] == '\n' && b->p[b->n - 2] == '\n')
        b->n--;
}

static void print_screen(const char *title, struct str s)
{
    struct str line;

    printf("# %s\n", title);
    while (str_split(&s, '\n', &line))
        printf("#   |%.*s\n", STR_FMT(line));
}

static void add_screen(struct buf *out, struct str s)
{
    struct str line;

    while (s.n && str_split(&s, '\n', &line)) {
        buf_add_c(out, '|');
        buf_add_str(out, line);
        buf_add_c(out, '\n');
    }
}

static void compare(struct run *r, struct str *rest)
{
    struct buf expected, shown;

    buf_init(&expected, (size_t)1 << 20);
    buf_init(&shown, (size_t)1 << 20);
    expected_of(r, rest, &expected);
    ui_case_text(&r->c, &shown);
    without_blank_end(&shown);
    without_blank_end(&expected);
    if (r->bless) {
        add_screen(&r->out, buf_str(&shown));
    } else {
        bool same = str_eq(buf_str(&expected), buf_str(&shown));

        result(r, same && r->c.ui.canvas.lost == 0,
               !same                 ? "the screen differs"
               : r->c.ui.canvas.lost ? "something is cut without a mark"
                                     : "");
        if (!same) {
            print_screen("expected", buf_str(&expected));
            print_screen("shown", buf_str(&shown));
        }
    }
    buf_done(&expected);
    buf_done(&shown);
}

static bool write_back(const struct run *r)
{
    FILE *f = fopen(r->file, "w");
    bool ok = f && fwrite(r->out.p, 1, r->out.n, f) == r->out.n;

    return f && fclose(f) == 0 && ok;
}

static void run_steps(struct run *r, struct str rest)
{
    while (rest.n) {
        size_t end = str_find(rest, '\n', 0);
        struct str line = str_sub(rest, 0, end);
        struct err e = {0};
        struct buf why;

        r->line++;
        rest = str_from(rest, end + 1);
        buf_add_str(&r->out, line);
        buf_add_c(&r->out, '\n');
        if (str_is(str_trim(line), "screen")) {
            compare(r, &rest);
            continue;
        }
        if (step(r, line, &e))
            continue;
        buf_init(&why, 4096);
        buf_add_z(&why, "cannot be done. ");
        err_text(&e, NULL, &why);
        result(r, false, why.p);
        buf_done(&why);
        return;
    }
}

static void run_file(const char *path, bool bless)
{
    struct run r = {.file = path, .bless = bless};
    struct buf text;
    FILE *f = fopen(path, "r");
    char part[4096];
    size_t n;

    buf_init(&text, (size_t)4 << 20);
    buf_init(&r.out, (size_t)4 << 20);
    while (f && (n = fread(part, 1, sizeof part, f)) > 0)
        buf_add(&text, part, n);
    if (f)
        fclose(f);
    else
        result(&r, false, "cannot be read");
    ui_case_setup(&r.c);
    run_steps(&r, buf_str(&text));
    ui_case_teardown(&r.c);
    if (bless && !write_back(&r))
        result(&r, false, "cannot be written");
    buf_done(&text);
    buf_done(&r.out);
}

int main(int argc, char **argv)
{
    struct err e = {0};
    bool bless = argc > 1 && strcmp(argv[1], "--bless") == 0;

    setlocale(LC_ALL, "C.UTF-8");
    if (!crypt_start(&e))
        return EXIT_FAILURE;
    for (int i = bless ? 2 : 1; i < argc; i++)
        run_file(argv[i], bless);
    printf("1..%d\n", test_number);
    return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
