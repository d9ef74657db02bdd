/* What this account remembers of a store outside of it: how much had been written when it was last closed
 * here. A whole older file that somebody puts in its place is whole in itself, and only shows beside this
 * (security specification §3, 16). It is a reminder for honest people: who may write the one file may as well
 * remove the other; the office notices at the next bundle. */
#ifndef APP_FLOW_WATCH_H
#define APP_FLOW_WATCH_H

#include "sync/store/store.h"

/* STATE_FITS when nothing is remembered. */
enum store_state_is watch_check(const struct store *s, const char *folder);
/* Makes the folder. What cannot be written is not: it must never keep anybody from working. */
void watch_keep(const struct store *s, const char *folder);

#endif
