/* See interview_case.h. */
#include "tests/support/interview_case.h"

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

void interview_case_setup(struct interview_case *c, const char *form)
{
    struct err e = {0};
    struct form_files files = {.form = {STR("small.md"), str_of(form)}};
    setenv("TZ", "WITA-8", 1);
    tzset();
    case_setup(&c->store);
    struct store *s = case_create(&c->store, STORE_FIELD);
    case_ok(store_form_put(s, &files, &c->form, &e), &e);
    store_close(s);
    c->sv = NULL;
    interview_case_reopen(c);
}

void interview_case_teardown(struct interview_case *c)
{
    survey_close(c->sv);
    case_teardown(&c->store);
}

void interview_case_reopen(struct interview_case *c)
{
    struct err e = {0};
    survey_close(c->sv);
    case_ok(survey_open(&c->sv, c->store.path, c->store.passphrase, &e), &e);
}

struct session *interview_case_begin(struct interview_case *c)
{
    struct err e = {0};
    struct session *s = NULL;
    case_ok(session_begin(&s, c->sv, &c->form, NULL, 0, &e), &e);
    return s;
}

struct place at(struct session *s, const char *path)
{
    struct place p;
    ck_assert_msg(place_parse(session_form(s), str_of(path), &p), "no place %s", path);
    return p;
}

void set(struct session *s, const char *path, const char *text)
{
    struct err e = {0};
    struct changes changes;
    struct place p = at(s, path);
    case_ok(session_set(s, &p, str_of(text), &changes, &e), &e);
}

struct str value(struct session *s, const char *path)
{
    struct place p = at(s, path);
    return interview_value(session_interview(s), &p);
}

bool interview_case_on_disk(struct interview_case *c, const char *text)
{
    bool found = false;
    DIR *d = opendir(c->store.folder);
    ck_assert_ptr_nonnull(d);
    for (struct dirent *f; !found && (f = readdir(d));) {
        char path[400];
        struct buf bytes;
        if (f->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", c->store.folder, f->d_name);
        buf_init(&bytes, (size_t)64 << 20);
        case_file_read(path, &bytes);
        found = bytes.n && memmem(bytes.p, bytes.n, text, strlen(text));
        buf_done(&bytes);
    }
    closedir(d);
    return found;
}
