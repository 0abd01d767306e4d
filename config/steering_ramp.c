/*
 * The `ramp` of a service: a canary that walks by itself.  Called by the reader
 * of services; refuses one that could never walk, and moves nobody.
 */
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/number.h"
#include "config/scalar.h"
#include "config/steering_parts.h"

/* Where the file is silent.  Steps of 5 % every ten minutes are what people are
 * used to from other tools.  Of three endpoints one that is down is more than
 * 30 %, of four it is not: that much happens to machines. */
#define STEP_PPM 50000
#define EVERY_MS (10 * 60 * 1000)
#define DOWN_PPM 300000
/* With fewer requests a single error is a per cent. */
#define SAMPLES 100

#define SECOND_MS 1000
#define DAY_MS (INT64_C(24) * 3600 * 1000)

/* 100 % in millionths. */
#define WHOLE_PPM 1000000

/* A share that the canary may be worse by, from key->min to key->max, or
 * "off". */
static void
read_limit(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	size_t len = strlen(value->text);
	bool cent = len > 0 && value->text[len - 1] == '%';
	int64_t ppm;

	if (value->kind == YAML_SCALAR && strcmp(value->text, "off") == 0)
		*(uint32_t *)out = RAMP_OFF;
	else if (value->kind != YAML_SCALAR ||
	    number_decimal(value->text, len - cent, cent ? 4 : 6, &ppm) != 0 ||
	    ppm < key->min || ppm > key->max)
		schema_expected(s, value,
		    "off, or a share from %g%% to %g%% by which the canary may "
		    "be worse",
		    (double)key->min * 100 / WHOLE_PPM,
		    (double)key->max * 100 / WHOLE_PPM);
	else
		*(uint32_t *)out = (uint32_t)ppm;
}

static const struct schema_key abort_keys[] = {
    {.name = "down",
	.read = read_limit,
	.offset = offsetof(struct ramp_config, down_ppm),
	.max = WHOLE_PPM},
    {.name = "degraded",
	.read = read_limit,
	.offset = offsetof(struct ramp_config, degraded_ppm),
	.max = WHOLE_PPM},
    /* Less is not told from noise by less than a million requests. */
    {.name = "errors",
	.read = read_limit,
	.offset = offsetof(struct ramp_config, errors_ppm),
	.min = WHOLE_PPM / 1000,
	.max = WHOLE_PPM},
    {.name = "first_token",
	.read = read_limit,
	.offset = offsetof(struct ramp_config, first_token_ppm),
	.min = WHOLE_PPM / 100,
	.max = 10 * WHOLE_PPM},
    {.name = "samples",
	.read = scalar_u32,
	.offset = offsetof(struct ramp_config, samples),
	.min = 10,
	.max = 1000000},
};

static const struct schema_key ramp_keys[] = {
    {.name = "pool",
	.read = scalar_name,
	.offset = offsetof(struct ramp_config, pool)},
    {.name = "from",
	.read = scalar_name,
	.offset = offsetof(struct ramp_config, from)},
    {.name = "to",
	.read = scalar_share,
	.offset = offsetof(struct ramp_config, to_ppm),
	.required = true},
    {.name = "step",
	.read = scalar_share,
	.offset = offsetof(struct ramp_config, step_ppm)},
    {.name = "every",
	.read = scalar_ms,
	.offset = offsetof(struct ramp_config, every_ms),
	.min = SECOND_MS,
	.max = 30 * DAY_MS},
    {.name = "hold",
	.read = scalar_ms,
	.offset = offsetof(struct ramp_config, hold_ms),
	.max = 30 * DAY_MS},
    {.name = "abort_when",
	SCHEMA_KEYS(abort_keys),
	.form = "{errors: 2%, first_token: 20%}"},
};

void
steering_read_ramp(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct service_config *service = out;
	struct ramp_config *ramp = schema_array(s, 1, sizeof(*ramp));

	(void)key;
	if (ramp == NULL)
		return;
	if (value->kind != YAML_MAP) {
		schema_expected(
		    s, value, "{to: 20%%, step: 5%%, every: 10m, ...}");
		return;
	}
	*ramp = (struct ramp_config){.at = value->key_at,
	    .step_ppm = STEP_PPM,
	    .every_ms = EVERY_MS,
	    .down_ppm = DOWN_PPM,
	    .degraded_ppm = RAMP_OFF,
	    .errors_ppm = RAMP_OFF,
	    .first_token_ppm = RAMP_OFF,
	    .samples = SAMPLES};
	schema_map(s, value, ramp_keys,
	    sizeof(ramp_keys) / sizeof(ramp_keys[0]), ramp);
	if (yaml_find(value, "hold") == NULL)
		ramp->hold_ms = ramp->every_ms;
	service->ramp = ramp;
}

/* --- who walks --- */

