/* A program on a real pseudo-terminal, its output read by libvterm into a screen that a test can
 * look at. Nothing sleeps: the program, built with CACAH_TESTING, writes a byte to a pipe
 * whenever it waits for a key with none left to work off. Environment: only what is given here. */
#ifndef TESTS_SUPPORT_TERM_PTY_H
#define TESTS_SUPPORT_TERM_PTY_H

#include <stdbool.h>
#include <sys/types.h>

#include "forms/base/buf.h"

struct pty;

/* argv[0] is a path. `term`: TERM. `more` (may be NULL): one further "NAME=VALUE". */
struct pty *pty_start(char *const argv[], int rows, int cols, const char *term, const char *more);
/* Kills what still runs; frees. */
void pty_free(struct pty *p);

/* Sends bytes as they are, then waits until they are worked off. False: the program has ended,
 * or took longer than a minute. */
bool pty_send(struct pty *p, const char *bytes);
bool pty_settle(struct pty *p);
/* For a program that asks line by line, and tells nobody that it waits: until the last line of the screen that
 * isn't blank begins and ends so (thirty seconds); that line. */
bool pty_await(struct pty *p, const char *begins, const char *ends, struct buf *line);
/* What is typed behind it, until the terminal or the program has answered with anything at all: a prompt seen
 * afterwards is not the one before. */
void pty_type(struct pty *p, const char *bytes);
bool pty_resize(struct pty *p, int rows, int cols);
void pty_signal(struct pty *p, int sig);
/* Waits for its end (a minute, then kills); the status of waitpid(). */
int pty_end(struct pty *p);

void pty_text(struct pty *p, struct buf *out); /* the screen, blanks at line ends left out */
bool pty_shows(struct pty *p, const char *text);
bool pty_coloured(struct pty *p); /* any cell in another colour than the terminal's own */
/* What a program must put back: cursor shown, main screen, line settings as before. */
bool pty_restored(struct pty *p);
/* Whether its alternate screen held that when the program left it: whoever switches back would read it. */
bool pty_left(const struct pty *p, const char *text);
/* Bytes the program has written so far. */
size_t pty_written(const struct pty *p);

#endif
