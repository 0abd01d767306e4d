/*
 * What happens in a simulation, and when.  Only data: written by who reads
 * scenarios, read by the world.
 */
#ifndef STEERING_SIMULATE_SCENARIO_H
#define STEERING_SIMULATE_SCENARIO_H

#include <stdint.h>

enum scenario_what {
	/* Region ${index}: health has found that it is down, or up again. */
	SCENARIO_DOWN,
	SCENARIO_UP,
	/* Region ${index} is drained by hand, or let in again, over ${over_s}.
	 */
	SCENARIO_DRAIN,
	SCENARIO_UNDRAIN,
	/* Clients whose nearest region is ${index}, or SCENARIO_ALL, ask for
	 * ${value} times as much, reached over ${over_s}. */
	SCENARIO_DEMAND,
	/* Demand is 1 + ${value} times as great where it is noon, 1 - ${value}
	 * where it is midnight; a day is ${over_s} long. */
	SCENARIO_WAVE,
	/* Metrics are ${value} seconds late. */
	SCENARIO_LATE,
	/* Pool ${index} of the split gets ${value} of all clients of the
	 * service, in steps over ${over_s}; its neighbour has that less. */
	SCENARIO_CANARY,
	/* Endpoint ${index} of the policy works ${value} times as fast. */
	SCENARIO_SPEED
};

#define SCENARIO_ALL UINT32_MAX

struct scenario_event {
	uint32_t at_s;
	enum scenario_what what;
	uint32_t index; /* regions as the zone numbers them */
	double value;
	uint32_t over_s; /* 0: at once */
};

#endif