/* The pool of the split that ${key} of the ramp names; -1 after an error. */
static int64_t
member_named(struct schema *s, const struct yaml_node *value, const char *key)
{
	return schema_reference(s, yaml_find(yaml_find(value, "ramp"), key),
	    "pool of the split", yaml_find(value, "split"));
}

/* The name in the file of number ${member} of the split. */
static const char *
name_of(const struct yaml_node *value, int64_t member)
{
	const struct yaml_node *child = yaml_find(value, "split")->first;

	while (member-- > 0)
		child = child->next;
	return child->key;
}

/* The canary: the one that is named, or the smaller of two. */
static int64_t
find_canary(struct schema *s, const struct yaml_node *value,
    const struct service_config *service)
{
	const struct yaml_node *ramp = yaml_find(value, "ramp");
	const struct split_config *split = service->split;

	if (yaml_find(ramp, "pool") != NULL)
		return member_named(s, value, "pool");
	if (service->n_split == 2 && split[0].weight != split[1].weight)
		return split[0].weight < split[1].weight ? 0 : 1;
	schema_error(s, ramp,
	    "which pool of the split is the canary? Name it: \"pool: %s\", or "
	    "another",
	    name_of(value, (int64_t)service->n_split - 1));
	return -1;
}

/* The pool that ${canary} gets its clients from: the border between the two is
 * the one that moves. */
static int64_t
find_neighbour(struct schema *s, const struct yaml_node *value,
    const struct service_config *service, int64_t canary)
{
	const struct yaml_node *ramp = yaml_find(value, "ramp");
	const struct yaml_node *from = yaml_find(ramp, "from");
	int64_t last = (int64_t)service->n_split - 1, found;

	if (from == NULL && canary > 0 && canary < last) {
		schema_error(s, ramp,
		    "\"%s\" has two neighbours in the split: name the one "
		    "whose "
		    "clients it gets, \"from: %s\" or \"from: %s\"",
		    name_of(value, canary), name_of(value, canary - 1),
		    name_of(value, canary + 1));
		return -1;
	}
	if (from == NULL)
		return canary > 0 ? canary - 1 : 1;
	found = member_named(s, value, "from");
	if (found < 0 || found == canary - 1 || found == canary + 1)
		return found;
	schema_error(s, from,
	    "\"%s\" is not next to \"%s\" in the split: a ramp moves the one "
	    "border between them, write them one after the other",
	    from->text, name_of(value, canary));
	return -1;
}

/* --- whether it can walk --- */

static uint32_t
share_of(const struct service_config *service, uint64_t weight)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < service->n_split; i++)
		sum += service->split[i].weight;
	return (uint32_t)(weight * WHOLE_PPM / sum);
}

static double
cent(uint32_t ppm)
{
	return (double)ppm * 100 / WHOLE_PPM;
}

static bool
check_way(struct schema *s, const struct yaml_node *value,
    const struct ramp_config *ramp)
{
	const struct yaml_node *node = yaml_find(value, "ramp");
	const struct yaml_node *to = yaml_find(node, "to");
	const struct yaml_node *step = yaml_find(node, "step");

	if (ramp->to_ppm <= ramp->start_ppm)
		schema_error(s, to,
		    "\"%s\" has %g%% by the split already, where the ramp "
		    "begins: expected more",
		    ramp->pool, cent(ramp->start_ppm));
	else if (ramp->to_ppm > ramp->both_ppm)
		schema_error(s, to,
		    "\"%s\" and its neighbour \"%s\" have %g%% together: a "
		    "ramp moves the one border between them, and no further",
		    ramp->pool, ramp->from, cent(ramp->both_ppm));
	else if (ramp->step_ppm == 0)
		schema_error(s, step, "a step of 0%% leads nowhere");
	else
		return true;
	return false;
}

/* Whether some metric of ${field} is read of ${endpoint} of ${pool}; and
 * whether any load is. */
static bool
tells(const struct steering_config *config, const struct pool_config *pool,
    const struct endpoint_config *endpoint, enum load_field field, bool *load)
{
	const struct check_set *set = steering_checks_of(pool, endpoint);

	*load = false;
	for (size_t i = 0; i < set->n; i++) {
		const struct load_config *is =
		    &config->checks[set->checks[i]].load;

		*load |= is->wanted;
		for (size_t m = 0; is->wanted && m < is->n_metrics; m++)
			if (is->metrics[m].field == field)
				return true;
	}
	return false;
}

/* Without numbers of both pools nothing could be compared, and no step would be
 * taken.  False when that was said. */
