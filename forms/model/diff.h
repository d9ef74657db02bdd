/* What changed between two versions of a form, and what that means for interviews under way and for data
 * already collected. Questions are matched by their path; one that is gone beside a new one of the same
 * kind and label is taken for renamed, one whose only namesake stands elsewhere for moved. */
#ifndef FORMS_MODEL_DIFF_H
#define FORMS_MODEL_DIFF_H

#include "forms/base/arena.h"
#include "forms/base/buf.h"
#include "forms/model/form.h"

enum diff_means { DIFF_DRAFT, DIFF_DATA, DIFF_TEXT, DIFF_MEANINGS };

enum diff_kind {
#define DIFF(id, means, text) DIFF_IS_##id,
#include "forms/model/diff.def"
#undef DIFF
    DIFF_KINDS
};

struct diff_item {
    enum diff_kind kind;
    struct str path; /* in the new form, of what is gone in the old; "list NAME"; "" for the form */
    struct str was, is;
    uint32_t row; /* in that form's survey sheet; 0: none */
};

struct diff {
    struct arena arena;
    struct diff_item *v;
    size_t n, cap;
    size_t count[DIFF_MEANINGS];
};

/* Form things first, then in the order of the new form, what is gone where it stood, choices last. */
void form_diff(const struct form *was, const struct form *is, struct diff *ret);
void diff_done(struct diff *d);

const char *diff_id(enum diff_kind k); /* "TYPE_WIDER" */
enum diff_means diff_means(enum diff_kind k);
const char *diff_means_word(enum diff_means m); /* "draft", "data", "text" */
/* The sentence, without path and newline. `translate` may be NULL. */
bool diff_text(const struct diff_item *i, err_translate translate, struct buf *out);

#endif
