/*
 * Positions of clients in their blocks.  Called by the ladder for each step
 * that divides clients by shares; whole numbers only, remembers nothing.
 */
#include "steering/position.h"

#include "base/hash.h"

/* What a hash of a block counts besides its bits: at most 48 of them are used,
 * so that the lowest 16 of the word are free for family and length. */
#define KEY_FAMILY 8

/* The first 64 bits of ${a}; for IPv4, followed by zeros. */
static uint64_t
first_bits(const struct address *a)
{
	uint64_t bits = 0;

	for (unsigned i = 0; i < 8; i++)
		bits = bits << 8 | a->bytes[i];
	return a->family == 4 ? bits & ~(uint64_t)UINT32_MAX : bits;
}

void
position_find(const struct address *client, unsigned block, uint64_t salt,
    struct position *out)
{
	unsigned grain =
	    client->family == 4 ? POSITION_GRAIN_IPV4 : POSITION_GRAIN_IPV6;
	uint64_t bits = first_bits(client);
	uint64_t inside = UINT64_MAX >> block; /* bits after the block */
	uint64_t key =
	    (bits & ~inside) | (uint64_t)client->family << KEY_FAMILY | block;

	out->below = UINT64_MAX >> (grain - block);
	out->value = hash_mix(salt, key) ^ (bits << block & ~out->below);
	out->block = (uint8_t)block;
}

/* The bits of the widest prefix around ${p} without ${other}, another position
 * of its block. */
static unsigned
length_without(const struct position *p, uint64_t other)
{
	return p->block + (unsigned)__builtin_clzll(p->value ^ other) + 1;
}

/*
 * Positions of the block are those with the same bits below the grain as this
 * one.  The nearest of them on either side of first..last, if there is one,
 * must not lie in the prefix.
 */
unsigned
position_length(const struct position *p, uint64_t first, uint64_t last)
{
	uint64_t before = first - 1 - ((first - 1 - p->value) & p->below);
	uint64_t after = last + 1 + ((p->value - last - 1) & p->below);
	unsigned length = p->block;

	if (first > 0 && before < first)
		length = length_without(p, before);
	if (last < UINT64_MAX && after > last) {
		unsigned l = length_without(p, after);

		if (l > length)
			length = l;
	}
	return length;
}

uint64_t
position_threshold(uint64_t part, uint64_t whole)
{
	__extension__ typedef unsigned __int128 uint128;

	return (uint64_t)(((uint128)part << 64) / whole);
}
