/*
 * The `services` of a steering file: owner names and how each is steered.
 * Called by the reader of steering files; decides nothing for a client.
 */
#include <string.h>

#include "base/number.h"
#include "config/scalar.h"
#include "config/shown.h"
#include "config/steering_parts.h"

/* What a service has where the file is silent.  A minute bounds how long a
 * resolver sends clients to a region that failed; five seconds are short enough
 * to follow a change that is under way. */
#define TTL_MAX_S 60
#define TTL_MIN_S 5
/* Bits of a client's address that choose its endpoint: wide enough that an
 * answer serves many clients of a resolver, fine enough that the busiest of
 * twelve equal endpoints does not get much more than its share. */
#define STICKY_IPV4 20
#define STICKY_IPV6 40
/* Bits of a client's address that are cut into the pools of a split: in a model
 * with very uneven traffic blocks of 14 bits meet a share of 5 % within 0.19
 * points, and leave resolvers seven times fewer answers to keep than one for
 * each /24.  32 bits of IPv6 are what one provider has. */
#define BLOCK_IPV4 14
#define BLOCK_IPV6 32
/* Fewer bits and a change of shares passes over whole countries; more than
 * those of the finest network that is told apart cut nothing. */
#define BLOCK_IPV4_MIN 8
#define BLOCK_IPV4_MAX 24
#define BLOCK_IPV6_MIN 16
#define BLOCK_IPV6_MAX 48

/* A change that takes more than a day to reach clients is no steering. */
#define TTL_LIMIT_MS (24 * 3600 * 1000)

/* The longest text of a domain name with a last dot (RFC 1035, 2.3.4), each
 * octet of it as \DDD (5.1). */
#define OWNER_MAX (4 * 254)

/* 100 % in millionths.  Per cents and whole numbers have the same maximum, so
 * that one field holds both. */
#define WHOLE_PPM STEERING_MAX_WEIGHT

/* The weight of a split: a whole number, or per cents as millionths. */
static int
read_weight(struct schema *s, const struct yaml_node *value, bool *percent,
    uint32_t *out)
{
	size_t len = strlen(value->text);
	int64_t n;

	*percent = len > 0 && value->text[len - 1] == '%';
	if (value->kind != YAML_SCALAR ||
	    number_decimal(value->text, len - *percent, *percent ? 4 : 0, &n) !=
		0 ||
	    n < 0 || n > STEERING_MAX_WEIGHT)
		return schema_expected(s, value,
		    "a weight from 0 to %d, or per cents from 0%% to 100%%",
		    STEERING_MAX_WEIGHT);
	*out = (uint32_t)n;
	return 0;
}

/* The index of the pool ${name}, which is used from now on; -1 with an error,
 * which says how a service becomes a pool when it is the name of one. */
static int64_t
use_pool(struct schema *s, const struct mark *at, const char *name)
{
	struct steering_reader *reader = s->context;
	char shown[SHOWN_SIZE];
	int64_t pool;

	if (reader->pools != NULL && reader->pools->kind == YAML_MAP &&
	    yaml_find(reader->pools, name) == NULL &&
	    yaml_find(reader->services, name) != NULL) {
		errbuf_error(s->eb, at,
		    "%s is a service: add a pool that is it, \"inner: "
		    "{service: %.64s}\", and name that pool here",
		    shown_text(name, shown), name);
		return -1;
	}
	pool = schema_reference_text(s, at, name, "pool", reader->pools);
	if (pool >= 0)
		reader->pool_used[pool] = true;
	return pool;
}

/* Refuse weights whose sum nobody can have meant. */
static void
check_sum(struct schema *s, const struct yaml_node *value, size_t percents,
    uint64_t sum)
{
	if (percents > 0 && percents < value->n)
		schema_error(s, value,
		    "whole numbers and per cents are mixed, write all weights "
		    "in one way");
	else if (sum == 0)
		schema_error(s, value, "the weights add up to 0");
	else if (percents > 0 && sum != WHOLE_PPM)
		schema_error(s, value,
		    "the per cents add up to %g%%, expected 100%%",
		    (double)sum * 100 / WHOLE_PPM);
}

