/*
 * The period that advise, history and report look at, from their command lines.
 */
#ifndef CTL_PERIOD_H
#define CTL_PERIOD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/options.h"

struct period {
	int64_t from_ms, to_ms; /* wall clock */
	int64_t last_ms;        /* or so long until now; 0: not said */
	bool from, to;          /* these were said */
};

/* status = period_last(o, period), period_from(o, period), period_to(o,
 * period): read the value of an option.  -1, or the exit status when it is
 * none. */
int period_last(struct options *o, struct period *period);
int period_from(struct options *o, struct period *period);
int period_to(struct options *o, struct period *period);

/* status = period_check(o, from_ms, to_ms): whether it has a length, and begins
 * before now; what is to come is cut off.  -1, or the exit status. */
int period_check(struct options *o, int64_t from_ms, int64_t *to_ms);

/* status = period_finish(o, period, last_ms, service): the options were read:
 * fill in what was not said, the last ${last_ms} until now, and take the one
 * word there may be as ${service}; NULL without.  -1, or the exit status when
 * it makes no sense. */
int period_finish(struct options *o, struct period *period, int64_t last_ms,
    const char **service);

#endif
