/*
 * Computes depths in two sweeps over the leaves.  The widest prefix around a
 * leaf that agrees in something ends one bit after the last that it has in
 * common with the nearest leaf, before or after it, that differs: whatever lies
 * between them agrees, and every wider prefix holds that leaf.  Called when a
 * map is made; never by a worker.
 */
#include "steering/geo/depths.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/u64map.h"

/* The place after the last region that is allowed. */
#define NO_MORE_REGIONS STEERING_MAX_REGIONS

/* Of a class: equal numbers where classes agree. */
struct numbers {
	uint32_t of[DEPTHS];
};

/* The number of ${key}, a new one if it is new; U64MAP_NONE without memory. */
static uint32_t
number_of(struct u64map *map, uint64_t key)
{
	uint32_t number = u64map_get(map, key);

	if (number != U64MAP_NONE)
		return number;
	number = (uint32_t)map->n;
	return u64map_add(map, key, number) == 0 ? number : U64MAP_NONE;
}

/* Number the first places of ${class}, each list of them as the number of the
 * list that is one shorter, and the place that was added.  0, or -1. */
static int
number_places(const struct client_class *class, struct u64map *lists,
    struct numbers *numbers)
{
	uint64_t shorter = 0; /* the empty list; others are one more */
	unsigned i = 0;

	for (unsigned k = 0; k < MAP_PLACES; k++) {
		uint64_t place = NO_MORE_REGIONS;

		for (; i < class->n && place == NO_MORE_REGIONS; i++)
			if (class->inside >> class->order[i] & 1)
				place = class->order[i];
		numbers->of[k] = number_of(lists, shorter << 8 | place);
		if (numbers->of[k] == U64MAP_NONE)
			return -1;
		shorter = numbers->of[k] + UINT64_C(1);
	}
	return 0;
}

/* The numbers of all classes; NULL without memory. */
static struct numbers *
number_classes(const struct client_class *classes, size_t n)
{
	struct numbers *numbers = calloc(n + 1, sizeof(*numbers));
	struct u64map lists, sets;
	bool failed = numbers == NULL;

	u64map_init(&lists);
	u64map_init(&sets);
	for (size_t i = 0; i < n && !failed; i++) {
		uint32_t *set = &numbers[i].of[DEPTHS_SET];

		*set = number_of(&sets, classes[i].inside);
		failed = *set == U64MAP_NONE ||
		    number_places(&classes[i], &lists, &numbers[i]) != 0;
	}
	u64map_finish(&lists);
	u64map_finish(&sets);
	if (failed) {
		free(numbers);
		return NULL;
	}
	return numbers;
}

static unsigned
zeros_before(uint64_t n)
{
	return n == 0 ? 64 : (unsigned)__builtin_clzll(n);
}

/* The bits that two leaves have in common from the first on. */
static unsigned
common_bits(const struct cover_leaf *a, const struct cover_leaf *b)
{
	unsigned n = zeros_before(a->hi ^ b->hi);

	return n < 64 ? n : 64 + zeros_before(a->lo ^ b->lo);
}

/* One way through the leaves: those it has passed that matter still. */
struct sweep {
	const struct numbers *numbers;
	size_t n; /* classes */
	const struct cover_leaf *last;
	const struct cover_leaf *other[DEPTHS]; /* the nearest that differs */
};

/* Go on to ${leaf}, and make ${depths} as deep as what was passed asks for. */
static void
sweep_over(
    struct sweep *s, const struct cover_leaf *leaf, struct depths *depths)
{
	const struct cover_leaf *last = s->last;
	bool special =
	    last != NULL && (last->value >= s->n || leaf->value >= s->n);

	for (unsigned k = 0; k < DEPTHS; k++) {
		unsigned bits;

		if (last != NULL &&
		    (special ||
			s->numbers[last->value].of[k] !=
			    s->numbers[leaf->value].of[k]))
			s->other[k] = last;
		if (s->other[k] == NULL)
			continue;
		bits = common_bits(s->other[k], leaf) + 1;
		if (bits > depths->bits[k])
			depths->bits[k] = (uint8_t)bits;
	}
	s->last = leaf;
}

struct depths *
depths_create(
    const struct cover *cover, const struct client_class *classes, size_t n)
{
	struct numbers *numbers = number_classes(classes, n);
	struct depths *depths = calloc(cover->n + 1, sizeof(*depths));
	struct sweep up = {.numbers = numbers, .n = n}, down = up;

	if (numbers == NULL || depths == NULL) {
		free(numbers);
		free(depths);
		return NULL;
	}
	for (size_t i = 0; i < cover->n; i++)
		sweep_over(&up, &cover->leaves[i], &depths[i]);
	for (size_t i = cover->n; i-- > 0;)
		sweep_over(&down, &cover->leaves[i], &depths[i]);
	free(numbers);
	return depths;
}
