/* The paper key: shown once, proven by typing three of its words again, and read from paper. */
#ifndef APP_CMD_PAPER_H
#define APP_CMD_PAPER_H

#include "app/cmd/cmd.h"
#include "sync/crypt/crypt.h"

/* Before anything is made: there must be a terminal to show it at, or --paper-to. */
MUST_USE bool paper_can_give(const struct call *c, struct err *e);
/* To --paper-to FILE, else at the terminal. ERR_PAPER_PROOF when the words typed do not fit. */
MUST_USE bool paper_give(const struct call *c, const struct secret *seed, struct err *e);

bool paper_given(const struct call *c); /* --paper or --paper-file */
/* From --paper-file FILE, else typed. ERR_WORDS… */
MUST_USE bool paper_take(const struct call *c, struct secret **ret_seed, struct err *e);

#endif
