/* The terminal app over real servers: a laptop joins with a kit that lies there, sends, and receives; the host's
 * key is shown and pinned, the password typed; what comes of it is on the far side and in the store. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sync/io/io.h"
#include "tests/support/check_main.h"
#include "tests/support/circle_case.h"
#include "tests/support/term_pty.h"
#include "tests/support/tmpdir.h"
#include "tests/transport/servers.h"

static struct circle_case c;
static struct pty *pty;
static struct err e;

static void setup(void)
{
    circle_setup(&c);
    e = (struct err){0};
}

static void teardown(void)
{
    if (pty)
        pty_free(pty);
    pty = NULL;
    circle_teardown(&c);
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

static void type(const char *text)
{
    char one[2] = {0};
    for (; *text; text++) {
        one[0] = *text;
        keys(one);
    }
}

static void program(const char *store)
{
    static char home[300], path[300];
    snprintf(home, sizeof home, "HOME=%s", tmpdir_path("."));
    snprintf(path, sizeof path, "%s", tmpdir_path(store));
    char *argv[] = {(char *)(uintptr_t)getenv("CACAH_PTY"),
                    (char *)(uintptr_t) "--lang",
                    (char *)(uintptr_t) "id",
                    (char *)(uintptr_t) "--store",
                    path,
                    NULL};
    if (pty)
        pty_free(pty);
    pty = pty_start(argv, 24, 80, "xterm-256color", home);
    ck_assert(pty_settle(pty));
}

/* The ways there are: by password; or as the preferences say, with a key, and to a server whose certificate no
 * authority knows. */
enum { SFTP, HTTP, SFTP_KEY, HTTPS_PIN, WAYS };

static bool is_sftp(int way)
{
    return way == SFTP || way == SFTP_KEY;
}

static const char *url_of(int way, const char *name)
{
    static char url[600];
    if (is_sftp(way))
        snprintf(url, sizeof url, "sftp://" SERVER_USER "@127.0.0.1:%d%s%s", servers_ssh(),
                 servers_path("sftp"), name);
    else
        snprintf(url, sizeof url, "%s://" SERVER_USER "@127.0.0.1:%d/survei%s",
                 way == HTTP ? "http" : "https", way == HTTP ? servers_http() : servers_https(),
                 name);
    return url;
}

static void preferences(int way)
{
    struct buf b;
    if (way != SFTP_KEY && way != HTTPS_PIN)
        return;
    buf_init(&b, 8192);
    if (way == SFTP_KEY) {
        buf_printf(&b, "ssh-key = %s\n", servers_path("user"));
    } else {
        buf_add_z(&b, "pin = sha256//");
        circle_ok(io_read_file(servers_path("tls.pin"), 100, &b, &e), &e);
        buf_add_c(&b, '\n');
    }
    ck_assert_int_eq(mkdir(tmpdir_path(".config"), 0700), 0);
    ck_assert_int_eq(mkdir(tmpdir_path(".config/cacah"), 0700), 0);
    circle_ok(io_write_file(tmpdir_path(".config/cacah/config"), 0600, buf_str(&b), &e), &e);
    buf_done(&b);
}

static void there(int way, const char *name, char ret[600])
{
    snprintf(ret, 600, "%s/%s", servers_path(is_sftp(way) ? "sftp" : "root/survei"), name);
}

/* Through the questions of a far side met for the first time (WebDAV has no host keys), or again. */
static void log_in(int way, bool first)
{
    if (is_sftp(way) && first) {
        see("ditemui untuk pertama kali");
        see("SHA256:");
        keys("\r");
    }
    if (way == SFTP_KEY)
        return;
    see("Kata sandi untuk " SERVER_USER "@127.0.0.1");
    type("rahasia");
    keys("\r");
}

static void merge_what_came(int way, const char *name)
{
    struct merge_report r = {0};
    struct merge_ctx m = {.store = c.office, .now_ms = CIRCLE_NOW};
    enum merge_outcome outcome;
    struct err why = {0};
    char path[600];
    there(way, name, path);
    circle_ok(merge_file(&m, path, &r, &outcome, &why, &e), &e);
    circle_ok(!why.kind, &why);
    ck_assert_uint_eq(r.new, 1);
    ck_assert_int_eq(remove(path), 0);
}

static struct store *reopen(const char *name)
{
    struct store *s = NULL;
    circle_ok(store_open(&s, tmpdir_path(name), c.passphrase, &e), &e);
    return s;
}

