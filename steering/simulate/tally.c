/* Sums up what a simulation came to.  Called by the simulated world. */
#include "steering/simulate/tally.h"

#include <math.h>
#include <stdbool.h>

/* Above its capacity is what is so by more than a rounding. */
#define ROUNDING 1e-9

/* ${mean} of ${s} seconds, with ${value} of ${over_s} more. */
static void
average(double *mean, uint32_t s, double value, uint32_t over_s)
{
	*mean += (value - *mean) * over_s / (s + over_s);
}

static void
add_regions(struct tally *t, const struct tally_sample *sample, uint32_t over_s)
{
	double excess = 0, capacity = 0, load = 0;

	t->n_regions = sample->n_regions;
	t->over_most = 0;
	for (size_t r = 0; r < sample->n_regions; r++) {
		double more = sample->load[r] - sample->capacity[r];
		bool over = sample->capacity[r] > 0 &&
		    more > ROUNDING * sample->capacity[r];

		average(&t->over[r], t->s, over, over_s);
		t->over_most = fmax(t->over_most, t->over[r]);
		capacity += sample->capacity[r];
		if (sample->capacity[r] <= 0)
			continue;
		load += sample->load[r];
		t->worst =
		    fmax(t->worst, sample->load[r] / sample->capacity[r]);
		excess += over ? more : 0;
	}
	average(&t->excess, t->s, excess, over_s);
	/* What is lost, or not there yet, is no load of any region. */
	average(&t->excess_least, t->s,
	    fmax(0, fmin(sample->demand, load) - capacity), over_s);
}

/* The worst of the minutes that begin where the judging does. */
static void
add_minute(struct tally *t, double moved, uint32_t over_s)
{
	t->minute_moved += moved * over_s / 60;
	t->minute_s += over_s;
	if (t->minute_s < 60)
		return;
	t->moved_most = fmax(t->moved_most, t->minute_moved);
	t->minute_moved = 0;
	t->minute_s = 0;
}

void
tally_add(
    struct tally *tally, const struct tally_sample *sample, uint32_t over_s)
{
	add_regions(tally, sample, over_s);
	add_minute(tally, sample->moved, over_s);
	average(&tally->moved, tally->s, sample->moved, over_s);
	average(
	    &tally->moved_endpoint, tally->s, sample->moved_endpoint, over_s);
	average(&tally->away, tally->s, sample->away, over_s);
	average(&tally->lost, tally->s, sample->lost, over_s);
	average(&tally->hits, tally->s, sample->hits, over_s);
	average(&tally->queries_s, tally->s, sample->queries_s, over_s);
	average(&tally->unevenness, tally->s, sample->unevenness, over_s);
	tally->s += over_s;
}
