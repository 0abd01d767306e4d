/*
 * Compiles the pools of a zone: endpoints by region, with their prebuilt
 * records, groups, and checks.  Called by policy_build() for each zone; knows
 * no service.
 */
#include "steering/policy_build.h"

#include "base/arena.h"
#include "dns/wire/name.h"
#include "dns/wire/wire.h"
#include "steering/position.h"
#include "steering/records.h"

/* Prebuild the records of ${n} addresses of ${family}; the server puts in the
 * TTL. */
static int
build_records(struct policy_build *b, const struct address *addresses, size_t n,
    uint8_t family, struct answer_set *out)
{
	uint8_t *image = arena_bytes(b->arena, records_size(n, family));

	if (image == NULL)
		return policy_out_of_memory(b);
	records_write(addresses, n, family, image, out);
	return 0;
}

/* Prebuild the CNAME to ${target}; none where that is NULL. */
static int
build_cname(struct policy_build *b, const char *target, struct answer_set *out)
{
	uint8_t name[NAME_MAX_WIRE], *image;
	int len;

	if (target == NULL)
		return 0;
	len = name_parse(target, NULL, name);
	if (len < 0)
		return errbuf_error(
		    b->eb, NULL, "'%s' is no domain name", target);
	image = arena_bytes(b->arena, RECORD_FIXED + (size_t)len);
	if (image == NULL)
		return policy_out_of_memory(b);
	wire_put16(image, POINTER_QNAME);
	wire_put16(image + 2, TYPE_CNAME);
	wire_put16(image + 4, CLASS_IN);
	wire_put32(image + 6, 0);
	wire_put16(image + 10, (uint16_t)len);
	memcpy(image + RECORD_FIXED, name, (size_t)len);
	*out = (struct answer_set){image, (uint16_t)(RECORD_FIXED + len), 1};
	return 0;
}

static void
build_check(const struct check_config *from, struct policy_check *c)
{
	c->every_ms = from->every_ms;
	c->timeout_ms = from->timeout_ms;
	c->fall = from->fall;
	c->rise = from->rise;
	c->recheck_ms = from->recheck_ms;
	c->slow_ms = from->slow_ms;
	c->fail_back_ms = from->fail_back_ms;
	if (from->load.wanted)
		c->load_stale_ms = from->load.stale_ms;
	if (from->deep.n_steps > 0)
		c->deep = (struct policy_deep){
		    from->deep.every_ms, from->deep.fall, from->deep.rise};
	c->quorum = from->quorum;
	c->quorum_count = from->quorum_count;
	c->quorum_regions = from->quorum_regions;
	c->quorum_near = from->quorum_near;
}

/* All of ${set}, one after the other: the number of the first, or STEERING_NONE
 * where it has none.  The longest `fail_back` counts for each, and the load
 * that one of them reads is that of the endpoint. */
static uint32_t
build_checks(struct policy_build *b, const struct steering_config *config,
    const struct check_set *set)
{
	struct policy_check *c = &b->checks[b->n_checks];
	uint64_t fail_back_ms = 0, load_stale_ms = 0;

	if (set->n == 0)
		return STEERING_NONE;
	for (size_t i = 0; i < set->n; i++) {
		build_check(&config->checks[set->checks[i]], &c[i]);
		c[i].more = (uint32_t)(set->n - i - 1);
		if (c[i].fail_back_ms > fail_back_ms)
			fail_back_ms = c[i].fail_back_ms;
		if (c[i].load_stale_ms > load_stale_ms)
			load_stale_ms = c[i].load_stale_ms;
	}
	for (size_t i = 0; i < set->n; i++) {
		c[i].fail_back_ms = fail_back_ms;
		c[i].load_stale_ms = load_stale_ms;
	}
	b->n_checks += set->n;
	return (uint32_t)(b->n_checks - set->n);
}

static int
build_endpoint(struct policy_build *b, const struct policy_zone *zone,
    const struct pool_config *pool, const struct endpoint_config *from)
{
	struct policy_endpoint *e = &b->endpoints[b->n_endpoints++];

	e->key.zone = zone->name;
	e->key.pool = pool->name;
	e->key.endpoint = from->name;
	e->region = zone->regions[from->region];
	e->hash = endpoint_key_hash(&e->key);
	e->weight = from->weight;
	e->capacity = from->capacity;
	e->standby = steering_is_standby(zone->config, from);
	e->drained = from->drained || pool->drained ||
	    zone->config->regions[from->region].drained;
	b->drains = b->drains || e->drained;
	e->evened = pool->even;
	e->slow = pool->slow_start_s > 0;
	b->starts = b->starts || e->slow;
	e->check = from->checks.n > 0
	    ? build_checks(b, zone->config, &from->checks)
	    : b->pool_check;
	e->resolved = STEERING_NONE;
	if (from->resolve != NULL) {
		e->resolved = (uint32_t)b->n_resolved;
		b->names[b->n_resolved++] = from->resolve;
	}
	if (build_records(
		b, from->ipv4, from->n_ipv4, 4, &e->sets[FORM_IPV4]) != 0 ||
	    build_cname(b, from->cname, &e->sets[FORM_CNAME]) != 0)
		return -1;
	return build_records(
	    b, from->ipv6, from->n_ipv6, 6, &e->sets[FORM_IPV6]);
}

