/*
 * The `even` of a pool: that factors on the weights of its endpoints even out
 * their loads inside each region.  Called by the reader of pools; measures no
 * load.
 */
#include "config/steering_parts.h"

/* Regions of the pool with at least two endpoints that are picked from. */
static bool
has_two(const struct steering_config *config, const struct pool_config *pool)
{
	uint64_t seen = 0;

	for (size_t i = 0; i < pool->n_endpoints; i++) {
		const struct endpoint_config *e = &pool->endpoints[i];
		uint64_t region = UINT64_C(1) << e->region;

		if (e->weight == 0 || steering_is_standby(config, e))
			continue;
		if (seen & region)
			return true;
		seen |= region;
	}
	return false;
}

void
steering_check_even(
    struct schema *s, const struct yaml_node *value, struct pool_config *pool)
{
	const struct steering_reader *reader = s->context;
	const struct yaml_node *even = yaml_find(value, "even");
	const struct endpoint_config *silent;

	if (even == NULL)
		pool->even = pool->spill.wanted;
	if (even == NULL || !pool->even)
		return;
	silent = steering_find_silent(reader->config, pool);
	if (silent != NULL && !pool->spill.wanted)
		errbuf_warn(s->eb, &even->key_at,
		    "even: no check reads the load of endpoint \"%s\": without "
		    "it its weight stays as it is; write \"load\" in its check",
		    silent->name);
	if (!has_two(reader->config, pool))
		errbuf_warn(s->eb, &even->key_at,
		    "even: the pool has no region with two endpoints to pick "
		    "from: there is nothing to even out");
}
