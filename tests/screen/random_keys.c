/* Random keys on the whole program, without a terminal: random_keys SEED keys|seconds N FORM…
 *
 * Each form gets a store of its own and its share of N keys, or of N seconds: every named key, text of
 * all widths, typed and pasted, clicks, the wheel, from screens of every kind, at sizes from 80x24 to 300x100 and below;
 * the form "-" stands for the first start, without a store, and with it among the forms every screen
 * must have been shown. Nothing may crash or hang, and
 *
 *   - no line may lose anything without a mark that it does (canvas.lost);
 *   - after locking in mid-interview the journal gives back the same record, field and screen;
 *   - undoing to the beginning gives the interview as it began, and doing all again the one there was.
 *
 * Prints TAP, a line a form. A failure comes again with the same arguments where it doesn't hang on
 * the respondents' random codes. */
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <unistd.h>

#include "app/flow/host.h"
#include "app/view/v_interview.h"
#include "forms/base/mem.h"
#include "forms/base/num.h"
#include "sync/crypt/crypt.h"
#include "sync/io/io.h"
#include "tests/support/ui_case.h"

#define BEGUN_MAX    256  /* interviews whose beginning is known */
#define LONG_FORM    2000 /* questions */
#define HANG_SECONDS 120  /* for one key, under a sanitiser on a busy machine */

/* What an interview was when it had just begun. */
struct begun {
    struct id16 uuid;
    struct buf answers;
    bool was_long; /* the engine forgets the oldest changes of ten thousand rows */
};

struct fuzz {
    struct ui_case c;
    const char *form;
    struct begun begun[BEGUN_MAX];
    size_t n_begun;
    uint64_t keys, locked, undone; /* how often, so that a run that tests nothing shows */
    size_t next_way;
    bool failed;
};

static uint64_t state;
static uint64_t shown[16]; /* how often each of `screens` was */
static char now_at[256];

static const struct {
    const struct screen_ops *ops;
    const char *name;
} screens[] = {
    {&screen_unlock, "unlock"},     {&screen_first, "first"},
    {&screen_home, "home"},         {&screen_interview, "interview"},
    {&screen_contents, "contents"}, {&screen_finish, "finish"},
    {&screen_help, "help"},         {&screen_note, "note"},
    {&screen_outcome, "outcome"},   {&screen_command, "command"},
    {&screen_tell, "tell"},         {&screen_ask, "ask"},
    {&screen_new, "new"},           {&screen_send, "send"},
    {&screen_record, "record"},
};
#define SCREENS (sizeof screens / sizeof *screens)

static uint32_t draw_number(uint32_t below)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state >> 33) % below;
}

/* By the processor's time, so that a busy machine hangs nothing. */
static void begin_key(const char *form, uint64_t number, const char *what, uint32_t code)
{
    struct itimerval limit = {.it_value = {.tv_sec = HANG_SECONDS}};

    setitimer(ITIMER_PROF, &limit, NULL);
    snprintf(now_at, sizeof now_at, "# hangs: %s, key %llu, %s %x\n", form,
             (unsigned long long)number, what, code);
}

static bool one_in(uint32_t n)
{
    return draw_number(n) == 0;
}

static void fail(struct fuzz *z, const char *what)
{
    struct buf text;

    buf_init(&text, (size_t)1 << 20);
    ui_draw(&z->c.ui);
    ui_case_text(&z->c, &text);
    printf("# %s: %s, after %llu keys\n%s", z->form, what, (unsigned long long)z->keys, text.p);
    buf_done(&text);
    z->failed = true;
}

/* ---- what the program asks of its surroundings ---- */

static bool no_transport(void *ctx, struct survey *sv, struct str place,
                         const struct transport_user *person, struct buf *report, struct err *e)
{
    (void)ctx, (void)sv, (void)person;
    if (place.n > 3)
        return err_fail1(e, ERR_TERMINAL, "no such place");
    buf_add_z(report, "Nothing was sent. Nothing is lost; try again.");
    return true;
}

static void list_files(void *ctx, struct str typed, struct buf *out)
{
    (void)ctx;
    for (int i = 0; i < 12; i++)
        buf_printf(out, "%.*s/foto %d.jpg\n", STR_FMT(typed), i);
}

