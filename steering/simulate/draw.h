/*
 * Numbers drawn from a seed: the same on every machine, as only whole numbers
 * decide.  Called by all parts of the simulator; reads no clock.
 */
#ifndef STEERING_SIMULATE_DRAW_H
#define STEERING_SIMULATE_DRAW_H

#include <stdint.h>

#include "base/hash.h"

/* A source of numbers.  Sources of one seed and another use have nothing to do
 * with each other. */
struct draw {
	uint64_t seed, n;
};

/* draw = draw_of(seed, use): a source of ${seed} for ${use}. */
static inline struct draw
draw_of(uint64_t seed, uint64_t use)
{
	return (struct draw){hash_mix(seed, use), 0};
}

/* number = draw_number(draw): any, of 2^64. */
static inline uint64_t
draw_number(struct draw *draw)
{
	return hash_mix(draw->n++, draw->seed);
}

/* number = draw_below(draw, n): 0..n-1; ${n} is not 0. */
static inline uint64_t
draw_below(struct draw *draw, uint64_t n)
{
	__extension__ typedef unsigned __int128 uint128;

	return (uint64_t)((uint128)draw_number(draw) * n >> 64);
}

/* part = draw_unit(draw): 0 to 1, never 1. */
static inline double
draw_unit(struct draw *draw)
{
	return (double)(draw_number(draw) >> 11) * 0x1p-53;
}

/* ms = draw_wait_ms(draw, mean_ms): until the next one of those that come by
 * chance, one every ${mean_ms} on average; at most UINT32_MAX. */
uint32_t draw_wait_ms(struct draw *draw, double mean_ms);

/* number = draw_gauss(draw): of the normal distribution, near enough: a sum of
 * twelve, so between -6 and 6. */
double draw_gauss(struct draw *draw);

#endif
