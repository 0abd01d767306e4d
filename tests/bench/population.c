/*
 * Draws clients and traffic from a seed.  Called by scopes.c; reads nothing.
 */
#include "tests/bench/population.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/private.h"

/* Of the lognormal distributions, as of the model that positions were chosen
 * by (man/meridian-steering.5, Shares). */
#define SIGMA_16 2.0
#define SIGMA_24 1.0
/* What makes the draws of one seed different. */
#define DRAW_CLIENT 1
#define DRAW_16 2
#define DRAW_24 4

static void *
must(void *memory)
{
	if (memory != NULL)
		return memory;
	fprintf(stderr, "scopes: no memory\n");
	exit(1);
}

/* Clients of the Internet are in it: 0/8 and multicast and all above it are
 * nobody's address, private blocks are many's. */
static bool
is_public(uint32_t network)
{
	struct address address = {4,
	    {(uint8_t)(network >> 16), (uint8_t)(network >> 8),
		(uint8_t)network}};

	return address.bytes[0] != 0 && address.bytes[0] < 224 &&
	    private_block_around(&address) == NULL;
}

/* One bit a network, so that they come out in order and once. */
uint32_t *
population_clients(size_t clients, uint64_t seed, size_t *n)
{
	uint8_t *there = must(calloc(POPULATION_NETWORKS, 1));
	uint32_t *networks;
	uint64_t salt = hash_mix(seed, DRAW_CLIENT), i = 0;
	size_t distinct = 0;

	for (size_t drawn = 0; drawn < clients;) {
		uint32_t network = (uint32_t)(hash_mix(i++, salt) >> 40);

		if (!is_public(network))
			continue;
		drawn++;
		distinct += there[network] == 0;
		there[network] = 1;
	}
	networks = must(calloc(distinct + 1, sizeof(*networks)));
	*n = 0;
	for (uint32_t network = 0; network < POPULATION_NETWORKS; network++)
		if (there[network] != 0)
			networks[(*n)++] = network;
	free(there);
	return networks;
}

/* A number in (0,1). */
static double
unit(uint64_t h)
{
	return ((double)(h >> 12) + 0.5) * 0x1p-52;
}

/* A number of the standard normal distribution (Box and Muller). */
static double
gauss(uint64_t i, uint64_t salt)
{
	return sqrt(-2 * log(unit(hash_mix(i, salt)))) *
	    cos(2 * M_PI * unit(hash_mix(i, salt + 1)));
}

float *
population_traffic(uint64_t seed, size_t draws)
{
	float *traffic =
	    must(calloc(POPULATION_NETWORKS * draws, sizeof(*traffic)));

	for (size_t d = 0; d < draws; d++) {
		uint64_t wide = hash_mix(seed, DRAW_16 + 16 * d);
		uint64_t fine = hash_mix(seed, DRAW_24 + 16 * d);
		double around = 0;

		for (uint32_t i = 0; i < POPULATION_NETWORKS; i++) {
			if (i % 256 == 0)
				around = SIGMA_16 * gauss(i >> 8, wide);
			if (is_public(i))
				traffic[i * draws + d] = (float)exp(
				    around + SIGMA_24 * gauss(i, fine));
		}
	}
	return traffic;
}