/* The practice store is a copy: it opens with the same passphrase. */
static bool practise(void *ctx, struct secret **ret_passphrase, struct err *e)
{
    struct fuzz *z = ctx;
    struct buf bytes;
    bool ok = true;

    buf_init(&bytes, (size_t)64 << 20);
    if (access(z->c.start.practice_path, F_OK) != 0)
        ok = io_read_file(z->c.path, (size_t)64 << 20, &bytes, e) &&
             io_write_file(z->c.start.practice_path, 0600, buf_str(&bytes), e);
    buf_done(&bytes);
    if (ok)
        *ret_passphrase = secret_copy("lima kata yang dikenal", 22);
    return ok;
}

static bool join(void *ctx, struct str kit, const struct secret *code, struct str user,
                 const struct secret *passphrase, const struct transport_user *person,
                 struct err *e)
{
    (void)ctx, (void)kit, (void)code, (void)user, (void)passphrase, (void)person;
    return err_fail1(e, ERR_TERMINAL, "no kit");
}

/* ---- keys ---- */

static uint32_t any_character(void)
{
    static const uint32_t some[] = {0x301,  0x200D, 0x202E,  0x4E2D,   0xFF21, 0x1F600,
                                    0xFEFF, 0x7F,   0x1F468, 0x10FFFF, 0xFFFD, 0x0E33,
                                    0xAD,   0x1160, 0x5D0,   0x2028,   0x9B,   '\n'};
    uint32_t c = 0xA0 + draw_number(0x3000);

    return one_in(2) ? some[draw_number(sizeof some / sizeof *some)] : c;
}

/* Keys that take an interview on are likelier than those that leave it. */
static struct key random_key(void)
{
    static const char typed[] = "0123456789aeinkl-., /?hdot";
    static const uint32_t common[] = {K_ENTER, K_ENTER, K_ENTER, K_DOWN,  K_UP,       K_TAB,
                                      K_PGUP,  K_PGDN,  K_LEFT,  K_RIGHT, K_BACKSPACE};
    uint32_t n = draw_number(100);

    if (n < 45)
        return (struct key){.code = (uint32_t)typed[draw_number(sizeof typed - 1)],
                            .pasted = one_in(20)};
    if (n < 80)
        return (struct key){.code = common[draw_number(sizeof common / sizeof *common)]};
    if (n < 88)
        return (struct key){.code = KEY_FIRST_NAMED + draw_number(K_END - KEY_FIRST_NAMED),
                            .mods = (uint8_t)(one_in(3) ? draw_number(4) : 0)};
    if (n < 96)
        return (struct key){.code = 'a' + draw_number(26), .mods = MOD_CTRL};
    return (struct key){.code = any_character(), .pasted = one_in(2)};
}

/* Where random keys come seldom: the keys that lead there, one after the other. */
static const char *const ways_of_interview[] = {
    "F1",
    "F2",
    "F2 F4",
    "F3 \"a\"",
    "F4",
    "F8",
    "F10",
    "Ctrl-G",
    "Ctrl-Home",
    "Ctrl-End",
    "F12",
    "F5",
    "F8 \"4\" Enter Enter F10 Esc",
    "F8 \"4\" Enter F10 F10",
    "Shift-F9",
    "Delete",
    "Esc",
};
static const char *const ways_of_home[] = {
    "n Enter", "n Enter", "n 1",         "1",  "2 Enter", "3 Enter",
    "4 Enter", "5 Enter", "k Enter",     "t",  "l",       "/ \"a\"",
    "F1",      "Ctrl-G",  "2 End Enter", "F5", "2 Esc",   "o",
};

static void draw(struct fuzz *z)
{
    struct ui *ui = &z->c.ui;

    do {
        ui_draw(ui);
        if (ui->canvas.lost && !z->failed) {
            struct buf text;

            buf_init(&text, (size_t)1 << 20);
            canvas_text(&ui->canvas, &text);
            printf("# cut without a mark at %dx%d:\n%s", ui->canvas.cols, ui->canvas.rows, text.p);
            buf_done(&text);
            fail(z, "a text is cut without a mark");
        }
        for (size_t i = 0; ui->top && i < SCREENS; i++)
            shown[i] += ui->top->ops == screens[i].ops;
    } while (ui_work(ui));
}

static void press(struct fuzz *z, struct key k)
{
    begin_key(z->form, ++z->keys, "code", k.code);
    ui_key(&z->c.ui, k);
    draw(z);
}

