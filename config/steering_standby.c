/*
 * Standby endpoints and regions in a steering file, and their trickle.  Called
 * by the reader of pools; decides nothing for a client.
 */
#include "config/scalar.h"
#include "config/steering_parts.h"

void
steering_read_trickle(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *ppm)
{
	unsigned before = s->eb->errors;
	uint32_t share = 0;

	scalar_share(s, value, key, &share);
	if (s->eb->errors != before)
		return;
	if (share > STEERING_MAX_TRICKLE)
		schema_expected(s, value,
		    "a share of at most %d%%: what serves more is no standby",
		    STEERING_MAX_TRICKLE / 10000);
	else
		*(uint32_t *)ppm = share;
}

bool
steering_is_standby(
    const struct steering_config *config, const struct endpoint_config *e)
{
	return e->standby || config->regions[e->region].standby;
}

void
steering_check_standby(struct schema *s, const struct yaml_node *value,
    const struct pool_config *pool)
{
	const struct steering_reader *reader = s->context;
	const struct yaml_node *trickle = yaml_find(value, "trickle");
	size_t standby = 0, others = 0;

	for (size_t i = 0; i < pool->n_endpoints; i++) {
		const struct endpoint_config *e = &pool->endpoints[i];

		if (e->weight == 0)
			continue;
		standby += steering_is_standby(reader->config, e);
		others += !steering_is_standby(reader->config, e);
	}
	if (trickle != NULL && pool->trickle_ppm > 0 && standby == 0)
		schema_error(s, trickle,
		    "the pool has no standby endpoint that clients could "
		    "trickle to: write \"standby: true\" at an endpoint or a "
		    "region");
	else if (standby > 0 && others == 0)
		errbuf_warn(s->eb, &pool->at,
		    "all endpoints of pool \"%s\" are standby: they serve all "
		    "the time, as if none was",
		    pool->name);
}
