/*
 * Nestings: the named networks that an address lies in, one inside the other,
 * outermost first.  Distinct ones are numbered.  A network that says where it
 * is moves the place of its clients; any network can be named by a fence.  Used
 * by maps at load time, and by explain.
 */
#ifndef STEERING_GEO_NESTINGS_H
#define STEERING_GEO_NESTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/steering.h"
#include "steering/geo/cover.h"
#include "base/intern.h"
#include "steering/geo/place.h"

/* The nesting of an address that is in no network. */
#define NESTING_EMPTY 0

struct nesting {
	uint8_t n;
	uint16_t networks[PLACE_NETWORKS]; /* indexes in the config */
};

struct nestings {
	const struct steering_config *config;
	struct intern list; /* of distinct nestings, the empty one first */
	/* The network that was one too many around some address, or NULL. */
	const struct network_config *crowded;
	bool failed; /* crowded, or no memory */
};

/* nestings_init(nestings, config): only the empty nesting.  0, or -1 without
 * memory; nestings_finish() is needed in either case. */
int nestings_init(
    struct nestings *nestings, const struct steering_config *config);

/* nestings_finish(nestings): free what they hold. */
void nestings_finish(struct nestings *nestings);

/*
 * nestings_cover(nestings, wanted, family, out): the nesting of every address
 * of ${family} among the networks that are wanted[index], as a cover ${out}
 * (empty, initialised).  Of two networks with the same prefix the first one in
 * the file is the inner one.  0, or -1: as
 * cover_append(), or nestings->failed says why.
 */
int nestings_cover(struct nestings *nestings, const bool *wanted, int family,
    struct cover *out);

/* nesting = nestings_at(nestings, number): the nesting that a cover has as its
 * value; it lives until the next call of nestings_cover(). */
const struct nesting *nestings_at(
    const struct nestings *nestings, uint32_t number);

/* moves = network_moves(network): whether it says where its clients are. */
bool network_moves(const struct network_config *network);

/*
 * network_move(network, place): ${place} as it is inside ${network}.  A country
 * brings its continent and its centre with it, unless the network has a
 * position of its own.  Either of them takes the subdivision and the city of
 * the database away: they are of another place.
 */
void network_move(const struct network_config *network, struct place *place);

#endif
