/* The person behind a command, for transports over a network: passwords typed unseen or read from a file,
 * host keys shown when first met, progress on the terminal, Ctrl-C. */
#ifndef APP_CMD_NETWORK_H
#define APP_CMD_NETWORK_H

#include "app/cmd/cmd.h"
#include "sync/transport/transport.h"

/* As the call's options say; lives as long as the call. Catches signals (stop.h): they end a transfer. */
const struct transport_user *network_user(const struct call *c);

#endif
