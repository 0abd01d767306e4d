/*
 * Compiles steering files into the policy that the ladder walks: pools by
 * region, prebuilt records, salts, maps.  Called at load time; decides nothing.
 */
#include "steering/policy.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/intern.h"
#include "dns/wire/name.h"
#include "dns/wire/protocol.h"
#include "dns/wire/wire.h"

/* A few hundred octets an endpoint and a service: 2 GB is past every zone set
 * that the other limits allow on one node. */
#define POLICY_MAX_BYTES ((size_t)2 << 30)

/* Salts of the steps, so that one network's hashes of two steps, or of two
 * services, are independent.  Changing one moves every client. */
#define SALT_SPLIT UINT64_C(0x73706c6974) /* "split" */
#define SALT_PICK UINT64_C(0x7069636b)    /* "pick" */

/* A record with its owner, type, class, TTL and length before the address. */
#define RECORD_FIXED 12

const struct policy_form policy_forms[FORMS] = {
    [FORM_IPV4] = {TYPE_A, "A", "IPv4"},
    [FORM_IPV6] = {TYPE_AAAA, "AAAA", "IPv6"},
};

struct build {
	struct policy *policy;
	struct arena *arena;
	struct map_set *maps;
	const struct policy_outcomes *outcomes;
	struct errbuf *eb;
	struct policy_endpoint *endpoints;
	struct policy_group *groups;
	struct policy_pool *pools;
	struct policy_check *checks;
	size_t n_endpoints, n_groups, n_pools, n_checks; /* filled so far */
	struct intern regions; /* struct policy_region, of all zones */
};

static int
out_of_memory(struct build *b)
{
	errbuf_error(b->eb, NULL, "no memory for the steering of all zones");
	return -1;
}

/* Prebuild the records of ${n} addresses of one family, all of ${type}; the
 * server puts in the TTL. */
static int
build_records(struct build *b, const struct address *addresses, size_t n,
    uint16_t type, struct answer_set *out)
{
	size_t rdlen = type == TYPE_A ? 4 : 16;
	size_t size = n * (RECORD_FIXED + rdlen), i;
	uint8_t *p = arena_bytes(b->arena, size), *image = p;

	if (p == NULL)
		return out_of_memory(b);
	for (i = 0; i < n; i++, p += RECORD_FIXED + rdlen) {
		wire_put16(p, POINTER_QNAME);
		wire_put16(p + 2, type);
		wire_put16(p + 4, CLASS_IN);
		wire_put32(p + 6, 0);
		wire_put16(p + 10, (uint16_t)rdlen);
		memcpy(p + RECORD_FIXED, addresses[i].bytes, rdlen);
	}
	out->image = image;
	out->size = (uint16_t)size;
	out->count = (uint16_t)n;
	return 0;
}

static int
build_endpoint(struct build *b, const struct policy_zone *zone,
    const struct pool_config *pool, const struct endpoint_config *from)
{
	struct policy_endpoint *e = &b->endpoints[b->n_endpoints++];

	e->key.zone = zone->name;
	e->key.pool = pool->name;
	e->key.endpoint = from->name;
	e->region = zone->regions[from->region];
	e->hash = endpoint_key_hash(&e->key);
	e->weight = from->weight;
	e->check = STEERING_NONE;
	if (pool->check != STEERING_NONE)
		e->check = (uint32_t)b->n_checks + pool->check;
	if (build_records(
		b, from->ipv4, from->n_ipv4, TYPE_A, &e->sets[FORM_IPV4]) != 0)
		return -1;
	return build_records(
	    b, from->ipv6, from->n_ipv6, TYPE_AAAA, &e->sets[FORM_IPV6]);
}

/* How many of the ${n} endpoints from ${e} on have records of ${form}. */
static enum presence
presence_of(const struct policy_endpoint *e, uint32_t n, unsigned form)
{
	uint32_t have = 0;

	for (uint32_t i = 0; i < n; i++)
		have += e[i].sets[form].count > 0;
	if (have == 0)
		return PRESENCE_NONE;
	return have == n ? PRESENCE_ALL : PRESENCE_SOME;
}

