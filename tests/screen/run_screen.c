/* Runs screen tests: run_screen FILE.scr… prints TAP, a line a step that shows a screen; with
 * --bless it rewrites the screens in the files instead, with --shown it tells what they show of the program
 * at 80x24 (every.sh compares that with all there is). A file is lines of
 *
 *     # a comment                         form PATH      puts a form into the store (before open)
 *     tasks PATH  quotas PATH  out of CSV
 *     open 80x24 id                       keys F2 "text" Enter
 *     start 80x24 id  (still locked)      screen         what follows, each line behind a |, is shown
 *     resize 40x12                        idle           nobody has pressed a key for minutes
 *     practice  (it is the practice store)    click Y X
 *     far  (there is an office to send to, below)
 *     mounts TYPED…  (sticks are plugged in at /media/TYPED)
 *     go            (what is under way goes on, without a key)
 *     inbox  (it is an office's store with bundles in a folder; before open)
 *
 * Lines behind the key that begins a transfer are done within it, as its person would: one `keys` or `go`
 * whenever it looks for one.
 *
 * Blank lines at the end of a screen are left out. */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

#include "app/flow/courier.h"
#include "app/tr.h"
#include "app/view/v_interview.h"
#include "forms/base/num.h"
#include "sync/crypt/crypt.h"
#include "tests/support/ui_inbox.h"

enum mode { COMPARE, BLESS, SHOWN };

struct run {
    struct ui_case c;
    const char *file;
    enum mode mode;
    struct buf out; /* the file rewritten */
    struct str rest;
    int line;
    bool looked; /* within a transfer: a key was looked for, and there was one */
};
static struct run *running;

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

/* ---- the far side: one host, one password, a bundle of 1 MiB in four pieces ---- */

#define FAR_SIZE ((uint64_t)1 << 20)

static bool let_in(const struct transport_user *u, struct err *e)
{
    struct secret *given = NULL;

    if (!u->trust(u->ctx, "kantor.example:22",
                  "SHA256:ZzzQTFs3GkG4tk5h8kq1Qn8mB3fVh0m9xJxq2n8cV1s"))
        return err_fail2(e, ERR_HOST_REFUSED, "kantor.example:22", "SHA256:Zzz");
    if (!u->ask(u->ctx, ASK_PASSWORD, "rina@kantor.example", &given))
        return u->stop(u->ctx) ? err_fail(e, ERR_STOPPED)
                               : err_fail1(e, ERR_LOGIN_NEEDED, "rina@kantor.example");
    bool right =
        str_is((struct str){(const char *)secret_view(given), secret_size(given)}, "rahasia");
    secret_free(given);
    return right || err_fail1(e, ERR_LOGIN, "rina@kantor.example");
}

static bool move(const struct transport_user *u, const char *name, struct err *e)
{
    for (unsigned i = 0; i <= 4; i++) {
        struct transport_progress p = {.name = name,
                                       .done = FAR_SIZE / 4 * i,
                                       .total = FAR_SIZE,
                                       .ms = 2500 * (int64_t)i,
                                       .tries = i == 2};
        u->progress(u->ctx, &p);
        if (u->stop(u->ctx))
            return err_fail(e, ERR_STOPPED);
    }
    u->progress(u->ctx, NULL);
    return true;
}

static bool far_send(void *ctx, struct survey *sv, struct str place, const struct transport_user *u,
                     struct buf *report, struct err *e)
{
    (void)ctx, (void)sv;
    if (str_starts(place, STR("sftp://")) &&
        !(let_in(u, e) && move(u, "73757276-0c0ffee0-1.bundle", e)))
        return false;
    buf_printf(report, "1 MiB, %.*s", STR_FMT(place));
    return true;
}

