/*
 * How old an override is: by the clock of this boot that nobody sets, where it
 * was said or heard in this boot, else by the wall clock.  So a wall clock that
 * is set makes none shorter or longer.  For all that reads or writes rows of
 * table override.
 */
#ifndef STATE_OVERRIDE_CLOCK_H
#define STATE_OVERRIDE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "state/rows.h"

/* override_clock_set(row, age_ms): it was said ${age_ms} ago. */
void override_clock_set(struct state_override *row, int64_t age_ms);

/* set = override_clock_is_set(row, mono_ms): in this boot, by a clock that was
 * not later than ${mono_ms}, which is now. */
bool override_clock_is_set(const struct state_override *row, int64_t mono_ms);

/* age = override_clock_age(row, mono_ms, wall_ms): at that moment of both
 * clocks; 0 of one that would be said later. */
int64_t override_clock_age(
    const struct state_override *row, int64_t mono_ms, int64_t wall_ms);

/* at_ms = override_clock_at(row): when it was said, by the wall clock as it
 * goes now. */
int64_t override_clock_at(const struct state_override *row);

#endif