/* Mostly on what a click has a meaning on. */
static void mouse(struct fuzz *z)
{
    struct canvas *c = &z->c.ui.canvas;
    int y = (int)draw_number((uint32_t)c->rows), x = (int)draw_number((uint32_t)c->cols);

    begin_key(z->form, ++z->keys, "mouse at", (uint32_t)(y * 1000 + x));
    if (c->n_spots && !one_in(4)) {
        const struct spot *s = &c->spots[draw_number((uint32_t)c->n_spots)];

        y = s->y, x = s->x;
    }
    if (one_in(3))
        ui_wheel(&z->c.ui, one_in(2));
    else
        ui_click(&z->c.ui, y, x);
    draw(z);
}

static void keys(struct fuzz *z, const char *names)
{
    ui_case_keys(&z->c, str_of(names));
    z->keys++;
    draw(z);
}

static bool in(const struct fuzz *z, const struct screen_ops *ops)
{
    return z->c.ui.top && z->c.ui.top->ops == ops;
}

/* ---- what an interview holds ---- */

/* What a person has answered, in words that two interviews can be compared by. */
static void answers_of(struct fuzz *z, struct buf *out)
{
    struct interview *iv = session_interview(z->c.ui.session);
    struct place p = PLACE_NONE;

    buf_clear(out);
    while (interview_next(iv, &p, 0)) {
        struct node_state st = interview_state(iv, &p);

        place_text(interview_form(iv), &p, out);
        buf_printf(out, "=%.*s %d %u\n", STR_FMT(interview_value(iv, &p)), st.confirmed,
                   st.instances);
    }
}

/* The whole record, with what it computes and what is not asked now. */
static void record_of(struct fuzz *z, struct buf *out)
{
    buf_clear(out);
    interview_xml(session_interview(z->c.ui.session), RECORD_DRAFT, STR("uuid:x"), STR(""), out);
}

static struct begun *begun_of(struct fuzz *z)
{
    for (size_t i = 0; i < z->n_begun; i++)
        if (id16_eq(&z->begun[i].uuid, session_uuid(z->c.ui.session)))
            return &z->begun[i];
    return NULL;
}

static void note_length(struct fuzz *z)
{
    struct interview_screen *s = interview_screen_of(&z->c.ui);
    struct begun *b = s && z->c.ui.session ? begun_of(z) : NULL;

    if (b && s->total > LONG_FORM)
        b->was_long = true;
}

static void note_beginning(struct fuzz *z)
{
    struct ui *ui = &z->c.ui;
    struct begun *b = &z->begun[z->n_begun];

    if (!ui->session || z->n_begun == BEGUN_MAX || begun_of(z) ||
        interview_can_undo(session_interview(ui->session)))
        return;
    b->uuid = *session_uuid(ui->session);
    buf_init(&b->answers, (size_t)1 << 20);
    answers_of(z, &b->answers);
    z->n_begun++;
}

static void compare(struct fuzz *z, const char *what, struct buf *before, struct buf *after)
{
    size_t at = 0;

    if (str_eq(buf_str(before), buf_str(after)))
        return;
    while (at < before->n && at < after->n && before->p[at] == after->p[at])
        at++;
    while (at > 0 && before->p[at - 1] != '\n')
        at--;
    printf("# from the line where they part:\n# before\n%.2000s\n# after\n%.2000s\n",
           before->n ? before->p + at : "", after->n ? after->p + at : "");
    fail(z, what);
}

/* ---- the properties ---- */

/* Boxes above the interview (a fault of its form, a question) are closed first. */
static bool to_interview(struct fuzz *z)
{
    for (int i = 0; i < 8 && z->c.ui.session && !in(z, &screen_interview); i++)
        press(z, (struct key){.code = K_ESC});
    return z->c.ui.session && in(z, &screen_interview);
}

static void undo_all(struct fuzz *z, bool redo)
{
    struct interview *iv = session_interview(z->c.ui.session);
    uint64_t most = 2 * interview_kept(iv) + 8;

    while (to_interview(z) && (redo ? interview_can_redo(iv) : interview_can_undo(iv))) {
        press(z, (struct key){.code = K_F9, .mods = redo ? MOD_SHIFT : 0});
        if (most-- == 0) {
            fail(z, "undo comes to no end");
            return;
        }
    }
}

static void undo_to_the_beginning(struct fuzz *z)
{
    struct begun *b = begun_of(z);
    struct buf before, after;

    if (!b || !to_interview(z))
        return;
    buf_init(&before, (size_t)1 << 20);
    buf_init(&after, (size_t)1 << 20);
    ui_resize(&z->c.ui, 60, 100);
    undo_all(z, true); /* what was undone by chance comes first */
    answers_of(z, &before);
    undo_all(z, false);
    answers_of(z, &after);
    if (!b->was_long)
        compare(z, "undone to the beginning it differs from how it began", &b->answers, &after);
    if (one_in(2)) {
        undo_all(z, true);
        answers_of(z, &after);
        compare(z, "all done again it differs from what it was", &before, &after);
    }
    z->undone++;
    buf_done(&before);
    buf_done(&after);
}

