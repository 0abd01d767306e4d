/*
 * Numbers drawn from a seed, several streams of them, the same on every
 * machine.  Included by tests of the laws, which know nothing of the simulator.
 */
#ifndef TESTS_UNIT_DRAW_H
#define TESTS_UNIT_DRAW_H

#include <stdint.h>

#include "base/hash.h"

struct draw {
	uint64_t seed, n;
};

static inline struct draw
draw_of(uint64_t seed, uint64_t use)
{
	return (struct draw){hash_mix(seed, use), 0};
}

/* 0..n-1. */
static inline uint64_t
draw_below(struct draw *draw, uint64_t n)
{
	return hash_mix(draw->n++, draw->seed) % n;
}

/* 0 to 1, never 1. */
static inline double
draw_unit(struct draw *draw)
{
	return (double)(hash_mix(draw->n++, draw->seed) >> 11) * 0x1p-53;
}

/* Of the normal distribution, near enough. */
static inline double
draw_gauss(struct draw *draw)
{
	double sum = -6;

	for (int i = 0; i < 12; i++)
		sum += draw_unit(draw);
	return sum;
}

#endif
