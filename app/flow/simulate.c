/* The run: enumerators, their days, one interview after the other. */
#include "app/flow/simulate.h"

#include <stdio.h>

#include "app/flow/host.h"
#include "app/flow/sim_i.h"
#include "forms/base/date.h"

#define MINUTE ((int64_t)60000)

/* ---- the world that the engine sees ---- */

static struct instant host_clock(void *ctx)
{
    return ((const struct sim *)ctx)->now;
}

static int32_t host_zone_of(void *ctx, int64_t ms, bool local)
{
    (void)ctx;
    (void)ms;
    (void)local;
    return SIM_OFFSET_MIN;
}

static void host_draw(void *ctx, void *out, size_t n)
{
    dice_bytes(&((struct sim *)ctx)->host_dice, out, n);
}

static bool host_property(void *ctx, struct str name, struct buf *out)
{
    const struct sim *s = ctx;
    if (str_is(name, "cacah:code"))
        return buf_add_z(out, s->code);
    if (str_is(name, "cacah:visit"))
        return buf_add_c(out, '1');
    if (str_is(name, "username"))
        return buf_add_z(out, s->by->name);
    if (str_is(name, "deviceid"))
        return buf_add_z(out, s->deviceid);
    return false;
}

/* ---- enumerators and their days ---- */

/* The next working day; nobody goes out on Sundays. */
static void next_day(struct sim_who *w)
{
    w->today = 0;
    do
        w->day++;
    while (date_weekday(w->day) == 0);
    /* Who invents sits at home in the evening. */
    int64_t first = w->manner == SIM_FABRICATING ? 19 * 60 : 8 * 60;
    w->free_ms = w->day * DAY_MS + (first + dice_below(&w->dice, 50) - SIM_OFFSET_MIN) * MINUTE +
                 dice_below(&w->dice, 60000);
}

/* On the way to the next respondent. */
static void rest(struct sim *s, struct sim_who *w, int64_t ended_ms)
{
    static const struct {
        uint32_t least, more, last_hour;
    } ways[] = {
        [SIM_CAREFUL] = {10, 30, 16}, [SIM_LAZY] = {3, 12, 15}, [SIM_FABRICATING] = {1, 3, 22}};
    uint32_t minutes = ways[w->manner].least + dice_below(&w->dice, ways[w->manner].more);
    w->today++;
    w->free_ms = ended_ms + minutes * MINUTE + dice_below(&w->dice, 60000);
    int64_t hour = (w->free_ms / MINUTE + SIM_OFFSET_MIN - w->day * 1440) / 60;
    if (w->today >= (uint32_t)s->profile->number[SIM_a_day] || hour > ways[w->manner].last_hour)
        next_day(w);
}

static void hire(struct sim *s)
{
    const double *number = s->profile->number;
    s->n_who = (uint32_t)number[SIM_enumerators];
    uint32_t lazy = (uint32_t)number[SIM_lazy], fabricating = (uint32_t)number[SIM_fabricating];
    s->who = ARENA_ARRAY(&s->arena, struct sim_who, s->n_who);
    for (uint32_t i = 0; i < s->n_who; i++) {
        struct sim_who *w = &s->who[i];
        /* From the last one on, so that the first is careful when there is any such. */
        uint32_t back = s->n_who - 1 - i;
        w->manner = back < lazy                 ? SIM_LAZY
                    : back - lazy < fabricating ? SIM_FABRICATING
                                                : SIM_CAREFUL;
        dice_seed(&w->dice, s->seed, 1, i);
        w->seed = dice_next(&w->dice);
        double own = 0.8 + 0.4 * dice_unit(&w->dice);
        static const double paces[] = {
            [SIM_CAREFUL] = 1, [SIM_LAZY] = 0.4, [SIM_FABRICATING] = 0.25};
        w->pace = own * paces[w->manner] * number[SIM_pace];
        snprintf(w->name, sizeof w->name, "latihan%03u", i + 1);
        w->day = s->profile->start_day - 1;
        next_day(w);
    }
}

static struct sim_who *first_free(struct sim *s)
{
    struct sim_who *w = s->who;
    for (uint32_t i = 1; i < s->n_who; i++)
        if (s->who[i].free_ms < w->free_ms)
            w = &s->who[i];
    return w;
}

/* ---- life ---- */

/* Each form has chance of its own (FNV-1a of its id): one seed does not ask the same people twice. */
static uint64_t seed_for(uint64_t seed, struct str form_id)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325) ^ seed;
    for (size_t i = 0; i < form_id.n; i++)
        h = (h ^ (unsigned char)form_id.p[i]) * UINT64_C(0x100000001b3);
    return h;
}

bool sim_new(struct sim **ret, const struct form *f, const struct sim_profile *p, uint64_t seed,
             const struct sim_witness *witness, struct err *e)
{
    struct sim *s = mem_alloc(sizeof *s);
    s->form = f;
    s->profile = p;
    s->seed = seed_for(seed, f->id);
    s->witness = witness;
    arena_init(&s->arena);
    buf_init(&s->text, LIMIT_ANSWER_BYTES);
    buf_init(&s->path, LIMIT_ANSWER_BYTES);
    buf_init(&s->before, LIMIT_ANSWER_BYTES);
    buf_init(&s->after, LIMIT_ANSWER_BYTES);
    snprintf(s->deviceid, sizeof s->deviceid, "simulasi:%016llx", (unsigned long long)seed);
    s->host = (struct host){.ctx = s,
                            .now = host_clock,
                            .offset = host_zone_of,
                            .random = host_draw,
                            .property = host_property};
    s->tries_out = p->number[SIM_whole] > 0 && f->outcome != DEF_NONE;
    hire(s);
    if (!sim_plan(s, e)) {
        sim_free(s);
        return false;
    }
    *ret = s;
    return true;
}