/* Which positions ${region} of the zone keeps. */
static uint64_t
keep_of(const struct pool_config *pool, uint32_t region)
{
	for (size_t i = 0; i < pool->n_keep; i++)
		if (pool->keep[i].region == region &&
		    pool->keep[i].ppm < 1000000)
			return position_threshold(pool->keep[i].ppm, 1000000);
	return POLICY_KEEP_ALL;
}

/* Close the group of the endpoints from ${first} on, in ${region} of the
 * policy. */
static void
build_group(struct policy_build *b, const struct pool_config *pool,
    uint32_t region, size_t first)
{
	struct policy_group *g = &b->groups[b->n_groups++];
	const struct policy_endpoint *e = &b->endpoints[first];
	uint32_t n = (uint32_t)(b->n_endpoints - first);

	g->first = (uint32_t)first;
	g->n = n;
	g->region = region;
	g->even = true;
	g->spill = pool->spill.wanted;
	for (uint32_t i = 0; i < n; i++)
		g->even = g->even && e[i].weight == e[0].weight;
	g->min_up_ppm = pool->min_up_ppm;
}

/* The endpoints of ${from} with a weight in ${region} of the zone, those that
 * are standby or those that are not. */
static int
build_region(struct policy_build *b, const struct policy_zone *zone,
    const struct pool_config *from, uint32_t region, bool standby)
{
	for (size_t i = 0; i < from->n_endpoints; i++) {
		const struct endpoint_config *e = &from->endpoints[i];

		if (e->weight > 0 && e->region == region &&
		    steering_is_standby(zone->config, e) == standby &&
		    build_endpoint(b, zone, from, e) != 0)
			return -1;
	}
	return 0;
}

/* The endpoints that are never picked. */
static int
build_weightless(struct policy_build *b, const struct policy_zone *zone,
    const struct pool_config *from)
{
	for (size_t i = 0; i < from->n_endpoints; i++)
		if (from->endpoints[i].weight == 0 &&
		    build_endpoint(b, zone, from, &from->endpoints[i]) != 0)
			return -1;
	return 0;
}

/* All of ${pool}, which is that of the standby endpoints of ${from} or of the
 * others. */
static int
build_pool(struct policy_build *b, const struct policy_zone *zone,
    const struct pool_config *from, struct policy_pool *pool)
{
	size_t n_regions = zone->config->n_regions;
	uint32_t *group = arena_array(b->arena, n_regions, sizeof(*group));

	if (group == NULL)
		return policy_out_of_memory(b);
	pool->name = from->name;
	pool->number = (uint32_t)(pool - b->pools);
	pool->group = group;
	pool->edge = from->edge;
	pool->spread = from->spread > 1 ? (uint8_t)from->spread : 1;
	for (uint32_t r = 0; r < n_regions; r++) {
		size_t first = b->n_endpoints;

		group[r] = STEERING_NONE;
		if (build_region(b, zone, from, r, pool->is_standby) != 0)
			return -1;
		if (b->n_endpoints == first)
			continue;
		group[r] = (uint32_t)b->n_groups;
		pool->regions |= UINT64_C(1) << r;
		build_group(b, from, zone->regions[r], first);
		/* Standby endpoints serve when nothing else does. */
		b->groups[group[r]].keep =
		    pool->is_standby ? POLICY_KEEP_ALL : keep_of(from, r);
		b->groups[group[r]].slow_start_s =
		    pool->is_standby ? 0 : from->slow_start_s;
	}
	return 0;
}

/* Whether some endpoint of ${from} with a weight is standby. */
static bool
has_standby(const struct policy_zone *zone, const struct pool_config *from)
{
	for (size_t i = 0; i < from->n_endpoints; i++)
		if (from->endpoints[i].weight > 0 &&
		    steering_is_standby(zone->config, &from->endpoints[i]))
			return true;
	return false;
}

int
policy_pool_build(struct policy_build *b, const struct policy_zone *zone,
    const struct pool_config *from, struct policy_pool *pool)
{
	b->pool_check = build_checks(b, zone->config, &from->checks);
	if (build_pool(b, zone, from, pool) != 0)
		return -1;
	b->standby[pool->number] = STEERING_NONE;
	if (has_standby(zone, from)) {
		struct policy_pool *standby = &b->pools[b->n_pools];

		b->standby[pool->number] = (uint32_t)b->n_pools++;
		standby->is_standby = true;
		if (build_pool(b, zone, from, standby) != 0)
			return -1;
	}
	return build_weightless(b, zone, from);
}
