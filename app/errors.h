/* The error kinds of the program; the rows are in errors.def. */
#ifndef APP_ERRORS_H
#define APP_ERRORS_H

#include "forms/base/err.h"

#define ERR(id, cls, text, hint) extern const struct err_kind ERR_##id;
#include "app/errors.def"
#undef ERR

#endif
