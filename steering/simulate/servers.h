/*
 * Where the requests of a simulated world are worked on: the endpoints of the
 * service, what they can do, what they have to do, and how that is seen by who
 * reads metrics.  Called by the world; decides nothing.
 */
#ifndef STEERING_SIMULATE_SERVERS_H
#define STEERING_SIMULATE_SERVERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/errbuf.h"
#include "steering/policy.h"
#include "steering/simulate/world_config.h"

/* Metrics are no later than that. */
#define SERVERS_LATE_S 900

struct server {
	uint32_t endpoint; /* in the policy */
	uint32_t group;    /* of it, in the policy */
	uint8_t region;    /* as the zone numbers them */
	bool down, drained;
	uint32_t back_s; /* it is up again since then; UINT32_MAX: always */
	double capacity;
	double speed; /* 1: it works as the file says */
	/* Of POPULATION_WHOLE, that comes here now; and of that, what is of
	 * clients whose first region this is. */
	int64_t demand, home;
	double load; /* in the unit of capacity */
	double seen; /* the same as metrics smooth it */
};

struct servers {
	struct server *all;
	size_t n;
	uint32_t *of_endpoint; /* by endpoint of the policy; STEERING_NONE */
	double capacity;       /* of all that are not standby */
	double unit;           /* the load of demand of 1 */
	double part;           /* of a change of demand is load in a second */
	double smooth;         /* the same of what metrics tell */
	/* Load of each second, a ring of SERVERS_LATE_S. */
	float *past;
	uint32_t seconds;
};

/*
 * status = servers_init(servers, config, eb): those that clients of its service
 * may be sent to.  0; -1 with an error in ${eb}: one has
 * no capacity in the file, no memory.  servers_finish() is needed in either
 * case.
 */
int servers_init(struct servers *servers, const struct world_config *config,
    struct errbuf *eb);

/* servers_finish(servers): free what it holds. */
void servers_finish(struct servers *servers);

/* servers_second(servers): a second has passed. */
void servers_second(struct servers *servers);

/* load = servers_seen(servers, i, late_s): that of server ${i} ${late_s}
 * seconds ago; NAN: nobody saw it, since nothing was then or it is down. */
double servers_seen(const struct servers *servers, size_t i, uint32_t late_s);

#endif
