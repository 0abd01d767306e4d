/*
 * Random services for the unit tests of the ladder: regions, networks, fences,
 * pools, splits, their health, and clients near every edge.  Each case is drawn
 * from a number of its own, so that one that fails can be run alone.  Included
 * by tests only.
 */
#ifndef TESTS_STEERING_RANDOM_H
#define TESTS_STEERING_RANDOM_H

#include "steering/geo/map.h"
#include "base/private.h"
#include "steering/position.h"
#include "tests/unit/steering_fixture.h"

/* Cases of one test are drawn from this and their number, far apart. */
#define RANDOM_SEED UINT64_C(20260101)

/* Draw what follows for case number ${i}. */
static inline void
random_case(uint64_t i)
{
	fixture_random_state = (RANDOM_SEED << 40) + (i << 16);
}

static inline void
flip(struct address *a, unsigned bit)
{
	a->bytes[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
}

/* Bits of ${a} behind ${length} by chance, or all 0, or all 1. */
static inline struct address
neighbour(struct address a, unsigned length, unsigned kind)
{
	for (unsigned bit = length; bit < address_bits(&a); bit++) {
		bool set = a.bytes[bit / 8] >> (7 - bit % 8) & 1;
		bool want =
		    kind == 0 ? false : kind == 1 || fixture_below(2) == 1;

		if (set != want)
			flip(&a, bit);
	}
	return a;
}

/* Where networks and most clients are: private and public. */
static const char *const spaces[] = {
    "10.0.0.0/8", "20.0.0.0/8", "2001:db8::/32", "fd00::/8"};
#define SPACES 4

static inline struct prefix
random_space(void)
{
	struct prefix p;

	ck_assert_int_eq(prefix_parse(spaces[fixture_below(SPACES)], &p), 0);
	return p;
}

/* A network somewhere in one of them. */
static inline void
random_network(struct fixture *f, size_t i)
{
	static const char *const names[FIXTURE_NETWORKS] = {
	    "n0", "n1", "n2", "n3", "n4", "n5", "n6", "n7"};
	static char texts[FIXTURE_NETWORKS][ADDRESS_TEXT];
	struct prefix p = random_space();
	unsigned from = p.length;

	p.length =
	    (uint8_t)(from + fixture_below(p.address.family == 4 ? 22 : 40));
	/* Few bits are set, so that many networks hold others. */
	for (unsigned bit = from; bit < p.length; bit++)
		if (fixture_below(4) == 0)
			flip(&p.address, bit);
	prefix_format(&p, texts[i]);
	fixture_network(f, names[i], texts[i], fixture_below(90));
}

static inline void
random_pools(struct fixture *f, struct service_config *s)
{
	static const char *const names[] = {"p0", "p1", "p2", "p3"};
	unsigned n = 1 + fixture_below(4), i, k;

	for (i = 0; i < n; i++) {
		uint32_t pool = fixture_pool(f, names[i]);
		unsigned endpoints = 1 + fixture_below(8);

		f->pools[pool].min_up_ppm = fixture_below(2) * 400000;
		if (i == 0)
			fixture_endpoint(f, pool, 0, 1);
		for (k = 0; k < endpoints; k++) {
			/* Drawn one by one: compilers take arguments in the
			 * order they like. */
			uint32_t region =
			    fixture_below((uint32_t)f->config.n_regions);
			uint32_t weight = 1 + fixture_below(3);
			struct endpoint_config *e =
			    fixture_endpoint(f, pool, region, weight);

			if (fixture_below(10) == 0)
				e->n_ipv6 = 0;
			else if (fixture_below(20) == 0)
				e->n_ipv4 = 0;
		}
		fixture_split(f, s, pool, i == 0 ? 1 : fixture_below(4));
	}
}

static inline struct fixture *
random_fixture(void)
{
	static const char *const regions[] = {
	    "a", "b", "c", "d", "e", "f", "g", "h"};
	struct fixture *f = fixture_create();
	struct service_config *s = fixture_service(f, "chat");
	unsigned n = 1 + fixture_below(FIXTURE_REGIONS), i;
	unsigned networks = fixture_below(FIXTURE_NETWORKS + 1);

	for (i = 0; i < n; i++)
		fixture_region(f, regions[i], fixture_below(90));
	for (i = 0; i < networks; i++)
		random_network(f, i);
	random_pools(f, s);
	s->rank = fixture_below(2) == 0 ? RANK_LISTED : RANK_NEAREST;
	s->affinity = fixture_below(3) == 0 ? AFFINITY_NAME : AFFINITY_CLIENT;
	s->sticky_ipv4 = (uint8_t)fixture_below(33);
	s->sticky_ipv6 = (uint8_t)fixture_below(65);
	s->block_ipv4 = (uint8_t)(8 + fixture_below(17));
	s->block_ipv6 = (uint8_t)(16 + fixture_below(33));
	s->answers = 1 + fixture_below(3);
	if (fixture_below(3) == 0)
		s->answers_from = ANSWERS_REGIONS;
	/* A hard fence that holds nothing is refused: all hold region 0. */
	for (i = 0; i < FIXTURE_FENCES && i < networks; i++) {
		bool hard = fixture_below(3) == 0;
		uint64_t inside = 1 + fixture_below((1u << n) - 1);

		if (fixture_below(2) == 0)
			fixture_fence(
			    f, s, i, hard ? inside | 1 : inside, hard);
	}
	/* A rule for everyone is the last that counts. */
	if (s->n_fences > 0 && fixture_below(4) == 0) {
		struct fence_config *fence =
		    &f->fences[0][fixture_below((uint32_t)s->n_fences)];

		fence->clients.everyone = true;
		fence->clients.n_networks = 0;
	}
	s->n_resorts = fixture_below(STEERING_MAX_RESORTS + 1);
	for (i = 0; i < s->n_resorts; i++)
		s->resorts[i] = (enum last_resort)fixture_below(5);
	return f;
}

/* How usable the endpoint number ${e} of a policy is by chance: in most states
 * all are up or some are down each by itself; in others what is in some regions
 * is down, or a whole pool is. */
static inline enum usable
random_usable(const struct fixture *f, size_t e, unsigned kind, uint64_t odds)
{
	const struct policy_endpoint *endpoint = &f->policy->endpoints[e];
	const char *pool = endpoint->key.pool;

	switch (kind) {
	case 0:
		return USABLE_YES;
	case 1:
		return odds >> endpoint->region & 1
		    ? (enum usable)(USABLE_NO + fixture_below(2))
		    : USABLE_YES;
	case 2:
		return odds >> (pool[1] - '0') & 1 ? USABLE_NO : USABLE_YES;
	default:
		return fixture_below(4) < odds % 4
		    ? (enum usable)(USABLE_NO + fixture_below(2))
		    : USABLE_YES;
	}
}

/* Some state of health, and in half of them changes at hand in some groups. */
static inline void
random_health(struct fixture *f)
{
	unsigned kind = fixture_below(5);
	uint64_t odds = fixture_random();
	bool quiet = fixture_below(2) == 0;

	for (size_t i = 0; i < f->live->n_endpoints; i++)
		f->live->endpoint[i] = (int8_t)random_usable(f, i, kind, odds);
	for (uint32_t i = 0; i < f->live->n_groups; i++)
		f->live->group[i].pending_s = quiet || fixture_below(2) == 0
		    ? LIVE_NOT_PENDING
		    : fixture_below(60);
	live_judge(f->live, f->policy);
}

/* A client in or near the networks, plain or inside an IPv6 address; or in a
 * private block. */
static inline struct address
random_client(const struct fixture *f)
{
	static const char *const odd[] = {"::", "2001:ffff::1", "2003::1",
	    "2000::", "::fffe:0:1", "::1:0:0:1", "ffff::", "2001:db8::1"};
	struct address a = {.family = 4}, ipv4;
	unsigned kind = fixture_below(8);
	const struct prefix *block = private_block(fixture_below(20));

	if (block != NULL)
		return neighbour(block->address, block->length, 2);

	if (kind == 0) {
		address_parse(odd[fixture_below(8)], &a);
		return a;
	}
	a = neighbour(a, 0, 2);
	if (f->config.n_networks > 0 && kind < 7) {
		const struct prefix *p =
		    &f->prefixes[fixture_below((uint32_t)f->config.n_networks)];

		a = neighbour(p->address, p->length, fixture_below(3));
		if (fixture_below(3) == 0)
			flip(&a, p->length - 1 - fixture_below(4));
	}
	if (a.family == 6 || kind > 2)
		return a;
	ipv4 = a;
	address_parse(kind == 1 ? "2002::" : "::ffff:0.0.0.0", &a);
	memcpy(a.bytes + (kind == 1 ? 2 : 12), ipv4.bytes, 4);
	return kind == 1 ? neighbour(a, 48, fixture_below(3)) : a;
}

static inline bool
decision_equal(const struct decision *a, const struct decision *b)
{
	return a->kind == b->kind && a->scope == b->scope &&
	    a->ttl_s == b->ttl_s && a->region == b->region && a->n == b->n &&
	    memcmp(a->endpoint, b->endpoint, a->n * sizeof(a->endpoint[0])) ==
	    0;
}

/* The member of the first service in whose share the position of ${a} lies. */
static inline unsigned
dealt_to(const struct fixture *f, const struct address *a)
{
	const struct policy_service *s = &f->policy->zones[0].services[0];
	struct position p;
	unsigned m = 0;

	position_find(a, a->family == 4 ? s->block_ipv4 : s->block_ipv6,
	    s->salt_split, &p);
	while (s->members[m].weight == 0 || s->members[m].last < p.value)
		m++;
	return m;
}

/* The bits of the widest prefix around ${client}, in its block, all of whose
 * grains are dealt to one member: looked at one by one. */
static inline unsigned
share_length(const struct fixture *f, const struct address *client)
{
	const struct policy_service *s = &f->policy->zones[0].services[0];
	unsigned grain = client->family == 4 ? 24 : 48;
	unsigned block = client->family == 4 ? s->block_ipv4 : s->block_ipv6;
	unsigned length = grain;

	while (length > block) {
		struct address a = *client;

		/* The other half of the next wider prefix. */
		flip(&a, length - 1);
		for (uint32_t i = 0; i < UINT32_C(1) << (grain - length); i++) {
			for (unsigned bit = 0; bit < grain - length; bit++)
				if ((a.bytes[(grain - 1 - bit) / 8] >>
					    (7 - (grain - 1 - bit) % 8) &
					1) != (i >> bit & 1))
					flip(&a, grain - 1 - bit);
			if (dealt_to(f, &a) != dealt_to(f, client))
				return length;
		}
		length--;
	}
	return length;
}

#endif
