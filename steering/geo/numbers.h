/*
 * A hash from 64-bit keys to numbers, for load time: places by what they hold,
 * classes, pairs already joined.  A key may have several numbers, so that a key
 * that is itself a hash can be told apart by its caller.
 */
#ifndef STEERING_GEO_NUMBERS_H
#define STEERING_GEO_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* No key has this number. */
#define NUMBERS_NONE UINT32_MAX

struct numbers {
	uint64_t *keys;
	uint32_t *values; /* NUMBERS_NONE: a free slot */
	size_t n, size;
};

/* numbers_init(numbers): empty, and no memory taken. */
void numbers_init(struct numbers *numbers);

/* numbers_finish(numbers): free what it holds. */
void numbers_finish(struct numbers *numbers);

/*
 * number = numbers_first(numbers, key, at), numbers_next(numbers, key, at): the
 * numbers of ${key} one by one, then NUMBERS_NONE.  ${at} keeps the way.
 */
uint32_t numbers_first(const struct numbers *numbers, uint64_t key, size_t *at);
uint32_t numbers_next(const struct numbers *numbers, uint64_t key, size_t *at);

/* number = numbers_get(numbers, key): the first number of ${key}. */
uint32_t numbers_get(const struct numbers *numbers, uint64_t key);

/* numbers_add(numbers, key, number): one more.  0, or -1 without memory. */
int numbers_add(struct numbers *numbers, uint64_t key, uint32_t number);

#endif
