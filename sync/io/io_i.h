/* What the files of sync/io share. */
#ifndef SYNC_IO_IO_I_H
#define SYNC_IO_IO_I_H

#include "sync/io/io.h"

const struct io_ops *io_ops_now(void);
/* errno as an error: a full disk and a read-only one by their own names, else `otherwise`. */
bool io_fail(struct err *e, const struct err_kind *otherwise, const char *path);

#endif
