/*
 * What is controlled by load: the pools with `spill` or `even` of the files of
 * a node, as copies, since the files are not kept.  Built with the table of
 * targets; only data after that.
 */
#ifndef PROBES_CONTROL_PLAN_H
#define PROBES_CONTROL_PLAN_H

#include "base/arena.h"
#include "config/server.h"
#include "config/steering.h"
#include "steering/controller.h"
#include "steering/even.h"

/* An endpoint that has a weight and is not standby. */
struct control_endpoint {
	const char *name;
	uint8_t region;
	uint64_t place; /* of that (vantage_place()) */
	uint32_t weight, capacity;
	bool drained;     /* by the file */
	int64_t stale_ms; /* so long its load counts */
};

struct control_pool {
	const char *zone; /* as it is stored */
	const char *name;
	bool spills, evens;
	struct controller_settings settings;
	struct even_settings even;
	uint32_t slow_start_s;
	struct steering_config file; /* of it only the regions, by name */
	uint64_t regions;            /* where it has endpoints (bit set) */
	const struct control_endpoint *endpoints; /* by name */
	size_t n;
	uint32_t min_up_ppm; /* of the weight of a region that must be up */
	const char *const
	    *services; /* that have it, in full, as overrides do */
	size_t n_services;
};

struct control_plan {
	const struct control_pool *pools;
	size_t n;
};

/* status = control_plan_build(arena, server, steering, out): those of the zones
 * of ${server}, whose files are ${steering}, NULL for one that is not steered.
 * 0, or -1 without memory. */
int control_plan_build(struct arena *arena, const struct server_config *server,
    struct steering_config *const *steering, struct control_plan *out);

/* e = control_plan_endpoint(pool, name): its number, or pool->n. */
size_t control_plan_endpoint(const struct control_pool *pool, const char *name);

/* p = control_plan_pool(plan, zone, name): its number, or plan->n. */
size_t control_plan_pool(
    const struct control_plan *plan, const char *zone, const char *name);

#endif
