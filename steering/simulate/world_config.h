/*
 * What a simulated world is to be like: shared by the world and the parts it is
 * run by.  Only data.
 */
#ifndef STEERING_SIMULATE_WORLD_CONFIG_H
#define STEERING_SIMULATE_WORLD_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/errbuf.h"
#include "steering/policy.h"
#include "steering/simulate/population.h"
#include "steering/simulate/rivals.h"
#include "steering/simulate/scenario.h"
#include "steering/simulate/tally.h"

struct world_config {
	const struct policy *policy;
	const struct policy_zone *zone;       /* of it */
	const struct policy_service *service; /* of that: whom clients ask */
	const struct population *population;
	enum rival rival; /* RIVAL_NONE: the product's law */
	uint64_t seed;
	uint32_t length_s, settle_s; /* it lasts; it is judged from then on */
	double level; /* demand, as a share of the capacity of all regions */
	double requests_s; /* of all clients, at their usual demand */
	uint32_t held_s;   /* a request is worked on so long, on average */
	double noise;      /* one standard deviation of what is counted */
	/* Metrics are read so often, are so late, and smoothed so long. */
	uint32_t metrics_every_s, metrics_late_s, smooth_s;
	const struct scenario_event *events; /* in order of time */
	size_t n_events;
	/* Called every ${sample_s} seconds, for series and progress; false ends
	 * the run.  May be NULL. */
	bool (*sample)(void *context, const struct tally_sample *sample);
	void *context;
	uint32_t sample_s;
};

#endif
