/* The practice survey of a folder's forms: what `cacah practice` and the `l` key begin with. */
#ifndef APP_CMD_PRACTICE_H
#define APP_CMD_PRACTICE_H

#include "forms/base/err.h"

/* Makes the store at `path` with every .md form of the folder and 50 simulated interviews of each, as the
 * folder's practice.profile has them; its practice.csv (assignments) and quotas.csv too. Nothing is left on failure. */
MUST_USE bool practice_of_folder(const char *path, const char *forms_folder, struct err *e);

#endif
