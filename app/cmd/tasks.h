/* The office's list of assignments (app/flow/assign.h): taken from a file, checked against the survey's
 * forms, kept in the office's store; and each laptop's rows of it, for its kit and its receipts. */
#ifndef APP_CMD_TASKS_H
#define APP_CMD_TASKS_H

#include "app/flow/survey.h"

/* Replaces the list by the file's. Every form_id must be one of the survey's, every laptop is free. */
MUST_USE bool tasks_take(struct survey *sv, const char *path, size_t *ret_n, struct err *e);
/* The rows for the laptop of that label, appended; nothing when the office has no list. */
MUST_USE bool tasks_for(struct store *office, struct str label, struct buf *out, struct err *e);

#endif
