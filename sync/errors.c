/* The table of libsync's errors. */
#include "sync/errors.h"

#define ERR(id_, cls_, text_, hint_) const struct err_kind ERR_##id_ = {#id_, cls_, text_, hint_};
#include "sync/errors.def"
#undef ERR
