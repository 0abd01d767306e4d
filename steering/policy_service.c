/*
 * Compiles the services of a zone: members, what fences leave of them, salts,
 * counters and maps.  Called by policy_build() once the pools of the zone are
 * built.
 */
#include "steering/policy_build.h"

#include "base/arena.h"
#include "base/hash.h"
#include "config/nested.h"
#include "dns/wire/name.h"
#include "steering/geo/latency.h"
#include "steering/geo/mapkey.h"
#include "steering/position.h"

/* Salts of the steps, so that one network's hashes of two steps, or of two
 * services, are independent.  Changing one moves every client. */
#define SALT_SPLIT UINT64_C(0x73706c6974)    /* "split" */
#define SALT_SPILL UINT64_C(0x7370696c6c)    /* "spill" */
#define SALT_PICK UINT64_C(0x7069636b)       /* "pick" */
#define SALT_SPREAD UINT64_C(0x737072656164) /* "spread" */

/* A name has the addresses of ${e}: of either family, for all that is known
 * here. */
static bool
is_resolved(const struct policy_endpoint *e, unsigned form)
{
	return e->resolved != STEERING_NONE &&
	    (form == FORM_IPV4 || form == FORM_IPV6);
}

/* What the endpoints of a service have of one form. */
struct form_use {
	uint64_t regions; /* where one of them has records of it, as a set */
	bool all;         /* each of them has */
};

/* Add the endpoints of ${g}, which is in the regions ${region}. */
static void
add_group(const struct policy_build *b, const struct policy_group *g,
    unsigned form, uint64_t region, struct form_use *use)
{
	for (uint32_t i = g->first; i < g->first + g->n; i++) {
		const struct policy_endpoint *e = &b->endpoints[i];

		use->all &= e->sets[form].count > 0;
		if (e->sets[form].count > 0 || is_resolved(e, form))
			use->regions |= region;
	}
}

/* Add the endpoints of ${pool}. */
static void
add_pool(const struct policy_build *b, const struct policy_pool *pool,
    unsigned form, struct form_use *use)
{
	for (uint64_t left = pool->regions; left != 0; left &= left - 1)
		add_group(b, &b->groups[pool->group[__builtin_ctzll(left)]],
		    form, left & -left, use);
}

/* Add those of the members of ${service}, which is ${inside} another or not. */
static void
add_members(const struct policy_build *b, const struct policy_service *service,
    unsigned form, bool inside, struct form_use *use)
{
	for (size_t m = 0; m < service->n_members; m++) {
		const struct policy_member *member = &service->members[m];

		/* No last resort takes such a pool of a service inside. */
		if (inside && member->weight == 0)
			continue;
		if (member->pool.nested != NULL) {
			/* At most STEERING_MAX_DEPTH deep. */
			add_members(b, member->pool.nested, form, true, use);
			continue;
		}
		add_pool(b, &member->pool, form, use);
		for (uint32_t i = 0; i < member->n_alternates; i++)
			add_pool(b, &member->alternates[i].pool, form, use);
	}
}

/* What the endpoints of ${service} with a weight have of ${form}, or may have
 * by and by. */
static struct form_use
form_use(const struct policy_build *b, const struct policy_service *service,
    unsigned form)
{
	struct form_use use = {.all = true};

	add_members(b, service, form, false, &use);
	return use;
}

/* The first form that is somewhere, but in none of the regions ${inside};
 * ENDPOINT_FORMS when there is none. */
static unsigned
lost_form(const uint64_t regions[ENDPOINT_FORMS], uint64_t inside)
{
	unsigned form = 0;

	while (form < ENDPOINT_FORMS &&
	    (regions[form] == 0 || (regions[form] & inside) != 0))
		form++;
	return form;
}

/* Say of each fence what it leaves of the service: of all ${regions} of its
 * members, and of those where each form has an endpoint. */
