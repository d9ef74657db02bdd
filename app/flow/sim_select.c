/* One choice, or several. */
#include "app/flow/sim_i.h"

#define RARE 0.06 /* other, none */

/* ---- what is offered ---- */

static bool names_now(struct sim *s, const struct place *p, struct arena *a, struct sim_names *ret)
{
    const struct sim_question *q = &s->questions[p->def];
    struct choices c;
    struct err e = {0};
    if (q->names.usual) {
        *ret = q->names;
        return true;
    }
    if (!interview_choices(s->iv, p, &c, &e))
        return false;
    uint32_t n = (uint32_t)c.n;
    struct str *names = ARENA_ARRAY(a, struct str, n + 1);
    for (uint32_t i = 0; i < n; i++)
        names[i] = interview_choice_name(s->iv, p, c.rows[i]);
    sim_names_sort(&s->form->nodes[p->def], names, n, a, ret);
    ret->scale = false;
    return true;
}

/* ---- one ---- */

static uint32_t step_on_scale(struct sim *s, struct dice *d, uint32_t n)
{
    if (s->by->manner == SIM_LAZY && s->last_step < n && dice_chance(d, 0.93))
        return s->last_step;
    double spread = s->by->manner == SIM_FABRICATING ? 0.08 : 0.2;
    double at = s->profile->number[SIM_mood] + s->mood + spread * dice_normal(d);
    at = at < 0 ? 0 : at > 0.999 ? 0.999 : at;
    return (uint32_t)(at * n);
}

/* Of a few the first is named most (yes; the usual way); of many all alike. */
static uint32_t one_of(struct dice *d, uint32_t n)
{
    if (n == 2)
        return dice_chance(d, 0.2);
    if (n > 2 && n <= 10 && dice_chance(d, 0.4))
        return 0;
    return dice_below(d, n);
}

static struct str draw_one(struct sim *s, struct dice *d, const struct sim_names *names)
{
    if (names->n_usual == 0 || (names->n_rare && dice_chance(d, RARE)))
        return names->rare[dice_below(d, names->n_rare)];
    if (!names->scale)
        return names->usual[one_of(d, names->n_usual)];
    s->last_step = step_on_scale(s, d, names->n_usual);
    return names->usual[s->last_step];
}

/* ---- several ---- */

static void add_name(struct buf *b, struct str name)
{
    if (b->n)
        buf_add_c(b, ' ');
    buf_add_str(b, name);
}

static struct str draw_several(struct sim *s, struct dice *d, const struct sim_names *names)
{
    buf_clear(&s->text);
    if (names->n_usual == 0 || (names->n_rare && dice_chance(d, RARE)))
        return names->rare[dice_below(d, names->n_rare)];
    double mean = s->profile->number[SIM_several];
    if (s->by->manner == SIM_LAZY)
        mean = 1;
    uint32_t left = 1 + dice_count(d, mean - 1, names->n_usual - 1);
    for (uint32_t i = 0; i < names->n_usual && left > 0; i++)
        if (dice_below(d, names->n_usual - i) < left) {
            add_name(&s->text, names->usual[i]);
            left--;
        }
    return buf_str(&s->text);
}

static struct str draw_order(struct sim *s, struct dice *d, const struct sim_names *names,
                             struct arena *a)
{
    uint32_t n = names->n_usual + names->n_rare;
    struct str *order = ARENA_ARRAY(a, struct str, n + 1);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t k = dice_below(d, i + 1);
        order[i] = order[k];
        order[k] = i < names->n_usual ? names->usual[i] : names->rare[i - names->n_usual];
    }
    buf_clear(&s->text);
    for (uint32_t i = 0; i < n; i++)
        add_name(&s->text, order[i]);
    return buf_str(&s->text);
}

/* ---- all ---- */

