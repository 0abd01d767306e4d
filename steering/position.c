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

/* The lowest 6 bits of ${number} in reverse order: numbers that follow each
 * other are then spread over all values, however few of them are taken. */
static uint64_t
reverse(uint64_t number)
{
	return (number & 1) << 5 | (number & 2) << 3 | (number & 4) << 1 |
	    (number >> 1 & 4) | (number >> 3 & 2) | (number >> 5 & 1);
}

/* How many bits of the place ${x} of ${n} bits count. */
static unsigned
bits_kept(uint64_t x, unsigned n)
{
	/* The bits of the run are the leading zeros of this. */
	uint64_t run = x >> 63 ? ~x : x;
	unsigned keep = (unsigned)__builtin_clzll(run | 1) + 2;

	return keep < n ? keep : n;
}

/* The position of the place ${place}: rounded, and then the tail of the block.
 */
static uint64_t
value_of(const struct position *p, uint64_t place)
{
	unsigned keep = bits_kept(place, p->n);

	return (place & ~(UINT64_MAX >> keep)) | p->tail >> keep;
}

void
position_find(const struct address *client, unsigned block, uint64_t salt,
    struct position *out)
{
	unsigned grain =
	    client->family == 4 ? POSITION_GRAIN_IPV4 : POSITION_GRAIN_IPV6;
	uint64_t bits = first_bits(client);
	uint64_t inside = UINT64_MAX >> block; /* bits after the block */
	/* and those that tell it from its 63 neighbours */
	uint64_t among = UINT64_MAX >> (block - POSITION_MIN_BLOCK);
	uint64_t kind = (uint64_t)client->family << KEY_FAMILY | block;
	unsigned n = grain - block;

	out->place = (bits << block ^ hash_mix(salt, (bits & ~inside) | kind)) &
	    ~(UINT64_MAX >> n);
	out->tail = reverse(bits >> (64 - block)) << (64 - 6) ^
	    hash_mix(~salt, (bits & ~among) | kind);
	out->block = (uint8_t)block;
	out->n = (uint8_t)n;
	out->value = value_of(out, out->place);
}

/* The first place in the block of ${p} whose position is not before ${t}; 0
 * also where there is none. */
static uint64_t
border(const struct position *p, uint64_t t)
{
	unsigned keep = bits_kept(t & ~(UINT64_MAX >> p->n), p->n);
	uint64_t below = UINT64_MAX >> keep;
	uint64_t place = t & ~below;

	/* Places up to the next rounded one share this position. */
	if ((place | p->tail >> keep) >= t)
		return place;
	return place + below + 1;
}

/* The bits of the widest prefix around ${p} without the place ${other}. */
static unsigned
length_without(const struct position *p, uint64_t other)
{
	return p->block + (unsigned)__builtin_clzll(p->place ^ other) + 1;
}

/* Positions never go back where places go on: all places from the border of
 * ${first} up to that after ${last}, and no other, are of this outcome. */
unsigned
position_length(const struct position *p, uint64_t first, uint64_t last)
{
	uint64_t from = border(p, first), to = 0;
	unsigned length = p->block;

	if (last < UINT64_MAX)
		to = border(p, last + 1);
	if (from > 0)
		length = length_without(p, from - 1);
	if (to > 0) {
		unsigned l = length_without(p, to);

		if (l > length)
			length = l;
	}
	return length;
}

void
position_range(
    const struct position *p, unsigned length, uint64_t *first, uint64_t *last)
{
	/* The bits of places after the prefix. */
	uint64_t after =
	    (UINT64_MAX >> (length - p->block)) & ~(UINT64_MAX >> p->n);

	*first = value_of(p, p->place & ~after);
	*last = value_of(p, p->place | after);
}

uint64_t
position_threshold(uint64_t part, uint64_t whole)
{
	__extension__ typedef unsigned __int128 uint128;

	return (uint64_t)(((uint128)part << 64) / whole);
}
