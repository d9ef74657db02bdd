/* Spreadsheet dates; see xlsx_date.h. */
#include "forms/read/xlsx_date.h"

#include <math.h>

#include "forms/base/buf.h"
#include "forms/base/date.h"

enum xlsx_format xlsx_format_builtin(unsigned id)
{
    if ((id >= 14 && id <= 17) || (id >= 27 && id <= 36) || (id >= 50 && id <= 58))
        return FORMAT_DATE;
    if ((id >= 18 && id <= 21) || (id >= 45 && id <= 47))
        return FORMAT_TIME;
    return id == 22 ? FORMAT_DATETIME : FORMAT_NUMBER;
}

/* The letters of the first section, without quoted text, escaped characters and [colours]. */
enum xlsx_format xlsx_format_code(struct str code)
{
    bool date = false, time = false, month = false;
    for (size_t i = 0; i < code.n && code.p[i] != ';'; i++) {
        char c = code.p[i];
        if (c == '"') {
            i = str_find(code, '"', i + 1);
        } else if (c == '\\' || c == '_' || c == '*') {
            i++;
        } else if (c == '[') {
            char inside = i + 1 < code.n ? code.p[i + 1] : ']';
            time = time || inside == 'h' || inside == 'm' || inside == 's' || inside == 'H';
            i = str_find(code, ']', i);
        } else if (c == 'G' || c == '#' || c == '0' || c == '?') {
            if (c == 'G' || !(date || time || month))
                return FORMAT_NUMBER; /* General, and formats of numbers that hold letters as text */
        } else {
            date = date || c == 'd' || c == 'D' || c == 'y' || c == 'Y';
            time = time || c == 'h' || c == 'H' || c == 's' || c == 'S';
            month = month || c == 'm' || c == 'M';
        }
    }
    if (date && time)
        return FORMAT_DATETIME;
    if (time)
        return FORMAT_TIME;
    return date || month ? FORMAT_DATE : FORMAT_NUMBER;
}

static struct str text_of(struct buf *b, struct arena *a)
{
    struct str s = arena_str(a, buf_str(b));
    buf_done(b);
    return s;
}

bool xlsx_date_text(double days, enum xlsx_format f, bool since_1904, struct arena *a,
                    struct str *ret)
{
    if (!(days >= 0 && days < 2958466.0))
        return false;
    /* To the second, as spreadsheets show it: days are kept as binary fractions. */
    int64_t seconds = (int64_t)floor(days * 86400 + 0.5);
    int64_t day = seconds / 86400, rest = seconds % 86400;
    struct buf out;
    buf_init(&out, 64);
    if (f == FORMAT_TIME && day > 0) { /* a duration */
        buf_printf(&out, "%lld:", (long long)(seconds / 3600));
        buf_printf(&out, "%02lld:%02lld", (long long)(rest / 60 % 60), (long long)(rest % 60));
        *ret = text_of(&out, a);
        return true;
    }
    if (f != FORMAT_TIME) {
        /* The 1900 system counts a 29th of February 1900 that never was. */
        int64_t base =
            since_1904 ? date_days(1904, 1, 1) : date_days(1899, 12, 30) + (day < 60 ? 1 : 0);
        struct civil c = date_civil((base + day) * DAY_MS);
        buf_printf(&out, "%04lld-%02d-%02d", (long long)c.year, c.month, c.day);
    }
    if (f == FORMAT_TIME || rest > 0) {
        if (f != FORMAT_TIME)
            buf_add_c(&out, 'T');
        buf_printf(&out, "%02d:%02d:%02d", (int)(rest / 3600), (int)(rest / 60 % 60),
                   (int)(rest % 60));
    }
    *ret = text_of(&out, a);
    return true;
}