void sim_free(struct sim *s)
{
    if (!s)
        return;
    interview_free(s->iv);
    buf_done(&s->text);
    buf_done(&s->path);
    buf_done(&s->before);
    buf_done(&s->after);
    arena_done(&s->arena);
    mem_free(s);
}

struct str sim_stranger(const struct sim *s, size_t i)
{
    return i < s->n_strangers ? s->strangers[i] : (struct str){NULL, 0};
}

/* ---- one interview ---- */

/* The respondent: how content, and whether he stays to the end. */
static void meet(struct sim *s)
{
    const double *number = s->profile->number;
    double fate = dice_unit(&s->dice), where = dice_unit(&s->dice);
    bool made_up = s->by->manner == SIM_FABRICATING;
    s->mood = made_up ? 0.05 : 0.15 * dice_normal(&s->dice);
    s->answered = 0;
    s->last_step = UINT32_MAX;
    s->stop_outcome = 0;
    if (made_up)
        return;
    if (fate < number[SIM_refusal]) {
        s->stop_outcome = 4;
        s->stop_after = (uint32_t)(where * s->n_asked / 10);
    } else if (fate < number[SIM_refusal] + number[SIM_break_off]) {
        s->stop_outcome = 2;
        s->stop_after = (uint32_t)((0.1 + 0.8 * where) * s->n_asked);
    }
}

static void draw_uuid(struct sim *s, struct id16 *ret)
{
    dice_bytes(&s->host_dice, ret->b, sizeof ret->b);
    ret->b[6] = (uint8_t)((ret->b[6] & 0x0f) | 0x40);
    ret->b[8] = (uint8_t)((ret->b[8] & 0x3f) | 0x80);
}

/* The same chance again: so an interview that was tried out can be held. */
static bool sit_down(struct sim *s, uint32_t try, struct err *e)
{
    s->now = (struct instant){s->by->free_ms, SIM_OFFSET_MIN};
    dice_seed(&s->dice, s->seed, 2 + ((uint64_t)try << 8), s->number);
    meet(s);
    interview_free(s->iv);
    s->iv = NULL;
    return interview_new(&s->iv, s->form, &s->host, e);
}

/* Whether this chance leads where the interview is to end. */
static bool try_out(struct sim *s, uint32_t try, bool *ret_fits, struct err *e)
{
    if (!sit_down(s, try, e))
        return false;
    *ret_fits = s->stop_outcome && try == 0; /* this respondent leaves before the end */
    if (s->stop_outcome)
        return true;
    if (!sim_walk(s, e))
        return false;
    *ret_fits = interview_outcome(s->iv) == OUTCOME_COMPLETE;
    return true;
}

/* Which chance leads to a whole interview: a form's questions about contact, consent and eligibility end
 * most of those that are answered without a profile. Tried out unseen; 0 when none does. What the profile
 * has a line for is drawn once for all tries. */
static bool find_whole(struct sim *s, uint32_t *ret_try, struct err *e)
{
    const struct sim_witness *witness = s->witness;
    s->rule_seed = dice_next(&s->host_dice);
    const struct dice before = s->host_dice;
    bool ok = true, fits = false;
    s->witness = NULL;
    for (uint32_t try = 0; ok && !fits && try < SIM_WHOLE_TRIES; try++) {
        s->host_dice = before;
        ok = try_out(s, try, &fits, e);
        if (fits)
            *ret_try = try;
    }
    s->host_dice = before;
    s->witness = witness;
    return ok;
}

static bool begin(struct sim *s, struct sim_held *h, struct err *e)
{
    uint32_t try = 0;
    s->by = first_free(s);
    s->number = s->held;
    dice_seed(&s->host_dice, s->seed, 3, s->held);
    h->start = (struct sim_start){.number = s->held,
                                  .enumerator = (uint32_t)(s->by - s->who),
                                  .manner = s->by->manner,
                                  .at = {s->by->free_ms, SIM_OFFSET_MIN},
                                  .username = s->by->name,
                                  .deviceid = s->deviceid};
    dice_bytes(&s->host_dice, h->start.seed, sizeof h->start.seed);
    draw_uuid(s, &h->uuid);
    if (s->witness && s->witness->begin &&
        !s->witness->begin(s->witness->ctx, &h->start, &h->uuid, e))
        return false;
    code_of_uuid(&h->uuid, s->code);
    if (s->tries_out && !find_whole(s, &try, e))
        return false;
    return sit_down(s, try, e);
}

bool sim_next(struct sim *s, struct sim_held *ret, struct err *e)
{
    struct sim_held h = {.start.number = 0};
    struct place at;
    if (!begin(s, &h, e) || !sim_walk(s, e) || !interview_finalise(s->iv, &at, e))
        return false;
    rest(s, s->by, s->now.ms);
    s->held++;
    h.iv = s->iv;
    h.ended = s->now;
    h.answered = s->answered;
    h.outcome = interview_outcome(s->iv);
    *ret = h;
    return true;
}
