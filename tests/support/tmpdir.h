/* A folder of its own for each test, below $TMPDIR or /tmp, removed with what is in it. */
#ifndef TESTS_SUPPORT_TMPDIR_H
#define TESTS_SUPPORT_TMPDIR_H

void tmpdir_make(void);
void tmpdir_remove(void);
/* "…/name"; the text lives until the tenth next call. */
const char *tmpdir_path(const char *name);

#endif
