/* Numbers, dates and times as a person of the interface's language reads them: 1.234,5 and 1,234.5;
 * "Jumat, 17 Agustus 1945"; 10:42:07. What is stored never comes from here. */
#ifndef APP_VIEW_LOCAL_H
#define APP_VIEW_LOCAL_H

#include <stdint.h>

#include "forms/base/buf.h"
#include "forms/base/str.h"

/* A stored number ("1234.5"); other text as it is. */
void local_number(struct str stored, struct buf *out);
/* "Jumat, 17 Agustus 1945" of a day since 1970-01-01 */
void local_day(int64_t days, struct buf *out);
void local_short_day(int64_t days, struct buf *out); /* 17-08-1945 */
void local_clock(int64_t local_ms, bool seconds, struct buf *out);
/* 00:12:31 */
void local_duration(int64_t ms, struct buf *out);
/* A stored date, time or dateTime, for the line of an answered question. */
void local_stored_date(struct str stored, struct buf *out);

#endif
