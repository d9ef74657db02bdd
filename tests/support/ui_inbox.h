/* An office's store for the screens, with an inbox of three files: of a laptop that sends twice, the second
 * time cut short, and one that is no bundle. */
#ifndef TESTS_SUPPORT_UI_INBOX_H
#define TESTS_SUPPORT_UI_INBOX_H

#include "tests/support/ui_case.h"

MUST_USE bool ui_inbox(struct ui_case *c, struct err *e);

#endif