static bool far_join(void *ctx, struct str kit, const struct secret *code, struct str user,
                     const struct secret *passphrase, const struct transport_user *u, struct err *e)
{
    (void)ctx, (void)code, (void)user, (void)passphrase;
    if (str_starts(kit, STR("sftp://")) && !(let_in(u, e) && move(u, "laptop3.kit", e)))
        return false;
    return err_fail(e, ERR_INVITE_WRONG); /* there is no kit behind it */
}

static void run_steps(struct run *r);

static bool pump(struct ui *ui, int wait_ms)
{
    (void)wait_ms;
    ui_draw(ui);
    running->looked = false;
    run_steps(running);
    ui_draw(ui);
    return running->looked;
}

static void put_far(struct run *r)
{
    r->c.start.send = far_send;
    r->c.start.receive = far_send;
    r->c.start.join = far_join;
    r->c.start.mounts = "/dev/null";
}

/* A table of mounts with these sticks. */
static bool put_sticks(struct run *r, struct str names)
{
    static char path[128];
    struct str name;

    snprintf(path, sizeof path, "%s/mounts", r->c.folder);
    FILE *f = fopen(path, "w");
    bool ok = f != NULL;
    while (ok && str_word(&names, &name))
        ok = fprintf(f, "/dev/sda1 /media/%.*s vfat rw 0 0\n", STR_FMT(name)) > 0;
    r->c.start.mounts = path;
    return f && fclose(f) == 0 && ok;
}

static bool within(const struct run *r)
{
    return r->c.ui.top && r->c.ui.top->ops == &screen_network;
}

/* ---- steps ---- */

static bool click(struct run *r, struct str row, struct str column)
{
    int64_t y, x;

    if (!num_parse_int(row, &y) || !num_parse_int(column, &x))
        return false;
    ui_click(&r->c.ui, (int)y, (int)x);
    do
        ui_draw(&r->c.ui);
    while (ui_work(&r->c.ui));
    return true;
}

