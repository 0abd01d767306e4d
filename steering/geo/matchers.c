/*
 * The clients of rules as sets that are asked for each place.  Called when a
 * map is made, once for each distinct place and nesting of networks; never by a
 * worker.
 */
#include "steering/geo/matchers.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "config/country.h"
#include "config/steering.h"
#include "config/union.h"

#define LETTERS 26
#define CODES (LETTERS * LETTERS)
_Static_assert((CODES + 63) / 64 == MATCHERS_CODES, "a bit for each code");

/* The clients of one rule. */
struct matcher {
	bool everyone, unknown;
	uint64_t continents[MATCHERS_CODES];
	uint64_t countries[MATCHERS_CODES];
	uint64_t networks[STEERING_MAX_NETWORKS / 64];
	uint32_t *asns; /* sorted */
	size_t n_asns;
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
		free(m->list[i].asns);
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

/* Note the continents of the countries that rule ${rule} names. */
static void
add_doubtful(struct matchers *m, const struct matcher *rule)
{
	const struct country *country;

	for (size_t i = 0; (country = country_at(i)) != NULL; i++)
		if (has_bit(rule->countries, code_number(country->code)))
			set_bit(m->doubtful, code_number(country->continent));
}

int
matchers_set(struct matchers *m, size_t i, const struct clients_config *clients)
{
	struct matcher *rule = &m->list[i];

	rule->everyone = clients->everyone;
	rule->unknown = clients->unknown;
	for (size_t k = 0; k < clients->n_continents; k++)
		set_bit(rule->continents, code_number(clients->continents[k]));
	set_countries(rule->countries, clients);
	add_doubtful(m, rule);
	for (size_t k = 0; k < clients->n_networks; k++)
		set_bit(rule->networks, clients->networks[k]);
	if (clients->n_asns == 0)
		return 0;
	rule->asns = calloc(clients->n_asns, sizeof(*rule->asns));
	if (rule->asns == NULL)
		return -1;
	rule->n_asns = clients->n_asns;
	memcpy(rule->asns, clients->asns, rule->n_asns * sizeof(*rule->asns));
	qsort(rule->asns, rule->n_asns, sizeof(*rule->asns), compare_asn);
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
	return place->asn != 0 && rule->n_asns > 0 &&
	    bsearch(&place->asn, rule->asns, rule->n_asns, sizeof(*rule->asns),
		compare_asn) != NULL;
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
