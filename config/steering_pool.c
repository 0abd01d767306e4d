/*
 * The `pools` of a steering file and their endpoints.  Called by the reader of
 * steering files; asks no endpoint anything.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/scalar.h"
#include "config/shown.h"
#include "config/steering_parts.h"

/* Capacity counts requests, tokens or what an operator likes: only its share of
 * the sum matters.  With this maximum the sum over all endpoints fits 64 bits.
 */
#define CAPACITY_MAX 1000000000

/* 169.254.0.0/16 (RFC 3927) and fe80::/10 (RFC 4291, 2.5.6). */
static bool
is_link_local(const struct address *a)
{
	if (a->family == 4)
		return a->bytes[0] == 169 && a->bytes[1] == 254;
	return a->bytes[0] == 0xfe && (a->bytes[1] & 0xc0) == 0x80;
}

/* Whether a client could be sent to ${address}; says why not. */
static bool
is_target(
    struct schema *s, const struct yaml_node *value, const struct address *a)
{
	static const uint8_t zero[16];
	char shown[ADDRESS_TEXT];

	if (address_is_mapped(a)) {
		schema_error(s, value,
		    "%s is an IPv4 address in IPv6: write the IPv4 address",
		    address_format(a, shown));
		return false;
	}
	if (is_link_local(a)) {
		schema_error(s, value,
		    "%s is valid on one link only, where no client is: write "
		    "an address that clients can reach",
		    address_format(a, shown));
		return false;
	}
	/* Multicast and what is above it in IPv4, multicast in IPv6, and the
	 * address that means none. */
	if ((a->family == 4 && a->bytes[0] >= 224) ||
	    (a->family == 6 && a->bytes[0] == 0xff) ||
	    memcmp(a->bytes, zero, address_bits(a) / 8) == 0) {
		schema_error(s, value,
		    "%s is no address of one host that a client can reach",
		    address_format(a, shown));
		return false;
	}
	return true;
}

/* Add ${a} to ${list}, which has room for the most that a family may have. */
static void
add_address(struct schema *s, const struct yaml_node *value,
    const struct address *a, struct address *list, size_t *n)
{
	char shown[ADDRESS_TEXT];

	for (size_t i = 0; i < *n; i++)
		if (address_equal(&list[i], a)) {
			schema_error(s, value, "%s is listed twice",
			    address_format(a, shown));
			return;
		}
	if (*n == STEERING_MAX_ADDRESSES)
		schema_error(s, value,
		    "at most %d addresses of a family are accepted",
		    STEERING_MAX_ADDRESSES);
	else
		list[(*n)++] = *a;
}

