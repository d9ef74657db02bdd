/* Functions of dates and times. */
#include <math.h>

#include "forms/base/num.h"
#include "forms/expr/convert.h"
#include "forms/expr/func.h"

static bool ret_date(struct value *ret, struct date d)
{
    *ret = (struct value){VAL_DATE, {.date = d}};
    return true;
}

static bool ret_invalid(struct value *ret)
{
    return ret_date(ret, (struct date){DATE_INVALID, 0, DATE_TIME});
}

bool fn_today(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    (void)a;
    (void)n;
    struct instant now = m->ev->host->now(m->ev->host->ctx);
    struct date d = {now.ms, now.offset_min, DATE_TIME};
    return ret_date(ret, date_of_local(date_local_days(&d) * DAY_MS, m->ev->host, DATE_ONLY));
}

bool fn_now(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    (void)a;
    (void)n;
    struct instant now = m->ev->host->now(m->ev->host->ctx);
    return ret_date(ret, (struct date){now.ms, now.offset_min, DATE_TIME});
}

/* Days since the epoch, in UTC, shown locally: midnight sharp is a date alone. */
static bool date_of_days(struct vm *m, double days, struct date *ret)
{
    double ms = round(days * (double)DAY_MS);
    if (!(fabs(ms) <= (double)DATE_MS_MAX))
        return false;
    *ret = date_of_utc((int64_t)ms, m->ev->host, DATE_TIME);
    return true;
}

static bool whole_day(const struct date *d)
{
    return date_local_ms(d) == date_local_days(d) * DAY_MS;
}

/* The argument of a date function: a date, a text that reads as one, or days. */
static bool date_of(struct vm *m, const struct slot *a, struct date *ret)
{
    struct value v = value_scalar(&a->v, m->ev);
    if (v.kind == VAL_NUMBER)
        return date_of_days(m, v.u.number, ret);
    if (v.kind == VAL_BOOLEAN)
        return false;
    if (value_date(&v, m->ev, ret))
        return true;
    double days = v.kind == VAL_STRING ? text_number(v.u.string, true) : NAN;
    return date_of_days(m, days, ret);
}

bool fn_date(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    (void)n;
    struct date d;
    if (a->v.kind == VAL_BOOLEAN || value_string(&a->v, m->ev).n == 0)
        return ret_string(ret, STR(""));
    if (!date_of(m, a, &d))
        return ret_invalid(ret);
    if (whole_day(&d))
        d.kind = DATE_ONLY;
    return ret_date(ret, d);
}

bool fn_decimal_date_time(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    (void)n;
    struct date d;
    return ret_number(ret, date_of(m, a, &d) ? date_number(&d) : NAN);
}

bool fn_decimal_time(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    (void)n;
    struct day_time t;
    if (a->v.kind == VAL_NUMBER || a->v.kind == VAL_BOOLEAN || !time_parse(arg_string(m, a), &t))
        return ret_number(ret, NAN);
    return ret_number(ret, (double)t.ms / (double)DAY_MS);
}

/* ---- formats ---- */

struct names {
    const char *code, *name; /* a language by its code, or by a word of its name */
    const char *months[12], *days[7];
};

static const struct names languages[] = {
    {"en",
     "english",
     {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
     {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"}},
    {"id",
     "indonesia",
     {"Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des"},
     {"Min", "Sen", "Sel", "Rab", "Kam", "Jum", "Sab"}},
};

static bool contains_nocase(struct str s, struct str word)
{
    for (size_t i = 0; i + word.n <= s.n; i++)
        if (str_eq_nocase(str_sub(s, i, word.n), word))
            return true;
    return false;
}

static const struct names *names_of(struct vm *m)
{
    const struct eval_ops *ops = m->ev->ops;
    struct str language = ops && ops->language ? ops->language(m->ev->ctx) : STR("en");
    struct str primary = str_sub(language, 0, str_find(language, '-', 0));
    for (size_t i = 0; i < sizeof languages / sizeof *languages; i++) {
        if (str_eq_nocase(primary, str_of(languages[i].code)))
            return &languages[i];
        if (contains_nocase(language, str_of(languages[i].name)))
            return &languages[i];
    }
    return &languages[0];
}

/* ISO 8601: the week that holds the year's first Thursday is its first. */
static int iso_week(int64_t days)
{
    int64_t thursday = days - (date_weekday(days) + 6) % 7 + 3;
    int64_t year = date_civil(thursday * DAY_MS).year;
    return (int)((thursday - date_days(year, 1, 1)) / 7) + 1;
}

static bool format_one(struct vm *m, char f, const struct date *d, const struct civil *c,
                       struct buf *b)
{
    switch (f) {
    case 'Y': return buf_printf(b, "%04lld", (long long)c->year);
    case 'y': return buf_printf(b, "%02lld", (long long)(c->year % 100));
    case 'm': return buf_printf(b, "%02d", c->month);
    case 'n': return buf_printf(b, "%d", c->month);
    case 'b': return buf_add_z(b, names_of(m)->months[c->month - 1]);
    case 'd': return buf_printf(b, "%02d", c->day);
    case 'e': return buf_printf(b, "%d", c->day);
    case 'H': return buf_printf(b, "%02d", c->hour);
    case 'h': return buf_printf(b, "%d", c->hour);
    case 'M': return buf_printf(b, "%02d", c->minute);
    case 'S': return buf_printf(b, "%02d", c->second);
    case '3': return buf_printf(b, "%03d", c->milli);
    case 'a': return buf_add_z(b, names_of(m)->days[date_weekday(date_local_days(d))]);
    case 'W': return buf_printf(b, "%02d", iso_week(date_local_days(d)));
    case '%': return buf_add_c(b, '%');
    default: return false;
    }
}

bool fn_format_date(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    (void)n;
    struct date d;
    if (value_is_blank(&a->v, m->ev) || !date_of(m, a, &d))
        return ret_string(ret, STR(""));
    struct civil c = date_civil(date_local_ms(&d));
    struct str f = arg_string(m, a + 1);
    struct buf b;
    buf_init(&b, f.n * 16 + 64);
    for (size_t i = 0; i < f.n; i++) {
        if (f.p[i] == '%' && i + 1 < f.n && format_one(m, f.p[i + 1], &d, &c, &b))
            i++;
        else /* an escape that is none stands for itself */
            buf_add_c(&b, f.p[i]);
    }
    struct str s = arena_str(m->ev->scratch, buf_str(&b));
    buf_done(&b);
    return ret_string(ret, s);
}
