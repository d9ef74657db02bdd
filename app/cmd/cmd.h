/* The command line: one table of commands (cmds.def) and one of options (options.def) are the source of
 * parsing, --help, `cacah help`, the man page and shell completion. A verb a file: cmd_*.c.
 *
 * A command returns its exit code: 0 done, 1 found faults in what it was given, 2 usage, 3 could not
 * (disk, key, network). Messages go to standard error and begin "cacah: "; results to standard output. */
#ifndef APP_CMD_CMD_H
#define APP_CMD_CMD_H

#include <stdbool.h>
#include <stddef.h>

#include "app/errors.h"
#include "forms/base/buf.h"
#include "forms/base/err.h"

enum option {
#define OPT(id, name, short_name, value, help) OPT_##id,
#include "app/cmd/options.def"
#undef OPT
    OPTIONS
};

#define CALL_VALUES_MAX 16

/* One call of a command, taken apart. */
struct call {
    const struct command *command;
    const char *const *args; /* operands */
    int n;
    bool given[OPTIONS];
    const char *value[OPTIONS]; /* the last one given */
    const char
        *values[OPTIONS][CALL_VALUES_MAX]; /* all of them, for options that may be repeated */
    int n_values[OPTIONS];
};

struct command {
    const char *name;    /* "form check" */
    const char *args;    /* "FORM..." */
    int min, max;        /* operands; max -1: any number */
    const char *summary; /* one line */
    const char *help;    /* a paragraph, or "" */
    const char *options; /* names of options it takes, blank-separated: "json lang" */
    int (*run)(const struct call *c);
};

#define CMD(id, name, args, min, max, options, summary, help) int cmd_##id(const struct call *c);
#include "app/cmd/cmds.def"
#undef CMD

/* Runs the program's words; what main returns. */
int cmd_main(int argc, char **argv);

/* "cacah: sentence. hint" on standard error; returns the error's exit code. */
int cmd_fail(const struct err *e);
/* "cacah: " and a sentence of the program's own, for what is not an error. */
void cmd_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Text that came from outside, on a stream, with control characters and overrides made harmless;
 * newline and tab stay. */
void cmd_put(bool to_stderr, struct str text);
/* A file's name as part of such a text: on one line, whatever is in it. */
void cmd_add_name(struct buf *out, const char *name);
/* All of standard input. */
MUST_USE bool cmd_read_stdin(struct buf *out, struct err *e);
/* Flushes standard output; 3 when it could not be written, else `code`. */
int cmd_end(int code);
/* The end of what is asked about first: 0, or 1 and "Nothing was changed." */
int cmd_end_done(bool done);
struct option_row {
    const char *id, *name;
    char short_name; /* or 0 */
    const char *value, *help;
};

/* The tables, for `cacah help`. */
const struct option_row *cmd_options(void); /* OPTIONS of them */
bool cmd_takes(const struct command *c, const char *option_id);
const struct command *cmd_commands(size_t *ret_n);
void cmd_help_of(const struct command *c, struct buf *out);
void cmd_help_all(struct buf *out);
/* manual.c */
void cmd_manual(struct buf *out);     /* cacah.1, roff */
void cmd_completion(struct buf *out); /* of words, for bash */

#endif
