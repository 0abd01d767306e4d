/*
 * Windows of maintenance: times at which an endpoint may be down without
 * anybody being called.  Pure functions of the wall clock, in UTC; read from
 * steering files, used by the probe daemon.  Takes nothing out of answers.
 */
#ifndef CONFIG_MAINTENANCE_H
#define CONFIG_MAINTENANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/* Windows of one region, one pool or one endpoint. */
#define MAINTENANCE_MAX 32

/* The longest text of a reason, without its NUL. */
#define MAINTENANCE_REASON_MAX 95

#define MAINTENANCE_DAY_S (24 * 3600)
#define MAINTENANCE_WEEK_S (7 * MAINTENANCE_DAY_S)

/* From its first second to the one before its end. */
struct maintenance_window {
	const char *reason; /* or NULL */
	/* Once, in seconds since 1970; until_s 0: */
	int64_t from_s, until_s;
	/* again and again: the days on which it begins, as bits from Monday
	 * on, the second of these days, and how long it lasts, less than
	 * always. */
	unsigned days;
	uint32_t at_s, for_s;
};

struct maintenance {
	const struct maintenance_window *windows;
	size_t n;
};

/* An endpoint has those of its region, its pool and its own. */
#define MAINTENANCE_LISTS 3

struct maintenance_state {
	int64_t until_s;    /* when no window has it any more */
	const char *reason; /* of the first that has it now; "" */
};

/*
 * in = maintenance_now(lists, n, wall_s, out): whether one of the windows of
 * the ${n} of ${lists} is at ${wall_s}.  Windows that overlap or follow each
 * other without a gap end together.
 */
bool maintenance_now(const struct maintenance *const *lists, size_t n,
    int64_t wall_s, struct maintenance_state *out);

/* always = maintenance_is_always(window): one that comes again is over before
 * it does; else it would never end. */
bool maintenance_is_always(const struct maintenance_window *window);

/* copy = maintenance_copy(arena, from): with all that it has.  NULL without
 * memory. */
const struct maintenance *maintenance_copy(
    struct arena *arena, const struct maintenance *from);

#endif
