/*
 * How long keys have been in etcd, by a count of hours that is kept in etcd
 * itself.  Called by the sharer; pure: no clock of its own.
 *
 * A node that has seen the count stay the same for an hour, by the clock of its
 * machine that nobody sets, writes it one higher.  So it grows by one an hour
 * at most, whatever wall clocks say, and stands while no node follows etcd.  At
 * what revision it had been written is noted once a day: what was written at or
 * before that is at least as old.  What is not in etcd has no age; an etcd that
 * was made anew begins a new count.
 *
 * The value: the count, then a line "HOURS REVISION" for each day, from the
 * oldest on.
 */
#ifndef SHARE_CALENDAR_H
#define SHARE_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

#define CALENDAR_HOUR_MS (INT64_C(3600) * 1000)
#define CALENDAR_DAY 24

/* Days that are noted: what is as old as these grows no older. */
#define CALENDAR_DAYS 400
#define CALENDAR_BYTES ((size_t)32 << 10)

struct calendar_day {
	uint64_t hours;
	int64_t revision;
};

struct calendar {
	uint64_t hours;
	int64_t revision; /* of the key; 0: it is not there */
	int64_t heard_ms; /* monotonic: this was heard first */
	bool seen;        /* in the reading that is being fed */
	struct calendar_day day[CALENDAR_DAYS];
	size_t n;
};

/*
 * calendar_begin(c): a clean reading begins; calendar_end(c): it is whole.
 * sense = calendar_hear(c, value, len, revision, mono_ms): the key holds
 * ${value} since ${revision}; false when it makes no sense, and the count
 * begins again.
 * calendar_gone(c): it was deleted.
 */
void calendar_begin(struct calendar *c);
void calendar_end(struct calendar *c);
bool calendar_hear(struct calendar *c, const char *value, size_t len,
    int64_t revision, int64_t mono_ms);
void calendar_gone(struct calendar *c);

/* due = calendar_is_due(c, mono_ms): it is to be written.
 * calendar_next(c, out): append the value it is to have then. */
bool calendar_is_due(const struct calendar *c, int64_t mono_ms);
void calendar_next(const struct calendar *c, struct text *out);

/* revision = calendar_before(c, age_ms): what was written at or before it has
 * been in etcd for ${age_ms} at least; 0: nothing that is known. */
int64_t calendar_before(const struct calendar *c, int64_t age_ms);

#endif
