/* One answer: by the profile, else as people answer such a question. */
#include "app/flow/sim_i.h"

#include <math.h>

#include "app/flow/sim_regex.h"
#include "forms/base/date.h"
#include "forms/base/num.h"

/* ---- numbers ---- */

static bool is_missing_code(const struct form_node *n, double x)
{
    for (int i = 0; i < MISSING_KINDS; i++) {
        double code;
        if (n->missing[i].p && num_parse(n->missing[i], 0, &code) && code == x)
            return true;
    }
    return false;
}

/* A span that is more than the code of a missing answer; a wide one as likely as a narrow one. */
static struct span pick_span(struct dice *d, const struct form_node *n, const struct spans *all)
{
    struct spans left = {.n = 0};
    for (uint32_t i = 0; i < all->n; i++)
        if (all->v[i].lo < all->v[i].hi || !is_missing_code(n, all->v[i].lo))
            left.v[left.n++] = all->v[i];
    if (left.n == 0)
        return (struct span){-INFINITY, INFINITY};
    return left.v[dice_below(d, left.n)];
}

/* People round: the more, the larger the number. */
static double rounded(struct dice *d, double x)
{
    double unit = 1;
    while (x >= 1000 * unit)
        unit *= 10;
    if (x >= 1000)
        return floor(x / (unit * 10)) * unit * 10;
    return x >= 50 && dice_chance(d, 0.6) ? floor(x / 5) * 5 : x;
}

static double draw_within(struct dice *d, struct span s, double step)
{
    if (isinf(s.lo) && isinf(s.hi))
        s = (struct span){0, 100};
    else if (isinf(s.hi))
        s.hi = s.lo + (s.lo > 1000 ? s.lo : 1000);
    else if (isinf(s.lo))
        s.lo = s.hi > 0 ? 0 : s.hi - 1000;
    double range = floor((s.hi - s.lo) / step + 1e-9);
    double a = dice_unit(d), b = dice_unit(d), x;
    if (range <= 20 ||
        (s.lo >= 10 && s.hi < 12 * s.lo)) /* a few, or an age: smaller ones more often */
        return s.lo + floor((a < b ? a : b) * (range + 1)) * step;
    x = s.lo + rounded(d, floor(dice_magnitude(d, range))) * step;
    return x < s.hi ? x : s.hi;
}

static double to_grid(double x, enum stored stored)
{
    return stored == STORED_DECIMAL ? floor(x * 10 + 0.5) / 10 : floor(x + 0.5);
}

/* What could help when nothing drawn was taken: ends of spans, small numbers, powers of ten. */
static bool number_tried(const struct sim_question *q, uint32_t i, double *ret)
{
    static const double often[] = {0, 1, 2, 3, 5, 10, 20, 50, 100, 1000, 10000, 100000, -1, -10};
    const size_t n = sizeof often / sizeof *often;
    if (i < n) {
        *ret = often[i];
        return true;
    }
    i -= (uint32_t)n;
    if (!q->limits || i >= 2 * q->limits->value.n)
        return false;
    const struct span *s = &q->limits->value.v[i / 2];
    *ret = i % 2 ? s->hi : s->lo;
    if (isinf(*ret))
        *ret = 0;
    return true;
}

static bool draw_number(struct sim *s, struct dice *d, const struct place *p, uint32_t try,
                        struct sim_drawn *ret)
{
    const struct form_node *n = &s->form->nodes[p->def];
    const struct sim_question *q = &s->questions[p->def];
    double x;
    if (try >= SIM_TRIES) {
        if (!number_tried(q, try - SIM_TRIES, &x))
            return false;
    } else if (n->type == TYPE_RANGE) {
        double steps = floor((n->range_end - n->range_start) / n->range_step + 1e-9);
        x = n->range_start + floor(dice_unit(d) * (steps + 1)) * n->range_step;
    } else {
        struct span span = {-INFINITY, INFINITY};
        if (q->limits && try < SIM_TRIES / 2) /* they may miss what other questions say */
            span = pick_span(d, n, &q->limits->value);
        double step = n->stored == STORED_DECIMAL ? 0.1 : 1;
        x = to_grid(draw_within(d, span, step), n->stored);
    }
    buf_clear(&s->text);
    num_add(&s->text, x);
    ret->text = buf_str(&s->text);
    return true;
}

