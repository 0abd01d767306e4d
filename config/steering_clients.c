/*
 * The `clients` of a rule: which clients it has.  Called by the readers of
 * rules; decides nothing for a client.
 */
#include <string.h>

#include "config/country.h"
#include "config/scalar.h"
#include "config/steering_parts.h"
#include "config/union.h"

/* A network that a rule names is used, even if it does not say where it is. */
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
	SCHEMA_LIST(struct clients_config, continents, n_continents, &continent,
	    STEERING_MAX_LISTED)},
    {.name = "countries",
	SCHEMA_LIST(struct clients_config, countries, n_countries, &country,
	    STEERING_MAX_LISTED)},
    {.name = "unions",
	SCHEMA_LIST(struct clients_config, unions, n_unions, &a_union,
	    STEERING_MAX_LISTED)},
    {.name = "networks",
	SCHEMA_LIST(struct clients_config, networks, n_networks, &network,
	    STEERING_MAX_LISTED)},
    {.name = "asns",
	SCHEMA_LIST(
	    struct clients_config, asns, n_asns, &asn, STEERING_MAX_LISTED)},
};

static bool
is_word(const struct yaml_node *value, const char *word)
{
	return value->kind == YAML_SCALAR && strcmp(value->text, word) == 0;
}

/* A client is meant when any of the lists has it. */
void
steering_read_clients(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct clients_config *clients = out;

	(void)key;
	clients->everyone = is_word(value, "all");
	clients->unknown = is_word(value, "unknown");
	if (clients->everyone || clients->unknown)
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
