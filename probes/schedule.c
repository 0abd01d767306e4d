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
	/* Behind the last turn, which for a ${now} before the first phase lies
	 * before 0: hence the period that is added and taken off again. */
	uint64_t behind = (now_ms + every_ms - phase_ms) % every_ms;

	return now_ms - behind + every_ms;
}
