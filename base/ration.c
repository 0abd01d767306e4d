/* Rations of lines of a log.  Called by who writes it. */
#include "base/ration.h"

/* Its minute is over, and nothing is owed. */
static bool
is_over(const struct ration *r, int64_t now_ms)
{
	return !r->more &&
	    (r->from_ms == 0 || now_ms - r->from_ms >= RATION_MS);
}

bool
ration_say(struct ration *r, bool counts, int64_t now_ms)
{
	if (is_over(r, now_ms))
		*r = (struct ration){.from_ms = now_ms};
	if (!r->spent && r->said < RATION_LINES) {
		r->said++;
		return true;
	}
	r->left += counts;
	r->more = true;
	return false;
}

bool
ration_due(struct ration *r, int64_t now_ms, unsigned *left)
{
	if (!r->more || now_ms - r->from_ms < RATION_MS)
		return false;
	*left = r->left;
	*r = (struct ration){.from_ms = now_ms, .spent = true};
	return true;
}
