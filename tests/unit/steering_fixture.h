/*
 * Builds steering files in memory for the unit tests of steering/: regions,
 * networks, pools and services of one zone, compiled over an empty geography.
 * Included by tests only; one fixture at a time.
 */
#ifndef TESTS_STEERING_FIXTURE_H
#define TESTS_STEERING_FIXTURE_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "steering/geo/ranking.h"
#include "steering/ladder.h"
#include "tests/unit/latency_entries.h"

#define FIXTURE_REGIONS 8
#define FIXTURE_NETWORKS 8
#define FIXTURE_POOLS 12
#define FIXTURE_ENDPOINTS 64 /* a pool */
#define FIXTURE_FENCES 4
#define FIXTURE_SERVICES 6

struct fixture {
	struct region_config regions[FIXTURE_REGIONS];
	struct network_config networks[FIXTURE_NETWORKS];
	struct prefix prefixes[FIXTURE_NETWORKS];
	struct check_config check;
	struct pool_config pools[FIXTURE_POOLS];
	struct endpoint_config endpoints[FIXTURE_POOLS][FIXTURE_ENDPOINTS];
	struct address addresses[FIXTURE_POOLS][FIXTURE_ENDPOINTS][2];
	char names[FIXTURE_POOLS][FIXTURE_ENDPOINTS][16];
	struct service_config services[FIXTURE_SERVICES];
	struct split_config split[FIXTURE_SERVICES][FIXTURE_POOLS];
	struct fence_config fences[FIXTURE_SERVICES][FIXTURE_FENCES];
	uint32_t fence_network[FIXTURE_SERVICES][FIXTURE_FENCES];
	uint32_t listed[FIXTURE_REGIONS];
	struct steering_config config;
	struct geography *geography;
	struct latency_builder *measured; /* until it is built */
	struct latency *latency;
	struct map_set *maps;
	struct policy *policy;
	struct live *live;
	struct errbuf eb;
	uint64_t turn;
	struct address sender; /* of queries; family 0: the client itself */
};

/* A repeatable source of numbers. */
static uint64_t fixture_random_state = 1;

static inline uint64_t
fixture_random(void)
{
	return hash_mix(fixture_random_state++, 7);
}

static inline uint32_t
fixture_below(uint32_t n)
{
	return (uint32_t)(fixture_random() % n);
}

static inline struct fixture *
fixture_create(void)
{
	struct fixture *f = calloc(1, sizeof(*f));

	ck_assert_ptr_nonnull(f);
	f->config.path = "test.yaml";
	f->config.regions = f->regions;
	f->config.networks = f->networks;
	f->config.checks = &f->check;
	f->config.n_checks = 1;
	f->config.pools = f->pools;
	f->config.services = f->services;
	f->check.name = "check";
	f->check.every_ms = 5000;
	f->check.timeout_ms = 2000;
	f->check.fall = 3;
	f->check.rise = 2;
	errbuf_init(&f->eb);
	return f;
}

static inline void
fixture_destroy(struct fixture *f)
{
	live_destroy(f->live);
	policy_destroy(f->policy);
	map_set_destroy(f->maps);
	latency_abandon(f->measured);
	latency_destroy(f->latency);
	geography_destroy(f->geography);
	free(f);
}

static inline uint32_t
fixture_region(struct fixture *f, const char *name, double latitude)
{
	uint32_t i = (uint32_t)f->config.n_regions++;

	f->regions[i].name = name;
	f->regions[i].latitude = latitude;
	f->listed[i] = i;
	return i;
}

/* A round trip to a region, of whose clients latency_entry_of() says. */
static inline void
fixture_measure(struct fixture *f, const char *whose, const char *region,
    uint32_t rtt_us, uint32_t samples)
{
	struct latency_entry e =
	    latency_entry_of(whose, region, rtt_us, samples);

	if (f->measured == NULL)
		f->measured = latency_begin();
	ck_assert_ptr_nonnull(f->measured);
	ck_assert_int_eq(latency_add(f->measured, &e), 0);
}

/* A network that is at ${latitude} on the prime meridian. */
static inline uint32_t
fixture_network(
    struct fixture *f, const char *name, const char *prefix, double latitude)
{
	uint32_t i = (uint32_t)f->config.n_networks++;

	ck_assert_int_eq(prefix_parse(prefix, &f->prefixes[i]), 0);
	f->networks[i].name = name;
	f->networks[i].prefixes = &f->prefixes[i];
	f->networks[i].n_prefixes = 1;
	f->networks[i].has_position = true;
	f->networks[i].latitude = latitude;
	return i;
}

