/*
 * Compiles the pools of all zones, with their regions and checks: what is
 * judged.  Called by policy_build(), and for those who judge and answer
 * nothing; knows no service.
 */
#include <string.h>

#include "base/arena.h"
#include "base/hash.h"
#include "steering/policy_build.h"

/* A few hundred octets an endpoint and a service: 2 GB is past every zone set
 * that the other limits allow on one node. */
#define POLICY_MAX_BYTES ((size_t)2 << 30)

static uint64_t
hash_region(const void *member)
{
	const struct policy_region *region = member;

	return hash_bytes(region->name, strlen(region->name), 0);
}

static bool
same_region(const void *a, const void *b)
{
	const struct policy_region *left = a, *right = b;

	return strcmp(left->name, right->name) == 0;
}

int
policy_regions_build(struct policy_build *b, struct policy_zone *zone)
{
	const struct steering_config *config = zone->config;
	uint32_t *regions =
	    arena_array(b->arena, config->n_regions, sizeof(*regions));

	if (regions == NULL)
		return policy_out_of_memory(b);
	for (size_t i = 0; i < config->n_regions; i++) {
		const char *name = config->regions[i].name;
		const struct policy_region region = {.name = name,
		    .hash = hash_bytes(name, strlen(name), 0),
		    .at = place_point(config->regions[i].latitude,
			config->regions[i].longitude)};

		regions[i] = intern_number(&b->regions, &region);
		if (regions[i] == INTERN_NONE)
			return policy_out_of_memory(b);
	}
	zone->regions = regions;
	return 0;
}

/* Endpoints of ${pool} whose addresses a name has. */
static size_t
count_names(const struct pool_config *pool)
{
	size_t n = 0;

	for (size_t i = 0; i < pool->n_endpoints; i++)
		n += pool->endpoints[i].resolve != NULL;
	return n;
}

/* Checks of all sets: its own, and those of endpoints that have another. */
static size_t
count_checks(const struct pool_config *pool)
{
	size_t n = pool->checks.n;

	for (size_t i = 0; i < pool->n_endpoints; i++)
		n += pool->endpoints[i].checks.n;
	return n;
}

int
policy_room(struct policy_build *b, const struct policy_input *zones, size_t n)
{
	size_t names = 0, endpoints = 0, pools = 0, checks = 0, groups = 0;

	for (size_t z = 0; z < n; z++) {
		const struct steering_config *config = zones[z].config;

		if (config == NULL)
			continue;
		/* Each with one of standby endpoints. */
		pools += 2 * config->n_pools;
		for (size_t p = 0; p < config->n_pools; p++) {
			size_t have = config->pools[p].n_endpoints;

			endpoints += have;
			names += count_names(&config->pools[p]);
			checks += count_checks(&config->pools[p]);
			groups += have < 2 * config->n_regions
			    ? have
			    : 2 * config->n_regions;
		}
	}
	if (endpoints >= STEERING_NONE) {
		errbuf_error(b->eb, NULL, "too many endpoints");
		return -1;
	}
	b->endpoints = arena_array(b->arena, endpoints, sizeof(*b->endpoints));
	b->names = arena_array(b->arena, names, sizeof(*b->names));
	b->checks = arena_array(b->arena, checks, sizeof(*b->checks));
	b->groups = arena_array(b->arena, groups, sizeof(*b->groups));
	b->pools = arena_array(b->arena, pools, sizeof(*b->pools));
	b->standby = arena_array(b->arena, pools, sizeof(*b->standby));
	b->nested = arena_array(b->arena, pools, sizeof(*b->nested));
	if (b->endpoints == NULL || b->names == NULL || b->checks == NULL ||
	    b->groups == NULL || b->pools == NULL || b->standby == NULL ||
	    b->nested == NULL)
		return policy_out_of_memory(b);
	return 0;
}

