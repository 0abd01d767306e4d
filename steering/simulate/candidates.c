/*
 * Draws networks of the geography and sorts them by where they are.  Called by
 * the population; keeps nothing.
 */
#include "steering/simulate/candidates.h"

#include <stdlib.h>
#include <string.h>

#include "base/private.h"

/* So many are drawn: of a region that has a hundredth of all addresses there
 * are still a thousand. */
#define CANDIDATES 131072

/* And so many draws are tried for one that is good: geography knows a fifth of
 * IPv4 at least, or nothing much. */
#define TRIES 64

/* Nobody's share. */
#define NO_GROUP UINT16_MAX

struct address
candidate_address(const struct candidate *c)
{
	return (struct address){4,
	    {(uint8_t)(c->network >> 16), (uint8_t)(c->network >> 8),
		(uint8_t)c->network}};
}

/* Clients of the Internet are in it: 0/8, multicast and all above it are
 * nobody's address, private blocks are many's. */
static bool
is_public(const struct address *address)
{
	return address->bytes[0] != 0 && address->bytes[0] < 224 &&
	    private_block_around(address) == NULL;
}

static uint16_t
country_number(const char code[3])
{
	if (code[0] == '\0')
		return 0;
	return (uint16_t)(1 + (code[0] - 'A') * 26 + (code[1] - 'A'));
}

/* What geography and the map of the service say of ${c}: false when it is no
 * place of clients. */
static bool
locate(const struct geography *geo, const struct policy_service *service,
    struct candidate *c)
{
	struct address address = candidate_address(c);
	const struct cover *cover = geography_cover(geo, 4);
	const struct place *place;
	struct map_leaf leaf;
	uint64_t hi, lo;
	uint32_t number;

	if (!is_public(&address))
		return false;
	cover_key(&address, &hi, &lo);
	number = cover_find(cover, hi, lo)->value;
	if (number == PLACE_UNKNOWN && cover->n > 1)
		return false;
	place = geography_place(geo, number);
	c->country = country_number(place->country);
	c->longitude = (int16_t)place->longitude;
	map_lookup(service->map, &address, &leaf);
	c->near = POPULATION_NO_REGION;
	for (unsigned i = 0; i < leaf.class->n; i++)
		if (leaf.class->inside >> leaf.class->order[i] & 1) {
			c->near = leaf.class->order[i];
			return true;
		}
	return false;
}

bool
candidate_beside(const struct geography *geo,
    const struct policy_service *service, const struct candidate *one,
    uint32_t network, struct candidate *out)
{
	*out = (struct candidate){.network = network, .group = one->group};
	return locate(geo, service, out) && out->country == one->country &&
	    out->near == one->near;
}

/* The group of ${c}; of those that have shares. */
static uint16_t
group_of(const struct population_config *config, const struct candidate *c)
{
	if (config->near != NULL)
		return config->near[c->near] > 0 ? c->near : NO_GROUP;
	for (size_t i = 0; i < config->n_countries; i++)
		if (country_number(config->countries[i].code) == c->country)
			return (uint16_t)i;
	return config->n_countries == 0 ? 0 : NO_GROUP;
}

static int
compare(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->group != y->group)
		return x->group < y->group ? -1 : 1;
	if (x->country != y->country)
		return x->country < y->country ? -1 : 1;
	return x->network < y->network ? -1 : x->network > y->network;
}

/* Each network once, in order. */
static void
sort(struct candidates *c)
{
	size_t kept = 0;

	qsort(c->all, c->n, sizeof(*c->all), compare);
	for (size_t i = 0; i < c->n; i++)
		if (kept == 0 || c->all[kept - 1].network != c->all[i].network)
			c->all[kept++] = c->all[i];
	c->n = kept;
}

static size_t
count_groups(const struct population_config *config,
    const struct policy_service *service)
{
	if (config->near != NULL)
		return service->config->n_regions;
	return config->n_countries > 0 ? config->n_countries : 1;
}

static double
share_of(const struct population_config *config, size_t group)
{
	if (config->near != NULL)
		return config->near[group];
	return config->n_countries > 0 ? config->countries[group].weight : 1;
}

/* Where each group begins; their shares. */
static int
divide(struct candidates *c, const struct population_config *config, size_t n,
    struct errbuf *eb)
{
	size_t at = 0;
	double sum = 0;

	for (size_t g = 0; g < n; g++) {
		struct candidate_group group = {share_of(config, g), at, 0};

		while (at < c->n && c->all[at].group == g)
			c->all[at++].group = (uint16_t)c->n_groups;
		group.n = at - group.first;
		if (group.share <= 0)
			continue;
		if (group.n == 0)
			return errbuf_error(eb, NULL,
			    config->near != NULL
				? "geography has no clients whose nearest "
				  "region is number %zu"
				: "geography has no clients of country number "
				  "%zu",
			    g + 1);
		sum += group.share;
		c->groups[c->n_groups++] = group;
	}
	for (size_t g = 0; g < c->n_groups; g++)
		c->groups[g].share /= sum;
	return c->n_groups > 0
	    ? 0
	    : errbuf_error(eb, NULL, "nobody is where clients should be");
}

int
candidates_create(struct candidates *out,
    const struct population_config *config, const struct geography *geo,
    const struct policy_service *service, struct draw *draw, struct errbuf *eb)
{
	size_t groups = count_groups(config, service);

	memset(out, 0, sizeof(*out));
	out->all = calloc(CANDIDATES, sizeof(*out->all));
	out->groups = calloc(groups, sizeof(*out->groups));
	if (out->all == NULL || out->groups == NULL)
		return errbuf_error(eb, NULL, "no memory for clients");
	for (size_t i = 0; i < (size_t)CANDIDATES * TRIES; i++) {
		struct candidate *c = &out->all[out->n];

		c->network = (uint32_t)(draw_number(draw) >> 40);
		if (!locate(geo, service, c))
			continue;
		c->group = group_of(config, c);
		if (c->group != NO_GROUP && ++out->n == CANDIDATES)
			break;
	}
	sort(out);
	return divide(out, config, groups, eb);
}

void
candidates_finish(struct candidates *candidates)
{
	free(candidates->all);
	free(candidates->groups);
}

size_t
candidates_of_country(const struct candidates *candidates,
    const struct candidate *one, size_t *first)
{
	const struct candidate_group *group = &candidates->groups[one->group];
	size_t begin = (size_t)(one - candidates->all), end = begin + 1;

	while (begin > group->first &&
	    candidates->all[begin - 1].country == one->country)
		begin--;
	while (end < group->first + group->n &&
	    candidates->all[end].country == one->country)
		end++;
	*first = begin;
	return end - begin;
}
