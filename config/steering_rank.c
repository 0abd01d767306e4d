/*
 * The `rank` of a service: in which order its clients try the regions.  Called
 * by the reader of services.
 */
#include <string.h>

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
	if (value->kind != YAML_MAP) {
		schema_expected(s, value,
		    "nearest, {listed: [region, ...]} or {rules: [{clients: "
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

void
steering_check_rank(struct schema *s, const struct yaml_node *rank,
    const struct service_config *service, uint64_t regions)
{
	if (service->rank == RANK_LISTED)
		check_listed(s, yaml_find(rank, "listed"), service, regions);
	else if (service->rank == RANK_RULES)
		check_rules(s, service, regions);
}
