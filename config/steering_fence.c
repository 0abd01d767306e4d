/*
 * The `fence` of a service: which clients may be sent to which regions.  Called
 * by the reader of services.
 */
#include <string.h>

#include "config/country.h"
#include "config/scalar.h"
#include "config/steering_parts.h"
#include "config/union.h"

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
    {.name = "clients",
	.read = steering_read_clients,
	.offset = offsetof(struct fence_config, clients),
	.required = true},
    {.name = "regions", .read = read_regions, .required = true},
    {.name = "hard",
	.read = scalar_bool,
	.offset = offsetof(struct fence_config, hard)},
};

/* Whether where a client is decides if it is among them. */
static bool
asks_for_place(const struct clients_config *c)
{
	return c->n_continents + c->n_countries + c->n_unions +
	    c->n_subdivisions + c->n_cities + c->n_near >
	    0;
}

/* A client whose country is not known is in no hard rule that asks for places,
 * so it may be sent anywhere: warn unless a rule says that it is meant so. */
static void
warn_of_unknown(struct schema *s, const struct fence_config *fences, size_t n)
{
	const struct fence_config *hard = NULL;

	for (size_t i = 0; i < n; i++) {
		if (fences[i].clients.everyone || fences[i].clients.unknown)
			return;
		if (hard == NULL && fences[i].hard &&
		    asks_for_place(&fences[i].clients))
			hard = &fences[i];
	}
	if (hard != NULL)
		errbuf_warn(s->eb, &hard->at,
		    "fence: this hard rule does not hold clients whose country "
		    "is not known, say where these may go: "
		    "- {clients: unknown, regions: [...], hard: true}");
}

/* The country of the subdivisions and cities of ${c}, or NULL. */
static const char *
country_inside(const struct clients_config *c)
{
	if (c->n_subdivisions > 0)
		return c->subdivisions[0].country;
	for (size_t i = 0; i < c->n_cities; i++)
		if (c->cities[i].geoname == 0)
			return c->cities[i].country;
	return NULL;
}

/* Whether ${c} has all clients of ${country}. */
static bool
has_country(const struct clients_config *c, const char *country)
{
	const char *continent = country_find(country)->continent;

	for (size_t i = 0; i < c->n_countries; i++)
		if (strcmp(c->countries[i], country) == 0)
			return true;
	for (size_t i = 0; i < c->n_unions; i++)
		if (union_has(c->unions[i], country))
			return true;
	for (size_t i = 0; i < c->n_continents; i++)
		if (strcmp(c->continents[i], continent) == 0)
			return true;
	return c->everyone;
}

static bool
has_number(const uint32_t *list, size_t n, uint32_t number)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == number)
			return true;
	return false;
}

static bool
has_continent(const struct clients_config *c, const char *continent)
{
	for (size_t i = 0; i < c->n_continents; i++)
		if (strcmp(c->continents[i], continent) == 0)
			return true;
	return false;
}

static bool
has_subdivision(
    const struct clients_config *c, const struct subdivision_config *s)
{
	for (size_t i = 0; i < c->n_subdivisions; i++)
		if (c->subdivisions[i].code == s->code &&
		    strcmp(c->subdivisions[i].country, s->country) == 0)
			return true;
	return has_country(c, s->country);
}

/* Whether ${c} has, word by word, all that ${inner} lists by place.  Cities and
 * circles are not compared, but for cities in a country that it has. */
static bool
has_places(const struct clients_config *c, const struct clients_config *inner)
{
	bool all = inner->n_near == 0;

	for (size_t i = 0; all && i < inner->n_continents; i++)
		all = has_continent(c, inner->continents[i]);
	for (size_t i = 0; all && i < inner->n_countries; i++)
		all = has_country(c, inner->countries[i]);
	for (size_t i = 0; all && i < inner->n_unions; i++)
		all = has_number(c->unions, c->n_unions, inner->unions[i]);
	for (size_t i = 0; all && i < inner->n_subdivisions; i++)
		all = has_subdivision(c, &inner->subdivisions[i]);
	for (size_t i = 0; all && i < inner->n_cities; i++)
		all = inner->cities[i].geoname == 0 &&
		    has_country(c, inner->cities[i].country);
	return all;
}

/* Whether ${c} has all clients of ${inner}, neither being everyone. */
static bool
has_clients(const struct clients_config *c, const struct clients_config *inner)
{
	bool all = true;

	if (inner->unknown || c->unknown)
		return inner->unknown && c->unknown;
	for (size_t i = 0; all && i < inner->n_networks; i++)
		all =
		    has_number(c->networks, c->n_networks, inner->networks[i]);
	for (size_t i = 0; all && i < inner->n_asns; i++)
		all = has_number(c->asns, c->n_asns, inner->asns[i]);
	return all && has_places(c, inner);
}

/* A rule whose clients are all in one before it is never reached. */
static void
warn_of_covered(struct schema *s, const struct fence_config *fences, size_t n)
{
	for (size_t i = 1; i < n; i++)
		for (size_t k = 0; k < i; k++) {
			if (fences[i].clients.everyone ||
			    fences[k].clients.everyone ||
			    !has_clients(
				&fences[k].clients, &fences[i].clients))
				continue;
			errbuf_warn(s->eb, &fences[i].at,
			    "fence: this rule is never reached: that of line "
			    "%u has all of its clients",
			    fences[k].at.line);
			break;
		}
}

/* A client of whom only the country is known is in no hard rule that asks for
 * subdivisions or cities: warn unless a rule after it has the country. */
static void
warn_of_country(struct schema *s, const struct fence_config *fences, size_t n)
{
	const char *country = NULL;
	size_t i = 0;

	for (; i < n && country == NULL; i++)
		if (fences[i].hard)
			country = country_inside(&fences[i].clients);
	if (country == NULL)
		return;
	for (size_t k = i - 1; k < n; k++)
		if (has_country(&fences[k].clients, country))
			return;
	errbuf_warn(s->eb, &fences[i - 1].at,
	    "fence: this hard rule does not hold clients of %s whose "
	    "subdivision or city is not known, say after it where these may "
	    "go: - {clients: {countries: [%s]}, regions: [...], hard: true}",
	    country, country);
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
		if (fences[i].clients.everyone && i + 1 < n)
			errbuf_warn(s->eb, &item->at,
			    "fence: the rules after \"clients: all\" are never "
			    "reached");
	}
	if (fences != NULL && schema_ok(s)) {
		warn_of_unknown(s, fences, n);
		warn_of_country(s, fences, n);
		warn_of_covered(s, fences, n);
	}
	service->fences = fences;
	service->n_fences = fences == NULL ? 0 : n;
}
