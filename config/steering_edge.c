/*
 * Edge pools in a steering file: their origins, and what services have where
 * the file is silent.  Called by the readers of pools and services; decides
 * nothing for a client.
 */
#include "config/scalar.h"
#include "config/steering_parts.h"

/* The TTL of answers from edges.  What a name has there does not depend on the
 * client inside its regions, and a site that fails is seen by whoever asks
 * next: five minutes spare resolvers four queries of five. */
#define TTL_MAX_S 300

const struct schema_word steering_kinds[] = {
    {"plain", false}, {"edge", true}, {NULL, 0}};

void
steering_read_kind(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *edge)
{
	unsigned kind = *(bool *)edge;

	scalar_word(s, value, key, &kind);
	*(bool *)edge = kind;
}

void
steering_read_origin(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	(void)key;
	(void)out;
	if (value->kind != YAML_SCALAR || yaml_empty(value))
		schema_expected(s, value, "the name of a pool");
}

void
steering_check_edge(struct schema *s, const struct yaml_node *value,
    const struct pool_config *pool)
{
	static const char *const of_edge[] = {"spread", "origin"};

	for (size_t i = 0; i < sizeof(of_edge) / sizeof(of_edge[0]); i++) {
		const struct yaml_node *node = yaml_find(value, of_edge[i]);

		if (node != NULL && !pool->edge)
			schema_error(s, node, "needs \"kind: edge\"");
	}
}

static bool
has_cnames(const struct pool_config *pool)
{
	return pool->n_endpoints > 0 && pool->endpoints[0].cname != NULL;
}

/* Clients of ${pool} are sent to its origin: they must not lose a family there,
 * nor the origin send them further. */
static void
check_origin(struct schema *s, const struct yaml_node *origin,
    const struct pool_config *pools, const struct pool_config *pool)
{
	const struct steering_reader *reader = s->context;
	const struct steering_config *config = reader->config;
	const struct pool_config *to = &pools[pool->origin];
	unsigned has = steering_pool_families(config, to);
	unsigned lost = steering_pool_families(config, pool) & ~has;

	if (reader->pool_service[pool->origin] != NULL)
		schema_error(s, origin,
		    "\"%s\" is a service: an origin has endpoints", to->name);
	else if (to == pool)
		schema_error(s, origin, "a pool is no origin of itself");
	else if (to->origin != STEERING_NONE)
		schema_error(s, origin,
		    "\"%s\" has an origin itself, \"%s\": an origin is the "
		    "last "
		    "place to go to",
		    to->name, pools[to->origin].name);
	else if (has_cnames(to) != has_cnames(pool))
		schema_error(s, origin,
		    "an answer has addresses or a cname, and \"%s\" has the "
		    "other of them",
		    to->name);
	else if (has != 0 && lost != 0)
		schema_error(s, origin,
		    "\"%s\" has no %s address, which clients of this pool may "
		    "need",
		    to->name, lost & 1 ? "IPv4" : "IPv6");
}

void
steering_settle_origins(
    struct schema *s, const struct yaml_node *value, struct pool_config *pools)
{
	struct steering_reader *reader = s->context;

	for (const struct yaml_node *child = value->first; child != NULL;
	     child = child->next) {
		const struct yaml_node *origin = yaml_find(child, "origin");
		int64_t n;

		if (origin == NULL || !pools[child->index].edge ||
		    origin->kind != YAML_SCALAR || yaml_empty(origin))
			continue;
		n = schema_reference(s, origin, "pool", reader->pools);
		if (n < 0)
			continue;
		pools[child->index].origin = (uint32_t)n;
		reader->pool_used[n] = true;
	}
	for (const struct yaml_node *child = value->first; child != NULL;
	     child = child->next)
		if (pools[child->index].origin != STEERING_NONE)
			check_origin(s, yaml_find(child, "origin"), pools,
			    &pools[child->index]);
}

uint64_t
steering_edge_regions(const struct steering_reader *reader, uint32_t pool)
{
	uint32_t origin = reader->config->pools[pool].origin;
	uint64_t regions = reader->pool_regions[pool];

	return origin == STEERING_NONE ? regions
				       : regions | reader->pool_regions[origin];
}

/* What the pools of a service are. */
struct kinds {
	bool edge, plain; /* any of them, origins too */
	bool weighted;    /* any with a weight that is plain */
};

static void
add_kind(struct kinds *kinds, const struct pool_config *pool)
{
	kinds->edge |= pool->edge;
	kinds->plain |= !pool->edge;
}

static struct kinds
kinds_of(const struct pool_config *pools, const struct service_config *service)
{
	struct kinds kinds = {.edge = false};

	for (size_t i = 0; i < service->n_split; i++) {
		const struct pool_config *pool = &pools[service->split[i].pool];

		add_kind(&kinds, pool);
		if (pool->origin != STEERING_NONE)
			add_kind(&kinds, &pools[pool->origin]);
		kinds.weighted |= service->split[i].weight > 0 && !pool->edge;
	}
	return kinds;
}

/* Where no name has an endpoint, none has several. */
static void
warn_spread(struct schema *s, const struct pool_config *pools,
    const struct service_config *service)
{
	for (size_t i = 0; i < service->n_split; i++) {
		const struct pool_config *pool = &pools[service->split[i].pool];

		if (pool->spread > 1)
			errbuf_warn(s->eb, &service->at,
			    "service \"%s\": the spread of pool \"%s\" counts "
			    "for nothing, since \"affinity\" is not name",
			    service->name, pool->name);
	}
}

void
steering_settle_edge(struct schema *s, const struct yaml_node *value,
    struct service_config *service)
{
	const struct steering_reader *reader = s->context;
	const struct pool_config *pools = reader->config->pools;
	const struct yaml_node *ttl = yaml_find(value, "ttl");
	struct kinds kinds = kinds_of(pools, service);

	if (yaml_find(value, "affinity") != NULL) {
		if (service->affinity != AFFINITY_NAME)
			warn_spread(s, pools, service);
	} else if (kinds.edge) {
		service->affinity = kinds.plain ? AFFINITY_KIND : AFFINITY_NAME;
	}
	if (!kinds.weighted &&
	    (ttl == NULL ||
		(ttl->kind == YAML_MAP && yaml_find(ttl, "max") == NULL)))
		service->ttl_max_s = TTL_MAX_S;
	if (service->ttl_min_s > service->ttl_max_s)
		schema_error(s, ttl, "min, %us, is above max, %us",
		    service->ttl_min_s, service->ttl_max_s);
}
