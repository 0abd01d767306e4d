/*
 * Months of days.  Called by the files of state/history/.
 */
#include "state/history/calendar.h"

#include <time.h>

void
calendar_of(int64_t ms, struct calendar *out)
{
	time_t seconds = (time_t)(ms > 0 ? ms / 1000 : 0);
	struct tm tm = {.tm_year = 70};

	(void)gmtime_r(&seconds, &tm);
	out->hour = seconds / 3600;
	out->day = seconds / 86400;
	out->month = 12 * (int64_t)(tm.tm_year - 70) + tm.tm_mon;
	out->minute_of_hour = (unsigned)(seconds / 60 % 60);
	out->hour_of_day = (unsigned)(seconds / 3600 % 24);
	out->day_of_month = (unsigned)(tm.tm_mday > 0 ? tm.tm_mday - 1 : 0);
}

int64_t
calendar_month_begin(int64_t month)
{
	struct tm tm = {.tm_year = (int)(month / 12) + 70,
	    .tm_mon = (int)(month % 12),
	    .tm_mday = 1};

	return (int64_t)timegm(&tm) / 86400;
}
