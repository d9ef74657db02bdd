/* Dates and times; see date.h. The calendar arithmetic is Howard Hinnant's (days_from_civil). */
#include "forms/base/date.h"

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

int64_t date_days(int64_t year, int month, int day)
{
    int64_t y = year - (month <= 2);
    int64_t era = floor_div(y, 400);
    int64_t yoe = y - era * 400;
    int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

struct civil date_civil(int64_t local_ms)
{
    int64_t days = floor_div(local_ms, DAY_MS);
    int rest = (int)(local_ms - days * DAY_MS);
    int64_t z = days + 719468;
    int64_t era = floor_div(z, 146097);
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int mp = (int)((5 * doy + 2) / 153);
    int month = mp < 10 ? mp + 3 : mp - 9;
    return (struct civil){
        .year = yoe + era * 400 + (month <= 2),
        .month = month,
        .day = (int)doy - (153 * mp + 2) / 5 + 1,
        .hour = rest / 3600000,
        .minute = rest / 60000 % 60,
        .second = rest / 1000 % 60,
        .milli = rest % 1000,
    };
}

int date_days_in_month(int64_t year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}

int date_weekday(int64_t days)
{
    return (int)(days + 4 - 7 * floor_div(days + 4, 7));
}

/* ---- parsing ---- */

static bool digits(struct str *s, size_t least, size_t most, int *ret)
{
    int v = 0;
    size_t n = 0;
    while (n < s->n && n < most && s->p[n] >= '0' && s->p[n] <= '9')
        v = v * 10 + (s->p[n++] - '0');
    if (n < least)
        return false;
    *s = str_from(*s, n);
    *ret = v;
    return true;
}

static bool take(struct str *s, char c)
{
    if (s->n == 0 || s->p[0] != c)
        return false;
    *s = str_from(*s, 1);
    return true;
}

/* Z, +hh:mm, +hhmm, +hh or nothing; all of s. */
static bool offset_parse(struct str s, struct day_time *t)
{
    t->has_offset = s.n > 0;
    t->offset_min = 0;
    if (s.n == 0 || (s.n == 1 && (s.p[0] == 'Z' || s.p[0] == 'z')))
        return true;
    int sign = take(&s, '-') ? -1 : take(&s, '+') ? 1 : 0;
    int h, m = 0;
    if (!sign || !digits(&s, 2, 2, &h))
        return false;
    if (s.n) {
        take(&s, ':');
        if (!digits(&s, 2, 2, &m) || s.n)
            return false;
    }
    t->offset_min = sign * (h * 60 + m);
    return h <= 14 && m < 60;
}

bool time_parse(struct str s, struct day_time *ret)
{
    s = str_trim(s);
    int h, m, sec = 0, ms = 0;
    if (!digits(&s, 1, 2, &h) || !take(&s, ':') || !digits(&s, 2, 2, &m))
        return false;
    if (take(&s, ':')) {
        if (!digits(&s, 2, 2, &sec))
            return false;
        if (take(&s, '.')) {
            size_t before = s.n;
            if (!digits(&s, 1, 3, &ms))
                return false;
            for (size_t n = before - s.n; n < 3; n++)
                ms *= 10;
            int more;
            while (digits(&s, 1, 1, &more))
                continue; /* finer than a millisecond */
        }
    }
    struct day_time t;
    if (!offset_parse(s, &t) || h > 23 || m > 59 || sec > 59)
        return false;
    t.ms = ((h * 60 + m) * 60 + sec) * 1000 + ms;
    *ret = t;
    return true;
}

struct date date_of_local(int64_t local_ms, const struct host *h, enum date_kind kind)
{
    int32_t offset = h->offset(h->ctx, local_ms, true);
    return (struct date){local_ms - (int64_t)offset * 60000, offset, kind};
}

struct date date_of_utc(int64_t ms, const struct host *h, enum date_kind kind)
{
    return (struct date){ms, h->offset(h->ctx, ms, false), kind};
}

bool date_parse(struct str s, const struct host *h, struct date *ret)
{
    s = str_trim(s);
    int y, m, d;
    if (!digits(&s, 4, 4, &y) || !take(&s, '-') || !digits(&s, 1, 2, &m) || !take(&s, '-') ||
        !digits(&s, 1, 2, &d))
        return false;
    if (y < 1 || m < 1 || m > 12 || d < 1 || d > date_days_in_month(y, m))
        return false;
    int64_t local = date_days(y, m, d) * DAY_MS;
    if (s.n == 0) {
        *ret = date_of_local(local, h, DATE_ONLY);
        return true;
    }
    struct day_time t;
    if (!(take(&s, 'T') || take(&s, ' ')) || !time_parse(s, &t))
        return false;
    local += t.ms;
    if (t.has_offset)
        *ret = date_of_utc(local - (int64_t)t.offset_min * 60000, h, DATE_TIME);
    else
        *ret = date_of_local(local, h, DATE_TIME);
    return true;
}

int64_t date_local_days(const struct date *d)
{
    return floor_div(date_local_ms(d), DAY_MS);
}

/* ---- text ---- */

static char *put(char *p, int64_t v, int width)
{
    char tmp[20];
    int n = 0;
    do {
        tmp[n++] = (char)('0' + v % 10);
        v /= 10;
    } while (v);
    while (n < width)
        tmp[n++] = '0';
    while (n)
        *p++ = tmp[--n];
    return p;
}

static char *put_time(char *p, const struct civil *c, int32_t offset)
{
    p = put(p, c->hour, 2);
    *p++ = ':';
    p = put(p, c->minute, 2);
    *p++ = ':';
    p = put(p, c->second, 2);
    *p++ = '.';
    p = put(p, c->milli, 3);
    *p++ = offset < 0 ? '-' : '+';
    if (offset < 0)
        offset = -offset;
    p = put(p, offset / 60, 2);
    *p++ = ':';
    return put(p, offset % 60, 2);
}

size_t date_text(const struct date *d, char out[DATE_TEXT_MAX])
{
    struct civil c = date_civil(date_local_ms(d));
    char *p = out;
    if (c.year < 0)
        *p++ = '-';
    p = put(p, c.year < 0 ? -c.year : c.year, 4);
    *p++ = '-';
    p = put(p, c.month, 2);
    *p++ = '-';
    p = put(p, c.day, 2);
    if (d->kind == DATE_TIME) {
        *p++ = 'T';
        p = put_time(p, &c, d->offset_min);
    }
    *p = '\0';
    return (size_t)(p - out);
}

size_t time_text(const struct date *d, char out[DATE_TEXT_MAX])
{
    struct civil c = date_civil(date_local_ms(d));
    char *p = put_time(out, &c, d->offset_min);
    *p = '\0';
    return (size_t)(p - out);
}
