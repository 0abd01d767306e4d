/*
 * What happens in a simulation, by the name of a scenario: its events and how
 * long it lasts.  Called by meridianctl simulate; runs nothing.
 */
#ifndef CTL_SIMULATE_PLAN_H
#define CTL_SIMULATE_PLAN_H

#include <stddef.h>
#include <stdint.h>

#include "steering/simulate/scenario.h"

#define PLAN_EVENTS 4
#define PLAN_TEXT 192

/* What an operator may say of scenarios; a ${for_s} of 0 is the scenario's
 * own.  Names live as long as the plan. */
struct plan_wishes {
	uint32_t for_s;
	uint32_t region; /* that it happens to, as the zone numbers them */
	const char *region_name;
	uint32_t pool; /* of the split, of a ramp */
	const char *pool_name;
	uint32_t endpoint; /* of the policy, that becomes slow */
	const char *endpoint_name;
	double times;    /* as much is asked for in a flash */
	double swing;    /* of a wave */
	uint32_t late_s; /* slow metrics are */
	double to;       /* share that a ramp ends at */
	uint32_t over_s; /* that a drain takes */
};

struct plan {
	const char *name;
	char about[PLAN_TEXT]; /* what happens, in a sentence */
	uint32_t length_s;
	struct scenario_event events[PLAN_EVENTS]; /* in the order of time */
	char texts[PLAN_EVENTS][PLAN_TEXT]; /* of each, "": not to be marked */
	size_t n;
};

/* name = plan_name(i): of the scenarios, NULL after the last; and what it is,
 * in a line. */
const char *plan_name(size_t i);
const char *plan_help(size_t i);

/* One that is run for each region in turn; one that needs two pools. */
#define PLAN_EACH_REGION "n-1"
#define PLAN_RAMP "ramp"

/* One that needs an endpoint. */
#define PLAN_SLOW "slow"

/* status = plan_make(name, wishes, plan): 0, or -1: no scenario is called so.
 */
int plan_make(
    const char *name, const struct plan_wishes *wishes, struct plan *plan);

#endif
