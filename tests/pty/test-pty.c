/* The terminal app on a real terminal, end to end: what no test of the canvas can see. */
#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "sync/crypt/crypt.h"
#include "tests/support/check_main.h"
#include "tests/support/term_pty.h"
#include "tests/support/ui_case.h"

#define F2        "\033OQ"
#define F5        "\033[15~"
#define F10       "\033[21~"
#define PAGE_UP   "\033[5~"
#define TERM_NAME "xterm-256color"

static struct ui_case place;
static struct pty *pty;

static void setup(void)
{
    struct err e = {0};

    ck_assert(crypt_start(&e));
    ui_case_setup(&place);
    ck_assert(ui_case_form(&place, "tests/screen/types.md", &e));
}

static void teardown(void)
{
    if (pty)
        pty_free(pty);
    pty = NULL;
    ui_case_teardown(&place);
}

static void see(const char *text)
{
    struct buf b;

    if (pty_shows(pty, text))
        return;
    buf_init(&b, (size_t)1 << 20);
    pty_text(pty, &b);
    ck_abort_msg("expected to see \"%s\" on\n%s", text, b.p);
}

static void keys(const char *bytes)
{
    ck_assert_msg(pty_send(pty, bytes), "the program did not work off its keys");
}

/* One key after the other, as fingers do. */
static void type(const char *text)
{
    char one[2] = {0};

    for (; *text; text++) {
        one[0] = *text;
        keys(one);
    }
}

static void start_with(const char *term, const char *variable)
{
    char *argv[] = {(char *)(uintptr_t)getenv("CACAH_PTY_APP"), place.path, NULL};

    if (pty)
        pty_free(pty);
    pty = pty_start(argv, 24, 80, term, variable);
    ck_assert(pty_settle(pty));
    see("Frasa sandi");
    type("lima kata yang dikenal");
    keys("\r");
    see("Tabalong Smart City 2026");
}

static void start(const char *term)
{
    start_with(term, NULL);
}

static void begin_interview(void)
{
    keys("n");
    see("kuesioner yang mana");
    keys("\r");
    see("Selamat pagi");
}

/* What the store holds once the program has ended. */
static struct store_counts counts(void)
{
    struct secret *passphrase = secret_copy("lima kata yang dikenal", 22);
    struct store_counts c = {0};
    struct store *s = NULL;
    struct err e = {0};

    ck_assert(store_open(&s, place.path, passphrase, &e));
    ck_assert(store_counts(s, &c, &e));
    store_close(s);
    secret_free(passphrase);
    return c;
}

static void ended_by(int sig)
{
    int status = pty_end(pty);

    ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == sig, "status %d", status);
}

START_TEST(test_pty__interview_to_the_end)
{
    start(TERM_NAME);
    begin_interview();
    keys("\r");
    type("Siti");
    keys("\r");
    see("✓ Nama panggilan");
    ck_assert(pty_resize(pty, 40, 120));
    see("Ceritakan");
    keys("\r");
    see("Umur (tahun) *");
    keys(F5);
    see("Age (years) *");
    see("go on");
    keys(F5);
    ck_assert(pty_resize(pty, 24, 80));
    type("45");
    keys("\r");
    see("✓ Umur (tahun)");
    keys(F10);
    see("Setuju?");
    keys("\r"); /* to the question that is missing */
    keys("1");
    see("Kabupaten asal");
    keys(F10);
    see("Semuanya terisi");
    keys(F10);
    see("Kode respondennya");
    keys("\r");
    see("3 Selesai 1");
    pty_send(pty, "q");
    ck_assert_int_eq(pty_end(pty), 0);
    ck_assert(pty_restored(pty));
    ck_assert(!pty_left(pty, "Tabalong"));
    ck_assert_uint_eq(counts().revisions, 1);
    ck_assert_uint_eq(counts().drafts, 0);
}
END_TEST

/* Moves and typing are written when they are two seconds old: the program ticks once a second. */
static void wait_for_flush(void)
{
    for (int i = 0; i < 4; i++)
        ck_assert(pty_settle(pty));
}

START_TEST(test_pty__killed_and_resumed_at_the_field)
{
    start(TERM_NAME);
    begin_interview();
    keys("\r");
    type("Siti");
    keys("\r");
    keys("\r");
    see("▸  Umur (tahun) *");
    type("4");
    wait_for_flush();
    pty_signal(pty, SIGKILL);
    ended_by(SIGKILL);
    ck_assert_uint_eq(counts().drafts, 1);
    start(TERM_NAME);
    see("2 Draf 1");
    keys("\r");
    see("✓ Nama panggilan");
    see("▸  Umur (tahun) *");
    see("      4 ");
}
END_TEST