/* ---- texts ---- */

static const char *const words[] = {
    "layanan",  "sudah",      "cepat",   "petugas", "ramah", "antrean",  "masih",     "panjang",
    "aplikasi", "mudah",      "dipakai", "biaya",   "murah", "jelas",    "informasi", "perlu",
    "ditambah", "loket",      "jadwal",  "tepat",   "waktu", "jaringan", "kadang",    "lambat",
    "tolong",   "diperbaiki", "lebih",   "dekat",   "warga", "terbantu", "terima",    "kasih"};

static bool draw_words(struct sim *s, struct dice *d, const struct sim_question *q, bool short_one)
{
    double least = 1, most = 200;
    if (q->limits && q->limits->length.n) {
        least = q->limits->length.v[0].lo > 1 ? q->limits->length.v[0].lo : 1;
        most = q->limits->length.v[0].hi < most ? q->limits->length.v[0].hi : most;
        most = most < least ? least : most;
    }
    least = least < 100000 ? least : 100000;
    uint32_t count = short_one ? 1 : 1 + dice_below(d, 8);
    buf_clear(&s->text);
    while (count > 0 || (double)s->text.n < least) {
        if (s->text.n)
            buf_add_c(&s->text, ' ');
        buf_add_z(&s->text, words[dice_below(d, sizeof words / sizeof *words)]);
        count -= count > 0;
    }
    while ((double)s->text.n > most || (s->text.n && s->text.p[s->text.n - 1] == ' '))
        s->text.n--; /* ASCII all through */
    return s->text.n > 0;
}

static bool draw_digits(struct sim *s, struct dice *d, uint32_t count)
{
    buf_clear(&s->text);
    while (count-- > 0)
        buf_add_c(&s->text, (char)('0' + dice_below(d, 10)));
    return true;
}

static bool draw_text(struct sim *s, struct dice *d, const struct place *p, uint32_t try,
                      struct sim_drawn *ret)
{
    const struct sim_question *q = &s->questions[p->def];
    if (try >= 2 * SIM_TRIES)
        return false;
    buf_clear(&s->text);
    if (q->limits && q->limits->pattern.n && try < SIM_TRIES) {
        if (!sim_regex_draw(q->limits->pattern, d, &s->text))
            return draw_text(s, d, p, SIM_TRIES, ret);
    } else if (try > SIM_TRIES) { /* it may want digits */
        draw_digits(s, d, 1 + (try - SIM_TRIES) % 20);
    } else {
        draw_words(s, d, q, s->by->manner == SIM_LAZY);
    }
    ret->text = buf_str(&s->text);
    return ret->text.n > 0;
}

/* ---- dates, places, files ---- */

static int64_t draw_local_ms(struct sim *s, struct dice *d, uint32_t try)
{
    int64_t now = s->now.ms + (int64_t)s->now.offset_min * 60000;
    double most = try < 4 ? 365 : 20000;
    int64_t days = (int64_t)dice_magnitude(d, most);
    return now + (try % 2 ? days : -days) * DAY_MS;
}

static bool draw_date(struct sim *s, struct dice *d, const struct form_node *n, uint32_t try,
                      struct sim_drawn *ret)
{
    char text[DATE_TEXT_MAX];
    int64_t local = draw_local_ms(s, d, try);
    bool day_only = n->stored == STORED_DATE;
    if (try >= 4 * SIM_TRIES)
        return false;
    if (n->stored != STORED_DATE)
        local += (int64_t)dice_below(d, 1440) * 60000;
    if (day_only)
        local -= ((local % DAY_MS) + DAY_MS) % DAY_MS;
    struct date date = date_of_local(local, &s->host, day_only ? DATE_ONLY : DATE_TIME);
    size_t size = n->stored == STORED_TIME ? time_text(&date, text) : date_text(&date, text);
    buf_clear(&s->text);
    buf_add(&s->text, text, size);
    ret->text = buf_str(&s->text);
    return true;
}

