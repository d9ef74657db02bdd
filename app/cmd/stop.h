/* Ctrl-C, where a command ends at a good place rather than anywhere. The second one ends it anywhere. */
#ifndef APP_CMD_STOP_H
#define APP_CMD_STOP_H

#include <stdbool.h>

void stop_catch(void); /* SIGINT and SIGTERM, from here on */
bool stop_asked(void);

#endif
