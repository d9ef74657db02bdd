/* cacah history: what it says of the clocks and of who it was. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/cmd/cmd.h"
#include "app/tr.h"
#include "sync/store/store_i.h"
#include "tests/support/check_main.h"
#include "tests/support/store_case.h"

static struct store_case c;
static struct store *s;
static struct err e;

static void setup(void)
{
    err_clear(&e);
    case_setup(&c);
    ck_assert(tr_choose(STR("en")));
    s = case_create(&c, STORE_FIELD);
}

static void teardown(void)
{
    store_close(s);
    case_teardown(&c);
}

static void ok(bool done)
{
    case_ok(done, &e);
}

/* What `cacah history [CODE]` prints, and how it ends. */
static int history(const char *code, struct buf *out)
{
    char pass[96], printed[96];
    snprintf(pass, sizeof pass, "%s/pass", c.folder);
    snprintf(printed, sizeof printed, "%s/printed", c.folder);
    case_file_write(pass, STR(CASE_PASSPHRASE "\n"));
    const char *const words[] = {"cacah", "history", "--store", c.path, "--passphrase-file",
                                 pass,    code};
    char copies[7][96], *argv[8] = {NULL};
    int n = code ? 7 : 6;
    for (int i = 0; i < n; i++) {
        snprintf(copies[i], sizeof copies[i], "%s", words[i]);
        argv[i] = copies[i];
    }
    store_close(s);
    s = NULL;
    fflush(stdout);
    int before = dup(STDOUT_FILENO);
    ck_assert_ptr_nonnull(freopen(printed, "w", stdout));
    int code_of_end = cmd_main(n, argv);
    fflush(stdout);
    dup2(before, STDOUT_FILENO);
    close(before);
    case_file_read(printed, out);
    return code_of_end;
}

static bool has(const struct buf *b, const char *line)
{
    return b->n && memmem(b->p, b->n, line, strlen(line)) != NULL;
}

/* Rows that keep the distance of the machine's own clock. */
static void row_at(int64_t minutes)
{
    static const struct id16 no_subject;
    static const struct hash32 no_object;
    static int64_t start;
    if (!start)
        start = wall_clock_ms();
    ok(store_begin(s, &e) && store_end(s,
                                       ledger_add(s, LEDGER_CONFIG, start + minutes * 60000,
                                                  &no_subject, &no_object, STR("a row"), &e),
                                       &e));
}

START_TEST(test_history__tells_when_the_clock_was_set)
{
    struct buf out;
    buf_init(&out, 100000);
    row_at(0);
    row_at(0);
    row_at(-180);
    row_at(-180);
    row_at(60 * 24);
    ck_assert_int_eq(history(NULL, &out), 0);
    ck_assert(has(&out, "clock was set back by 180 minutes"));
    ck_assert(has(&out, "clock was set forward by 1620 minutes"));
    ck_assert(!has(&out, "started anew"));
    ck_assert(has(&out, "settings, Rina: a row"));
    buf_done(&out);
}
END_TEST

/* Between two starts the machine's own clock says nothing. */
START_TEST(test_history__tells_a_new_start_of_the_machine)
{
    struct buf out;
    buf_init(&out, 100000);
    row_at(0);
    s->boot.b[0] ^= 1;
    row_at(180);
    s->boot = (struct id16){{0}}; /* one that does not say */
    row_at(-180);
    ck_assert_int_eq(history(NULL, &out), 0);
    ck_assert(has(&out, "started anew"));
    ck_assert(!has(&out, "clock was set"));
    buf_done(&out);
}
END_TEST

START_TEST(test_history__of_one_interview)
{
    struct buf out;
    struct hash32 form = case_form(s);
    struct id16 uuid = case_draft(s, &form, 2);
    struct buf text;
    case_draft(s, &form, 2);
    ok(store_draft_void(s, &uuid, STR("wrong house\033[2J"), 9000, &e));
    buf_init(&out, 100000);
    buf_init(&text, 100);
    uuid_add(&text, &uuid);
    ck_assert_int_eq(history(text.p, &out), 0);
    ck_assert(has(&out, "begun, Rina\n"));
    ck_assert(has(&out, "ended without a record, Rina: wrong house"));
    ck_assert(!has(&out, "\033"));
    size_t lines = 0;
    for (size_t i = 0; i < out.n; i++)
        lines += out.p[i] == '\n';
    ck_assert_uint_eq(lines, 2);
    text.p[0] = text.p[0] == '0' ? '1' : '0';
    buf_clear(&out);
    ck_assert_int_eq(history(text.p, &out), ERR_FAULT);
    ck_assert_int_eq(history("no code at all", &out), ERR_FAULT);
    buf_done(&text);
    buf_done(&out);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("history");
    TCase *t = tcase_create("history");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, test_history__tells_when_the_clock_was_set);
    tcase_add_test(t, test_history__tells_a_new_start_of_the_machine);
    tcase_add_test(t, test_history__of_one_interview);
    suite_add_tcase(suite, t);
    return suite;
}