static void
check_fences(struct policy_build *b, const struct service_config *config,
    uint64_t regions, const uint64_t by_form[ENDPOINT_FORMS])
{
	for (size_t i = 0; i < config->n_fences; i++) {
		const struct fence_config *f = &config->fences[i];
		uint64_t inside = f->regions & regions;
		unsigned lost = lost_form(by_form, f->regions);

		if (inside == 0 && f->hard)
			errbuf_error(b->eb, &f->at,
			    "hard fence rule %zu of service '%s' leaves it no "
			    "region: no endpoint with a weight is in a region "
			    "it names",
			    i + 1, config->name);
		else if (inside == 0)
			errbuf_warn(b->eb, &f->at,
			    "fence rule %zu of service '%s' leaves it no "
			    "region: its clients always get the last resort",
			    i + 1, config->name);
		else if (lost < ENDPOINT_FORMS)
			errbuf_warn(b->eb, &f->at,
			    "fence rule %zu of service '%s' leaves it no "
			    "%s endpoint: its clients get no %s record",
			    i + 1, config->name, policy_forms[lost].name,
			    policy_forms[lost].record);
	}
}

static uint32_t
outcome_slot(const struct policy_build *b, const char *service,
    const char *pool, const char *region)
{
	if (b->outcomes == NULL)
		return POLICY_NO_OUTCOME;
	return b->outcomes->slot(b->outcomes->context, service, pool, region);
}

static uint32_t
scopes_slot(const struct policy_build *b, const char *service)
{
	const struct policy_outcomes *o = b->outcomes;

	if (o == NULL || o->scopes == NULL)
		return POLICY_NO_OUTCOME;
	return o->slot(o->scopes, service, NULL, NULL);
}

const uint32_t *
policy_outcomes_build(struct policy_build *b,
    const struct policy_service *service, const struct policy_pool *pool)
{
	const struct steering_config *config = service->config;
	uint32_t *slots =
	    arena_array(b->arena, config->n_regions, sizeof(*slots));

	if (slots == NULL) {
		policy_out_of_memory(b);
		return NULL;
	}
	for (size_t r = 0; r < config->n_regions; r++)
		slots[r] = pool->regions >> r & 1
		    ? outcome_slot(
			  b, service->name, pool->name, config->regions[r].name)
		    : POLICY_NO_OUTCOME;
	return slots;
}

/* Where the share of each member ends: shares lie in [0,1) in the order of the
 * file, so that a weight that changes moves the borders beside it. */
static void
build_shares(struct policy_member *members, size_t n)
{
	uint64_t part = 0, whole = 0;

	for (size_t i = 0; i < n; i++)
		whole += members[i].ramped ? 0 : members[i].weight;
	for (size_t i = 0; i < n; i++) {
		part += members[i].ramped ? 0 : members[i].weight;
		if (members[i].weight > 0 && part > 0)
			members[i].last = position_threshold(part, whole) - 1;
	}
}

/* ${service} has what ${inner} has. */
static void
take_nested(struct policy_service *service, const struct policy_service *inner)
{
	service->nests = true;
	service->checked = service->checked || inner->checked;
	service->fenced_within = service->fenced_within || inner->fenced_within;
	service->soft_within =
	    service->soft_within || inner->soft_within || inner->soft;
}

static int
build_members(struct policy_build *b, const struct steering_config *config,
    const struct service_config *from, size_t first_pool,
    struct policy_service *service)
{
	struct policy_member *members =
	    arena_array(b->arena, from->n_split, sizeof(*members));
	uint64_t weighted = 0;

	if (members == NULL)
		return policy_out_of_memory(b);
	for (size_t i = 0; i < from->n_split; i++) {
		const struct split_config *split = &from->split[i];
		size_t number = first_pool + split->pool;

		members[i].pool = b->pools[number];
		members[i].ramped = split->weight == 0 && from->ramp != NULL &&
		    from->ramp->member == i;
		members[i].weight = members[i].ramped ? 1 : split->weight;
		if (policy_alternate_build(
			b, service, split->pool, &members[i]) != 0)
			return -1;
		if (members[i].pool.nested != NULL)
			take_nested(service, members[i].pool.nested);
		else if (policy_member_regions(&members[i]) != 0 &&
		    steering_is_checked(&config->pools[split->pool]))
			service->checked = true;
		if (members[i].weight == 0)
			continue;
		weighted |= policy_member_regions(&members[i]);
		members[i].outcome =
		    policy_outcomes_build(b, service, &members[i].pool);
		if (members[i].outcome == NULL)
			return -1;
	}
	service->outcome_none = outcome_slot(b, service->name, NULL, NULL);
	service->scopes = scopes_slot(b, service->name);
	build_shares(members, from->n_split);
	service->members = members;
	service->n_members = (uint8_t)from->n_split;
	service->pools = !service->alternates && !service->nests;
	service->plain = from->n_split == 1 && service->pools;
	service->weighted = weighted;
	if (weighted == 0)
		return errbuf_error(b->eb, &from->at,
		    "service '%s' has no endpoint to pick: the weights of all "
		    "endpoints of its pools are 0",
		    from->name);
	return 0;
}

