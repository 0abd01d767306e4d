/*
 * The `fence` of a service: which clients may be sent to which regions.  Called
 * by the reader of services.
 */
#include <string.h>

#include "config/country.h"
#include "config/scalar.h"
#include "config/steering_parts.h"
#include "config/union.h"

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

static void
read_union(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *number)
{
	int n = value->kind == YAML_SCALAR ? union_find(value->text) : -1;

	(void)key;
	if (n < 0)
		schema_expected(s, value, "EU or EEA");
	else
		*(uint32_t *)number = (uint32_t)n;
}

/* A country; one who writes a union or a continent here is told where it goes.
 */
static void
read_country(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *char3)
{
	const char *text = value->kind == YAML_SCALAR ? value->text : "";
	int n = union_find(text);

	if (n < 0)
		scalar_country(s, value, key, char3);
	else if (country_continent(union_name((unsigned)n)) != NULL)
		schema_error(s, value,
		    "%s is no country, write \"continents: [%s]\" for the "
		    "continent or \"unions: [%s]\" for the union",
		    text, union_name((unsigned)n), union_name((unsigned)n));
	else
		schema_error(s, value,
		    "%s is no country, write \"unions: [%s]\"", text,
		    union_name((unsigned)n));
}

static const struct schema_key continent = {.read = scalar_continent};
static const struct schema_key country = {.read = read_country};
static const struct schema_key a_union = {.read = read_union};
static const struct schema_key network = {.read = read_network};
static const struct schema_key asn = {.read = scalar_asn};

static const struct schema_key client_keys[] = {
    {.name = "continents",
	SCHEMA_LIST(struct fence_config, continents, n_continents, &continent,
	    STEERING_MAX_LISTED)},
    {.name = "countries",
	SCHEMA_LIST(struct fence_config, countries, n_countries, &country,
	    STEERING_MAX_LISTED)},
    {.name = "unions",
	SCHEMA_LIST(struct fence_config, unions, n_unions, &a_union,
	    STEERING_MAX_LISTED)},
    {.name = "networks",
	SCHEMA_LIST(struct fence_config, networks, n_networks, &network,
	    STEERING_MAX_LISTED)},
    {.name = "asns",
	SCHEMA_LIST(
	    struct fence_config, asns, n_asns, &asn, STEERING_MAX_LISTED)},
};

static bool
is_word(const struct yaml_node *value, const char *word)
{
	return value->kind == YAML_SCALAR && strcmp(value->text, word) == 0;
}

/* A client is meant when any of the lists has it. */
static void
read_clients(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct fence_config *fence = out;

	(void)key;
	fence->everyone = is_word(value, "all");
	fence->unknown = is_word(value, "unknown");
	if (fence->everyone || fence->unknown)
		return;
	if (value->kind != YAML_MAP)
		schema_expected(s, value,
		    "all, unknown, or a mapping of continents, countries, "
		    "unions, networks or asns");
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

/* Whether where a client is decides if the rule has it. */
static bool
asks_for_place(const struct fence_config *f)
{
	return f->n_continents + f->n_countries + f->n_unions > 0;
}

/* A client whose country is not known is in no hard rule that asks for places,
 * so it may be sent anywhere: warn unless a rule says that it is meant so. */
static void
warn_of_unknown(struct schema *s, const struct fence_config *fences, size_t n)
{
	const struct fence_config *hard = NULL;

	for (size_t i = 0; i < n; i++) {
		if (fences[i].everyone || fences[i].unknown)
			return;
		if (hard == NULL && fences[i].hard &&
		    asks_for_place(&fences[i]))
			hard = &fences[i];
	}
	if (hard != NULL)
		errbuf_warn(s->eb, &hard->at,
		    "fence: this hard rule does not hold clients whose country "
		    "is not known, say where these may go: "
		    "- {clients: unknown, regions: [...], hard: true}");
}

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
	if (fences != NULL && schema_ok(s))
		warn_of_unknown(s, fences, n);
	service->fences = fences;
	service->n_fences = fences == NULL ? 0 : n;
}
