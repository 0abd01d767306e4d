/*
 * The ramps of the files of a node, as copies, since the files are not kept.
 * Built with the table of targets; only data after that.
 */
#ifndef PROBES_CONTROL_RAMP_PLAN_H
#define PROBES_CONTROL_RAMP_PLAN_H

#include "base/arena.h"
#include "config/server.h"
#include "config/steering.h"

/* An endpoint that has a weight and is not standby. */
struct ramp_endpoint {
	const char *name;
	uint32_t weight;
	bool checked;     /* else it is always up */
	int64_t stale_ms; /* so long its load counts; 0: nobody reads it */
	uint64_t place;   /* of its region (vantage_place()) */
};

/* A pool of a ramp. */
struct ramp_side {
	const char *pool;
	const struct ramp_endpoint *endpoints;
	size_t n;
};

enum { RAMP_CANARY, RAMP_STABLE, RAMP_SIDES };

struct ramp_plan {
	const char *zone;    /* as it is stored */
	const char *service; /* as the file has it */
	const char *name;    /* in full, without the last dot */
	struct ramp_config config;
	struct ramp_side side[RAMP_SIDES];
};

struct ramp_plans {
	const struct ramp_plan *plans;
	size_t n;
};

/* status = ramp_plans_build(arena, server, steering, out): those of the zones
 * of ${server}, whose files are ${steering}, NULL for one that is not steered.
 * 0, or -1 without memory. */
int ramp_plans_build(struct arena *arena, const struct server_config *server,
    struct steering_config *const *steering, struct ramp_plans *out);

#endif