static bool
check_told(struct schema *s, const struct yaml_node *abort, const char *key,
    const struct pool_config *pool, enum load_field field, const char *of)
{
	const struct steering_reader *reader = s->context;
	const struct yaml_node *node = yaml_find(abort, key);
	const struct endpoint_config *e;
	bool load;

	for (size_t i = 0; i < pool->n_endpoints; i++) {
		e = &pool->endpoints[i];
		if (tells(reader->config, pool, e, field, &load))
			continue;
		if (!load)
			schema_error(s, node,
			    "endpoint \"%s\" of pool \"%s\" has no check that "
			    "reads its load (\"load: true\"): without numbers "
			    "of both pools no step would be taken",
			    e->name, pool->name);
		else
			errbuf_warn(s->eb, &node->key_at,
			    "%s: no check of endpoint \"%s\" of pool \"%s\" "
			    "has a metric of %s (\"load: {metrics: ...}\"): no "
			    "step is taken unless it tells that in the headers "
			    "of its answers",
			    key, e->name, pool->name, of);
		return false;
	}
	return true;
}

static void
check_pool(struct schema *s, const struct yaml_node *value,
    const struct ramp_config *ramp, uint32_t number)
{
	const struct steering_reader *reader = s->context;
	const struct pool_config *pool = &reader->config->pools[number];
	const struct yaml_node *node = yaml_find(value, "ramp");
	const struct yaml_node *abort = yaml_find(node, "abort_when");

	if (reader->pool_service[number] != NULL) {
		schema_error(s, node,
		    "\"%s\" is a service: only pools with endpoints of their "
		    "own walk, and are walked from",
		    pool->name);
		return;
	}
	if (!steering_is_checked(pool))
		schema_error(s, node,
		    "pool \"%s\" has no check: nobody would see whether it is "
		    "well",
		    pool->name);
	if (ramp->errors_ppm != RAMP_OFF)
		/* "metrics" takes the place of all those of a preset. */
		(void)(check_told(
			   s, abort, "errors", pool, LOAD_ERRORS, "it") &&
		    check_told(
			s, abort, "errors", pool, LOAD_REQUESTS, "requests"));
	if (ramp->first_token_ppm != RAMP_OFF)
		(void)check_told(
		    s, abort, "first_token", pool, LOAD_FIRST_TOKEN, "it");
}

/* --- what it is --- */

static uint64_t
add(uint64_t hash, uint64_t value)
{
	return hash_bytes(&value, sizeof(value), hash);
}

static void
set_made_for(struct ramp_config *ramp)
{
	uint64_t hash = hash_bytes(ramp->pool, strlen(ramp->pool), 0);

	hash = hash_bytes(ramp->from, strlen(ramp->from), hash);
	hash = add(hash, ramp->start_ppm);
	hash = add(hash, ramp->both_ppm);
	hash = add(hash, ramp->to_ppm);
	hash = add(hash, ramp->step_ppm);
	hash = add(hash, ramp->every_ms);
	hash = add(hash, ramp->hold_ms);
	hash = add(hash, ramp->down_ppm);
	hash = add(hash, ramp->degraded_ppm);
	hash = add(hash, ramp->errors_ppm);
	hash = add(hash, ramp->first_token_ppm);
	hash = add(hash, ramp->samples);
	snprintf(ramp->made_for, sizeof(ramp->made_for), "%016llx",
	    (unsigned long long)hash);
}

void
steering_settle_ramp(struct schema *s, const struct yaml_node *value,
    struct service_config *service)
{
	const struct yaml_node *node = yaml_find(value, "ramp");
	struct ramp_config *ramp;
	int64_t canary, neighbour;

	if (node == NULL)
		return;
	if (service->n_split < 2) {
		schema_error(s, node,
		    "needs a \"split\" of two pools at least: the canary and "
		    "the one whose clients it gets");
		return;
	}
	/* Its state is stored by its name, and read by people. */
	if (strlen(service->name) > SCHEMA_NAME_MAX) {
		schema_error(s, node,
		    "the name of the service has %zu characters, at most %d "
		    "are accepted of one with a ramp",
		    strlen(service->name), SCHEMA_NAME_MAX);
		return;
	}
	canary = find_canary(s, value, service);
	neighbour = canary < 0 ? -1 : find_neighbour(s, value, service, canary);
	ramp = schema_array(s, 1, sizeof(*ramp));
	if (neighbour < 0 || ramp == NULL)
		return;
	*ramp = *service->ramp;
	ramp->member = (uint32_t)canary;
	ramp->neighbour = (uint32_t)neighbour;
	ramp->pool = schema_strdup(s, name_of(value, canary));
	ramp->from = schema_strdup(s, name_of(value, neighbour));
	ramp->start_ppm = share_of(service, service->split[canary].weight);
	ramp->both_ppm = share_of(service,
	    (uint64_t)service->split[canary].weight +
		service->split[neighbour].weight);
	if (ramp->pool == NULL || ramp->from == NULL ||
	    !check_way(s, value, ramp))
		return;
	check_pool(s, value, ramp, service->split[canary].pool);
	check_pool(s, value, ramp, service->split[neighbour].pool);
	set_made_for(ramp);
	service->ramp = ramp;
}
