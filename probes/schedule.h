/*
 * When the checks of an endpoint start: at exact multiples of its period, each
 * endpoint with a phase of its own, so that they spread evenly over the period
 * and neither a slow check nor a reload shifts them.  Pure; the daemon keeps
 * the timers.
 */
#ifndef PROBES_SCHEDULE_H
#define PROBES_SCHEDULE_H

#include <stdint.h>

/* phase = schedule_phase(hash, every): the phase, 0..every-1 ms, of what has
 * the key ${hash}. */
uint64_t schedule_phase(uint64_t hash, uint64_t every_ms);

/*
 * next = schedule_next(now, phase, every): the first moment after ${now} that
 * is ${phase} later than a multiple of ${every}; all in milliseconds of one
 * clock that does not jump.
 */
uint64_t schedule_next(uint64_t now_ms, uint64_t phase_ms, uint64_t every_ms);

#endif
