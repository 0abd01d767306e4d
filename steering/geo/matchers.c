/*
 * The clients of rules as sets that are asked for each place.  Called when a
 * map is made, once for each distinct place and nesting of networks; never by a
 * worker.
 */
#include "steering/geo/matchers.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/country.h"
#include "config/steering.h"
#include "config/union.h"
#include "steering/geo/cities.h"

#define LETTERS 26
#define CODES (LETTERS * LETTERS)
_Static_assert((CODES + 63) / 64 == MATCHERS_CODES, "a bit for each code");

/* A city by name: in which country, and there in which subdivision, 0: in any.
 */
struct named_city {
	const char *name;
	uint16_t country, subdivision;
};

struct circle {
	struct place_point middle;
	double apart; /* of the farthest place that is inside */
};

/* The clients of one rule: bits, and sorted lists. */
struct matcher {
	bool everyone, unknown;
	uint64_t continents[MATCHERS_CODES];
	uint64_t countries[MATCHERS_CODES];
	uint64_t networks[STEERING_MAX_NETWORKS / 64];
	uint32_t *asns;
	size_t n_asns;
	uint32_t *subdivisions; /* subdivision_number() */
	size_t n_subdivisions;
	uint32_t *geonames;
	size_t n_geonames;
	struct named_city *cities; /* of equal names in any order */
	size_t n_cities;
	struct circle *circles;
	size_t n_circles;
};

static void
set_bit(uint64_t *set, unsigned bit)
{
	set[bit / 64] |= UINT64_C(1) << bit % 64;
}

static bool
has_bit(const uint64_t *set, unsigned bit)
{
	return set[bit / 64] >> bit % 64 & 1;
}

/* The number of two letters from A to Z, as files and databases are read. */
static unsigned
code_number(const char code[3])
{
	return (unsigned)(code[0] - 'A') * LETTERS + (unsigned)(code[1] - 'A');
}

/* A subdivision with its country. */
static uint32_t
subdivision_number(const char country[3], uint16_t code)
{
	return (uint32_t)code_number(country) << 16 | code;
}