static bool draw_named(struct sim *s, struct dice *d, const struct place *p, uint32_t try,
                       const struct sim_names *names, struct arena *a, struct str *ret)
{
    uint32_t n = names->n_usual + names->n_rare;
    if (n == 0)
        return false;
    enum node_type type = s->form->nodes[p->def].type;
    if (type == TYPE_RANK) {
        *ret = draw_order(s, d, names, a);
        return try < 2 * SIM_TRIES;
    }
    if (try >= SIM_TRIES) { /* each by itself, in order */
        uint32_t i = try - SIM_TRIES;
        if (i >= n)
            return false;
        *ret = i < names->n_usual ? names->usual[i] : names->rare[i - names->n_usual];
        return true;
    }
    *ret = type == TYPE_SELECT_MULTIPLE ? draw_several(s, d, names) : draw_one(s, d, names);
    return true;
}

bool sim_draw_select(struct sim *s, struct dice *d, const struct place *p, uint32_t try,
                     struct sim_drawn *ret)
{
    struct sim_names names;
    struct arena a;
    arena_init(&a);
    bool ok = names_now(s, p, &a, &names) && draw_named(s, d, p, try, &names, &a, &ret->text);
    if (ok && ret->text.p != s->text.p) { /* may be the interview's own text */
        buf_clear(&s->text);
        buf_add_str(&s->text, ret->text);
        ret->text = buf_str(&s->text);
    }
    arena_done(&a);
    return ok;
}

/* ---- by the profile ---- */

static bool word_of(struct str code, struct sim_drawn *ret)
{
    static const struct {
        const char *word;
        enum missing missing;
    } words[] = {{"dk", MISSING_DK}, {"refused", MISSING_REFUSED}, {"na", MISSING_NA}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_is(code, words[i].word)) {
            ret->missing = words[i].missing;
            return true;
        }
    ret->blank = str_is(code, "blank");
    return ret->blank;
}

/* What one makes up over and over is what most people would say. */
static double weight_of(const struct sim_answer *a, size_t i, bool habit)
{
    double w = a->choices[i].weight;
    return habit ? w * w : w;
}

static void weighted_one(struct dice *d, const struct sim_answer *a, bool habit,
                         struct sim_drawn *ret)
{
    double sum = 0;
    for (size_t i = 0; i < a->n; i++)
        sum += weight_of(a, i, habit);
    double at = dice_unit(d) * sum;
    size_t i = 0;
    while (i + 1 < a->n && at >= weight_of(a, i, habit))
        at -= weight_of(a, i++, habit);
    if (!word_of(a->choices[i].code, ret))
        ret->text = a->choices[i].code;
}

/* Each choice by its own chance in per cent; when none comes up, one by their weights. */
static void weighted_several(struct sim *s, struct dice *d, const struct sim_answer *a,
                             struct sim_drawn *ret)
{
    buf_clear(&s->text);
    for (size_t i = 0; i < a->n; i++) {
        struct sim_drawn word = {.missing = MISSING_NOT};
        if (!dice_chance(d, a->choices[i].weight / 100))
            continue;
        if (word_of(a->choices[i].code, &word)) {
            *ret = word;
            return;
        }
        add_name(&s->text, a->choices[i].code);
    }
    ret->text = buf_str(&s->text);
    if (s->text.n == 0)
        weighted_one(d, a, d != &s->dice, ret);
}

bool sim_draw_rule(struct sim *s, struct dice *d, const struct place *p, const struct sim_answer *a,
                   struct sim_drawn *ret)
{
    uint32_t who = (uint32_t)(s->by - s->who);
    switch (a->how) {
    case SIM_TEXT: ret->text = a->choices[dice_below(d, (uint32_t)a->n)].code; return true;
    case SIM_ENUMERATOR:
        if (a->n == 0)
            return false; /* drawn, from his own dice */
        ret->text = a->choices[who % a->n].code;
        return true;
    case SIM_WEIGHTS:
        if (s->form->nodes[p->def].type == TYPE_SELECT_MULTIPLE && a->n > 1)
            weighted_several(s, d, a, ret);
        else
            weighted_one(d, a, d != &s->dice, ret);
        return true;
    case SIM_UNIFORM:
    case SIM_NORMAL: break;
    }
    return false;
}
