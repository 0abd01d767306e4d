/*
 * The `rank` of a service: in which order its clients try the regions, which of
 * them are as good as each other, and what they cost.  Called by the readers of
 * services, regions and endpoints.
 */
#include <string.h>

#include "base/number.h"
#include "config/scalar.h"
#include "config/steering_parts.h"

/* The order of the list is kept: it may be a rank. */
const uint32_t *
steering_read_region_list(
    struct schema *s, const struct yaml_node *value, size_t *n)
{
	const struct steering_reader *reader = s->context;
	const struct yaml_node *item =
	    schema_list(s, value, STEERING_MAX_REGIONS, n);
	uint32_t *list;
	uint64_t seen = 0;

	if (item == NULL)
		return NULL;
	list = schema_array(s, *n, sizeof(*list));
	for (size_t i = 0; list != NULL && i < *n; i++) {
		int64_t region =
		    schema_reference(s, item, "region", reader->regions);

		if (region >= 0 && (seen >> region & 1) != 0)
			schema_error(s, item, "region \"%s\" is listed twice",
			    item->text);
		if (region >= 0) {
			seen |= UINT64_C(1) << region;
			list[i] = (uint32_t)region;
		}
		item = schema_next(value, item);
	}
	return list;
}

static void
read_listed(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct service_config *service = out;

	(void)key;
	service->rank = RANK_LISTED;
	service->listed =
	    steering_read_region_list(s, value, &service->n_listed);
}

static void
read_order(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct order_config *order = out;

	(void)key;
	order->regions = steering_read_region_list(s, value, &order->n_regions);
}

static const struct schema_key order_keys[] = {
    {.name = "clients",
	.read = steering_read_clients,
	.offset = offsetof(struct order_config, clients),
	.required = true},
    {.name = "regions", .read = read_order, .required = true},
};

/* The rules in their order: the first that has a client says its order. */
static void
read_rules(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct service_config *service = out;
	struct order_config *orders;
	const struct yaml_node *item;
	size_t n;

	(void)key;
	service->rank = RANK_RULES;
	if (value->kind != YAML_LIST) {
		schema_expected(s, value,
		    "a list of rules (- {clients: ..., regions: [...]})");
		return;
	}
	item = schema_list(s, value, STEERING_MAX_ORDERS, &n);
	if (item == NULL)
		return;
	orders = schema_array(s, n, sizeof(*orders));
	for (size_t i = 0; orders != NULL && i < n; i++, item = item->next) {
		orders[i].at = item->at;
		schema_map(s, item, order_keys,
		    sizeof(order_keys) / sizeof(order_keys[0]), &orders[i]);
		if (orders[i].clients.everyone && i + 1 < n)
			errbuf_warn(s->eb, &item->at,
			    "rank: the rules after \"clients: all\" are never "
			    "reached");
	}
	service->orders = orders;
	service->n_orders = orders == NULL ? 0 : n;
}

static const struct schema_key rank_keys[] = {
    {.name = "listed", .read = read_listed},
    {.name = "rules", .read = read_rules},
};

void
steering_read_rank(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct service_config *service = out;
	const struct yaml_node *listed, *rules;

	(void)key;
	if (value->kind == YAML_SCALAR && strcmp(value->text, "nearest") == 0) {
		service->rank = RANK_NEAREST;
		return;
	}
	if (value->kind == YAML_SCALAR && strcmp(value->text, "latency") == 0) {
		service->rank = RANK_LATENCY;
		return;
	}
	if (value->kind != YAML_MAP) {
		schema_expected(s, value,
		    "nearest, latency, {listed: [region, ...]} or {rules: "
		    "[{clients: "
		    "..., regions: [region, ...]}, ...]}");
		return;
	}
	listed = yaml_find(value, "listed");
	rules = yaml_find(value, "rules");
	if (listed != NULL && rules != NULL)
		errbuf_error(s->eb, &rules->key_at,
		    "\"listed\" and \"rules\" exclude each other");
	else
		schema_map(s, value, rank_keys,
		    sizeof(rank_keys) / sizeof(rank_keys[0]), out);
	if (listed == NULL && rules == NULL && value->n == 0)
		schema_error(
		    s, value, "the key \"listed\" or \"rules\" is missing");
}

