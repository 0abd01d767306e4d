/*
 * Random services inside services for the unit tests of the ladder: up to
 * STEERING_MAX_DEPTH deep, each with fences, a split, a rank and salts of its
 * own.  Included by tests only.
 */
#ifndef TESTS_STEERING_NESTED_H
#define TESTS_STEERING_NESTED_H

#include "tests/unit/steering_random.h"

/* The outermost service is the first; each may be in those before it. */
#define NESTED_SERVICES 5
#define NESTED_LEAVES 4 /* pools with endpoints: the first ones */

/* Fences by the networks, which all let clients into region 0 if they are hard,
 * so that none is refused. */
static inline void
nested_fences(struct fixture *f, struct service_config *s)
{
	uint32_t n = (uint32_t)f->config.n_networks;
	uint32_t regions = (uint32_t)f->config.n_regions;

	for (unsigned i = 0; i < FIXTURE_FENCES && n > 0; i++) {
		bool hard = fixture_below(3) == 0;
		uint64_t inside = 1 + fixture_below((1u << regions) - 1);

		if (fixture_below(3) == 0)
			fixture_fence(f, s, fixture_below(n),
			    hard ? inside | 1 : inside, hard);
	}
}

static inline void
nested_values(struct service_config *s)
{
	s->rank = fixture_below(2) == 0 ? RANK_LISTED : RANK_NEAREST;
	s->affinity = fixture_below(3) == 0 ? AFFINITY_NAME : AFFINITY_CLIENT;
	s->sticky_ipv4 = (uint8_t)fixture_below(33);
	s->sticky_ipv6 = (uint8_t)fixture_below(65);
	s->block_ipv4 = (uint8_t)(8 + fixture_below(17));
	s->block_ipv6 = (uint8_t)(16 + fixture_below(33));
	s->answers = 1 + fixture_below(3);
	if (fixture_below(3) == 0)
		s->answers_from = ANSWERS_REGIONS;
	s->ttl_max_s = 20 + fixture_below(100);
	s->ttl_min_s = 1 + fixture_below(10);
	s->n_resorts = fixture_below(STEERING_MAX_RESORTS + 1);
	for (unsigned i = 0; i < s->n_resorts; i++)
		s->resorts[i] = (enum last_resort)fixture_below(5);
}

/* Pools with endpoints, one at least in region 0; some have standby endpoints,
 * and a trickle that they get. */
static inline void
nested_leaves(struct fixture *f)
{
	static const char *const names[NESTED_LEAVES] = {
	    "p0", "p1", "p2", "p3"};

	for (unsigned i = 0; i < NESTED_LEAVES; i++) {
		uint32_t pool = fixture_pool(f, names[i]);
		unsigned n = 1 + fixture_below(5);
		bool standby = fixture_below(3) == 0;

		fixture_endpoint(f, pool, 0, 1);
		if (standby) {
			uint32_t region =
			    fixture_below((uint32_t)f->config.n_regions);

			fixture_endpoint(f, pool, region, 1)->standby = true;
			f->pools[pool].trickle_ppm =
			    fixture_below(2) * fixture_below(500000);
		}
		for (unsigned k = 0; k < n; k++) {
			uint32_t region =
			    fixture_below((uint32_t)f->config.n_regions);
			struct endpoint_config *e = fixture_endpoint(
			    f, pool, region, 1 + fixture_below(3));

			if (fixture_below(10) == 0)
				e->n_ipv6 = 0;
			else if (fixture_below(20) == 0)
				e->n_ipv4 = 0;
		}
	}
}

/* The first service, with others inside it; all that is random but health. */
static inline struct fixture *
nested_fixture(void)
{
	static const char *const regions[] = {
	    "a", "b", "c", "d", "e", "f", "g", "h"};
	static const char *const names[NESTED_SERVICES] = {
	    "chat", "s1", "s2", "s3", "s4"};
	static const char *const inner[NESTED_SERVICES] = {
	    "", "n1", "n2", "n3", "n4"};
	struct fixture *f = fixture_create();
	unsigned n = 2 + fixture_below(5), networks = fixture_below(7);
	uint32_t pools[NESTED_SERVICES] = {0};

	for (unsigned i = 0; i < n; i++)
		fixture_region(f, regions[i], fixture_below(90));
	for (unsigned i = 0; i < networks; i++)
		random_network(f, i);
	nested_leaves(f);
	for (unsigned i = 0; i < NESTED_SERVICES; i++) {
		struct service_config *s = fixture_service(f, names[i]);

		if (i > 0)
			pools[i] = fixture_nested(f, inner[i], s);
		nested_values(s);
		nested_fences(f, s);
	}
	for (unsigned i = 0; i < NESTED_SERVICES; i++) {
		struct service_config *s = &f->services[i];
		uint32_t leaf = fixture_below(NESTED_LEAVES);

		/* Chains are what is deep. */
		if (i + 1 < NESTED_SERVICES && fixture_below(4) > 0)
			fixture_split(f, s, pools[i + 1], 1 + fixture_below(4));
		for (unsigned k = i + 2; k < NESTED_SERVICES; k++)
			if (fixture_below(4) == 0)
				fixture_split(f, s, pools[k], fixture_below(3));
		if (s->n_split == 0 || s->split[0].weight == 0 ||
		    fixture_below(2) == 0)
			fixture_split(f, s, leaf, 1 + fixture_below(2));
		if (fixture_below(3) == 0)
			fixture_split(
			    f, s, (leaf + 1) % NESTED_LEAVES, fixture_below(3));
	}
	return f;
}

#endif