/* A pool that is checked, as live says. */
static const uint32_t only_check;

static inline uint32_t
fixture_pool(struct fixture *f, const char *name)
{
	uint32_t i = (uint32_t)f->config.n_pools++;

	f->pools[i].name = name;
	f->pools[i].spread = 1;
	f->pools[i].checks =
	    (struct check_set){.checks = &only_check, .n = 1, .need = 1};
	f->pools[i].origin = STEERING_NONE;
	f->pools[i].endpoints = f->endpoints[i];
	return i;
}

/* A pool that is ${service}. */
static inline uint32_t
fixture_nested(
    struct fixture *f, const char *name, const struct service_config *service)
{
	uint32_t pool = fixture_pool(f, name);

	f->pools[pool].checks.n = 0;
	f->pools[pool].service = service;
	return pool;
}

static inline struct endpoint_config *
fixture_endpoint(
    struct fixture *f, uint32_t pool, uint32_t region, uint32_t weight)
{
	size_t i = f->pools[pool].n_endpoints++;
	struct endpoint_config *e = &f->endpoints[pool][i];
	struct address *a = f->addresses[pool][i];

	ck_assert_uint_lt(i, FIXTURE_ENDPOINTS);
	snprintf(f->names[pool][i], sizeof(f->names[pool][i]), "e%zu", i);
	e->name = f->names[pool][i];
	e->region = region;
	e->weight = weight;
	ck_assert_int_eq(address_parse("192.0.2.0", &a[0]), 0);
	a[0].bytes[2] = (uint8_t)pool;
	a[0].bytes[3] = (uint8_t)i;
	ck_assert_int_eq(address_parse("2001:db8::", &a[1]), 0);
	a[1].bytes[14] = (uint8_t)pool;
	a[1].bytes[15] = (uint8_t)i;
	e->ipv4 = &a[0];
	e->n_ipv4 = 1;
	e->ipv6 = &a[1];
	e->n_ipv6 = 1;
	return e;
}

/* A service with the defaults of the file format; regions as listed. */
static inline struct service_config *
fixture_service(struct fixture *f, const char *name)
{
	size_t i = f->config.n_services++;
	struct service_config *s = &f->services[i];

	s->name = name;
	s->at = (struct mark){"test.yaml", (unsigned)i + 1, 1};
	s->split = f->split[i];
	s->fences = f->fences[i];
	s->rank = RANK_LISTED;
	s->listed = f->listed;
	s->affinity = AFFINITY_CLIENT;
	s->sticky_ipv4 = 20;
	s->sticky_ipv6 = 40;
	s->block_ipv4 = 14;
	s->block_ipv6 = 32;
	s->answers = 1;
	s->ttl_max_s = 60;
	s->ttl_min_s = 5;
	return s;
}

static inline void
fixture_split(
    struct fixture *f, struct service_config *s, uint32_t pool, uint32_t weight)
{
	struct split_config *split = f->split[s - f->services];

	split[s->n_split++] = (struct split_config){pool, weight};
	s->n_listed = f->config.n_regions;
}

static inline void
fixture_fence(struct fixture *f, struct service_config *s, uint32_t network,
    uint64_t regions, bool hard)
{
	size_t i = (size_t)(s - f->services), n = s->n_fences++;
	struct fence_config *fence = &f->fences[i][n];

	f->fence_network[i][n] = network;
	fence->at = s->at;
	fence->clients.networks = &f->fence_network[i][n];
	fence->clients.n_networks = 1;
	fence->regions = regions;
	fence->hard = hard;
}

/* The slots of the fixture: the number of the call. */
static inline uint32_t
fixture_slot(
    void *context, const char *service, const char *pool, const char *region)
{
	uint32_t *next = context;

	(void)service;
	(void)pool;
	(void)region;
	return (*next)++;
}

/* Compile; the policy is NULL when that failed. */
static inline struct policy *
fixture_compile(struct fixture *f)
{
	static uint32_t slots;
	struct policy_input input = {"Test.example", &f->config};
	struct policy_outcomes outcomes = {
	    .slot = fixture_slot, .context = &slots};

	slots = 0;
	f->geography = geography_load(NULL, NULL, 0, NULL, &f->eb);
	ck_assert_ptr_nonnull(f->geography);
	f->maps = map_set_create(f->geography);
	ck_assert_ptr_nonnull(f->maps);
	if (f->measured != NULL) {
		f->latency = latency_end(f->measured);
		f->measured = NULL;
		ck_assert_ptr_nonnull(f->latency);
	}
	map_set_measure(f->maps, f->latency);
	f->policy = policy_build(&input, 1, f->maps, &outcomes, &f->eb);
	return f->policy;
}

