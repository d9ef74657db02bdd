/* Form scripts (.try): an author's regression tests, one step a line (the table is in LANGUAGE.md and in
 * steps.def). A script drives an interview as a person would, and looks. */
#ifndef FORMS_RUN_SCRIPT_H
#define FORMS_RUN_SCRIPT_H

#include "forms/run/interview.h"

struct script_result {
    uint32_t passed, failed;
};

struct coverage; /* which questions, expressions and choices were touched */

struct script_run {
    const struct form *form;
    const struct host *host; /* `now` and random are replaced by the script's own clock and seed */
    struct coverage *coverage; /* may be NULL */
    /* One line of report ("SCRIPT:LINE: expected …, found …"), without newline. */
    void (*say)(void *ctx, struct str line);
    /* Where `xml FILE` writes; false with an error stops the step. May be NULL: the step fails. */
    bool (*write_file)(void *ctx, struct str name, struct str bytes, struct err *e);
    void *ctx;
};

/* Runs a whole script; false with *e only for what is not the script's fault. A step that can't be read
 * counts as failed. */
MUST_USE bool script_run(const struct script_run *run, struct str text, const char *name,
                         struct script_result *ret, struct err *e);

struct coverage *coverage_new(const struct form *f);
void coverage_free(struct coverage *c);
/* The report: totals, then every untouched question, expression and choice, one a line. True: all touched. */
bool coverage_report(const struct coverage *c, struct buf *out);

#endif
