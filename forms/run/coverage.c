/* What form scripts have touched; see coverage.h. */
#include "forms/run/coverage.h"

#include "forms/run/run_i.h"
#include "forms/run/script.h"

#define WARNS_MAX  64 /* soft checks of one question that are told apart */
#define SEEN_TRUE  1
#define SEEN_FALSE 2

struct coverage {
    const struct form *form;
    bool *questions;
    uint8_t *seen;       /* def * FACETS + facet: SEEN_* */
    uint64_t *warned[2]; /* def: a bit for each soft check seen false, true */
    bool **choices;      /* list → row; an external list has one */
};

struct coverage *coverage_new(const struct form *f)
{
    struct coverage *c = mem_alloc(sizeof *c);
    c->form = f;
    c->questions = mem_calloc(f->n_nodes, sizeof *c->questions);
    c->seen = mem_calloc((size_t)f->n_nodes * FACETS, sizeof *c->seen);
    for (int i = 0; i < 2; i++)
        c->warned[i] = mem_calloc(f->n_nodes, sizeof *c->warned[i]);
    c->choices = mem_calloc(f->n_lists, sizeof *c->choices);
    for (uint32_t i = 0; i < f->n_lists; i++)
        c->choices[i] = mem_calloc(f->lists[i]->external ? 1 : f->lists[i]->rows, sizeof(bool));
    return c;
}

void coverage_free(struct coverage *c)
{
    if (!c)
        return;
    for (uint32_t i = 0; i < c->form->n_lists; i++)
        mem_free(c->choices[i]);
    mem_free(c->choices);
    mem_free(c->warned[0]);
    mem_free(c->warned[1]);
    mem_free(c->seen);
    mem_free(c->questions);
    mem_free(c);
}

/* ---- feeding ---- */

void coverage_question(struct coverage *c, uint32_t def)
{
    if (c)
        c->questions[def] = true;
}

void coverage_choices(struct coverage *c, uint32_t def, const struct choices *offered)
{
    if (!c || c->form->nodes[def].list == DEF_NONE)
        return;
    uint32_t list = c->form->nodes[def].list;
    if (c->form->lists[list]->external) {
        c->choices[list][0] |= offered->n > 0;
        return;
    }
    for (size_t i = 0; i < offered->n; i++)
        c->choices[list][offered->rows[i]] = true;
}

static void evaluated(void *ctx, uint32_t def, enum facet facet, uint32_t which, bool truth)
{
    struct coverage *c = ctx;
    if (facet == FACET_WARN)
        c->warned[truth][def] |= which < WARNS_MAX ? UINT64_C(1) << which : 0;
    else
        c->seen[(size_t)def * FACETS + facet] |= truth ? SEEN_TRUE : SEEN_FALSE;
}

void coverage_watch(struct coverage *c, struct interview *iv)
{
    if (c)
        interview_watch(iv, evaluated, c);
}

/* ---- reporting ---- */

struct tally {
    const struct coverage *c;
    struct buf lines;
    uint32_t touched[3], all[3]; /* questions, expressions, choices */
};

enum { QUESTIONS, EXPRESSIONS, CHOICES };

static void add_path(struct tally *t, uint32_t def)
{
    form_path(t->c->form, def, &t->lines);
}

static bool can_be_answered(const struct form_node *n)
{
    return n->type != TYPE_GROUP && n->type != TYPE_REPEAT && n->type != TYPE_CALCULATE &&
           n->type != TYPE_HIDDEN && n->type != TYPE_META && n->type != TYPE_NOTE &&
           !n->readonly_always;
}

static void count_question(struct tally *t, uint32_t def)
{
    if (!can_be_answered(&t->c->form->nodes[def]))
        return;
    t->all[QUESTIONS]++;
    if (t->c->questions[def]) {
        t->touched[QUESTIONS]++;
        return;
    }
    buf_add_z(&t->lines, "question ");
    add_path(t, def);
    buf_add_z(&t->lines, ": never answered\n");
}

