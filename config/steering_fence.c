/*
 * The `fence` of a service: which clients may be sent to which regions.  Called
 * by the reader of services.
 */
#include <string.h>

#include "config/scalar.h"
#include "config/steering_parts.h"

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

static void
read_continents(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	static const struct schema_key item = {.read = scalar_continent};
	struct fence_config *fence = out;

	(void)key;
	fence->continents = schema_values(s, value, STEERING_MAX_LISTED,
	    sizeof(fence->continents[0]), &item, &fence->n_continents);
}

static void
read_countries(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	static const struct schema_key item = {.read = scalar_country};
	struct fence_config *fence = out;

	(void)key;
	fence->countries = schema_values(s, value, STEERING_MAX_LISTED,
	    sizeof(fence->countries[0]), &item, &fence->n_countries);
}

static void
read_networks(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	static const struct schema_key item = {.read = read_network};
	struct fence_config *fence = out;

	(void)key;
	fence->networks = schema_values(s, value, STEERING_MAX_LISTED,
	    sizeof(fence->networks[0]), &item, &fence->n_networks);
}

static void
read_asns(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	static const struct schema_key item = {.read = scalar_asn};
	struct fence_config *fence = out;

	(void)key;
	fence->asns = schema_values(s, value, STEERING_MAX_LISTED,
	    sizeof(fence->asns[0]), &item, &fence->n_asns);
}

static const struct schema_key client_keys[] = {
    {.name = "continents", .read = read_continents},
    {.name = "countries", .read = read_countries},
    {.name = "networks", .read = read_networks},
    {.name = "asns", .read = read_asns},
};

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
		schema_expected(s, value, "a list of {clients, regions, hard}");
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
			    "fence: the rules behind \"clients: all\" are "
			    "never reached");
	}
	service->fences = fences;
	service->n_fences = fences == NULL ? 0 : n;
}
