/*
 * Chains: the named networks that an address lies in, outermost first, each
 * distinct chain numbered once.  A network that says where it is moves the
 * place; every network is a membership that fences may ask for.  Used by maps
 * and by explain, at load time.
 */
#ifndef STEERING_GEO_CHAINS_H
#define STEERING_GEO_CHAINS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/steering.h"
#include "steering/geo/cover.h"
#include "base/intern.h"
#include "steering/geo/place.h"

/* The chain of an address that is in no network. */
#define CHAIN_EMPTY 0

struct chain {
	uint8_t n;
	uint16_t networks[PLACE_NETWORKS]; /* indexes in the config */
};

struct chains {
	const struct steering_config *config;
	struct intern list; /* of distinct chains, the empty one first */
	/* Network that was one too many for some address, or NULL. */
	const struct network_config *crowded;
	bool failed; /* crowded, or no memory */
};

/* chains_init(chains, config): only the empty chain.  0, or -1 without memory;
 * chains_finish() is needed in either case. */
int chains_init(struct chains *chains, const struct steering_config *config);

/* chains_finish(chains): free what they hold. */
void chains_finish(struct chains *chains);

/*
 * chains_cover(chains, wanted, family, out): the chain of every address of
 * ${family} among the networks that are wanted[index], as a cover ${out}
 * (empty, initialised).  Of two networks with the same prefix the one that
 * stands first in the file is the more specific.  0, or -1: as
 * cover_append(), or chains->failed says why.
 */
int chains_cover(
    struct chains *chains, const bool *wanted, int family, struct cover *out);

/* chain = chains_at(chains, number): the chain that a cover has as its value;
 * it lives until the next call of chains_cover(). */
const struct chain *chains_at(const struct chains *chains, uint32_t number);

/* yes = chain_has(chain, network): whether it is one of the chain's. */
bool chain_has(const struct chain *chain, uint32_t network);

/* moves = network_moves(network): whether it says where it is. */
bool network_moves(const struct network_config *network);

/*
 * network_move(network, place): ${place} as it is inside ${network}.  A country
 * brings its continent and its centre with it, unless the network has a
 * position of its own.
 */
void network_move(const struct network_config *network, struct place *place);

#endif
