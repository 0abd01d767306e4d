/*
 * What a history takes away: what is older than it is kept, and the oldest of
 * what is too much.  Called by the writer, inside its transaction; a little
 * each time, so that no batch waits.
 */
#include <inttypes.h>

#include "base/log.h"
#include "state/history/reader.h"
#include "state/history/schema.h"
#include "state/history/writer_parts.h"

/* Rows of a table that one batch takes away: a large node makes some 15,000 an
 * hour. */
#define STEP 2000

/* Steps of one batch while too much is in use. */
#define STEPS_OVER 10

static int
take_away(struct history_writer *w, enum writer_statement which, int64_t before)
{
	const int64_t value[] = {before, STEP};

	history_bind(w, which, value, 2);
	return history_run(w, which);
}

static int
prune_old(struct history_writer *w, const struct calendar *at)
{
	int64_t day = at->day - HISTORY_DAYS_DAYS;
	struct calendar oldest;

	calendar_of(day * CALENDAR_DAY_MS, &oldest);
	if (take_away(w, WRITER_OLD_MINUTES,
		at->hour - (int64_t)24 * HISTORY_MINUTES_DAYS) != 0 ||
	    take_away(w, WRITER_OLD_HOURS, at->day - HISTORY_HOURS_DAYS) != 0)
		return -1;
	for (int i = WRITER_OLD_DAYS; i <= WRITER_OLD_AS; i++)
		if (take_away(w, (enum writer_statement)i, oldest.month) != 0)
			return -1;
	if (take_away(w, WRITER_OLD_COUNTED, day * 24) != 0 ||
	    take_away(w, WRITER_OLD_SAMPLED, day) != 0 ||
	    take_away(w, WRITER_OLD_FAILOVERS, day * CALENDAR_DAY_MS) != 0)
		return -1;
	return take_away(w, WRITER_MANY_FAILOVERS, HISTORY_FAILOVERS);
}

/* Take away a step of the oldest of what is finest: 1 when there was any. */
static int
take_oldest(struct history_writer *w, const struct calendar *at)
{
	static const enum writer_statement order[] = {WRITER_OLD_MINUTES,
	    WRITER_OLD_HOURS, WRITER_OLD_COUNTRIES, WRITER_OLD_AS,
	    WRITER_OLD_SCOPES, WRITER_OLD_DAYS};
	const int64_t now[] = {
	    at->hour, at->day, at->month, at->month, at->month, at->month};

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		if (take_away(w, order[i], now[i]) != 0)
			return -1;
		if (history_changes(w) > 0)
			return 1;
	}
	return 0;
}

static int
prune_over(struct history_writer *w, const struct calendar *at)
{
	bool over = w->bytes > w->max_bytes;
	int taken = 1;

	if (over && !w->over)
		log_warn(
		    "history %s has %" PRIu64 " MB, more than "
		    "history: max_mb allows: the oldest minutes and hours are "
		    "taken away before their time",
		    w->path, w->bytes >> 20);
	/* Said once, until there is room to spare again. */
	w->over = over || (w->over && w->bytes > w->max_bytes / 10 * 9);
	for (int i = 0; over && i < STEPS_OVER && taken == 1; i++)
		taken = take_oldest(w, at);
	return taken < 0 ? -1 : 0;
}

int
history_prune(struct history_writer *w, const struct calendar *at)
{
	return prune_old(w, at) == 0 ? prune_over(w, at) : -1;
}