/* Salts, and the name as text. */
static int
build_name(struct policy_build *b, const uint8_t *owner,
    struct policy_service *service)
{
	size_t len = name_length(owner);
	char text[NAME_TEXT];

	service->salt_split = hash_bytes(owner, len, SALT_SPLIT);
	service->salt_spill = hash_bytes(owner, len, SALT_SPILL);
	service->salt_pick = hash_bytes(owner, len, SALT_PICK);
	service->salt_spread = hash_bytes(owner, len, SALT_SPREAD);
	service->name = arena_strdup(b->arena, name_format(owner, text));
	return service->name != NULL ? 0 : policy_out_of_memory(b);
}

/* The plain values that are as the file has them. */
static void
build_values(const struct service_config *from, struct policy_service *service)
{
	service->ttl_max_s = from->ttl_max_s;
	service->ttl_min_s = from->ttl_min_s;
	service->sticky_ipv4 = from->sticky_ipv4;
	service->sticky_ipv6 = from->sticky_ipv6;
	service->block_ipv4 = from->block_ipv4;
	service->block_ipv6 = from->block_ipv6;
	service->affinity = (uint8_t)from->affinity;
	service->answers = (uint8_t)from->answers;
	if (from->answers < 1)
		service->answers = 1;
	if (from->answers > ANSWER_MAX_SETS)
		service->answers = ANSWER_MAX_SETS;
	service->regions =
	    from->answers_from == ANSWERS_REGIONS ? service->answers : 1;
	service->fenced = service->fenced_within = from->n_fences > 0;
	for (size_t i = 0; i < from->n_fences; i++)
		service->soft = service->soft || !from->fences[i].hard;
	service->n_resorts = (uint8_t)from->n_resorts;
	for (size_t i = 0; i < from->n_resorts; i++)
		service->resorts[i] = (uint8_t)from->resorts[i];
}

/* Whose client subnets count. */
static int
build_senders(struct policy_build *b, const struct service_config *from,
    struct policy_service *service)
{
	if (from->ecs == ECS_ON)
		return 0;
	service->senders =
	    senders_create(b->arena, from->ecs_senders, from->n_ecs_senders);
	return service->senders != NULL ? 0 : policy_out_of_memory(b);
}

void
policy_map_key(const struct policy_service *service,
    const struct latency *latency, struct map_key *key)
{
	*key = (struct map_key){.config = service->config,
	    .service = &service->config->services[service->config_index],
	    .latency = latency};
	for (unsigned m = 0; m < service->n_members; m++)
		key->regions |= policy_member_regions(&service->members[m]);
	mapkey_costs(key);
}

/* The records that are the service's own. */
static int
build_bindings(struct policy_build *b, const struct service_config *from,
    struct policy_service *service)
{
	const struct binding_config *given[FORMS - ENDPOINT_FORMS] = {
	    [FORM_HTTPS - ENDPOINT_FORMS] = from->https,
	    [FORM_SVCB - ENDPOINT_FORMS] = from->svcb,
	};

	for (unsigned form = ENDPOINT_FORMS; form < FORMS; form++) {
		unsigned i = form - ENDPOINT_FORMS;

		if (given[i] == NULL)
			continue;
		service->bindings[i] =
		    policy_binding_build(b, given[i], policy_forms[form].type);
		if (service->bindings[i] == NULL)
			return -1;
		service->has[form] = service->all_have[form] = true;
	}
	return 0;
}

