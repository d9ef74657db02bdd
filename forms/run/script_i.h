/* What the files of a form script's runner share: the script being run, how it says what is wrong, and its
 * steps, each a function step_… of steps.def: those that change the interview in script_do.c, those that look
 * at it in script_look.c. A step that fails has said so. */
#ifndef FORMS_RUN_SCRIPT_I_H
#define FORMS_RUN_SCRIPT_I_H

#include "forms/run/coverage.h"
#include "forms/run/script.h"
#include "forms/run/script_words.h"

#define STEP_MANY SIZE_MAX

struct script {
    const struct script_run *run;
    const char *name;
    uint32_t line;
    struct script_result result;
    struct host host;
    struct instant now;
    uint64_t random;
    struct interview *iv; /* NULL until the first step that needs it */
    struct str id;        /* instanceID */
    char id_text[64];
    struct arena scratch;
    struct words words;
    struct err *fatal; /* what is not the script's fault */
};

/* script.c: its coverage listens to a new interview. */
void script_watch(struct script *s);

/* script_say.c. "SCRIPT:LINE: expected WHAT, found WHAT"; false. */
bool script_fail(struct script *s, struct str expected, struct str found);
bool script_fail_err(struct script *s, const char *expected, const struct err *e);
/* The step itself as what was expected to work. */
bool script_refused(struct script *s, const struct err *e);
/* True when they are equal; a failure names the thing as the step does ("label age"). */
bool script_compare(struct script *s, struct str expected, struct str found);
/* Blanks collapsed. */
bool script_compare_words(struct script *s, struct str expected, struct buf *found);
/* Words as a script has them, quoted where they must be. */
void script_add_words(struct buf *out, const struct words *w, size_t from);

/* The i-th word as a place, or as a truth. */
bool script_find(struct script *s, size_t i, struct place *ret);
bool script_yes_no(struct script *s, size_t i, bool *ret);

static inline struct str word(const struct script *s, size_t i)
{
    return s->words.v[i];
}

/* The steps. */
#define STEP(word, function, least, most, usage, means) bool step_##function(struct script *s);
#include "forms/run/steps.def"
#undef STEP

#endif