START_TEST(test_screens__send_and_receive)
{
    int way = _i;
    char name[64], in[100], path[600], folder[600];
    struct store *s = circle_laptop(&c, c.office, "laptop.cacah");
    struct hash32 rev = circle_interview(&c, s, "<data>1</data>", "", NULL);
    struct receipt_new n = {.device = store_identity(s)->device, .now_ms = CIRCLE_NOW};
    struct receipt_written w;
    const uint8_t *sv = store_identity(s)->survey.b, *d = n.device.b;
    snprintf(name, sizeof name, "%02x%02x%02x%02x-%02x%02x%02x%02x-1", sv[0], sv[1], sv[2], sv[3],
             d[0], d[1], d[2], d[3]);
    store_close(s);
    preferences(way);
    program("laptop.cacah");
    see("Frasa sandi");
    type("lima kata yang dikenal");
    keys("\r");
    see("Dampak Tabalong");
    keys("k");
    see("1 wawancara menunggu tanda terima");
    type(url_of(way, ""));
    keys("\r");
    log_in(way, true);
    see("Terkirim");
    keys("\r");
    snprintf(in, sizeof in, "in/%s.bundle", name);
    merge_what_came(way, in);

    there(way, "out", folder);
    ck_assert(mkdir(folder, 0777) == 0 || access(folder, W_OK) == 0);
    circle_ok(receipt_write(c.office, folder, &n, &w, &e), &e);
    there(way, "out/", path);
    strncat(path, w.name, 100);
    ck_assert_int_eq(chmod(path, 0644), 0); /* the server is another user than this test */
    keys("t"); /* the place of last time is offered, and the host is known */
    see("yang terakhir");
    keys("\r");
    log_in(way, false);
    see("Tanda terima 1");
    keys("\r");
    see("Dampak Tabalong");
    pty_send(pty, "q"); /* and the program ends */
    pty_end(pty);
    s = reopen("laptop.cacah");
    ck_assert_int_eq((int)circle_state(s, &rev), REVISION_HELD);
    store_close(s);
    ck_assert_int_eq(remove(path), 0);
}
END_TEST

START_TEST(test_screens__join_by_a_kit_on_a_server)
{
    int way = _i;
    char path[600];
    struct buf code, kit, words;
    buf_init(&words, 200);
    buf_init(&code, 200);
    buf_init(&kit, 1 << 20);
    circle_kit(&c, c.office, "laptop3.kit", "Laptop 3", &code);
    there(way, "laptop3.kit", path);
    circle_ok(io_read_file(tmpdir_path("laptop3.kit"), 1 << 20, &kit, &e) &&
                  io_write_file(path, 0644, buf_str(&kit), &e),
              &e);
    preferences(way);
    program("new.cacah");
    see("Selamat datang");
    keys("1");
    type(url_of(way, "/laptop3.kit"));
    keys("\r");
    type(code.p);
    keys("\r");
    type("Rina");
    keys("\r");
    type("lima kata yang dikenal");
    keys("\r");
    type("lima kata yang dikenal");
    keys("\r");
    log_in(way, true);
    see("Enam kata survei");
    circle_ok(kit_survey_words(c.office, WORDS_ID, &words, &e), &e);
    see(words.p);
    keys("\r");
    see("Dampak Tabalong");
    pty_send(pty, "q"); /* and the program ends */
    pty_end(pty);
    struct store *s = reopen("new.cacah");
    ck_assert(id16_eq(&store_identity(s)->survey, &store_identity(c.office)->survey));
    store_close(s);
    ck_assert_int_ne(access(tmpdir_path("new.cacah.kit"), F_OK), 0);
    ck_assert_int_eq(remove(path), 0);
    buf_done(&words);
    buf_done(&code);
    buf_done(&kit);
}
END_TEST

/* ---- */

static void start(void)
{
    if (!servers_start())
        ck_abort_msg("a server did not start; its words are in %s", servers_path("log"));
}

Suite *test_suite(void)
{
    char reason[200];
    if (!servers_prepare(reason)) {
        printf("1..0 # SKIP %s\n", reason);
        servers_stop();
        exit(0);
    }
    Suite *s = suite_create("screens");
    TCase *t = tcase_create("servers");
    tcase_set_timeout(t, 120);
    tcase_add_unchecked_fixture(t, start, servers_stop);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, test_screens__send_and_receive, 0, WAYS);
    tcase_add_loop_test(t, test_screens__join_by_a_kit_on_a_server, 0, WAYS);
    suite_add_tcase(s, t);
    return s;
}
