/*
 * What must be left when an operator takes something out by hand: the key
 * `safety`.  Called by the reader of steering files; judges nothing (see
 * steering/safety.h).
 */
#include "config/scalar.h"
#include "config/steering_parts.h"

/* A wait that is longer than an incident is a slip. */
#define WAIT_MAX_MS (INT64_C(24) * 3600 * 1000)

static const struct schema_key safety_keys[] = {
    {.name = "least",
	.read = scalar_u32,
	.offset = offsetof(struct safety_config, least),
	.min = 1,
	.max = STEERING_MAX_ENDPOINTS},
    {.name = "share",
	.read = scalar_share,
	.offset = offsetof(struct safety_config, share_ppm),
	.max = 1000000},
    {.name = "wait",
	.read = scalar_ms_or_off,
	.offset = offsetof(struct safety_config, wait_ms),
	.min = 1000,
	.max = WAIT_MAX_MS},
};

/* One that no service can keep would refuse everything by hand. */
static void
check_reach(struct schema *s, const struct yaml_node *value,
    const struct safety_config *safety)
{
	const struct yaml_node *least = yaml_find(value, "least");
	const struct steering_reader *reader = s->context;

	if (least != NULL && safety->least > reader->n_endpoints)
		schema_expected(s, least,
		    "at most as many as the file has endpoints, %zu",
		    reader->n_endpoints);
}

void
steering_read_safety(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	unsigned before = s->eb->errors;

	(void)key;
	schema_map(s, value, safety_keys,
	    sizeof(safety_keys) / sizeof(safety_keys[0]), out);
	if (s->eb->errors == before)
		check_reach(s, value, out);
}