/* A practice store has opened itself. */
static void unlock(struct fuzz *z)
{
    if (!in(z, &screen_unlock))
        return;
    ui_resize(&z->c.ui, UI_MIN_ROWS, UI_MIN_COLS);
    keys(z, "Home Ctrl-K");
    keys(z, "\"lima kata yang dikenal\" Enter");
}

static void screen(struct fuzz *z, struct buf *out)
{
    buf_clear(out);
    ui_case_text(&z->c, out);
}

/* The field as it is with what is half typed in it; then the first question, the whole screen. */
static void lock_in_the_middle(struct fuzz *z)
{
    struct ui *ui = &z->c.ui;
    struct buf record[2], text[2], typed[2];
    struct place at[2] = {PLACE_NONE, PLACE_NONE};

    for (int i = 0; i < 2; i++) {
        buf_init(&record[i], (size_t)4 << 20);
        buf_init(&text[i], (size_t)1 << 20);
        buf_init(&typed[i], LIMIT_ANSWER_BYTES);
    }
    ui_resize(ui, 60, 100);
    for (int i = 0; i < 2; i++) {
        record_of(z, &record[i]);
        (void)interview_at(ui, &at[i]);
        session_cursor(ui->session, &(struct place){0}, &typed[i]);
        if (i == 1)
            break;
        ui_note(ui, STYLE_WARNING, "Siti Aminah");
        ui_lock(ui);
        if (ui->notice.p)
            fail(z, "locking keeps the memory of the last notice");
        draw(z);
        unlock(z);
        if (!to_interview(z)) {
            fail(z, "unlocking doesn't lead back into the interview");
            return;
        }
    }
    if (!place_eq(&at[0], &at[1]))
        fail(z, "unlocking leads to another field");
    compare(z, "the journal gives another record", &record[0], &record[1]);
    compare(z, "half-typed text is lost", &typed[0], &typed[1]);
    for (int i = 0; i < 2 && !z->failed; i++) {
        keys(z, "Ctrl-Home Ctrl-Home");
        if (!to_interview(z))
            break;
        screen(z, &text[i]);
        if (i == 0) {
            ui_lock(ui);
            draw(z);
            unlock(z);
        } else {
            compare(z, "the screen is another one after locking", &text[0], &text[1]);
        }
    }
    z->locked++;
    for (int i = 0; i < 2; i++) {
        buf_done(&record[i]);
        buf_done(&text[i]);
        buf_wipe_done(&typed[i]);
    }
}

/* ---- a form ---- */

static void random_size(struct fuzz *z)
{
    int rows = 24 + (int)draw_number(77), cols = 80 + (int)draw_number(221);

    if (one_in(4))
        rows = 1 + (int)draw_number(30), cols = 1 + (int)draw_number(100);
    if (one_in(3))
        rows = UI_MIN_ROWS, cols = UI_MIN_COLS;
    ui_resize(&z->c.ui, rows, cols);
    draw(z);
}

/* To any question, as the command line does; a repeat gets rows and loses some. */
static void go_anywhere(struct fuzz *z)
{
    struct interview *iv = session_interview(z->c.ui.session);
    struct place p = PLACE_NONE, chosen = PLACE_NONE;

    for (uint32_t n = 1; interview_next(iv, &p, 0); n++)
        if (one_in(n) || (p.whole && one_in(3)))
            chosen = p;
    if (chosen.def == DEF_NONE || interview_passes(interview_form(iv), &chosen))
        return;
    interview_go(&z->c.ui, &chosen);
    if (chosen.whole)
        keys(z, one_in(2) ? "a" : "Down d");
    else
        draw(z);
}

