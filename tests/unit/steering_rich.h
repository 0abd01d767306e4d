/*
 * Random services with all that a steering file may ask for beside what those
 * of steering_random.h have: measured round trips, near equal regions and
 * costs, standby endpoints and their trickle, edges and their origins,
 * addresses that a name has, HTTPS. Included by tests only.
 */
#ifndef TESTS_STEERING_RICH_H
#define TESTS_STEERING_RICH_H

#include "tests/unit/steering_nested.h"

#define RICH_ASNS 3
static const char *const rich_countries[] = {"DE", "US", "JP"};

/* Whose round trip it is: a network or one in or around it, an AS number, or a
 * country. */
static inline void
rich_measure(struct fixture *f, const char *region)
{
	char text[ADDRESS_TEXT + 8];
	uint32_t rtt_us = 1000 * (1 + fixture_below(200));
	uint32_t kind = fixture_below(4);

	if (kind == 0) {
		snprintf(text, sizeof(text), "AS%u",
		    64500 + fixture_below(RICH_ASNS));
	} else if (kind == 1) {
		snprintf(
		    text, sizeof(text), "%s", rich_countries[fixture_below(3)]);
	} else {
		struct prefix p = random_space();
		unsigned most = p.address.family == 4 ? 24 : 48;

		if (f->config.n_networks > 0)
			p = f->prefixes[fixture_below(
			    (uint32_t)f->config.n_networks)];
		if (p.length < most && fixture_below(2) == 0)
			p.length = (uint8_t)(p.length +
			    fixture_below(most - p.length + 1));
		else if (p.length > most)
			p.length = (uint8_t)most;
		address_mask(&p.address, p.length);
		prefix_format(&p, text);
	}
	fixture_measure(f, text, region, rtt_us, 1 + fixture_below(9));
}

/* Networks of countries and providers, round trips of these, and what regions
 * cost. */
static inline void
rich_places(struct fixture *f)
{
	unsigned rows = fixture_below(40);

	for (size_t i = 0; i < f->config.n_networks; i++) {
		if (fixture_below(2) == 0)
			f->networks[i].asn = 64500 + fixture_below(RICH_ASNS);
		if (fixture_below(2) == 0)
			memcpy(f->networks[i].country,
			    rich_countries[fixture_below(3)], 3);
	}
	for (unsigned i = 0; i < rows; i++)
		rich_measure(f,
		    f->regions[fixture_below((uint32_t)f->config.n_regions)]
			.name);
	for (size_t i = 0; i < f->config.n_regions; i++) {
		f->regions[i].bias = (int)fixture_below(3) * 20 - 20;
		f->regions[i].cost.said = fixture_below(2) == 0;
		f->regions[i].cost.value = f->regions[i].cost.said
		    ? fixture_below(4) * STEERING_COST_UNIT
		    : 0;
	}
}

/* Regions in the order of what was measured and, some of them, as good as each
 * other. */
static inline void
rich_order(struct service_config *s)
{
	s->rank = fixture_below(3) == 0 ? RANK_NEAREST : RANK_LATENCY;
	switch (fixture_below(4)) {
	case 0:
		s->near_kind = NEAR_SHARE;
		s->near_equal = fixture_below(1000000);
		break;
	case 1:
		s->near_kind = NEAR_WAY;
		s->near_equal = 1 + fixture_below(5000);
		break;
	case 2:
		if (s->rank == RANK_LATENCY) {
			s->near_kind = NEAR_TIME;
			s->near_equal = 1 + fixture_below(100000);
		}
		break;
	default:
		break;
	}
}

static inline void
rich_standby(struct fixture *f)
{
	for (size_t p = 0; p < f->config.n_pools; p++) {
		struct pool_config *pool = &f->pools[p];

		for (size_t i = 0; i < pool->n_endpoints; i++)
			f->endpoints[p][i].standby = fixture_below(3) == 0;
		if (pool->n_endpoints > 0 && fixture_below(2) == 0)
			pool->trickle_ppm = fixture_below(500001);
	}
	for (size_t i = 0; i < f->config.n_regions; i++)
		f->regions[i].standby = fixture_below(6) == 0;
}

