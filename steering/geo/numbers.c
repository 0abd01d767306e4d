/*
 * Open addressing with linear probing, at most half full.  Called while
 * geography and maps are made, never by a worker.
 */
#include "steering/geo/numbers.h"

#include <stdlib.h>

#include "base/hash.h"

void
numbers_init(struct numbers *numbers)
{
	*numbers = (struct numbers){0};
}

void
numbers_finish(struct numbers *numbers)
{
	free(numbers->keys);
	free(numbers->values);
	numbers_init(numbers);
}

uint32_t
numbers_next(const struct numbers *numbers, uint64_t key, size_t *at)
{
	size_t mask = numbers->size - 1;

	for (; numbers->values[*at] != NUMBERS_NONE; *at = (*at + 1) & mask)
		if (numbers->keys[*at] == key) {
			uint32_t number = numbers->values[*at];

			*at = (*at + 1) & mask;
			return number;
		}
	return NUMBERS_NONE;
}

uint32_t
numbers_first(const struct numbers *numbers, uint64_t key, size_t *at)
{
	if (numbers->size == 0)
		return NUMBERS_NONE;
	*at = (size_t)hash_mix(key, 0) & (numbers->size - 1);
	return numbers_next(numbers, key, at);
}

uint32_t
numbers_get(const struct numbers *numbers, uint64_t key)
{
	size_t at;

	return numbers_first(numbers, key, &at);
}

static void
put(struct numbers *numbers, uint64_t key, uint32_t number)
{
	size_t mask = numbers->size - 1, at = (size_t)hash_mix(key, 0) & mask;

	while (numbers->values[at] != NUMBERS_NONE)
		at = (at + 1) & mask;
	numbers->keys[at] = key;
	numbers->values[at] = number;
	numbers->n++;
}

static int
grow(struct numbers *numbers)
{
	struct numbers old = *numbers;
	struct numbers larger = {
	    .size = numbers->size == 0 ? 64 : numbers->size * 2};
	size_t i;

	larger.keys = calloc(larger.size, sizeof(*larger.keys));
	larger.values = calloc(larger.size, sizeof(*larger.values));
	if (larger.keys == NULL || larger.values == NULL) {
		numbers_finish(&larger);
		return -1;
	}
	for (i = 0; i < larger.size; i++)
		larger.values[i] = NUMBERS_NONE;
	for (i = 0; i < old.size; i++)
		if (old.values[i] != NUMBERS_NONE)
			put(&larger, old.keys[i], old.values[i]);
	*numbers = larger;
	numbers_finish(&old);
	return 0;
}

int
numbers_add(struct numbers *numbers, uint64_t key, uint32_t number)
{
	if (numbers->n * 2 >= numbers->size && grow(numbers) != 0)
		return -1;
	put(numbers, key, number);
	return 0;
}
