/* Splitmix64; see random.h.  Called by the differential test only. */
#include "tests/differential/random.h"

uint64_t
random_next(struct random *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

void
random_seed(struct random *r, uint64_t seed, uint64_t index)
{
	r->state = seed;
	r->state = random_next(r) ^ index * 0xd1342543de82ef95u;
	random_next(r);
}

unsigned
random_below(struct random *r, unsigned n)
{
	return (unsigned)((random_next(r) >> 32) * n >> 32);
}

bool
random_chance(struct random *r, unsigned percent)
{
	return random_below(r, 100) < percent;
}
