/* A form's file with the lists beside it, as a store keeps and ships them. */
#ifndef APP_CMD_FORM_PACK_H
#define APP_CMD_FORM_PACK_H

#include "sync/store/store.h"

/* Reads the file and its lists into the arena, and compiles: a form with faults is refused (ERR_FORM_BAD
 * with the first). ret_id: its form_id; may be NULL. */
MUST_USE bool form_pack_file(const char *path, struct arena *a, struct form_files *ret,
                             struct str *ret_id, struct err *e);
#endif