START_TEST(test_pty__killed_at_once_loses_no_answer)
{
    start(TERM_NAME);
    begin_interview();
    keys("\r");
    type("Siti");
    keys("\r");
    pty_signal(pty, SIGKILL);
    ended_by(SIGKILL);
    start(TERM_NAME);
    keys("\r");
    see("▸  Nama panggilan");
    see("Siti");
}
END_TEST

/* What can be caught saves the half-typed text too. */
static void ends_and_goes_on(int sig)
{
    start(TERM_NAME);
    begin_interview();
    keys("\r");
    type("Sit");
    pty_signal(pty, sig);
    ended_by(sig);
    ck_assert(pty_restored(pty));
    start(TERM_NAME);
    keys("\r");
    see("▸  Nama panggilan");
    see("Sit");
}

START_TEST(test_pty__sigterm_saves_half_typed_text)
{
    ends_and_goes_on(SIGTERM);
}
END_TEST

START_TEST(test_pty__sighup_saves_half_typed_text)
{
    ends_and_goes_on(SIGHUP);
}
END_TEST

START_TEST(test_pty__crash_restores_the_terminal)
{
    start(TERM_NAME);
    begin_interview();
    pty_signal(pty, SIGABRT);
    ended_by(SIGABRT);
    ck_assert(pty_restored(pty));
    ck_assert(!pty_left(pty, "Selamat"));
    ck_assert_uint_eq(counts().drafts, 1);
}
END_TEST

/* The window is closed, the line drops: the program goes, and nothing of what was typed. */
START_TEST(test_pty__lost_terminal)
{
    start(TERM_NAME);
    begin_interview();
    keys("\r");
    type("Sit");
    pty_hang_up(pty);
    ck_assert_int_ne(pty_end(pty), -1);
    ck_assert_uint_eq(counts().drafts, 1);
    start(TERM_NAME);
    see("2 Draf 1");
    keys("\r");
    see("▸  Nama panggilan");
    see("Sit");
}
END_TEST

/* A closed lid, half-typed text and all. */
START_TEST(test_pty__stopped_in_a_word)
{
    start(TERM_NAME);
    begin_interview();
    keys("\r");
    type("Si");
    pty_signal(pty, SIGSTOP);
    pty_signal(pty, SIGCONT);
    ck_assert(pty_settle(pty));
    type("ti");
    see("▸  Nama panggilan");
    see("Siti");
}
END_TEST

START_TEST(test_pty__stopped_and_continued)
{
    start(TERM_NAME);
    begin_interview();
    pty_signal(pty, SIGSTOP);
    pty_signal(pty, SIGCONT);
    ck_assert(pty_settle(pty));
    keys("\r");
    see("Nama panggilan");
}
END_TEST

START_TEST(test_pty__keys_that_terminals_eat_do_no_harm)
{
    start(TERM_NAME);
    begin_interview();
    keys("\r");
    type("Si");
    keys("\x13"); /* Ctrl-S */
    keys("\x11"); /* Ctrl-Q */
    keys("\x1a"); /* Ctrl-Z */
    keys("\x04"); /* Ctrl-D */
    keys("\x03"); /* Ctrl-C */
    type("ti");
    see("Siti");
    keys("\033x"); /* Alt-x is no Esc */
    see("▸  Nama panggilan");
}
END_TEST

START_TEST(test_pty__paste_is_text)
{
    start(TERM_NAME);
    begin_interview();
    keys("\r");
    keys("\033[200~Siti\rAminah\033[201~");
    see("Siti Aminah");
    see("▸  Nama panggilan");
    keys("\r");
    see("▸  Ceritakan");
}
END_TEST

static void repeat(struct buf *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_add_z(b, "panjang ");
}

/* More than an answer may hold: it is cut with a word, and the screen is there again. */
START_TEST(test_pty__long_paste)
{
    struct buf b;

    buf_init(&b, (size_t)4 << 20);
    start(TERM_NAME);
    begin_interview();
    keys("\r");
    buf_add_z(&b, "\033[200~");
    repeat(&b, (LIMIT_ANSWER_BYTES >> 3) + 1000);
    buf_add_z(&b, "\033[201~");
    keys(b.p);
    see("lainnya ditinggalkan");
    see("panjang");
    keys("\x15"); /* Ctrl-U takes it back */
    type("Siti");
    keys("\r");
    see("✓ Nama panggilan");
    buf_done(&b);
}
END_TEST

/* A terminal that doesn't mark what is pasted: it is typed, fast; and where nothing is typed, it is refused. */
START_TEST(test_pty__long_typing)
{
    struct buf b;

    buf_init(&b, (size_t)1 << 20);
    start(TERM_NAME);
    begin_interview();
    keys("\r");
    repeat(&b, 12800);
    buf_add_z(&b, "habis");
    keys(b.p);
    see("panjang habis");
    keys("\x02"); /* Ctrl-B */
    see("Berhenti");
    buf_clear(&b);
    for (int i = 0; i < 100000; i++)
        buf_add_c(&b, 'z');
    keys(b.p);
    keys("\033");
    see("panjang habis");
    buf_done(&b);
}
END_TEST

