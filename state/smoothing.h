/*
 * What a new measure makes of a row of table latency: the one place that says
 * when a round trip that counts moves, so that all readers compile the same
 * order, and noise moves nobody.  Called by measures.c; opens nothing.
 */
#ifndef STATE_SMOOTHING_H
#define STATE_SMOOTHING_H

#include <stdbool.h>

#include "state/rows.h"

/*
 * A measure weighs by its samples, but never less than one part in so many: of
 * what was measured regularly, the last eight imports count for two thirds.
 */
#define SMOOTHING_LEAST 8

/* The round trip that counts moves when the smoothed one differs by both, a
 * tenth and so many microseconds: by less than 10 % clients notice nothing, and
 * 5 ms is what a route changes by from one hour to the next. */
#define SMOOTHING_PART 10
#define SMOOTHING_US 5000

/*
 * moved = smoothing_merge(row, measure): put ${measure}, its smoothed_us and
 * samples as they were measured, into ${row}, which has the same key.  True
 * when the rtt_us of ${row} moved.
 */
bool smoothing_merge(
    struct state_latency *row, const struct state_latency *measure);

/*
 * smoothing_join(row, other): both were measured at once, as two lines of one
 * file are: the mean by their samples, in ${row}.
 */
void smoothing_join(
    struct state_latency *row, const struct state_latency *other);

#endif
