/*
 * The `rate_limit` of meridian.yaml.  Called by the reader of the node's file;
 * limits nobody itself.
 */
#include "config/scalar.h"
#include "config/server_parts.h"

static void
read_prefix(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *prefix)
{
	(void)key;
	if (value->kind != YAML_SCALAR ||
	    prefix_parse(value->text, prefix) != 0)
		schema_expected(s, value,
		    "a prefix with no bits behind its length (192.0.2.0/24, "
		    "\"2001:db8::/32\")");
}

static const struct schema_key exempt_prefix = {.read = read_prefix};

/* What one client may have of all kinds together where the file is silent, in
 * times `responses`: the least that BIND's manual advises for its
 * all-per-second, since single clients send bursts of good queries.  The most
 * is RRL_MAX_ALL. */
#define RATE_LIMIT_ALL 4
#define RATE_LIMIT_MOST_ALL 100

/* The bits of a client are bounded as those of tcp.  A window under a second
 * would limit clients that send their queries in bursts; a table under 1024
 * entries, clients that share an entry by chance. */
static const struct schema_key rate_limit_keys[] = {
    /* The count of dns/answer/rrl.c goes round the sooner the higher the rate
     * is: after two days at this maximum. */
    {.name = "responses",
	.read = scalar_unsigned,
	.offset = offsetof(struct rate_limit_config, responses),
	.required = true,
	.min = 1,
	.max = 100000},
    {.name = "all",
	.read = scalar_unsigned,
	.offset = offsetof(struct rate_limit_config, all),
	.min = 1,
	.max = 100000 * RATE_LIMIT_MOST_ALL},
    {.name = "slip",
	.read = scalar_unsigned,
	.offset = offsetof(struct rate_limit_config, slip),
	.min = 0,
	.max = 10}, /* RRL_MAX_SLIP */
    {.name = "window",
	.read = scalar_ms,
	.offset = offsetof(struct rate_limit_config, window_ms),
	.min = 1000,
	.max = 60 * 1000},
    {.name = "ipv4",
	.read = scalar_u8,
	.offset = offsetof(struct rate_limit_config, ipv4),
	.min = 8,
	.max = 32},
    {.name = "ipv6",
	.read = scalar_u8,
	.offset = offsetof(struct rate_limit_config, ipv6),
	.min = 16,
	.max = 128},
    {.name = "table",
	.read = scalar_unsigned,
	.offset = offsetof(struct rate_limit_config, table),
	.min = 1024,
	.max = 1 << 24},
    {.name = "exempt",
	SCHEMA_LIST(struct rate_limit_config, exempt, n_exempt, &exempt_prefix,
	    SERVER_MAX_EXEMPT)},
};

/* The limit of one kind may not be above that of all. */
void
server_read_rate_limit(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct rate_limit_config *limit = out;
	const struct yaml_node *all;
	unsigned before = s->eb->errors;

	(void)key;
	if (value->kind != YAML_MAP && !yaml_empty(value)) {
		schema_expected(s, value, "{responses: 200}");
		return;
	}
	schema_map(s, value, rate_limit_keys,
	    sizeof(rate_limit_keys) / sizeof(rate_limit_keys[0]), limit);
	if (s->eb->errors > before)
		return;
	all = yaml_find(value, "all");
	if (all == NULL)
		limit->all = RATE_LIMIT_ALL * limit->responses;
	else if (limit->all < limit->responses ||
	    limit->all > RATE_LIMIT_MOST_ALL * limit->responses)
		schema_error(s, all,
		    "expected \"responses\", which is %u, to %d times that, "
		    "found %u",
		    limit->responses, RATE_LIMIT_MOST_ALL, limit->all);
}
