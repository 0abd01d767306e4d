/*
 * The period that advise and report look at, from their command lines.
 */
#ifndef CTL_PERIOD_H
#define CTL_PERIOD_H

#include <stdint.h>

#include "base/options.h"

struct period {
	int64_t from_ms, to_ms; /* wall clock; 0: not said */
	int64_t last_ms;        /* or so long until now; 0: not said */
};

/* status = period_last(o, period), period_from(o, period), period_to(o,
 * period): read the value of an option.  -1, or the exit status when it is
 * none. */
int period_last(struct options *o, struct period *period);
int period_from(struct options *o, struct period *period);
int period_to(struct options *o, struct period *period);

/* status = period_finish(o, period, last_ms, service): the options were read:
 * fill in what was not said, the last ${last_ms} until now, and take the one
 * word there may be as ${service}; NULL without.  -1, or the exit status when
 * it makes no sense. */
int period_finish(struct options *o, struct period *period, int64_t last_ms,
    const char **service);

#endif
