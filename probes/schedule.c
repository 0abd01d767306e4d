/* The turns of checks.  Called by the daemon; does nothing but arithmetic. */
#include "probes/schedule.h"

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
