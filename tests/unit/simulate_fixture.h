/*
 * Loads a steering file as meridiand does, over the geography that is built,
 * and runs worlds of it: for the tests of the simulator.
 */
#ifndef TESTS_SIMULATE_FIXTURE_H
#define TESTS_SIMULATE_FIXTURE_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "steering/simulate/world.h"

struct simulated {
	struct steering_config *config;
	struct geography *geo;
	struct map_set *maps;
	struct policy *policy;
	struct errbuf eb;
};

/* The countries of the world, or an empty geography. */
static inline struct geography *
simulated_geography(bool empty, struct errbuf *eb)
{
	const char *build = getenv("B");
	char path[512];
	const char *name = path;
	struct geography *geo;

	snprintf(path, sizeof(path), "%s/geo/iptoasn-country.mmdb",
	    build != NULL ? build : "build");
	geo = geography_load(&name, NULL, empty ? 0 : 1, NULL, eb);
	ck_assert_msg(geo != NULL, "%s", eb->text);
	return geo;
}

/* ${text} is the steering file of example.net. */
static inline void
simulated_load(struct simulated *s, const char *text, bool empty)
{
	struct policy_input input = {"example.net", NULL};

	memset(s, 0, sizeof(*s));
	errbuf_init(&s->eb);
	s->geo = simulated_geography(empty, &s->eb);
	s->config =
	    steering_config_parse("test.yaml", text, strlen(text), &s->eb);
	ck_assert_msg(s->config != NULL, "%s", s->eb.text);
	input.config = s->config;
	s->maps = map_set_create(s->geo);
	ck_assert_ptr_nonnull(s->maps);
	s->policy = policy_build(&input, 1, s->maps, NULL, &s->eb);
	ck_assert_msg(s->policy != NULL, "%s", s->eb.text);
}

static inline void
simulated_unload(struct simulated *s)
{
	policy_destroy(s->policy);
	map_set_destroy(s->maps);
	steering_config_destroy(s->config);
	geography_destroy(s->geo);
}

/* The usual world of its first service. */
static inline struct world_config
simulated_world(const struct simulated *s, const struct population *population)
{
	struct world_config config;

	world_config_init(&config);
	config.policy = s->policy;
	config.zone = &s->policy->zones[0];
	config.service = &s->policy->zones[0].services[0];
	config.population = population;
	return config;
}

static inline struct population *
simulated_population(
    struct simulated *s, const struct population_config *config)
{
	struct population *p = population_create(
	    config, s->geo, &s->policy->zones[0].services[0], &s->eb);

	ck_assert_msg(p != NULL, "%s", s->eb.text);
	return p;
}

static inline struct tally
simulated_run(struct simulated *s, const struct world_config *config)
{
	struct tally tally;

	ck_assert_msg(world_run(config, &tally, &s->eb) == 0, "%s", s->eb.text);
	return tally;
}

#endif
