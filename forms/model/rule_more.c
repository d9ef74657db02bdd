/* Warnings that no other tool gives: what is accepted, and is probably not meant. */
#include "forms/model/build_i.h"

static bool is_asked(const struct form_node *n)
{
    return n->type != TYPE_GROUP && n->type != TYPE_REPEAT && n->type != TYPE_CALCULATE &&
           n->type != TYPE_HIDDEN && n->type != TYPE_META && n->type != TYPE_NOTE &&
           !n->calculation.expr;
}

static void check_later(struct build *b, uint32_t def, const struct cond *c)
{
    const uint32_t *defs;
    size_t n = c->expr ? expr_deps(c->expr, &defs) : 0;
    for (size_t i = 0; i < n; i++)
        if (defs[i] >= b->nodes[def].end && is_asked(&b->nodes[defs[i]])) {
            build_warn(b, ERR_REF_LATER,
                       spot_at(c->row ? &b->book->sheets[c->sheet] : NULL, c->row, c->column),
                       b->nodes[def].name, b->nodes[defs[i]].name);
            return;
        }
}

/* A text shown with the question that speaks of a later answer. */
static void check_label(struct build *b, uint32_t def, texts t)
{
    for (uint32_t i = 0; t && i < t[0].n; i++) {
        const struct text_run *run = &t[0].runs[i];
        if (run->ref == DEF_NONE || run->last_saved || run->ref < b->nodes[def].end ||
            !is_asked(&b->nodes[run->ref]))
            continue;
        build_warn(b, ERR_REF_LATER, spot_at(b->survey, b->nodes[def].row, NO_COLUMN),
                   b->nodes[def].name, b->nodes[run->ref].name);
        return;
    }
}

static void check_or_other(struct build *b)
{
    for (uint32_t i = 1; i < b->f->n_nodes && b->f->n_languages > 1; i++)
        if (b->nodes[i].or_other) {
            build_warn(b, ERR_OTHER_LANGUAGES, spot_at(b->survey, b->nodes[i].row, NO_COLUMN),
                       b->nodes[i].name);
            return;
        }
}

void rule_more_warnings(struct build *b)
{
    check_or_other(b);
    for (uint32_t i = 1; i < b->f->n_nodes; i++) {
        const struct form_node *n = &b->nodes[i];
        check_later(b, i, &n->relevant);
        if (is_asked(n) || n->type == TYPE_NOTE)
            check_label(b, i, n->label);
        if (!is_asked(n))
            continue;
        check_later(b, i, &n->constraint);
        check_later(b, i, &n->required);
        check_later(b, i, &n->choice_filter);
    }
}
