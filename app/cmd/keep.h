/* Where stores are kept, and how a command opens one: paths of the data directory (XDG), passphrases from
 * a file, from standard input or typed at the terminal unseen. */
#ifndef APP_CMD_KEEP_H
#define APP_CMD_KEEP_H

#include "app/cmd/cmd.h"
#include "app/flow/survey.h"

enum keep { KEEP_FIELD, KEEP_OFFICE, KEEP_PRACTICE };

#define KEEP_PATH_MAX 4096

/* --store, or $XDG_DATA_HOME/cacah/{field,office,practice}.cacah; `make`: creates the folder (0700). */
MUST_USE bool keep_path(const struct call *c, enum keep which, bool make, char ret[KEEP_PATH_MAX],
                        struct err *e);
/* Where this account remembers its stores (survey_watch): $XDG_STATE_HOME/cacah. False: no home. */
bool keep_state_folder(char ret[KEEP_PATH_MAX]);
/* The passphrase of an existing store. */
MUST_USE bool keep_passphrase(const struct call *c, struct secret **ret, struct err *e);
/* One for a new store: read as above; typed twice at a terminal, where a drawn one is offered first. */
MUST_USE bool keep_passphrase_new(const struct call *c, struct secret **ret, struct err *e);
/* The one that replaces it: out of --new-passphrase-file, else typed as above. */
MUST_USE bool keep_passphrase_other(const struct call *c, struct secret **ret, struct err *e);
/* First line of FILE or of standard input ("-"), without its newline. */
MUST_USE bool keep_first_line(const char *file, struct secret **ret, struct err *e);
/* A line typed at the terminal; `hidden`: not shown. ERR_NO_TERMINAL where there is none. */
MUST_USE bool keep_ask(const char *prompt, bool hidden, struct secret **ret, struct err *e);
/* Opens the store of the call, as --store and --passphrase-file say. */
MUST_USE bool keep_survey(const struct call *c, enum keep which, struct survey **ret,
                          struct err *e);
/* Refuses a field store where an office's is wanted, and the other way round. */
MUST_USE bool keep_survey_kind(const struct call *c, enum keep which, struct survey **ret,
                               struct err *e);
/* The same only to look: beside a program that has the store open, and on a read-only disk. */
MUST_USE bool keep_look_kind(const struct call *c, enum keep which, struct survey **ret,
                             struct err *e);
/* --store, else the laptop's store if there is one, else the office's. */
MUST_USE bool keep_path_any(const struct call *c, char ret[KEEP_PATH_MAX], struct err *e);
/* Opens that one, whatever its kind. */
MUST_USE bool keep_survey_any(const struct call *c, struct survey **ret, struct err *e);
MUST_USE bool keep_look_any(const struct call *c, struct survey **ret,
                            struct err *e); /* only to look */
/* The question at the terminal; --yes has answered it. ERR_ASKS where there is no terminal. */
MUST_USE bool keep_confirm(const struct call *c, const char *question, bool *ret_yes,
                           struct err *e);
/* The store of who sends and receives: the laptop's, or when there is none a supervisor's. */
MUST_USE bool keep_own(const struct call *c, struct survey **ret, struct err *e);
/* The practice store's passphrase: no secret, it holds no respondents. */
#define PRACTICE_PASSPHRASE "latihan saja, bukan rahasia"

#endif
