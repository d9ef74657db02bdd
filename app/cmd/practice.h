/* A practice survey: an office that is thrown away at once, a kit of it, and the store that joined with
 * it. Its survey id begins with eight zero bytes, so that no real store ever takes anything of it. */
#ifndef APP_CMD_PRACTICE_H
#define APP_CMD_PRACTICE_H

#include "forms/base/err.h"

/* Makes the store at `path` with every .md form of the folder. Nothing is left on failure. */
MUST_USE bool practice_make(const char *path, const char *forms_folder, struct err *e);

#endif