/* Pools of edges, in front of the pool after them. */
static inline void
rich_edges(struct fixture *f)
{
	struct service_config *s = &f->services[0];

	for (size_t p = 0; p < f->config.n_pools; p++) {
		struct pool_config *pool = &f->pools[p];

		if (pool->n_endpoints == 0 || fixture_below(2) != 0)
			continue;
		pool->edge = true;
		pool->spread = 1 + fixture_below(4);
		/* An origin has none itself. */
		if (p % 2 == 0 && p + 1 < f->config.n_pools &&
		    pool[1].n_endpoints > 0 && fixture_below(2) == 0)
			pool->origin = (uint32_t)(p + 1);
	}
	for (size_t i = 0; i < f->config.n_services; i++)
		if (fixture_below(3) != 0)
			s[i].affinity = AFFINITY_KIND;
}

static inline void
rich_names(struct fixture *f)
{
	for (size_t p = 0; p < f->config.n_pools; p++)
		for (size_t i = 0; i < f->pools[p].n_endpoints; i++) {
			struct endpoint_config *e = &f->endpoints[p][i];

			if (fixture_below(3) != 0)
				continue;
			e->resolve = "lb.example.net";
			e->n_ipv4 = e->n_ipv6 = 0;
		}
}

static const struct binding_config rich_https = {
    .priority = 1, .target = ".", .port = 8443};

/* Add to the services of ${f}, by chance, what else there is.  Without ${more}
 * there are no standby endpoints, edges and addresses of names, so that the
 * scope can still be told from order, positions and sticky prefix alone. */
static inline struct fixture *
rich_add(struct fixture *f, bool more)
{
	if (fixture_below(4) != 0) {
		rich_places(f);
		for (size_t i = 0; i < f->config.n_services; i++)
			if (fixture_below(3) != 0)
				rich_order(&f->services[i]);
	}
	if (more && fixture_below(2) == 0)
		rich_standby(f);
	if (more && fixture_below(3) == 0)
		rich_edges(f);
	if (more && fixture_below(3) == 0)
		rich_names(f);
	if (fixture_below(2) == 0)
		f->services[0].https = &rich_https;
	return f;
}

/* Case number ${i}: a service, or one with others inside, and all of this. */
static inline struct fixture *
rich_fixture(uint64_t i)
{
	random_case(i);
	return rich_add(i % 2 == 0 ? nested_fixture() : random_fixture(), true);
}

/* Addresses that a name has by now: some of both families, up or not. */
static inline void
rich_resolve(struct fixture *f, size_t e)
{
	struct live_address known[40];
	size_t n = fixture_below(10) == 0 ? 40 : fixture_below(5);

	for (size_t i = 0; i < n; i++) {
		address_parse(
		    fixture_below(2) == 0 ? "198.51.100.0" : "2001:db8:5::",
		    &known[i].address);
		known[i].address.bytes[known[i].address.family == 4 ? 3 : 15] =
		    (uint8_t)i;
		known[i].usable = (int8_t)(USABLE_NO + fixture_below(3));
		known[i].presumed = false;
	}
	live_resolve(f->live, f->policy, e, known, n);
}

/* In half of all states some regions pass clients on: a share of them, nearly
 * none, or all. */
static inline void
rich_keep(struct fixture *f)
{
	bool all = fixture_below(2) == 0;

	for (size_t g = 0; g < f->policy->n_groups; g++) {
		uint64_t keep = fixture_random();
		uint32_t kind = fixture_below(6);

		if (kind == 0)
			keep = 0;
		else if (kind == 1)
			keep = UINT64_MAX - 1 - keep % 1000;
		f->live->group[g].keep =
		    all || kind > 3 ? POLICY_KEEP_ALL : keep;
	}
}

/* Some state of health and keep, and other addresses of all names. */
static inline void
rich_health(struct fixture *f)
{
	if (f->policy->n_resolved > 0) {
		live_destroy(f->live);
		f->live = live_create(f->policy);
		ck_assert_ptr_nonnull(f->live);
		ck_assert_int_eq(
		    live_room(f->live, 40 * f->policy->n_resolved), 0);
	}
	random_health(f);
	for (size_t e = 0; e < f->policy->n_endpoints; e++)
		if (f->policy->endpoints[e].resolved != STEERING_NONE)
			rich_resolve(f, e);
	rich_keep(f);
	live_judge(f->live, f->policy);
}

#endif