static int
compare_numbers(const void *left, const void *right)
{
	const uint32_t *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

static int
compare_names(const void *left, const void *right)
{
	const struct named_city *a = left, *b = right;

	return strcasecmp(a->name, b->name);
}

static bool
has_number(const uint32_t *list, size_t n, uint32_t number)
{
	return n > 0 &&
	    bsearch(&number, list, n, sizeof(*list), compare_numbers) != NULL;
}

static void
finish_matcher(struct matcher *rule)
{
	free(rule->asns);
	free(rule->subdivisions);
	free(rule->geonames);
	free(rule->cities);
	free(rule->circles);
}

int
matchers_init(struct matchers *m, size_t n)
{
	*m = (struct matchers){.n = n};
	m->list = calloc(n + 1, sizeof(*m->list));
	return m->list != NULL ? 0 : -1;
}

void
matchers_finish(struct matchers *m)
{
	for (size_t i = 0; m->list != NULL && i < m->n; i++)
		finish_matcher(&m->list[i]);
	free(m->list);
}

/* The countries that ${c} names, by themselves or by a union. */
static void
set_countries(uint64_t *set, const struct clients_config *c)
{
	const struct country *country;

	for (size_t i = 0; i < c->n_countries; i++)
		set_bit(set, code_number(c->countries[i]));
	for (size_t i = 0; i < c->n_unions; i++)
		for (size_t k = 0; (country = country_at(k)) != NULL; k++)
			if (union_has(c->unions[i], country->code))
				set_bit(set, code_number(country->code));
}

/* Note the continents of the countries in ${countries}; or all, where it is not
 * known which countries a rule is about. */
static void
add_doubtful(struct matchers *m, const uint64_t *countries, bool all)
{
	const struct country *country;

	for (size_t i = 0; (country = country_at(i)) != NULL; i++)
		if (all || has_bit(countries, code_number(country->code)))
			set_bit(m->doubtful, code_number(country->continent));
}

/* A list of ${n} members; NULL only without memory. */
static void *
new_list(size_t n, size_t size)
{
	return calloc(n + 1, size);
}

static int
set_asns(struct matcher *rule, const struct clients_config *c)
{
	rule->asns = new_list(c->n_asns, sizeof(*rule->asns));
	if (rule->asns == NULL)
		return -1;
	rule->n_asns = c->n_asns;
	for (size_t i = 0; i < c->n_asns; i++)
		rule->asns[i] = c->asns[i];
	qsort(rule->asns, rule->n_asns, sizeof(*rule->asns), compare_numbers);
	return 0;
}

/* ${named} gets the countries of what is named. */
static int
set_subdivisions(
    struct matcher *rule, const struct clients_config *c, uint64_t *named)
{
	rule->subdivisions =
	    new_list(c->n_subdivisions, sizeof(*rule->subdivisions));
	if (rule->subdivisions == NULL)
		return -1;
	rule->n_subdivisions = c->n_subdivisions;
	for (size_t i = 0; i < c->n_subdivisions; i++) {
		const struct subdivision_config *s = &c->subdivisions[i];

		rule->subdivisions[i] = subdivision_number(s->country, s->code);
		set_bit(named, code_number(s->country));
	}
	qsort(rule->subdivisions, rule->n_subdivisions,
	    sizeof(*rule->subdivisions), compare_numbers);
	return 0;
}

static int
set_cities(
    struct matcher *rule, const struct clients_config *c, uint64_t *named)
{
	rule->geonames = new_list(c->n_cities, sizeof(*rule->geonames));
	rule->cities = new_list(c->n_cities, sizeof(*rule->cities));
	if (rule->geonames == NULL || rule->cities == NULL)
		return -1;
	for (size_t i = 0; i < c->n_cities; i++) {
		const struct city_config *city = &c->cities[i];

		if (city->geoname != 0) {
			rule->geonames[rule->n_geonames++] = city->geoname;
			continue;
		}
		rule->cities[rule->n_cities++] =
		    (struct named_city){.name = city->name,
			.country = (uint16_t)code_number(city->country),
			.subdivision = city->subdivision};
		set_bit(named, code_number(city->country));
	}
	qsort(rule->geonames, rule->n_geonames, sizeof(*rule->geonames),
	    compare_numbers);
	qsort(
	    rule->cities, rule->n_cities, sizeof(*rule->cities), compare_names);
	return 0;
}

static int
set_circles(struct matcher *rule, const struct clients_config *c)
{
	rule->circles = new_list(c->n_near, sizeof(*rule->circles));
	if (rule->circles == NULL)
		return -1;
	rule->n_circles = c->n_near;
	for (size_t i = 0; i < c->n_near; i++)
		rule->circles[i] = (struct circle){
		    place_point(c->near[i].latitude, c->near[i].longitude),
		    place_apart_of(c->near[i].km)};
	return 0;
}

int
matchers_set(struct matchers *m, size_t i, const struct clients_config *clients)
{
	struct matcher *rule = &m->list[i];
	uint64_t named[MATCHERS_CODES] = {0};

	rule->everyone = clients->everyone;
	rule->unknown = clients->unknown;
	for (size_t k = 0; k < clients->n_continents; k++)
		set_bit(rule->continents, code_number(clients->continents[k]));
	set_countries(rule->countries, clients);
	for (size_t k = 0; k < clients->n_networks; k++)
		set_bit(rule->networks, clients->networks[k]);
	if (set_asns(rule, clients) != 0 ||
	    set_subdivisions(rule, clients, named) != 0 ||
	    set_cities(rule, clients, named) != 0 ||
	    set_circles(rule, clients) != 0)
		return -1;
	add_doubtful(m, rule->countries, false);
	add_doubtful(m, named, rule->n_geonames + rule->n_circles > 0);
	return 0;
}

/* Whether a rule may have a client at ${place} and nobody knows: its country is
 * not known, and neither is its continent, or a rule names countries of that.
 */
static bool
is_unknown(const struct matchers *m, const struct place *place)
{
	return place->country[0] == '\0' &&
	    (place->continent[0] == '\0' ||
		has_bit(m->doubtful, code_number(place->continent)));
}

static bool
in_subdivision(const struct matcher *rule, const struct place *place)
{
	if (rule->n_subdivisions == 0)
		return false;
	for (size_t i = 0; i < PLACE_SUBDIVISIONS; i++)
		if (place->subdivisions[i] != 0 &&
		    has_number(rule->subdivisions, rule->n_subdivisions,
			subdivision_number(
			    place->country, place->subdivisions[i])))
			return true;
	return false;
}

static bool
is_city(const struct named_city *city, const struct place *place)
{
	if (city->country != code_number(place->country) ||
	    strcasecmp(city->name, place->city->name) != 0)
		return false;
	for (size_t i = 0; i < PLACE_SUBDIVISIONS; i++)
		if (city->subdivision == place->subdivisions[i])
			return true;
	return city->subdivision == 0;
}

static bool
in_city(const struct matcher *rule, const struct place *place)
{
	const struct named_city *last = rule->cities + rule->n_cities, *city;
	struct named_city key;

	if (place->city == NULL || place->country[0] == '\0')
		return false;
	if (has_number(rule->geonames, rule->n_geonames, place->city->geoname))
		return true;
	if (rule->n_cities == 0)
		return false;
	key.name = place->city->name;
	city = bsearch(&key, rule->cities, rule->n_cities,
	    sizeof(*rule->cities), compare_names);
	/* The search may end at any of equal names. */
	while (city != NULL && city > rule->cities &&
	    compare_names(city - 1, &key) == 0)
		city--;
	for (; city != NULL && city < last && compare_names(city, &key) == 0;
	     city++)
		if (is_city(city, place))
			return true;
	return false;
}

/* Only by a position of its own: where the people of a country live says
 * nothing of one of them. */
static bool
in_circle(const struct matcher *rule, const struct place *place)
{
	struct place_point at;

	if (rule->n_circles == 0 || !place->located)
		return false;
	at = place_point(place->latitude, place->longitude);
	for (size_t i = 0; i < rule->n_circles; i++)
		if (place_apart(&at, &rule->circles[i].middle) <=
		    rule->circles[i].apart)
			return true;
	return false;
}

/* A client matches by any list; what is unknown of its place matches none. */
static bool
matches(const struct matchers *m, const struct matcher *rule,
    const struct place *place, const struct nesting *nesting)
{
	if (rule->everyone || (rule->unknown && is_unknown(m, place)))
		return true;
	if (place->continent[0] != '\0' &&
	    has_bit(rule->continents, code_number(place->continent)))
		return true;
	if (place->country[0] != '\0' &&
	    has_bit(rule->countries, code_number(place->country)))
		return true;
	for (unsigned i = 0; i < nesting->n; i++)
		if (has_bit(rule->networks, nesting->networks[i]))
			return true;
	return (place->asn != 0 &&
		   has_number(rule->asns, rule->n_asns, place->asn)) ||
	    in_subdivision(rule, place) || in_city(rule, place) ||
	    in_circle(rule, place);
}

uint8_t
matchers_find(const struct matchers *m, const struct place *place,
    const struct nesting *nesting)
{
	for (size_t i = 0; i < m->n; i++)
		if (matches(m, &m->list[i], place, nesting))
			return (uint8_t)i;
	return MAP_NO_RULE;
}
