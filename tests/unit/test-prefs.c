/* A person's preferences: what a line sets, and what is said of one that sets nothing. */
#include "app/cmd/key_card.h"
#include "app/cmd/prefs.h"
#include "app/tr.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/support/check_main.h"
#include "tests/support/tmpdir.h"

static struct prefs prefs;
static struct buf said;

static void parse(const char *text)
{
    buf_clear(&said);
    prefs_parse(&prefs, str_of(text), "config", &said);
}

static bool has_key(enum action a, const char *name)
{
    struct key k;
    ck_assert(key_parse(str_of(name), &k));
    return key_eq(prefs.keys.keys[a][0], k);
}

START_TEST(test_prefs__lines)
{
    buf_init(&said, 4096);
    parse("# mine\n\n  language = en  \r\ncolours=no\nmouse = no\nkey.undo = Ctrl-T F2\n");
    ck_assert_uint_eq(said.n, 0);
    ck_assert_str_eq(prefs.language, "en");
    ck_assert(!prefs.colours);
    ck_assert(!prefs.mouse);
    ck_assert(has_key(ACTION_UNDO, "Ctrl-T"));
    ck_assert(has_key(ACTION_TAKE, "Enter"));

    setenv("HOME", "/home/rina", 1);
    parse("ssh-key = ~/.ssh/survei\n"
          "pin = sha256//rF6mMGZ1XyJwQ0nT0cWf2Bq5n7k6gB1m9Xo2Yz3Ab4c=\n");
    ck_assert_uint_eq(said.n, 0);
    ck_assert_str_eq(prefs.ssh_key, "/home/rina/.ssh/survei");
    ck_assert_str_eq(prefs.pin, "sha256//rF6mMGZ1XyJwQ0nT0cWf2Bq5n7k6gB1m9Xo2Yz3Ab4c=");
    ck_assert_ptr_eq(prefs_said(prefs.pin), prefs.pin);

    parse("");
    ck_assert_ptr_null(prefs_said(prefs.ssh_key));
    ck_assert_ptr_null(prefs_said(prefs.pin));
    ck_assert_ptr_null(prefs.language);
    ck_assert(prefs.colours);
    ck_assert(prefs.mouse);
    ck_assert(has_key(ACTION_UNDO, "F9"));
    buf_done(&said);
}
END_TEST

START_TEST(test_prefs__mistakes_are_named_and_passed_over)
{
    buf_init(&said, 4096);
    parse("language = fr\nfoo\nkey.fly = F1\nkey.undo = F2 Quux\nsize = 3\nssh-key =\n"
          "pin = sha256//kurz=\npin = sha256//rF6mMGZ1XyJwQ0nT0cWf2Bq5n7k6gB1m9Xo2Yz3Ab4-=\n"
          "colours = no\n");
    ck_assert_ptr_null(prefs_said(prefs.ssh_key));
    ck_assert_ptr_null(prefs_said(prefs.pin));
    ck_assert(!prefs.colours);
    ck_assert(has_key(ACTION_UNDO, "F9"));
    for (int i = 1; i <= 8; i++) {
        char at[16];
        snprintf(at, sizeof at, "config:%d: ", i);
        ck_assert_ptr_nonnull(strstr(said.p, at));
    }
    ck_assert_ptr_null(strstr(said.p, "config:9"));
    ck_assert_ptr_nonnull(strstr(said.p, "id, en"));
    buf_done(&said);
}
END_TEST

START_TEST(test_prefs__the_file)
{
    struct err e = {0};
    const char *path;
    buf_init(&said, 4096);
    tmpdir_make();
    setenv("XDG_CONFIG_HOME", tmpdir_path(""), 1);
    ck_assert(prefs_read(&prefs, &said, &e)); /* there is none */
    ck_assert_ptr_null(prefs.language);

    ck_assert_int_eq(mkdir(tmpdir_path("cacah"), 0700), 0);
    path = tmpdir_path("cacah/config");
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    fputs("language = id\n", f);
    ck_assert_int_eq(fclose(f), 0);
    ck_assert(prefs_read(&prefs, &said, &e));
    ck_assert_str_eq(prefs.language, "id");
    ck_assert_uint_eq(said.n, 0);

    ck_assert_int_eq(remove(path), 0);
    ck_assert_int_eq(mkdir(path, 0700), 0); /* a folder in its place */
    ck_assert(!prefs_read(&prefs, &said, &e));
    ck_assert(err_is(&e, &ERR_PREFS_FILE));
    tmpdir_remove();
    buf_done(&said);
}
END_TEST

/* The card has each action once, with the keys that the preferences gave it. */
START_TEST(test_prefs__the_card_of_keys)
{
    struct buf card;
    buf_init(&said, 4096);
    buf_init(&card, (size_t)1 << 20);
    tr_choose(STR("en"));
    parse("key.undo = Ctrl-T\n");
    key_card(&prefs.keys, &card);
    for (int a = ACTION_NONE + 1; a < ACTIONS; a++) {
        char name[64];
        snprintf(name, sizeof name, " [%s]\n", action_info((enum action)a)->name);
        char *there = strstr(card.p, name);
        ck_assert_msg(there && !strstr(there + 1, name), "%s", name);
    }
    ck_assert_ptr_nonnull(
        strstr(card.p, "\n  Ctrl-T                  Take back the last change [undo]"));
    buf_done(&card);
    buf_done(&said);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("prefs");
    TCase *t = tcase_create("prefs");
    tcase_add_test(t, test_prefs__lines);
    tcase_add_test(t, test_prefs__mistakes_are_named_and_passed_over);
    tcase_add_test(t, test_prefs__the_file);
    tcase_add_test(t, test_prefs__the_card_of_keys);
    suite_add_tcase(s, t);
    return s;
}
