/*
 * Positions: where a client lies in [0,1) for a step that divides clients by
 * shares.  Called by the ladder in workers; knows no pools and no health.
 *
 * A client's block is its first bits (14 of IPv4, 32 of IPv6, or as the service
 * says).  Its place in the block is its next bits, down to the grain, XOR the
 * first bits of a hash of the block.  The place is rounded to as many bits as
 * tell it from the nearer end of the block: the run of equal bits that it
 * begins with, the bit that ends the run, and one more.  What is below comes
 * from the block, and is spread evenly over 64 neighbouring blocks.  So
 *
 * - every share is met: in a block as well as its rounded places let it be, in
 *   64 neighbouring blocks to a thousandth of their addresses, and over all to
 *   less;
 * - a border that moves changes the outcome of the positions it passes and of
 *   no other;
 * - neighbours in the block have near positions or the same one, so that a
 *   border is drawn by a few wide prefixes: a resolver needs about 7 of them
 *   for a block of 14 bits that is cut at 5 %, where exact places would take
 *   11.
 *
 * Rounding as coarsely as the distance from the end allows costs nothing in
 * how well a share of uneven traffic is met, as that depends on the first bits
 * of the cut; one bit less costs 7 % of it at 5 %.
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

/* Bits of the shortest block: there are 64 neighbours of it and more. */
#define POSITION_MIN_BLOCK 6

struct position {
	uint64_t value; /* the fraction, of 2^64 */
	uint64_t place; /* of the client in its block, in the first bits */
	uint64_t tail;  /* what follows a place in this block */
	uint8_t block;  /* bits of the block */
	uint8_t n;      /* bits from there to the grain */
};

/*
 * position_find(client, block, salt, out): the position of the address
 * ${client} in its block of ${block} bits, from POSITION_MIN_BLOCK to those of
 * the grain.
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
 * position_range(p, length, first, last): the least and the greatest position
 * in the prefix of ${length} bits around ${p}, inside its block.
 */
void position_range(
    const struct position *p, unsigned length, uint64_t *first, uint64_t *last);

/*
 * t = position_threshold(part, whole): where the first ${part} of ${whole} end:
 * floor(2^64 * part / whole), the first position after them.  ${part} is at
 * most ${whole}, which is not 0; all of it is 2^64 and so 0, and the last
 * position before it is t - 1 in any case but that of part 0.
 */
uint64_t position_threshold(uint64_t part, uint64_t whole);

#endif
