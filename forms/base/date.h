/* Dates and times of the Gregorian calendar, proleptic, years 0001 to 9999 in text. An instant is
 * UTC milliseconds beside the offset its clock showed; a date alone is the midnight that begins it
 * in the zone of the form (host->offset knows the zone's rule, so summer time is right on either
 * side). Text:
 *
 *     2026-01-31    10:20:30.000+08:00    2026-01-31T10:20:30.000+08:00
 *
 * Parsing is lenient where ODK's engines are: one-digit months and days, seconds and milliseconds
 * left out, Z, +08, +0800. What is not a day of the calendar (2026-02-30) is refused. */
#ifndef FORMS_BASE_DATE_H
#define FORMS_BASE_DATE_H

#include <stdbool.h>
#include <stdint.h>

#include "forms/base/host.h"
#include "forms/base/str.h"

enum date_kind { DATE_ONLY, DATE_TIME };

struct date {
    int64_t ms; /* UTC; local midnight for DATE_ONLY */
    int32_t offset_min;
    enum date_kind kind;
};

#define DAY_MS        ((int64_t)86400000)
#define DATE_MS_MAX   ((int64_t)8640000000000000) /* 100 million days, as in JavaScript */
#define DATE_TEXT_MAX 40

struct civil {
    int64_t year;
    int month, day, hour, minute, second, milli;
};

/* A time of day: milliseconds since midnight, and its offset when it had one. */
struct day_time {
    int32_t ms;
    int32_t offset_min;
    bool has_offset;
};

/* Days since 1970-01-01, and back. */
int64_t date_days(int64_t year, int month, int day);
struct civil date_civil(int64_t local_ms);
int date_days_in_month(int64_t year, int month);
/* 0 = Sunday. */
int date_weekday(int64_t days);

/* A date, or a date and a time joined by T or a blank; blanks round it are ignored. */
bool date_parse(struct str s, const struct host *h, struct date *ret);
/* hh:mm[:ss[.fff]][offset] */
bool time_parse(struct str s, struct day_time *ret);
/* The instant that the zone's clock shows so: fills the offset. */
struct date date_of_local(int64_t local_ms, const struct host *h, enum date_kind kind);
struct date date_of_utc(int64_t ms, const struct host *h, enum date_kind kind);
static inline int64_t date_local_ms(const struct date *d)
{
    return d->ms + (int64_t)d->offset_min * 60000;
}
/* Days since 1970-01-01 of the calendar day it falls on locally. */
int64_t date_local_days(const struct date *d);

/* Both write a NUL and return the length. */
size_t date_text(const struct date *d, char out[DATE_TEXT_MAX]);
/* 10:20:30.000+08:00 */
size_t time_text(const struct date *d, char out[DATE_TEXT_MAX]);

#endif
