/*
 * Who asks in a simulation: resolvers of uneven sizes, and behind each the
 * networks of its clients, real ones of the geography.  Made once from a seed,
 * then read by any number of worlds.
 */
#ifndef STEERING_SIMULATE_POPULATION_H
#define STEERING_SIMULATE_POPULATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/errbuf.h"
#include "steering/geo/geography.h"
#include "steering/policy.h"
#include "steering/simulate/population_config.h"

/* What all clients together ask for, in whole parts, so that sums are the same
 * in any order. */
#define POPULATION_WHOLE (INT64_C(1) << 40)

/* A /24 with clients of one resolver.  Of a whole /16 there is one of each /20,
 * with the clients of all of that: they are picked for as one, as a rule. */
struct population_network {
	struct address address; /* its first one */
	uint32_t resolver;
	int64_t demand;    /* of POPULATION_WHOLE */
	int16_t longitude; /* degrees, 0 where it is not known */
	uint8_t near; /* the first region of its order inside its fence, as its
			 zone numbers them */
};

struct population_resolver {
	struct address address;
	uint32_t first, n;    /* networks, in order of their addresses */
	bool forwards;        /* the client's network with each query */
	uint32_t ttl_least_s; /* it keeps answers at least so long; 0: for the
				 time they say */
};

struct population {
	struct population_resolver *resolvers;
	size_t n_resolvers;
	struct population_network *networks;
	size_t n_networks;
};

/*
 * population = population_create(config, geo, service, eb): draw it, as
 * ${service} sees its clients.  With an empty ${geo} all of public IPv4 is
 * drawn from.  NULL with an error in ${eb}: nobody is where clients should be,
 * or no memory.  The caller owns it.
 */
struct population *population_create(const struct population_config *config,
    const struct geography *geo, const struct policy_service *service,
    struct errbuf *eb);

/* population_destroy(population): free it.  NULL is fine. */
void population_destroy(struct population *population);

#endif