/* Compile, with every endpoint checked and up. */
static inline void
fixture_build(struct fixture *f)
{
	ck_assert_msg(fixture_compile(f) != NULL, "%s", f->eb.text);
	f->live = live_create(f->policy);
	ck_assert_ptr_nonnull(f->live);
	memset(f->live->endpoint, USABLE_YES, f->live->n_endpoints);
	live_judge(f->live, f->policy);
}

/* The number in the policy of endpoint ${i} of ${pool} in the file. */
static inline uint32_t
fixture_number(const struct fixture *f, uint32_t pool, size_t i)
{
	uint32_t e;

	for (e = 0; e < f->policy->n_endpoints; e++)
		if (strcmp(f->policy->endpoints[e].key.pool,
			f->pools[pool].name) == 0 &&
		    strcmp(f->policy->endpoints[e].key.endpoint,
			f->names[pool][i]) == 0)
			return e;
	ck_abort_msg("no such endpoint");
	return 0;
}

/* The name of the region of an endpoint of the policy. */
static inline const char *
fixture_region_name(const struct fixture *f, uint32_t endpoint)
{
	const struct policy *policy = f->policy;

	return policy->regions[policy->endpoints[endpoint].region].name;
}

static inline void
fixture_set(struct fixture *f, uint32_t pool, size_t i, enum usable usable)
{
	f->live->endpoint[fixture_number(f, pool, i)] = (int8_t)usable;
	live_judge(f->live, f->policy);
}

static inline void
fixture_set_all(struct fixture *f, enum usable usable)
{
	memset(f->live->endpoint, (int)usable, f->live->n_endpoints);
	live_judge(f->live, f->policy);
}

/* A change of group ${group} that is at hand in ${pending_s} seconds. */
static inline void
fixture_pending(struct fixture *f, uint32_t group, uint32_t pending_s)
{
	f->live->group[group].pending_s = pending_s;
	live_judge(f->live, f->policy);
}

/* Why regions are in their order for a client. */
static inline void
fixture_ranking(const struct fixture *f, size_t service,
    const struct address *client, struct ranking *ranking)
{
	struct map_key key;

	policy_map_key(
	    &f->policy->zones[0].services[service], f->latency, &key);
	ck_assert_int_eq(map_ranking(f->geography, &key, client, ranking), 0);
}

static inline void
fixture_decide_traced(struct fixture *f, size_t service,
    const struct address *client, enum answer_form form,
    const struct ladder_trace *trace, struct decision *d)
{
	static const uint8_t owner[] = "\4chat\4test\7example";
	struct client c = {*client, (uint8_t)address_bits(client)};
	struct answer_request request = {.form = form,
	    .owner = owner,
	    .owner_len = sizeof(owner),
	    .client = &c,
	    .sender = f->sender.family != 0 ? &f->sender : client,
	    .turn = f->turn++};

	ladder_decide(&f->policy->zones[0].services[service], f->policy,
	    f->live, &request, trace, d);
}

static inline void
fixture_decide(struct fixture *f, size_t service, const struct address *client,
    struct decision *d)
{
	fixture_decide_traced(f, service, client, FORM_IPV4, NULL, d);
}

/* The decision for a client given as text: IPv4 addresses of the first
 * service. */
static inline struct decision
fixture_ask(struct fixture *f, const char *client)
{
	struct address a;
	struct decision d;

	ck_assert_int_eq(address_parse(client, &a), 0);
	fixture_decide(f, 0, &a, &d);
	return d;
}

/* An IPv4 address. */
static inline struct address
fixture_ipv4(uint32_t n)
{
	struct address a = {.family = 4};

	a.bytes[0] = (uint8_t)(n >> 24);
	a.bytes[1] = (uint8_t)(n >> 16);
	a.bytes[2] = (uint8_t)(n >> 8);
	a.bytes[3] = (uint8_t)n;
	return a;
}

/* The first address of the ${i}-th /20: distinct sticky prefixes. */
static inline struct address
fixture_sticky(uint32_t i)
{
	return fixture_ipv4(i << 12);
}

/* Run a suite of one case, as the program of a test does. */
static inline int
fixture_run(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	int bad;

	srunner_run_all(runner, CK_ENV);
	bad = srunner_ntests_failed(runner);
	srunner_free(runner);
	return bad == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
