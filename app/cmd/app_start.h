/* What the command layer gives the terminal app: joining, practising, files, the clock. */
#ifndef APP_CMD_APP_START_H
#define APP_CMD_APP_START_H

#include "app/cmd/keep.h"
#include "app/cmd/prefs.h"
#include "app/view/ui.h"

/* What the callbacks work with; must outlive the app. */
struct app_start {
    const struct call *call;
    char store_path[KEEP_PATH_MAX], practice_path[KEEP_PATH_MAX], state_folder[KEEP_PATH_MAX];
    const char *forms; /* folder of the practice survey's forms */
    struct prefs prefs;
    struct ui_start ui;
};

MUST_USE bool app_start_fill(struct app_start *a, const struct call *c, struct err *e);
/* Makes the practice store unless it is there. */
MUST_USE bool app_practise(struct app_start *a, struct err *e);

#endif
