/* Counts late turns.  Called by the prober; does nothing but arithmetic. */
#include "probes/checks/lateness.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void
lateness_turn(struct lateness *l, uint64_t late_ms, uint64_t missed)
{
	l->turns++;
	l->late += late_ms > LATENESS_MS;
	l->missed += missed;
	if (late_ms > l->worst_ms)
		l->worst_ms = late_ms;
}

bool
lateness_look(struct lateness *l, int64_t now_ms, char words[LATENESS_WORDS])
{
	uint64_t all = l->turns + l->missed, bad = l->late + l->missed;
	int64_t took_ms = now_ms - l->began_ms;

	if (l->began_ms != 0 && took_ms < LATENESS_WINDOW_MS)
		return false;
	words[0] = '\0';
	if (l->began_ms != 0 && bad > 0 && bad * LATENESS_SHARE >= all)
		snprintf(words, LATENESS_WORDS,
		    "of %" PRIu64 " checks due in %" PRId64 " s, %" PRIu64
		    " began more than %d ms late, the latest by %" PRIu64
		    " ms, and %" PRIu64 " were left out",
		    all, took_ms / 1000, l->late, LATENESS_MS, l->worst_ms,
		    l->missed);
	*l = (struct lateness){.began_ms = now_ms};
	return true;
}