static void count_condition(struct tally *t, uint32_t def, const char *what, bool was_true,
                            bool was_false)
{
    t->all[EXPRESSIONS]++;
    if (was_true && was_false) {
        t->touched[EXPRESSIONS]++;
        return;
    }
    buf_add_z(&t->lines, what);
    buf_add_z(&t->lines, " of ");
    add_path(t, def);
    buf_printf(&t->lines, ": never %s\n", was_true ? "false" : was_false ? "true" : "evaluated");
}

static void count_expressions(struct tally *t, uint32_t def)
{
    static const struct {
        enum facet facet;
        const char *word;
    } conditions[] = {{FACET_RELEVANT, "relevant"},
                      {FACET_REQUIRED, "required"},
                      {FACET_READONLY, "read_only"},
                      {FACET_CONSTRAINT, "constraint"},
                      {FACET_CHOICES, "choice_filter"}};
    const struct form_node *n = &t->c->form->nodes[def];
    const struct expr *exprs[] = {n->relevant.expr, n->required.expr, n->readonly.expr,
                                  n->constraint.expr, n->choice_filter.expr};
    const uint8_t *seen = &t->c->seen[(size_t)def * FACETS];
    for (size_t i = 0; i < sizeof exprs / sizeof exprs[0]; i++) {
        uint8_t s = seen[conditions[i].facet];
        if (exprs[i] && !(expr_flags(exprs[i]) & EXPR_CONSTANT))
            count_condition(t, def, conditions[i].word, s & SEEN_TRUE, s & SEEN_FALSE);
    }
    for (uint32_t i = 0; i < n->n_warns && i < WARNS_MAX; i++)
        count_condition(t, def, "warn", t->c->warned[1][def] >> i & 1,
                        t->c->warned[0][def] >> i & 1);
    if (!n->calculation.expr)
        return;
    t->all[EXPRESSIONS]++;
    if (seen[FACET_CALCULATE] || seen[FACET_TRIGGER]) {
        t->touched[EXPRESSIONS]++;
        return;
    }
    buf_add_z(&t->lines, "calculation of ");
    add_path(t, def);
    buf_add_z(&t->lines, ": never evaluated\n");
}

static void count_choices(struct tally *t, uint32_t list)
{
    const struct choice_list *l = t->c->form->lists[list];
    bool used = false;
    for (uint32_t d = 0; d < t->c->form->n_nodes && !used; d++)
        used = t->c->form->nodes[d].list == list;
    uint32_t n = !used ? 0 : l->external ? 1 : l->rows;
    for (uint32_t row = 0; row < n; row++) {
        t->all[CHOICES]++;
        if (t->c->choices[list][row]) {
            t->touched[CHOICES]++;
            continue;
        }
        buf_add_z(&t->lines, "choice ");
        buf_add_str(&t->lines, l->id);
        if (!l->external && l->name_column != DEF_NONE) {
            buf_add_c(&t->lines, '/');
            buf_add_str(&t->lines, l->columns[l->name_column].cells[row]);
        }
        buf_add_z(&t->lines, ": never offered\n");
    }
}

bool coverage_report(const struct coverage *c, struct buf *out)
{
    struct tally t = {.c = c};
    buf_init(&t.lines, LIMIT_RECORD_BYTES);
    for (uint32_t d = 0; d < c->form->n_nodes; d++) {
        count_question(&t, d);
        count_expressions(&t, d);
    }
    for (uint32_t i = 0; i < c->form->n_lists; i++)
        count_choices(&t, i);
    buf_printf(out, "questions %u of %u, expressions %u of %u, choices %u of %u\n",
               t.touched[QUESTIONS], t.all[QUESTIONS], t.touched[EXPRESSIONS], t.all[EXPRESSIONS],
               t.touched[CHOICES], t.all[CHOICES]);
    buf_add_str(out, buf_str(&t.lines));
    bool all = t.lines.n == 0;
    buf_done(&t.lines);
    return all;
}