/* ${value} is no address; say what it is instead, where that is plain. */
static void
no_address(struct schema *s, const struct yaml_node *value)
{
	static const char of_name[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789-_.";
	const char *text = value->text;
	struct endpoint_address e;
	char shown[SHOWN_SIZE], right[ADDRESS_TEXT];
	struct prefix prefix;

	shown_text(text, shown);
	if (value->kind == YAML_SCALAR &&
	    endpoint_address_parse(text, 0, &e) == 0)
		schema_error(s, value,
		    "%s has a port, and an answer names none: write %s, and "
		    "the port in the check (port: %u)",
		    shown, address_format(&e.address, right), e.port);
	else if (value->kind == YAML_SCALAR && strchr(text, '/') != NULL &&
	    prefix_parse(text, &prefix) != -1)
		schema_error(s, value,
		    "%s is a prefix: write the address of one host", shown);
	else if (value->kind == YAML_SCALAR && strchr(text, '.') != NULL &&
	    text[strspn(text, of_name)] == '\0' &&
	    text[strspn(text, "0123456789.")] != '\0')
		schema_error(s, value,
		    "%s is a name: write its IPv4 and IPv6 addresses, or give "
		    "it as \"resolve\" or \"cname\"",
		    shown);
	else
		schema_expected(s, value,
		    "an IPv4 or IPv6 address (192.0.2.1, \"2001:db8::1\")");
}

/* The file has addresses of both families in one list; here they are apart. */
static void
read_address(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	const size_t most = STEERING_MAX_ADDRESSES;
	struct endpoint_config *endpoint = out;
	const struct yaml_node *item;
	struct address *ipv4, *ipv6, a;
	size_t n;

	(void)key;
	item = schema_list(s, value, 2 * most, &n);
	if (item == NULL)
		return;
	/* No larger than the list: most endpoints have one address or two, and
	 * there may be 65,536 of them. */
	ipv4 = schema_array(s, n < most ? n : most, sizeof(*ipv4));
	ipv6 = schema_array(s, n < most ? n : most, sizeof(*ipv6));
	if (ipv4 == NULL || ipv6 == NULL)
		return;
	for (; item != NULL; item = schema_next(value, item)) {
		if (item->kind != YAML_SCALAR ||
		    address_parse(item->text, &a) != 0)
			no_address(s, item);
		else if (!is_target(s, item, &a))
			continue;
		else if (a.family == 4)
			add_address(s, item, &a, ipv4, &endpoint->n_ipv4);
		else
			add_address(s, item, &a, ipv6, &endpoint->n_ipv6);
	}
	endpoint->ipv4 = ipv4;
	endpoint->ipv6 = ipv6;
}

/* Without a port the check's own is used. */
static void
read_check_address(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *endpoint_address)
{
	struct endpoint_address e = {.port = 0};

	(void)key;
	if (value->kind == YAML_SCALAR &&
	    (address_parse(value->text, &e.address) == 0 ||
		endpoint_address_parse(value->text, 0, &e) == 0))
		*(struct endpoint_address *)endpoint_address = e;
	else
		schema_expected(s, value,
		    "an address or address:port (192.0.2.1, "
		    "\"[2001:db8::1]:8000\")");
}

static const struct schema_key check_address = {.read = read_check_address};

static void
read_region(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *index)
{
	const struct steering_reader *reader = s->context;
	int64_t n = schema_reference(s, value, "region", reader->regions);

	(void)key;
	if (n >= 0)
		*(uint32_t *)index = (uint32_t)n;
}

static const struct schema_key endpoint_keys[] = {
    {.name = "name",
	.read = scalar_name,
	.offset = offsetof(struct endpoint_config, name),
	.required = true},
    {.name = "region",
	.read = read_region,
	.offset = offsetof(struct endpoint_config, region),
	.required = true},
    {.name = "address", .read = read_address},
    {.name = "cname",
	.read = steering_read_domain,
	.offset = offsetof(struct endpoint_config, cname)},
    {.name = "resolve", .read = steering_read_resolve},
    {.name = "allow_private",
	.read = scalar_bool,
	.offset = offsetof(struct endpoint_config, allow_private)},
    {.name = "weight",
	.read = scalar_u32,
	.offset = offsetof(struct endpoint_config, weight),
	.min = 0,
	.max = STEERING_MAX_WEIGHT},
    {.name = "capacity",
	.read = scalar_u32,
	.offset = offsetof(struct endpoint_config, capacity),
	.min = 1,
	.max = CAPACITY_MAX},
    {.name = "cost",
	.read = steering_read_cost,
	.offset = offsetof(struct endpoint_config, cost)},
    {.name = "standby",
	.read = scalar_bool,
	.offset = offsetof(struct endpoint_config, standby)},
    {.name = "drained",
	.read = scalar_bool,
	.offset = offsetof(struct endpoint_config, drained)},
    {.name = "maintenance",
	.read = steering_read_maintenance,
	.offset = offsetof(struct endpoint_config, maintenance)},
    {.name = "check",
	.read = steering_read_check_set,
	.offset = offsetof(struct endpoint_config, checks)},
    {.name = "load_at",
	.read = read_check_address,
	.offset = offsetof(struct endpoint_config, load_at)},
    {.name = "check_at",
	SCHEMA_LIST(struct endpoint_config, check_at, n_check_at,
	    &check_address, STEERING_MAX_ADDRESSES)},
};

/* An endpoint is known by its name in the state database and to commands. */
static void
check_names_differ(struct schema *s, const struct pool_config *pool)
{
	size_t n = 0;
	struct schema_entry *entries =
	    schema_array(s, pool->n_endpoints, sizeof(*entries));

	if (entries == NULL)
		return;
	for (size_t i = 0; i < pool->n_endpoints; i++)
		if (pool->endpoints[i].name != NULL)
			entries[n++] = (struct schema_entry){
			    pool->endpoints[i].name, pool->endpoints[i].at};
	schema_distinct(s, entries, n, strcmp, "endpoint", " in the pool");
}

/* All pools share one limit on endpoints. */
static void
read_endpoints(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct steering_reader *reader = s->context;
	struct pool_config *pool = out;
	struct endpoint_config *endpoints;
	const struct yaml_node *item;
	size_t n;

	(void)key;
	if (value->kind != YAML_LIST) {
		schema_expected(s, value,
		    "a list of endpoints (- {name: ..., region: ..., address: "
		    "...})");
		return;
	}
	item = schema_list(
	    s, value, STEERING_MAX_ENDPOINTS - reader->n_endpoints, &n);
	if (item == NULL)
		return;
	endpoints = schema_array(s, n, sizeof(*endpoints));
	if (endpoints == NULL)
		return;
	for (size_t i = 0; i < n && !schema_stop(s, &item->at);
	     i++, item = item->next) {
		endpoints[i].at = item->at;
		endpoints[i].region = STEERING_NONE;
		endpoints[i].weight = 1;
		schema_map(s, item, endpoint_keys,
		    sizeof(endpoint_keys) / sizeof(endpoint_keys[0]),
		    &endpoints[i]);
		steering_check_endpoint(s, item, &endpoints[i]);
		steering_check_resolve(s, item, &endpoints[i]);
	}
	reader->n_endpoints += n;
	pool->endpoints = endpoints;
	pool->n_endpoints = n;
	check_names_differ(s, pool);
}

/* An address and the endpoint that has it. */
struct placed {
	struct address address;
	const struct endpoint_config *endpoint;
};

static int
by_address(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;
	int order;

	if (x->address.family != y->address.family)
		return x->address.family < y->address.family ? -1 : 1;
	order = memcmp(
	    x->address.bytes, y->address.bytes, address_bits(&x->address) / 8);
	if (order != 0)
		return order;
	return x->endpoint < y->endpoint ? -1 : x->endpoint > y->endpoint;
}

/* An address that two endpoints of a pool have gets the clients of both. */
static void
check_addresses_differ(struct schema *s, const struct pool_config *pool)
{
	char shown[ADDRESS_TEXT];
	struct placed *all;
	size_t n = 0;

	for (size_t i = 0; i < pool->n_endpoints; i++)
		n += pool->endpoints[i].n_ipv4 + pool->endpoints[i].n_ipv6;
	all = calloc(n + 1, sizeof(*all));
	if (all == NULL) {
		errbuf_error(s->eb, &pool->at, "memory is out");
		return;
	}
	n = 0;
	for (size_t i = 0; i < pool->n_endpoints; i++) {
		const struct endpoint_config *e = &pool->endpoints[i];

		for (size_t k = 0; k < e->n_ipv4; k++)
			all[n++] = (struct placed){e->ipv4[k], e};
		for (size_t k = 0; k < e->n_ipv6; k++)
			all[n++] = (struct placed){e->ipv6[k], e};
	}
	if (n > 1)
		qsort(all, n, sizeof(*all), by_address);
	for (size_t i = 1; i < n; i++)
		if (address_equal(&all[i - 1].address, &all[i].address))
			errbuf_warn(s->eb, &all[i].endpoint->at,
			    "endpoint \"%s\" has the address %s of \"%s\" in "
			    "line %u: it gets the clients of both",
			    all[i].endpoint->name,
			    address_format(&all[i].address, shown),
			    all[i - 1].endpoint->name,
			    all[i - 1].endpoint->at.line);
	free(all);
}

/* A pool and what is only needed to check it. */
struct pool_reading {
	struct pool_config pool;
	unsigned mixed;
	const struct yaml_node *service;
};

static const struct schema_word same_or_mixed[] = {
    {"same", false}, {"mixed", true}, {NULL, 0}};

/* Found once the services of the file are known. */
static void
read_service(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	(void)s;
	(void)key;
	*(const struct yaml_node **)out = value;
}

static const struct schema_key pool_keys[] = {
    {.name = "service",
	.read = read_service,
	.offset = offsetof(struct pool_reading, service)},
    {.name = "check",
	.read = steering_read_check_set,
	.offset = offsetof(struct pool_config, checks)},
    {.name = "min_up",
	.read = scalar_share,
	.offset = offsetof(struct pool_config, min_up_ppm)},
    {.name = "drained",
	.read = scalar_bool,
	.offset = offsetof(struct pool_config, drained)},
    {.name = "slow_start",
	.read = scalar_seconds,
	.offset = offsetof(struct pool_config, slow_start_s),
	.min = 0,
	.max = 3600000},
    {.name = "families",
	.read = scalar_word,
	.offset = offsetof(struct pool_reading, mixed),
	.words = same_or_mixed},
    {.name = "kind",
	.read = steering_read_kind,
	.offset = offsetof(struct pool_config, edge),
	.words = steering_kinds},
    {.name = "spread",
	.read = scalar_u32,
	.offset = offsetof(struct pool_config, spread),
	.min = 1,
	.max = STEERING_MAX_SPREAD},
    {.name = "origin", .read = steering_read_origin},
    {.name = "keep", .read = steering_read_keep},
    {.name = "spill",
	.read = steering_read_spill,
	.offset = offsetof(struct pool_config, spill)},
    {.name = "even",
	.read = scalar_bool,
	.offset = offsetof(struct pool_config, even)},
    {.name = "trickle",
	.read = steering_read_trickle,
	.offset = offsetof(struct pool_config, trickle_ppm)},
    {.name = "maintenance",
	.read = steering_read_maintenance,
	.offset = offsetof(struct pool_config, maintenance)},
    {.name = "endpoints",
	.read = read_endpoints,
	.required = true,
	.instead = "service"},
};

/* The families of an endpoint, and of all of a pool that are ever picked: sets
 * of these. */
enum { FAMILY_IPV4 = 1, FAMILY_IPV6 = 2 };

static const char *const family_names[] = {
    [FAMILY_IPV4] = "only IPv4",
    [FAMILY_IPV6] = "only IPv6",
    [FAMILY_IPV4 | FAMILY_IPV6] = "IPv4 and IPv6",
};

static unsigned
families_of(const struct endpoint_config *endpoint)
{
	return (endpoint->n_ipv4 > 0 ? FAMILY_IPV4 : 0) |
	    (endpoint->n_ipv6 > 0 ? FAMILY_IPV6 : 0);
}

/* Room for an endpoint or a pool in a message; longer names are cut. */
#define SHOWN 160

/* Say what it costs that ${poor} lacks a family that ${rich} has. */
static void
warn_families(struct errbuf *eb, const struct mark *at, const char *poor,
    unsigned few, const char *rich, unsigned many)
{
	const char *lost = many & ~few & FAMILY_IPV6 ? "IPv6" : "IPv4";

	errbuf_warn(eb, at,
	    "%s has %s, but %s has %s: clients sent to the former get no %s "
	    "address, nor do others of their resolver for \"ttl: min\"; those "
	    "with %s alone lose the service",
	    poor, family_names[few], rich, family_names[many], lost, lost);
}

static const char *
show_endpoint(const struct steering_reader *reader,
    const struct endpoint_config *e, char out[SHOWN])
{
	snprintf(out, SHOWN, "endpoint \"%s\" in region \"%s\"", e->name,
	    reader->config->regions[e->region].name);
	return out;
}

/* Where families are mixed: the first endpoint that differs from those before
 * it, among those that are ever picked. */
static void
warn_mixed(struct schema *s, const struct pool_config *pool)
{
	const struct steering_reader *reader = s->context;
	const struct endpoint_config *first = NULL, *e, *poor;
	char shown[2][SHOWN];

	for (size_t i = 0; i < pool->n_endpoints; i++) {
		e = &pool->endpoints[i];
		if (e->weight == 0 || e->resolve != NULL)
			continue;
		if (first == NULL)
			first = e;
		if (families_of(e) == families_of(first))
			continue;
		poor = families_of(first) & ~families_of(e) ? e : first;
		if (poor == first)
			first = e;
		warn_families(s->eb, &poor->at,
		    show_endpoint(reader, poor, shown[0]), families_of(poor),
		    show_endpoint(reader, first, shown[1]), families_of(first));
		return;
	}
}

unsigned
steering_pool_families(
    const struct steering_config *config, const struct pool_config *pool)
{
	const struct service_config *inner = pool->service;
	unsigned families = 0;

	for (size_t i = 0; inner != NULL && i < inner->n_split; i++) {
		unsigned inside = steering_pool_families(
		    config, &config->pools[inner->split[i].pool]);

		if (inside == 0)
			return 0;
		if (inner->split[i].weight > 0)
			families |= inside;
	}
	for (size_t i = 0; i < pool->n_endpoints; i++) {
		if (pool->endpoints[i].resolve != NULL)
			return 0;
		if (pool->endpoints[i].weight > 0)
			families |= families_of(&pool->endpoints[i]);
	}
	return families;
}

/* The families of a pool are mixed by its own word, or by nature: which ones a
 * name has is another thing each day. */
static bool
is_mixed(const struct pool_config *pool, bool said)
{
	for (size_t i = 0; i < pool->n_endpoints; i++)
		if (pool->endpoints[i].resolve != NULL)
			return true;
	return said;
}

void
steering_warn_split(struct schema *s, const struct service_config *service)
{
	const struct steering_reader *reader = s->context;
	const struct steering_config *config = reader->config;
	const struct pool_config *pools = config->pools;
	const struct pool_config *first = &pools[service->split[0].pool];
	char shown[2][SHOWN];

	for (size_t i = 1; i < service->n_split; i++) {
		const struct pool_config *poor = &pools[service->split[i].pool];
		const struct pool_config *rich = first;
		unsigned few = steering_pool_families(config, poor);
		unsigned many = steering_pool_families(config, rich);

		if (few == many || few == 0 || many == 0)
			continue;
		if ((many & ~few) == 0) {
			rich = poor;
			poor = first;
		}
		snprintf(shown[0], SHOWN, "pool \"%s\"", poor->name);
		snprintf(shown[1], SHOWN, "pool \"%s\"", rich->name);
		warn_families(s->eb, &service->at, shown[0],
		    steering_pool_families(config, poor), shown[1],
		    steering_pool_families(config, rich));
		return;
	}
}

/* A client that uses IPv6 alone, say, would be without the service once it is
 * sent from an endpoint with both families to one with IPv4 only. */
static void
check_families(struct schema *s, const struct pool_config *pool)
{
	const struct endpoint_config *first = &pool->endpoints[0], *e;

	for (size_t i = 1; i < pool->n_endpoints; i++) {
		e = &pool->endpoints[i];
		if (families_of(e) == families_of(first))
			continue;
		errbuf_error(s->eb, &e->at,
		    "endpoint \"%s\" has %s, but \"%s\" in line %u has %s: "
		    "give all endpoints the same, or say \"families: mixed\" "
		    "of the pool",
		    e->name, family_names[families_of(e)], first->name,
		    first->at.line, family_names[families_of(first)]);
		/* Where the first is the odd one, all others differ. */
		return;
	}
}

/* In each region where the pool has endpoints some must have a weight: those of
 * weight 0 are never picked. */
static void
check_weights(struct schema *s, const struct yaml_node *value,
    const struct pool_config *pool, uint64_t regions)
{
	const struct steering_reader *reader = s->context;
	uint64_t sums[STEERING_MAX_REGIONS] = {0};
	const struct yaml_node *region = reader->regions->first;

	for (size_t i = 0; i < pool->n_endpoints; i++)
		sums[pool->endpoints[i].region] += pool->endpoints[i].weight;
	for (size_t i = 0; region != NULL; i++, region = region->next)
		if ((regions >> i & 1) != 0 && sums[i] == 0)
			schema_error(s, value,
			    "the weights of region \"%s\" add up to 0",
			    region->key);
}

/* Read a pool, and judge it as a whole where each key of it is right. */
static void
read_pool(
    struct schema *s, const struct yaml_node *value, struct pool_config *out)
{
	struct steering_reader *reader = s->context;
	struct pool_reading r = {
	    .pool = {.spread = 1, .origin = STEERING_NONE}};
	unsigned before = s->eb->errors;
	uint64_t regions = 0;

	r.pool.at = value->key_at;
	r.pool.name = schema_strdup(s, value->key);
	schema_name(s, &value->key_at, value->key);
	schema_map(
	    s, value, pool_keys, sizeof(pool_keys) / sizeof(pool_keys[0]), &r);
	for (size_t i = 0; i < r.pool.n_endpoints; i++)
		if (r.pool.endpoints[i].region != STEERING_NONE)
			regions |= UINT64_C(1) << r.pool.endpoints[i].region;
	reader->pool_regions[value->index] = regions;
	reader->pool_service[value->index] = r.service;
	*out = r.pool;
	if (steering_nested_pool(s, value))
		return;
	steering_check_edge(s, value, out);
	if (s->eb->errors > before || !steering_check_forms(s, out))
		return;
	check_addresses_differ(s, out);
	if (is_mixed(out, r.mixed))
		warn_mixed(s, out);
	else
		check_families(s, out);
	steering_check_probed(s, out, value->key);
	check_weights(s, value, out, regions);
	steering_check_standby(s, value, out);
	steering_check_keep(s, value, out, regions);
	steering_check_spill(s, value, out);
	steering_check_even(s, value, out);
	steering_check_maintenance(s, out);
}

void
steering_read_pools(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct steering_reader *reader = s->context;
	struct pool_config *pools;

	(void)key;
	(void)out;
	if (!schema_named(s, value, STEERING_MAX_POOLS)) {
		reader->pools = value->kind == YAML_LIST ? value : NULL;
		return;
	}
	pools = schema_array(s, value->n, sizeof(*pools));
	reader->pool_regions = schema_array(s, value->n, sizeof(uint64_t));
	reader->pool_used = schema_array(s, value->n, sizeof(bool));
	reader->pool_service =
	    schema_array(s, value->n, sizeof(*reader->pool_service));
	if (pools == NULL || reader->pool_regions == NULL ||
	    reader->pool_used == NULL || reader->pool_service == NULL)
		return;
	for (const struct yaml_node *child = value->first;
	     child != NULL && !schema_stop(s, &child->key_at);
	     child = child->next)
		read_pool(s, child, &pools[child->index]);
	reader->config->pools = reader->pool_list = pools;
	reader->config->n_pools = value->n;
	reader->pools = value;
	steering_settle_origins(s, value, pools);
}
