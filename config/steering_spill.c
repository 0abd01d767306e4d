/*
 * The `spill` of a pool: that its regions pass clients on by their load, and
 * how.  Called by the reader of pools; measures no load.
 */
#include "config/scalar.h"
#include "config/steering_parts.h"

/* Less than a hundredth would shed all the time. */
#define TARGET_LEAST 10000

static void
read_target(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *ppm)
{
	unsigned before = s->eb->errors;
	uint32_t share = 0;

	scalar_share(s, value, key, &share);
	if (s->eb->errors != before)
		return;
	if (share < TARGET_LEAST)
		schema_expected(s, value, "a share of 1%% to 100%% (85%%)");
	else
		*(uint32_t *)ppm = share;
}

static const struct schema_key spill_keys[] = {
    {.name = "target",
	.read = read_target,
	.offset = offsetof(struct spill_config, target_ppm)},
    {.name = "keep_min",
	.read = scalar_share,
	.offset = offsetof(struct spill_config, keep_min_ppm)},
    {.name = "held",
	.read = scalar_seconds,
	.offset = offsetof(struct spill_config, held_s),
	.min = 0,
	.max = 3600000},
    {.name = "every",
	.read = scalar_seconds,
	.offset = offsetof(struct spill_config, every_s),
	.min = 1000,
	.max = 60000},
    {.name = "fade",
	.read = scalar_seconds,
	.offset = offsetof(struct spill_config, fade_s),
	.min = 1000,
	.max = 86400000},
};

void
steering_read_spill(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	/*
	 * Up to 85 % requests do not wait for each other much; a hundredth of
	 * the clients keeps a region warm, and its load known, and is not more
	 * than a small region beside large ones can have; generations of models
	 * take some twenty seconds.
	 */
	struct spill_config spill = {.wanted = true,
	    .target_ppm = 850000,
	    .keep_min_ppm = 10000,
	    .held_s = 20,
	    .every_s = 5,
	    .fade_s = 300};

	(void)key;
	if (value->kind != YAML_MAP) {
		schema_expected(
		    s, value, "{target: 85%%, ...}, or {} for what is usual");
		return;
	}
	schema_map(s, value, spill_keys,
	    sizeof(spill_keys) / sizeof(spill_keys[0]), &spill);
	*(struct spill_config *)out = spill;
}

/* Some check of ${e} reads its load. */
static bool
has_load(const struct steering_config *config, const struct pool_config *pool,
    const struct endpoint_config *e)
{
	const struct check_set *set = steering_checks_of(pool, e);

	for (size_t i = 0; i < set->n; i++)
		if (config->checks[set->checks[i]].load.wanted)
			return true;
	return false;
}

const struct endpoint_config *
steering_find_silent(
    const struct steering_config *config, const struct pool_config *pool)
{
	for (size_t i = 0; i < pool->n_endpoints; i++) {
		const struct endpoint_config *e = &pool->endpoints[i];

		if (e->weight > 0 && !steering_is_standby(config, e) &&
		    !has_load(config, pool, e))
			return e;
	}
	return NULL;
}

void
steering_check_spill(struct schema *s, const struct yaml_node *value,
    const struct pool_config *pool)
{
	const struct steering_reader *reader = s->context;
	const struct yaml_node *spill = yaml_find(value, "spill");
	const struct endpoint_config *silent;
	uint64_t regions = 0;

	if (spill == NULL)
		return;
	for (size_t i = 0; i < pool->n_endpoints; i++) {
		const struct endpoint_config *e = &pool->endpoints[i];

		if (e->weight == 0 || steering_is_standby(reader->config, e))
			continue;
		regions |= UINT64_C(1) << e->region;
		if (e->capacity == 0)
			errbuf_error(s->eb, &e->at,
			    "endpoint \"%s\" has no capacity, which \"spill\" "
			    "in line %u needs of each: write \"capacity: N\", "
			    "in one unit for all of the pool",
			    e->name, spill->key_at.line);
	}
	silent = steering_find_silent(reader->config, pool);
	if (silent != NULL)
		errbuf_warn(s->eb, &spill->key_at,
		    "spill: no check reads the load of endpoint \"%s\": "
		    "without it a region passes nobody on; write \"load\" in "
		    "its check",
		    silent->name);
	if ((regions & (regions - 1)) == 0)
		errbuf_warn(s->eb, &spill->key_at,
		    "spill: the pool has endpoints in one region alone, which "
		    "has none to pass clients on to");
}
