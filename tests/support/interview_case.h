/* A small field store with one form in it, opened as a survey, for tests of interviews and exports. */
#ifndef TESTS_SUPPORT_INTERVIEW_CASE_H
#define TESTS_SUPPORT_INTERVIEW_CASE_H

#include "app/flow/session.h"
#include "tests/support/store_case.h"

struct interview_case {
    struct store_case store;
    struct survey *sv;
    struct hash32 form;
};

/* Makes the store with this form (Markdown) in it. The zone is WITA, eight hours east. */
void interview_case_setup(struct interview_case *c, const char *form);
void interview_case_teardown(struct interview_case *c);
void interview_case_reopen(struct interview_case *c);
struct session *interview_case_begin(struct interview_case *c);

struct place at(struct session *s, const char *path);
/* Fail the test when they do. */
void set(struct session *s, const char *path, const char *text);
struct str value(struct session *s, const char *path);
/* Whether the text stands in any file of the store's folder. */
bool interview_case_on_disk(struct interview_case *c, const char *text);

#endif
