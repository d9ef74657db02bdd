/* Dates, times and both, typed in one go: 17081945 is 17-08-1945, 1708 is this year's. A
 * separator ends a part early (7-8-1945); ← and → go between parts, ↑ and ↓ step the one under
 * the cursor; h is today or now. The day is said in words beside the field. */
#include "app/tr.h"
#include "app/view/local.h"
#include "app/view/text.h"
#include "app/view/widget.h"
#include "forms/base/date.h"
#include "forms/base/num.h"

#define SLOTS_MAX 12

struct layout {
    const char *mask; /* a letter a slot, the rest is drawn: D M Y h m */
    int slots;
};

static const struct layout full = {"DD-MM-YYYY", 8}, month_year = {"MM-YYYY", 6},
                           year_only = {"YYYY", 4}, clock_time = {"hh:mm", 4},
                           date_time = {"DD-MM-YYYY hh:mm", 12};

struct date_field {
    struct widget w;
    const struct layout *l;
    char slot[SLOTS_MAX]; /* digits, or blank; in the order of the mask's letters */
    int at;
};

static struct date_field *of(const struct widget *w)
{
    return (struct date_field *)(uintptr_t)w;
}

static bool is_slot(char c)
{
    return c == 'D' || c == 'M' || c == 'Y' || c == 'h' || c == 'm';
}

/* The letter of a slot; that of the last one for the place behind it. */
static char letter_of(const struct date_field *d, int slot)
{
    char last = 0;

    for (const char *m = d->l->mask; *m; m++)
        if (is_slot(*m) && (last = *m, slot-- == 0))
            break;
    return last;
}

static int first_slot(const struct date_field *d, char letter)
{
    int i = 0;

    while (i < d->l->slots && letter_of(d, i) != letter)
        i++;
    return i;
}

static int part_len(const struct date_field *d, char letter)
{
    int n = 0;

    for (int i = 0; i < d->l->slots; i++)
        n += letter_of(d, i) == letter;
    return n;
}

/* The number in a part's slots; -1 when it is blank. *ret_whole: every slot is filled. */
static int part_value(const struct date_field *d, char letter, bool *ret_whole)
{
    int v = -1, from = first_slot(d, letter), n = part_len(d, letter);

    *ret_whole = n > 0;
    for (int i = from; i < from + n; i++) {
        if (d->slot[i] == ' ')
            *ret_whole = false;
        else
            v = (v < 0 ? 0 : v) * 10 + d->slot[i] - '0';
    }
    return v;
}

static void put_part(struct date_field *d, char letter, int64_t v)
{
    int from = first_slot(d, letter), n = part_len(d, letter);

    for (int i = from + n - 1; i >= from; i--, v /= 10)
        d->slot[i] = (char)('0' + v % 10);
}

static void put_all(struct date_field *d, int64_t local_ms)
{
    struct civil c = date_civil(local_ms);

    put_part(d, 'D', c.day);
    put_part(d, 'M', c.month);
    put_part(d, 'Y', c.year);
    put_part(d, 'h', c.hour);
    put_part(d, 'm', c.minute);
}

/* "2026-01-31", "10:20:30.000+08:00" or both with a T between: the wall clock as stored. */
static void put_stored(struct date_field *d, struct str s)
{
    int64_t v;
    struct str time = s;

    if (s.n >= 10 && s.p[4] == '-') {
        if (num_parse_int(str_sub(s, 0, 4), &v))
            put_part(d, 'Y', v);
        if (num_parse_int(str_sub(s, 5, 2), &v))
            put_part(d, 'M', v);
        if (num_parse_int(str_sub(s, 8, 2), &v))
            put_part(d, 'D', v);
        time = str_from(s, 11);
    }
    if (time.n >= 5 && time.p[2] == ':') {
        if (num_parse_int(str_sub(time, 0, 2), &v))
            put_part(d, 'h', v);
        if (num_parse_int(str_sub(time, 3, 2), &v))
            put_part(d, 'm', v);
    }
    d->at = s.n ? d->l->slots : 0;
}

static void open_(struct widget *w)
{
    struct date_field *d = of(w);

    d->l = w->f.kind == FIELD_TIME       ? &clock_time
           : w->f.kind == FIELD_DATETIME ? &date_time
           : w->f.year_only              ? &year_only
           : w->f.month_only             ? &month_year
                                         : &full;
    memset(d->slot, ' ', sizeof d->slot);
    put_stored(d, w->f.value);
}

/* ---- typing ---- */