/* A region that nobody has measured, in a table that has others: often its name
 * is another one there. */
static void
warn_unmeasured(struct policy_build *b, const struct map_key *key)
{
	const struct service_config *service = key->service;

	if (service->rank != RANK_LATENCY || latency_equal(key->latency, NULL))
		return;
	for (size_t i = 0; i < key->config->n_regions; i++) {
		const char *name = key->config->regions[i].name;

		if ((key->regions >> i & 1) == 0 ||
		    latency_has_region(key->latency, name))
			continue;
		errbuf_warn(b->eb, &service->at,
		    "service '%s' ranks by latency, and no round trip to "
		    "region '%s' is stored: clients who have one to another "
		    "region go there last",
		    service->name, name);
	}
}

static int
build_service(struct policy_build *b, const struct steering_config *config,
    uint32_t index, const uint8_t *apex, size_t first_pool, const char *zone,
    struct policy_service *service)
{
	const struct service_config *from = &config->services[index];
	uint8_t owner[NAME_MAX_WIRE];
	unsigned errors = b->eb->errors;
	uint64_t regions[ENDPOINT_FORMS];
	struct map_key key;

	if (policy_owner(from, apex, owner, b->eb) != 0)
		return -1;
	service->config = config;
	service->config_index = index;
	service->number = (uint32_t)b->n_services++;
	service->first_member = (uint32_t)b->n_members;
	b->n_members += from->n_split;
	build_values(from, service);
	if (build_name(b, owner, service) != 0 ||
	    build_senders(b, from, service) != 0 ||
	    build_bindings(b, from, service) != 0)
		return -1;
	if (build_members(b, config, from, first_pool, service) != 0)
		return -1;
	policy_map_key(service, map_set_latency(b->maps), &key);
	for (unsigned form = 0; form < ENDPOINT_FORMS; form++) {
		struct form_use use = form_use(b, service, form);

		regions[form] = use.regions;
		service->has[form] = use.regions != 0;
		service->all_have[form] = use.all;
	}
	check_fences(b, from, key.regions, regions);
	warn_unmeasured(b, &key);
	service->map = map_set_add(b->maps, &key, b->eb);
	if (service->map == NULL)
		return -1;
	service->one_class = map_size(service->map).classes == 1;
	if (policy_demand_build(b, zone, service) != 0)
		return -1;
	if (service->nests)
		return policy_nest_build(b, service, b->eb->errors == errors);
	return 0;
}

/* The pools of the zone that are ${service}, now that it is built. */
static void
fill_pools(struct policy_build *b, const struct steering_config *config,
    uint32_t index, size_t first_pool, const struct policy_service *service)
{
	for (size_t i = 0; i < config->n_pools; i++) {
		struct policy_pool *pool = &b->pools[first_pool + i];

		if (config->pools[i].service != &config->services[index])
			continue;
		pool->nested = service;
		pool->regions = service->weighted;
		b->nested[b->n_nested++] = pool->number;
	}
}

/* The services of a zone; all are tried, so that all errors are found. */
int
policy_service_build(struct policy_build *b,
    const struct steering_config *config, const uint8_t *apex,
    size_t first_pool, struct policy_zone *zone)
{
	struct policy_service *services =
	    arena_array(b->arena, config->n_services, sizeof(*services));
	bool nests = false;
	int rc = 0;

	if (services == NULL)
		return policy_out_of_memory(b);
	for (size_t i = 0; i < config->n_pools; i++)
		nests = nests || config->pools[i].service != NULL;
	/* Those that are inside others first. */
	for (unsigned depth = 0; depth <= (nests ? STEERING_MAX_DEPTH : 0);
	     depth++)
		for (uint32_t i = 0; i < config->n_services; i++) {
			if (nested_depth(config, &config->services[i]) != depth)
				continue;
			if (build_service(b, config, i, apex, first_pool,
				zone->name, &services[i]) != 0)
				rc = -1;
			if (nests)
				fill_pools(
				    b, config, i, first_pool, &services[i]);
		}
	zone->services = services;
	zone->n_services = config->n_services;
	return rc;
}