/* Close the group of the endpoints from ${first} on, in ${region} of the
 * policy. */
static void
build_group(struct build *b, const struct pool_config *pool, uint32_t region,
    size_t first)
{
	struct policy_group *g = &b->groups[b->n_groups++];
	const struct policy_endpoint *e = &b->endpoints[first];
	uint32_t n = (uint32_t)(b->n_endpoints - first);
	uint64_t weight = 0;

	g->first = (uint32_t)first;
	g->n = n;
	g->region = region;
	g->even = true;
	for (uint32_t i = 0; i < n; i++) {
		weight += e[i].weight;
		g->even = g->even && e[i].weight == e[0].weight;
	}
	for (unsigned form = 0; form < FORMS; form++)
		g->presence[form] = (uint8_t)presence_of(e, n, form);
	/* At most 65,536 endpoints of 1,000,000, times 1,000,000: fits. */
	g->min_up = (weight * pool->min_up_ppm + 999999) / 1000000;
}

/* The endpoints of ${pool} in ${region} of the zone, or those without a weight
 * for STEERING_NONE. */
static int
build_region(struct build *b, const struct policy_zone *zone,
    const struct pool_config *pool, uint32_t region)
{
	for (size_t i = 0; i < pool->n_endpoints; i++) {
		const struct endpoint_config *e = &pool->endpoints[i];
		uint32_t place = e->weight > 0 ? e->region : STEERING_NONE;

		if (place == region && build_endpoint(b, zone, pool, e) != 0)
			return -1;
	}
	return 0;
}

static int
build_pool(struct build *b, const struct policy_zone *zone,
    const struct pool_config *from)
{
	size_t n_regions = zone->config->n_regions;
	struct policy_pool *pool = &b->pools[b->n_pools++];
	uint32_t *group = arena_array(b->arena, n_regions, sizeof(*group));

	if (group == NULL)
		return out_of_memory(b);
	pool->name = from->name;
	pool->group = group;
	for (uint32_t r = 0; r < n_regions; r++) {
		size_t first = b->n_endpoints;

		group[r] = STEERING_NONE;
		if (build_region(b, zone, from, r) != 0)
			return -1;
		if (b->n_endpoints == first)
			continue;
		group[r] = (uint32_t)b->n_groups;
		pool->regions |= UINT64_C(1) << r;
		build_group(b, from, zone->regions[r], first);
	}
	return build_region(b, zone, from, STEERING_NONE);
}

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

/* The policy's numbers of the regions of ${zone}; those that no other zone has
 * named are new. */
static int
build_regions(struct build *b, struct policy_zone *zone)
{
	const struct steering_config *config = zone->config;
	uint32_t *regions =
	    arena_array(b->arena, config->n_regions, sizeof(*regions));

	if (regions == NULL)
		return out_of_memory(b);
	for (size_t i = 0; i < config->n_regions; i++) {
		const struct policy_region region = {config->regions[i].name};

		regions[i] = intern_number(&b->regions, &region);
		if (regions[i] == INTERN_NONE)
			return out_of_memory(b);
	}
	zone->regions = regions;
	return 0;
}

static void
build_checks(struct build *b, const struct steering_config *config)
{
	for (size_t i = 0; i < config->n_checks; i++) {
		const struct check_config *from = &config->checks[i];
		struct policy_check *c = &b->checks[b->n_checks++];

		c->every_ms = from->every_ms;
		c->timeout_ms = from->timeout_ms;
		c->fall = from->fall;
		c->rise = from->rise;
		c->quorum = from->quorum;
		c->quorum_count = from->quorum_count;
	}
}

/* The regions of ${service} where members with a weight have an endpoint with
 * records of ${form}; 0 when there is none at all. */