/* As xterm tells of them: button, column, row; M pressed, m let go. */
START_TEST(test_pty__mouse)
{
    start(TERM_NAME);
    begin_interview();
    keys("\033[<0;10;7M\033[<0;10;7m"); /* on a question further down */
    see("▸  Ceritakan");
    keys("\033[<0;10;17M\033[<0;10;17m"); /* and one without anything to type */
    see("▸  Setuju?");
    keys("\033[<0;2;3M\033[<0;2;3m\033[<65;10;10M"); /* nothing there, and the wheel on a list */
    see("▸   2  Tidak");
    keys("\033[<64;10;10M");
    see("▸   1  Ya");
    pty_signal(pty, SIGTERM);
    ended_by(SIGTERM);
    ck_assert(pty_restored(pty));
}
END_TEST

START_TEST(test_pty__too_small_waits)
{
    start(TERM_NAME);
    begin_interview();
    ck_assert(pty_resize(pty, 12, 40));
    see("Layar terlalu kecil: 40×12.");
    keys("x");
    ck_assert(pty_resize(pty, 24, 80));
    see("Selamat pagi");
}
END_TEST

static const char *const terminals[] = {"xterm-256color", "linux", "screen", "xterm", "vt100"};

START_TEST(test_pty__terminals)
{
    start(terminals[_i]);
    begin_interview();
    keys("\r");
    type("Siti");
    keys("\r");
    see("Ceritakan");
    see("Siti");
}
END_TEST

/* The entry of a vt100 has other bytes for its F-keys than what shows itself under that name; "ansi" has none
 * at all, and Ctrl does it. */
START_TEST(test_pty__function_keys_of_an_old_terminal)
{
    start("vt100");
    begin_interview();
    keys("\033[19~"); /* F8 */
    see("Berhenti");
    keys("\033");
    see("Selamat pagi");
    keys(F10);
    see("Selesaikan wawancara");
    start("ansi");
    begin_interview();
    see("Ctrl-B berhenti");
    see("Ctrl-O selesai");
    keys("\x02");
    see("Berhenti");
}
END_TEST

START_TEST(test_pty__no_color_is_obeyed)
{
    start(TERM_NAME);
    begin_interview();
    ck_assert(pty_coloured(pty));
    start_with(TERM_NAME, "NO_COLOR=1");
    begin_interview();
    ck_assert(!pty_coloured(pty));
}
END_TEST

/* Goals: 16 bytes for a typed character, 400 for the page after a key. */
START_TEST(test_pty__few_bytes)
{
    size_t before, page;

    start(TERM_NAME);
    begin_interview();
    keys("\r");
    keys("S");
    before = pty_written(pty);
    keys("i");
    ck_assert_uint_le(pty_written(pty) - before, 16);
    keys("ti");
    /* of two pages the smaller: a second may begin in one, and its clocks come on top */
    before = pty_written(pty);
    keys("\r");
    page = pty_written(pty) - before;
    before = pty_written(pty);
    keys("\r");
    if (pty_written(pty) - before < page)
        page = pty_written(pty) - before;
    ck_assert_msg(page <= 400, "%zu bytes", page);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("pty");
    TCase *tc = tcase_create("pty");

    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, test_pty__interview_to_the_end);
    tcase_add_test(tc, test_pty__killed_and_resumed_at_the_field);
    tcase_add_test(tc, test_pty__killed_at_once_loses_no_answer);
    tcase_add_test(tc, test_pty__sigterm_saves_half_typed_text);
    tcase_add_test(tc, test_pty__sighup_saves_half_typed_text);
    tcase_add_test(tc, test_pty__crash_restores_the_terminal);
    tcase_add_test(tc, test_pty__lost_terminal);
    tcase_add_test(tc, test_pty__stopped_in_a_word);
    tcase_add_test(tc, test_pty__stopped_and_continued);
    tcase_add_test(tc, test_pty__keys_that_terminals_eat_do_no_harm);
    tcase_add_test(tc, test_pty__paste_is_text);
    tcase_add_test(tc, test_pty__long_paste);
    tcase_add_test(tc, test_pty__long_typing);
    tcase_add_test(tc, test_pty__mouse);
    tcase_add_test(tc, test_pty__too_small_waits);
    tcase_add_loop_test(tc, test_pty__terminals, 0, 5);
    tcase_add_test(tc, test_pty__function_keys_of_an_old_terminal);
    tcase_add_test(tc, test_pty__no_color_is_obeyed);
    tcase_add_test(tc, test_pty__few_bytes);
    suite_add_tcase(suite, tc);
    return suite;
}