static enum did type_digit(struct date_field *d, char digit)
{
    if (d->at >= d->l->slots)
        return DID_REFUSE;
    d->slot[d->at++] = digit;
    d->w.touched = true;
    return DID_TYPE;
}

/* "7-": the part ends with fewer digits than it has room for. */
static enum did end_part(struct date_field *d)
{
    char letter = letter_of(d, d->at);
    int from = first_slot(d, letter), n = part_len(d, letter);
    bool whole;
    int v = part_value(d, letter, &whole);

    if (d->at == from || d->at >= d->l->slots)
        return d->at == 0 ? DID_REFUSE : DID_SOMETHING; /* the part before was just filled */
    put_part(d, letter, v);
    d->at = from + n;
    return DID_TYPE;
}

static enum did erase(struct date_field *d)
{
    if (d->at == 0)
        return DID_NOTHING;
    d->slot[--d->at] = ' ';
    d->w.touched = true;
    return DID_TYPE;
}

/* Nothing was typed behind the cursor: a move over blanks would leave a hole. */
static enum did move_part(struct date_field *d, bool right)
{
    int at = d->at;
    char letter = letter_of(d, at);

    if (right) {
        while (at < d->l->slots && letter_of(d, at) == letter)
            at++;
        if (at > 0 && d->slot[at - 1] == ' ')
            return DID_SOMETHING;
    } else {
        if (at == first_slot(d, letter) && at > 0)
            letter = letter_of(d, at - 1);
        at = first_slot(d, letter);
    }
    d->at = at;
    return DID_SOMETHING;
}

static bool read_all(const struct date_field *d, struct civil *ret);

/* Days roll over months, months over years, minutes over hours. */
static enum did step(struct date_field *d, int by)
{
    char letter = d->at < d->l->slots                         ? letter_of(d, d->at)
                  : d->l == &clock_time || d->l == &date_time ? 'm'
                  : d->l == &full                             ? 'D'
                                                              : letter_of(d, 0);
    struct civil c;
    int64_t ms, months;

    if (!read_all(d, &c)) {
        put_all(d, d->w.f.now_ms);
        d->at = d->l->slots;
    } else {
        ms = date_days(c.year, c.month, c.day) * DAY_MS + c.hour * 3600000LL + c.minute * 60000LL;
        months = c.year * 12 + c.month - 1 + (letter == 'Y' ? 12 * by : by);
        if (letter == 'Y' || letter == 'M') {
            int last = date_days_in_month(months / 12, (int)(months % 12) + 1);

            ms = date_days(months / 12, (int)(months % 12) + 1, c.day < last ? c.day : last) *
                     DAY_MS +
                 c.hour * 3600000LL + c.minute * 60000LL;
        } else {
            ms += by * (letter == 'D' ? DAY_MS : letter == 'h' ? 3600000LL : 60000LL);
        }
        if (date_civil(ms).year < 1 || date_civil(ms).year > 9999)
            return DID_REFUSE;
        put_all(d, ms);
    }
    d->w.touched = true;
    return DID_TYPE;
}

static enum did type(struct date_field *d, struct key k)
{
    if (k.code >= '0' && k.code <= '9')
        return type_digit(d, (char)k.code);
    if (k.code == 'h' || k.code == 'H' || k.code == 't') {
        put_all(d, d->w.f.now_ms);
        d->at = d->l->slots;
        d->w.touched = true;
        return DID_TYPE;
    }
    if (k.code == '-' || k.code == '/' || k.code == '.' || k.code == ':' || k.code == ' ')
        return end_part(d);
    return key_is_text(k) ? DID_REFUSE : DID_NOTHING;
}

static enum did input(struct widget *w, const struct input *in)
{
    struct date_field *d = of(w);

    switch ((int)in->action) {
    case ACTION_TAKE: return DID_TAKE;
    case ACTION_UP: return step(d, 1);
    case ACTION_DOWN: return step(d, -1);
    case ACTION_LEFT: return move_part(d, false);
    case ACTION_RIGHT: return move_part(d, true);
    case ACTION_HOME: d->at = 0; return DID_SOMETHING;
    case ACTION_ERASE: return erase(d);
    case ACTION_ERASE_WORD:
    case ACTION_ERASE_AT:
        memset(d->slot, ' ', sizeof d->slot);
        d->at = 0;
        w->touched = true;
        return DID_TYPE;
    case ACTION_NONE: return type(d, in->key);
    default: return DID_NOTHING;
    }
}

/* ---- the value ---- */