static uint64_t
form_regions(const struct build *b, const struct policy_service *service,
    size_t n_regions, unsigned form)
{
	uint64_t regions = 0;

	for (size_t m = 0; m < service->n_members; m++) {
		const struct policy_member *member = &service->members[m];

		for (size_t r = 0; r < n_regions && member->weight > 0; r++) {
			const struct policy_group *g;

			if (!(member->regions >> r & 1))
				continue;
			g = &b->groups[member->group[r]];
			if (g->presence[form] != PRESENCE_NONE)
				regions |= UINT64_C(1) << r;
		}
	}
	return regions;
}

/* The first form that is somewhere, but in none of the regions ${inside};
 * FORMS when there is none. */
static unsigned
lost_form(const uint64_t regions[FORMS], uint64_t inside)
{
	unsigned form = 0;

	while (form < FORMS &&
	    (regions[form] == 0 || (regions[form] & inside) != 0))
		form++;
	return form;
}

/* Say of each fence what it leaves of the service: of all ${regions} of its
 * members, and of those where each form has an endpoint. */
static void
check_fences(struct build *b, const struct service_config *config,
    uint64_t regions, const uint64_t by_form[FORMS])
{
	for (size_t i = 0; i < config->n_fences; i++) {
		const struct fence_config *f = &config->fences[i];
		uint64_t inside = f->regions & regions;
		unsigned lost = lost_form(by_form, f->regions);

		if (inside == 0 && f->hard)
			errbuf_error(b->eb, &config->at,
			    "hard fence rule %zu of service '%s' leaves it no "
			    "region: no endpoint with a weight is in a region "
			    "it names",
			    i + 1, config->name);
		else if (inside == 0)
			errbuf_warn(b->eb, &config->at,
			    "fence rule %zu of service '%s' leaves it no "
			    "region: its clients always get the last resort",
			    i + 1, config->name);
		else if (lost < FORMS)
			errbuf_warn(b->eb, &config->at,
			    "fence rule %zu of service '%s' leaves it no "
			    "%s endpoint: its clients always get the last "
			    "resort for that family",
			    i + 1, config->name, policy_forms[lost].name);
	}
}

static int
build_members(struct build *b, const struct steering_config *config,
    const struct service_config *from, size_t first_pool,
    struct policy_service *service, uint64_t *regions)
{
	struct policy_member *members =
	    arena_array(b->arena, from->n_split, sizeof(*members));
	uint64_t weighted = 0;

	if (members == NULL)
		return out_of_memory(b);
	*regions = 0;
	for (size_t i = 0; i < from->n_split; i++) {
		const struct split_config *split = &from->split[i];
		size_t number = first_pool + split->pool;

		members[i].pool = b->pools[number].name;
		members[i].group = b->pools[number].group;
		members[i].regions = b->pools[number].regions;
		members[i].pool_number = (uint32_t)number;
		members[i].weight = split->weight;
		if (members[i].regions != 0 &&
		    config->pools[split->pool].check != STEERING_NONE)
			service->checked = true;
		*regions |= members[i].regions;
		if (split->weight > 0)
			weighted |= members[i].regions;
	}
	service->members = members;
	service->n_members = (uint8_t)from->n_split;
	if (weighted == 0)
		return errbuf_error(b->eb, &from->at,
		    "service '%s' has no endpoint to pick: the weights of all "
		    "endpoints of its pools are 0",
		    from->name);
	return 0;
}

static uint32_t
outcome_slot(const struct build *b, const char *service, const char *region)
{
	if (b->outcomes == NULL)
		return POLICY_NO_OUTCOME;
	return b->outcomes->slot(b->outcomes->context, service, region);
}

/* Salts, the name as text, and the counters that go by it. */
static int
build_name(struct build *b, const struct steering_config *config,
    const uint8_t *owner, uint64_t regions, struct policy_service *service)
{
	size_t len = name_length(owner), r;
	char text[NAME_TEXT];

	service->salt_split = hash_bytes(owner, len, SALT_SPLIT);
	service->salt_pick = hash_bytes(owner, len, SALT_PICK);
	service->name = arena_strdup(b->arena, name_format(owner, text));
	if (service->name == NULL)
		return out_of_memory(b);
	for (r = 0; r < config->n_regions; r++)
		service->outcome[r] = regions >> r & 1
		    ? outcome_slot(b, service->name, config->regions[r].name)
		    : POLICY_NO_OUTCOME;
	service->outcome_resort = outcome_slot(b, service->name, NULL);
	return 0;
}