int
policy_regions_take(struct policy_build *b)
{
	size_t n = b->regions.n;
	struct policy_region *regions =
	    arena_array(b->arena, n, sizeof(*regions));

	if (regions == NULL)
		return policy_out_of_memory(b);
	if (n > 0)
		memcpy(regions, b->regions.members, n * sizeof(*regions));
	b->policy->regions = regions;
	b->policy->n_regions = n;
	return 0;
}

int
policy_begin(struct policy_build *b)
{
	static const struct intern_kind regions = {
	    .size = sizeof(struct policy_region),
	    .max = INTERN_NONE,
	    .hash = hash_region,
	    .equal = same_region,
	};

	intern_init(&b->regions, &regions);
	b->arena = arena_create(POLICY_MAX_BYTES);
	return b->arena != NULL ? 0 : policy_out_of_memory(b);
}

/* --- what is judged --- */

static int
build_pools(struct policy_build *b, const struct policy_input *input)
{
	struct policy_zone zone = {.config = input->config};
	size_t first = b->n_pools;

	if (input->config == NULL)
		return 0;
	zone.name = arena_strdup(b->arena, input->zone);
	if (zone.name == NULL)
		return policy_out_of_memory(b);
	if (policy_regions_build(b, &zone) != 0)
		return -1;
	b->n_pools += input->config->n_pools;
	for (size_t i = 0; i < input->config->n_pools; i++)
		if (policy_pool_build(b, &zone, &input->config->pools[i],
			&b->pools[first + i]) != 0)
			return -1;
	return 0;
}

/* Copy ${*text} unless it is ${*last}, of which ${*copy} is the copy: those of
 * a pool have one name, by which they are known to be of one. */
static int
keep(struct arena *arena, const char **text, const char **last,
    const char **copy)
{
	if (*text != *last) {
		*last = *text;
		*copy = arena_strdup(arena, *text);
	}
	*text = *copy;
	return *copy != NULL ? 0 : -1;
}

/* Copy all texts of the files. */
static int
keep_names(struct policy_build *b)
{
	struct policy_region *regions = b->regions.members;
	const char *last = NULL, *copy = NULL;

	for (size_t i = 0; i < b->n_endpoints; i++) {
		struct endpoint_key *key = &b->endpoints[i].key;

		key->endpoint = arena_strdup(b->arena, key->endpoint);
		if (key->endpoint == NULL ||
		    keep(b->arena, &key->pool, &last, &copy) != 0)
			return policy_out_of_memory(b);
	}
	for (size_t i = 0; i < b->regions.n; i++) {
		regions[i].name = arena_strdup(b->arena, regions[i].name);
		if (regions[i].name == NULL)
			return policy_out_of_memory(b);
	}
	return 0;
}

static int
build_judged(struct policy_build *b, const struct policy_input *zones, size_t n)
{
	struct policy *policy = arena_alloc(b->arena, sizeof(*policy));

	if (policy == NULL)
		return policy_out_of_memory(b);
	if (policy_room(b, zones, n) != 0)
		return -1;
	for (size_t z = 0; z < n; z++)
		if (build_pools(b, &zones[z]) != 0)
			return -1;
	*policy = (struct policy){.arena = b->arena,
	    .endpoints = b->endpoints,
	    .n_endpoints = b->n_endpoints,
	    .n_resolved = b->n_resolved,
	    .checks = b->checks,
	    .n_checks = b->n_checks};
	b->policy = policy;
	return keep_names(b) != 0 ? -1 : policy_regions_take(b);
}

struct policy *
policy_build_judged(
    const struct policy_input *zones, size_t n, struct errbuf *eb)
{
	struct policy_build b = {.eb = eb};

	if (policy_begin(&b) != 0)
		return NULL;
	if (build_judged(&b, zones, n) != 0) {
		arena_destroy(b.arena);
		b.policy = NULL;
	}
	intern_finish(&b.regions);
	return b.policy;
}

void
policy_destroy(struct policy *policy)
{
	if (policy != NULL)
		arena_destroy(policy->arena);
}