/* Names of pools with their weights, in the order of the file: that is their
 * order in [0,1) when a client is split. */
static void
read_split(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct service_config *service = out;
	struct split_config *split;
	unsigned before = s->eb->errors;
	size_t percents = 0;
	uint64_t sum = 0;

	(void)key;
	if (value->kind != YAML_MAP) {
		schema_expected(s, value,
		    "{pool: weight, ...} ({chat-v1: 95, chat-v2: 5})");
		return;
	}
	if (value->n == 0)
		schema_error(s, value, "expected at least 1 pool");
	if (!schema_named(s, value, STEERING_MAX_SPLIT))
		return;
	split = schema_array(s, value->n, sizeof(*split));
	if (split == NULL)
		return;
	for (const struct yaml_node *child = value->first; child != NULL;
	     child = child->next) {
		struct split_config *member = &split[child->index];
		int64_t pool = use_pool(s, &child->key_at, child->key);
		bool percent = false;

		if (pool >= 0)
			member->pool = (uint32_t)pool;
		read_weight(s, child, &percent, &member->weight);
		percents += percent;
		sum += member->weight;
	}
	if (s->eb->errors == before)
		check_sum(s, value, percents, sum);
	service->split = split;
	service->n_split = value->n;
}

/* "pool: a" is short for "split: {a: 1}". */
static void
read_pool(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct service_config *service = out;
	struct split_config *split;
	int64_t pool;

	(void)key;
	if (value->kind != YAML_SCALAR || yaml_empty(value)) {
		schema_expected(s, value, "the name of a pool");
		return;
	}
	pool = use_pool(s, &value->at, value->text);
	split = schema_array(s, 1, sizeof(*split));
	if (pool < 0 || split == NULL)
		return;
	*split = (struct split_config){.pool = (uint32_t)pool, .weight = 1};
	service->split = split;
	service->n_split = 1;
}

static const struct schema_key ttl_keys[] = {
    {.name = "max",
	.read = scalar_seconds,
	.offset = offsetof(struct service_config, ttl_max_s),
	.max = TTL_LIMIT_MS},
    {.name = "min",
	.read = scalar_seconds,
	.offset = offsetof(struct service_config, ttl_min_s),
	.max = TTL_LIMIT_MS},
};

/* A bare duration is the maximum; a minimum that the file does not give must
 * not be above it. */
static void
read_ttl(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct service_config *service = out;
	unsigned before = s->eb->errors;

	(void)key;
	if (value->kind == YAML_SCALAR)
		scalar_seconds(s, value, &ttl_keys[0], &service->ttl_max_s);
	else
		schema_map(s, value, ttl_keys,
		    sizeof(ttl_keys) / sizeof(ttl_keys[0]), service);
	if (service->ttl_min_s <= service->ttl_max_s)
		return;
	if (yaml_find(value, "min") == NULL)
		service->ttl_min_s = service->ttl_max_s;
	else if (s->eb->errors == before && yaml_find(value, "max") != NULL)
		schema_error(s, value, "min, %us, is above max, %us",
		    service->ttl_min_s, service->ttl_max_s);
}

static const struct schema_word affinities[] = {{"client", AFFINITY_CLIENT},
    {"name", AFFINITY_NAME}, {"none", AFFINITY_NONE}, {NULL, 0}};

static const struct schema_key sticky_keys[] = {
    {.name = "ipv4",
	.read = scalar_u8,
	.offset = offsetof(struct service_config, sticky_ipv4),
	.min = 1,
	.max = 32},
    {.name = "ipv6",
	.read = scalar_u8,
	.offset = offsetof(struct service_config, sticky_ipv6),
	.min = 1,
	.max = 128},
};

static const struct schema_word answers_from[] = {
    {"region", ANSWERS_REGION}, {"regions", ANSWERS_REGIONS}, {NULL, 0}};

static const struct schema_key answers_keys[] = {
    {.name = "count",
	.read = scalar_unsigned,
	.offset = offsetof(struct service_config, answers),
	.required = true,
	.min = 1,
	.max = STEERING_MAX_ANSWERS},
    {.name = "from",
	.read = scalar_word,
	.offset = offsetof(struct service_config, answers_from),
	.words = answers_from},
};

