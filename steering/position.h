/*
 * Positions: where a client lies in [0,1) for a step that divides clients by
 * shares.  Called by the ladder in workers; knows no pools and no health.
 *
 * A client's block is its first bits (14 of IPv4, 32 of IPv6, or as the service
 * says).  Its position is its next bits, down to the grain, XOR the first bits
 * of a hash of the block; below the grain it goes on with the other bits of
 * that hash.  So
 *
 * - every block is cut in exact proportion of addresses, as exactly as its
 *   grain lets it; shares finer than the grain are met over blocks;
 * - a border that moves changes the outcome of the positions it passes and of
 *   no other;
 * - neighbours in the block have near positions, so that a prefix much wider
 *   than the grain mostly has one outcome, which its scope can say.
 *
 * A step has a salt of its own, so that its positions have nothing to do with
 * those of other steps.
 */
#ifndef STEERING_POSITION_H
#define STEERING_POSITION_H

#include <stdint.h>

#include "base/address.h"

/* Bits of the grain: the finest network that is told apart from its neighbours.
 * Resolvers tell no more of their clients (RFC 7871, 11.1). */
#define POSITION_GRAIN_IPV4 24
#define POSITION_GRAIN_IPV6 48

struct position {
	uint64_t value; /* the fraction, of 2^64 */
	uint64_t below; /* mask of its bits below the grain */
	uint8_t block;  /* bits of the block */
};

/*
 * position_find(client, block, salt, out): the position of the address
 * ${client} in its block of ${block} bits, from 1 to those of the grain.
 */
void position_find(const struct address *client, unsigned block, uint64_t salt,
    struct position *out);

/*
 * bits = position_length(p, first, last): ${p} lies in ${first}..${last}, which
 * are all of one outcome.  The bits of the widest prefix around the client,
 * inside its block, all of whose positions lie there too.
 */
unsigned position_length(
    const struct position *p, uint64_t first, uint64_t last);

/*
 * t = position_threshold(part, whole): where the first ${part} of ${whole} end:
 * floor(2^64 * part / whole), the first position after them.  ${part} is at
 * most ${whole}, which is not 0; all of it is 2^64 and so 0, and the last
 * position before it is t - 1 in any case but that of part 0.
 */
uint64_t position_threshold(uint64_t part, uint64_t whole);

#endif
