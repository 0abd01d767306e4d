/*
 * Worlds of many regions of uneven size, with clients that are nearest to them
 * at random, all by a seed: for the test of the control law and its bench.
 */
#ifndef TESTS_REGIONS_FIXTURE_H
#define TESTS_REGIONS_FIXTURE_H

#include <math.h>

#include "steering/simulate/draw.h"
#include "tests/unit/simulate_fixture.h"

/* Capacity of the largest region over that of the smallest. */
#define REGIONS_SPREAD 10

#define REGIONS_MOST 30

/* Uses of the seed. */
#define REGIONS_DRAW 77

struct regions {
	struct simulated simulated;
	struct population *population;
	double near[STEERING_MAX_REGIONS];
	uint64_t seed;
};

/* One of a country each, so that each has clients; any first ones of them are
 * all over the world. */
static const struct regions_city {
	const char *name;
	double latitude, longitude;
} regions_cities[REGIONS_MOST] = {
    {"us", 39.0, -77.5},
    {"de", 50.1, 8.7},
    {"sg", 1.3, 103.8},
    {"br", -23.5, -46.6},
    {"jp", 35.7, 139.7},
    {"in", 19.1, 72.9},
    {"za", -33.9, 18.4},
    {"au", -33.9, 151.2},
    {"ca", 45.5, -73.6},
    {"gb", 51.5, -0.1},
    {"se", 59.3, 18.1},
    {"ae", 25.2, 55.3},
    {"kr", 37.6, 127.0},
    {"mx", 19.4, -99.1},
    {"es", 40.4, -3.7},
    {"id", -6.2, 106.8},
    {"pl", 52.2, 21.0},
    {"ng", 6.5, 3.4},
    {"cl", -33.4, -70.7},
    {"tr", 41.0, 29.0},
    {"eg", 30.0, 31.2},
    {"th", 13.8, 100.5},
    {"it", 45.5, 9.2},
    {"co", 4.7, -74.1},
    {"ru", 55.8, 37.6},
    {"ke", -1.3, 36.8},
    {"ar", -34.6, -58.4},
    {"hk", 22.3, 114.2},
    {"nz", -36.8, 174.8},
    {"ua", 50.4, 30.5},
};

/* The largest has REGIONS_SPREAD times the capacity of the smallest, the demand
 * near each is its own draw. */
static void
regions_write(
    struct regions *r, unsigned n, const char *spill, char *text, size_t size)
{
	struct draw draw = draw_of(r->seed, REGIONS_DRAW + n);
	size_t len = (size_t)snprintf(text, size, "regions:\n");

	for (unsigned i = 0; i < n; i++)
		len += (size_t)snprintf(text + len, size - len,
		    "  %s: {at: [%.1f, %.1f]}\n", regions_cities[i].name,
		    regions_cities[i].latitude, regions_cities[i].longitude);
	len += (size_t)snprintf(text + len, size - len,
	    "services:\n  s: {pool: p, ttl: {max: 30s, min: 5s}}\n"
	    "pools:\n  p:\n    spill: %s\n    endpoints:\n",
	    spill);
	for (unsigned i = 0; i < n; i++) {
		double large = pow(REGIONS_SPREAD, draw_unit(&draw));

		r->near[i] = pow(REGIONS_SPREAD, draw_unit(&draw));
		len += (size_t)snprintf(text + len, size - len,
		    "      - {name: %s, region: %s, address: 192.0.2.%u, "
		    "capacity: %.0f}\n",
		    regions_cities[i].name, regions_cities[i].name, i + 1,
		    1000 * large);
	}
	ck_assert_uint_lt(len, size);
}

/* regions_load(regions, n, seed, spill): 400 resolvers (Zipf 0.9), of which the
 * ten largest forward the client subnets of 100 networks each;
 * ${spill} is that key of the file. */
static inline void
regions_load(struct regions *r, unsigned n, uint64_t seed, const char *spill)
{
	struct population_config people = {.seed = seed,
	    .resolvers = 400,
	    .zipf = 0.9,
	    .forwarding = 10,
	    .networks = 100};
	char text[8192];

	memset(r, 0, sizeof(*r));
	r->seed = seed;
	regions_write(r, n, spill, text, sizeof(text));
	simulated_load(&r->simulated, text, false);
	people.near = r->near;
	r->population = simulated_population(&r->simulated, &people);
}

static inline void
regions_unload(struct regions *r)
{
	population_destroy(r->population);
	simulated_unload(&r->simulated);
}

/* tally = regions_run(regions, level, late_s): the demand is ${level} of the
 * capacity of all, metrics are ${late_s} late. */
static inline struct tally
regions_run(struct regions *r, double level, unsigned late_s)
{
	struct world_config config =
	    simulated_world(&r->simulated, r->population);

	config.seed = r->seed;
	config.level = level;
	config.metrics_late_s = late_s;
	return simulated_run(&r->simulated, &config);
}

#endif
