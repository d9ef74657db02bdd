/* Through one interview, from the first question to the last. */
#include "app/flow/sim_i.h"

#define ANSWERS_MAX 5000 /* no person answers more in one interview */

/* ---- what is done, and told ---- */

static bool does(struct sim *s, const struct event *ev, const struct place *p, struct place *ret_at,
                 struct err *e)
{
    struct changes c;
    switch ((int)ev->kind) {
    case EVENT_SET: return interview_set(s->iv, p, ev->value, &c, e);
    case EVENT_CLEAR: return interview_clear(s->iv, p, &c, e);
    case EVENT_MISSING: return interview_set_missing(s->iv, p, (enum missing)ev->number, &c, e);
    case EVENT_ADD: return interview_add(s->iv, p, ret_at, &c, e);
    case EVENT_CONFIRM: return interview_confirm(s->iv, p, &c, e);
    case EVENT_OUTCOME:
        interview_set_outcome(s->iv, (int)ev->number);
        return interview_recalculate(s->iv, &c, e);
    default: return true;
    }
}

/* As audit.c wants it: where it was, what stood there before and after. */
static bool act(struct sim *s, enum event_kind kind, const struct place *p, struct str value,
                int64_t number, struct place *ret_at)
{
    struct event ev = {.kind = kind, .at = s->now, .value = value, .number = number};
    struct place added = PLACE_NONE;
    struct err e = {0};
    bool told = s->witness && s->witness->event;
    if (told) {
        buf_clear(&s->before);
        if (p->def != DEF_NONE)
            buf_add_str(&s->before, interview_value(s->iv, p));
    }
    if (!does(s, &ev, p, &added, &e))
        return false;
    if (told) {
        struct audit_node node = {.pii = p->def != DEF_NONE && s->form->nodes[p->def].pii};
        buf_clear(&s->path);
        buf_clear(&s->after);
        if (p->def != DEF_NONE) {
            place_text(s->form, kind == EVENT_ADD ? &added : p, &s->path);
            buf_add_str(&s->after, interview_value(s->iv, p));
        }
        node.path = ev.path = buf_str(&s->path);
        node.old = buf_str(&s->before);
        node.now = buf_str(&s->after);
        s->witness->event(s->witness->ctx, &ev, &node);
    }
    if (ret_at)
        *ret_at = added;
    return true;
}

static const struct str nothing = {"", 0};

/* The clock goes on by about so much, as fast as this enumerator is. */
static void pass(struct sim *s, int32_t ms)
{
    double noise = s->by->manner == SIM_FABRICATING ? 0.9 + 0.2 * dice_unit(&s->dice)
                                                    : 0.6 + 0.8 * dice_unit(&s->dice);
    if (s->by->manner != SIM_FABRICATING && dice_chance(&s->dice, 0.02))
        noise *= 6; /* a visitor, a child, a question back */
    s->now.ms += 200 + (int64_t)(ms * noise * s->by->pace);
}

/* From the question read out to the answer typed. */
static int32_t answer_ms(const struct form_node *n)
{
    switch ((int)n->type) {
    case TYPE_TEXT: return 15000;
    case TYPE_INTEGER:
    case TYPE_DECIMAL:
    case TYPE_DATE:
    case TYPE_TIME:
    case TYPE_DATETIME: return 9000;
    case TYPE_SELECT_MULTIPLE:
    case TYPE_RANK: return 11000;
    default: return 5500;
    }
}

/* ---- one question ---- */

static bool take(struct sim *s, const struct place *p, const struct sim_drawn *x)
{
    if (x->blank)
        return act(s, EVENT_CLEAR, p, nothing, 0, NULL);
    if (x->missing != MISSING_NOT)
        return act(s, EVENT_MISSING, p, nothing, (int64_t)x->missing, NULL);
    return act(s, EVENT_SET, p, x->text, 0, NULL);
}

static bool is_outcome(const struct sim *s, const struct place *p)
{
    return p->def == s->form->outcome;
}

/* One that may stand: no postponed interview is finalised. */
static bool good(struct sim *s, const struct place *p)
{
    struct node_state now = interview_state(s->iv, p);
    return now.complete && !(is_outcome(s, p) && interview_outcome(s->iv) == OUTCOME_POSTPONED);
}

/* Draws until the engine agrees; with it or not, the last answer drawn stays. */
static bool draw_good(struct sim *s, const struct place *p)
{
    struct sim_drawn x;
    for (uint32_t try = 0; sim_draw(s, p, try, &x); try++)
        if (take(s, p, &x) && good(s, p))
            return true;
    return false;
}

