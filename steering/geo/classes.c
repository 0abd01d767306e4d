/*
 * Fence rules and rank applied to places.  Called when a map is made, once for
 * each distinct place and nesting of networks; never by a worker.
 */
#include "steering/geo/classes.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "config/country.h"
#include "config/union.h"

#define LETTERS 26
#define CODES (LETTERS * LETTERS)
_Static_assert((CODES + 63) / 64 == CLASSES_CODES, "a bit for each code");

/* A rule of a fence as bit sets: it is asked for each of perhaps a million
 * places. */
struct class_rule {
	bool everyone, unknown;
	uint64_t continents[CLASSES_CODES];
	uint64_t countries[CLASSES_CODES];
	uint64_t networks[STEERING_MAX_NETWORKS / 64];
	uint32_t *asns; /* sorted */
	size_t n_asns;
	uint64_t inside, lifted;
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

static int
compare_asn(const void *left, const void *right)
{
	const uint32_t *a = left, *b = right;

	return (*a > *b) - (*a < *b);
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

/* ${regions} are those of the key: others have no endpoint of the service. */
static int
rule_init(
    struct class_rule *rule, const struct fence_config *fence, uint64_t regions)
{
	const struct clients_config *c = &fence->clients;

	rule->everyone = c->everyone;
	rule->unknown = c->unknown;
	rule->inside = fence->regions & regions;
	rule->lifted = fence->hard ? rule->inside : regions;
	for (size_t i = 0; i < c->n_continents; i++)
		set_bit(rule->continents, code_number(c->continents[i]));
	set_countries(rule->countries, c);
	for (size_t i = 0; i < c->n_networks; i++)
		set_bit(rule->networks, c->networks[i]);
	if (c->n_asns == 0)
		return 0;
	rule->asns = calloc(c->n_asns, sizeof(*rule->asns));
	if (rule->asns == NULL)
		return -1;
	rule->n_asns = c->n_asns;
	memcpy(rule->asns, c->asns, c->n_asns * sizeof(*rule->asns));
	qsort(rule->asns, rule->n_asns, sizeof(*rule->asns), compare_asn);
	return 0;
}

/* Whether a rule may have a client at ${place} and nobody knows: its country is
 * not known, and neither is its continent, or a rule names countries of that.
 */
static bool
is_unknown(const struct classes *c, const struct place *place)
{
	return place->country[0] == '\0' &&
	    (place->continent[0] == '\0' ||
		has_bit(c->doubtful, code_number(place->continent)));
}

/* A client matches by any list; what is unknown of its place matches none. */
static bool
rule_matches(const struct classes *c, const struct class_rule *rule,
    const struct place *place, const struct nesting *nesting)
{
	if (rule->everyone || (rule->unknown && is_unknown(c, place)))
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
	return place->asn != 0 && rule->n_asns > 0 &&
	    bsearch(&place->asn, rule->asns, rule->n_asns, sizeof(*rule->asns),
		compare_asn) != NULL;
}

/* Move the last of ${order}[0..n] to its place among the others, by ${cost};
 * after those that cost as much, so that ties stay in the order before. */
static void
sort_last(uint8_t *order, unsigned n, const uint32_t *cost)
{
	uint8_t region = order[n];

	for (; n > 0 && cost[order[n - 1]] > cost[region]; n--)
		order[n] = order[n - 1];
	order[n] = region;
}

/* Regions by name, by index, and as listed with the others after those. */
static void
order_regions(struct classes *c)
{
	const struct steering_config *config = c->key->config;
	const struct service_config *service = c->key->service;
	uint64_t left = c->key->regions;
	unsigned n = 0, k;

	for (size_t i = 0; i < config->n_regions; i++) {
		if (!(c->key->regions >> i & 1))
			continue;
		for (k = n; k > 0 &&
		     strcmp(config->regions[c->by_name[k - 1]].name,
			 config->regions[i].name) > 0;
		     k--)
			c->by_name[k] = c->by_name[k - 1];
		c->by_name[k] = (uint8_t)i;
		c->by_index[n++] = (uint8_t)i;
	}
	c->n_regions = (uint8_t)n;
	n = 0;
	for (size_t i = 0;
	     service->rank == RANK_LISTED && i < service->n_listed; i++) {
		uint32_t region = service->listed[i];

		if (left >> region & 1)
			c->by_rank[n++] = (uint8_t)region;
		left &= ~(UINT64_C(1) << region);
	}
	for (size_t i = 0; i < c->n_regions; i++)
		if (left >> c->by_index[i] & 1)
			c->by_rank[n++] = c->by_index[i];
}

/* Note the continents that have a country which some rule names. */
static void
find_doubtful(struct classes *c)
{
	const struct country *country;

	for (size_t i = 0; (country = country_at(i)) != NULL; i++)
		for (size_t k = 0; k < c->key->service->n_fences; k++)
			if (has_bit(c->rules[k].countries,
				code_number(country->code)))
				set_bit(c->doubtful,
				    code_number(country->continent));
}

static uint64_t
hash_class(const void *member)
{
	const struct client_class *class = member;
	uint64_t seed =
	    hash_mix(hash_mix(class->inside, class->lifted), class->n);

	return hash_bytes(class->order, class->n, seed);
}

static bool
equal_classes(const void *left, const void *right)
{
	const struct client_class *a = left, *b = right;

	return a->inside == b->inside && a->lifted == b->lifted &&
	    a->n == b->n && memcmp(a->order, b->order, a->n) == 0;
}

static const struct intern_kind kind_class = {
    .size = sizeof(struct client_class),
    .max = MAP_MAX_CLASSES,
    .hash = hash_class,
    .equal = equal_classes,
};

int
classes_init(struct classes *c, const struct map_key *key)
{
	const struct service_config *service = key->service;

	*c = (struct classes){.key = key};
	intern_init(&c->list, &kind_class);
	c->rules = calloc(service->n_fences + 1, sizeof(*c->rules));
	if (c->rules == NULL)
		return -1;
	for (size_t i = 0; i < service->n_fences; i++)
		if (rule_init(
			&c->rules[i], &service->fences[i], key->regions) != 0)
			return -1;
	find_doubtful(c);
	order_regions(c);
	return 0;
}

void
classes_finish(struct classes *c)
{
	for (size_t i = 0; c->rules != NULL && i < c->key->service->n_fences;
	     i++)
		free(c->rules[i].asns);
	free(c->rules);
	intern_finish(&c->list);
}

/* What each region costs ${place}: distance times (100 - bias), in hundredths
 * of a kilometre, so that the distance alone is rounded. */
static void
weigh(const struct classes *c, const struct place *place, uint32_t *cost)
{
	for (unsigned i = 0; i < c->n_regions; i++) {
		const struct region_config *r =
		    &c->key->config->regions[c->by_index[i]];

		cost[c->by_index[i]] =
		    place_distance_km(place->latitude, place->longitude,
			r->latitude, r->longitude) *
		    (uint32_t)(100 - r->bias);
	}
}

/* The order of all regions of the key.  Those that no step of the ladder may
 * reach come last, by index: with another order they would make two classes of
 * clients that get the same answers, and scopes narrower than need be. */
static void
rank_regions(const struct classes *c, const struct place *place,
    struct client_class *class)
{
	uint32_t cost[STEERING_MAX_REGIONS] = {0};
	const uint8_t *from = c->by_rank;

	if (c->key->service->rank == RANK_NEAREST && place->has_position) {
		weigh(c, place, cost);
		from = c->by_name;
	}
	for (unsigned i = 0; i < c->n_regions; i++)
		if (class->lifted >> from[i] & 1) {
			class->order[class->n] = from[i];
			sort_last(class->order, class->n++, cost);
		}
	for (unsigned i = 0; i < c->n_regions; i++)
		if (!(class->lifted >> c->by_index[i] & 1))
			class->order[class->n++] = c->by_index[i];
}

uint8_t
classes_rule(const struct classes *c, const struct place *place,
    const struct nesting *nesting)
{
	for (size_t i = 0; i < c->key->service->n_fences; i++)
		if (rule_matches(c, &c->rules[i], place, nesting))
			return (uint8_t)i;
	return MAP_NO_RULE;
}

uint32_t
classes_number(
    struct classes *c, const struct place *place, const struct nesting *nesting)
{
	struct client_class class = {
	    .inside = c->key->regions, .lifted = c->key->regions};
	uint8_t rule = classes_rule(c, place, nesting);

	if (rule != MAP_NO_RULE) {
		class.inside = c->rules[rule].inside;
		class.lifted = c->rules[rule].lifted;
	}
	rank_regions(c, place, &class);
	return intern_number(&c->list, &class);
}
