/* The turns of checks.  Called by the daemon; does nothing but arithmetic. */
#include "probes/checks/schedule.h"

uint64_t
schedule_phase(uint64_t hash, uint64_t every_ms)
{
	return hash % every_ms;
}

uint64_t
schedule_next(uint64_t now_ms, uint64_t phase_ms, uint64_t every_ms)
{
	/* Milliseconds since the last turn.  Before the first one the
	 * difference would be negative, so a period is added to it. */
	uint64_t since = (now_ms + every_ms - phase_ms) % every_ms;

	return now_ms - since + every_ms;
}

uint64_t
schedule_window(uint64_t http, uint64_t https)
{
	uint64_t ms =
	    (http * SCHEDULE_HTTP_US + https * SCHEDULE_HTTPS_US) / 1000;

	return ms > SCHEDULE_FIRST_MS ? ms : SCHEDULE_FIRST_MS;
}

uint64_t
schedule_first(
    uint64_t now_ms, uint64_t hash, uint64_t every_ms, uint64_t window_ms)
{
	uint64_t window = every_ms < window_ms ? every_ms : window_ms;

	/* Other bits of it than the phase is made of. */
	return now_ms + (hash >> 32) % window;
}

uint64_t
schedule_slow(uint64_t every_ms, uint64_t down_ms, uint64_t slow_ms)
{
	uint64_t every = every_ms;

	while (every * 2 <= down_ms / 10 && every * 2 <= slow_ms)
		every *= 2;
	return every;
}

uint64_t
schedule_after(
    uint64_t turn_ms, uint64_t phase_ms, uint64_t every_ms, uint64_t timeout_ms)
{
	uint64_t next =
	    schedule_next(turn_ms + timeout_ms - 1, phase_ms, every_ms);

	return next - turn_ms <= every_ms ? next : turn_ms + timeout_ms;
}