/* A region with endpoints that is not listed would never be chosen. */
static void
check_listed(struct schema *s, const struct yaml_node *listed,
    const struct service_config *service, uint64_t regions)
{
	const struct steering_reader *reader = s->context;

	for (size_t i = 0; i < service->n_listed; i++)
		regions &= ~(UINT64_C(1) << service->listed[i]);
	for (size_t i = 0; i < reader->config->n_regions; i++)
		if ((regions >> i & 1) != 0)
			schema_error(s, listed,
			    "region \"%s\" is missing, the service has "
			    "endpoints there",
			    reader->config->regions[i].name);
}

/* A region with endpoints that no rule names serves only where all others have
 * failed, if the rules have all clients: more often a slip than meant. */
static void
check_rules(
    struct schema *s, const struct service_config *service, uint64_t regions)
{
	const struct steering_reader *reader = s->context;
	bool everyone = false;

	for (size_t i = 0; i < service->n_orders; i++) {
		const struct order_config *order = &service->orders[i];

		everyone = everyone || order->clients.everyone;
		for (size_t k = 0; k < order->n_regions; k++)
			regions &= ~(UINT64_C(1) << order->regions[k]);
	}
	for (size_t i = 0; everyone && i < reader->config->n_regions; i++)
		if ((regions >> i & 1) != 0)
			errbuf_warn(s->eb, &service->orders[0].at,
			    "rank: no rule names region \"%s\", where the "
			    "service has endpoints: they are used only when "
			    "nothing in the regions of a client's rule is",
			    reader->config->regions[i].name);
}

/* A time and a distance that differ in nearly all that people call equal. */
#define NEAR_MAX_MS 10000

/* A number with a unit of one character or two. */
static int
read_near(const char *text, size_t digits, struct service_config *service)
{
	int64_t n;
	uint64_t whole;

	if (strcmp(text + digits, "%") == 0 &&
	    number_decimal(text, digits, 4, &n) == 0 && n <= 1000000) {
		service->near_kind = NEAR_SHARE;
		service->near_equal = (uint32_t)n;
	} else if (strcmp(text + digits, "ms") == 0 &&
	    number_decimal(text, digits, 3, &n) == 0 && n >= 1 &&
	    n <= NEAR_MAX_MS * 1000) {
		service->near_kind = NEAR_TIME;
		service->near_equal = (uint32_t)n;
	} else if (strcmp(text + digits, "km") == 0 &&
	    number_parse(text, digits, 1, STEERING_MAX_KM, &whole) == 0) {
		service->near_kind = NEAR_WAY;
		service->near_equal = (uint32_t)whole;
	} else {
		return -1;
	}
	return 0;
}

void
steering_read_near_equal(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	(void)key;
	if (value->kind != YAML_SCALAR ||
	    read_near(value->text, strspn(value->text, "0123456789."), out) !=
		0)
		schema_expected(s, value,
		    "a share (from 0%% to 100%%), a time (10ms, at most %dms) "
		    "or a distance (200km, at most %dkm)",
		    NEAR_MAX_MS, STEERING_MAX_KM);
}

void
steering_read_cost(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct cost_config *cost = out;
	int64_t n;

	(void)key;
	if (value->kind != YAML_SCALAR ||
	    number_decimal(value->text, strlen(value->text),
		STEERING_COST_DIGITS, &n) != 0 ||
	    n < 0 || n > (int64_t)STEERING_MAX_COST * STEERING_COST_UNIT)
		schema_expected(s, value,
		    "a number from 0 to %d with at most %d digits after the "
		    "point",
		    STEERING_MAX_COST, STEERING_COST_DIGITS);
	else
		*cost = (struct cost_config){true, (uint64_t)n};
}

/* Whether some client of ${service} has no rule of the rank, as far as the
 * rules can tell: bands are of the order that such clients have. */
static bool
has_bands(const struct service_config *service)
{
	for (size_t i = 0; service->rank == RANK_RULES && i < service->n_orders;
	     i++)
		if (service->orders[i].clients.everyone)
			return false;
	return service->rank != RANK_LISTED;
}

