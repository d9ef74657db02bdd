/* The interview as plain prompts and lines, for screen readers, braille displays, dumb terminals and pipes:
 * no cursor movement, no colour, nothing is ever redrawn. Each question is printed with its number, label,
 * hint and choices; the answer is one line; lines that begin with a colon are commands (:help). Complete
 * enough to hold every form. */
#ifndef APP_UI_LINEAR_H
#define APP_UI_LINEAR_H

#include <stdio.h>

#include "app/flow/session.h"

enum linear_end {
    LINEAR_PAUSED, /* the draft stays, at its place */
    LINEAR_ENDED,  /* the same, but for want of input */
    LINEAR_FINISHED,
    LINEAR_VOIDED,
};

/* Holds the interview until its end. False: the output could not be written, or an answer could not be kept
 * and nobody is there to make room: the lines that follow would answer other questions. The session is closed by
 * the caller. */
MUST_USE bool linear_run(struct session *s, FILE *in, FILE *out, enum linear_end *ret,
                         struct err *e);

#endif