/* A bare number is the count. */
static void
read_answers(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct service_config *service = out;

	(void)key;
	if (value->kind == YAML_MAP)
		schema_map(s, value, answers_keys,
		    sizeof(answers_keys) / sizeof(answers_keys[0]), service);
	else
		scalar_unsigned(s, value, &answers_keys[0], &service->answers);
}

static const struct schema_key block_keys[] = {
    {.name = "ipv4",
	.read = scalar_u8,
	.offset = offsetof(struct service_config, block_ipv4),
	.min = BLOCK_IPV4_MIN,
	.max = BLOCK_IPV4_MAX},
    {.name = "ipv6",
	.read = scalar_u8,
	.offset = offsetof(struct service_config, block_ipv6),
	.min = BLOCK_IPV6_MIN,
	.max = BLOCK_IPV6_MAX},
};

static const struct schema_word resorts[] = {{"pools", RESORT_POOLS},
    {"unfenced", RESORT_UNFENCED}, {"all", RESORT_ALL},
    {"records", RESORT_RECORDS}, {"servfail", RESORT_SERVFAIL}, {NULL, 0}};

/* Whether a last resort always has an answer, so that none after it is tried.
 */
static bool
ends(enum last_resort resort)
{
	return resort == RESORT_ALL || resort == RESORT_RECORDS ||
	    resort == RESORT_SERVFAIL;
}

/* A list that the file leaves open ends with all endpoints as if they were up.
 */
static void
set_resorts(
    struct service_config *service, const enum last_resort *list, size_t n)
{
	memcpy(service->resorts, list, n * sizeof(list[0]));
	if (n == 0 || !ends(list[n - 1]))
		service->resorts[n++] = RESORT_ALL;
	service->n_resorts = n;
}

/* In the order of the file, each once, and none after one that ends the list.
 */
static void
read_last_resort(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	static const struct schema_key word = {
	    .read = scalar_word, .words = resorts};
	const struct yaml_node *item;
	enum last_resort list[STEERING_MAX_RESORTS];
	unsigned before = s->eb->errors;
	size_t n;

	(void)key;
	item = schema_list(s, value, STEERING_MAX_RESORTS, &n);
	for (size_t i = 0; item != NULL && i < n; i++) {
		unsigned resort = RESORT_POOLS;

		scalar_word(s, item, &word, &resort);
		list[i] = (enum last_resort)resort;
		for (size_t j = 0; j < i && s->eb->errors == before; j++)
			if (list[j] == list[i])
				schema_error(
				    s, item, "%s is listed twice", item->text);
		if (i + 1 < n && ends(list[i]))
			schema_error(s, item,
			    "%s ends the list, nothing may follow it",
			    item->text);
		item = schema_next(value, item);
	}
	if (s->eb->errors == before)
		set_resorts(out, list, n);
}

static const struct schema_key service_keys[] = {
    {.name = "pool", .read = read_pool},
    {.name = "split", .read = read_split},
    {.name = "ramp", .read = steering_read_ramp},
    {.name = "fence", .read = steering_read_fence},
    {.name = "rank", .read = steering_read_rank},
    {.name = "near_equal", .read = steering_read_near_equal},
    {.name = "affinity",
	.read = scalar_word,
	.offset = offsetof(struct service_config, affinity),
	.words = affinities},
    {.name = "sticky",
	SCHEMA_KEYS(sticky_keys),
	.form = "{ipv4: 20, ipv6: 40}"},
    {.name = "ecs", .read = steering_read_ecs},
    {.name = "split_block",
	SCHEMA_KEYS(block_keys),
	.form = "{ipv4: 14, ipv6: 32}"},
    {.name = "answers", .read = read_answers},
    {.name = "ttl", .read = read_ttl},
    {.name = "last_resort", .read = read_last_resort},
    {.name = "https",
	.read = steering_read_binding,
	.offset = offsetof(struct service_config, https)},
    {.name = "svcb",
	.read = steering_read_binding,
	.offset = offsetof(struct service_config, svcb)},
};

