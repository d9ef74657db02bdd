/* Two versions of one question, group or repeat. */
#include "forms/base/num.h"
#include "forms/model/diff_i.h"

/* ---- structure and type ---- */

static const char *structure(const struct form_node *n)
{
    return n->type == TYPE_GROUP ? "group" : n->type == TYPE_REPEAT ? "repeat" : "question";
}

static bool is_computed(const struct form_node *n)
{
    return n->type == TYPE_CALCULATE || n->type == TYPE_HIDDEN || n->type == TYPE_META;
}

/* Every answer of the former type is one of the latter: a whole number is a decimal, anything is text, one
 * choice is a set of one; and what a machine fills holds no person's answer. */
static bool fits(const struct form_node *was, const struct form_node *is)
{
    if (is_computed(was) || was->type == TYPE_NOTE)
        return true;
    if (was->stored == STORED_INT && is->stored == STORED_DECIMAL)
        return true;
    if (was->type == TYPE_SELECT_ONE && is->type == TYPE_SELECT_MULTIPLE)
        return true;
    if (is->type == TYPE_TEXT)
        return was->type != TYPE_FILE;
    return was->type == TYPE_TEXT && is->type == TYPE_BARCODE;
}

static struct str list_name(const struct form *f, const struct form_node *n)
{
    if (n->list_from != DEF_NONE)
        return f->nodes[n->list_from].name;
    return n->list == DEF_NONE ? STR("") : f->lists[n->list]->id;
}

static void diff_type(struct differ *d, const struct form_node *was, const struct form_node *is,
                      struct str path)
{
    if (was->type != is->type || was->stored != is->stored || !str_eq(was->media, is->media)) {
        diff_add(d, fits(was, is) ? DIFF_IS_TYPE_WIDER : DIFF_IS_TYPE, path, is->row,
                 was->type_text, is->type_text);
        return;
    }
    diff_add_str(d, DIFF_IS_LIST, path, is->row, list_name(d->was, was), list_name(d->is, is));
}

static struct str range_text(const struct form_node *n, struct arena *a)
{
    struct buf b;
    buf_init(&b, 4096);
    if (n->type == TYPE_RANGE) {
        num_add(&b, n->range_start);
        buf_add_z(&b, " to ");
        num_add(&b, n->range_end);
        buf_add_z(&b, " by ");
        num_add(&b, n->range_step);
    }
    struct str s = arena_str(a, buf_str(&b));
    buf_done(&b);
    return s;
}

/* ---- expressions ---- */

static struct str cond_text(const struct cond *c)
{
    return c->expr ? expr_text(c->expr) : STR("");
}

static struct str always(bool yes, const struct cond *c)
{
    return yes ? STR("yes") : cond_text(c);
}

static struct str default_text(const struct form_node *n)
{
    if (n->default_dynamic.expr)
        return expr_text(n->default_dynamic.expr);
    return n->default_literal.p ? n->default_literal : STR("");
}

static struct str trigger_text(const struct form *f, const struct form_node *n, struct arena *a)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    for (uint32_t i = 0; i < n->n_triggers; i++) {
        if (i)
            buf_add_c(&b, ' ');
        buf_add_str(&b, f->nodes[n->triggers[i]].name);
    }
    struct str s = arena_str(a, buf_str(&b));
    buf_done(&b);
    return s;
}

static struct str warn_text(const struct form_node *n, struct arena *a)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    for (uint32_t i = 0; i < n->n_warns; i++) {
        if (i)
            buf_add_z(&b, "; ");
        buf_add_str(&b, cond_text(&n->warns[i].when));
    }
    struct str s = arena_str(a, buf_str(&b));
    buf_done(&b);
    return s;
}

static struct str missing_text(const struct form_node *n, struct arena *a)
{
    static const char *const names[MISSING_KINDS] = {"dk=", "refused=", "na="};
    struct buf b;
    buf_init(&b, 1 << 16);
    for (int i = 0; i < MISSING_KINDS; i++) {
        if (!n->missing[i].p)
            continue;
        if (b.n)
            buf_add_c(&b, ' ');
        buf_add_z(&b, names[i]);
        buf_add_str(&b, n->missing[i]);
    }
    struct str s = arena_str(a, buf_str(&b));
    buf_done(&b);
    return s;
}

