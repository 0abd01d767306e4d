/* Counts the hours that keys have been in etcd.  Called by the sharer. */
#include "share/calendar.h"

#include <inttypes.h>
#include <string.h>

#include "base/number.h"

/* No count is larger: that is more than a hundred thousand years. */
#define HOURS_MAX (UINT64_C(1) << 30)

/* What is left of a value. */
struct rest {
	const char *at, *end;
};

/* The number up to ${mark}, which is taken off with it. */
static bool
take_number(struct rest *rest, char mark, uint64_t max, uint64_t *out)
{
	const char *end =
	    memchr(rest->at, mark, (size_t)(rest->end - rest->at));

	if (end == NULL ||
	    number_parse(rest->at, (size_t)(end - rest->at), 0, max, out) != 0)
		return false;
	rest->at = end + 1;
	return true;
}

/* A day after the last of ${c}, and before the key was written. */
static bool
take_day(struct rest *rest, struct calendar *c)
{
	const struct calendar_day *last = c->n > 0 ? &c->day[c->n - 1] : NULL;
	uint64_t hours, revision;

	if (c->n == CALENDAR_DAYS ||
	    !take_number(rest, ' ', HOURS_MAX, &hours) ||
	    !take_number(rest, '\n', INT64_MAX, &revision) ||
	    hours >= c->hours || (int64_t)revision >= c->revision ||
	    (last != NULL &&
		(hours <= last->hours || (int64_t)revision <= last->revision)))
		return false;
	c->day[c->n++] = (struct calendar_day){hours, (int64_t)revision};
	return true;
}

static bool
parse(struct calendar *c, const char *value, size_t len)
{
	struct rest rest = {value, value + len};

	if (len > CALENDAR_BYTES ||
	    !take_number(&rest, '\n', HOURS_MAX, &c->hours))
		return false;
	while (rest.at < rest.end)
		if (!take_day(&rest, c))
			return false;
	return true;
}

void
calendar_begin(struct calendar *c)
{
	c->seen = false;
}

void
calendar_end(struct calendar *c)
{
	if (!c->seen)
		calendar_gone(c);
}

bool
calendar_hear(struct calendar *c, const char *value, size_t len,
    int64_t revision, int64_t mono_ms)
{
	c->seen = true;
	if (revision == c->revision)
		return true;
	c->hours = 0;
	c->n = 0;
	c->revision = revision;
	c->heard_ms = mono_ms;
	if (parse(c, value, len))
		return true;
	c->hours = 0;
	c->n = 0;
	return false;
}

void
calendar_gone(struct calendar *c)
{
	*c = (struct calendar){.revision = 0};
}

bool
calendar_is_due(const struct calendar *c, int64_t mono_ms)
{
	return c->revision == 0 || mono_ms - c->heard_ms >= CALENDAR_HOUR_MS;
}

void
calendar_next(const struct calendar *c, struct text *out)
{
	bool day = c->revision != 0 &&
	    (c->n == 0 || c->hours >= c->day[c->n - 1].hours + CALENDAR_DAY);

	if (c->revision == 0 || c->hours == HOURS_MAX) {
		text_add(out, "0\n");
		return;
	}
	text_add(out, "%" PRIu64 "\n", c->hours + 1);
	for (size_t i = day && c->n == CALENDAR_DAYS ? 1 : 0; i < c->n; i++)
		text_add(out, "%" PRIu64 " %" PRId64 "\n", c->day[i].hours,
		    c->day[i].revision);
	if (day)
		text_add(
		    out, "%" PRIu64 " %" PRId64 "\n", c->hours, c->revision);
}

int64_t
calendar_before(const struct calendar *c, int64_t age_ms)
{
	uint64_t age = (uint64_t)(age_ms / CALENDAR_HOUR_MS) +
	    (age_ms % CALENDAR_HOUR_MS != 0);

	for (size_t i = c->n; i > 0; i--)
		if (c->hours - c->day[i - 1].hours >= age)
			return c->day[i - 1].revision;
	return 0;
}
