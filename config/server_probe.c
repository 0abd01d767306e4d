/*
 * The `probe` of meridian.yaml: what meridian-probe does beside its checks.
 * Called by the reader of the node's file; opens nothing.
 */
#include "config/scalar.h"
#include "config/server_parts.h"

static void
read_address(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct probe_config *probe = out;

	(void)key;
	server_read_pages(s, value, &probe->http);
	probe->http_at = value->at;
}

static const struct schema_key probe_keys[] = {
    {.name = "http", .read = read_address},
    /* More than a machine can have connections to one address. */
    {.name = "concurrency",
	.read = scalar_unsigned,
	.offset = offsetof(struct probe_config, concurrency),
	.min = PROBE_CONCURRENCY_MIN,
	.max = 65536},
};

void
server_read_probe(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *probe)
{
	(void)key;
	if (value->kind != YAML_MAP && !yaml_empty(value)) {
		schema_expected(s, value, "{http: 127.0.0.1:8054}");
		return;
	}
	schema_map(s, value, probe_keys,
	    sizeof(probe_keys) / sizeof(probe_keys[0]), probe);
}
