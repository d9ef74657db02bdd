/* The six questionnaires, for tests that want real forms: read from the source folder that CACAH_SOURCE
 * names. Whatever goes wrong fails the test. */
#ifndef TESTS_SUPPORT_TABALONG_H
#define TESTS_SUPPORT_TABALONG_H

#include "forms/base/arena.h"
#include "forms/model/form.h"
#include "sync/store/store.h"

#define TABALONG_FORMS 6
extern const char *const tabalong_names[TABALONG_FORMS]; /* "governance" … */

struct form *tabalong_form(const char *name); /* the caller's: form_free */
struct str tabalong_file(const char *name, struct arena *a);
struct form_files tabalong_files(const char *name, struct arena *a);

#endif
