/* The table of the program's errors. */
#include "app/errors.h"

#define ERR(id_, cls_, text_, hint_) const struct err_kind ERR_##id_ = {#id_, cls_, text_, hint_};
#include "app/errors.def"
#undef ERR
