/* A form that a command was given as a file: read, compiled with the files beside it, its diagnostics. */
#ifndef APP_CMD_FORM_FILE_H
#define APP_CMD_FORM_FILE_H

#include "app/flow/host.h"
#include "forms/model/form.h"

struct form_file_open {
    struct host_dir dir; /* the folder that serves the files beside the form */
    struct host host;
    struct buf bytes;
    struct diags diags;
    struct form *form; /* NULL: it has errors */
};

/* False only when the file could not be read or is not a form at all; faults are in `diags`. */
MUST_USE bool form_file_load(struct form_file_open *ret, const char *path, struct err *e);
void form_file_done(struct form_file_open *f);
/* Diagnostics as lines on standard error; `quiet`: errors only. */
void form_file_say(const struct form_file_open *f, bool quiet);
/* Loads one that an interview can be held with: says what is wrong otherwise. 0, or the exit code. */
int form_file_need(struct form_file_open *ret, const char *path);

#endif
