/* When a trouble is said again.  Called by the prober; reads no clock and
 * writes no log. */
#include "base/reminder.h"

#include <stdio.h>
#include <string.h>

bool
reminder_set(struct reminder *r, const char *words, int64_t now_ms)
{
	if (strncmp(r->words, words, sizeof(r->words) - 1) == 0)
		return false;
	if (r->words[0] == '\0')
		r->since_ms = now_ms;
	r->said_ms = now_ms;
	snprintf(r->words, sizeof(r->words), "%s", words);
	return true;
}

bool
reminder_due(struct reminder *r, int64_t now_ms)
{
	if (r->words[0] == '\0' || now_ms - r->said_ms < REMINDER_MS)
		return false;
	r->said_ms = now_ms;
	return true;
}

int64_t
reminder_lasts_s(const struct reminder *r, int64_t now_ms)
{
	return (now_ms - r->since_ms) / 1000;
}
