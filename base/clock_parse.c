/*
 * Reads a time of the wall clock that a person wrote.  Called by readers of
 * files; apart from the clocks, so that a test can have clocks of its own.
 */
#include "base/clock.h"

#include <stdbool.h>
#include <string.h>
#include <time.h>

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
