/* The questionnaire as a person would print it: sections, numbered questions, codes, skips in words. What
 * nobody is asked (calculations, metadata) is left out. Its own words are Indonesian where the first
 * language shown has the code "id", English otherwise. */
#ifndef FORMS_MODEL_SHOW_H
#define FORMS_MODEL_SHOW_H

#include "forms/base/buf.h"
#include "forms/model/form.h"

#define SHOW_ALL UINT32_MAX

/* `language`: a number of form.languages, or SHOW_ALL: two side by side from 100 columns on, else one under
 * the other. False when `out` is full. */
bool form_show(const struct form *f, uint32_t language, unsigned width, struct buf *out);

/* An expression as a person would say it: "Q6 is 1 (Met)". `number` gives the number of each question
 * shown, 0 for none; may be NULL. */
void show_condition(const struct form *f, struct str expr, uint32_t language,
                    const uint32_t *number, bool indonesian, struct buf *out);

#endif
