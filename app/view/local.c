/* Local notation, by the language chosen in tr.h. */
#include "app/view/local.h"

#include "app/tr.h"
#include "forms/base/date.h"
#include "forms/base/num.h"

static const char *const weekdays[] = {N_("Sunday"),   N_("Monday"), N_("Tuesday"), N_("Wednesday"),
                                       N_("Thursday"), N_("Friday"), N_("Saturday")};
static const char *const months[] = {
    N_("January"), N_("February"), N_("March"),     N_("April"),   N_("May"),      N_("June"),
    N_("July"),    N_("August"),   N_("September"), N_("October"), N_("November"), N_("December")};

void local_number(struct str stored, struct buf *out)
{
    bool english = str_is(str_of(tr_language()), "en");
    size_t sign = stored.n && stored.p[0] == '-' ? 1 : 0, point = str_find(stored, '.', 0);
    double v;

    if (!num_parse(stored, 0, &v)) {
        buf_add_str(out, stored);
        return;
    }
    for (size_t i = 0; i < point; i++) {
        if (i > sign && (point - i) % 3 == 0)
            buf_add_c(out, english ? ',' : '.');
        buf_add_c(out, stored.p[i]);
    }
    if (point < stored.n) {
        buf_add_c(out, english ? '.' : ',');
        buf_add_str(out, str_from(stored, point + 1));
    }
}

void local_day(int64_t days, struct buf *out)
{
    struct civil c = date_civil(days * DAY_MS);

    buf_printf(out, "%s, %d %s %d", _(weekdays[date_weekday(days)]), c.day, _(months[c.month - 1]),
               (int)c.year);
}

void local_short_day(int64_t days, struct buf *out)
{
    struct civil c = date_civil(days * DAY_MS);

    buf_printf(out, "%02d-%02d-%04d", c.day, c.month, (int)c.year);
}

void local_clock(int64_t local_ms, bool seconds, struct buf *out)
{
    struct civil c = date_civil(local_ms);

    buf_printf(out, "%02d:%02d", c.hour, c.minute);
    if (seconds)
        buf_printf(out, ":%02d", c.second);
}

void local_duration(int64_t ms, struct buf *out)
{
    int64_t s = ms > 0 ? ms / 1000 : 0;

    buf_printf(out, "%02d:%02d:%02d", (int)(s / 3600), (int)(s / 60 % 60), (int)(s % 60));
}

/* Offsets are left as stored: the wall clock of where it was written. */
void local_stored_date(struct str stored, struct buf *out)
{
    struct str day = str_sub(stored, 0, 10), rest = str_from(stored, 10);
    int64_t year, month, d;

    if (day.n < 10 || day.p[4] != '-' || !num_parse_int(str_sub(day, 0, 4), &year) ||
        !num_parse_int(str_sub(day, 5, 2), &month) || !num_parse_int(str_sub(day, 8, 2), &d)) {
        buf_add_str(out, str_sub(stored, 0, 5)); /* 10:20 */
        return;
    }
    buf_printf(out, "%02d-%02d-%04d", (int)d, (int)month, (int)year);
    if (rest.n > 5) {
        buf_add_c(out, ' ');
        buf_add_str(out, str_sub(rest, 1, 5));
    }
}
