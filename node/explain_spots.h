/*
 * Spots: what the rows of a table of countries ask of an address: which
 * country it is in, and which rules of fence and rank have it.  Walks the
 * leaves of geography and of networks side by side, from the first IPv4
 * address to the last.
 */
#ifndef NODE_EXPLAIN_SPOTS_H
#define NODE_EXPLAIN_SPOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/u64map.h"
#include "steering/geo/classes.h"
#include "steering/geo/geography.h"
#include "steering/geo/nestings.h"

/* Countries, continents of places without a country, and nothing known. */
#define EXPLAIN_MAX_ROWS 1024

/* What is the same for a place and the networks around it. */
struct explain_spot {
	uint16_t row;  /* of its country */
	uint8_t rule;  /* of the fence, or MAP_NO_RULE */
	uint8_t order; /* of `rank: rules`, or MAP_NO_RULE */
};

struct explain_spots {
	const struct geography *geo;
	struct map_key key;
	bool *wanted; /* networks that matter to the key */
	struct nestings nestings;
	struct cover cover; /* of nestings */
	struct classes classes;
	struct u64map pairs; /* place and nesting to the number of a spot */
	struct explain_spot *spots;
	size_t n, size;
	size_t leaf, nest; /* of geography, and of ${cover}: around ${from} */
	uint64_t leaf_end, nest_end;
	/* "DE"; "(EU)" where only the continent is known; "-". */
	char rows[EXPLAIN_MAX_ROWS][8];
	size_t n_rows;
};

/* explain_spots_init(spots, geo, key): before the first address.  0, or -1
 * without memory; explain_spots_finish() is needed in either case.  ${geo} and
 * what the key refers to must live as long. */
int explain_spots_init(struct explain_spots *spots, const struct geography *geo,
    const struct map_key *key);

/* explain_spots_finish(spots): free what they hold. */
void explain_spots_finish(struct explain_spots *spots);

/*
 * spot = explain_spots_at(spots, address, end): the spot of the IPv4
 * ${address}, which never goes back from call to call, and the first address
 * after it that may have another one, at most 2^32.  NULL without memory.
 */
const struct explain_spot *explain_spots_at(
    struct explain_spots *spots, uint64_t address, uint64_t *end);

#endif
