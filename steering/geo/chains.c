/*
 * Builds chains of networks from their prefixes.  Called when a map is made;
 * reads no file, answers no query.
 */
#include "steering/geo/chains.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

static uint64_t
hash_chain(const void *member)
{
	const struct chain *chain = member;

	return hash_bytes(
	    chain->networks, chain->n * sizeof(chain->networks[0]), chain->n);
}

static bool
equal_chains(const void *left, const void *right)
{
	const struct chain *a = left, *b = right;

	return a->n == b->n &&
	    memcmp(a->networks, b->networks, a->n * sizeof(a->networks[0])) ==
	    0;
}

static const struct intern_kind kind_chain = {
    .size = sizeof(struct chain),
    .max = INTERN_NONE,
    .hash = hash_chain,
    .equal = equal_chains,
};

int
chains_init(struct chains *chains, const struct steering_config *config)
{
	const struct chain empty = {0};

	*chains = (struct chains){.config = config};
	intern_init(&chains->list, &kind_chain);
	return intern_number(&chains->list, &empty) == CHAIN_EMPTY ? 0 : -1;
}

void
chains_finish(struct chains *chains)
{
	intern_finish(&chains->list);
}

const struct chain *
chains_at(const struct chains *chains, uint32_t number)
{
	return (const struct chain *)chains->list.members + number;
}

bool
chain_has(const struct chain *chain, uint32_t network)
{
	unsigned i;

	for (i = 0; i < chain->n; i++)
		if (chain->networks[i] == network)
			return true;
	return false;
}

/* The chain inside ${network}: a network that is entered again by a more
 * specific prefix of its own moves to the end, for it is heard last. */
static uint32_t
enter_network(void *context, uint32_t around, uint32_t network)
{
	struct chains *chains = context;
	struct chain inside = {.n = 0};
	const struct chain *outside = chains_at(chains, around);
	uint32_t number;
	unsigned i;

	for (i = 0; i < outside->n; i++)
		if (outside->networks[i] != network)
			inside.networks[inside.n++] = outside->networks[i];
	if (inside.n == PLACE_NETWORKS) {
		chains->crowded = &chains->config->networks[network];
		chains->failed = true;
		return around;
	}
	inside.networks[inside.n++] = (uint16_t)network;
	number = intern_number(&chains->list, &inside);
	if (number == INTERN_NONE) {
		chains->failed = true;
		return around;
	}
	return number;
}

/* The prefixes of one family of the wanted networks; their number. */
static size_t
collect(const struct chains *chains, const bool *wanted, int family,
    struct cover_leaf *out)
{
	size_t n = 0, i, k;

	for (i = 0; i < chains->config->n_networks; i++) {
		const struct network_config *network =
		    &chains->config->networks[i];

		for (k = 0; wanted[i] && k < network->n_prefixes; k++) {
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
chains_cover(
    struct chains *chains, const bool *wanted, int family, struct cover *out)
{
	size_t n = collect(chains, wanted, family, NULL);
	struct cover_leaf *prefixes = calloc(n + 1, sizeof(*prefixes));
	int status;

	if (prefixes == NULL) {
		chains->failed = true;
		return -1;
	}
	collect(chains, wanted, family, prefixes);
	status =
	    cover_nest(prefixes, n, CHAIN_EMPTY, enter_network, chains, out);
	free(prefixes);
	return chains->failed ? -1 : status;
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
		place->has_position = false;
		place->latitude = place->longitude = 0;
	}
	if (network->has_position) {
		place->has_position = true;
		place->latitude = network->latitude;
		place->longitude = network->longitude;
	}
	if (network->asn != 0)
		place->asn = network->asn;
	place_complete(place);
}
