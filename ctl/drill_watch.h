/*
 * What a drill sees of a node while something is drained: answers by region,
 * load, what is up, and what happened.  Asks the pages of meridiand; changes
 * nothing.
 */
#ifndef CTL_DRILL_WATCH_H
#define CTL_DRILL_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ctl/fetch.h"
#include "state/rows.h"

/* Regions and events that a report has room for. */
#define DRILL_REGIONS 64
#define DRILL_EVENTS 200
#define DRILL_TEXT 400

enum drill_phase { DRILL_BEFORE, DRILL_DURING, DRILL_AFTER, DRILL_PHASES };

struct drill_region {
	char name[STATE_NAME];
	bool drilled; /* it is what is drained */
	/* As it was at the last look. */
	uint64_t answers;
	size_t endpoints, up, drained;
	double load; /* mean of its endpoints, NaN: unknown */
	/* Of its endpoints that are up, by the requests at once that they say
	 * they take; NaN: one of them does not say, or has no load. */
	double busy, capacity;
	/* Over the drill. */
	uint64_t answered[DRILL_PHASES];
	double peak; /* of the load, while it was drained; NaN */
	bool was_up; /* before it */
};

struct drill_event {
	int64_t at_ms; /* since the drain was said */
	char text[DRILL_TEXT];
};

struct drill_watch {
	struct fetch *fetch;
	const struct state_override *row;
	bool looked; /* there is a look to compare with */
	enum drill_phase phase;
	int64_t began_ms[DRILL_PHASES], ended_ms[DRILL_PHASES];
	int64_t seen_ms;  /* monotonic clock: the last good look */
	int64_t named_ms; /* the last look that had an answer which named what
			     is drained, since it was said; -1: none had */
	struct drill_region region[DRILL_REGIONS];
	size_t n;
	struct drill_event event[DRILL_EVENTS];
	size_t n_events;
	void *endpoints; /* json_t: of the look before */
	size_t last_resorts, before_last_resorts; /* services that have it */
	char worst[STATE_ZONE];                   /* one of them */
	char trouble[FETCH_WHY]; /* why there was no look; "" */
};

/* drill_watch_begin(w, config, row): look at the server of ${config}, for a
 * drill that says ${row}.  0, or -1 without memory.
 * drill_watch_end(w): free what it holds. */
int drill_watch_begin(struct drill_watch *w, const struct server_config *config,
    const struct state_override *row);
void drill_watch_end(struct drill_watch *w);

/* drill_watch_phase(w, phase): what comes now is of that. */
void drill_watch_phase(struct drill_watch *w, enum drill_phase phase);

/* status = drill_watch_look(w): look once.  0, or -1 with w->trouble. */
int drill_watch_look(struct drill_watch *w);

/*
 * full = drill_watch_full(w, limit, why): another region has a load above
 * ${limit} already, or the others would have, together, with what is to be
 * drained, however evenly it came to them.  In words in ${why}.  Of regions
 * alone; what is not known is not full.
 */
bool drill_watch_full(
    const struct drill_watch *w, double limit, char why[DRILL_TEXT]);

/*
 * broken = drill_watch_breach(w, limit, why): what is not drained has broken
 * down since it began: a region has nothing up any more, or a load above
 * ${limit}, or a service has only its last resort.  In words in ${why}.
 */
bool drill_watch_breach(
    const struct drill_watch *w, double limit, char why[DRILL_TEXT]);

/* drill_watch_note(w, fmt, ...): an event, now. */
void drill_watch_note(struct drill_watch *w, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* has = drill_watch_has(region): it has endpoints, or was in answers; those
 * that answers without a region are counted under may have neither. */
bool drill_watch_has(const struct drill_region *region);

/* rate = drill_watch_rate(w, region, phase): answers a second. */
double drill_watch_rate(const struct drill_watch *w,
    const struct drill_region *region, enum drill_phase phase);

#endif
