/*
 * The facts that the operator's files say: zones, regions, pools, endpoints,
 * checks and services.  Called by facts.c; reads what is loaded.
 */
#include <ctype.h>
#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "ctl/facts.h"
#include "ctl/service_named.h"

/* A pool of a split with less than this of it, beside a larger one, is taken
 * for a canary. */
#define MOST_CANARY 0.5

static const struct advice_region *
copy_regions(struct facts *facts, const struct steering_config *config)
{
	struct advice_region *regions =
	    facts_array(facts, config->n_regions, sizeof(*regions));

	for (size_t i = 0; regions != NULL && i < config->n_regions; i++) {
		const struct region_config *r = &config->regions[i];

		regions[i] = (struct advice_region){.at = r->at,
		    .name = r->name,
		    .latitude = r->latitude,
		    .longitude = r->longitude,
		    .standby = r->standby,
		    .drained = r->drained};
	}
	return regions;
}

static void
copy_endpoint(const struct steering_config *config,
    const struct pool_config *pool, const struct endpoint_config *from,
    struct advice_endpoint *to)
{
	*to = (struct advice_endpoint){.at = from->at,
	    .name = from->name,
	    .region = from->region,
	    .weight = from->weight,
	    .capacity = from->capacity,
	    .standby = steering_is_standby(config, from),
	    .drained = from->drained || pool->drained ||
		config->regions[from->region].drained,
	    .checked = steering_checks_of(pool, from)->n > 0,
	    .max_running = NAN,
	    .saturation = NAN,
	    .latency_ms = NAN,
	    .certificate_ms = -1};
}

static const struct advice_check *
copy_check(struct facts *facts, const struct steering_config *config,
    const struct pool_config *pool)
{
	const struct check_config *from;
	struct advice_check *check;

	if (pool->checks.n == 0)
		return NULL;
	check = facts_array(facts, 1, sizeof(*check));
	if (check == NULL)
		return NULL;
	from = &config->checks[pool->checks.checks[0]];
	*check = (struct advice_check){.at = from->at,
	    .name = from->name,
	    .every_ms = from->every_ms,
	    .again_ms =
		from->recheck_ms > 0 ? from->recheck_ms : from->every_ms,
	    .timeout_ms = from->timeout_ms,
	    .fall = from->fall,
	    .rise = from->rise};
	return check;
}

static void
copy_pool(struct facts *facts, uint32_t zone,
    const struct steering_config *config, const struct pool_config *from,
    struct advice_pool *to)
{
	*to = (struct advice_pool){.at = from->at,
	    .name = from->name,
	    .zone = zone,
	    .endpoints =
		facts_array(facts, from->n_endpoints, sizeof(to->endpoints[0])),
	    .check = copy_check(facts, config, from),
	    .edge = from->edge,
	    .spread = from->spread};
	for (size_t i = 0; to->endpoints != NULL && i < from->n_endpoints; i++)
		copy_endpoint(
		    config, from, &from->endpoints[i], &to->endpoints[i]);
	to->n_endpoints = to->endpoints != NULL ? from->n_endpoints : 0;
}

/* --- services --- */

/* Pools that are services have no endpoints of their own, and are looked at
 * where they are services themselves. */
static void
copy_members(struct facts *facts, const struct service_config *from,
    uint32_t first_pool, struct advice_service *to)
{
	struct advice_member *members =
	    facts_array(facts, from->n_split, sizeof(*members));
	double sum = 0;

	if (members == NULL)
		return;
	for (size_t i = 0; i < from->n_split; i++)
		sum += from->split[i].weight;
	for (uint32_t i = 0; i < from->n_split; i++) {
		members[i] = (struct advice_member){
		    .pool = first_pool + from->split[i].pool,
		    .set = from->split[i].weight / sum};
		if (from->n_split > 1 && members[i].set > 0 &&
		    members[i].set < MOST_CANARY &&
		    (to->canary == ADVICE_NONE ||
			members[i].set < members[to->canary].set))
			to->canary = i;
	}
	to->members = members;
	to->weights = sum < 1000000 ? sum : 100;
	to->n_members = from->n_split;
}