/* Somewhere in Tabalong, to the fifth decimal. */
static void add_point(struct sim *s, struct dice *d)
{
    double lat = -1.9 + 0.35 * (dice_unit(d) - 0.5), lon = 115.45 + 0.3 * (dice_unit(d) - 0.5);
    num_add(&s->text, floor(lat * 100000) / 100000);
    buf_add_c(&s->text, ' ');
    num_add(&s->text, floor(lon * 100000) / 100000);
    buf_add_z(&s->text, " 40 5");
}

static bool draw_geo(struct sim *s, struct dice *d, const struct form_node *n, uint32_t try,
                     struct sim_drawn *ret)
{
    buf_clear(&s->text);
    add_point(s, d);
    size_t first = s->text.n;
    if (n->type == TYPE_GEOTRACE || n->type == TYPE_GEOSHAPE)
        for (int i = 0; i < 2; i++) {
            buf_add_z(&s->text, "; ");
            add_point(s, d);
        }
    if (n->type == TYPE_GEOSHAPE) { /* a ring ends where it began */
        char begin[128];
        first = first < sizeof begin ? first : sizeof begin;
        memcpy(begin, s->text.p, first);
        buf_add_z(&s->text, "; ");
        buf_add(&s->text, begin, first);
    }
    ret->text = buf_str(&s->text);
    return try < SIM_TRIES;
}

/* Only its name: there is no picture. */
static bool draw_file(struct sim *s, const struct form_node *n, uint32_t try, struct sim_drawn *ret)
{
    static const struct {
        const char *media, *ending;
    } endings[] = {{"image", "jpg"}, {"audio", "m4a"}, {"video", "mp4"}};
    const char *ending = "dat";
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (str_is(n->media, endings[i].media))
            ending = endings[i].ending;
    buf_clear(&s->text);
    buf_printf(&s->text, "simulasi-%u.%s", s->number + 1, ending);
    ret->text = buf_str(&s->text);
    return try == 0;
}

/* ---- any ---- */

static bool draw_typed(struct sim *s, struct dice *d, const struct place *p, uint32_t try,
                       struct sim_drawn *ret)
{
    const struct form_node *n = &s->form->nodes[p->def];
    switch (n->type) {
    case TYPE_SELECT_ONE:
    case TYPE_SELECT_MULTIPLE:
    case TYPE_RANK: return sim_draw_select(s, d, p, try, ret);
    case TYPE_INTEGER:
    case TYPE_DECIMAL:
    case TYPE_RANGE: return draw_number(s, d, p, try, ret);
    case TYPE_TEXT: return draw_text(s, d, p, try, ret);
    case TYPE_DATE:
    case TYPE_TIME:
    case TYPE_DATETIME: return draw_date(s, d, n, try, ret);
    case TYPE_GEOPOINT:
    case TYPE_GEOTRACE:
    case TYPE_GEOSHAPE: return draw_geo(s, d, n, try, ret);
    case TYPE_ACKNOWLEDGE: ret->text = STR("OK"); return try == 0;
    case TYPE_BARCODE:
        draw_digits(s, d, 13);
        ret->text = buf_str(&s->text);
        return try < SIM_TRIES;
    case TYPE_FILE: return draw_file(s, n, try, ret);
    case TYPE_GROUP:
    case TYPE_REPEAT:
    case TYPE_NOTE:
    case TYPE_CALCULATE:
    case TYPE_HIDDEN:
    case TYPE_META: break;
    }
    return false;
}

/* ---- don't know, refused, not applicable, nothing ---- */

static bool draw_missing(struct sim *s, struct dice *d, const struct form_node *n,
                         struct sim_drawn *ret)
{
    static const enum sim_key keys[MISSING_KINDS] = {SIM_dk, SIM_refused, SIM_na};
    double times = s->by->manner == SIM_FABRICATING ? 0 : s->by->manner == SIM_LAZY ? 3 : 1;
    for (int i = 0; i < MISSING_KINDS; i++)
        if (n->missing[i].p && dice_chance(d, times * s->profile->number[keys[i]])) {
            ret->missing = (enum missing)i;
            return true;
        }
    return false;
}

