/*
 * What a simulation comes to: the figures of its table, summed up second by
 * second by the world.  Knows nothing of resolvers and laws.
 */
#ifndef STEERING_SIMULATE_TALLY_H
#define STEERING_SIMULATE_TALLY_H

#include <stddef.h>
#include <stdint.h>

#include "config/steering.h"

/* A moment, or what happened since the one before. */
struct tally_sample {
	uint32_t at_s;
	size_t n_regions; /* of the zone */
	/* By region, in the unit of capacity. */
	double load[STEERING_MAX_REGIONS], capacity[STEERING_MAX_REGIONS];
	double keep[STEERING_MAX_REGIONS]; /* 0 to 1 */
	double demand; /* the load that clients come to in the end */
	double moved;  /* share of the demand that moved to another region, a
			  minute */
	double moved_endpoint; /* or to another endpoint */
	double away; /* share of the demand that is not at the first region of
			its order */
	double lost; /* share of the demand that goes to what is down */
	double hits; /* share of requests that resolvers answered by
			  themselves */
	double queries_s;  /* that the servers saw */
	double unevenness; /* of endpoints: busiest over the mean of its region,
			      at its capacity; the worst region */
};

/* All of what was judged. */
struct tally {
	uint32_t s; /* how long it was */
	size_t n_regions;
	double over[STEERING_MAX_REGIONS]; /* share of the time above its
					      capacity */
	double over_most;                  /* of these the greatest */
	double worst;  /* the greatest load over capacity of any */
	double excess; /* mean of the load above capacity, of all regions */
	double excess_least; /* the least that this can be: what demand, as far
				as it arrives, exceeds the capacity of all */
	double moved, moved_most; /* a minute: the mean, and of the worst
				     minute */
	double moved_endpoint;
	double away, lost;
	double hits, queries_s;
	double unevenness;   /* the mean */
	double minute_moved; /* of the minute that is not over yet */
	uint32_t minute_s;
};

/* tally_add(tally, sample, over_s): ${sample} was so for ${over_s} seconds.  A
 * tally begins as all zeros. */
void tally_add(
    struct tally *tally, const struct tally_sample *sample, uint32_t over_s);

#endif
