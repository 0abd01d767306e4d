/*
 * Builds nestings of networks from their prefixes.  Called when a map is made;
 * reads no file, answers no query.
 */
#include "steering/geo/nestings.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

static uint64_t
hash_nesting(const void *member)
{
	const struct nesting *nesting = member;

	return hash_bytes(nesting->networks,
	    nesting->n * sizeof(nesting->networks[0]), nesting->n);
}

static bool
equal_nestings(const void *left, const void *right)
{
	const struct nesting *a = left, *b = right;

	return a->n == b->n &&
	    memcmp(a->networks, b->networks, a->n * sizeof(a->networks[0])) ==
	    0;
}

static const struct intern_kind kind_nesting = {
    .size = sizeof(struct nesting),
    .max = INTERN_NONE,
    .hash = hash_nesting,
    .equal = equal_nestings,
};

int
nestings_init(struct nestings *nestings, const struct steering_config *config)
{
	const struct nesting empty = {0};

	*nestings = (struct nestings){.config = config};
	intern_init(&nestings->list, &kind_nesting);
	return intern_number(&nestings->list, &empty) == NESTING_EMPTY ? 0 : -1;
}

void
nestings_finish(struct nestings *nestings)
{
	intern_finish(&nestings->list);
}

const struct nesting *
nestings_at(const struct nestings *nestings, uint32_t number)
{
	return (const struct nesting *)nestings->list.members + number;
}

/* The nesting inside ${network}.  One that is entered again, by a more specific
 * prefix of its own, moves to the end: what it says then counts most. */
static uint32_t
enter_network(void *context, uint32_t around, uint32_t network)
{
	struct nestings *nestings = context;
	struct nesting inside = {.n = 0};
	const struct nesting *outside = nestings_at(nestings, around);
	uint32_t number;

	for (unsigned i = 0; i < outside->n; i++)
		if (outside->networks[i] != network)
			inside.networks[inside.n++] = outside->networks[i];
	if (inside.n == PLACE_NETWORKS) {
		nestings->crowded = &nestings->config->networks[network];
		nestings->failed = true;
		return around;
	}
	inside.networks[inside.n++] = (uint16_t)network;
	number = intern_number(&nestings->list, &inside);
	if (number == INTERN_NONE) {
		nestings->failed = true;
		return around;
	}
	return number;
}

/* The prefixes of one family of the wanted networks; their number. */
static size_t
collect(const struct nestings *nestings, const bool *wanted, int family,
    struct cover_leaf *out)
{
	size_t n = 0;

	for (size_t i = 0; i < nestings->config->n_networks; i++) {
		const struct network_config *network =
		    &nestings->config->networks[i];

		for (size_t k = 0; wanted[i] && k < network->n_prefixes; k++) {
			const struct prefix *p = &network->prefixes[k];

			if (p->address.family != family)
				continue;
			if (out != NULL) {
				cover_key(&p->address, &out[n].hi, &out[n].lo);
				out[n].depth = p->length;
				out[n].value = (uint32_t)i;
			}
			n++;
		}
	}
	return n;
}

int
nestings_cover(struct nestings *nestings, const bool *wanted, int family,
    struct cover *out)
{
	size_t n = collect(nestings, wanted, family, NULL);
	struct cover_leaf *prefixes = calloc(n + 1, sizeof(*prefixes));
	int status;

	if (prefixes == NULL) {
		nestings->failed = true;
		return -1;
	}
	collect(nestings, wanted, family, prefixes);
	status = cover_nest(
	    prefixes, n, NESTING_EMPTY, enter_network, nestings, out);
	free(prefixes);
	return nestings->failed ? -1 : status;
}

bool
network_moves(const struct network_config *network)
{
	return network->country[0] != '\0' || network->has_position ||
	    network->asn != 0;
}

void
network_move(const struct network_config *network, struct place *place)
{
	if (network->country[0] != '\0') {
		memcpy(
		    place->country, network->country, sizeof(place->country));
		place->continent[0] = '\0';
		place->has_position = place->located = false;
		place->latitude = place->longitude = 0;
	}
	if (network->country[0] != '\0' || network->has_position) {
		memset(place->subdivisions, 0, sizeof(place->subdivisions));
		place->city = NULL;
		place->accuracy_km = 0;
	}
	if (network->has_position) {
		place->has_position = place->located = true;
		place->latitude = network->latitude;
		place->longitude = network->longitude;
	}
	if (network->asn != 0)
		place->asn = network->asn;
	place_complete(place);
}
