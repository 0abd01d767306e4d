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

/* What all clients together ask for, in whole parts, so that sums are the same
 * in any order. */
#define POPULATION_WHOLE (INT64_C(1) << 40)

/* No region: clients that may be sent to none, or wherever they are. */
#define POPULATION_NO_REGION UINT8_MAX

/* A /24 with clients of one resolver. */
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

/* How many of all clients are in a country. */
struct population_country {
	char code[3]; /* ISO 3166-1 alpha-2 */
	double weight;
};

struct population_config {
	uint64_t seed;
	uint32_t resolvers;
	double zipf; /* the k-th largest has clients in proportion to k^-zipf */
	/* So many of the largest forward client subnets, of so many networks
	 * each; others have one network. */
	uint32_t forwarding, networks;
	/* Share of resolvers that keep answers at least so long. */
	double stretched;
	uint32_t stretched_s;
	/* How uneven the networks of a resolver are: sigma of the lognormal
	 * distribution over its /16 and over their /24.  0: as busy. */
	double sigma_16, sigma_24;
	/* Where clients are: share of the demand whose nearest region that is,
	 * by region of the zone; or by country; with neither, as many as
	 * geography has addresses. */
	const double *near;
	const struct population_country *countries;
	size_t n_countries;
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
