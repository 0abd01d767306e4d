/*
 * Steps of time in a history, all counted from the beginning of 1970, UTC:
 * minutes, hours, days and months.  For the files of state/history/.
 */
#ifndef STATE_HISTORY_CALENDAR_H
#define STATE_HISTORY_CALENDAR_H

#include <stdint.h>

#define CALENDAR_MINUTE_MS INT64_C(60000)
#define CALENDAR_HOUR_MS INT64_C(3600000)
#define CALENDAR_DAY_MS INT64_C(86400000)

/* A moment as those who write rows need it. */
struct calendar {
	int64_t hour, day, month;
	unsigned minute_of_hour, hour_of_day, day_of_month; /* each from 0 */
};

/* calendar_of(ms, out): what the wall clock ${ms} lies in; below 0 is read as
 * 0. */
void calendar_of(int64_t ms, struct calendar *out);

/* day = calendar_month_begin(month): the first day of a month. */
int64_t calendar_month_begin(int64_t month);

#endif