/* The regions in which members with a weight have endpoints that take
 * clients. */
static uint64_t
regions_of(const struct facts *facts, const struct advice_service *s)
{
	uint64_t regions = 0;

	for (size_t m = 0; m < s->n_members; m++) {
		const struct advice_pool *pool =
		    &facts->pools[s->members[m].pool];

		for (size_t e = 0;
		     s->members[m].set > 0 && e < pool->n_endpoints; e++)
			if (pool->endpoints[e].weight > 0)
				regions |= UINT64_C(1)
				    << pool->endpoints[e].region;
	}
	return regions;
}

/* As the history has it. */
static const char *
lower(char *name)
{
	for (char *p = name; p != NULL && *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
	return name;
}

static void
copy_service(struct facts *facts, uint32_t zone, uint32_t first_pool,
    const struct policy_service *policy, struct advice_service *to)
{
	const struct service_config *from =
	    &policy->config->services[policy->config_index];
	size_t len = strlen(policy->name);

	*to = (struct advice_service){.at = from->at,
	    .name = lower(
		arena_strndup(facts->arena, policy->name, len - (len > 1))),
	    .zone = zone,
	    .canary = ADVICE_NONE,
	    .ttl_max_s = from->ttl_max_s,
	    .ttl_min_s = from->ttl_min_s,
	    .ranks_by_place =
		from->rank == RANK_NEAREST || from->rank == RANK_LATENCY,
	    .fenced = from->n_fences > 0,
	    .sticky_ipv4 = from->sticky_ipv4,
	    .ecs = from->ecs,
	    .region = facts_array(
		facts, policy->config->n_regions, sizeof(to->region[0])),
	    .peak = 1};
	for (size_t i = 0; i < from->n_fences; i++) {
		to->hard = to->hard || from->fences[i].hard;
		to->rules_unknown = to->rules_unknown ||
		    from->fences[i].clients.unknown ||
		    from->fences[i].clients.everyone;
	}
	copy_members(facts, from, first_pool, to);
	to->regions = regions_of(facts, to);
	facts->failed = facts->failed || to->name == NULL;
}

/* The one of that name; NULL with an error. */
static const struct policy_service *
find_service(const struct policy *policy, const char *name, struct errbuf *eb)
{
	char best[SERVICE_NAMED_TEXT], one[SERVICE_NAMED_TEXT],
	    other[SERVICE_NAMED_TEXT];
	struct service_named found;
	struct nearest nearest;
	size_t n = service_named_find(policy, name, &found);

	if (n == 1)
		return found.service;
	if (n > 1) {
		service_named_text(found.service, one);
		service_named_text(found.other, other);
		(void)errbuf_error(eb, NULL,
		    "\"%s\" is %s and %s: write the name in full", name, one,
		    other);
		return NULL;
	}
	nearest_init(&nearest, name);
	service_named_offer(policy, &nearest, best);
	if (nearest.best != NULL)
		(void)errbuf_error(eb, NULL,
		    "there is no service \"%s\", did you mean %s?", name,
		    nearest.best);
	else
		(void)errbuf_error(eb, NULL,
		    "there is no service \"%s\": meridianctl status says which "
		    "there are",
		    name);
	return NULL;
}

/* --- all --- */

static void
index_endpoints(struct facts *facts)
{
	size_t n = 0;

	for (size_t p = 0; p < facts->advice.n_pools; p++)
		n += facts->pools[p].n_endpoints;
	facts->refs = facts_array(facts, n, sizeof(facts->refs[0]));
	for (uint32_t p = 0; !facts->failed && p < facts->advice.n_pools; p++)
		for (uint32_t e = 0; e < facts->pools[p].n_endpoints; e++) {
			const struct advice_pool *pool = &facts->pools[p];
			const struct endpoint_key key = {
			    facts->advice.zones[pool->zone].name, pool->name,
			    pool->endpoints[e].name};

			facts->refs[facts->n_refs] = (struct facts_ref){p, e};
			if (u64map_add(&facts->index, endpoint_key_hash(&key),
				(uint32_t)facts->n_refs++) != 0)
				facts->failed = true;
		}
}

static void
index_services(struct facts *facts)
{
	for (uint32_t i = 0; !facts->failed && i < facts->advice.n_services;
	     i++) {
		const char *name = facts->services[i].name;

		if (u64map_add(&facts->by_name,
			hash_bytes(name, strlen(name), 0), i) != 0)
			facts->failed = true;
	}
}

struct advice_service *
facts_service(const struct facts *facts, const char *name)
{
	uint64_t hash = hash_bytes(name, strlen(name), 0);
	size_t at;

	for (uint32_t n = u64map_first(&facts->by_name, hash, &at);
	     n != U64MAP_NONE; n = u64map_next(&facts->by_name, hash, &at))
		if (strcmp(facts->services[n].name, name) == 0)
			return &facts->services[n];
	return NULL;
}

uint32_t
facts_find(const struct facts *facts, const struct endpoint_key *key)
{
	uint64_t hash = endpoint_key_hash(key);
	size_t at;

	for (uint32_t n = u64map_first(&facts->index, hash, &at);
	     n != U64MAP_NONE; n = u64map_next(&facts->index, hash, &at)) {
		const struct advice_pool *pool =
		    &facts->pools[facts->refs[n].pool];
		const struct endpoint_key own = {
		    facts->advice.zones[pool->zone].name, pool->name,
		    pool->endpoints[facts->refs[n].endpoint].name};

		if (endpoint_key_equal(&own, key))
			return n;
	}
	return ADVICE_NONE;
}

/* The zones with steering have the numbers in which they come. */
static int
make_room(struct facts *facts)
{
	const struct generation *g = facts->g;
	size_t pools = 0, services = 0;

	for (size_t z = 0; z < g->n_zones; z++)
		if (g->steering[z] != NULL)
			pools += g->steering[z]->n_pools;
	services = generation_services(g);
	facts->pools = facts_array(facts, pools, sizeof(facts->pools[0]));
	facts->services =
	    facts_array(facts, services, sizeof(facts->services[0]));
	return facts->failed ? -1 : 0;
}

static void
copy_zone(struct facts *facts, const struct policy_zone *zone, uint32_t number,
    const struct policy_service *only, struct advice_zone *to)
{
	const struct steering_config *config = zone->config;
	uint32_t first_pool = (uint32_t)facts->advice.n_pools;

	*to = (struct advice_zone){.name = zone->name,
	    .path = config->path,
	    .text = config->text,
	    .len = config->len,
	    .regions = copy_regions(facts, config),
	    .n_regions = config->n_regions};
	for (size_t p = 0; p < config->n_pools; p++)
		copy_pool(facts, number, config, &config->pools[p],
		    &facts->pools[facts->advice.n_pools++]);
	for (size_t s = 0; s < zone->n_services; s++)
		if (only == NULL || only == &zone->services[s])
			copy_service(facts, number, first_pool,
			    &zone->services[s],
			    &facts->services[facts->advice.n_services++]);
}

int
facts_read_files(struct facts *facts, const char *service, struct errbuf *eb)
{
	const struct policy *policy = facts->g->policy;
	struct advice_zone *zones =
	    facts_array(facts, policy->n_zones, sizeof(*zones));
	const struct policy_service *only =
	    service != NULL ? find_service(policy, service, eb) : NULL;

	if (service != NULL && only == NULL)
		return -1;

	if (zones == NULL || make_room(facts) != 0)
		return errbuf_error(eb, NULL, "no memory");
	for (size_t z = 0; z < policy->n_zones; z++)
		if (policy->zones[z].config != NULL) {
			uint32_t number = (uint32_t)facts->advice.n_zones++;

			copy_zone(facts, &policy->zones[z], number, only,
			    &zones[number]);
		}
	facts->advice.zones = zones;
	facts->advice.pools = facts->pools;
	facts->advice.services = facts->services;
	index_endpoints(facts);
	index_services(facts);
	if (facts->advice.n_services == 0)
		return errbuf_error(eb, NULL, "there is no steered service");
	return facts->failed ? errbuf_error(eb, NULL, "no memory") : 0;
}
