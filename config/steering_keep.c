/*
 * What the regions of a pool keep of the clients that come to them.  Called by
 * the reader of pools; moves nobody.
 */
#include "config/scalar.h"
#include "config/steering_parts.h"

void
steering_read_keep(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	const struct steering_reader *reader = s->context;
	struct pool_config *pool = out;
	struct keep_config *keep;

	if (value->kind != YAML_MAP) {
		schema_expected(
		    s, value, "{region: share, ...} ({us-east: 80%%})");
		return;
	}
	if (!schema_named(s, value, STEERING_MAX_REGIONS))
		return;
	keep = schema_array(s, value->n, sizeof(*keep));
	if (keep == NULL)
		return;
	for (const struct yaml_node *child = value->first; child != NULL;
	     child = child->next) {
		struct keep_config *one = &keep[child->index];
		int64_t region = schema_reference_text(
		    s, &child->key_at, child->key, "region", reader->regions);

		one->region = region < 0 ? STEERING_NONE : (uint32_t)region;
		scalar_share(s, child, key, &one->ppm);
	}
	pool->keep = keep;
	pool->n_keep = value->n;
}

void
steering_check_keep(struct schema *s, const struct yaml_node *value,
    const struct pool_config *pool, uint64_t regions)
{
	const struct yaml_node *keep = yaml_find(value, "keep");
	const struct yaml_node *child = keep != NULL ? keep->first : NULL;

	for (size_t i = 0; i < pool->n_keep && child != NULL;
	     i++, child = child->next)
		if (pool->keep[i].region != STEERING_NONE &&
		    !(regions >> pool->keep[i].region & 1))
			errbuf_error(s->eb, &child->key_at,
			    "keep: the pool has no endpoint in region \"%s\"",
			    child->key);
}