static void step(struct fuzz *z, bool first_start)
{
    struct ui *ui = &z->c.ui;

    if (ui->quit || !ui->top) {
        ui_done(ui);
        z->c.open = false;
        ui_case_start(&z->c, UI_MIN_ROWS, UI_MIN_COLS, NULL);
    }
    if (!first_start && in(z, &screen_unlock) && one_in(3))
        unlock(z);
    if (in(z, &screen_home) && one_in(4))
        keys(z, ways_of_home[z->next_way++ % (sizeof ways_of_home / sizeof *ways_of_home)]);
    if (in(z, &screen_interview) && one_in(40))
        keys(z, ways_of_interview[z->next_way++ %
                                  (sizeof ways_of_interview / sizeof *ways_of_interview)]);
    if (!in(z, &screen_home) && !in(z, &screen_interview) && one_in(15))
        press(z, (struct key){.code = K_ESC});
    note_beginning(z);
    note_length(z);
    if (in(z, &screen_interview) && one_in(30))
        go_anywhere(z);
    if (one_in(ui->canvas.rows < UI_MIN_ROWS || ui->canvas.cols < UI_MIN_COLS ? 8 : 150))
        random_size(z);
    if (one_in(12))
        mouse(z);
    else
        press(z, random_key());
    ui_tick(ui);
    if (one_in(60) && in(z, &screen_interview))
        lock_in_the_middle(z);
    if (one_in(150) && in(z, &screen_interview))
        undo_to_the_beginning(z);
}

static bool start(struct fuzz *z, bool first_start)
{
    static char practice_path[96];
    struct err e = {0};
    struct buf why;

    ui_case_setup(&z->c);
    snprintf(practice_path, sizeof practice_path, "%s/practice.cacah", z->c.folder);
    z->c.start.ctx = z;
    z->c.start.practice_path = practice_path;
    z->c.start.practise = first_start ? NULL : practise;
    z->c.start.join = join;
    z->c.start.send = z->c.start.receive = no_transport;
    z->c.start.list_files = list_files;
    if (!first_start && !ui_case_form(&z->c, z->form, &e)) {
        buf_init(&why, 4096);
        err_text(&e, NULL, &why);
        printf("# %s\n", why.p);
        buf_done(&why);
        return false;
    }
    ui_case_start(&z->c, UI_MIN_ROWS, UI_MIN_COLS, NULL);
    return true;
}

/* Until so many keys were pressed, or so long. */
static bool run(const char *form, int number, uint64_t most_keys, int64_t most_ms)
{
    bool first_start = strcmp(form, "-") == 0, ok;
    struct fuzz *z = mem_alloc(sizeof *z);
    int64_t until = host_steady_ms() + most_ms;

    z->form = form;
    ok = start(z, first_start);
    while (ok && !z->failed && z->keys < most_keys && host_steady_ms() < until)
        step(z, first_start);
    ok = ok && !z->failed;
    ui_case_teardown(&z->c);
    printf("%s %d - %s: %llu keys, %zu interviews, locked %llu times, undone %llu times\n",
           ok ? "ok" : "not ok", number, form, (unsigned long long)z->keys, z->n_begun,
           (unsigned long long)z->locked, (unsigned long long)z->undone);
    fflush(stdout);
    for (size_t i = 0; i < z->n_begun; i++)
        buf_done(&z->begun[i].answers);
    mem_free(z);
    return ok;
}

static bool all_seen(int number, bool needed)
{
    bool all = true;

    for (size_t i = 0; i < SCREENS; i++) {
        printf("# %s: shown %llu times\n", screens[i].name, (unsigned long long)shown[i]);
        all &= shown[i] > 0 || !needed;
    }
    printf("%s %d - every screen is shown\n1..%d\n", all ? "ok" : "not ok", number, number);
    return all;
}

static void hangs(int sig)
{
    (void)sig;
    if (write(STDOUT_FILENO, now_at, strlen(now_at)) > 0)
        abort();
    _exit(EXIT_FAILURE);
}

int main(int argc, char **argv)
{
    struct err e = {0};
    uint64_t much = 0;
    bool timed, ok = true, first_start = false;

    setlocale(LC_ALL, "C.UTF-8");
    signal(SIGPROF, hangs);
    if (argc < 5 || !num_parse_uint(str_of(argv[1]), &state) ||
        !num_parse_uint(str_of(argv[3]), &much) || !crypt_start(&e))
        return EXIT_FAILURE;
    timed = strcmp(argv[2], "seconds") == 0;
    much = much * (timed ? 1000 : 1) / (uint64_t)(argc - 4);
    for (int i = 4; i < argc; i++) {
        first_start |= strcmp(argv[i], "-") == 0;
        ok &= run(argv[i], i - 3, timed ? UINT64_MAX : much, timed ? (int64_t)much : INT64_MAX / 2);
    }
    ok &= all_seen(argc - 3, first_start);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
