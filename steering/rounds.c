/*
 * Opens and ends the first rounds of pools.  Called by the health model; knows
 * neither vantages nor votes.
 */
#include "steering/rounds.h"

#include <stdlib.h>

struct round *
round_create(int64_t mono_ms)
{
	struct round *round = calloc(1, sizeof(*round));

	if (round != NULL)
		round->began_ms = mono_ms;
	return round;
}

struct round *
round_join(struct round *round)
{
	if (round != NULL)
		round->endpoints++;
	return round;
}

void
round_leave(struct round *round)
{
	if (round != NULL && --round->endpoints == 0)
		free(round);
}

void
round_again(struct round *round, int64_t mono_ms)
{
	round->over = round->judged = false;
	round->began_ms = mono_ms;
}

void
round_count(struct round *round, bool result)
{
	round->counting = true;
	round->some |= result;
	round->missing |= !result;
}

void
round_counted(struct round *round, int64_t mono_ms)
{
	if (!round->counting)
		return;
	if (round->some && !round->judged) {
		round->judged = true;
		round->began_ms = mono_ms;
	}
	round->over |= !round->missing;
	round->counting = round->some = round->missing = false;
}

bool
round_lasts(const struct round *round, uint64_t stale_after_ms, int64_t age_ms)
{
	return age_ms < (int64_t)(round->every_ms + round->timeout_ms) &&
	    age_ms < (int64_t)stale_after_ms;
}

bool
round_open(const struct round *round, uint64_t stale_after_ms, int64_t mono_ms)
{
	return !round->over &&
	    round_lasts(round, stale_after_ms, mono_ms - round->began_ms);
}

bool
round_moves(const struct round *round, uint64_t stale_after_ms, int64_t mono_ms)
{
	/* The first result opens it again. */
	return !round->judged || round_open(round, stale_after_ms, mono_ms);
}
