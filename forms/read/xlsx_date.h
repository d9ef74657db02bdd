/* Dates and times of a spreadsheet: a cell holds a number of days, its number format says that it is one. */
#ifndef FORMS_READ_XLSX_DATE_H
#define FORMS_READ_XLSX_DATE_H

#include <stdbool.h>

#include "forms/base/arena.h"
#include "forms/base/str.h"

enum xlsx_format { FORMAT_NUMBER, FORMAT_DATE, FORMAT_TIME, FORMAT_DATETIME };

enum xlsx_format xlsx_format_builtin(unsigned id);
enum xlsx_format xlsx_format_code(struct str code);
/* 2020-03-05, 10:30:00, 2020-03-05T10:30:00; false when it is no date of years 1 to 9999. */
bool xlsx_date_text(double days, enum xlsx_format f, bool since_1904, struct arena *a,
                    struct str *ret);

#endif
