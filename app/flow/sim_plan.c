/* What can be known of each question before the first interview: the profile's lines about it, the limits
 * of its constraint, its choices, how long it takes to read. */
#include "app/flow/sim_i.h"
#include "forms/base/num.h"
#include "forms/model/choices.h"

#define SCALE_LEAST 3
#define SCALE_MOST  7
#define LISTS_KEPT  5000 /* choices of a list; larger ones are asked of the engine each time */

/* ---- choices ---- */

static bool two_digits(struct str name, uint32_t *ret)
{
    uint64_t x;
    *ret = 0;
    if (name.n > 2 || !num_parse_uint(name, &x))
        return false;
    *ret = (uint32_t)x;
    return true;
}

void sim_names_sort(const struct form_node *n, const struct str *names, uint32_t count,
                    struct arena *a, struct sim_names *ret)
{
    struct str *usual = ARENA_ARRAY(a, struct str, count + 1);
    struct str *rare = ARENA_ARRAY(a, struct str, count + 1);
    *ret = (struct sim_names){.usual = usual, .rare = rare};
    bool steps = true;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t code;
        bool is_missing = false;
        for (int k = 0; k < MISSING_KINDS; k++)
            is_missing = is_missing || (n->missing[k].p && str_eq(n->missing[k], names[i]));
        if (is_missing || names[i].n == 0)
            continue;
        bool number = two_digits(names[i], &code);
        if (number && code >= 90) {
            rare[ret->n_rare++] = names[i];
        } else {
            usual[ret->n_usual++] = names[i];
            steps = steps && number && code == ret->n_usual;
        }
    }
    ret->scale = steps && ret->n_usual >= SCALE_LEAST && ret->n_usual <= SCALE_MOST;
}

/* The names of a list that is offered whole, always; n 0: not so simple. */
static uint32_t list_names(struct sim *s, const struct form_node *n, const struct str **ret)
{
    if (n->list == DEF_NONE || n->list_from != DEF_NONE || n->choice_filter.expr)
        return 0;
    const struct choice_list *l = s->form->lists[n->list];
    uint32_t column = l->name_column;
    if (l->external && n->value_column.n)
        column = choice_column(l, n->value_column);
    if (column == DEF_NONE || l->rows > LISTS_KEPT || column >= l->n_columns)
        return 0;
    *ret = l->columns[column].cells;
    return l->rows;
}

static bool is_select(const struct form_node *n)
{
    return n->type == TYPE_SELECT_ONE || n->type == TYPE_SELECT_MULTIPLE || n->type == TYPE_RANK;
}

/* Steps make a scale only where several questions in a row are answered on as many: one question with
 * choices 1 to 5 may ask for anything. */
static void find_scales(struct sim *s)
{
    const struct form *f = s->form;
    uint32_t before = DEF_NONE;
    bool *beside = ARENA_ARRAY(&s->arena, bool, f->n_nodes);
    for (uint32_t d = 0; d < f->n_nodes; d++) {
        const struct form_node *n = &f->nodes[d];
        struct sim_names *names = &s->questions[d].names;
        if (n->type != TYPE_SELECT_ONE)
            continue;
        if (names->scale && before != DEF_NONE && f->nodes[before].parent == n->parent &&
            s->questions[before].names.scale &&
            s->questions[before].names.n_usual == names->n_usual)
            beside[before] = beside[d] = true;
        before = d;
    }
    for (uint32_t d = 0; d < f->n_nodes; d++)
        s->questions[d].names.scale = s->questions[d].names.scale && beside[d];
}

/* ---- reading ---- */

static int32_t reading_ms(const struct form *f, texts t)
{
    size_t n = 0;
    if (!t)
        return 0;
    const struct text *text = &t[f->default_language];
    for (uint32_t i = 0; i < text->n; i++)
        n += text->runs[i].literal.n + (text->runs[i].ref != DEF_NONE ? 8 : 0);
    n = n < 2000 ? n : 2000;
    return (int32_t)(n * 1000 / 12); /* twelve letters a second, read aloud */
}

/* ---- the profile's lines ---- */

static bool rule_fail(const struct sim_answer *a, struct err *e)
{
    char line[ERR_ARG_MAX], why[ERR_ARG_MAX];
    struct buf text;
    buf_init(&text, 4096);
    err_text(e, NULL, &text);
    err_arg(why, buf_str(&text));
    buf_done(&text);
    err_clear(e);
    return err_fail2(e, ERR_PROFILE_LINE, err_num(line, a->line), why);
}

static bool plan_rules(struct sim *s, uint32_t *def_of, struct err *e)
{
    const struct sim_profile *p = s->profile;
    for (size_t i = 0; i < p->n_answers; i++) {
        const struct sim_answer *a = &p->answers[i];
        def_of[i] = form_find(s->form, a->name);
        if (def_of[i] == DEF_NONE) {
            s->strangers[s->n_strangers++] = a->name;
            continue;
        }
        s->questions[def_of[i]].n_rules++;
    }
    for (size_t i = 0; i < p->n_answers; i++) {
        if (def_of[i] == DEF_NONE)
            continue;
        struct sim_question *q = &s->questions[def_of[i]];
        if (q->rules)
            continue;
        struct sim_rule *rules = ARENA_ARRAY(&s->arena, struct sim_rule, q->n_rules);
        uint32_t n = 0;
        for (size_t k = i; k < p->n_answers; k++) {
            struct expr *x = NULL;
            if (def_of[k] != def_of[i])
                continue;
            if (p->answers[k].when.n &&
                !form_expr(&x, s->form, p->answers[k].when, def_of[k], &s->arena, e))
                return rule_fail(&p->answers[k], e);
            rules[n++] = (struct sim_rule){&p->answers[k], x};
        }
        q->rules = rules;
    }
    return true;
}

/* ---- all ---- */

static bool asked(const struct form_node *n)
{
    switch ((int)n->type) {
    case TYPE_GROUP:
    case TYPE_REPEAT:
    case TYPE_NOTE:
    case TYPE_CALCULATE:
    case TYPE_HIDDEN:
    case TYPE_META: return false;
    default: return true;
    }
}

static void plan_question(struct sim *s, uint32_t def)
{
    const struct form_node *n = &s->form->nodes[def];
    struct sim_question *q = &s->questions[def];
    s->n_asked += asked(n);
    q->read_ms = reading_ms(s->form, n->label);
    if (n->constraint.expr) {
        struct sim_limits *l = ARENA_NEW(&s->arena, struct sim_limits);
        sim_limits_read(expr_text(n->constraint.expr), n->stored == STORED_DECIMAL ? 0.1 : 1,
                        &s->arena, l);
        q->limits = l;
    }
    if (is_select(n)) {
        const struct str *names;
        uint32_t count = list_names(s, n, &names);
        if (count)
            sim_names_sort(n, names, count, &s->arena, &q->names);
    }
}

bool sim_plan(struct sim *s, struct err *e)
{
    size_t n = s->profile->n_answers + 1;
    s->questions = ARENA_ARRAY(&s->arena, struct sim_question, s->form->n_nodes);
    s->strangers = ARENA_ARRAY(&s->arena, struct str, n);
    for (uint32_t d = 0; d < s->form->n_nodes; d++)
        plan_question(s, d);
    find_scales(s);
    return plan_rules(s, ARENA_ARRAY(&s->arena, uint32_t, n), e);
}
