/*
 * When the checks of an endpoint start: at exact multiples of its period, each
 * endpoint with a phase of its own, so that they spread evenly over the period
 * and neither a slow check nor a reload shifts them.  The first one does not
 * wait for its turn: all endpoints that are new are checked within a second,
 * spread, or as soon as so many can be, and come to their turns from there.
 * Pure; the daemon keeps the timers.
 */
#ifndef PROBES_CHECKS_SCHEDULE_H
#define PROBES_CHECKS_SCHEDULE_H

#include <stdint.h>

/* So long nothing is known of what is new: short for the clients that wait for
 * it, and long enough that its checks do not begin at once. */
#define SCHEDULE_FIRST_MS 1000

/* The time that a check gets when there are so many that they take longer:
 * half as much again, or twice, as one takes on a core of 2.4 GHz, so that none
 * is late for the others. */
#define SCHEDULE_HTTP_US 200
#define SCHEDULE_HTTPS_US 2500

/* every = schedule_slow(every, down_ms, slow_ms): between two turns of what has
 * been down for ${down_ms}: doubled while that is at most a tenth of it, up to
 * ${slow_ms}; where that is not more, ${every} as it is. */
uint64_t schedule_slow(uint64_t every_ms, uint64_t down_ms, uint64_t slow_ms);

/* phase = schedule_phase(hash, every): the phase, 0..every-1 ms, of what has
 * the key ${hash}. */
uint64_t schedule_phase(uint64_t hash, uint64_t every_ms);

/*
 * next = schedule_next(now, phase, every): the first moment after ${now} that
 * is ${phase} later than a multiple of ${every}; all in milliseconds of one
 * clock that does not jump.
 */
uint64_t schedule_next(uint64_t now_ms, uint64_t phase_ms, uint64_t every_ms);

/* window_ms = schedule_window(http, https): how long the first checks of so
 * many addresses are spread over: SCHEDULE_FIRST_MS up to 5000 of them over
 * HTTP or 400 over HTTPS, longer with more. */
uint64_t schedule_window(uint64_t http, uint64_t https);

/* first = schedule_first(now, hash, every, window): when the first check of
 * what has the key ${hash} starts, from ${now} to less than ${window} or
 * ${every} later. */
uint64_t schedule_first(
    uint64_t now_ms, uint64_t hash, uint64_t every_ms, uint64_t window_ms);

/*
 * next = schedule_after(turn, phase, every, timeout): the turn after the one at
 * ${turn}: at least ${timeout}, which is at most ${every}, and at most ${every}
 * later.  The first at a multiple of ${every} with ${phase} if one is there;
 * else it leads to one, as long as ${timeout} is shorter than ${every}.
 */
uint64_t schedule_after(uint64_t turn_ms, uint64_t phase_ms, uint64_t every_ms,
    uint64_t timeout_ms);

#endif