/* A band is cut by what the order is made of.  0, or -1 with an error. */
static int
check_near(struct schema *s, const struct yaml_node *near,
    const struct service_config *service)
{
	if (service->rank == RANK_LISTED)
		return schema_error(s, near,
		    "a list is its own order, in which nothing is equal: take "
		    "near_equal or \"rank: {listed: ...}\" away");
	if (service->near_kind == NEAR_TIME && service->rank != RANK_LATENCY)
		return schema_error(s, near,
		    "%s is a time, and without \"rank: latency\" the order is "
		    "by distance: write a distance (200km) or a share (15%%)",
		    near->text);
	if (service->near_kind == NEAR_WAY && service->rank == RANK_LATENCY)
		errbuf_warn(s->eb, &near->at,
		    "near_equal: %s is a distance, so that with \"rank: "
		    "latency\" it counts among regions without a measured "
		    "round trip only: write a time (10ms) or a share (15%%) "
		    "for the others",
		    near->text);
	else if (!has_bands(service))
		errbuf_warn(s->eb, &near->at,
		    "near_equal: the rules of the rank have all clients, and "
		    "their lists are the order: nothing is equal");
	return 0;
}

/* The first region where an endpoint of ${service} has no cost,
 * neither its own nor its region's; STEERING_NONE when there is none.  Where
 * costs are said is added to ${said}. */
static uint32_t
region_without_cost(const struct steering_reader *reader,
    const struct service_config *service, uint64_t *said)
{
	const struct steering_config *config = reader->config;
	uint32_t without = STEERING_NONE;

	for (size_t i = 0; i < service->n_split; i++) {
		const struct pool_config *pool =
		    &config->pools[service->split[i].pool];

		for (size_t k = 0; k < pool->n_endpoints; k++) {
			const struct endpoint_config *e = &pool->endpoints[k];

			/* One with an error has no region. */
			if (e->weight == 0 || e->region == STEERING_NONE)
				continue;
			if (e->cost.said ||
			    config->regions[e->region].cost.said)
				*said |= UINT64_C(1) << e->region;
			else if (e->region < without)
				without = e->region;
		}
	}
	return without;
}

/* Inside a band cost decides, so that what is not said decides too. */
static void
check_costs(struct schema *s, const struct yaml_node *near,
    const struct service_config *service)
{
	const struct steering_reader *reader = s->context;
	uint64_t said = 0;
	uint32_t without = region_without_cost(reader, service, &said);

	if (said == 0)
		errbuf_warn(s->eb, &near->at,
		    "near_equal: nothing of the service says its cost, so that "
		    "of regions that are near equal the first by name gets all "
		    "clients: give regions or endpoints a cost");
	else if (without != STEERING_NONE)
		errbuf_warn(s->eb, &near->at,
		    "near_equal: region \"%s\" has endpoints without a cost, "
		    "which count as 0, before all that have one",
		    reader->config->regions[without].name);
}

void
steering_check_rank(struct schema *s, const struct yaml_node *value,
    const struct service_config *service, uint64_t regions)
{
	const struct yaml_node *near = yaml_find(value, "near_equal");

	if (service->rank == RANK_LISTED)
		check_listed(s, yaml_find(yaml_find(value, "rank"), "listed"),
		    service, regions);
	else if (service->rank == RANK_RULES)
		check_rules(s, service, regions);
	if (near == NULL)
		return;
	if (check_near(s, near, service) == 0 && has_bands(service))
		check_costs(s, near, service);
}

/* Costs are compared inside bands alone. */
void
steering_warn_costs(struct schema *s)
{
	const struct steering_reader *reader = s->context;
	const struct steering_config *config = reader->config;
	const struct mark *at = NULL;

	for (size_t i = 0; i < config->n_services; i++)
		if (config->services[i].near_kind != NEAR_NONE)
			return;
	for (size_t i = config->n_pools; i-- > 0;)
		for (size_t k = config->pools[i].n_endpoints; k-- > 0;)
			if (config->pools[i].endpoints[k].cost.said)
				at = &config->pools[i].endpoints[k].at;
	for (size_t i = config->n_regions; i-- > 0;)
		if (config->regions[i].cost.said)
			at = &config->regions[i].at;
	if (at != NULL)
		errbuf_warn(s->eb, at,
		    "cost: no service has near_equal, and cost decides among "
		    "regions that are near equal only");
}