static bool step(struct run *r, struct str line, struct err *e)
{
    struct str rest = line, word, arg = {0};
    char text[4096];
    int rows, cols;

    if (!str_word(&rest, &word) || word.p[0] == '#')
        return true;
    if (str_is(word, "keys")) {
        r->looked = true;
        return ui_case_keys(&r->c, rest);
    }
    if (str_is(word, "go")) {
        r->looked = true;
        return true;
    }
    if (str_is(word, "far")) {
        put_far(r);
        return true;
    }
    if (str_is(word, "idle")) {
        r->c.ui.last_key_ms -= UI_CASE_LOCK_MINUTES * 60000LL;
        r->looked = true;
        if (!within(r)) /* the clock of a screen at work stands */
            ui_tick(&r->c.ui);
        ui_draw(&r->c.ui);
        return true;
    }
    if (str_is(word, "inbox"))
        return ui_inbox(&r->c, e);
    if (str_is(word, "practice")) {
        r->c.ui.practice = true;
        return true;
    }
    if (str_is(word, "mounts"))
        return put_sticks(r, rest);
    if (!str_word(&rest, &arg) || arg.n >= sizeof text)
        return false;
    memcpy(text, arg.p, arg.n);
    text[arg.n] = '\0';
    if (str_is(word, "click"))
        return click(r, arg, str_trim(rest));
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
    r->c.ui.pump = pump;
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

/* ---- what is shown ---- */

static const struct {
    const char *name;
    const struct screen_ops *ops;
} screens[] = {
    {"unlock", &screen_unlock},     {"first", &screen_first},
    {"home", &screen_home},         {"interview", &screen_interview},
    {"contents", &screen_contents}, {"finish", &screen_finish},
    {"help", &screen_help},         {"note", &screen_note},
    {"outcome", &screen_outcome},   {"command", &screen_command},
    {"tell", &screen_tell},         {"ask", &screen_ask},
    {"new", &screen_new},           {"send", &screen_send},
    {"network", &screen_network},   {"record", &screen_record},
    {"inbox", &screen_inbox},       {"folder", &screen_folder},
};

static const char *const fields[] = {
    [FIELD_SELECT] = "SELECT",
    [FIELD_MULTIPLE] = "MULTIPLE",
    [FIELD_RANK] = "RANK",
    [FIELD_INTEGER] = "INTEGER",
    [FIELD_DECIMAL] = "DECIMAL",
    [FIELD_RANGE] = "RANGE",
    [FIELD_TEXT] = "TEXT",
    [FIELD_DATE] = "DATE",
    [FIELD_TIME] = "TIME",
    [FIELD_DATETIME] = "DATETIME",
    [FIELD_GEOPOINT] = "GEOPOINT",
    [FIELD_GEOPOINTS] = "GEOPOINTS",
    [FIELD_FILE] = "FILE",
    [FIELD_NOTE] = "NOTE",
    [FIELD_ACKNOWLEDGE] = "ACKNOWLEDGE",
    [FIELD_REPEAT] = "REPEAT",
};

/* The words of the question and of the groups around it. */
static void tell_appearances(const struct form *f, uint32_t def)
{
    for (; def != DEF_NONE; def = f->nodes[def].parent) {
        struct str rest = f->nodes[def].appearance, word;

        while (str_word(&rest, &word))
            printf("%s appearance %.*s\n", tr_language(), STR_FMT(word));
    }
}

static void tell_shown(struct ui *ui)
{
    const struct interview_screen *s = interview_screen_of(ui);

    if (ui->canvas.rows != UI_MIN_ROWS || ui->canvas.cols != UI_MIN_COLS)
        return;
    for (size_t i = 0; i < sizeof screens / sizeof *screens; i++)
        if (ui->top->ops == screens[i].ops)
            printf("%s screen %s\n", tr_language(), screens[i].name);
    if (!s || ui->top != &s->s)
        return;
    printf("%s field %s\n", tr_language(), fields[s->w->f.kind]);
    tell_appearances(session_form(ui->session), s->at.def);
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
    if (r->mode == BLESS) {
        add_screen(&r->out, buf_str(&shown));
    } else if (r->mode == SHOWN) {
        tell_shown(&r->c.ui);
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

/* To the end; within a transfer up to the next key. */
static void run_steps(struct run *r)
{
    bool one = within(r);

    while (r->rest.n && !(one && r->looked)) {
        size_t end = str_find(r->rest, '\n', 0);
        struct str line = str_sub(r->rest, 0, end);
        struct err e = {0};
        struct buf why;

        r->line++;
        r->rest = str_from(r->rest, end + 1);
        buf_add_str(&r->out, line);
        buf_add_c(&r->out, '\n');
        if (str_is(str_trim(line), "screen")) {
            compare(r, &r->rest);
            continue;
        }
        if (step(r, line, &e))
            continue;
        buf_init(&why, 4096);
        buf_add_z(&why, "cannot be done. ");
        err_text(&e, NULL, &why);
        result(r, false, why.p);
        buf_done(&why);
        r->rest.n = 0;
    }
}

static void run_file(const char *path, enum mode mode)
{
    struct run r = {.file = path, .mode = mode};
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
    r.rest = buf_str(&text);
    running = &r;
    run_steps(&r);
    ui_case_teardown(&r.c);
    if (mode == BLESS && !write_back(&r))
        result(&r, false, "cannot be written");
    buf_done(&text);
    buf_done(&r.out);
}

int main(int argc, char **argv)
{
    struct err e = {0};
    enum mode mode = argc > 1 && strcmp(argv[1], "--bless") == 0   ? BLESS
                     : argc > 1 && strcmp(argv[1], "--shown") == 0 ? SHOWN
                                                                   : COMPARE;

    setlocale(LC_ALL, "C.UTF-8");
    if (!crypt_start(&e))
        return EXIT_FAILURE;
    for (int i = mode == COMPARE ? 1 : 2; i < argc; i++)
        run_file(argv[i], mode);
    if (mode != SHOWN)
        printf("1..%d\n", test_number);
    return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
