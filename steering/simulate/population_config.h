/*
 * What a population of clients is to be like: shared by the population and the
 * parts it is made with.  Only data.
 */
#ifndef STEERING_SIMULATE_POPULATION_CONFIG_H
#define STEERING_SIMULATE_POPULATION_CONFIG_H

#include <stddef.h>
#include <stdint.h>

/* No region: clients that may be sent to none, or wherever they are. */
#define POPULATION_NO_REGION UINT8_MAX

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
	 * distribution over /16 and over their /24.  Then a network of one that
	 * forwards is a /16 with clients all over it, as far as it is in one
	 * country and region.  0: a /24, as busy as others. */
	double sigma_16, sigma_24;
	/* Where clients are: share of the demand whose nearest region that is,
	 * by region of the zone; or by country; with neither, as many as
	 * geography has addresses. */
	const double *near;
	const struct population_country *countries;
	size_t n_countries;
};

#endif