/* How the interview is called in the end: as it went, else what the constraint allows. */
static bool draw_outcome(struct sim *s, const struct place *p)
{
    static const char *const complete[] = {"1", "4", "6", "3", "5", "8", "2"};
    static const char *const refused[] = {"4", "2", "6", "3", "5", "8"};
    static const char *const left[] = {"2", "4", "6", "3", "5", "8"};
    const char *const *codes = s->stop_outcome == 4   ? refused
                               : s->stop_outcome == 2 ? left
                                                      : complete;
    size_t n = s->stop_outcome ? 6 : 7;
    if (s->stop_outcome == 0 && s->questions[p->def].n_rules && draw_good(s, p))
        return true;
    for (size_t i = 0; i < n; i++)
        if (act(s, EVENT_SET, p, str_of(codes[i]), 0, NULL) && good(s, p))
            return true;
    return draw_good(s, p);
}

static bool answer(struct sim *s, const struct place *p)
{
    return is_outcome(s, p) ? draw_outcome(s, p) : draw_good(s, p);
}

/* A soft check: thought over, or confirmed as it stands. False: no answer was found instead. */
static bool think_over(struct sim *s, const struct place *p)
{
    struct node_state now = interview_state(s->iv, p);
    for (int i = 0; i < 4 && now.warns && !now.confirmed; i++) {
        pass(s, 5000);
        if (i == 3 || dice_chance(&s->dice, s->profile->number[SIM_odd]))
            return act(s, EVENT_CONFIRM, p, nothing, 0, NULL);
        if (!answer(s, p))
            return false;
        now = interview_state(s->iv, p);
    }
    return true;
}

static bool stuck(struct sim *s, const struct place *p, struct err *e)
{
    char path[ERR_ARG_MAX], value[ERR_ARG_MAX];
    buf_clear(&s->path);
    place_text(s->form, p, &s->path);
    return err_fail2(e, ERR_SIM_STUCK, err_arg(path, buf_str(&s->path)),
                     err_arg(value, interview_value(s->iv, p)));
}

static bool ask(struct sim *s, const struct place *p, struct err *e)
{
    const struct form_node *n = &s->form->nodes[p->def];
    const struct sim_question *q = &s->questions[p->def];
    struct node_state now = interview_state(s->iv, p);
    act(s, EVENT_MOVE, p, nothing, 0, NULL);
    pass(s, q->read_ms);
    if (n->type == TYPE_NOTE || now.readonly)
        return true;
    if (now.answered && now.complete && !q->n_rules && !now.warns)
        return true; /* a default that stands */
    pass(s, answer_ms(n));
    if (!answer(s, p) && !good(s, p)) {
        if (now.required || !act(s, EVENT_CLEAR, p, nothing, 0, NULL) || !good(s, p))
            return stuck(s, p, e);
    }
    if (s->by->manner != SIM_FABRICATING &&
        dice_chance(&s->dice, s->profile->number[SIM_corrections])) {
        pass(s, 2000);
        if (!answer(s, p))
            return stuck(s, p, e);
    }
    if (n->n_warns && !think_over(s, p))
        return stuck(s, p, e);
    s->answered++;
    return true;
}

/* ---- all of them ---- */

/* The end of a repeat that grows by hand: one more, as long as chance has it. */
static bool one_more(struct sim *s, struct place *p)
{
    double mean = s->profile->number[SIM_instances];
    if (s->by->manner == SIM_LAZY)
        mean /= 2;
    double go_on = mean > 1 ? 1 - 1 / mean : 0;
    if (interview_instances(s->iv, p) == 0 ? !dice_chance(&s->dice, mean < 1 ? mean : 1)
                                           : !dice_chance(&s->dice, go_on))
        return false;
    return act(s, EVENT_ADD, p, nothing, 0, p);
}

static bool has_left(const struct sim *s)
{
    return s->stop_outcome && s->answered >= s->stop_after;
}

/* A repeat that grows with its own answers, most likely. */
static bool endless(struct sim *s, const struct place *p, struct err *e)
{
    char path[ERR_ARG_MAX];
    buf_clear(&s->path);
    place_text(s->form, p, &s->path);
    return err_fail1(e, ERR_SIM_ENDLESS, err_arg(path, buf_str(&s->path)));
}

bool sim_walk(struct sim *s, struct err *e)
{
    const struct form *f = s->form;
    struct place p = PLACE_NONE;
    while (interview_next(s->iv, &p, 0)) {
        /* Who has left is asked no more; what follows the outcome belongs to it. */
        if (has_left(s) && (f->outcome == DEF_NONE || p.def < f->outcome))
            continue;
        if (p.whole) {
            struct place whole = p;
            if (!one_more(s, &p))
                p = whole;
            continue;
        }
        if (!ask(s, &p, e))
            return false;
        if (s->answered > ANSWERS_MAX)
            return endless(s, &p, e);
    }
    if (f->outcome == DEF_NONE)
        return act(s, EVENT_OUTCOME, &(struct place){.def = DEF_NONE}, nothing,
                   has_left(s) ? s->stop_outcome : OUTCOME_COMPLETE, NULL);
    return true;
}