/* The plain values that are as the file has them. */
static void
build_values(const struct service_config *from, struct policy_service *service)
{
	service->ttl_max_s = from->ttl_max_s;
	service->ttl_min_s = from->ttl_min_s;
	service->sticky_ipv4 = from->sticky_ipv4;
	service->sticky_ipv6 = from->sticky_ipv6;
	service->affinity = (uint8_t)from->affinity;
	service->answers = (uint8_t)from->answers;
	if (from->answers < 1)
		service->answers = 1;
	if (from->answers > ANSWER_MAX_SETS)
		service->answers = ANSWER_MAX_SETS;
	service->n_resorts = (uint8_t)from->n_resorts;
	for (size_t i = 0; i < from->n_resorts; i++)
		service->resorts[i] = (uint8_t)from->resorts[i];
}

static int
build_service(struct build *b, const struct steering_config *config,
    uint32_t index, const uint8_t *apex, size_t first_pool,
    struct policy_service *service)
{
	const struct service_config *from = &config->services[index];
	struct map_key key = {.config = config, .service = from};
	uint8_t owner[NAME_MAX_WIRE];
	uint64_t regions[FORMS];

	if (policy_owner(from, apex, owner, b->eb) != 0)
		return -1;
	service->config = config;
	service->config_index = index;
	build_values(from, service);
	if (build_members(b, config, from, first_pool, service, &key.regions) !=
	    0)
		return -1;
	for (unsigned form = 0; form < FORMS; form++) {
		regions[form] =
		    form_regions(b, service, config->n_regions, form);
		service->has[form] = regions[form] != 0;
	}
	check_fences(b, from, key.regions, regions);
	if (build_name(b, config, owner, key.regions, service) != 0)
		return -1;
	service->map = map_set_add(b->maps, &key, b->eb);
	if (service->map == NULL)
		return -1;
	service->one_class = map_classes(service->map) == 1;
	return 0;
}

/* The services of a zone; all are tried, so that all errors are found. */
static int
build_services(struct build *b, const struct steering_config *config,
    const uint8_t *apex, size_t first_pool, struct policy_zone *zone)
{
	struct policy_service *services =
	    arena_array(b->arena, config->n_services, sizeof(*services));
	int rc = 0;

	if (services == NULL)
		return out_of_memory(b);
	for (uint32_t i = 0; i < config->n_services; i++)
		if (build_service(
			b, config, i, apex, first_pool, &services[i]) != 0)
			rc = -1;
	zone->services = services;
	zone->n_services = config->n_services;
	return rc;
}

static int
build_zone(
    struct build *b, const struct policy_input *input, struct policy_zone *zone)
{
	const struct steering_config *config = input->config;
	uint8_t apex[NAME_MAX_WIRE];
	size_t first_pool = b->n_pools;

	zone->name = arena_strdup(b->arena, input->zone);
	if (zone->name == NULL)
		return out_of_memory(b);
	zone->config = config;
	if (config == NULL)
		return 0;
	if (name_parse(input->zone, NULL, apex) < 0)
		return errbuf_error(
		    b->eb, NULL, "'%s' is no domain name", input->zone);
	if (build_regions(b, zone) != 0)
		return -1;
	for (size_t i = 0; i < config->n_pools; i++)
		if (build_pool(b, zone, &config->pools[i]) != 0)
			return -1;
	build_checks(b, config);
	return build_services(b, config, apex, first_pool, zone);
}