/* Where the pools of a service have endpoints. */
static uint64_t
regions_of(
    const struct steering_reader *reader, const struct service_config *service)
{
	uint64_t regions = 0;

	for (size_t i = 0; i < service->n_split; i++)
		regions |=
		    steering_edge_regions(reader, service->split[i].pool);
	return regions;
}

/* The reader of zones judges names; here they are only printable. */
static bool
check_owner(struct schema *s, const struct mark *at, const char *text)
{
	const unsigned char *p = (const unsigned char *)text;
	char shown[SHOWN_SIZE];

	while (*p > 0x20 && *p < 0x7f)
		p++;
	if (*p == '\0' && p > (const unsigned char *)text &&
	    strlen(text) <= OWNER_MAX)
		return true;
	errbuf_error(s->eb, at,
	    "expected the name of a service (chat, \"@\", \"*.img\"), found %s",
	    shown_text(text, shown));
	return false;
}

/* What a service is where the file is silent; see meridian-steering(5). */
static void
set_defaults(struct service_config *service)
{
	static const enum last_resort list[] = {
	    RESORT_POOLS, RESORT_UNFENCED, RESORT_ALL};

	service->rank = RANK_NEAREST;
	service->affinity = AFFINITY_CLIENT;
	service->sticky_ipv4 = STICKY_IPV4;
	service->sticky_ipv6 = STICKY_IPV6;
	service->block_ipv4 = BLOCK_IPV4;
	service->block_ipv6 = BLOCK_IPV6;
	service->answers = 1;
	service->ttl_max_s = TTL_MAX_S;
	service->ttl_min_s = TTL_MIN_S;
	set_resorts(service, list, sizeof(list) / sizeof(list[0]));
}

/* False after an error. */
static bool
read_service(struct schema *s, const struct yaml_node *value,
    struct service_config *service)
{
	unsigned before = s->eb->errors;
	const struct yaml_node *pool, *split;

	service->at = value->key_at;
	service->name = schema_strdup(s, value->key);
	set_defaults(service);
	check_owner(s, &value->key_at, value->key);
	schema_map(s, value, service_keys,
	    sizeof(service_keys) / sizeof(service_keys[0]), service);
	pool = yaml_find(value, "pool");
	split = yaml_find(value, "split");
	if (pool != NULL && split != NULL)
		errbuf_error(s->eb, &split->key_at,
		    "\"pool\" and \"split\" exclude each other");
	else if (pool == NULL && split == NULL && s->eb->errors == before)
		schema_error(
		    s, value, "the key \"split\" or \"pool\" is missing");
	if (s->eb->errors == before)
		steering_settle_edge(s, value, service);
	if (s->eb->errors == before)
		steering_settle_ramp(s, value, service);
	return s->eb->errors == before;
}

/* What keys say of each other is looked at once each of them is right, and the
 * services inside it are known. */
static void
check_service(struct schema *s, const struct yaml_node *value,
    const struct service_config *service)
{
	steering_check_rank(s, value, service, regions_of(s->context, service));
	steering_warn_split(s, service);
}

void
steering_read_services(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct steering_reader *reader = s->context;
	struct service_config *services;
	bool *right;

	(void)key;
	(void)out;
	if (!schema_named(s, value, STEERING_MAX_SERVICES))
		return;
	if (value->n == 0)
		schema_error(s, value, "expected at least 1 service");
	services = schema_array(s, value->n, sizeof(*services));
	right = schema_array(s, value->n, sizeof(*right));
	if (services == NULL || right == NULL)
		return;
	reader->services = value;
	reader->config->services = services;
	reader->config->n_services = value->n;
	for (const struct yaml_node *child = value->first;
	     child != NULL && !schema_stop(s, &child->key_at);
	     child = child->next)
		right[child->index] =
		    read_service(s, child, &services[child->index]);
	steering_nested_find(s, value);
	if (!steering_nested_check(s))
		return;
	for (const struct yaml_node *child = value->first; child != NULL;
	     child = child->next)
		if (right[child->index])
			check_service(s, child, &services[child->index]);
	if (schema_ok(s))
		steering_check_services(s, services, value->n);
}
