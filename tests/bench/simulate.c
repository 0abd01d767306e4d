/*
 * How long it takes to simulate an hour of 10,000 resolvers, on one core: at
 * most ten seconds.  `make bench-simulate` shows more: how that grows with what
 * forwards client subnets.  Exits with status 1 when the promise is broken.
 *
 * Usage: simulate
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "steering/simulate/world.h"
#include "tests/full.h"

#define RESOLVERS 10000
#define NETWORKS 100
#define LIMIT_S 10

static const char file[] =
    "regions:\n"
    "  us: {at: [39.0, -77.5]}\n"
    "  eu: {at: [53.3, -6.3]}\n"
    "  ap: {at: [1.3, 103.8]}\n"
    "pools:\n"
    "  p:\n"
    "    spill: {}\n"
    "    endpoints:\n"
    "      - {name: a, region: us, address: 192.0.2.1, capacity: 100}\n"
    "      - {name: b, region: eu, address: 192.0.2.2, capacity: 60}\n"
    "      - {name: c, region: ap, address: 192.0.2.3, capacity: 40}\n"
    "services:\n"
    "  chat: {pool: p, ttl: {max: 30s, min: 5s}}\n";

static struct errbuf eb;

static void *
must(void *made)
{
	if (made != NULL)
		return made;
	fprintf(stderr, "simulate: %s\n", eb.text);
	exit(1);
}

static struct geography *
load(void)
{
	const char *build = getenv("B");
	char path[512];
	const char *name = path;

	snprintf(path, sizeof(path), "%s/geo/iptoasn-country.mmdb",
	    build != NULL ? build : "build");
	return must(geography_load(&name, NULL, 1, NULL, &eb));
}

static double
spent_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Seconds of one core. */
static double
simulate(const struct geography *geo, const struct policy *policy,
    uint32_t forwarding)
{
	struct population_config people = {.seed = 1,
	    .resolvers = RESOLVERS,
	    .zipf = 0.9,
	    .forwarding = forwarding,
	    .networks = NETWORKS};
	struct world_config config;
	struct tally tally;
	double begun_s = spent_s();

	world_config_init(&config);
	config.policy = policy;
	config.zone = &policy->zones[0];
	config.service = &policy->zones[0].services[0];
	config.length_s = 3600;
	config.population =
	    must(population_create(&people, geo, config.service, &eb));
	if (world_run(&config, &tally, &eb) != 0)
		must(NULL);
	population_destroy((struct population *)(uintptr_t)config.population);
	printf("measured: an hour of %d resolvers, of which %u forward the "
	       "subnets of %d networks: %.2f s of one core, %.0f queries a "
	       "second\n",
	    RESOLVERS, forwarding, NETWORKS, spent_s() - begun_s,
	    tally.queries_s);
	return spent_s() - begun_s;
}

int
main(void)
{
	struct policy_input input = {"bench.example", NULL};
	struct geography *geo;
	struct steering_config *config;
	struct map_set *maps;
	struct policy *policy;
	double s;

	errbuf_init(&eb);
	geo = load();
	config =
	    must(steering_config_parse("bench.yaml", file, strlen(file), &eb));
	input.config = config;
	maps = must(map_set_create(geo));
	policy = must(policy_build(&input, 1, maps, NULL, &eb));
	s = simulate(geo, policy, 10);
	if (full_size(0, 1) == 1) {
		simulate(geo, policy, 100);
		simulate(geo, policy, 1000);
	}
	policy_destroy(policy);
	map_set_destroy(maps);
	steering_config_destroy(config);
	geography_destroy(geo);
	if (s <= LIMIT_S)
		return 0;
	printf("BROKEN: %.2f s is more than %d\n", s, LIMIT_S);
	return 1;
}
