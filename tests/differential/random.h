/*
 * Numbers that follow from a seed, the same on every machine.  Called by the
 * differential test; never for anything that must not be guessed.
 */
#ifndef TESTS_DIFFERENTIAL_RANDOM_H
#define TESTS_DIFFERENTIAL_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct random {
	uint64_t state;
};

/* random_seed(r, seed, index): the ${index}th of the sequences of ${seed}. */
void random_seed(struct random *r, uint64_t seed, uint64_t index);

/* value = random_next(r): 64 bits. */
uint64_t random_next(struct random *r);

/* i = random_below(r, n): 0 to ${n} - 1; ${n} is not 0. */
unsigned random_below(struct random *r, unsigned n);

/* true in ${percent} of 100 cases. */
bool random_chance(struct random *r, unsigned percent);

#endif
