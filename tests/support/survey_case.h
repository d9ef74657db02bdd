/* A small field store with one form in it, opened as a survey, for tests of interviews and exports. */
#ifndef TESTS_SUPPORT_SURVEY_CASE_H
#define TESTS_SUPPORT_SURVEY_CASE_H

#include "app/flow/session.h"
#include "tests/support/store_case.h"

struct survey_case {
    struct store_case store;
    struct survey *sv;
    struct hash32 form;
};

/* Makes the store with this form (Markdown) in it. The zone is WITA, eight hours east. */
void survey_case_setup(struct survey_case *c, const char *form);
void survey_case_teardown(struct survey_case *c);
void survey_case_reopen(struct survey_case *c);
struct session *survey_case_begin(struct survey_case *c);

struct place at(struct session *s, const char *path);
/* Fail the test when they do. */
void set(struct session *s, const char *path, const char *text);
struct str value(struct session *s, const char *path);
/* Whether the text stands in any file of the store's folder. */
bool survey_case_on_disk(struct survey_case *c, const char *text);

#endif