/* Nobody says what needs not be said to one who is in a hurry. */
static bool draw_blank(struct sim *s, struct dice *d, const struct place *p, struct sim_drawn *ret)
{
    struct node_state now = interview_state(s->iv, p);
    double share = s->profile->number[SIM_optional];
    if (s->by->manner == SIM_LAZY)
        share /= 4;
    ret->blank = !now.required && !dice_chance(d, share);
    return ret->blank;
}

/* ---- the profile ---- */

static const struct sim_answer *rule_of(struct sim *s, const struct place *p)
{
    const struct sim_question *q = &s->questions[p->def];
    for (uint32_t i = 0; i < q->n_rules; i++) {
        struct value v;
        struct str text;
        struct err e = {0};
        if (!q->rules[i].when)
            return q->rules[i].answer;
        if (!interview_eval(s->iv, q->rules[i].when, p, &v, &text, &e))
            continue;
        bool truth = v.kind == VAL_BOOLEAN  ? v.u.boolean
                     : v.kind == VAL_NUMBER ? v.u.number != 0 && v.u.number == v.u.number
                     : v.kind == VAL_NODES  ? v.u.nodes.n > 0
                                            : text.n > 0;
        if (truth)
            return q->rules[i].answer;
    }
    return NULL;
}

static bool draw_distribution(struct sim *s, struct dice *d, const struct place *p,
                              const struct sim_answer *a, struct sim_drawn *ret)
{
    double x =
        a->how == SIM_NORMAL ? a->a + a->b * dice_normal(d) : a->a + (a->b - a->a) * dice_unit(d);
    enum stored stored = s->form->nodes[p->def].stored;
    if (a->how == SIM_UNIFORM && stored == STORED_INT)
        x = a->a + floor(dice_unit(d) * (a->b - a->a + 1));
    buf_clear(&s->text);
    num_add(&s->text, to_grid(x, stored));
    ret->text = buf_str(&s->text);
    return true;
}

/* Chance of its own for each question. */
static struct dice dice_at(const struct place *p, uint32_t try, uint64_t seed)
{
    struct dice d;
    uint64_t at = (uint64_t)p->def << 20;
    for (int i = 0; i < p->depth; i++)
        at = at * 31 + p->index[i];
    dice_seed(&d, seed, at, try);
    return d;
}

bool sim_draw(struct sim *s, const struct place *p, uint32_t try, struct sim_drawn *ret)
{
    const struct form_node *n = &s->form->nodes[p->def];
    const struct sim_answer *rule = rule_of(s, p);
    bool own = rule && rule->how == SIM_ENUMERATOR;
    bool again = s->by->manner == SIM_FABRICATING && dice_chance(&s->dice, 0.7);
    struct dice mine, *d = &s->dice;
    *ret = (struct sim_drawn){.missing = MISSING_NOT};
    if (own || again) { /* what he always answers; what one makes up at home repeats itself */
        mine = dice_at(p, try, s->by->seed + (own ? 1 : 2));
        d = &mine;
    } else if (rule && s->tries_out) { /* alike in all tries, so that its shares stay */
        mine = dice_at(p, try, s->rule_seed);
        d = &mine;
    }
    if (rule && try < SIM_TRIES / 2) {
        bool distribution = rule->how == SIM_UNIFORM || rule->how == SIM_NORMAL;
        if (distribution && draw_missing(s, d, n, ret))
            return true;
        if (distribution ? draw_distribution(s, d, p, rule, ret)
                         : sim_draw_rule(s, d, p, rule, ret))
            return true;
    } else if (!rule && try < SIM_TRIES / 2) {
        if (draw_missing(s, d, n, ret) || draw_blank(s, d, p, ret))
            return true;
    }
    return draw_typed(s, d, p, try, ret);
}
