/*
 * Who steers a simulated world by its load: the controller that meridian-probe
 * runs, one for each pool of the service, or a rival of it.  Called by the
 * world; sees what they would see, as late, and what servers counted.
 */
#ifndef STEERING_SIMULATE_PILOT_H
#define STEERING_SIMULATE_PILOT_H

#include "steering/controller.h"
#include "steering/even.h"
#include "steering/simulate/draw.h"
#include "steering/simulate/servers.h"
#include "steering/simulate/world_config.h"

/* Pools of a service and of those inside it. */
#define PILOT_POOLS 16

struct pilot_pool {
	const struct policy_pool *pool;
	/* NULL: a rival's, or nothing is shed. */
	struct controller *controller;
	uint32_t step_s;
	double target;
	/* Of the product what each region keeps, as that of some rivals, the
	 * shares of others. */
	double out[STEERING_MAX_REGIONS];
	/* How its endpoints are evened out, by region; if they are. */
	bool evens;
	struct even_settings felt;
	struct even even[STEERING_MAX_REGIONS];
	struct demand demand; /* answers since the last step */
	struct demand_pool counted;
	bool uncounted; /* there are too many classes */
};

struct pilot {
	const struct world_config *config;
	uint32_t late_s;
	struct pilot_pool pools[PILOT_POOLS];
	size_t n_pools;
	struct draw noise;
	struct controller_endpoint *seen; /* room for a step */
	struct demand_row *rows;
	struct even_endpoint *even; /* by server */
};

/* status = pilot_init(pilot, config, servers, eb): 0, or -1 with an error in
 * ${eb}; pilot_finish() is needed in either case. */
int pilot_init(struct pilot *pilot, const struct world_config *config,
    const struct servers *servers, struct errbuf *eb);

/* pilot_finish(pilot): free what it holds. */
void pilot_finish(struct pilot *pilot);

/* p = pilot_pool(pilot, pool): which of its pools that is; n_pools: none. */
size_t pilot_pool(const struct pilot *pilot, const struct policy_pool *pool);

/* class = pilot_class(pilot, p, leaf): the number of the class of clients of
 * ${leaf} for pool ${p}; DEMAND_CLASSES: there are too many. */
uint32_t pilot_class(
    struct pilot *pilot, size_t p, const struct map_leaf *leaf);

/* moved = pilot_step(pilot, servers, now_s): a second: those whose turn it is
 * look at what is seen by now, and steer; something keeps another share, or
 * has another weight. */
bool pilot_step(
    struct pilot *pilot, const struct servers *servers, uint32_t now_s);

#endif
