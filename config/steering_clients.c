/*
 * The `clients` of a rule: which clients it has.  Called by the readers of
 * rules; decides nothing for a client.
 */
#include <string.h>

#include "base/number.h"
#include "config/country.h"
#include "config/scalar.h"
#include "config/steering_parts.h"
#include "config/subdivision.h"
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

/* The country and the subdivision of the ${len} characters "US-CA". */
static bool
parse_subdivision(const char *text, size_t len, struct subdivision_config *out)
{
	struct subdivision_config found;

	if (len < 4 || text[2] != '-' ||
	    !country_code(text, 2, found.country) ||
	    country_find(found.country) == NULL)
		return false;
	found.code = subdivision_parse(text + 3, len - 3);
	if (found.code == 0)
		return false;
	*out = found;
	return true;
}

static void
read_subdivision(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	const char *text = value->kind == YAML_SCALAR ? value->text : "";
	char code[3];

	(void)key;
	if (parse_subdivision(text, strlen(text), out))
		return;
	if (country_code(text, strlen(text), code) &&
	    country_find(code) != NULL)
		schema_error(s, value,
		    "%s is a country, write \"countries: [%s]\", or a "
		    "subdivision of it (US-CA, GB-ENG)",
		    text, code);
	else
		schema_expected(s, value,
		    "a subdivision of a country as ISO 3166-2 has it (US-CA, "
		    "GB-ENG)");
}

/* "GB/London" or "US-CA/San Francisco". */
static bool
parse_city_name(const char *text, struct city_config *out)
{
	const char *slash = strchr(text, '/');
	struct subdivision_config area = {.code = 0};

	if (slash == NULL || slash[1] == '\0')
		return false;
	if (!parse_subdivision(text, (size_t)(slash - text), &area) &&
	    (!country_code(text, (size_t)(slash - text), area.country) ||
		country_find(area.country) == NULL))
		return false;
	*out =
	    (struct city_config){.subdivision = area.code, .name = slash + 1};
	memcpy(out->country, area.country, sizeof(out->country));
	return true;
}

static void
read_city(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	const char *text = value->kind == YAML_SCALAR ? value->text : "";
	struct city_config city = {.geoname = 0};
	uint64_t n;

	(void)key;
	if (number_parse(text, strlen(text), 1, UINT32_MAX, &n) == 0) {
		city.geoname = (uint32_t)n;
		city.name = "";
	} else if (parse_city_name(text, &city)) {
		city.name = schema_strdup(s, city.name);
	} else {
		schema_expected(s, value,
		    "a city by its number at GeoNames, or by its name after "
		    "its country or subdivision (5391959, GB/London, "
		    "US-CA/San Francisco)");
		return;
	}
	*(struct city_config *)out = city;
}

static void
read_at(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct circle_config *circle = out;

	(void)key;
	scalar_position(s, value, &circle->latitude, &circle->longitude);
}

/* At the greatest radius a circle is the Earth. */
static const struct schema_key circle_keys[] = {
    {.name = "at", .read = read_at, .required = true},
    {.name = "km",
	.read = scalar_u32,
	.offset = offsetof(struct circle_config, km),
	.required = true,
	.min = 1,
	.max = STEERING_MAX_KM},
};

static void
read_circle(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	static const struct schema_key circle = {
	    SCHEMA_KEYS(circle_keys), .form = "{at: [52.5, 13.4], km: 300}"};

	(void)key;
	schema_read_map(s, value, &circle, out);
}

/* One circle or a list of them. */
static void
read_near(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	static const struct schema_key item = {.read = read_circle};
	struct clients_config *clients = out;
	struct circle_config *one;

	(void)key;
	if (value->kind != YAML_MAP) {
		clients->near = schema_values(s, value, STEERING_MAX_LISTED,
		    sizeof(*one), &item, &clients->n_near);
		return;
	}
	one = schema_array(s, 1, sizeof(*one));
	if (one == NULL)
		return;
	read_circle(s, value, &item, one);
	clients->near = one;
	clients->n_near = 1;
}

static const struct schema_key continent = {.read = scalar_continent};
static const struct schema_key country = {.read = read_country};
static const struct schema_key a_union = {.read = read_union};
static const struct schema_key subdivision = {.read = read_subdivision};
static const struct schema_key city = {.read = read_city};
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
    {.name = "subdivisions",
	SCHEMA_LIST(struct clients_config, subdivisions, n_subdivisions,
	    &subdivision, STEERING_MAX_LISTED)},
    {.name = "cities",
	SCHEMA_LIST(struct clients_config, cities, n_cities, &city,
	    STEERING_MAX_LISTED)},
    {.name = "near", .read = read_near},
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
	clients->at = value->at;
	clients->everyone = is_word(value, "all");
	clients->unknown = is_word(value, "unknown");
	if (clients->everyone || clients->unknown)
		return;
	if (value->kind != YAML_MAP)
		schema_expected(s, value,
		    "all, unknown, or a mapping of continents, countries, "
		    "unions, subdivisions, cities, near, networks or asns");
	else if (value->n == 0)
		schema_error(s, value,
		    "the mapping is empty, write \"all\" "
		    "for everyone");
	else
		schema_map(s, value, client_keys,
		    sizeof(client_keys) / sizeof(client_keys[0]), out);
}
