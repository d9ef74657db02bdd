/* A line on the terminal that says how far a copy or a check has come; nothing where there is no terminal. */
#ifndef APP_CMD_PROGRESS_H
#define APP_CMD_PROGRESS_H

#include "app/cmd/cmd.h"
#include "sync/store/store.h"

struct progress {
    bool shown;
    int64_t last_ms;
};
/* From here on the store tells p, unless --quiet; progress_end takes the line away. */
void progress_of(struct progress *p, const struct call *c, struct store *s);
void progress_end(struct progress *p);

#endif
