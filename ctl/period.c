/* Reads periods of a command line.  Called by meridianctl advise, history and
 * report. */
#include "ctl/period.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/number.h"

#define DAY_MS (INT64_C(24) * 3600 * 1000)

/* Longer than anything is kept (state/history/reader.h). */
#define MOST_DAYS 3650

int
period_last(struct options *o, struct period *period)
{
	static const struct {
		char letter;
		int64_t ms;
	} units[] = {
	    {'m', DAY_MS / 24 / 60}, {'h', DAY_MS / 24}, {'d', DAY_MS}};
	size_t len = strlen(o->value);
	uint64_t n;

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (len < 2 || o->value[len - 1] != units[i].letter ||
		    number_parse(o->value, len - 1, 1, MOST_DAYS, &n) != 0)
			continue;
		period->last_ms = (int64_t)n * units[i].ms;
		return -1;
	}
	return options_refuse(
	    o, "--last takes a length (90m, 24h, 7d), not \"%s\"", o->value);
}

/* "2026-11-01" is its beginning. */
static int
parse_time(const char *text, int64_t *ms)
{
	char whole[CLOCK_TEXT];
	int64_t s;

	if (strlen(text) < sizeof("2026-11-01")) {
		snprintf(whole, sizeof(whole), "%sT00:00Z", text);
		text = whole;
	}
	if (clock_parse(text, &s) != 0)
		return -1;
	*ms = s * 1000;
	return 0;
}

static int
read_time(struct options *o, const char *name, int64_t *ms)
{
	if (parse_time(o->value, ms) != 0)
		return options_refuse(o,
		    "--%s takes a time (2026-11-01 or 2026-11-01T06:00Z), not "
		    "\"%s\"",
		    name, o->value);
	return -1;
}

int
period_from(struct options *o, struct period *period)
{
	period->from = true;
	return read_time(o, "from", &period->from_ms);
}

int
period_to(struct options *o, struct period *period)
{
	period->to = true;
	return read_time(o, "to", &period->to_ms);
}

int
period_check(struct options *o, int64_t from_ms, int64_t *to_ms)
{
	int64_t now_ms = clock_wall_ms();
	char now[CLOCK_TEXT];

	if (from_ms > now_ms)
		return options_refuse(o,
		    "the period begins in the future: it is %s now",
		    clock_format(now_ms, now));
	if (from_ms >= *to_ms)
		return options_refuse(o, "the period ends before it begins");
	*to_ms = *to_ms < now_ms ? *to_ms : now_ms;
	return -1;
}

int
period_finish(struct options *o, struct period *period, int64_t last_ms,
    const char **service)
{
	if (o->n_words > 1)
		return options_refuse(
		    o, "\"%s\" is a word too many", o->words[1]);
	*service = o->n_words == 1 ? o->words[0] : NULL;
	if (period->last_ms != 0 && (period->from || period->to))
		return options_refuse(
		    o, "--last is until now: it goes with no --from and --to");
	if (!period->to)
		period->to_ms = clock_wall_ms();
	if (!period->from)
		period->from_ms = period->to_ms -
		    (period->last_ms != 0 ? period->last_ms : last_ms);
	return period_check(o, period->from_ms, &period->to_ms);
}