static void diff_logic(struct differ *d, const struct form_node *was, const struct form_node *is,
                       struct str path)
{
    struct arena *a = &d->out->arena;
    uint32_t row = is->row;
    diff_add_str(d, DIFF_IS_RELEVANT, path, row, cond_text(&was->relevant),
                 cond_text(&is->relevant));
    diff_add_str(d, DIFF_IS_REQUIRED, path, row, always(was->required_always, &was->required),
                 always(is->required_always, &is->required));
    diff_add_str(d, DIFF_IS_READONLY, path, row, always(was->readonly_always, &was->readonly),
                 always(is->readonly_always, &is->readonly));
    diff_add_str(d, is->constraint.expr ? DIFF_IS_CONSTRAINT : DIFF_IS_CONSTRAINT_GONE, path, row,
                 cond_text(&was->constraint), cond_text(&is->constraint));
    /* The count of a repeat stands in a calculation that no row has written. */
    diff_add_str(d, is->row ? DIFF_IS_CALCULATION : DIFF_IS_REPEAT_COUNT, path, row,
                 cond_text(&was->calculation), cond_text(&is->calculation));
    diff_add_str(d, DIFF_IS_DEFAULT, path, row, default_text(was), default_text(is));
    diff_add_str(d, DIFF_IS_REPEAT_COUNT, path, row, cond_text(&was->repeat_count),
                 cond_text(&is->repeat_count));
    diff_add_str(d, DIFF_IS_CHOICE_FILTER, path, row, cond_text(&was->choice_filter),
                 cond_text(&is->choice_filter));
    diff_add_str(d, DIFF_IS_TRIGGER, path, row, trigger_text(d->was, was, a),
                 trigger_text(d->is, is, a));
    diff_add_str(d, DIFF_IS_WARN, path, row, warn_text(was, a), warn_text(is, a));
    diff_add_str(d, DIFF_IS_MISSING, path, row, missing_text(was, a), missing_text(is, a));
    diff_add_str(d, DIFF_IS_RANGE, path, row, range_text(was, a), range_text(is, a));
}

/* ---- marks and wording ---- */

static struct str yes_no(bool yes)
{
    return yes ? STR("yes") : STR("no");
}

static void diff_words_of(struct differ *d, enum diff_kind k, texts was, texts is, uint32_t row,
                          struct str path)
{
    struct arena *a = &d->out->arena;
    for (uint32_t l = 0; l < d->is->n_languages; l++) {
        uint32_t before = diff_language(d, l);
        if (before == DEF_NONE)
            continue; /* the language itself is told as new */
        diff_add_str(d, k, path, row, diff_words(d->was, was, before, a),
                     diff_words(d->is, is, l, a));
    }
}

void diff_node(struct differ *d, uint32_t was_def, uint32_t is_def, struct str path)
{
    const struct form_node *was = &d->was->nodes[was_def], *is = &d->is->nodes[is_def];
    const char *before = structure(was), *now = structure(is);
    if (strcmp(before, now) != 0) {
        diff_add(d, DIFF_IS_STRUCTURE, path, is->row, str_of(before), str_of(now));
        return;
    }
    if (was->type != TYPE_GROUP && was->type != TYPE_REPEAT)
        diff_type(d, was, is, path);
    diff_logic(d, was, is, path);
    diff_add_str(d, DIFF_IS_PII, path, is->row, yes_no(was->pii), yes_no(is->pii));
    diff_add_str(d, DIFF_IS_OUTCOME, path, is->row, yes_no(was->outcome), yes_no(is->outcome));
    if (was->report != is->report)
        diff_add(d, DIFF_IS_REPORT, path, is->row, STR(""), STR(""));
    diff_words_of(d, DIFF_IS_LABEL, was->label, is->label, is->row, path);
    diff_words_of(d, DIFF_IS_HINT, was->hint, is->hint, is->row, path);
    diff_words_of(d, DIFF_IS_HINT, was->guidance, is->guidance, is->row, path);
    diff_words_of(d, DIFF_IS_MESSAGE, was->constraint_message, is->constraint_message, is->row,
                  path);
    diff_words_of(d, DIFF_IS_MESSAGE, was->required_message, is->required_message, is->row, path);
    diff_add_str(d, DIFF_IS_APPEARANCE, path, is->row, was->appearance, is->appearance);
}
