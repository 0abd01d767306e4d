/* The two clocks by clock_gettime(2), and time as text.  Called by every room.
 */
#include "base/clock.h"

#include <stdbool.h>
#include <string.h>
#include <time.h>

static int64_t
read_ms(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t
clock_mono_ms(void)
{
	return read_ms(CLOCK_MONOTONIC);
}

int64_t
clock_wall_ms(void)
{
	return read_ms(CLOCK_REALTIME);
}

const char *
clock_format(int64_t wall_ms, char out[CLOCK_TEXT])
{
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm tm;

	if (gmtime_r(&seconds, &tm) == NULL ||
	    strftime(out, CLOCK_TEXT, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		out[0] = '\0';
	return out;
}

int
clock_parse(const char *text, int64_t *wall_s)
{
	char again[CLOCK_TEXT];
	struct tm tm = {.tm_sec = 0};
	const char *end = strptime(text, "%Y-%m-%dT%H:%M", &tm);
	bool seconds = end != NULL && *end == ':';
	int64_t found;

	if (seconds)
		end = strptime(end, ":%S", &tm);
	if (end == NULL || strcmp(end, "Z") != 0)
		return -1;
	found = timegm(&tm);
	/* What is no day of its month becomes one of the next, and fields may
	 * have had one digit. */
	clock_format(found * 1000, again);
	if (found < 0 || strlen(text) != (seconds ? 20 : 17) ||
	    strncmp(again, text, 16) != 0)
		return -1;
	*wall_s = found;
	return 0;
}
