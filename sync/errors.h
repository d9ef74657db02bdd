/* The error kinds of libsync; the rows are in errors.def. */
#ifndef SYNC_ERRORS_H
#define SYNC_ERRORS_H

#include "forms/base/err.h"

#define ERR(id, cls, text, hint) extern const struct err_kind ERR_##id;
#include "sync/errors.def"
#undef ERR

#endif