/* Room for all endpoints, pools, checks and the most groups there can be. */
static int
build_room(struct build *b, const struct policy_input *zones, size_t n)
{
	size_t endpoints = 0, pools = 0, checks = 0, groups = 0;

	for (size_t z = 0; z < n; z++) {
		const struct steering_config *config = zones[z].config;

		if (config == NULL)
			continue;
		checks += config->n_checks;
		pools += config->n_pools;
		for (size_t p = 0; p < config->n_pools; p++) {
			size_t have = config->pools[p].n_endpoints;

			endpoints += have;
			groups +=
			    have < config->n_regions ? have : config->n_regions;
		}
	}
	if (endpoints >= STEERING_NONE) {
		errbuf_error(b->eb, NULL, "too many endpoints");
		return -1;
	}
	b->endpoints = arena_array(b->arena, endpoints, sizeof(*b->endpoints));
	b->checks = arena_array(b->arena, checks, sizeof(*b->checks));
	b->groups = arena_array(b->arena, groups, sizeof(*b->groups));
	b->pools = arena_array(b->arena, pools, sizeof(*b->pools));
	if (b->endpoints == NULL || b->checks == NULL || b->groups == NULL ||
	    b->pools == NULL)
		return out_of_memory(b);
	return 0;
}

/* The regions, now that all zones have named theirs. */
static int
take_regions(struct build *b)
{
	size_t n = b->regions.n;
	struct policy_region *regions =
	    arena_array(b->arena, n, sizeof(*regions));

	if (regions == NULL)
		return out_of_memory(b);
	if (n > 0)
		memcpy(regions, b->regions.members, n * sizeof(*regions));
	b->policy->regions = regions;
	b->policy->n_regions = n;
	return 0;
}

/* All that is built from ${zones}: 0, or -1 with errors. */
static int
build_policy(struct build *b, const struct policy_input *zones, size_t n)
{
	struct policy_zone *built = arena_array(b->arena, n, sizeof(*built));
	unsigned errors = b->eb->errors;

	b->policy = arena_alloc(b->arena, sizeof(*b->policy));
	if (b->policy == NULL || built == NULL)
		return out_of_memory(b);
	if (build_room(b, zones, n) != 0)
		return -1;
	/* All zones are tried, so that one run finds all errors. */
	for (size_t z = 0; z < n; z++)
		build_zone(b, &zones[z], &built[z]);
	if (b->eb->errors != errors)
		return -1;
	*b->policy = (struct policy){.arena = b->arena,
	    .zones = built,
	    .n_zones = n,
	    .endpoints = b->endpoints,
	    .n_endpoints = b->n_endpoints,
	    .groups = b->groups,
	    .n_groups = b->n_groups,
	    .pools = b->pools,
	    .n_pools = b->n_pools,
	    .checks = b->checks,
	    .n_checks = b->n_checks};
	return take_regions(b);
}

struct policy *
policy_build(const struct policy_input *zones, size_t n, struct map_set *maps,
    const struct policy_outcomes *outcomes, struct errbuf *eb)
{
	static const struct intern_kind regions = {
	    .size = sizeof(struct policy_region),
	    .max = INTERN_NONE,
	    .hash = hash_region,
	    .equal = same_region,
	};
	struct build b = {.maps = maps, .outcomes = outcomes, .eb = eb};

	intern_init(&b.regions, &regions);
	b.arena = arena_create(POLICY_MAX_BYTES);
	if (b.arena == NULL) {
		out_of_memory(&b);
		return NULL;
	}
	if (build_policy(&b, zones, n) != 0) {
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

int
policy_owner(const struct service_config *service, const uint8_t *apex,
    uint8_t *owner, struct errbuf *eb)
{
	uint8_t name[NAME_MAX_WIRE];
	char text[NAME_TEXT];
	int len = name_parse(service->name, apex, name);

	if (len < 0)
		return errbuf_error(eb, &service->at,
		    "service '%s': no domain name", service->name);
	if (name_below(name, apex) == NULL)
		return errbuf_error(eb, &service->at,
		    "service '%s' is not in the zone %s", service->name,
		    name_format(apex, text));
	name_lower(owner, name, (size_t)len);
	return 0;
}
