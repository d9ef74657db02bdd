/* Records out of an office's store as files (app/export), form by form: of each interview its current
 * revision; in a conflict none until it is resolved, and the report says how many. */
#ifndef APP_OFFICE_EXPORT_H
#define APP_OFFICE_EXPORT_H

#include "app/export/csv.h"
#include "app/flow/survey.h"

struct office_export {
    const char *folder; /* made when missing */
    bool pii, exact;
    const struct str *forms; /* ids; n 0: all there are records of */
    size_t n_forms;
};

struct office_exported {
    uint64_t forms, records, rows, guarded, refused, conflicts, erased, files, files_missing,
        doubted; /* of laptops whose kit is contested, or that were rejected */
};

/* `say` is told of each record that was refused, and each attached file that is not there, with the reason.
 * Files go to FOLDER/media/UUID/NAME, personal ones with `pii` alone; UUID is the instanceID's. */
MUST_USE bool office_export_csv(struct survey *sv, const struct office_export *x,
                                void (*say)(void *ctx, const struct err *why), void *ctx,
                                struct office_exported *ret, struct err *e);

#endif