static bool blank(const struct date_field *d)
{
    for (int i = 0; i < d->l->slots; i++)
        if (d->slot[i] != ' ')
            return false;
    return true;
}

/* Takes a part that the field asks for; without one, `v` stays. False: it isn't wholly there. */
static bool read_part(const struct date_field *d, char letter, int *v)
{
    bool whole;
    int there = part_value(d, letter, &whole);

    if (part_len(d, letter) == 0)
        return true;
    *v = there;
    return whole;
}

/* All parts there and a day of the calendar; what isn't asked for is the first; a day and month
 * alone are this year's. */
static bool read_all(const struct date_field *d, struct civil *ret)
{
    int year = 1970, month = 1, day = 1, hour = 0, minute = 0;
    bool whole, whole_year = read_part(d, 'Y', &year);

    if (d->l == &full && part_value(d, 'Y', &whole) < 0) {
        year = (int)date_civil(d->w.f.now_ms).year;
        whole_year = true;
    }
    if (!whole_year || !read_part(d, 'M', &month) || !read_part(d, 'D', &day) ||
        !read_part(d, 'h', &hour) || !read_part(d, 'm', &minute))
        return false;
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > date_days_in_month(year, month) ||
        hour > 23 || minute > 59)
        return false;
    *ret = (struct civil){.year = year, .month = month, .day = day, .hour = hour, .minute = minute};
    return true;
}

static int rows(struct widget *w, int cols)
{
    (void)w;
    (void)cols;
    return 1;
}

static void draw(struct widget *w, struct area a, bool focus)
{
    struct date_field *d = of(w);
    int x = 0, slot = 0;
    struct civil c;
    struct buf words;

    area_fill(a, 0, 0, 1, (int)strlen(d->l->mask), STYLE_INPUT);
    for (const char *m = d->l->mask; *m; m++, x++) {
        char shown = is_slot(*m) ? d->slot[slot] == ' ' ? '_' : d->slot[slot] : *m;

        if (focus && is_slot(*m) && slot == d->at)
            area_cursor(a, 0, x);
        slot += is_slot(*m);
        area_text(a, 0, x, 1, STYLE_INPUT, (struct str){&shown, 1});
    }
    if (focus && d->at >= d->l->slots)
        area_cursor(a, 0, x);
    buf_init(&words, 256);
    if (blank(d))
        buf_add_z(&words, d->l == &clock_time ? _("h: now") : _("h: today"));
    else if (d->l != &clock_time && !w->f.month_only && !w->f.year_only && read_all(d, &c))
        local_day(date_days(c.year, c.month, c.day), &words);
    area_text(a, 0, x + 3, a.cols - x - 3, STYLE_HINT, buf_str(&words));
    buf_done(&words);
}

static bool answer(struct widget *w, struct buf *out, const char **ret_why)
{
    struct date_field *d = of(w);
    struct civil c;
    bool whole;

    if (blank(d))
        return true;
    if (part_value(d, 'Y', &whole) >= 0 && !whole) {
        *ret_why = N_("Write the year with four digits.");
        return false;
    }
    if (!read_all(d, &c)) {
        *ret_why = d->l == &clock_time ? N_("This is not a time of day: hours 00 to 23, "
                                            "minutes 00 to 59.")
                                       : N_("There is no such day in the calendar, or a part "
                                            "is missing.");
        return false;
    }
    if (d->l != &clock_time)
        buf_printf(out, "%04d-%02d-%02d", (int)c.year, c.month, c.day);
    if (d->l == &date_time)
        buf_add_c(out, 'T');
    if (d->l == &clock_time || d->l == &date_time)
        buf_printf(out, "%02d:%02d", c.hour, c.minute);
    return true;
}

static struct str typed(const struct widget *w)
{
    return w->touched ? (struct str){of(w)->slot, (size_t)of(w)->l->slots} : STR("");
}

static void set_typed(struct widget *w, struct str text)
{
    struct date_field *d = of(w);

    for (int i = 0; i < d->l->slots; i++) {
        char c = (size_t)i < text.n ? text.p[i] : ' ';

        d->slot[i] = c >= '0' && c <= '9' ? c : ' ';
        if (d->slot[i] != ' ')
            d->at = i + 1;
    }
    w->touched = true;
}

const struct widget_ops widget_date = {
    .size = sizeof(struct date_field),
    .contexts = CTX_MOVE | CTX_TEXT,
    .typing = true,
    .open = open_,
    .input = input,
    .rows = rows,
    .draw = draw,
    .answer = answer,
    .typed = typed,
    .set_typed = set_typed,
};
