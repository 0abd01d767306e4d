/*
 * The `fence` of a service: which clients may be sent to which regions.  Called
 * by the reader of services.
 */
#include <string.h>

#include "config/scalar.h"
#include "config/steering_parts.h"

/* A network that a fence names is used, even if it does not say where it is. */
static void
read_network(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *index)
{
	struct steering_reader *reader = s->context;
	int64_t n = schema_reference(s, value, "network", reader->networks);

	(void)key;
	if (n < 0)
		return;
	reader->network_used[n] = true;
	*(uint32_t *)index = (uint32_t)n;
}

static const struct schema_key continent = {.read = scalar_continent};
static const struct schema_key country = {.read = scalar_country};
static const struct schema_key network = {.read = read_network};
static const struct schema_key asn = {.read = scalar_asn};

static const struct schema_key client_keys[] = {
    {.name = "continents",
	SCHEMA_LIST(struct fence_config, continents, n_continents, &continent,
	    STEERING_MAX_LISTED)},
    {.name = "countries",
	SCHEMA_LIST(struct fence_config, countries, n_countries, &country,
	    STEERING_MAX_LISTED)},
    {.name = "networks",
	SCHEMA_LIST(struct fence_config, networks, n_networks, &network,
	    STEERING_MAX_LISTED)},
    {.name = "asns",
	SCHEMA_LIST(
	    struct fence_config, asns, n_asns, &asn, STEERING_MAX_LISTED)},
};

/* A client is meant when any of the lists has it. */
static void
read_clients(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct fence_config *fence = out;

	(void)key;
	fence->everyone =
	    value->kind == YAML_SCALAR && strcmp(value->text, "all") == 0;
	if (fence->everyone)
		return;
	if (value->kind != YAML_MAP)
		schema_expected(s, value,
		    "all, or a mapping of continents, countries, networks or "
		    "asns");
	else if (value->n == 0)
		schema_error(s, value,
		    "the mapping is empty, write \"all\" "
		    "for everyone");
	else
		schema_map(s, value, client_keys,
		    sizeof(client_keys) / sizeof(client_keys[0]), out);
}

/* The regions as a set of bits; their order does not matter here. */
static void
read_regions(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct fence_config *fence = out;
	const uint32_t *regions;
	size_t n;

	(void)key;
	regions = steering_read_region_list(s, value, &n);
	for (size_t i = 0; regions != NULL && i < n; i++)
		fence->regions |= UINT64_C(1) << regions[i];
}

static const struct schema_key fence_keys[] = {
    {.name = "clients", .read = read_clients, .required = true},
    {.name = "regions", .read = read_regions, .required = true},
    {.name = "hard",
	.read = scalar_bool,
	.offset = offsetof(struct fence_config, hard)},
};

/* The rules in their order: the first that has a client is its fence. */
void
steering_read_fence(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct service_config *service = out;
	struct fence_config *fences;
	const struct yaml_node *item;
	size_t n;

	(void)key;
	if (value->kind != YAML_LIST) {
		schema_expected(s, value,
		    "a list of rules (- {clients: ..., regions: [...], hard: "
		    "true})");
		return;
	}
	item = schema_list(s, value, STEERING_MAX_FENCES, &n);
	if (item == NULL)
		return;
	fences = schema_array(s, n, sizeof(*fences));
	for (size_t i = 0; fences != NULL && i < n; i++, item = item->next) {
		fences[i].at = item->at;
		schema_map(s, item, fence_keys,
		    sizeof(fence_keys) / sizeof(fence_keys[0]), &fences[i]);
		if (fences[i].everyone && i + 1 < n)
			errbuf_warn(s->eb, &item->at,
			    "fence: the rules after \"clients: all\" are never "
			    "reached");
	}
	service->fences = fences;
	service->n_fences = fences == NULL ? 0 : n;
}
